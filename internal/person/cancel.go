package person

import (
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Cancellation voids a number that was given in error: a duplicate, whose
// successor is the number that counts, or a number on fictitious papers. It is
// never used again; what stands on its record stays readable.
type Cancellation struct {
	Edit
	Successor ids.NationalNumber `json:"successor,omitzero"`
}

func (in *Cancellation) check(bad *mistakes, _ persian.Date) {
	bad.When(in.Successor != 0 && in.Successor == in.Number, "successor", "person.successor.self")
}

// do refuses a successor that is itself cancelled: so no chain ends in nothing
// and none runs in a circle. A successor may be cancelled later; then the chain
// is followed (Book.fill).
func (in *Cancellation) do(w *doing) error {
	if in.Successor != 0 {
		s, found, err := current(w.tx, w.book, in.Successor)
		switch {
		case err != nil:
			return err
		case !found:
			return fault.New(fault.Invalid, "person.unknown").At("successor")
		case s.State == Cancelled:
			return fault.New(fault.Conflict, "person.successor.cancelled").At("successor")
		}
		w.also = []Event{{Number: in.Successor, Detail: `{"cancelled":"` + in.Number.String() + `"}`}}
	}
	w.p.State, w.p.Successor = Cancelled, in.Successor
	return nil
}

// CancellationAnnulment takes back a cancellation that was wrong: the number is
// again in the state that it was in before, and has no successor. Numbers that
// were cancelled in favour of this one lead here again, as was said of them;
// and since only a link goes away, no circle comes into being.
type CancellationAnnulment struct{ Edit }

func (in *CancellationAnnulment) check(*mistakes, persian.Date) {}

func (in *CancellationAnnulment) do(w *doing) error {
	p := w.p
	if p.State != Cancelled {
		return fault.New(fault.Conflict, "person.cancelled.not")
	}
	if p.Successor != 0 {
		w.also = []Event{{Number: p.Successor, Detail: `{"cancelled":"` + in.Number.String() + `"}`}}
	}
	p.Successor = 0
	last, err := lastVersion(w.tx, p.Number, func(past *Person) bool { return past.State != Cancelled })
	switch {
	case err != nil:
		return err
	case last != nil:
		p.State = State(last.flags / flagState % 10)
	default: // an import brought it cancelled
		p.State = p.lifeState()
	}
	return nil
}
