package board

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/audit"
	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
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

// awaiting are the drafts that the visitor can sign: he was in the session, and
// nobody has signed for his body.
func awaiting(v *page.Visit) (waiting []boards.Decision, err error) {
	me, err := mine(v)
	if err != nil || me == nil {
		return nil, err
	}
	drafts, err := v.Board.Decisions(v.Context(), v.Actor(), &boards.Filter{State: boards.Drafted, Page: boards.Page{Limit: most}})
	if err != nil || len(drafts) == 0 {
		return nil, err
	}
	held, err := sessionsByID(v)
	for _, d := range drafts {
		signed := slices.ContainsFunc(d.Signatures, func(s boards.Signature) bool { return s.Body == me.Body })
		if !signed && slices.Contains(held[d.Session].Present, me.ID) {
			waiting = append(waiting, d)
		}
	}
	return waiting, err
}

// mine is the visitor's membership today; nil: he has none.
func mine(v *page.Visit) (*boards.Member, error) {
	all, err := v.Board.Members(v.Context(), v.Actor())
	day, me := today(v), v.Actor()
	for i := range slices.Backward(all) {
		m := &all[i]
		if m.Agency == me.Agency && m.Login == me.ID && m.From.Compare(day) <= 0 && day.Compare(m.Until) <= 0 {
			return m, err
		}
	}
	return nil, err
}

// oversight is what inspectors and citizens found in the last three months.
type oversight struct {
	cases audit.Figures
	told  complaint.Figures
}

func supervised(v *page.Visit) (*oversight, error) {
	var o oversight
	until := v.Clock().Add(time.Hour)
	from := today(v).AddMonths(-3).Start()
	cases, err := v.Audits.Figures(v.Context(), from, until)
	if err != nil {
		return nil, err
	}
	for _, f := range cases {
		c := &o.cases
		c.Sampled, c.Shown, c.Late, c.Misuse = c.Sampled+f.Sampled, c.Shown+f.Shown, c.Late+f.Late, c.Misuse+f.Misuse
		c.Narrowed, c.Open, c.Disputes = c.Narrowed+f.Narrowed, c.Open+f.Open, c.Disputes+f.Disputes
	}
	told, err := v.Complaints.Figures(v.Context(), from, until)
	for _, f := range told {
		t := &o.told
		t.Filed, t.Upheld, t.Rejected, t.Open, t.Late = t.Filed+f.Filed, t.Upheld+f.Upheld, t.Rejected+f.Rejected, t.Open+f.Open, t.Late+f.Late
	}
	return &o, err
}

func (o *oversight) audits(v *page.Visit) page.Facts {
	return page.Facts{Title: v.T("console.board.dashboard.audits"), List: []page.Fact{
		figureFact(v, "sampled", o.cases.Sampled, "/board/audits"), figureFact(v, "shown", o.cases.Shown, "/board/audits?state=shown"),
		figureFact(v, "disputes", o.cases.Disputes, "/board/audits?state=disputed"),
		figureFact(v, "misuse", o.cases.Misuse, "/board/audits?state=misuse"), figureFact(v, "narrowed", o.cases.Narrowed, ""),
	}}
}

func (o *oversight) reports(v *page.Visit) page.Facts {
	return page.Facts{Title: v.T("console.board.dashboard.reports"), List: []page.Fact{
		figureFact(v, "filed", o.told.Filed, "/board/reports"), figureFact(v, "upheld", o.told.Upheld, "/board/reports?state=upheld"),
		figureFact(v, "rejected", o.told.Rejected, "/board/reports?state=rejected"),
		figureFact(v, "unjudged", o.told.Open, ""), figureFact(v, "answered_late", o.told.Late, "/board/reports?state=late"),
	}}
}

