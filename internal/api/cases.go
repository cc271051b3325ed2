package api

import (
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/journal"
)

// caseRoutes are the routes of cases of discrepancy. To read one shows what the
// record says, so that is an act.
func (a *API) caseRoutes() []*route {
	return []*route{
		ask("/v1/cases/list", a.listCases),
		act("/v1/cases/find", func(c *call, who journal.Actor, in *caseInput) (*discrepancy.Case, journal.Proven, error) {
			return a.cases.Read(c.r.Context(), a.journal, who, in.Case)
		}),
		act("/v1/cases/take", func(c *call, who journal.Actor, in *caseInput) (*discrepancy.Case, journal.Proven, error) {
			return a.cases.Take(c.r.Context(), a.journal, who, in.Case)
		}),
		act("/v1/cases/decide", func(c *call, who journal.Actor, in *discrepancy.Decision) (*discrepancy.Case, journal.Proven, error) {
			return a.cases.Decide(c.r.Context(), a.journal, who, in)
		}),
	}
}

type caseInput struct {
	Case int64 `json:"case"`
}

type casesAnswer struct {
	Cases []discrepancy.Case `json:"cases"`
}

func (a *API) listCases(c *call, who journal.Actor, in *discrepancy.Filter) (out casesAnswer, err error) {
	out.Cases, err = a.cases.List(c.r.Context(), a.journal, who, in)
	return out, err
}
