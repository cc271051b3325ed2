package public

import (
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/console/page"
)

// corrections lists who had been told a wrong value of the person, and was told
// so.
func corrections(v *page.Visit, who *citizen.Who) error {
	all, _, err := v.Citizens.Corrections(v.Context(), v.Journal, who)
	if err != nil {
		return err
	}
	const key = "console.public.me."
	w := words{v, all.Words}
	t := page.Table{
		Title: v.T(key + "corrections"), Empty: v.T(key + "corrections.none"),
		Columns: page.Head(v.T(key+"when"), v.T(key+"corrections.agency"), v.T(key+"corrections.fields"), v.T(key+"corrections.state"), v.T("console.code")),
	}
	for _, n := range all.Corrections {
		state := page.Cell{Text: v.T(key + "corrections.told"), Tone: page.Warn}
		if !n.Acknowledged.IsZero() {
			state = page.Cell{Text: v.T(key + "corrections.done"), Tone: page.Good, Small: v.Moment(n.Acknowledged)}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Moment(n.Time)}, {Text: n.Agency.Name, Small: v.T(key+"corrections.answers", v.Count(n.Answers))},
			{Text: w.fields(n.Fields)}, state, {Code: string(n.Code)},
		}})
	}
	return v.Show(page.Screen{Title: v.T(key + "corrections"), Lead: v.T(key + "corrections.lead"), Blocks: []any{meTabs(v), t}})
}
