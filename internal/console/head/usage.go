package head

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/usage"
)

// asked is what the agency asked in some months.
type asked struct {
	months    []persian.Date
	answered  map[persian.Date]int64
	notFound  map[persian.Date]int64
	refused   map[persian.Date]int64
	services  map[string]int64
	processes map[string]int64
	purposes  map[string]int64
	total     int64
}

// monthsBack counts what the agency asked in its own name or another's, this
// month and those before.
func monthsBack(v *page.Visit, n int) (*asked, error) {
	today := persian.DateOf(v.Clock())
	a := &asked{
		answered: map[persian.Date]int64{}, notFound: map[persian.Date]int64{}, refused: map[persian.Date]int64{},
		services: map[string]int64{}, processes: map[string]int64{}, purposes: map[string]int64{},
	}
	first := persian.Date{Year: today.Year, Month: today.Month, Day: 1}
	for i := n - 1; i >= 0; i-- {
		m := first.AddMonths(-i)
		m.Day = 0
		a.months = append(a.months, m)
	}
	f := usage.Filter{Agency: v.Asker.Agency.ID, From: a.months[0], Until: a.months[n-1]}
	return a, v.Usage.Each(v.Context(), f, func(c *usage.Count) {
		switch c.Outcome {
		case inquiry.Refused:
			a.refused[c.Month] += c.N
		case inquiry.NotFound:
			a.notFound[c.Month] += c.N
		default:
			a.answered[c.Month] += c.N
		}
		a.services[c.Service] += c.N
		a.processes[c.Process] += c.N
		a.purposes[c.Purpose] += c.N
		a.total += c.N
	})
}

// series are the three things that can become of an inquiry, for charts.
func series(v *page.Visit) []string {
	return []string{v.T("console.head.usage.answered"), v.T("console.outcome.not_found"), v.T("console.head.usage.refused")}
}

func (a *asked) chart(v *page.Visit) *page.Chart {
	c := page.Chart{Title: v.T("console.head.usage.months"), Label: v.T("console.head.column.month"), Series: series(v)}
	for _, m := range a.months {
		c.Points = append(c.Points, page.Point{
			Label:  v.T("console.month." + strconv.Itoa(int(m.Month))),
			Values: []float64{float64(a.answered[m]), float64(a.notFound[m]), float64(a.refused[m])},
		})
	}
	return v.Chart(c)
}

// dayChart is the same by day, of the last thirty.
func dayChart(v *page.Visit) (*page.Chart, error) {
	today := persian.DateOf(v.Clock())
	from := today.AddDays(-29)
	days, err := v.Usage.Days(v.Context(), v.Asker.Agency.ID, from, today)
	if err != nil {
		return nil, err
	}
	by := map[persian.Date]map[string]int64{}
	for _, d := range days {
		by[d.Day] = d.Outcomes
	}
	c := page.Chart{Title: v.T("console.head.usage.days"), Label: v.T("console.head.column.day"), Series: series(v)}
	for day := from; day.Compare(today) <= 0; day = day.AddDays(1) {
		p := page.Point{Label: v.T("console.head.day.short", v.Count(int64(day.Day)), v.T("console.month."+strconv.Itoa(int(day.Month)))), Values: []float64{0, 0, 0}}
		for outcome, n := range by[day] {
			switch outcome {
			case inquiry.Refused:
				p.Values[2] += float64(n)
			case inquiry.NotFound:
				p.Values[1] += float64(n)
			default:
				p.Values[0] += float64(n)
			}
		}
		c.Points = append(c.Points, p)
	}
	return v.Chart(c), nil
}

// usagePage shows what the agency asks, and how much of its quotas is used.
func usagePage(v *page.Visit) error {
	a, err := monthsBack(v, 12)
	if err != nil {
		return err
	}
	days, err := dayChart(v)
	if err != nil {
		return err
	}
	q, err := quotas(v)
	if err != nil {
		return err
	}
	blocks := []any{q, days, a.chart(v), page.Pair{Even: true, Main: []any{
		shares(v, v.T("console.head.usage.services"), a.services, a.total, func(s string) string { return service(v, s) }),
	}, Side: []any{
		shares(v, v.T("console.head.usage.processes"), a.processes, a.total, func(s string) string {
			if s == "" {
				return v.T("console.head.usage.unnamed")
			}
			return processName(v, s)
		}),
	}}, shares(v, v.T("console.head.usage.purposes"), a.purposes, a.total, func(word string) string { return v.Known("console.word.", word) })}
	return v.Show(page.Screen{Title: v.T("console.head.usage.title"), Lead: v.T("console.head.usage.lead"), Blocks: blocks})
}

// mostLines is how many lines a list of shares has.
const mostLines = 12

func shares(v *page.Visit, title string, of map[string]int64, total int64, name func(string) string) page.Meters {
	m := page.Meters{Title: title, Empty: v.T("console.head.usage.none")}
	keys := slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b)) })
	for _, k := range keys[:min(len(keys), mostLines)] {
		m.Lines = append(m.Lines, page.Progress{Label: name(k), Share: float64(of[k]) / float64(max(total, 1)), Text: v.Count(of[k])})
	}
	return m
}

// quotas are the clauses in force and how much of their quotas today has used.
func quotas(v *page.Visit) (*page.Table, error) {
	t := &page.Table{
		Title: v.T("console.head.quotas.title"), Empty: v.T("console.head.quotas.none"),
		Columns: page.Head(v.T("console.head.column.clause"), v.T("agreement.member.daily_quota"), v.T("console.head.quotas.used"), v.T("console.head.quotas.left")),
	}
	for i := 1; i < 4; i++ {
		t.Columns[i].Number = true
	}
	a, ok := v.Agreements.InForce(v.Asker.Agency.ID, v.Clock())
	if !ok {
		return t, nil
	}
	t.Note = v.T("console.head.quotas.note", v.Count(a.ID), v.Count(int64(a.Version)))
	for i := range a.Clauses {
		c := &a.Clauses[i]
		row := page.Row{Cells: []page.Cell{
			{Text: v.T("console.head.clause.is", v.Digits(strconv.Itoa(c.No)), service(v, c.Service)), Path: fmt.Sprintf("/head/agreements/no/%d", a.ID), Small: words(v, "agreement.way.", c.Modes)},
			{Text: memberWords(v, "daily_quota", positive(c.DailyQuota))},
			{Text: "–"},
			{Text: "–"},
		}}
		if c.DailyQuota > 0 {
			used, err := usedToday(v, a, c)
			if err != nil {
				return nil, err
			}
			rest := max(c.DailyQuota-used, 0)
			row.Cells[2].Text, row.Cells[3] = v.Count(used), page.Cell{Text: v.Count(rest), Small: v.Percent(float64(rest) / float64(c.DailyQuota))}
			if rest*10 < c.DailyQuota {
				row.Cells[3].Tone = page.Warn
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

func usedToday(v *page.Visit, a *agreement.Agreement, c *agreement.Clause) (int64, error) {
	return v.Desk.Used(v.Context(), a, c, persian.DateOf(v.Clock()))
}
