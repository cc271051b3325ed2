package person

import (
	"context"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Review marks a record as doubted, or ends that. Whoever asks is told.
type Review struct {
	Edit
	On bool `json:"under_review"`
}

func (in *Review) check(*mistakes, persian.Date) {}

func (in *Review) do(w *doing) error { return w.flag(UnderReview, in.On) }

// Review registers the mark.
func (b *Book) Review(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Review) (*Done, journal.Proven, error) {
	return b.alone(ctx, j, actor, "review", in)
}

// Protection hides a record from all who ask, or ends that.
type Protection struct {
	Edit
	On bool `json:"protected"`
}

func (in *Protection) check(*mistakes, persian.Date) {}

func (in *Protection) do(w *doing) error { return w.flag(Protected, in.On) }

// flag sets or ends a state that stands before life and death. Protection goes
// before doubt, and when it ends the doubt is there again. A death of unknown
// day is on record only as a state, so such a record takes no flag.
func (w *doing) flag(state State, on bool) error {
	p := w.p
	switch {
	case on == (p.State == state):
		return errUnchanged
	case on && (p.State == Protected || p.State == Deceased && p.Died.IsZero()):
		return fault.New(fault.Conflict, "person.flag")
	case on:
		p.State = state
		return nil
	}
	p.State = p.lifeState()
	if state == UnderReview {
		return nil
	}
	last, err := lastVersion(w.tx, p.Number, func(past *Person) bool { return past.State != state })
	if err == nil && last != nil && State(last.flags/flagState%10) == UnderReview {
		p.State = UnderReview
	}
	return err
}

// lifeState is the state of a record that bears no mark.
func (p *Person) lifeState() State {
	if p.Died.IsZero() {
		return Active
	}
	return Deceased
}

// lastVersion is the row of the last past version that is so, as far as its
// person is known without a dictionary; nil if there is none.
func lastVersion(tx *store.Tx, n ids.NationalNumber, so func(*Person) bool) (last *row, err error) {
	err = tx.Each(historyAll, []any{int64(n)}, func(scan func(...any) error) error {
		var r pastRow
		if err := scan(r.columns()...); err != nil {
			return err
		}
		var p Person
		r.row.unpack(&p)
		if so(&p) {
			last = &r.row
		}
		return nil
	})
	return last, err
}
