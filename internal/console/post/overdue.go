package post

import (
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

// overdue lists the municipalities that are behind with their reports.
func overdue(v *page.Visit) error {
	all, err := late(v)
	if err != nil {
		return err
	}
	t := &page.Table{Title: v.T("console.post.overdue.list"), Empty: v.T("console.post.overdue.none"), Columns: []page.Column{
		{Title: v.T("console.post.report.from")}, {Title: v.T("console.post.overdue.months")}, {Title: v.T("console.post.overdue.count"), Number: true}, {Title: v.T("console.post.overdue.since")},
	}}
	by := map[persian.Date]int{}
	for _, o := range all {
		var months []string
		for _, m := range o.Months {
			months = append(months, v.Month(m))
			by[m]++
		}
		t.Rows = append(t.Rows, page.Row{Tone: page.Warn, Cells: []page.Cell{
			{Text: o.Name}, {Text: strings.Join(months, v.T("console.post.comma")+" ")}, {Text: v.Count(int64(len(o.Months))), Number: true}, {Text: v.Day(o.Due[0])},
		}})
	}
	s := page.Screen{Title: v.T("console.post.overdue.title"), Lead: v.T("console.post.overdue.lead"), Blocks: []any{t}}
	if len(by) > 0 {
		c := page.Chart{Title: v.T("console.post.overdue.chart"), Kind: page.Columns, Label: v.T("console.post.report.month"), Series: []string{v.T("console.post.overdue.towns")}}
		today := persian.DateOf(v.Clock())
		for m := (persian.Date{Year: today.Year, Month: 1}); m.Pack() < today.Pack(); m = m.AddMonths(1) {
			c.Points = append(c.Points, page.Point{Label: v.T("console.month." + itoa(int64(m.Month))), Values: []float64{float64(by[m])}})
		}
		s.Blocks = append(s.Blocks, v.Chart(c))
	}
	return v.Show(s)
}
