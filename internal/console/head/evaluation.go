package head

import (
	"bytes"
	"fmt"
	"math"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

// evaluationPage shows what the agency has earned, criterion by criterion.
func evaluationPage(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	f, err := v.Compliance.Find(v.Context(), v.Journal, v.Actor(), &compliance.OfEvaluation{ID: id})
	if err != nil {
		return err
	}
	u := ownUnit(v, f)
	if u == nil {
		return page.NotFound()
	}
	at := fmt.Sprintf("/head/evaluations/%d", id)
	s := page.Screen{
		Title: evaluationName(v, &f.Evaluation), Above: above(v, "/head/evaluations", "evaluations"), Lead: yearNote(v, &f.Evaluation),
		Buttons: []page.Button{{Path: at + "/paper", Text: v.T("console.head.paper"), Icon: "down", Ghost: true}},
		Blocks: []any{
			page.Tiles{
				{Label: v.T("console.head.column.points"), Value: points(v, u.Whole.Points), Note: v.T("console.head.evaluation.of", v.Count(100)), Tone: page.Good},
				{Label: v.T("console.head.column.rank"), Value: rank(v, u), Note: v.T("console.head.evaluation.class")},
				{Label: v.T("console.head.column.median"), Value: points(v, u.Median)},
				{Label: v.T("console.head.column.state"), Value: evaluationState(v, &f.Evaluation).Text, Note: v.Day(persian.DateOf(f.Made)), Words: true},
			},
			criteria(v, u, at), v.Chart(criteriaChart(v, u)), belowTable(v, f, u), appealTable(v, f),
		},
	}
	if appealable(v, &f.Evaluation) {
		s.Buttons = append(s.Buttons, page.Button{Path: at + "/appeal", Text: v.T("console.head.evaluation.appeal"), Icon: "pen"})
	}
	return v.Show(s)
}

func criteria(v *page.Visit, u *compliance.Unit, at string) *page.Table {
	t := &page.Table{
		Title: v.T("console.head.evaluation.criteria"), Note: v.T("console.head.evaluation.criteria.note"),
		Columns: page.Head(v.T("console.head.column.criterion"), v.T("console.head.column.state"), v.T("console.head.column.share"), v.T("console.head.column.weight"), v.T("console.head.column.points")),
	}
	t.Columns[2].Number, t.Columns[3].Number, t.Columns[4].Number = true, true, true
	for _, c := range u.Whole.Criteria {
		share := page.Cell{Text: "–"}
		if c.State == compliance.Scored {
			share.Text = v.Percent(float64(c.Share) / 10_000)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("evaluation.criterion." + c.Criterion), Path: at + "/trace/" + c.Criterion, Small: v.T("console.head.evaluation.trace")},
			badge(v, "scoring", c.State), share,
			{Text: v.Count(c.Weight)},
			{Text: points(v, c.Points)},
		}})
	}
	return t
}

func criteriaChart(v *page.Visit, u *compliance.Unit) page.Chart {
	c := page.Chart{
		Title: v.T("console.head.evaluation.chart"), Label: v.T("console.head.column.criterion"), Series: []string{v.T("evaluation.report.earned"), v.T("evaluation.report.lost")},
		Format: func(f float64) string { return v.Decimal(f, 1) },
	}
	for i, s := range u.Whole.Criteria {
		earned := float64(s.Points) / 100
		c.Points = append(c.Points, page.Point{Label: v.Count(int64(i + 1)), Values: []float64{earned, math.Max(float64(s.Weight)-earned, 0)}})
	}
	return c
}

// belowTable lists the bodies below the agency, whose figures are its own too;
// nil if there are none.
func belowTable(v *page.Visit, f *compliance.Found, own *compliance.Unit) *page.Table {
	t := &page.Table{
		Title: v.T("console.head.evaluation.below"), Note: v.T("console.head.evaluation.below.note"),
		Columns: page.Head(v.T("console.head.column.body"), v.T("console.head.column.province"), v.T("console.head.column.points"), v.T("console.head.column.rank")),
	}
	t.Columns[2].Number, t.Columns[3].Number = true, true
	for _, u := range f.Units {
		if u.ID != own.ID {
			t.Rows = append(t.Rows, page.Cells(u.Name, page.OrDash(u.Province), points(v, u.Whole.Points), rank(v, u)))
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

func appealTable(v *page.Visit, f *compliance.Found) *page.Table {
	t := &page.Table{
		Title: v.T("console.head.evaluation.appeals"), Empty: v.T("console.head.evaluation.appeals.none"),
		Columns: page.Head(v.T("console.head.column.criterion"), v.T("console.head.column.grounds"), v.T("console.head.column.at"), v.T("console.head.column.outcome")),
	}
	for _, a := range f.Open {
		outcome := badge(v, "appeal", a.Outcome.String())
		outcome.Small = a.Reason
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("evaluation.criterion." + a.Criterion), Small: v.AgencyName(a.Agency)}, {Text: a.Grounds, Small: a.Document}, {Text: v.ShortDay(persian.DateOf(a.At)), Number: true}, outcome,
		}})
	}
	return t
}

func evaluationPaper(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	in := &compliance.PaperOf{ID: id, Agency: v.Asker.Agency.ID, Lang: v.Lang, Format: "pdf"}
	if err := v.Compliance.WritePaper(v.Context(), v.Journal, v.Actor(), in, &b); err != nil {
		return err
	}
	return v.Send("application/pdf", fmt.Sprintf("evaluation-%d.pdf", id), b.Bytes())
}
