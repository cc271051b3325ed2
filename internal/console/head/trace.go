package head

import (
	"fmt"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

// tracePage tells which rows the figures of a criterion were made of.
func tracePage(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	tr, err := v.Compliance.Trace(v.Context(), v.Journal, v.Actor(), &compliance.Tracing{ID: id, Agency: v.Asker.Agency.ID, Criterion: v.R.PathValue("criterion")})
	if err != nil {
		return err
	}
	blocks := []any{page.Facts{List: []page.Fact{
		stateFact(v, "console.head.column.state", "scoring", tr.Scoring.State), fact(v, "share", v.Percent(float64(tr.Scoring.Share)/10_000)),
		fact(v, "points", v.T("console.head.of", points(v, tr.Scoring.Points), v.Count(tr.Scoring.Weight))),
	}}}
	for _, figure := range tr.Figures {
		t := &page.Table{
			Title: v.Either(figure.Fa, figure.En), Note: v.T("console.head.trace.missing"), Empty: v.T("console.head.trace.none"),
			Columns: page.Head(v.T("console.head.column.noun"), v.T("console.head.column.id"), v.T("console.head.column.body"), v.T("console.head.column.at"), v.T("console.head.column.count")),
		}
		t.Columns[4].Number = true
		if figure.Value != nil {
			t.Note = v.T("console.head.trace.value", v.Count(*figure.Value), v.Count(figure.Sum))
		}
		if figure.Cut {
			t.Note += " " + v.T("console.head.trace.cut")
		}
		for _, r := range figure.Rows {
			name, small := v.RowName(r.Agency, &r.Row)
			t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
				{Text: v.T("console.head.noun." + r.Noun)}, {Text: name, Small: small}, {Text: v.AgencyName(r.Agency)}, {Text: v.ShortDay(persian.DateOf(r.At)), Number: true}, {Text: v.Count(r.Count)},
			}})
		}
		blocks = append(blocks, t)
	}
	return v.Show(page.Screen{
		Title: v.T("evaluation.criterion." + tr.Rule.Code), Lead: v.T("console.head.trace.lead"), Blocks: blocks,
		Above: &page.Link{Path: fmt.Sprintf("/head/evaluations/%d", id), Text: v.T("console.head.evaluation.back")},
	})
}
