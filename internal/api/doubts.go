package api

import (
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/journal"
)

// doubtRoutes are the routes of what agencies doubt. An agency's officer
// reports in his own name; staff list all, and answer.
func (a *API) doubtRoutes() []*route {
	return []*route{
		act("/v1/doubts/report", func(c *call, who journal.Actor, in *discrepancy.Report) (*discrepancy.Reported, journal.Proven, error) {
			return a.cases.Report(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/doubts/list", a.listDoubts),
		ask("/v1/doubts/find", func(c *call, who journal.Actor, in *doubtInput) (*discrepancy.Reported, error) {
			return a.cases.Reported(c.r.Context(), a.journal, who, in.Doubt)
		}),
		ask("/v1/doubts/raised", a.listRaised),
		act("/v1/doubts/answer", func(c *call, who journal.Actor, in *discrepancy.Reply) (*discrepancy.Reported, journal.Proven, error) {
			return a.cases.Answer(c.r.Context(), a.journal, who, in)
		}),
	}
}

type doubtInput struct {
	Doubt int64 `json:"doubt"`
}

type doubtsAnswer struct {
	Doubts []discrepancy.Reported `json:"doubts"`
}

type raisedAnswer struct {
	Doubts []discrepancy.Raised `json:"doubts"`
}

func (a *API) listRaised(c *call, who journal.Actor, in *discrepancy.RaisedFilter) (out raisedAnswer, err error) {
	out.Doubts, err = a.cases.Raised(c.r.Context(), a.journal, who, in)
	return out, err
}

func (a *API) listDoubts(c *call, who journal.Actor, in *discrepancy.ReportFilter) (out doubtsAnswer, err error) {
	out.Doubts, err = a.cases.Reports(c.r.Context(), a.journal, who, in)
	return out, err
}
