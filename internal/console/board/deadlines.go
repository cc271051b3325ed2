package board

import (
	"cmp"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/deadline"
)

func deadlineRoutes() []page.Route {
	return []page.Route{
		page.Get("/board/deadlines", both, deadlines), page.Get("/board/deadlines/{name}", both, oneDeadline),
		page.Get("/board/late", both, late), page.Get("/board/late/table", both, lateExport),
	}
}

// deadlines shows every deadline of the law: its clock, who has met it, and
// whether anything tells so.
func deadlines(v *page.Visit) error {
	clocks, err := v.Deadlines.List(v.Context(), v.Actor(), &deadline.Filter{})
	if err != nil {
		return err
	}
	count := map[string]int64{}
	for i := range clocks {
		count[page.Keyed(clocks[i].State)]++
	}
	t := &page.Table{
		Title: v.T("console.board.deadlines.list", v.Count(int64(len(clocks)))), Note: v.T("console.board.deadlines.note"),
		Columns: heads(v, "duty", "who", "clock", "due", "state", "*met", "*running", "*late"),
	}
	for i := range clocks {
		c := &clocks[i]
		row := page.Row{Cells: []page.Cell{
			{Text: v.Either(c.Fa, c.En), Path: "/board/deadlines/" + c.Name, Small: v.Law(c.Clause)},
			{Text: v.T("console.board.who." + c.Who)},
			{Text: clockText(v, c)},
			dayCell(v, c.Due), badge(v, "deadline", c.State),
			countCell(v, int64(c.Met)), countCell(v, int64(c.Running)), countCell(v, int64(c.Late)),
		}}
		if len(c.Lines) == 0 {
			for n := 5; n < 8; n++ {
				row.Cells[n] = page.Cell{Text: "–"}
			}
		}
		t.Rows = append(t.Rows, row)
	}
	tile := func(state, tone, path string) page.Tile {
		return page.Tile{
			Label: v.T("console.board.state.deadline." + state), Value: v.Count(count[state]), Tone: tone, Path: path,
			Note: v.T("console.board.deadlines.tile." + state),
		}
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.deadlines.title"), Lead: v.T("console.board.deadlines.lead"),
		Buttons: []page.Button{{Path: "/board/late", Text: v.T("console.board.late.link"), Icon: "warn"}},
		Blocks: []any{
			page.Tiles{tile("late", page.Bad, "/board/late"), tile("running", page.Info, ""), tile("met", page.Good, ""), tile("not_measured", page.Plain, "")},
			deadlineMeters(v, clocks), t, startTable(v),
		},
	})
}

// clockText says how long there is, from which day.
func clockText(v *page.Visit, c *deadline.Clock) string {
	switch c.Unit {
	case deadline.Months, deadline.Days:
		return v.T("console.board.clock."+c.Unit, v.Count(int64(c.Amount)), v.Known("console.board.start.", c.Start))
	}
	return v.T("console.board.clock." + c.Unit)
}

// deadlineMeters shows, of the deadlines that are measured, how many of the
// bodies have met each.
func deadlineMeters(v *page.Visit, clocks []deadline.Clock) *page.Meters {
	m := page.Meters{Title: v.T("console.board.deadlines.chart")}
	for i := range clocks {
		k := &clocks[i]
		all := k.Met + k.Late + k.Running
		if len(k.Lines) < 2 || all == 0 {
			continue
		}
		line := page.Progress{Label: v.Law(k.Clause), Share: float64(k.Met) / float64(all), Text: v.T("console.board.deadlines.met", v.Count(int64(k.Met)), v.Count(int64(all)))}
		if k.Late > 0 {
			line.Tone, line.Text = page.Bad, v.T("console.board.deadlines.met_late", line.Text, v.Count(int64(k.Late)))
		}
		m.Lines = append(m.Lines, line)
	}
	if len(m.Lines) == 0 {
		return nil
	}
	return &m
}

