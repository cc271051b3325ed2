package feed

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// numberItem is the national number itself, of which a cancellation says that
// it was wrong.
const numberItem = "national_number"

// correctable are the items that a correction can put right.
var correctable = slices.Concat(
	inquiry.FieldsOf(inquiry.Identity), inquiry.FieldsOf(inquiry.Shenasnameh), inquiry.FieldsOf(inquiry.Residence),
)

// mending are the changes which say that something was wrong before. A name
// given by a court, a move, a death were no mistakes: whoever follows is told of
// them. Nor is it known of a file that was imported again.
var mending = []string{"correction", "birth_date", "sex", "death_annulment", "residence_withdrawn", "cancellation", "cancellation_annulment"}

// correctedBy are the items of which a change says that they were wrong.
func correctedBy(c *person.Changed, before, now *person.Person) (items []string) {
	if before == nil || now == nil {
		return nil
	}
	if c.Kind == "cancellation" || c.Kind == "cancellation_annulment" {
		return []string{numberItem}
	}
	for _, item := range correctable {
		if textOf(item, before) != textOf(item, now) {
			items = append(items, item)
		}
	}
	return items
}

// Correct tells all who had been told what has been corrected since. It works
// through the changes as Distribute does: one transaction writes what becomes of
// one change, entries and mark included, so nobody is told twice or forgotten.
func (b *Book) Correct(ctx context.Context) error {
	return b.through(ctx, forCorrections, func(changes []person.Changed, from int64) (int64, error) {
		for i := range changes {
			c := &changes[i]
			found, err := b.wrongly(ctx, c)
			if err != nil {
				return from, err
			}
			if len(found) == 0 && i < len(changes)-1 {
				continue
			}
			if err := b.notify(ctx, from, c, found); err != nil {
				return from, err
			}
			from = c.Seq
		}
		return from, nil
	})
}

// wrongly are the agencies that had been told what a change corrects.
func (b *Book) wrongly(ctx context.Context, c *person.Changed) ([]Correction, error) {
	if !slices.Contains(mending, c.Kind) {
		return nil, nil
	}
	r, err := b.whole(ctx, c.Number)
	if err != nil {
		return nil, err
	}
	before := r.at(c.Version - 1)
	items := correctedBy(c, before, r.at(c.Version))
	if len(items) == 0 {
		return nil, nil
	}
	told, err := b.misled(ctx, r, before, items)
	if err != nil {
		return nil, err
	}
	var all []Correction
	for _, agency := range slices.Sorted(maps.Keys(told)) {
		one := Correction{Agency: agency, Number: c.Number, change: c.Seq, version: c.Version, Answers: len(told[agency]), at: c.At}
		for _, a := range told[agency] {
			if len(one.Codes) < mostCodes {
				one.Codes = append(one.Codes, a.code)
			}
			for _, item := range a.items {
				if !slices.Contains(one.Items, item) {
					one.Items = append(one.Items, item)
				}
			}
		}
		slices.SortFunc(one.Items, func(x, y string) int {
			return cmp.Compare(slices.Index(correctable, x), slices.Index(correctable, y))
		})
		all = append(all, one)
	}
	return all, nil
}

// mostCodes is how many wrong answers a correction names.
const mostCodes = 100

// Correction is that an agency had been told something wrong.
type Correction struct {
	ID           int64              `json:"correction"`
	Agency       ids.LegalID        `json:"agency"`
	Number       ids.NationalNumber `json:"national_number,omitzero"`
	Items        []string           `json:"items"`
	Codes        []ids.TrackingCode `json:"tracking_codes"` // of the wrong answers, newest first; at most 100
	Answers      int                `json:"answers"`        // how many there were
	Made         time.Time          `json:"made"`
	Days         int                `json:"days"` // since then, whole ones; until it was acknowledged
	Acknowledged time.Time          `json:"acknowledged,omitzero"`
	Officer      string             `json:"officer,omitempty"` // who acknowledged it; absent: the agency's program

	change, version int64
	at              time.Time
}

func scanCorrection(scan func(...any) error) (c Correction, err error) {
	var agency, number, made, acknowledged int64
	var items, codes string
	err = scan(&c.ID, &agency, &number, &c.change, &c.version, &items, &codes, &c.Answers, &made, &acknowledged, &c.Officer)
	c.Agency, c.Number, c.Items, c.Made = ids.LegalID(agency), ids.NationalNumber(number), words(items), time.UnixMicro(made).UTC()
	for _, code := range words(codes) {
		c.Codes = append(c.Codes, ids.TrackingCode(code))
	}
	if acknowledged != 0 {
		c.Acknowledged = time.UnixMicro(acknowledged).UTC()
	}
	return c, err
}

// notify writes corrections, an event for each, and the mark.
func (b *Book) notify(ctx context.Context, from int64, c *person.Changed, found []Correction) error {
	if len(found) == 0 {
		return b.publish(ctx, forCorrections, from, c.Seq, nil)
	}
	acts := make([]register.Act, len(found))
	for i := range found {
		acts[i] = b.act(receipt.CorrectionNotice, itself, "corrected", c.Number)
		acts[i].Agency = found[i].Agency
	}
	events := make([]event, len(found))
	for i := range found {
		events[i] = event{
			agency: found[i].Agency, number: c.Number, version: c.Version, kind: Corrected, items: joined(found[i].Items), at: c.At.UnixMicro(),
		}
	}
	made, err := register.PostAll(ctx, b.db, b.journal, acts, func(tx *store.Tx, i int, ch *register.Change) ([]byte, error) {
		if i == 0 {
			if err := moveTo(tx, forCorrections, from, c.Seq); err != nil {
				return nil, err
			}
			if err := number(tx, events); err != nil {
				return nil, err
			}
		}
		one := &found[i]
		if err := one.insert(tx, ch); err != nil {
			return nil, err
		}
		events[i].correction = one.ID
		err := events[i].insert(tx, ch)
		return one.body(events[i].seq, b.allowed(one.Agency, one.Items)), err
	})
	if err != nil {
		return err
	}
	return b.code(ctx, events, made)
}

