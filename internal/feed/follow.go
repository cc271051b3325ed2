package feed

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Setting asks for follow marks. A person is named by the tracking code of an
// answer that the agency was given about him: whoever has not asked, or been
// delivered, has no reason to follow.
type Setting struct {
	Codes []ids.TrackingCode `json:"tracking_codes"`
	Until persian.Date       `json:"until"` // the last day
	Terms
}

// MaxMarks is how many marks one call sets or ends.
const MaxMarks = 1000

// maxYears is how long a mark may hold; it can be set anew at any time.
const maxYears = 5

// Check tells all that is wrong with a setting by itself.
func (in *Setting) Check(today persian.Date) error {
	var bad fault.List
	bad.When(len(in.Codes) == 0, "tracking_codes", errMissing.Key)
	bad.When(len(in.Codes) > MaxMarks, "tracking_codes", "feed.many", strconv.Itoa(MaxMarks))
	bad.When(len(in.Items) == 0, "items", errMissing.Key)
	for i, item := range in.Items {
		bad.When(slices.Contains(in.Items[:i], item), "items."+strconv.Itoa(i), "feed.twice")
	}
	for i, kind := range in.Kinds {
		at := "kinds." + strconv.Itoa(i)
		bad.When(!slices.Contains(Kinds, kind), at, "feed.kind")
		bad.When(slices.Contains(in.Kinds[:i], kind), at, "feed.twice")
	}
	switch {
	case in.Until.IsZero():
		bad.When(true, "until", errMissing.Key)
	case !in.Until.Precise(), in.Until.Compare(today) < 0, in.Until.Compare(today.AddYears(maxYears)) > 0:
		bad.When(true, "until", "feed.until", strconv.Itoa(maxYears))
	}
	return bad.Err()
}

// Marked is what became of one code of a Setting.
type Marked struct {
	Of     ids.TrackingCode   `json:"of"` // the code that named the person
	State  string             `json:"state"`
	Number ids.NationalNumber `json:"national_number,omitzero"`
	Code   ids.TrackingCode   `json:"tracking_code,omitempty"` // of the mark's entry
}

// The states of a Marked. A code that is not the agency's, or names nobody, and
// a person who is protected or not in the register are all the same.
const (
	markSet     = "set"
	markRefused = "refused"
)

// Set sets follow marks, or sets them anew by other terms. Those that cannot be
// set leave the others standing; each that is set is an entry about the person.
func (b *Book) Set(ctx context.Context, actor journal.Actor, in *Setting) ([]Marked, error) {
	if err := in.Check(b.today()); err != nil {
		return nil, err
	}
	clause, refusal := b.permits(actor.Agency, &in.Terms)
	if refusal != nil {
		f := fault.New(fault.Forbidden, refusal.Reason)
		if i := slices.Index(in.Items, refusal.Field); refusal.Field != "" && i >= 0 {
			f = f.At("items." + strconv.Itoa(i))
		}
		return nil, f
	}
	all := make([]Marked, len(in.Codes))
	var good []int
	seen := map[ids.NationalNumber]bool{}
	for i, code := range in.Codes {
		all[i] = Marked{Of: code, State: markRefused}
		p, err := b.covered(ctx, actor.Agency, code)
		if err != nil {
			return nil, err
		}
		if p == 0 || seen[p] {
			continue
		}
		seen[p], all[i].Number = true, p
		good = append(good, i)
	}
	if len(good) == 0 {
		return all, nil
	}
	return all, b.set(ctx, actor, in, clause, all, good)
}

// set writes the marks of the codes that are good, unless somebody turns out to
// be protected.
func (b *Book) set(ctx context.Context, actor journal.Actor, in *Setting, clause cite, all []Marked, good []int) error {
	numbers := make([]ids.NationalNumber, len(good))
	for k, i := range good {
		numbers[k] = all[i].Number
	}
	records, err := b.persons.ByNumbers(ctx, numbers)
	if err != nil {
		return err
	}
	var acts []register.Act
	var marks []*person.Person
	for k, i := range good {
		if !shown(records[k]) {
			all[i].Number = 0
			continue
		}
		marks = append(marks, records[k])
		good[len(acts)] = i
		acts = append(acts, b.act(receipt.Follow, actor, "set", records[k].Number))
	}
	if len(acts) == 0 {
		return nil
	}
	terms, err := json.Marshal(in.Terms)
	if err != nil {
		return err
	}
	proven, err := register.DoAll(ctx, b.db, b.journal, acts, func(tx *store.Tx, k int, c *register.Change) ([]byte, error) {
		m := mark{agency: actor.Agency, number: marks[k].Number, until: in.Until, version: marks[k].Version, terms: string(terms)}
		return in.body(all[good[k]].Of, clause), m.put(tx, c)
	})
	for k := range proven {
		all[good[k]].State, all[good[k]].Code = markSet, proven[k].Code
	}
	return err
}

func (b *Book) act(kind receipt.Kind, actor journal.Actor, why string, n ids.NationalNumber) register.Act {
	return register.Act{Kind: kind, Actor: actor, Why: why, Subject: n, Agency: actor.Agency, Clock: b.Clock}
}

// body is what the journal says of a mark that was set.
func (in *Setting) body(of ids.TrackingCode, clause cite) []byte {
	b := append([]byte(`"of":"`), of...)
	b = append(append(b, `","until":"`...), in.Until.String()...)
	b = appendList(append(b, '"'), "items", in.Items)
	if len(in.Kinds) > 0 {
		b = appendList(b, "kinds", in.Kinds)
	}
	if in.Purpose != "" {
		b = receipt.AppendString(append(b, `,"purpose":`...), in.Purpose)
	}
	if in.Process != "" {
		b = receipt.AppendString(append(b, `,"process":`...), in.Process)
	}
	return clause.append(b)
}

