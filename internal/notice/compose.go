package notice

import (
	"context"
	"encoding/json"
	"iter"
	"math"
	"slices"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/store"
)

// ComposeJob is the kind of job that composes a campaign's letters, or counts
// for a preview.
const ComposeJob = "campaign"

// task is what a job is given.
type task struct {
	Campaign int64  `json:"campaign,omitzero"` // 0: only count
	Choice   Choice `json:"choice"`
}

// Counts are whom a campaign chose so far; a finished job's result.
type Counts struct {
	Letters   int64 `json:"letters"`
	NoAddress int64 `json:"no_address"`
}

// mark is where a job left off.
type mark struct {
	After  ids.NationalNumber `json:"after,omitzero"` // absent: at the beginning
	Listed int                `json:"listed,omitzero"`
	Counts
}

// composeStep is how many records of the register a step goes through.
const composeStep = 1000

// Serve makes q compose campaigns; before its Work.
func (b *Book) Serve(q *job.Queue) { q.Handle(ComposeJob, b.compose) }

// compose goes through the register, or through the list, in steps. A step's
// letters and how far it has come are one transaction: after a crash the job
// goes on behind the last one, and no letter is written twice.
func (b *Book) compose(ctx context.Context, r *job.Run) ([]byte, error) {
	var t task
	if err := json.Unmarshal(r.Args(), &t); err != nil {
		return nil, err
	}
	var m mark
	if len(r.Mark()) > 0 {
		if err := json.Unmarshal(r.Mark(), &m); err != nil {
			return nil, err
		}
	}
	total := int64(len(t.Choice.Numbers))
	if total == 0 {
		var err error
		if total, err = b.persons.Count(ctx); err != nil {
			return nil, err
		}
	}
	for done := r.Done(); ; {
		persons, last, err := b.next(ctx, &t.Choice, &m)
		if err != nil {
			return nil, err
		}
		letters, lacking, err := b.choose(ctx, &t.Choice, persons)
		if err != nil {
			return nil, err
		}
		m.Letters += int64(len(letters))
		m.NoAddress += int64(len(lacking))
		done += int64(len(persons))
		if err := b.step(ctx, r, &t, &m, letters, lacking, min(done, total), total, last); err != nil {
			return nil, err
		}
		if last {
			return json.Marshal(m.Counts)
		}
	}
}

// next reads the records of a step and moves the mark behind them; last: there
// are no more.
func (b *Book) next(ctx context.Context, c *Choice, m *mark) (persons []person.Person, last bool, err error) {
	if len(c.Numbers) > 0 {
		numbers := c.Numbers[m.Listed:min(m.Listed+composeStep, len(c.Numbers))]
		found, err := b.persons.ByNumbers(ctx, numbers)
		seen := map[ids.NationalNumber]bool{} // a list may name somebody twice
		for _, p := range found {
			if p != nil && !seen[p.Number] {
				persons = append(persons, *p)
				seen[p.Number] = true
			}
		}
		m.Listed += len(numbers)
		return persons, m.Listed == len(c.Numbers), err
	}
	persons, err = b.persons.Scan(ctx, m.After, composeStep)
	if len(persons) > 0 {
		m.After = persons[len(persons)-1].Number
	}
	return persons, len(persons) < composeStep, err
}

// draft is a letter to be written.
type draft struct {
	person *person.Person
	place  *place.Place
}

// lacking is a chosen person without an address.
type lacking struct {
	person *person.Person
	why    Lack
}

// choose finds who of these persons gets a letter, and who cannot.
func (b *Book) choose(ctx context.Context, c *Choice, persons []person.Person) (letters []draft, none []lacking, err error) {
	var chosen []*person.Person
	for i := range persons {
		if c.person(&persons[i]) {
			chosen = append(chosen, &persons[i])
		}
	}
	places, err := b.homes(ctx, chosen)
	if err != nil {
		return nil, nil, err
	}
	for i, p := range chosen {
		if !c.place(places[i]) {
			continue
		}
		if why := lack(p.Postal, places[i]); why != 0 {
			none = append(none, lacking{p, why})
		} else {
			letters = append(letters, draft{p, places[i]})
		}
	}
	return letters, none, nil
}

