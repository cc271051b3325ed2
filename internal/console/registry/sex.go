package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

// sex registers another sex by a court's order.
var sex = byTwo(onPerson("console.registry.sex.", "sex",
	func(in *person.SexChange) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{sexControl(v), optional(ours("given_name", page.Words))}, grounds(v, "court-order")...)
	}, proposes[person.SexChange]("sex")))

func sexControl(v *page.Visit) page.Control {
	return choice(v, ours("sex", page.Choose1), options(v, "console.value.sex.", "male", "female"))
}
