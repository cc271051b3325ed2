package notice

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Letter is one letter.
type Letter struct {
	ID       int64              `json:"letter"`
	Campaign int64              `json:"campaign"`
	Subject  ids.NationalNumber `json:"national_number"`
	Version  int64              `json:"register_version"` // that it shows
	Postal   ids.PostalCode     `json:"postal_code"`
	Province string             `json:"province"`
	Code     Code               `json:"-"` // on paper only
	State    LetterState        `json:"state"`
	Reason   Reason             `json:"reason,omitzero"`
	Batch    int64              `json:"batch,omitzero"`
	Changed  time.Time          `json:"changed"`

	counted pile // where the row counts
}

// Route is the postal route: the first five digits of the postal code.
func (l *Letter) Route() string { return l.Postal.String()[:5] }

func scanLetter(scan func(...any) error) (*Letter, error) {
	l := &Letter{}
	var subject, postal, code, state, reason, changed int64
	err := scan(&l.ID, &l.Campaign, &subject, &l.Version, &postal, &l.Province, &code, &state, &reason, &l.Batch, &changed)
	l.Subject, l.Postal, l.Code = ids.NationalNumber(subject), ids.PostalCode(postal), Code(code)
	l.State, l.Reason, l.Changed = LetterState(state), Reason(reason), time.UnixMicro(changed).UTC()
	l.counted = l.pile()
	return l, err
}

// letterBy is the letter that q finds by key, nil if there is none.
func letterBy(tx *store.Tx, q *store.Query, key int64) (l *Letter, err error) {
	err = tx.Each(q, []any{key}, func(scan func(...any) error) (err error) {
		l, err = scanLetter(scan)
		return err
	})
	return l, err
}

// put writes the row and tallies where the letter counts now.
func (l *Letter) put(tx *store.Tx, n tally, at time.Time) error {
	n[l.counted]--
	l.counted = l.pile()
	n[l.counted]++
	_, err := tx.Exec(letterPut, l.Version, int64(l.Postal), l.Province, int64(l.State), int64(l.Reason), l.Batch, at.UnixMicro(), l.ID)
	return err
}

// Batch is one print batch.
type Batch struct {
	ID       int64        `json:"batch"`
	Campaign int64        `json:"campaign"`
	State    BatchState   `json:"state"`
	Letters  int64        `json:"letters"`  // when it was made
	LastDay  persian.Date `json:"last_day"` // for objections
	Made     time.Time    `json:"made"`
}

var errBatch = fault.New(fault.NotFound, "notice.batch.unknown").At("batch")

func scanBatch(scan func(...any) error) (*Batch, error) {
	t := &Batch{}
	var state, last, made int64
	err := scan(&t.ID, &t.Campaign, &state, &t.Letters, &last, &made)
	t.State, t.LastDay, t.Made = BatchState(state), persian.UnpackDate(int32(last)), time.UnixMicro(made).UTC()
	return t, err
}

// batch reads a batch. Fault: notice.batch.unknown.
func batch(tx *store.Tx, id int64) (t *Batch, err error) {
	err = tx.Each(batchByID, []any{id}, func(scan func(...any) error) (err error) {
		t, err = scanBatch(scan)
		return err
	})
	if err == nil && t == nil {
		err = errBatch
	}
	return t, err
}

// lettersOf lists a batch's letters in the order of the routes.
func lettersOf(tx *store.Tx, batch int64) (all []Letter, err error) {
	err = tx.Each(letterOfBatch, []any{batch}, func(scan func(...any) error) error {
		l, err := scanLetter(scan)
		if err == nil {
			all = append(all, *l)
		}
		return err
	})
	return all, err
}

// Cut says which batch to make.
type Cut struct {
	Campaign int64 `json:"campaign"`
	Most     int   `json:"letters"` // at most; 0: 500
}

// The size of a batch.
const (
	usualBatch = 500
	mostBatch  = 5000
)

