package head

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/persian"
)

// doubts lists what the agency's people doubted of what they were told, and
// what the registry answered. What they believe is not listed here: the one who
// reported it knows, and the head need not.
func doubts(v *page.Visit) error {
	all, err := v.Cases.Reports(v.Context(), v.Journal, v.Actor(), &discrepancy.ReportFilter{After: after(v), Limit: pageRows})
	if err != nil {
		return err
	}
	t := &page.Table{
		Empty: v.T("console.head.doubts.none"),
		Columns: page.Head(v.T("console.head.column.inquiry"), v.T("console.head.column.field"), v.T("console.head.column.officer"), v.T("console.head.column.state"),
			v.T("console.head.column.answer")),
	}
	last := int64(0)
	for i := range all {
		d := &all[i]
		last = max(last, d.ID)
		state := dueCell(v, d.Deadline)
		if d.Closed {
			state = page.Cell{Text: v.T("console.head.doubts.closed"), Tone: page.Good}
			if d.Outcome != 0 {
				state.Text = v.T("console.head.doubts.outcome." + d.Outcome.String())
			}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Code: string(d.Code), Small: shortDay(v, persian.DateOf(d.Made))},
			{Text: v.T("agreement.item." + d.Field)},
			{Text: officerName(v, v.Asker.Agency.ID, d.Officer)},
			state,
			{Text: orDash(d.Answer), Small: answeredOn(v, d)},
		}})
	}
	slices.Reverse(t.Rows)
	t.More = more(v, len(all), last)
	return v.Show(page.Screen{Title: v.T("console.head.doubts.title"), Lead: v.T("console.head.doubts.lead"), Blocks: []any{t}})
}

func answeredOn(v *page.Visit, d *discrepancy.Reported) string {
	if d.Answered.IsZero() {
		return ""
	}
	return shortDay(v, persian.DateOf(d.Answered))
}
