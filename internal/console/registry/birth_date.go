package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

// birthDate corrects the date of birth.
var birthDate = byTwo(onPerson("console.registry.birth_date.", "birth-date",
	func(in *person.BirthDate) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{ours("birth_date", page.Date)}, grounds(v, "court-order", "age-commission", "clerical-error")...)
	}, proposes[person.BirthDate]("birth_date")))
