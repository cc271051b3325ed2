package board

import (
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

// trace shows the rows that the figures of one criterion were made of.
func trace(v *page.Visit) error {
	found, of, err := unitIn(v)
	if err != nil {
		return err
	}
	t, err := v.Compliance.Trace(v.Context(), v.Journal, v.Actor(), &compliance.Tracing{ID: found.ID, Agency: of, Criterion: v.R.PathValue("criterion")})
	if fault.Is(err, fault.Invalid) { // there is no such criterion
		err = page.NotFound()
	}
	if err != nil {
		return err
	}
	u := found.Units[0]
	s := page.Screen{
		Title: v.T("console.board.trace.title", v.T("evaluation.criterion."+t.Rule.Code)), Lead: v.T("console.board.trace.lead", u.Name),
		Above: &page.Link{Path: at("/board/evaluations/", found.ID) + "/agencies/" + of.String(), Text: u.Name},
		Blocks: []any{page.Facts{Title: v.T("console.board.trace.rule"), List: []page.Fact{
			fact(v, "way", v.T("console.board.way."+t.Rule.Way, v.Count(t.Rule.Per))), fact(v, "take", figuresOf(v, t.Rule.Take)), fact(v, "against", figuresOf(v, t.Rule.Of)),
			fact(v, "points", points(v, t.Scoring.Points)),
			{Label: v.T("console.board.fact.state"), Value: v.T("evaluation.state." + t.Scoring.State), Tone: tones[t.Scoring.State]},
		}}},
	}
	for i := range t.Figures {
		s.Blocks = append(s.Blocks, figureBlocks(v, &t.Figures[i])...)
	}
	return v.Show(s)
}

func figuresOf(v *page.Visit, names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = v.T("evaluation.figure." + name)
	}
	return list(v, all)
}

// mostTraced is how many rows of a figure a page shows.
const mostTraced = 100

// figureBlocks is one figure: as it was evaluated, as its rows sum up today, and
// the rows.
func figureBlocks(v *page.Visit, f *compliance.TracedFigure) (all []any) {
	value := v.T("evaluation.state.missing")
	if f.Value != nil {
		value = v.Count(*f.Value)
	}
	table := &page.Table{
		Title: v.Either(f.Fa, f.En), Note: v.T("console.board.trace.sum", value, v.Count(f.Sum)), Empty: v.T("console.board.trace.none"),
		Columns: heads(v, "agency", "kind", "row", "time", "*count"),
	}
	if f.Cut || len(f.Rows) > mostTraced {
		table.Note = v.T("console.board.trace.cut", value, v.Count(f.Sum), v.Count(mostTraced))
	}
	for i := range f.Rows[:min(mostTraced, len(f.Rows))] {
		r := &f.Rows[i]
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: v.AgencyName(r.Agency)},
			{Text: v.Known("console.board.noun.", r.Noun)},
			rowCell(v, r.Agency, &r.Row),
			{Text: v.Moment(r.At)},
			countCell(v, r.Count),
		}})
	}
	all = append(all, table)
	if f.Value != nil && *f.Value != f.Sum {
		all = append(all, page.Note{Tone: page.Info, Text: v.T("console.board.trace.differs")})
	}
	return all
}
