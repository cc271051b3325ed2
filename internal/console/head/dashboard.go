package head

import (
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

// mostWaits is how many lines the first page has of what waits; each kind has
// a page of its own with all of them.
const mostWaits = 12

// dashboard is the first page: what waits, and how the agency stands.
func dashboard(v *page.Visit) error {
	duties, err := v.Compliance.List(v.Context(), v.Actor(), &compliance.Filter{Agency: v.Asker.Agency.ID})
	if err != nil {
		return err
	}
	waiting, err := waits(v, duties)
	if err != nil {
		return err
	}
	a, err := monthsBack(v, 2)
	if err != nil {
		return err
	}
	days, err := dayChart(v)
	if err != nil {
		return err
	}
	ends, err := endings(v)
	if err != nil {
		return err
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.desk.title"), Lead: v.Today(),
		Blocks: []any{
			signer(v), tiles(v, a, duties, waiting), waitTable(v, waiting),
			page.Pair{Main: []any{days}, Side: []any{coverage(v, duties)}},
			ends,
		},
	})
}

func tiles(v *page.Visit, a *asked, duties []compliance.Standing, waiting []wait) page.Tiles {
	today := persian.DateOf(v.Clock())
	late := int64(0)
	for i := range waiting {
		if d := waiting[i].due; d.Precise() && d.Compare(today) < 0 {
			late++
		}
	}
	this, before := a.months[1], a.months[0]
	sum := func(m persian.Date) int64 { return a.answered[m] + a.notFound[m] + a.refused[m] }
	online, n := onlineOf(v.Processes.Of(v.Asker.Agency.ID))
	removal := page.Tile{Label: v.T("console.head.desk.online"), Value: "–", Note: v.T("console.head.tree.uncatalogued"), Path: "/head/processes", Tone: page.Warn}
	if n > 0 {
		removal.Value, removal.Tone = v.Percent(float64(online)/float64(n)), toneOf(online == n)
		removal.Note = v.T("console.head.desk.online.note", v.Count(int64(online)), v.Count(int64(n)))
	}
	accepted := 0
	for i := range duties {
		if duties[i].State == compliance.Accepted {
			accepted++
		}
	}
	wait := page.Tile{Label: v.T("console.head.desk.waits"), Value: v.Count(int64(len(waiting))), Note: v.T("console.head.desk.waits.none"), Tone: page.Good}
	switch {
	case late > 0:
		wait.Note, wait.Tone = v.T("console.head.desk.waits.late", v.Count(late)), page.Bad
	case len(waiting) > 0:
		wait.Note, wait.Tone = v.T("console.head.desk.waits.note"), page.Warn
	}
	return page.Tiles{
		wait,
		{Label: v.T("console.head.desk.asked"), Value: v.Count(sum(this)), Note: v.T("console.head.desk.asked.note", v.Count(sum(before))), Path: "/head/usage", Tone: page.Good},
		removal,
		{Label: v.T("console.head.desk.duties"), Value: v.T("console.head.of", v.Count(int64(accepted)), v.Count(int64(len(duties)))), Note: v.T("console.head.desk.duties.note"), Path: "/head/compliance", Tone: toneOf(accepted == len(duties))},
	}
}

func waitTable(v *page.Visit, all []wait) *page.Table {
	t := &page.Table{
		Title: v.T("console.head.desk.waits"), Empty: v.T("console.head.desk.waits.empty"),
		Columns: page.Head(v.T("console.head.column.todo"), v.T("console.head.column.about"), v.T("console.head.column.due")),
	}
	for i := range all[:min(len(all), mostWaits)] {
		w := &all[i]
		due := page.Cell{Text: v.T("console.head.wait.undated")}
		if w.due.Precise() {
			due = dueCell(v, w.due)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: v.T("console.head.wait." + w.kind), Path: w.path}, {Text: w.text, Small: w.small}, due}})
	}
	if rest := len(all) - mostWaits; rest > 0 {
		t.Note = v.T("console.head.desk.waits.rest", v.Count(int64(rest)))
	}
	return t
}

// coverage is what of the law's shares has been counted, and copies that are
// gone, by bars.
func coverage(v *page.Visit, duties []compliance.Standing) page.Meters {
	m := page.Meters{Title: v.T("console.head.desk.coverage"), Empty: v.T("console.head.desk.coverage.none")}
	if online, n := onlineOf(v.Processes.Of(v.Asker.Agency.ID)); n > 0 {
		share := float64(online) / float64(n)
		m.Lines = append(m.Lines, page.Progress{Label: v.T("console.head.desk.online"), Share: share, Text: v.Percent(share)})
	}
	for i := range duties {
		if c := duties[i].Counted; c != nil && c.Share != nil {
			m.Lines = append(m.Lines, page.Progress{Label: v.T("console.head.duty." + duties[i].Clause), Share: *c.Share, Text: v.Percent(*c.Share)})
		}
	}
	return m
}
