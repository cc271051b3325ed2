package api

import (
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/quality"
)

// qualityRoutes are the routes by which agencies have their own lists measured.
func (a *API) qualityRoutes() []*route {
	return []*route{
		act("/v1/quality/check", func(c *call, _ journal.Actor, in *quality.List) (*quality.Checked, journal.Proven, error) {
			return a.quality.Check(c.r.Context(), a.journal, c.follower(), in)
		}).to(forAgencies).large(),
		ask("/v1/quality/score", func(c *call, _ journal.Actor, in *quality.Page) (out scoresAnswer, err error) {
			out.Scores, err = a.quality.Scores(c.r.Context(), c.agency.ID, in)
			return out, err
		}).to(forAgencies),
	}
}

type scoresAnswer struct {
	Scores []quality.Score `json:"scores"`
}
