package officer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/usage"
)

// Days of the desk's chart.
const (
	deskDays = 30
	mostDays = 92
)

// desk is the officer's first page: how much his agency asks and with what
// result, what waits, what he may ask, and what he has asked since signing in.
func desk(v *page.Visit) error {
	s := page.Screen{Title: v.T("console.desk.title"), Lead: v.Today()}
	from, until := deskTime(v)
	days, err := v.Usage.Days(v.Context(), v.Asker.Agency.ID, from, until)
	if err != nil {
		return err
	}
	tiles, err := deskTiles(v, days, until)
	if err != nil {
		return err
	}
	a, ok := v.Agreements.InForce(v.Asker.Agency.ID, v.Clock())
	if ok {
		s.Buttons = []page.Button{{Path: "/officer/ask", Text: v.T("console.menu.ask"), Icon: "search"}}
	} else {
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Warn, Title: v.T("console.desk.none"), Text: v.T("console.desk.none.text")})
	}
	s.Blocks = append(s.Blocks, tiles)
	s.Blocks = append(s.Blocks,
		page.Pair{Main: []any{deskChart(v, days, from, until)}, Side: []any{outcomeMeters(v, days)}},
		deskFilter(v, from, until), recentTable(v))
	if ok {
		s.Blocks = append(s.Blocks, choices(v, a))
	}
	return v.Show(s)
}

// deskTime is the days that the chart shows: as the address says, or the last
// thirty. What is no time is passed over.
func deskTime(v *page.Visit) (from, until persian.Date) {
	today := persian.DateOf(v.Clock())
	q := v.R.URL.Query()
	until, err := persian.ParseDate(page.Cleaned(q.Get("until")))
	if err != nil || !until.Precise() || until.Compare(today) > 0 {
		until = today
	}
	from, err = persian.ParseDate(page.Cleaned(q.Get("from")))
	if err != nil || !from.Precise() || from.Compare(until) > 0 || until.Days()-from.Days() >= mostDays {
		from = until.AddDays(1 - deskDays)
	}
	return from, until
}

// sum adds up what of some days had one of these outcomes; none: all.
func sum(days []usage.Day, outcomes ...string) (n int64) {
	for _, d := range days {
		for outcome, k := range d.Outcomes {
			if len(outcomes) == 0 || slices.Contains(outcomes, outcome) {
				n += k
			}
		}
	}
	return n
}

func deskTiles(v *page.Visit, days []usage.Day, until persian.Date) (page.Tiles, error) {
	today, err := v.Usage.Days(v.Context(), v.Asker.Agency.ID, until, until)
	if err != nil {
		return nil, err
	}
	label := "console.officer.desk.today"
	if until != persian.DateOf(v.Clock()) {
		label = "console.officer.desk.day"
	}
	tiles := page.Tiles{{Label: v.T(label, v.Day(until)), Value: v.Count(sum(today)), Note: beside(v, days, sum(today), until), Path: "/officer/history"}}
	same, other := sum(days, inquiry.Confirmed), sum(days, inquiry.Differs)
	match := page.Tile{Label: v.T("console.officer.desk.match"), Value: "–", Note: v.T("console.officer.desk.match.none")}
	if same+other > 0 {
		match.Value = v.Percent(float64(same) / float64(same+other))
		match.Note = v.T("console.officer.desk.match.note", v.Count(other))
	}
	tiles = append(tiles, match)
	files, err := v.Deliveries.Counts(v.Context(), v.Actor())
	if err != nil {
		return nil, err
	}
	way, done := files[delivery.Requested]+files[delivery.Approved]+files[delivery.Queued]+files[delivery.Running], files[delivery.Delivered]
	file := page.Tile{Label: v.T("console.officer.desk.files"), Value: v.Count(way), Note: v.T("console.officer.desk.files.note", v.Count(done)), Path: "/officer/files"}
	if done > 0 {
		file.Tone = page.Warn
	}
	waiting, err := v.Feeds.Waiting(v.Context(), v.Asker.Agency.ID)
	if err != nil {
		return nil, err
	}
	wrong := page.Tile{Label: v.T("console.officer.desk.corrections"), Value: v.Count(waiting), Note: v.T("console.officer.desk.corrections.note"), Path: "/officer/corrections"}
	if waiting > 0 {
		wrong.Tone = page.Bad
	}
	return append(tiles, file, wrong), nil
}

// beside says how a day stands beside the mean of the week before it.
func beside(v *page.Visit, days []usage.Day, n int64, until persian.Date) string {
	week := int64(0)
	for _, d := range days {
		if back := until.Days() - d.Day.Days(); back >= 1 && back <= 7 {
			week += sum([]usage.Day{d})
		}
	}
	mean := float64(week) / 7
	switch {
	case week == 0:
		return v.T("console.officer.desk.first")
	case float64(n) >= mean:
		return v.T("console.officer.desk.more", v.Percent(float64(n)/mean-1))
	}
	return v.T("console.officer.desk.less", v.Percent(1-float64(n)/mean))
}

