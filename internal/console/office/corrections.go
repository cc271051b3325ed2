package office

import (
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
)

// corrections lists which agencies have not said yet that they put right what
// they had been told wrongly. It names no person.
func corrections(v *page.Visit) error {
	all, err := v.Feeds.Unacknowledged(v.Context(), v.Actor(), &feed.Page{After: v.Asked("after"), Limit: rowsAPage})
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.corrections.correction"), v.T("console.office.field.agency"), v.T("console.office.corrections.items"),
			v.T("console.office.corrections.answers"), v.T("console.office.corrections.made"), v.T("console.office.corrections.days"),
		),
		Empty: v.T("console.office.corrections.none"),
	}
	slow, bodies := int64(0), map[ids.LegalID]float64{}
	for i := range all {
		c := &all[i]
		items := make([]string, len(c.Items))
		for k, item := range c.Items {
			items[k] = field(v, item)
		}
		waits := page.Cell{Text: v.T("console.office.days.count", v.Count(int64(c.Days))), Tone: page.Warn}
		if c.Days == 0 {
			waits.Text = v.T("console.office.days.fresh")
		}
		if c.Days > 10 {
			waits.Tone = page.Bad
			slow++
		}
		bodies[c.Agency]++
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: v.No(c.ID)},
			{Text: v.AgencyName(c.Agency), Path: "/office/agencies/" + c.Agency.String()},
			{Text: strings.Join(items, " · ")},
			{Text: v.Count(int64(c.Answers))},
			{Text: v.Moment(c.Made)},
			waits,
		}})
	}
	if len(all) == rowsAPage {
		table.More = v.Next("after", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.corrections.title"), Lead: v.T("console.office.corrections.lead"),
		Blocks: []any{
			page.Tiles{
				{Label: v.T("console.office.corrections.waiting"), Value: v.Count(int64(len(all))), Tone: page.Warn},
				{Label: v.T("console.office.corrections.bodies"), Value: v.Count(int64(len(bodies)))},
				{Label: v.T("console.office.corrections.slow"), Value: v.Count(slow), Tone: page.Bad},
			},
			table,
		},
	})
}
