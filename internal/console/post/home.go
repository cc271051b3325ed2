package post

import (
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
)

// home is what waits, and how far the plates are.
func home(v *page.Visit) error {
	in := &place.Counting{Within: area(v)}
	table, err := v.Places.Progress(v.Context(), v.Actor(), in)
	if err != nil {
		return err
	}
	waiting, err := v.Places.Reports(v.Context(), v.Actor(), &place.Listing{Waiting: true, Limit: 500})
	if err != nil {
		return err
	}
	late, err := late(v)
	if err != nil {
		return err
	}
	var sum place.Progress
	for _, p := range table.Rows {
		sum.Places += p.Places
		sum.Without += p.Without
		sum.Ordered += p.Ordered
		sum.Installed += p.Installed
		sum.Missing += p.Missing + p.Damaged
	}
	months := 0
	for _, o := range late {
		months += len(o.Months)
	}
	s := page.Screen{Title: v.T("console.post.home.title"), Lead: v.Today(), Blocks: []any{
		page.Tiles{
			{Label: v.T("console.post.home.places"), Value: v.Count(sum.Places), Note: v.T("console.post.home.without", v.Count(sum.Without)), Path: base(v) + "/progress"},
			{Label: v.T("console.post.home.installed"), Value: v.Percent(share(&sum)), Note: v.T("console.post.home.plates", v.Count(sum.Installed), v.Count(sum.Ordered)), Tone: page.Good, Path: base(v) + "/plates"},
			{Label: v.T("console.post.home.missing"), Value: v.Count(sum.Missing), Tone: tone(int(sum.Missing)), Path: base(v) + "/plates?state=missing"},
			overdueTile(v, len(late), months),
		},
	}}
	if !isPost(v) {
		s.Buttons = []page.Button{{Path: base(v) + "/reports/new", Text: v.T("console.post.menu.submit"), Icon: "plus"}}
		s.Blocks = append(s.Blocks, months12(v, late))
	} else {
		s.Buttons = []page.Button{{Path: base(v) + "/assign", Text: v.T("console.post.menu.assign"), Icon: "plus"}}
	}
	s.Blocks = append(s.Blocks, page.Pair{
		Main: []any{plateChart(v, table.Rows)},
		Side: []any{plateMeters(v, v.T("console.post.progress.meters"), table.Rows)},
	}, reportTable(v, v.T("console.post.home.reports"), waiting.Reports[:min(len(waiting.Reports), 8)]))
	return v.Show(s)
}

// share is how many of the plates on record are up.
func share(p *place.Progress) float64 {
	all := p.Ordered + p.Installed + p.Missing + p.Damaged
	if all == 0 {
		return 0
	}
	return float64(p.Installed) / float64(all)
}

func overdueTile(v *page.Visit, towns, months int) page.Tile {
	t := page.Tile{Label: v.T("console.post.home.overdue"), Value: v.Count(int64(months)), Tone: tone(months), Path: base(v) + "/reports"}
	if isPost(v) {
		t.Note, t.Path = v.T("console.post.home.towns", v.Count(int64(towns))), "/post/overdue"
	}
	return t
}

// months12 tells a municipality which months it has still to report.
func months12(v *page.Visit, late []place.Overdue) any {
	if len(late) == 0 {
		return page.Note{Tone: page.Good, Text: v.T("console.post.home.in_time")}
	}
	n := page.Note{Tone: page.Warn, Title: v.T("console.post.home.late"), Links: []page.Link{{Path: "/municipality/reports/new", Text: v.T("console.post.menu.submit")}}}
	for i, m := range late[0].Months {
		n.Lines = append(n.Lines, v.T("console.post.overdue.line", v.Month(m), v.Day(late[0].Due[i])))
	}
	return n
}

// plateChart stacks the plates of the largest parts.
func plateChart(v *page.Visit, rows []*place.Progress) *page.Chart {
	rows = largest(rows)
	c := page.Chart{
		Title: v.T("console.post.progress.chart"), Kind: page.Columns, Label: v.T("console.post.progress.name"),
		Series: []string{v.T("console.post.plate.installed"), v.T("console.post.plate.ordered"), v.T("console.post.progress.lost")},
	}
	for _, p := range rows {
		c.Points = append(c.Points, page.Point{Label: name(v, p), Values: []float64{float64(p.Installed), float64(p.Ordered), float64(p.Missing + p.Damaged)}})
	}
	return v.Chart(c)
}

func largest(rows []*place.Progress) []*place.Progress {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b *place.Progress) int { return int(b.Places - a.Places) })
	return rows[:min(len(rows), 8)]
}

// plateMeters are the parts by how much of their plates is up.
func plateMeters(v *page.Visit, title string, rows []*place.Progress) page.Meters {
	m := page.Meters{Title: title, Empty: v.T("console.post.progress.empty")}
	for _, p := range largest(rows) {
		line := page.Progress{Label: name(v, p), Share: share(p), Text: v.Percent(share(p))}
		if line.Share < .5 {
			line.Tone = page.Warn
		}
		m.Lines = append(m.Lines, line)
	}
	return m
}

// name is that of a part of the country; an empty one is what lies in no quarter.
func name(v *page.Visit, p *place.Progress) string {
	if p.Name == "" {
		return v.T("console.post.progress.unnamed")
	}
	return p.Name
}

// late lists who is behind with reports: of a municipality itself.
func late(v *page.Visit) ([]place.Overdue, error) {
	var all []place.Reporter
	for _, one := range v.Agencies.Agencies() {
		if one.Kind == agency.KindMunicipality && one.State == agency.Active {
			all = append(all, place.Reporter{Agency: one.ID, Name: one.Name})
		}
	}
	return v.Places.Overdue(v.Context(), v.Actor(), persian.Date{}, all)
}