// deskChart is the agency's inquiries by day.
func deskChart(v *page.Visit, days []usage.Day, from, until persian.Date) *page.Chart {
	c := page.Chart{
		Title: v.T("console.officer.desk.chart"), Label: v.T("console.officer.desk.date"),
		Series: []string{v.T("console.officer.desk.series.match"), v.T("console.officer.desk.series.differs"), v.T("console.officer.desk.series.other")},
	}
	by := map[persian.Date]usage.Day{}
	for _, d := range days {
		by[d.Day] = d
	}
	for day := from; day.Compare(until) <= 0; day = day.AddDays(1) {
		d := []usage.Day{by[day]}
		good, bad := sum(d, inquiry.Confirmed, inquiry.Answered), sum(d, inquiry.Differs)
		c.Points = append(c.Points, page.Point{
			Label:  v.T("console.officer.desk.short", v.Count(int64(day.Day)), v.T("console.month."+itoa(int64(day.Month)))),
			Values: []float64{float64(good), float64(bad), float64(sum(d) - good - bad)},
		})
	}
	return v.Chart(c)
}

// outcomeMeters are the outcomes of these days, the most frequent first.
func outcomeMeters(v *page.Visit, days []usage.Day) page.Meters {
	m := page.Meters{Title: v.T("console.officer.desk.outcomes"), Empty: v.T("console.officer.desk.outcomes.none")}
	by := map[string]int64{}
	for _, d := range days {
		for outcome, n := range d.Outcomes {
			by[outcome] += n
		}
	}
	all := sum(days)
	for _, outcome := range outcomes {
		if by[outcome] > 0 {
			share := float64(by[outcome]) / float64(all)
			m.Lines = append(m.Lines, page.Progress{Label: v.T("console.officer.outcome." + outcome), Share: share, Text: v.Percent(share), Tone: meterTone(outcome)})
		}
	}
	slices.SortStableFunc(m.Lines, func(a, b page.Progress) int { return cmp.Compare(b.Share, a.Share) })
	return m
}

func meterTone(outcome string) string {
	if t := toneOf(outcome); t == toneWarn || t == toneBad {
		return t
	}
	return page.Plain
}

// deskFilter chooses other days.
func deskFilter(v *page.Visit, from, until persian.Date) page.Filter {
	return page.Filter{Path: "/officer", Controls: []page.Input{
		v.Input("console.officer.history.", page.Control{Name: "from", Kind: page.Date, Optional: true}, []string{v.Digits(from.String())}, page.Mistakes{}),
		v.Input("console.officer.history.", page.Control{Name: "until", Kind: page.Date, Optional: true}, []string{v.Digits(until.String())}, page.Mistakes{}),
	}}
}

// choices are what the agreement permits to ask.
func choices(v *page.Visit, a *agreement.Agreement) page.Choices {
	var all page.Choices
	last := ""
	for _, o := range offersOf(a) {
		mode := page.Link{Path: o.path(""), Text: v.T("console.mode." + o.Mode + ".do")}
		if o.Service == inquiry.Predicates {
			mode.Text = v.T("console.mode.predicate.do")
		}
		if n := len(all); n > 0 && last == o.Service {
			all[n-1].Links = append(all[n-1].Links, mode)
			continue
		}
		last = o.Service
		all = append(all, page.Choice{
			Title: v.T("console.service." + o.Service), Icon: o.Service,
			Text: v.T("console.service." + o.Service + ".text"), Links: []page.Link{mode},
		})
	}
	return all
}

// recentKept is where a session remembers answers, by code only, and maxRecent
// how many.
const (
	recentKept = "officer.recent"
	maxRecent  = 8
)

// remember notes an answer's code in the session: code, time, service and
// outcome, nothing about the person.
func remember(v *page.Visit, r *record) {
	line := strings.Join([]string{r.Code, strconv.FormatInt(r.Time.UnixMicro(), 10), r.Service, r.Outcome}, " ")
	lines := strings.Split(v.Sessions.GetString(v.Context(), recentKept), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" || strings.HasPrefix(l, r.Code) })
	lines = append([]string{line}, lines...)
	v.Sessions.Put(v.Context(), recentKept, strings.Join(lines[:min(len(lines), maxRecent)], "\n"))
}

// recentTable is what was asked since signing in.
func recentTable(v *page.Visit) *page.Table {
	t := &page.Table{
		Title: v.T("console.desk.recent"), Empty: v.T("console.desk.recent.none"),
		Columns: page.Head(v.T("console.desk.time"), v.T("console.code"), v.T("console.service"), v.T("console.outcome")),
	}
	for l := range strings.SplitSeq(v.Sessions.GetString(v.Context(), recentKept), "\n") {
		p := strings.Fields(l)
		if len(p) != 4 {
			continue
		}
		micros, _ := strconv.ParseInt(p[1], 10, 64) // written by remember
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Hour(time.UnixMicro(micros)), Number: true}, {Code: p[0], Path: "/officer/inquiries/" + p[0]},
			{Text: v.T("console.service." + p[2])}, {Text: v.T("console.officer.outcome." + p[3]), Tone: toneOf(p[3])},
		}})
	}
	return t
}
