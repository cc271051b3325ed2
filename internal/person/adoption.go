package person

import (
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Adoption gives a person the names of his new parents. The number stays; what
// the names were before nobody is told any more (seal.go).
type Adoption struct {
	Edit
	Given   *persian.Name      `json:"given_name,omitzero"` // absent: stays
	Surname persian.Name       `json:"surname"`
	Father  persian.Name       `json:"father_name"`
	Dad     ids.NationalNumber `json:"father_number,omitzero"` // adopting parents, if they are in the register
	Mum     ids.NationalNumber `json:"mother_number,omitzero"`
}

func (in *Adoption) check(bad *mistakes, _ persian.Date) {
	bad.missing(in.Surname.Display == "", "surname")
	bad.missing(in.Father.Display == "", "father_name")
	bad.When(in.Given != nil && in.Given.Display == "", "given_name", "person.missing")
	bad.When(in.Dad != 0 && in.Dad == in.Number, "father_number", "person.self")
	bad.When(in.Mum != 0 && (in.Mum == in.Number || in.Mum == in.Dad), "mother_number", "person.self")
}

func (in *Adoption) do(w *doing) error {
	was := *w.p
	w.p.Surname, w.p.Father = in.Surname, in.Father
	if in.Given != nil {
		w.p.Given = *in.Given
	}
	w.seal = sealParents
	for column, changed := range map[int64]bool{
		sealGiven: w.p.Given != was.Given, sealSurname: w.p.Surname != was.Surname, sealFather: w.p.Father != was.Father,
	} {
		if changed {
			w.seal |= column
		}
	}
	for _, parent := range []struct {
		number ids.NationalNumber
		role   string
		sex    Sex
	}{{in.Dad, "father", Male}, {in.Mum, "mother", Female}} {
		if parent.number == 0 {
			continue
		}
		if err := w.fit(parent.number, parent.sex); err != nil {
			return fault.Of(err).At(parent.role + "_number")
		}
		w.also = append(w.also, Event{Number: parent.number, Detail: `{"child":"` + in.Number.String() + `"}`})
	}
	w.detail = parents(in.Dad, in.Mum)
	return w.living()
}

// fit wants a living person of a sex in the register.
func (w *doing) fit(n ids.NationalNumber, sex Sex) error {
	p, found, err := current(w.tx, w.book, n)
	switch {
	case err != nil:
		return err
	case !found:
		return fault.New(fault.Invalid, "person.unknown")
	case p.State == Cancelled:
		return fault.New(fault.Invalid, "person.cancelled")
	case !p.Alive():
		return fault.New(fault.Invalid, "person.dead")
	case p.Sex != 0 && p.Sex != sex:
		return fault.New(fault.Invalid, "person.sex.other")
	}
	return nil
}

// parents is the detail of an adoption, "" if nobody is named.
func parents(father, mother ids.NationalNumber) string {
	detail := ""
	for _, p := range []struct {
		number ids.NationalNumber
		role   string
	}{{father, "father"}, {mother, "mother"}} {
		if p.number != 0 {
			detail += `,"` + p.role + `":"` + p.number.String() + `"`
		}
	}
	if detail == "" {
		return ""
	}
	return "{" + detail[1:] + "}"
}