func startTable(v *page.Visit) *page.Table {
	t := &page.Table{Title: v.T("console.board.starts.title"), Note: v.T("console.board.starts.note"), Columns: heads(v, "start", "date", "ground")}
	for _, s := range v.Deadlines.Starts() {
		row := page.Row{Cells: []page.Cell{{Text: v.Known("console.board.start.", s.Name)}, dayCell(v, s.Day), {Text: v.T("console.board.starts.law")}}}
		switch {
		case s.Decision != 0:
			row.Cells[2] = page.Cell{Text: v.T("console.board.decision.no", v.No(s.Decision)), Path: at("/board/decisions/", s.Decision), Small: s.Reference}
		case s.Day.IsZero():
			row.Cells[1], row.Cells[2] = page.Cell{Text: v.T("console.board.starts.undecided"), Tone: page.Warn}, page.Cell{Text: v.T("console.board.starts.board")}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// standName is whose standing a line is: the board's or the registry's own has
// no agency.
func standName(v *page.Visit, name, who string) string {
	if name == "" {
		return v.T("console.board.who." + who)
	}
	return name
}

// oneDeadline shows how everybody stands with one.
func oneDeadline(v *page.Visit) error {
	all, err := v.Deadlines.List(v.Context(), v.Actor(), &deadline.Filter{Deadline: v.R.PathValue("name")})
	if err != nil {
		return err
	}
	c := &all[0]
	t := &page.Table{
		Title: v.T("console.board.deadline.lines"), Empty: v.T("console.board.deadline.none"),
		Columns: heads(v, "agency", "state", "due", "done_on", "*days_late", "*open", "note"),
	}
	from := int(v.Asked("from"))
	for i, l := range c.Lines[min(from, len(c.Lines)):] {
		if i == pageRows {
			t.More = v.Next("from", itoa(int64(from+pageRows)))
			break
		}
		note := ""
		if l.Note != "" {
			note = v.T(l.Note)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: standName(v, l.Name, c.Who)},
			badge(v, "deadline", l.State), dayCell(v, l.Due), dayCell(v, l.Met),
			countCell(v, int64(l.Late)), countCell(v, l.Open),
			{Text: note},
		}})
	}
	facts := []page.Fact{
		fact(v, "clause", v.Law(c.Clause)), fact(v, "who", v.T("console.board.who."+c.Who)), fact(v, "clock", clockText(v, c)),
		fact(v, "start_day", v.Day(c.Day)), fact(v, "due", v.Day(c.Due)), stateFact(v, "state", "deadline", c.State),
	}
	s := page.Screen{
		Title: v.Either(c.Fa, c.En), Lead: v.T("console.board.deadline.lead"),
		Above: &page.Link{Path: "/board/deadlines", Text: v.T("console.board.deadlines.title")},
	}
	if len(c.Lines) == 0 && c.State == deadline.NotMeasured {
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Warn, Title: v.T("console.board.state.deadline.not_measured"), Text: v.T("console.board.deadline.unmeasured")})
	}
	s.Blocks = append(s.Blocks, page.Tiles{
		{Label: v.T("console.board.state.deadline.met"), Value: v.Count(int64(c.Met)), Tone: page.Good},
		{Label: v.T("console.board.state.deadline.running"), Value: v.Count(int64(c.Running)), Tone: page.Info},
		{Label: v.T("console.board.state.deadline.late"), Value: v.Count(int64(c.Late)), Tone: page.Bad},
	}, page.Facts{List: facts}, t)
	return v.Show(s)
}

// missed are the deadlines that are late, of one agency if the address names
// one: the latest first.
func missed(v *page.Visit) ([]deadline.Missed, error) {
	f := &deadline.Filter{}
	if text := v.R.URL.Query().Get("agency"); text != "" {
		if err := f.Agency.UnmarshalText([]byte(page.Bare(text))); err != nil {
			return nil, page.NotFound()
		}
	}
	return v.Deadlines.Missed(v.Context(), v.Actor(), f)
}

// late lists who is late with what.
func late(v *page.Visit) error {
	all, err := missed(v)
	if err != nil {
		return err
	}
	q := v.R.URL.Query()
	from := int(v.Asked("from"))
	t := &page.Table{
		Title: v.T("console.board.late.list", v.Count(int64(len(all)))), Empty: v.T("console.board.late.none"),
		Columns: heads(v, "agency", "duty", "due", "*days_late", "*open"), Export: "/board/late/table?" + q.Encode(),
		Filter: &page.Filter{Path: "/board/late", Controls: []page.Input{
			v.Input("console.board.late.", agencyControl(v, "agency", "", true, nil), []string{q.Get("agency")}, page.Mistakes{}),
		}},
	}
	for i, m := range all[min(from, len(all)):] {
		if i == pageRows {
			t.More = v.Next("from", itoa(int64(from+pageRows)))
			break
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: standName(v, m.Line.Name, whoOf(m.Name))},
			{Text: v.Either(m.Fa, m.En), Path: "/board/deadlines/" + m.Name},
			dayCell(v, m.Due),
			countCell(v, int64(m.Late)), countCell(v, m.Open),
		}})
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.late.title"), Lead: v.T("console.board.late.lead"),
		Above:  &page.Link{Path: "/board/deadlines", Text: v.T("console.board.deadlines.title")},
		Blocks: []any{lateChart(v, all), t},
	})
}

func whoOf(name string) string {
	i := slices.IndexFunc(deadline.Law, func(d deadline.Deadline) bool { return d.Name == name })
	return deadline.Law[max(i, 0)].Who
}

// lateChart shows who has missed most deadlines.
func lateChart(v *page.Visit, all []deadline.Missed) *page.Chart {
	counts := map[string]float64{}
	for i := range all {
		counts[standName(v, all[i].Line.Name, whoOf(all[i].Name))]++
	}
	c := page.Chart{Title: v.T("console.board.late.chart"), Kind: page.Weights, Label: v.T("console.board.column.agency"), Series: []string{v.T("console.board.column.late")}}
	for name, n := range counts {
		c.Points = append(c.Points, page.Point{Label: name, Values: []float64{n}})
	}
	slices.SortFunc(c.Points, func(a, b page.Point) int {
		return cmp.Or(cmp.Compare(b.Values[0], a.Values[0]), compare(a.Label, b.Label))
	})
	c.Points = c.Points[:min(12, len(c.Points))]
	if len(c.Points) == 0 {
		return nil
	}
	return v.Chart(c)
}

// lateExport is the same list as a spreadsheet.
func lateExport(v *page.Visit) error {
	all, err := missed(v)
	if err != nil {
		return err
	}
	return v.Export("late", []string{"agency", "name", "deadline", "clause", "due", "days_late", "open"}, func(write func(...string) error) error {
		for i := range all {
			m := &all[i]
			if err := write(m.Agency.String(), m.Line.Name, m.Name, m.Clause, m.Due.String(), itoa(int64(m.Late)), itoa(m.Open)); err != nil {
				return err
			}
		}
		return nil
	})
}
