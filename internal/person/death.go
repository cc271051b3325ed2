package person

import (
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
)

// Death registers that a person has died. His card is void from then on, in the
// same transaction (bylaw of 1378, note to art. 3).
type Death struct {
	Edit
	On persian.Date `json:"died_on"` // the day, the month or the year, as the document says
}

func (in *Death) check(bad *mistakes, today persian.Date) {
	bad.past(in.On, today, "died_on")
}

func (in *Death) do(w *doing) error {
	switch {
	case !w.p.Alive():
		return fault.New(fault.Conflict, "person.death.second")
	case before(in.On, w.p.Born):
		return fault.New(fault.Invalid, "person.death.early").At("died_on")
	}
	w.p.Died, w.on = in.On, in.On
	if w.p.State == Active { // protection and doubt outlast death
		w.p.State = Deceased
	}
	return nil
}

// DeathAnnulment takes back a death that was registered wrongly. The card is
// again what it was before; if its time has run out meanwhile, it has expired.
type DeathAnnulment struct{ Edit }

func (in *DeathAnnulment) check(*mistakes, persian.Date) {}

func (in *DeathAnnulment) do(w *doing) error {
	if w.p.Alive() {
		return fault.New(fault.Conflict, "person.death.none")
	}
	w.p.Died = persian.Date{}
	if w.p.State == Deceased {
		w.p.State = Active
	}
	return nil
}

// past wants a date that has come, at any precision.
func (m *mistakes) past(d, today persian.Date, field string) {
	m.missing(d.IsZero(), field)
	m.When(d.Compare(today) > 0, field, "person.date.future")
}

// before reports whether a lies certainly before b: where one of them knows
// only year or month, no more than that is compared.
func before(a, b persian.Date) bool {
	switch {
	case a.IsZero() || b.IsZero():
		return false
	case a.Year != b.Year:
		return a.Year < b.Year
	case a.Month == 0 || b.Month == 0:
		return false
	case a.Month != b.Month:
		return a.Month < b.Month
	}
	return a.Day != 0 && b.Day != 0 && a.Day < b.Day
}
