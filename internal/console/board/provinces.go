package board

import (
	"cmp"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/process"
)

// provinces tells how far the bodies of each province have come, and the waves
// of the roll-out.
func provinces(v *page.Visit) error {
	all := byProvince(v)
	var sum reach
	table := &page.Table{
		Title: v.T("console.board.provinces.table"), Empty: v.T("console.board.provinces.none"),
		Columns: heads(v, "province", "*bodies", "*joined", "*agreements", "*processes", "*online", "*exceptions", "*share"),
	}
	for i := range all {
		r := &all[i]
		sum.bodies, sum.joined, sum.agreements = sum.bodies+r.bodies, sum.joined+r.joined, sum.agreements+r.agreements
		sum.processes, sum.online, sum.exceptions = sum.processes+r.processes, sum.online+r.online, sum.exceptions+r.exceptions
		if r.bodies == 0 {
			continue
		}
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: r.name}, countCell(v, r.bodies), countCell(v, r.joined), countCell(v, r.agreements), countCell(v, r.processes),
			countCell(v, r.online), countCell(v, r.exceptions), {Text: share(v, r.online, r.processes), Number: true},
		}})
	}
	const key = "console.board.provinces.tile."
	tiles := page.Tiles{
		{Label: v.T(key + "bodies"), Value: v.Count(sum.bodies), Note: v.T(key+"bodies.note", v.Count(sum.joined))},
		{Label: v.T(key + "agreements"), Value: v.Count(sum.agreements), Note: v.T(key + "agreements.note")},
		{Label: v.T(key + "online"), Value: v.Count(sum.online), Note: v.T(key+"online.note", v.Count(sum.processes))},
		{Label: v.T(key + "share"), Value: share(v, sum.online, sum.processes), Note: v.T(key+"share.note", v.Count(sum.exceptions))},
	}
	waves, err := waveTable(v)
	if err != nil {
		return err
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.provinces.title"), Lead: v.T("console.board.provinces.lead"),
		Blocks: []any{tiles, provinceChart(v, all), table, waves},
	})
}

func provinceChart(v *page.Visit, all []reach) *page.Chart {
	c := page.Chart{
		Title: v.T("console.board.provinces.chart"), Kind: page.Weights, Label: v.T("console.board.column.province"),
		Series: []string{v.T("console.board.column.share")}, Format: func(f float64) string { return v.Percent(f / 100) },
	}
	some := slices.DeleteFunc(slices.Clone(all), func(r reach) bool { return r.processes == 0 })
	slices.SortStableFunc(some, func(a, b reach) int { return cmp.Compare(b.share(), a.share()) })
	for _, r := range some {
		c.Points = append(c.Points, page.Point{Label: r.name, Values: []float64{100 * r.share()}})
	}
	if len(c.Points) == 0 {
		return nil
	}
	return v.Chart(c)
}

func waveTable(v *page.Visit) (*page.Table, error) {
	waves, err := v.Processes.ListWaves(v.Actor())
	t := &page.Table{
		Title: v.T("console.board.waves.title"), Note: v.T("console.board.waves.note"), Empty: v.T("console.board.waves.none"),
		Columns: heads(v, "wave", "provinces", "from", "until", "*bodies", "*joined", "*online", "*processes"),
	}
	for _, w := range waves {
		p, err := v.Processes.Progress(v.Actor(), &process.WaveOf{ID: w.ID})
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: w.Name}, {Text: list(v, w.Provinces)}, dayCell(v, w.From), dayCell(v, w.Until), countCell(v, int64(p.Total.Bodies)),
			countCell(v, int64(p.Total.Joined)), countCell(v, int64(p.Total.Online)), countCell(v, int64(p.Total.Processes)),
		}})
	}
	return t, err
}
