package api

import (
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/journal"
)

// auditRoutes are the routes of samples, dossiers and unusual patterns.
// Inspectors draw and judge, the agency's head shows and appeals.
func (a *API) auditRoutes() []*route {
	return []*route{
		act("/v1/audits/draw", func(c *call, who journal.Actor, in *audit.Order) (*audit.Draw, journal.Proven, error) {
			return a.audits.Draw(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/audits/draws", a.listDraws),
		ask("/v1/audits/list", a.listAudits),
		act("/v1/audits/find", func(c *call, who journal.Actor, in *auditInput) (*audit.Found, journal.Proven, error) {
			return a.audits.Find(c.r.Context(), a.journal, who, in.Audit)
		}),
		act("/v1/audits/show", func(c *call, who journal.Actor, in *audit.Showing) (*audit.Case, journal.Proven, error) {
			return a.audits.Show(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/audits/judge", func(c *call, who journal.Actor, in *audit.Judgement) (*audit.Case, journal.Proven, error) {
			return a.audits.Judge(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/audits/appeal", func(c *call, who journal.Actor, in *audit.Protest) (*audit.Case, journal.Proven, error) {
			return a.audits.Appeal(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/audits/decide", func(c *call, who journal.Actor, in *audit.Decision) (*audit.Case, journal.Proven, error) {
			return a.audits.Decide(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/audits/patterns", a.listPatterns),
		act("/v1/audits/pattern", func(c *call, who journal.Actor, in *audit.Finding) (*audit.Pattern, journal.Proven, error) {
			return a.audits.Examine(c.r.Context(), a.journal, who, in)
		}),
	}
}

type auditInput struct {
	Audit int64 `json:"audit"`
}

type auditsAnswer struct {
	Audits []audit.Case `json:"audits"`
}

func (a *API) listAudits(c *call, who journal.Actor, in *audit.Filter) (out auditsAnswer, err error) {
	out.Audits, err = a.audits.List(c.r.Context(), who, in)
	return out, err
}

type drawInput struct {
	Draw int64 `json:"draw"` // 0: the newest ones
}

type drawsAnswer struct {
	Draws []audit.Draw `json:"draws"`
}

func (a *API) listDraws(c *call, who journal.Actor, in *drawInput) (out drawsAnswer, err error) {
	out.Draws, err = a.audits.Draws(c.r.Context(), who, in.Draw)
	return out, err
}

type patternsAnswer struct {
	Patterns []audit.Pattern `json:"patterns"`
}

func (a *API) listPatterns(c *call, who journal.Actor, in *audit.PatternFilter) (out patternsAnswer, err error) {
	out.Patterns, err = a.audits.Patterns(c.r.Context(), who, in)
	return out, err
}
