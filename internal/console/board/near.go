package board

import (
	"cmp"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/persian"
)

// nearTable lists the deadlines that somebody has missed or soon may miss.
func nearTable(v *page.Visit, clocks []deadline.Clock) *page.Table {
	t := &page.Table{
		Title: v.T("console.board.dashboard.near"), Empty: v.T("console.board.dashboard.near.none"),
		Columns: heads(v, "duty", "state", "due", "*late", "*running"),
	}
	all := slices.DeleteFunc(slices.Clone(clocks), func(c deadline.Clock) bool { return c.State != deadline.Late && c.State != deadline.Running })
	slices.SortStableFunc(all, func(a, b deadline.Clock) int {
		return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(nearest(&a).Pack(), nearest(&b).Pack()))
	})
	for _, c := range all[:min(8, len(all))] {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Either(c.Fa, c.En), Path: "/board/deadlines/" + c.Name},
			badge(v, "deadline", c.State), dueCell(v, nearest(&c)),
			countCell(v, int64(c.Late)), countCell(v, int64(c.Running)),
		}})
	}
	return t
}

// nearest is the last day of a clock, or the first one of those whom it
// concerns that have not met it.
func nearest(c *deadline.Clock) persian.Date {
	due := c.Due
	for _, l := range c.Lines {
		if l.State == deadline.Running || l.State == deadline.Late {
			if due.IsZero() || !l.Due.IsZero() && l.Due.Compare(due) < 0 {
				due = l.Due
			}
		}
	}
	return due
}

// dueCell is a last day with what is left of it.
func dueCell(v *page.Visit, due persian.Date) page.Cell {
	text, tone := v.Left(due, soon)
	if tone == page.Plain {
		return page.Cell{Text: v.ShortDay(due), Number: due.Precise(), Small: text}
	}
	return page.Cell{Text: text, Tone: tone, Small: v.ShortDay(due)}
}
