package board

import (
	"slices"
	"sync"
	"time"

	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/usage"
)

// dashboard is the first page of a member. The counts of all agencies of a year
// are many rows: it keeps their sum for a minute.
type dashboard struct {
	mu     sync.Mutex
	at     time.Time
	months []monthly
}

// monthly is the inquiries of one month by what came of them.
type monthly struct {
	month                       persian.Date
	answered, notFound, refused int64
}

const keepMonths = time.Minute

func (d *dashboard) inquiries(v *page.Visit) ([]monthly, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := v.Clock()
	if age := now.Sub(d.at); d.months != nil && age >= 0 && age < keepMonths {
		return d.months, nil
	}
	last := today(v)
	last.Day = 0
	all := make([]monthly, 12)
	for i := range all {
		all[i].month = last.AddMonths(i - 11)
	}
	err := v.Usage.Each(v.Context(), usage.Filter{From: all[0].month, Until: last}, func(c *usage.Count) {
		i := slices.IndexFunc(all, func(m monthly) bool { return m.month == c.Month })
		if i < 0 {
			return
		}
		switch c.Outcome {
		case "refused":
			all[i].refused += c.N
		case "not_found":
			all[i].notFound += c.N
		default:
			all[i].answered += c.N
		}
	})
	if err != nil {
		return nil, err
	}
	d.months, d.at = all, now
	return all, nil
}

func (d *dashboard) show(v *page.Visit) error {
	months, err := d.inquiries(v)
	if err != nil {
		return err
	}
	waiting, err := awaiting(v)
	if err != nil {
		return err
	}
	clocks, err := v.Deadlines.List(v.Context(), v.Actor(), &deadline.Filter{})
	if err != nil {
		return err
	}
	found, err := supervised(v)
	if err != nil {
		return err
	}
	s := page.Screen{Title: v.T("console.board.dashboard.title"), Lead: v.Today()}
	s.Blocks = []any{
		dashboardTiles(v, months, waiting, clocks, found), signNote(v, waiting),
		page.Pair{Main: []any{monthChart(v, months)}, Side: []any{provinceMeters(v, 8)}},
		nearTable(v, clocks),
		page.Pair{Main: []any{found.audits(v)}, Side: []any{found.reports(v)}, Even: true},
	}
	if v.Role() == register.Member {
		s.Buttons = []page.Button{{Path: "/board/draft", Text: v.T("console.board.draft.link"), Icon: "pen"}}
	}
	return v.Show(s)
}

func dashboardTiles(v *page.Visit, months []monthly, waiting []boards.Decision, clocks []deadline.Clock, found *oversight) page.Tiles {
	this, before := &months[11], &months[10]
	sum := func(m *monthly) int64 { return m.answered + m.notFound + m.refused }
	late, who := 0, 0
	for i := range clocks {
		if clocks[i].Late > 0 {
			late++
			who += clocks[i].Late
		}
	}
	online, all := coverage(v)
	const key = "console.board.dashboard.tile."
	tiles := page.Tiles{
		{Label: v.T(key + "sign"), Value: v.Count(int64(len(waiting))), Note: v.T(key + "sign.note"), Tone: toneIf(len(waiting) > 0, page.Warn), Path: "/board/decisions?state=drafted"},
		{Label: v.T(key + "late"), Value: v.Count(int64(late)), Note: v.T(key+"late.note", v.Count(int64(who))), Tone: toneIf(late > 0, page.Bad), Path: "/board/late"},
		{Label: v.T(key + "inquiries"), Value: v.Count(sum(this)), Note: v.T(key+"inquiries.note", v.Count(sum(before))), Tone: page.Good},
		{Label: v.T(key + "online"), Value: share(v, online, all), Note: v.T(key+"online.note", v.Count(online), v.Count(all)), Tone: page.Good, Path: "/board/provinces"},
	}
	if v.Role() == register.Inspector {
		tiles[0] = page.Tile{Label: v.T(key + "judge"), Value: v.Count(int64(toJudge(v))), Note: v.T(key + "judge.note"), Tone: page.Warn, Path: "/board/audits?state=shown"}
	}
	return tiles
}

func toneIf(is bool, tone string) string {
	if is {
		return tone
	}
	return page.Good
}

func monthChart(v *page.Visit, months []monthly) *page.Chart {
	c := page.Chart{
		Title: v.T("console.board.dashboard.months"), Label: v.T("console.board.column.month"),
		Series: []string{v.T("console.board.series.answered"), v.T("console.board.series.not_found"), v.T("console.board.series.refused")},
	}
	for _, m := range months {
		c.Points = append(c.Points, page.Point{Label: monthShort(v, m.month), Values: []float64{float64(m.answered), float64(m.notFound), float64(m.refused)}})
	}
	return v.Chart(c)
}
