package api

import (
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
)

// residenceRoutes are the routes of declared residences.
func (a *API) residenceRoutes() []*route {
	return []*route{
		act("/v1/residences/declare", func(c *call, who journal.Actor, in *person.ResidenceDeclaration) (*person.Resident, journal.Proven, error) {
			return a.persons.DeclareResidence(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/residences/withdraw", func(c *call, who journal.Actor, in *person.ResidenceWithdrawal) (*person.Resident, journal.Proven, error) {
			return a.persons.WithdrawResidence(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/residences/history", func(c *call, who journal.Actor, in *person.Reading) (out residencesAnswer, p journal.Proven, err error) {
			out.Residences, p, err = a.persons.ResidencesOf(c.r.Context(), a.journal, who, in)
			return out, p, err
		}),
	}
}

type residencesAnswer struct {
	Residences []person.Residence `json:"residences"`
}
