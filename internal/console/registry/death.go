package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
)

var deathReasons = []string{"death-certificate", "medical-examiner", "court-order", "two-witnesses"}

// death registers that a person has died, when a second person agrees.
var death = byTwo(onPerson("console.registry.death.", "death",
	func(in *person.Death) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control {
		return append([]page.Control{own("died_on", page.Date)}, grounds(v, deathReasons...)...)
	}, proposes[person.Death]("death")))

// deathAnnulment takes a death back.
var deathAnnulment = byTwo(onPerson("console.registry.death_annulment.", "death-annulment",
	func(in *person.DeathAnnulment) (*ids.NationalNumber, *int64) { return edited(&in.Edit) },
	func(v *page.Visit) []page.Control { return grounds(v, usual...) },
	proposes[person.DeathAnnulment]("death_annulment")))
