package api

import (
	"io"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/persian"
)

// complianceRoutes are the routes of what agencies have done of the law, and of
// their conversion tables.
func (a *API) complianceRoutes() []*route {
	return []*route{
		act("/v1/compliance/put", func(c *call, who journal.Actor, in *compliance.Declaration) (*compliance.Item, journal.Proven, error) {
			return a.compliance.Declare(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/compliance/list", func(c *call, who journal.Actor, in *compliance.Filter) (out standingsAnswer, err error) {
			out.Items, err = a.compliance.List(c.r.Context(), who, in)
			return out, err
		}),
		act("/v1/compliance/judge", func(c *call, who journal.Actor, in *compliance.Judgement) (*compliance.Item, journal.Proven, error) {
			return a.compliance.Judge(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/conversions/upload", func(c *call, who journal.Actor, in *compliance.Table) (*compliance.Uploaded, journal.Proven, error) {
			return a.compliance.Upload(c.r.Context(), a.journal, who, in)
		}).large(),
		ask("/v1/conversions/coverage", func(c *call, who journal.Actor, in *compliance.TableOf) (*compliance.Coverage, error) {
			return a.compliance.Coverage(c.r.Context(), who, in)
		}),
		ask("/v1/conversions/find", func(c *call, who journal.Actor, in *compliance.Own) (*compliance.Conversion, error) {
			return a.compliance.FindOwn(c.r.Context(), who, in)
		}),
		ask("/v1/conversions/download", func(c *call, who journal.Actor, in *compliance.Download) (struct{}, error) {
			return struct{}{}, c.stream(in.MediaType(), func(w io.Writer) error {
				return a.compliance.WriteTable(c.r.Context(), who, in, w)
			})
		}),
	}
}

type standingsAnswer struct {
	Items []compliance.Standing `json:"items"`
}

// evaluationRoutes are the routes of the annual evaluation.
func (a *API) evaluationRoutes() []*route {
	return []*route{
		ask("/v1/evaluations/formula", a.formula).to(forAnyone),
		act("/v1/evaluations/compute", func(c *call, who journal.Actor, in *compliance.Computing) (*compliance.Evaluation, journal.Proven, error) {
			return a.compliance.Compute(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/evaluations/list", func(c *call, who journal.Actor, in *compliance.Listing) (out evaluationsAnswer, err error) {
			out.Evaluations, err = a.compliance.Evaluations(c.r.Context(), who, in)
			return out, err
		}),
		ask("/v1/evaluations/find", func(c *call, who journal.Actor, in *compliance.OfEvaluation) (*compliance.Found, error) {
			return a.compliance.Find(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/evaluations/trace", func(c *call, who journal.Actor, in *compliance.Tracing) (*compliance.Traced, error) {
			return a.compliance.Trace(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/evaluations/appeal", func(c *call, who journal.Actor, in *compliance.Appealing) (*compliance.Appeal, journal.Proven, error) {
			return a.compliance.Appeal(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/evaluations/decide", func(c *call, who journal.Actor, in *compliance.Ruling) (*compliance.Appeal, journal.Proven, error) {
			return a.compliance.Rule(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/evaluations/freeze", func(c *call, who journal.Actor, in *compliance.Freezing) (*compliance.Evaluation, journal.Proven, error) {
			return a.compliance.Freeze(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/evaluations/pdf", a.evaluationPaper(letter.PDF)),
		ask("/v1/evaluations/page", a.evaluationPaper("html")),
		ask("/v1/evaluations/table", func(c *call, who journal.Actor, in *compliance.Export) (struct{}, error) {
			return struct{}{}, c.stream(in.MediaType(), func(w io.Writer) error {
				return a.compliance.WriteExport(c.r.Context(), a.journal, who, in, w)
			})
		}),
	}
}

type evaluationsAnswer struct {
	Evaluations []compliance.Evaluation `json:"evaluations"`
}

type formulaInput struct {
	On persian.Date `json:"on"` // zero: today
}

// formula is published: everybody may read by what agencies are measured.
func (a *API) formula(_ *call, _ journal.Actor, in *formulaInput) (*compliance.Formula, error) {
	if in.On.IsZero() {
		in.On = persian.DateOf(a.clock())
	}
	if !in.On.Precise() {
		return nil, fault.New(fault.Invalid, "compliance.day").At("on")
	}
	return a.compliance.Formula(in.On)
}

func (a *API) evaluationPaper(format string) func(c *call, who journal.Actor, in *compliance.PaperOf) (struct{}, error) {
	return func(c *call, who journal.Actor, in *compliance.PaperOf) (struct{}, error) {
		in.Format = format
		return struct{}{}, c.stream(letter.PaperType(format), func(w io.Writer) error {
			return a.compliance.WritePaper(c.r.Context(), a.journal, who, in, w)
		})
	}
}
