package head

import (
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

func evaluationRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/head/evaluations", evaluations),
		get("/head/evaluations/{id}", evaluationPage),
		get("/head/evaluations/{id}/paper", evaluationPaper),
		get("/head/evaluations/{id}/trace/{criterion}", tracePage),
	}, appeal.Routes())
}

// mostEvaluations is how many are drawn; there is one a year.
const mostEvaluations = 12

// evaluations lists the annual evaluations with the agency's own points.
func evaluations(v *page.Visit) error {
	all, err := v.Compliance.Evaluations(v.Context(), v.Actor(), &compliance.Listing{Limit: mostEvaluations})
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.head.evaluations.list"), Empty: v.T("console.head.evaluations.none"),
		Columns: page.Head(v.T("console.head.column.evaluation"), v.T("console.head.column.state"), v.T("console.head.column.points"), v.T("console.head.column.rank"), v.T("console.head.column.median"), v.T("console.head.column.appeals")),
	}
	t.Columns[2].Number, t.Columns[3].Number, t.Columns[4].Number = true, true, true
	chart := page.Chart{
		Title: v.T("console.head.evaluations.chart"), Label: v.T("console.head.column.evaluation"), Kind: page.Curve, Format: func(f float64) string { return v.Decimal(f, 1) },
		Series: []string{v.T("console.head.evaluation.own"), v.T("console.head.evaluation.median")},
	}
	for i := range all {
		e := &all[i]
		u, err := unitOf(v, e.ID)
		if err != nil {
			return err
		}
		cells := []page.Cell{{Text: evaluationName(v, e), Path: fmt.Sprintf("/head/evaluations/%d", e.ID), Small: yearNote(v, e)}, evaluationState(v, e)}
		if u == nil {
			cells = append(cells, page.Cell{Text: "–"}, page.Cell{Text: "–"}, page.Cell{Text: "–"})
		} else {
			cells = append(cells, page.Cell{Text: points(v, u.Whole.Points)}, page.Cell{Text: rank(v, u)}, page.Cell{Text: points(v, u.Median)})
			chart.Points = append(chart.Points, page.Point{Label: evaluationName(v, e), Values: []float64{float64(u.Whole.Points) / 100, float64(u.Median) / 100}})
		}
		t.Rows = append(t.Rows, page.Row{Cells: append(cells, appealsUntil(v, e))})
	}
	slices.Reverse(chart.Points)
	blocks := []any{}
	if len(chart.Points) > 0 {
		blocks = append(blocks, v.Chart(chart))
	}
	return v.Show(page.Screen{Title: v.T("console.head.evaluations.title"), Lead: v.T("console.head.evaluations.lead"), Blocks: append(blocks, t)})
}

// unitOf is the agency's part of an evaluation; nil if it has none.
func unitOf(v *page.Visit, id int64) (*compliance.Unit, error) {
	f, err := v.Compliance.Find(v.Context(), v.Journal, v.Actor(), &compliance.OfEvaluation{ID: id})
	if err != nil {
		return nil, err
	}
	return ownUnit(v, f), nil
}

func ownUnit(v *page.Visit, f *compliance.Found) *compliance.Unit {
	for _, u := range f.Units {
		if u.ID == v.Asker.Agency.ID.String() {
			return u
		}
	}
	return nil
}

func evaluationName(v *page.Visit, e *compliance.Evaluation) string {
	if e.Year == 0 {
		return v.T("console.head.evaluation.trial", v.Month(e.From), v.Month(e.Until))
	}
	return v.T("console.head.evaluation.year", v.Digits(fmt.Sprint(e.Year)))
}

func yearNote(v *page.Visit, e *compliance.Evaluation) string {
	if e.Year == 0 {
		return v.T("console.head.evaluation.trial.note")
	}
	return ""
}

func evaluationState(v *page.Visit, e *compliance.Evaluation) page.Cell {
	switch {
	case e.Year == 0:
		return page.Cell{Text: v.T("console.head.evaluation.trying")}
	case e.Frozen.IsZero():
		return page.Cell{Text: v.T("console.head.evaluation.open"), Tone: page.Info}
	}
	return page.Cell{Text: v.T("console.head.evaluation.frozen"), Tone: page.Good, Small: v.ShortDay(persian.DateOf(e.Frozen))}
}

// appealable reports whether there is still time to appeal; the act decides.
func appealable(v *page.Visit, e *compliance.Evaluation) bool {
	return e.Year != 0 && e.Frozen.IsZero() && e.Appeals.Compare(persian.DateOf(v.Clock())) >= 0
}

func appealsUntil(v *page.Visit, e *compliance.Evaluation) page.Cell {
	if !appealable(v, e) {
		return page.Cell{Text: "–"}
	}
	return dueCell(v, e.Appeals)
}

func points(v *page.Visit, p compliance.Points) string { return v.Decimal(float64(p)/100, 1) }

func rank(v *page.Visit, u *compliance.Unit) string {
	if u.Rank == 0 {
		return "–"
	}
	return v.T("console.head.of", v.Count(int64(u.Rank)), v.Count(int64(u.RankOf)))
}