func (c *Correction) insert(tx *store.Tx, ch *register.Change) error {
	if _, err := tx.One(correctionLast, nil, &c.ID); err != nil {
		return err
	}
	c.ID++
	codes := make([]string, len(c.Codes))
	for i := range c.Codes {
		codes[i] = string(c.Codes[i])
	}
	_, err := tx.Exec(correctionInsert, c.ID, int64(c.Agency), int64(c.Number), c.change, c.version,
		joined(c.Items), joined(codes), c.Answers, ch.Micros(), int64(0), "")
	return err
}

// body is what the journal says: who was told what wrongly under which codes,
// and which right values he may be told.
func (c *Correction) body(seq int64, told []string) []byte {
	b := append([]byte(`"agency":"`), c.Agency.String()...)
	b = strconv.AppendInt(append(b, `","correction":{"id":`...), c.ID, 10)
	b = strconv.AppendInt(append(b, `,"answers":`...), int64(c.Answers), 10)
	b = appendList(b, "items", c.Items)
	codes := make([]string, len(c.Codes))
	for i := range c.Codes {
		codes[i] = string(c.Codes[i])
	}
	b = append(appendList(b, "of", codes), '}')
	b = strconv.AppendInt(append(b, `,"sequence":`...), seq, 10)
	b = appendList(b, "told", told)
	return strconv.AppendInt(append(b, `,"register_version":`...), c.version, 10)
}

// notice is what an event says of its correction.
func (b *Book) notice(ctx context.Context, id int64) (n *Notice, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		c, err := correctionIn(tx, id)
		n = &Notice{c.ID, c.Codes, c.Items}
		return err
	})
	return n, err
}

func correctionIn(tx *store.Tx, id int64) (c Correction, err error) {
	err = tx.Each(correctionByID, []any{id}, func(scan func(...any) error) (err error) {
		c, err = scanCorrection(scan)
		return err
	})
	return c, err
}

// Corrections lists what an agency had been told wrongly, in the order in which
// it was told so. It tells nothing of the register.
func (b *Book) Corrections(ctx context.Context, agency ids.LegalID, f *CorrectionFilter) ([]Correction, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	q := correctionsOf
	if f.Waiting {
		q = correctionsWaiting
	}
	return b.corrections(ctx, q, int64(agency), f.After, int64(f.Limit))
}

// CorrectionFilter chooses corrections.
type CorrectionFilter struct {
	Waiting bool `json:"waiting"` // only those that the agency has not acknowledged
	Page
}

// Waiting is how many corrections an agency has not acknowledged.
func (b *Book) Waiting(ctx context.Context, agency ids.LegalID) (n int64, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(correctionsCount, []any{int64(agency)}, &n)
		return err
	})
	return n, err
}

// Unacknowledged lists for supervisors which agencies have not said yet that
// they put right what they had been told wrongly, the oldest first. It names no
// person.
func (b *Book) Unacknowledged(ctx context.Context, actor journal.Actor, page *Page) ([]Correction, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, err
	}
	if err := page.check(); err != nil {
		return nil, err
	}
	all, err := b.corrections(ctx, correctionsOpen, page.After, int64(page.Limit))
	for i := range all {
		all[i].Number = 0
	}
	return all, err
}

func (b *Book) corrections(ctx context.Context, q *store.Query, args ...any) (all []Correction, err error) {
	now := b.Clock()
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = []Correction{}
		return tx.Each(q, args, func(scan func(...any) error) error {
			c, err := scanCorrection(scan)
			until := now
			if !c.Acknowledged.IsZero() {
				until = c.Acknowledged
			}
			c.Days = int(until.Sub(c.Made) / (24 * time.Hour))
			all = append(all, c)
			return err
		})
	})
	return all, err
}

// Acknowledging says that an agency has put right what it had been told wrongly.
type Acknowledging struct {
	Correction int64 `json:"correction"`
}

var errCorrection = fault.New(fault.NotFound, "feed.correction").At("correction")

// Acknowledge notes it; a second time is fault Conflict "feed.acknowledged".
func (b *Book) Acknowledge(ctx context.Context, actor journal.Actor, in *Acknowledging) (*Correction, journal.Proven, error) {
	if in.Correction == 0 {
		return nil, journal.Proven{}, errMissing.At("correction")
	}
	var c Correction
	if err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		c, err = correctionIn(tx, in.Correction)
		return err
	}); err != nil {
		return nil, journal.Proven{}, err
	}
	switch {
	case c.ID == 0 || c.Agency != actor.Agency:
		return nil, journal.Proven{}, errCorrection
	case !c.Acknowledged.IsZero():
		return nil, journal.Proven{}, errAcknowledged
	}
	officer := actor.ID
	if actor.Role == Program {
		officer = ""
	}
	a := b.act(receipt.CorrectionNotice, actor, "acknowledged", c.Number)
	proven, err := register.Do(ctx, b.db, b.journal, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		rows, err := tx.Exec(correctionDone, ch.Micros(), officer, c.ID)
		if err == nil && rows != 1 {
			err = errAcknowledged
		}
		c.Acknowledged, c.Officer, c.Days = ch.At.UTC(), officer, int(ch.At.Sub(c.Made)/(24*time.Hour))
		return strconv.AppendInt([]byte(`"acknowledged":`), c.ID, 10), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return &c, proven, nil
}

var errAcknowledged = fault.New(fault.Conflict, "feed.acknowledged").At("correction")