// homes finds the places where persons live, in their order; nil where none is
// known. A person may be nil.
func (b *Book) homes(ctx context.Context, persons []*person.Person) ([]*place.Place, error) {
	codes := make([]ids.PostalCode, len(persons))
	for i, p := range persons {
		if p != nil {
			codes[i] = p.Postal
		}
	}
	return b.places.ByCodes(ctx, codes)
}

// step writes a step. Of a preview it writes only how far it has come. Among a
// hundred million letters some draw a code that another has: the step is then
// written with other codes.
func (b *Book) step(ctx context.Context, r *job.Run, t *task, m *mark, letters []draft, none []lacking, done, total int64, last bool) error {
	place, err := json.Marshal(m)
	if err != nil {
		return err
	}
	write := func(tx *store.Tx) error {
		if t.Campaign != 0 {
			if err := b.write(tx, t.Campaign, letters, none); err != nil {
				return err
			}
			if last {
				if _, err := tx.Exec(campaignState, int64(Composed), t.Campaign); err != nil {
					return err
				}
			}
		}
		return r.StepIn(tx, done, total, place)
	}
	const tries = 5
	for try := 1; ; try++ {
		err := b.db.Write(ctx, write)
		if try == tries || !store.IsDuplicate(err) {
			return err
		}
	}
}

// write writes what is not there yet: a campaign may be composed again, from
// the beginning, after its job was cancelled or failed.
func (b *Book) write(tx *store.Tx, campaign int64, letters []draft, none []lacking) error {
	there, err := reached(tx, campaign, letters, none)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		letters = slices.DeleteFunc(slices.Clone(letters), func(d draft) bool { return there[int64(d.person.Number)] })
		none = slices.DeleteFunc(slices.Clone(none), func(l lacking) bool { return there[int64(l.person.Number)] })
	}
	n := tally{}
	for _, d := range letters {
		n[pile{campaign: campaign, province: d.place.Province, state: Made}]++
	}
	if len(letters) > 0 {
		if _, err := tx.Bulk(letterInsert, b.rows(tx, campaign, letters)); err != nil {
			return err
		}
	}
	for _, l := range none {
		if _, err := tx.Exec(unaddressedInsert, campaign, int64(l.person.Number), int64(l.why)); err != nil {
			return err
		}
		n[pile{campaign: campaign, lack: l.why}]++
	}
	return n.write(tx)
}

// reached tells who of these persons has a letter of the campaign, or a line in
// its list.
func reached(tx *store.Tx, campaign int64, letters []draft, none []lacking) (map[int64]bool, error) {
	low, high := int64(math.MaxInt64), int64(0)
	for _, d := range letters {
		low, high = min(low, int64(d.person.Number)), max(high, int64(d.person.Number))
	}
	for _, l := range none {
		low, high = min(low, int64(l.person.Number)), max(high, int64(l.person.Number))
	}
	there := map[int64]bool{}
	for _, q := range []*store.Query{letterSubjects, unaddressedSubjects} {
		err := tx.Each(q, []any{campaign, low, high}, func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			there[n] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return there, nil
}

// rows are the letters as rows, with the next numbers and codes of their own.
func (b *Book) rows(tx *store.Tx, campaign int64, letters []draft) iter.Seq2[[]any, error] {
	var id int64
	_, err := tx.One(letterLast, nil, &id)
	now := b.Clock().UnixMicro()
	return func(yield func([]any, error) bool) {
		if err != nil {
			yield(nil, err)
			return
		}
		for _, l := range letters {
			id++
			p := l.person
			row := []any{
				id, campaign, int64(p.Number), p.Version, int64(p.Postal), l.place.Province, int64(newCode()),
				int64(Made), int64(0), int64(0), now,
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
