package office

import (
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/process"
)

// waves lists the parts of the roll-out, each with how far it has come.
func waves(v *page.Visit) error {
	all, err := v.Processes.ListWaves(v.Actor())
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.waves.wave"), v.T("console.office.waves.provinces"), v.T("console.office.waves.days"), v.T("console.office.waves.online"),
		),
		Empty: v.T("console.office.waves.none"),
	}
	meters := page.Meters{Title: v.T("console.office.waves.progress"), Empty: v.T("console.office.waves.none")}
	for _, w := range all {
		p, err := v.Processes.Progress(v.Actor(), &process.WaveOf{ID: w.ID})
		if err != nil {
			return err
		}
		share := online(&p.Total)
		meters.Lines = append(meters.Lines, page.Progress{Label: w.Name, Share: share, Text: v.Percent(share)})
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: w.Name, Path: at("/office/waves/", w.ID)},
			{Text: strings.Join(w.Provinces, " · ")},
			{Text: v.T("console.office.agreement.span", v.Day(w.From), v.Day(w.Until))},
			{Text: v.Percent(share), Small: v.T("console.office.waves.of", v.Count(int64(p.Total.Online)), v.Count(int64(p.Total.Processes)))},
		}})
	}
	s := page.Screen{Title: v.T("console.office.waves.title"), Lead: v.T("console.office.waves.lead"), Blocks: []any{meters, table}}
	if chief(v) {
		s.Buttons = []page.Button{{Path: "/office/waves/new", Text: v.T("console.office.newwave.link")}}
	}
	return v.Show(s)
}

// online is the share of processes that have done with copies, by law or by
// asking.
func online(s *process.Standing) float64 {
	if s.Processes == 0 {
		return 0
	}
	return float64(s.Online+s.Exception) / float64(s.Processes)
}

// showWave shows how far each body of a wave has come.
func showWave(v *page.Visit) error {
	id, err := v.Number("wave")
	if err != nil {
		return err
	}
	p, err := v.Processes.Progress(v.Actor(), &process.WaveOf{ID: id})
	if err != nil {
		return err
	}
	t := &p.Total
	table := &page.Table{
		Title: v.T("console.office.wave.bodies"), Empty: v.T("console.office.wave.none"),
		Columns: page.Head(
			v.T("console.office.field.agency"), v.T("console.field.province"), v.T("console.office.wave.joined"), v.T("console.office.wave.agreement"),
			v.T("console.office.waves.online"),
		),
	}
	chart := page.Chart{Title: v.T("console.office.wave.chart"), Label: v.T("console.field.province")}
	for _, key := range []string{"online", "exception", "copies"} {
		chart.Series = append(chart.Series, v.T("console.office.wave_series."+key))
	}
	at2 := map[string]int{}
	for i := range p.Bodies {
		b := &p.Bodies[i]
		k, seen := at2[b.Province]
		if !seen {
			k = len(chart.Points)
			at2[b.Province] = k
			label := b.Province
			if label == "" {
				label = v.T("console.office.agencies.national")
			}
			chart.Points = append(chart.Points, page.Point{Label: label, Values: make([]float64, 3)})
		}
		values := chart.Points[k].Values
		values[0], values[1], values[2] = values[0]+float64(b.Online), values[1]+float64(b.Exception), values[2]+float64(b.Processes-b.Online-b.Exception)
		if i < 300 {
			table.Rows = append(table.Rows, bodyRow(v, b))
		}
	}
	s := page.Screen{
		Title: p.Name, Lead: v.T("console.office.agreement.span", v.Day(p.From), v.Day(p.Until)),
		Above: &page.Link{Path: "/office/waves", Text: v.T("console.office.waves.title")},
		Blocks: []any{page.Tiles{
			{Label: v.T("console.office.wave.all"), Value: v.Count(int64(t.Bodies)), Note: strings.Join(p.Provinces, " · ")},
			{Label: v.T("console.office.wave.joined"), Value: v.Count(int64(t.Joined)), Tone: page.Info},
			{Label: v.T("console.office.wave.agreement"), Value: v.Count(int64(t.Agreement)), Tone: page.Info},
			{Label: v.T("console.office.waves.online"), Value: v.Percent(online(t)), Note: v.T("console.office.waves.of", v.Count(int64(t.Online)), v.Count(int64(t.Processes))), Tone: page.Good},
		}},
	}
	if t.Processes > 0 {
		s.Blocks = append(s.Blocks, v.Chart(chart))
	}
	s.Blocks = append(s.Blocks, table)
	if chief(v) {
		s.Buttons = []page.Button{{Path: at("/office/waves/", id) + "/change", Text: v.T("console.office.changewave.link"), Ghost: true}}
	}
	return v.Show(s)
}

func bodyRow(v *page.Visit, b *process.Standing) page.Row {
	yes := func(n int) page.Cell {
		if n > 0 {
			return page.Cell{Text: v.Yes(true), Tone: page.Good}
		}
		return page.Cell{Text: v.Yes(false), Tone: page.Warn}
	}
	share := page.Cell{Text: "–"}
	if b.Processes > 0 {
		share = page.Cell{Text: v.Percent(online(b)), Small: v.T("console.office.waves.of", v.Count(int64(b.Online)), v.Count(int64(b.Processes)))}
	}
	return page.Row{Cells: []page.Cell{
		{Text: b.Name, Path: "/office/agencies/" + b.Agency.String()}, {Text: b.Province}, yes(b.Joined), yes(b.Agreement), share,
	}}
}

func waveControls(v *page.Visit, _ *process.Wave) ([]page.Control, error) {
	return []page.Control{
		{Name: "name", Max: 100},
		{Name: "from", Kind: page.Date},
		{Name: "until", Kind: page.Date},
		{Name: "provinces", Kind: page.Ticks, Options: page.Choose(v.Processes.Provinces(), "", func(p string) string { return p })},
		{Name: "agencies", Kind: page.Lines, Optional: true},
	}, nil
}

func putWave(v *page.Visit, in *process.Wave) (page.Done, error) {
	if page.Cleaned(v.R.PostFormValue("agencies")) == "" { // taken away, not left as they were
		in.Agencies = nil
	}
	made, proven, err := v.Processes.PutWave(v.Context(), v.Journal, v.Actor(), in)
	if err != nil {
		return page.Done{}, err
	}
	return page.Done{Path: at("/office/waves/", made.ID), Code: proven.Code}, nil
}

func toWaves(v *page.Visit, _ *process.Wave) *page.Link {
	return &page.Link{Path: "/office/waves", Text: v.T("console.office.waves.title")}
}

// newWave plans a part of the roll-out.
var newWave = page.Form[process.Wave]{
	Path: "/office/waves/new", Roles: chiefs, Key: "console.office.newwave.", Above: toWaves, Controls: waveControls, Do: putWave,
}

// changeWave changes one; what another has changed meanwhile is refused.
var changeWave = page.Form[process.Wave]{
	Path: "/office/waves/{wave}/change", Roles: chiefs, Key: "console.office.changewave.", Above: toWaves, Do: putWave,
	Controls: func(v *page.Visit, in *process.Wave) ([]page.Control, error) {
		all, err := waveControls(v, in)
		return append(all, page.Control{Name: "version", Kind: page.Carried}), err
	},
	Begin: func(v *page.Visit, in *process.Wave) error {
		id, err := v.Number("wave")
		if err != nil {
			return err
		}
		all, err := v.Processes.ListWaves(v.Actor())
		if err != nil {
			return err
		}
		for _, w := range all {
			if w.ID == id {
				*in = w
				return nil
			}
		}
		return page.NotFound()
	},
}