func figureFact(v *page.Visit, key string, n int64, path string) page.Fact {
	return page.Fact{Label: v.T("console.board.figure." + key), Value: v.Count(n), Path: path}
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

// share is n of all in percent; of nothing it is a dash.
func share(v *page.Visit, n, all int64) string {
	if all == 0 {
		return "–"
	}
	return v.Percent(float64(n) / float64(all))
}

// coverage counts the processes of all agencies, and those that are online.
func coverage(v *page.Visit) (online, all int64) {
	for _, p := range v.Processes.All() {
		if p.Ended {
			continue
		}
		if all++; p.State == process.Online {
			online++
		}
	}
	return online, all
}

// signNote leads to the drafts that wait for the visitor's signature.
func signNote(v *page.Visit, waiting []boards.Decision) *page.Note {
	if len(waiting) == 0 {
		return nil
	}
	n := &page.Note{Tone: page.Warn, Title: v.T("console.board.dashboard.sign"), Text: v.T("console.board.dashboard.sign.text")}
	for _, d := range waiting {
		n.Links = append(n.Links, page.Link{Path: at("/board/decisions/", d.ID), Text: v.T("console.board.decision.named", v.No(d.ID), excerpt(d.Text, 60))})
	}
	return n
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

// provinceMeters are the provinces in the order of how far they have come.
func provinceMeters(v *page.Visit, n int) page.Meters {
	m := page.Meters{Title: v.T("console.board.dashboard.provinces"), Empty: v.T("console.board.dashboard.provinces.none")}
	all := slices.DeleteFunc(byProvince(v), func(p reach) bool { return p.processes == 0 })
	slices.SortStableFunc(all, func(a, b reach) int { return cmp.Compare(b.share(), a.share()) })
	for _, p := range all[:min(n, len(all))] {
		m.Lines = append(m.Lines, page.Progress{Label: p.name, Share: p.share(), Text: v.Percent(p.share())})
	}
	return m
}

// nearTable lists the deadlines that somebody has missed or soon may miss.
func nearTable(v *page.Visit, clocks []deadline.Clock) *page.Table {
	t := &page.Table{
		Title: v.T("console.board.dashboard.near"), Empty: v.T("console.board.dashboard.near.none"),
		Columns: heads(v, "duty", "state", "due", "*late", "*running"),
	}
	all := slices.DeleteFunc(slices.Clone(clocks), func(c deadline.Clock) bool { return c.State != deadline.Late && c.State != deadline.Running })
	slices.SortStableFunc(all, func(a, b deadline.Clock) int {
		return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(nearest(&a).Pack(), nearest(&b).Pack()))
	})
	for _, c := range all[:min(8, len(all))] {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Either(c.Fa, c.En), Path: "/board/deadlines/" + c.Name},
			badge(v, "deadline", c.State), dueCell(v, nearest(&c)),
			countCell(v, int64(c.Late)), countCell(v, int64(c.Running)),
		}})
	}
	return t
}

// nearest is the last day of a clock, or the first one of those whom it
// concerns that have not met it.
func nearest(c *deadline.Clock) persian.Date {
	due := c.Due
	for _, l := range c.Lines {
		if l.State == deadline.Running || l.State == deadline.Late {
			if due.IsZero() || !l.Due.IsZero() && l.Due.Compare(due) < 0 {
				due = l.Due
			}
		}
	}
	return due
}

// dueCell is a last day with what is left of it.
func dueCell(v *page.Visit, due persian.Date) page.Cell {
	text, tone := v.Left(due, soon)
	if tone == page.Plain {
		return page.Cell{Text: v.ShortDay(due), Number: due.Precise(), Small: text}
	}
	return page.Cell{Text: text, Tone: tone, Small: v.ShortDay(due)}
}

// reach is how far the bodies of one province have come.
type reach struct {
	name                          string
	bodies, joined, agreements    int64
	processes, online, exceptions int64
}

func (r *reach) share() float64 {
	if r.processes == 0 {
		return 0
	}
	return float64(r.online) / float64(r.processes)
}

// byProvince adds up the bound bodies of each province; national ones stand
// first, without a name of a province.
func byProvince(v *page.Visit) []reach {
	all, index := []reach{{name: v.T("console.board.national")}}, map[string]int{"": 0}
	for _, name := range v.Processes.Provinces() {
		index[persian.Key(name)] = len(all)
		all = append(all, reach{name: name})
	}
	now := v.Clock()
	for _, a := range v.Agencies.Agencies() {
		i, ok := index[persian.Key(a.Province)]
		if !ok || !a.Bound || a.State == agency.Closed {
			continue
		}
		r := &all[i]
		r.bodies++
		if a.Accountable != "" {
			r.joined++
		}
		if _, ok := v.Agreements.InForce(a.ID, now); ok {
			r.agreements++
		}
		for _, p := range v.Processes.Of(a.ID) {
			if p.Ended {
				continue
			}
			switch r.processes++; p.State {
			case process.Online:
				r.online++
			case process.Exception:
				r.exceptions++
			}
		}
	}
	return all
}

// sessionsByID are all sessions by their numbers.
func sessionsByID(v *page.Visit) (map[int64]boards.Session, error) {
	all, err := allSessions(v)
	by := map[int64]boards.Session{}
	for _, s := range all {
		by[s.ID] = s
	}
	return by, err
}

func allSessions(v *page.Visit) (all []boards.Session, err error) {
	return everything(func(after int64) ([]boards.Session, error) {
		return v.Board.Sessions(v.Context(), v.Actor(), &boards.Page{After: after, Limit: most})
	}, func(s *boards.Session) int64 { return s.ID })
}

// everything reads a list to its end. What the board keeps is short: a few
// sessions a month.
func everything[T any](read func(after int64) ([]T, error), id func(*T) int64) (all []T, err error) {
	for after := int64(0); ; {
		some, err := read(after)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < most {
			return all, nil
		}
		after = id(&some[len(some)-1])
	}
}
