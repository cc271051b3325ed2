package api

import (
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/journal"
)

// deadlineRoutes are the routes of the clocks of the law.
func (a *API) deadlineRoutes() []*route {
	return []*route{
		ask("/v1/deadlines/list", func(c *call, who journal.Actor, in *deadline.Filter) (out deadlinesAnswer, err error) {
			out.Starts = a.deadlines.Starts()
			out.Deadlines, err = a.deadlines.List(c.r.Context(), who, in)
			return out, err
		}),
		ask("/v1/deadlines/late", func(c *call, who journal.Actor, in *deadline.Filter) (out lateAnswer, err error) {
			out.Late, err = a.deadlines.Missed(c.r.Context(), who, in)
			return out, err
		}),
	}
}

type deadlinesAnswer struct {
	Starts    []deadline.Start `json:"starts"`
	Deadlines []deadline.Clock `json:"deadlines"`
}

type lateAnswer struct {
	Late []deadline.Missed `json:"late"`
}
