package head

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/persian"
)

// deliveries shows how the agency's lists stand at the registry.
func deliveries(v *page.Visit) error {
	all, err := v.Deliveries.List(v.Context(), v.Actor(), &delivery.Filter{After: after(v), Limit: pageRows})
	if err != nil {
		return err
	}
	t := &page.Table{
		Empty: v.T("console.head.deliveries.none"),
		Columns: page.Head(v.T("console.head.column.delivery"), v.T("console.head.column.state"), v.T("console.head.column.fields"), v.T("console.head.column.rows"),
			v.T("console.head.column.requested"), v.T("console.head.column.due")),
	}
	t.Columns[3].Number = true
	last := int64(0)
	for i := range all {
		d := &all[i]
		last = d.ID
		state := badge(v, "delivery", d.State.String())
		switch {
		case d.Note != "":
			state.Small = d.Note
		case d.State == delivery.Running && d.Total > 0:
			state.Small = v.Percent(float64(d.Done) / float64(d.Total))
		}
		rows := page.Cell{Text: "–"}
		if d.Rows > 0 {
			rows = page.Cell{Text: v.Count(d.Rows), Small: v.T("console.head.deliveries.answered", v.Count(d.Answered))}
		}
		due := page.Cell{Text: "–"}
		switch {
		case !d.Delivered.IsZero():
			due = page.Cell{Text: v.T("console.head.deliveries.delivered", shortDay(v, persian.DateOf(d.Delivered)))}
		case !d.Due.IsZero():
			due = dueCell(v, d.Due)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.head.delivery.no", v.Count(d.ID)), Small: v.T("console.head.method." + d.Method)},
			state,
			{Text: words(v, "agreement.item.", d.Fields)},
			rows,
			{Text: shortDay(v, persian.DateOf(d.Requested)), Number: true, Small: officerName(v, d.Agency, d.Officer)},
			due,
		}})
	}
	t.More = more(v, len(all), last)
	return v.Show(page.Screen{
		Title: v.T("console.head.deliveries.title"), Lead: v.T("console.head.deliveries.lead"),
		Blocks: []any{page.Note{Tone: page.Info, Text: v.T("console.head.deliveries.program", strconv.Itoa(6))}, t},
	})
}