// NextBatch puts a campaign's next letters, in the order of the postal routes,
// into a batch. Faults: notice.campaign.unknown, notice.composing,
// notice.batch.empty if every letter is in one.
func (b *Book) NextBatch(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Cut) (*Batch, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor, register.Printer); err != nil {
		return nil, journal.Proven{}, err
	}
	most := in.Most
	if most == 0 {
		most = usualBatch
	}
	if most < 0 || most > mostBatch {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "notice.batch.size").At("letters")
	}
	var t *Batch
	proven, err := b.act(ctx, j, actor, "batch", func(tx *store.Tx, c *register.Change, n tally) (_ []byte, err error) {
		t, err = b.cut(tx, c, n, in.Campaign, most)
		if err != nil {
			return nil, err
		}
		return t.body(), nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return t, proven, nil
}

// cut makes the batch. It waits until all letters are composed: else a route's
// letters would be torn apart.
func (b *Book) cut(tx *store.Tx, c *register.Change, n tally, id int64, most int) (*Batch, error) {
	from, err := campaign(tx, id)
	if err != nil {
		return nil, err
	}
	if from.State != Composed {
		return nil, fault.New(fault.Conflict, "notice.composing")
	}
	letters, err := b.fresh(tx, c, n, id, most)
	if err != nil {
		return nil, err
	}
	t := &Batch{
		Campaign: id, State: BatchMade, Letters: int64(len(letters)), Made: c.At,
		LastDay: persian.DateOf(c.At).AddMonths(b.Months),
	}
	if _, err := tx.One(batchLast, nil, &t.ID); err != nil {
		return nil, err
	}
	t.ID++
	for i := range letters {
		letters[i].State, letters[i].Batch = Batched, t.ID
		if err := letters[i].put(tx, n, c.At); err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec(batchInsert, t.ID, t.Campaign, int64(t.State), t.Letters, int64(t.LastDay.Pack()), t.Made.UnixMicro(),
		c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Act[:])
	return t, err
}

// fresh are the campaign's next letters, at least one, as the register stands
// now. Those that can no more be sent are dropped.
func (b *Book) fresh(tx *store.Tx, c *register.Change, n tally, id int64, most int) (letters []Letter, err error) {
	for len(letters) == 0 {
		next, err := nextLetters(tx, id, most)
		if err != nil {
			return nil, err
		}
		if len(next) == 0 {
			return nil, fault.New(fault.Conflict, "notice.batch.empty")
		}
		numbers := make([]ids.NationalNumber, len(next))
		for i := range next {
			numbers[i] = next[i].Subject
		}
		persons, err := b.persons.ByNumbers(tx.Context(), numbers)
		if err != nil {
			return nil, err
		}
		places, err := b.homes(tx.Context(), persons)
		if err != nil {
			return nil, err
		}
		for i := range next {
			l, p := &next[i], persons[i]
			if p == nil || !living(p) || lack(p.Postal, places[i]) != 0 {
				l.State = Dropped
				if err := l.put(tx, n, c.At); err != nil {
					return nil, err
				}
				continue
			}
			l.Version, l.Postal, l.Province = p.Version, p.Postal, places[i].Province
			letters = append(letters, *l)
		}
	}
	return letters, nil
}

func nextLetters(tx *store.Tx, campaign int64, most int) (all []Letter, err error) {
	err = tx.Each(letterNext, []any{campaign, int64(most)}, func(scan func(...any) error) error {
		l, err := scanLetter(scan)
		if err == nil {
			all = append(all, *l)
		}
		return err
	})
	return all, err
}

// act performs an act about letters, and counts what it moved.
func (b *Book) act(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, change func(*store.Tx, *register.Change, tally) ([]byte, error)) (journal.Proven, error) {
	a := register.Act{Kind: receipt.Notice, Actor: actor, Why: why, Clock: b.Clock}
	return register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		n := tally{}
		body, err := change(tx, c, n)
		if err != nil {
			return nil, err
		}
		return body, n.write(tx)
	})
}

