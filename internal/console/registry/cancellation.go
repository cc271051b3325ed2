package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

// cancellation voids a number that was given in error.
var cancellation = byTwo(onPerson("console.registry.cancellation.", "cancellation",
	func(in *person.Cancellation) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{optional(ours("successor", page.National))}, grounds(v, "duplicate-number", "fictitious-papers", "court-order")...)
	}, proposes[person.Cancellation]("cancellation")))

// cancellationAnnulment lets a number count again.
var cancellationAnnulment = byTwo(onPerson("console.registry.cancellation_annulment.", "cancellation-annulment",
	func(in *person.CancellationAnnulment) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control { return grounds(v, usual...) },
	proposes[person.CancellationAnnulment]("cancellation_annulment")))
