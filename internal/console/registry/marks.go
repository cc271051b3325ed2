package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

// flag is a control with which a mark is set or ended.
func flag(v *page.Visit, name string) page.Control {
	c := own(name, page.Choose1)
	c.Show = true
	return choice(v, c, options(v, "console.registry.flag.", "on", "off"))
}

// flagged reads that control; nothing chosen is a mistake.
func flagged(v *page.Visit, name string, to *bool) error {
	switch v.R.PostFormValue(name) {
	case "on":
		*to = true
	case "off":
		*to = false
	default:
		return errChoose.At(name)
	}
	return nil
}

// review marks a record as doubted, or ends that.
var review = onPerson("console.registry.review.", "review",
	func(in *person.Review) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{flag(v, "under_review")}, grounds(v, "inquiry-result", "court-order", "office-decision", "clerical-error")...)
	}, func(v *page.Visit, in *person.Review) (page.Done, error) {
		if err := flagged(v, "under_review", &in.On); err != nil {
			return page.Done{}, err
		}
		return alone((*person.Book).Review)(v, in)
	})

// protection hides a record from all who ask, or ends that.
var protection = byTwo(onPerson("console.registry.protection.", "protection",
	func(in *person.Protection) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{flag(v, "protected")}, grounds(v, "court-order", "security-order")...)
	}, func(v *page.Visit, in *person.Protection) (page.Done, error) {
		if err := flagged(v, "protected", &in.On); err != nil {
			return page.Done{}, err
		}
		return proposes[person.Protection]("protection")(v, in)
	}))
