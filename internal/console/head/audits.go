package head

import (
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

func auditRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/head/audits", audits), get("/head/audits/{id}", auditPage)}, show.Routes(), protest.Routes())
}

// audits lists the inquiries whose dossiers are asked for.
func audits(v *page.Visit) error {
	view := v.R.URL.Query().Get("view")
	f := audit.Filter{After: v.Asked("after"), Limit: pageRows}
	switch view {
	case "shown":
		f.State = audit.Shown
	case "closed":
		f.State = audit.Closed
	default:
		view, f.State = "open", audit.Awaited
	}
	all, err := v.Audits.List(v.Context(), v.Actor(), &f)
	if err != nil {
		return err
	}
	t := &page.Table{
		Empty: v.T("console.head.audits.none." + view),
		Columns: page.Head(v.T("console.head.column.case"), v.T("console.head.column.inquiry"), v.T("console.head.column.asked.at"), v.T("console.head.column.officer"),
			v.T("console.head.column.source"), v.T("console.head.column.due")),
	}
	if view == "closed" {
		t.Columns[5].Title = v.T("console.head.column.outcome")
	}
	if view == "open" {
		slices.SortStableFunc(all, func(a, b audit.Case) int { return a.Deadline.Compare(b.Deadline) })
	}
	last := int64(0)
	for i := range all {
		c := &all[i]
		last = max(last, c.ID)
		end := dueCell(v, c.Deadline)
		switch view {
		case "shown":
			end = badge(v, "audit", c.State.String())
		case "closed":
			end = badge(v, "outcome", c.Outcome.String())
			if c.Appeal != 0 {
				end.Small = v.T("console.head.audit.appeal", v.T("console.head.state.appeal."+c.Appeal.String()))
			}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.head.audit.no", v.Count(c.ID)), Path: fmt.Sprintf("/head/audits/%d", c.ID)},
			{Code: string(c.Code), Small: service(v, c.Service)},
			{Text: v.ShortDay(persian.DateOf(c.Asked)), Number: true, Small: v.Hour(c.Asked)},
			{Text: officerName(v, c.Agency, c.Officer)},
			{Text: v.T("console.head.source." + c.Source)},
			end,
		}})
	}
	t.More = more(v, len(all), last)
	tabs := page.Tabs{}
	for _, one := range []string{"open", "shown", "closed"} {
		tabs = append(tabs, page.Link{Path: "/head/audits?view=" + one, Text: v.T("console.head.audits." + one), Current: one == view})
	}
	return v.Show(page.Screen{Title: v.T("console.head.audits.title"), Lead: v.T("console.head.audits.lead"), Blocks: []any{tabs, t}})
}
