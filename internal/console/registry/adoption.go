package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

// adoption gives a person the names of his new parents; the old ones are sealed.
var adoption = byTwo(onPerson("console.registry.adoption.", "adoption",
	func(in *person.Adoption) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{
			ours("surname", page.Words), ours("father_name", page.Words), optional(ours("given_name", page.Words)),
			optional(own("father_number", page.National)), optional(own("mother_number", page.National)),
		}, grounds(v, "court-order")...)
	}, proposes[person.Adoption]("adoption")))
