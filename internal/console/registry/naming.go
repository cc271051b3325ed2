package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

var nameReasons = []string{"name-committee", "court-order", "own-request"}

// givenName gives a person another given name.
var givenName = onPerson("console.registry.given.", "given-name",
	func(in *person.GivenName) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{ours("given_name", page.Words)}, grounds(v, nameReasons...)...)
	}, alone((*person.Book).Rename))

// surname gives a person another surname.
var surname = onPerson("console.registry.surname.", "surname",
	func(in *person.Surname) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{ours("surname", page.Words)}, grounds(v, nameReasons...)...)
	}, alone((*person.Book).ChangeSurname))