func appendList(b []byte, name string, all []string) []byte {
	b = append(append(append(b, `,"`...), name...), `":[`...)
	for i, s := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = receipt.AppendString(b, s)
	}
	return append(b, ']')
}

// append adds the clause as records cite it.
func (c cite) append(b []byte) []byte {
	if c.agreement == 0 {
		return b
	}
	b = strconv.AppendInt(append(b, `,"agreement":{"id":`...), c.agreement, 10)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(c.version), 10)
	b = strconv.AppendInt(append(b, `,"clause":`...), int64(c.clause), 10)
	return append(b, '}')
}

// mark is a follow mark as it is stored.
type mark struct {
	id      int64
	agency  ids.LegalID
	number  ids.NationalNumber
	until   persian.Date
	version int64
	terms   string
	since   int64
}

func (m *mark) put(tx *store.Tx, c *register.Change) error {
	args := []any{int64(m.until.Pack()), m.terms, c.Micros(), c.Act[:], int64(m.agency), int64(m.number)}
	rows, err := tx.Exec(followUpdate, args...) // the version stays: what is not told yet will be
	if err != nil || rows == 1 {
		return err
	}
	if _, err := tx.One(followLast, nil, &m.id); err != nil {
		return err
	}
	_, err = tx.Exec(followInsert, append(args, m.id+1, m.version)...)
	return err
}

func scanMark(scan func(...any) error) (m mark, err error) {
	var agency, number, until int64
	err = scan(&m.id, &agency, &number, &until, &m.version, &m.terms, &m.since)
	m.agency, m.number, m.until = ids.LegalID(agency), ids.NationalNumber(number), persian.UnpackDate(int32(until))
	return m, err
}

// wanted reads the terms of a mark.
func (m *mark) wanted() (t Terms, err error) {
	err = json.Unmarshal([]byte(m.terms), &t)
	return t, err
}

// Ending names persons whom the agency follows no more.
type Ending struct {
	Numbers []ids.NationalNumber `json:"national_numbers"`
}

// Ended is what became of one of them.
type Ended struct {
	Number ids.NationalNumber `json:"national_number"`
	State  string             `json:"state"` // ended; none: there was no mark
	Code   ids.TrackingCode   `json:"tracking_code,omitempty"`
}

// End ends marks; each that there was is an entry about the person.
func (b *Book) End(ctx context.Context, actor journal.Actor, in *Ending) ([]Ended, error) {
	switch {
	case len(in.Numbers) == 0:
		return nil, errMissing.At("national_numbers")
	case len(in.Numbers) > MaxMarks:
		return nil, fault.New(fault.Invalid, "feed.many", strconv.Itoa(MaxMarks)).At("national_numbers")
	}
	all := make([]Ended, len(in.Numbers))
	var acts []register.Act
	var of []int
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		acts, of = acts[:0], of[:0]
		for i, n := range in.Numbers {
			all[i] = Ended{Number: n, State: "none"}
			var id int64
			found, err := tx.One(followOne, []any{int64(actor.Agency), int64(n)}, &id)
			if err != nil {
				return err
			}
			if found && !slices.Contains(in.Numbers[:i], n) {
				acts, of = append(acts, b.act(receipt.Follow, actor, "ended", n)), append(of, i)
			}
		}
		return nil
	})
	if err != nil || len(acts) == 0 {
		return all, err
	}
	proven, err := register.DoAll(ctx, b.db, b.journal, acts, func(tx *store.Tx, k int, c *register.Change) ([]byte, error) {
		_, err := tx.Exec(followDelete, int64(actor.Agency), int64(in.Numbers[of[k]]))
		return []byte(`"ended":true`), err
	})
	for k := range proven {
		all[of[k]].State, all[of[k]].Code = "ended", proven[k].Code
	}
	return all, err
}

// Mark is a follow mark as its agency sees it.
type Mark struct {
	ID     int64              `json:"mark"`
	Number ids.NationalNumber `json:"national_number"`
	Since  time.Time          `json:"since"`
	Until  persian.Date       `json:"until"`
	Over   bool               `json:"over,omitempty"` // the last day has passed
	Terms
}

// Page asks for a part of a list.
type Page struct {
	After int64 `json:"after"` // the last of the page before
	Limit int   `json:"limit"` // at most 1,000; 0: 1,000
}

func (p *Page) check() error {
	if p.Limit < 0 || p.Limit > MaxPage || p.After < 0 {
		return fault.New(fault.Invalid, "feed.limit", strconv.Itoa(MaxPage)).At("limit")
	}
	if p.Limit == 0 {
		p.Limit = MaxPage
	}
	return nil
}

// MaxPage is how many items one page of a list or feed has at most.
const MaxPage = 1000

// List lists an agency's own marks in the order in which they were first set.
// It tells nothing of the register.
func (b *Book) List(ctx context.Context, agency ids.LegalID, page *Page) ([]Mark, error) {
	if err := page.check(); err != nil {
		return nil, err
	}
	marks, err := b.marks(ctx, agency, page)
	if err != nil {
		return nil, err
	}
	all := make([]Mark, len(marks))
	for i, m := range marks {
		t, err := m.wanted()
		if err != nil {
			return nil, err
		}
		all[i] = Mark{m.id, m.number, time.UnixMicro(m.since).UTC(), m.until, m.until.Compare(b.today()) < 0, t}
	}
	return all, nil
}

func (b *Book) marks(ctx context.Context, agency ids.LegalID, page *Page) (all []mark, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(followPage, []any{int64(agency), page.After, int64(page.Limit)}, func(scan func(...any) error) error {
			m, err := scanMark(scan)
			all = append(all, m)
			return err
		})
	})
	return all, err
}
