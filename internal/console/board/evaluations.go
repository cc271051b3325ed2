package board

import (
	"slices"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func evaluationRoutes() []page.Route {
	return slices.Concat([]page.Route{
		page.Get("/board/evaluations", both, evaluations),
		page.Get("/board/evaluations/{evaluation}", both, evaluation),
		page.Get("/board/evaluations/{evaluation}/paper", both, evaluationPaper),
		page.Get("/board/evaluations/{evaluation}/table", both, evaluationTable),
		page.Get("/board/evaluations/{evaluation}/agencies/{agency}", both, unit),
		page.Get("/board/evaluations/{evaluation}/agencies/{agency}/paper", both, unitPaper),
		page.Get("/board/evaluations/{evaluation}/agencies/{agency}/{criterion}", both, trace),
	}, compute.Routes(), freeze.Routes(), rule.Routes())
}

// evaluations lists years and trials, the newest first.
func evaluations(v *page.Visit) error {
	all, err := v.Compliance.Evaluations(v.Context(), v.Actor(), &compliance.Listing{Before: v.Asked("before"), Limit: pageRows})
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.board.evaluations.list"), Empty: v.T("console.board.evaluations.none"),
		Columns: heads(v, "evaluation", "period", "state", "made", "appeals_until", "*version"),
	}
	for i := range all {
		e := &all[i]
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: evaluationName(v, e), Path: at("/board/evaluations/", e.ID)},
			{Text: v.T("console.board.from_until", v.Month(e.From), v.Month(e.Until))},
			evaluationState(v, e), dayCell(v, persian.DateOf(e.Made)), dayCell(v, e.Appeals), countCell(v, e.Version),
		}})
	}
	if len(all) == pageRows {
		t.More = v.Next("before", itoa(all[pageRows-1].ID))
	}
	f, err := v.Compliance.Formula(today(v))
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.board.evaluations.title"), Lead: v.T("console.board.evaluations.lead"),
		Blocks: []any{page.Pair{Main: []any{t}, Side: []any{formulaTable(v, f)}}},
	}
	if v.Role() == register.Inspector {
		s.Buttons = []page.Button{{Path: "/inspector/compute", Text: v.T("console.board.compute.link"), Icon: "chart"}}
	}
	return v.Show(s)
}

// formulaTable is what agencies are measured by, with the weights that hold.
func formulaTable(v *page.Visit, f *compliance.Formula) page.Facts {
	t := page.Facts{Title: v.T("console.board.evaluations.formula")}
	for _, c := range f.Criteria {
		t.List = append(t.List, page.Fact{Label: v.T("evaluation.criterion." + c.Code), Value: v.T("console.board.points", v.Count(c.Weight))})
	}
	return t
}

func evaluationName(v *page.Visit, e *compliance.Evaluation) string {
	if e.Year == 0 {
		return v.T("console.board.evaluation.trial", v.No(e.ID))
	}
	return v.T("console.board.evaluation.year", v.No(e.Year))
}

// evaluationState is how an evaluation stands: open to appeals, a draft, frozen.
func evaluationState(v *page.Visit, e *compliance.Evaluation) page.Cell {
	switch {
	case !e.Frozen.IsZero():
		return badge(v, "evaluation", "frozen")
	case e.Year != 0 && today(v).Compare(e.Appeals) <= 0:
		return badge(v, "evaluation", "appeals")
	}
	return badge(v, "evaluation", "draft")
}

// computing is an order, with the months of a trial as people write them.
type computing struct {
	compliance.Computing
	What  string       `json:"what"`
	First persian.Date `json:"first"`
	Last  persian.Date `json:"last"`
}

// compute orders an evaluation.
var compute = page.Form[computing]{
	Path: "/inspector/compute", Roles: inspectors, Key: "console.board.compute.",
	Above: func(v *page.Visit, _ *computing) *page.Link {
		return &page.Link{Path: "/board/evaluations", Text: v.T("console.board.evaluations.title")}
	},
	Begin: func(v *page.Visit, in *computing) error {
		if v.R.Method != "POST" {
			in.What, in.Year = "year", int64(today(v).Year)-1
		}
		return nil
	},
	Controls: func(v *page.Visit, _ *computing) ([]page.Control, error) {
		return []page.Control{
			{Name: "what", Kind: page.Choose1, Options: options(v, "console.board.compute.what.", "year", "trial")},
			{Name: "year", Kind: page.Digit, Optional: true, Max: 6},
			{Name: "first", Kind: page.Date, Optional: true},
			{Name: "last", Kind: page.Date, Optional: true},
		}, nil
	},
	Do: func(v *page.Visit, in *computing) (page.Done, error) {
		order := &in.Computing
		if in.What == "trial" {
			order.Year, order.From, order.Until = 0, in.First, in.Last
			order.From.Day, order.Until.Day = 0, 0
		}
		e, proven, err := v.Compliance.Compute(v.Context(), v.Journal, v.Actor(), order)
		if err != nil {
			return page.Done{}, page.Moved(page.Moved(err, "from", "first"), "until", "last")
		}
		return page.Done{Path: at("/board/evaluations/", e.ID), Code: proven.Code}, nil
	},
}

// freezing ends an evaluation of a version that was seen.
type freezing struct {
	compliance.Freezing
	Seen int64 `json:"seen"`
}

// freeze makes an evaluation final.
var freeze = page.Form[freezing]{
	Path: "/inspector/evaluations/{evaluation}/freeze", Roles: inspectors, Key: "console.board.freeze.", Danger: true,
	Begin: func(v *page.Visit, in *freezing) error {
		found, err := evaluationIn(v, &compliance.OfEvaluation{})
		if err == nil {
			in.ID, in.Seen = found.ID, found.Version
		}
		return err
	},
	Above: func(v *page.Visit, in *freezing) *page.Link {
		return &page.Link{Path: at("/board/evaluations/", in.ID), Text: v.T("console.board.evaluation.back")}
	},
	Controls: func(*page.Visit, *freezing) ([]page.Control, error) {
		return []page.Control{{Name: "note", Kind: page.LongText, Optional: true}, {Name: "seen", Kind: page.Carried}}, nil
	},
	Do: func(v *page.Visit, in *freezing) (page.Done, error) {
		found, err := evaluationIn(v, &compliance.OfEvaluation{})
		switch {
		case err != nil:
			return page.Done{}, err
		case found.Version != in.Seen:
			return page.Done{}, page.ErrChanged
		}
		e, proven, err := v.Compliance.Freeze(v.Context(), v.Journal, v.Actor(), &in.Freezing)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: at("/board/evaluations/", e.ID), Code: proven.Code}, nil
	},
}

// evaluationIn is the evaluation in the page's path, as far as in says.
func evaluationIn(v *page.Visit, in *compliance.OfEvaluation) (found *compliance.Found, err error) {
	if in.ID, err = v.Number("evaluation"); err != nil {
		return nil, err
	}
	found, err = v.Compliance.Find(v.Context(), v.Journal, v.Actor(), in)
	if fault.Is(err, fault.NotFound) {
		err = page.NotFound()
	}
	return found, err
}