// body is what the journal says of a batch.
func (t *Batch) body() []byte {
	body := strconv.AppendInt([]byte(`"campaign":`), t.Campaign, 10)
	body = strconv.AppendInt(append(body, `,"batch":`...), t.ID, 10)
	return strconv.AppendInt(append(body, `,"letters":`...), t.Letters, 10)
}

// PrintReport is what the printer made of a batch.
type PrintReport struct {
	Batch  int64   `json:"batch"`
	Failed []int64 `json:"failed"` // numbers of the letters that were spoilt
}

// PrintDone is what follows from it.
type PrintDone struct {
	Printed int `json:"printed"`
	Failed  int `json:"failed"` // they go into a later batch
}

// ReportPrinted takes in the printer's report on a batch. Faults:
// notice.batch.unknown, notice.batch.printed, notice.batch.letter.
func (b *Book) ReportPrinted(ctx context.Context, j *journal.Journal, actor journal.Actor, in *PrintReport) (PrintDone, journal.Proven, error) {
	var done PrintDone
	if err := register.Only(actor, register.Clerk, register.Supervisor, register.Printer); err != nil {
		return done, journal.Proven{}, err
	}
	proven, err := b.act(ctx, j, actor, "printed", func(tx *store.Tx, c *register.Change, n tally) ([]byte, error) {
		t, letters, err := whole(tx, in.Batch, BatchMade, "notice.batch.printed")
		if err != nil {
			return nil, err
		}
		if err := within(in.Failed, letters); err != nil {
			return nil, err
		}
		done = PrintDone{Failed: len(in.Failed), Printed: len(letters) - len(in.Failed)}
		for i := range letters {
			l := &letters[i]
			l.State = Printed
			if slices.Contains(in.Failed, l.ID) {
				l.State, l.Batch = Made, 0
			}
			if err := l.put(tx, n, c.At); err != nil {
				return nil, err
			}
		}
		_, err = tx.Exec(batchState, int64(BatchPrinted), t.ID)
		return strconv.AppendInt(append(t.body(), `,"failed":`...), int64(done.Failed), 10), err
	})
	return done, proven, err
}

// whole reads a batch, which must be in a state, with its letters.
func whole(tx *store.Tx, id int64, in BatchState, otherwise string) (*Batch, []Letter, error) {
	t, err := batch(tx, id)
	if err != nil {
		return nil, nil, err
	}
	if t.State != in {
		return nil, nil, fault.New(fault.Conflict, otherwise)
	}
	letters, err := lettersOf(tx, id)
	return t, letters, err
}

// within refuses numbers that are none of the letters, or stand twice.
func within(numbers []int64, letters []Letter) error {
	var bad fault.List
	for i, n := range numbers {
		known := slices.ContainsFunc(letters, func(l Letter) bool { return l.ID == n })
		if !known || slices.Contains(numbers[:i], n) {
			bad.Add("failed."+strconv.Itoa(i), fault.New(fault.Invalid, "notice.batch.letter"))
		}
	}
	return bad.Err()
}

// Handed is a batch that is given to the Post.
type Handed struct {
	Batch int64 `json:"batch"`
}

// HandOver marks a printed batch as given to the Post. Faults:
// notice.batch.unknown, notice.batch.post.
func (b *Book) HandOver(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Handed) (*Batch, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	var t *Batch
	proven, err := b.act(ctx, j, actor, "posted", func(tx *store.Tx, c *register.Change, n tally) ([]byte, error) {
		var letters []Letter
		var err error
		if t, letters, err = whole(tx, in.Batch, BatchPrinted, "notice.batch.post"); err != nil {
			return nil, err
		}
		for i := range letters {
			letters[i].State = Posted
			if err := letters[i].put(tx, n, c.At); err != nil {
				return nil, err
			}
		}
		t.State, t.Letters = BatchPosted, int64(len(letters))
		_, err = tx.Exec(batchState, int64(BatchPosted), t.ID)
		return t.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return t, proven, nil
}
