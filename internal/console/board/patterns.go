package board

import (
	"math"
	"slices"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
)

func patternRoutes() []page.Route {
	return slices.Concat([]page.Route{page.Get("/inspector/patterns", inspectors, patterns)}, examine.Routes())
}

// patterns lists what looked unusual in officers' months.
func patterns(v *page.Visit) error {
	f := &audit.PatternFilter{After: v.Asked("after"), Limit: pageRows}
	state := v.R.URL.Query().Get("state")
	if state != "" && f.State.UnmarshalText([]byte(state)) != nil {
		return page.NotFound()
	}
	all, err := v.Audits.Patterns(v.Context(), v.Actor(), f)
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.board.patterns.list"), Note: v.T("console.board.patterns.note"), Empty: v.T("console.board.patterns.none"),
		Columns: heads(v, "pattern", "agency", "observed", "expected", "chance", "state", "act"),
	}
	for i := range all {
		p := &all[i]
		act := page.Cell{Text: v.T("console.board.examine.see"), Path: at("/inspector/patterns/", p.ID)}
		if p.State == audit.New {
			act.Text = v.T("console.board.examine.link")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: patternName(v, p), Small: v.Moment(p.Found)},
			{Text: v.AgencyName(p.Agency), Small: v.T("console.board.audit.officer", page.Isolated(p.Officer))},
			{Text: v.T("console.board.pattern.of", v.Count(p.Observed), v.Count(p.Asked))},
			{Text: expectedText(v, p), Number: true},
			{Text: chanceText(v, p.Chance)},
			badge(v, "pattern", p.State.String()), act,
		}})
	}
	if len(all) == pageRows {
		t.More = v.Next("after", itoa(all[pageRows-1].ID))
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.patterns.title"), Lead: v.T("console.board.patterns.lead"),
		Blocks: []any{v.Tabs("/inspector/patterns", "state", "console.board.state.pattern.", "", "new", "audited", "explained"), patternChart(v, all), t},
	})
}

func patternName(v *page.Visit, p *audit.Pattern) string {
	return v.T("console.board.pattern." + p.Kind)
}

// expectedText is how many chance alone would bring.
func expectedText(v *page.Visit, p *audit.Pattern) string {
	if p.Expected < 0.05 {
		return v.T("console.board.pattern.almost_none")
	}
	return v.Decimal(p.Expected, 1)
}

// chanceText writes a probability as one in so many: nobody reads its logarithm.
func chanceText(v *page.Visit, log10 float64) string {
	if log10 < -15 || math.IsInf(log10, 0) {
		return v.T("console.board.pattern.never")
	}
	n := math.Pow(10, -log10)
	for _, unit := range []struct {
		name string
		size float64
	}{{"trillion", 1e12}, {"billion", 1e9}, {"million", 1e6}, {"thousand", 1e3}} {
		if n >= unit.size {
			return v.T("console.board.pattern.one_in."+unit.name, v.Count(int64(n/unit.size+.5)))
		}
	}
	return v.T("console.board.pattern.one_in.few", v.Count(int64(n+.5)))
}

// patternChart compares how far from chance the findings are: each step is ten
// times rarer.
func patternChart(v *page.Visit, all []audit.Pattern) *page.Chart {
	c := page.Chart{
		Title: v.T("console.board.patterns.chart"), Kind: page.Weights, Label: v.T("console.board.column.pattern"),
		Series: []string{v.T("console.board.patterns.rarity")}, Format: func(f float64) string { return chanceText(v, -f) },
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b audit.Pattern) int { return int(a.Chance - b.Chance) })
	for i := range sorted[:min(12, len(sorted))] {
		p := &sorted[i]
		c.Points = append(c.Points, page.Point{Label: v.T("console.board.patterns.point", patternName(v, p), page.Isolated(p.Officer)), Values: []float64{-max(p.Chance, -30)}})
	}
	if len(c.Points) == 0 {
		return nil
	}
	return v.Chart(c)
}

// rateChart stands the officer's rate beside the one that chance, or his peers,
// would give.
func rateChart(v *page.Visit, p *audit.Pattern) *page.Chart {
	return v.Chart(page.Chart{
		Title: v.T("console.board.pattern.rate"), Kind: page.Weights, Label: v.T("console.board.column.whose"), Series: []string{v.T("console.board.pattern.count")},
		Format: func(f float64) string { return v.Decimal(f, 1) },
		Points: []page.Point{
			{Label: v.T("console.board.pattern.officer", page.Isolated(p.Officer)), Values: []float64{float64(p.Observed)}},
			{Label: v.T("console.board.pattern.by_chance"), Values: []float64{p.Expected}},
		},
	})
}

// codeLines are tracking codes that show a pattern, in their groups.
func codeLines(codes []ids.TrackingCode) (all []string) {
	for _, c := range codes {
		all = append(all, page.Isolated(codeOf(string(c))))
	}
	return all
}
