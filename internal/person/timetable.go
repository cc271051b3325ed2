package person

import (
	"context"
	"fmt"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Timetable says from when on those born in some years and living in a province
// may apply for a first card (bylaw of 1378, art. 2). Without a province it
// holds wherever no row names the province.
type Timetable struct {
	Province  string       `json:"province,omitzero"`
	From      int          `json:"born_from"` // first year of birth
	To        int          `json:"born_to"`   // last year of birth
	Opens     persian.Date `json:"opens"`
	Reference string       `json:"reference"` // the decision: body, number, clause
}

// DecideTimetable registers a decision as an act. One on the same cohort and
// province replaces the one before; one that overlaps another is refused.
func (b *Book) DecideTimetable(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Timetable) (*Timetable, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor, register.Operator); err != nil {
		return nil, journal.Proven{}, err
	}
	t := *in
	if err := t.check(); err != nil {
		return nil, journal.Proven{}, err
	}
	act := register.Act{Kind: receipt.BoardDecision, Actor: actor, Why: "card-timetable", Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, act, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		all, err := timetables(tx)
		if err != nil {
			return nil, err
		}
		for _, o := range all {
			same := o.From == t.From && o.To == t.To
			if o.Province == t.Province && o.From <= t.To && t.From <= o.To && !same {
				return nil, fault.New(fault.Conflict, "person.timetable.overlap")
			}
		}
		if _, err := tx.Exec(timetablePut, t.Province, t.From, t.To, int64(t.Opens.Pack()), t.Reference); err != nil {
			return nil, err
		}
		body := receipt.AppendString([]byte(`"card_timetable":{"province":`), t.Province)
		body = fmt.Appendf(body, `,"born_from":%d,"born_to":%d,"opens":"%s","reference":`, t.From, t.To, t.Opens)
		return append(receipt.AppendString(body, t.Reference), '}'), nil
	})
	return &t, proven, err
}

const maxReference = 300 // bytes

func (t *Timetable) check() error {
	var bad mistakes
	bad.text(&t.Province, "province", false, maxReference)
	bad.text(&t.Reference, "reference", true, maxReference)
	bad.When(t.From < persian.FirstYear || t.From > persian.LastYear, "born_from", "person.timetable.year")
	bad.When(t.To < t.From || t.To > persian.LastYear, "born_to", "person.timetable.year")
	bad.missing(t.Opens.IsZero(), "opens")
	bad.When(!t.Opens.IsZero() && !t.Opens.Precise(), "opens", "person.date.precise")
	return bad.Err()
}

// Timetables lists what is decided, by province and cohort.
func (b *Book) Timetables(ctx context.Context, actor journal.Actor) ([]Timetable, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	return b.timetables(ctx)
}

func (b *Book) timetables(ctx context.Context) (all []Timetable, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all, err = timetables(tx)
		return err
	})
	return all, err
}

func timetables(tx *store.Tx) ([]Timetable, error) {
	all := []Timetable{}
	err := tx.Each(timetableAll, nil, func(scan func(...any) error) error {
		var t Timetable
		var opens int64
		err := scan(&t.Province, &t.From, &t.To, &opens, &t.Reference)
		t.Opens = persian.UnpackDate(int32(opens))
		all = append(all, t)
		return err
	})
	return all, err
}

// opens is the day from which somebody may apply; zero: none is decided. A row
// that names the province goes before one that does not.
func opens(all []Timetable, province string, born persian.Date) (day persian.Date) {
	year := int(born.Year)
	for i := range all {
		t := &all[i]
		if year < t.From || year > t.To {
			continue
		}
		if t.Province == province {
			return t.Opens
		}
		if t.Province == "" {
			day = t.Opens
		}
	}
	return day
}
