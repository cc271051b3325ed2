package office

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/process"
)

// obstacles lists what stands in the way of giving up copies, at all bodies.
func obstacles(v *page.Visit) error {
	f := process.ObstacleFilter{After: v.Asked("after"), Limit: rowsAPage}
	switch state := v.R.URL.Query().Get("state"); state {
	case "", "removed":
		f.State = state
	case "open":
		f.State = state
	case "overdue":
		f.Overdue = true
	default:
		return page.NotFound()
	}
	all, err := v.Processes.ListObstacles(v.Context(), v.Actor(), &f)
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.obstacles.obstacle"), v.T("console.office.field.agency"), v.T("console.office.obstacles.owner"),
			v.T("console.office.obstacles.due"), v.T("console.office.obstacles.state"),
		),
		Empty: v.T("console.office.obstacles.none"),
	}
	for i := range all {
		o := &all[i]
		process := v.T("console.office.obstacles.whole")
		if p, found := v.Processes.Find(o.Agency, o.Process); found {
			process = p.Title
		}
		due := page.Cell{Text: v.Day(o.Due)}
		state := page.Cell{Text: v.T("console.office.obstacle_state." + o.State), Tone: page.Good}
		if o.State == "open" {
			due.Small, _ = days(v, o.Due)
			state.Tone = page.Warn
			if o.Overdue {
				state.Tone = page.Bad
			}
		}
		if o.Due != o.First {
			due.Small += " · " + v.T("console.office.obstacles.first", v.Day(o.First))
		}
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: o.Text, Small: process}, {Text: v.AgencyName(o.Agency), Path: "/office/agencies/" + o.Agency.String()}, {Text: o.Owner}, due, state,
		}})
	}
	if len(all) == rowsAPage {
		table.More = v.Next("after", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.obstacles.title"), Lead: v.T("console.office.obstacles.lead"),
		Blocks: []any{v.Tabs("/office/obstacles", "state", "console.office.obstacle_state.", "", "open", "overdue", "removed"), table},
	})
}
