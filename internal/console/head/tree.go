package head

import (
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/process"
)

// tree shows the bodies below the agency and how far each has come.
func tree(v *page.Visit) error {
	bodies, err := v.Agencies.Tree(v.Actor(), &agency.One{})
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.head.tree.list"), Empty: v.T("console.head.tree.none"),
		Columns: page.Head(v.T("console.head.column.body"), v.T("console.head.column.province"), v.T("console.head.accountable"),
			v.T("console.head.column.agreement"), v.T("console.head.column.online"), v.T("console.head.column.state")),
	}
	var meters page.Meters
	joined, n := 0, 0
	for i := range bodies {
		b := &bodies[i]
		if b.Depth > 0 {
			if n++; b.Accountable != "" {
				joined++
			}
		}
		online, all := onlineOf(v.Processes.Of(b.ID))
		share := page.Cell{Text: v.T("console.head.tree.uncatalogued")}
		if all > 0 {
			share = page.Cell{Text: v.T("console.head.of", v.Count(int64(online)), v.Count(int64(all)))}
			meters.Lines = append(meters.Lines, page.Progress{Label: b.Name, Share: float64(online) / float64(all), Text: v.Percent(float64(online) / float64(all))})
		}
		accountable := page.Cell{Text: v.T("console.head.tree.nobody"), Tone: page.Warn}
		if b.Accountable != "" {
			accountable = page.Cell{Text: v.T("console.head.tree.joined"), Tone: page.Good}
		}
		permit := page.Cell{Text: v.T("console.no")}
		if _, ok := v.Agreements.InForce(b.ID, v.Clock()); ok {
			permit = page.Cell{Text: v.T("console.head.state.agreement.in_force"), Tone: page.Good}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: strings.Repeat("\u2003", b.Depth) + b.Name, Small: v.Digits(b.ID.String())},
			{Text: page.OrDash(b.Province)},
			accountable, permit, share, badge(v, "body", b.State),
		}})
	}
	meters.Title, meters.Empty = v.T("console.head.tree.online"), v.T("console.head.tree.online.none")
	blocks := []any{page.Note{Tone: page.Info, Text: v.T("console.head.tree.registry")}, t}
	if n > 0 {
		blocks = append([]any{page.Tiles{
			{Label: v.T("console.head.tree.bodies"), Value: v.Count(int64(n))},
			{Label: v.T("console.head.tree.joined"), Value: v.Count(int64(joined)), Note: v.T("console.head.tree.joined.note"), Tone: toneOf(joined == n)},
		}}, append(blocks, meters)...)
	}
	return v.Show(page.Screen{Title: v.T("console.head.tree.title"), Lead: v.T("console.head.tree.lead"), Blocks: blocks})
}

// onlineOf counts the processes that are asked online, of those in use.
func onlineOf(all []*process.Process) (online, n int) {
	for _, p := range all {
		if p.Ended {
			continue
		}
		if n++; p.State == process.Online {
			online++
		}
	}
	return online, n
}

func toneOf(good bool) string {
	if good {
		return page.Good
	}
	return page.Warn
}
