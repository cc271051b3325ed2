package board

import (
	"slices"
	"strconv"

	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
)

func sessionRoutes() []page.Route {
	return slices.Concat([]page.Route{
		page.Get("/board/members", both, memberList),
		page.Get("/board/sessions", both, sessions),
		page.Get("/board/sessions/{session}", both, session),
	}, hold.Routes())
}

// sessions lists what was held, the newest first.
func sessions(v *page.Visit) error {
	all, err := allSessions(v)
	if err != nil {
		return err
	}
	who, err := v.Board.Members(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	some, more := older(v, all, func(s *boards.Session) int64 { return s.ID })
	t := &page.Table{
		Title: v.T("console.board.sessions.list"), Empty: v.T("console.board.sessions.none"), More: more,
		Columns: heads(v, "session", "date", "place", "bodies", "agenda"),
	}
	for _, s := range some {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.board.session.no", v.No(s.ID)), Path: at("/board/sessions/", s.ID)},
			dayCell(v, s.Date),
			{Text: s.Place},
			{Text: v.T("console.board.of_four", v.Count(int64(len(bodiesOf(who, s.Present)))))},
			{Text: excerpt(s.Agenda, 90)},
		}})
	}
	screen := page.Screen{Title: v.T("console.board.sessions.title"), Lead: v.T("console.board.sessions.lead"), Blocks: []any{t}}
	if me, err := mine(v); err != nil {
		return err
	} else if me != nil {
		screen.Buttons = []page.Button{{Path: "/board/hold", Text: v.T("console.board.hold.link"), Icon: "plus"}}
	}
	return v.Show(screen)
}

// bodiesOf are the bodies that members sit for.
func bodiesOf(all []boards.Member, present []int64) (bodies []string) {
	for _, m := range all {
		if slices.Contains(present, m.ID) && !slices.Contains(bodies, m.Body) {
			bodies = append(bodies, m.Body)
		}
	}
	return bodies
}

// session shows one with its decisions.
func session(v *page.Visit) error {
	id, err := v.Number("session")
	if err != nil {
		return err
	}
	held, err := v.Board.Sessions(v.Context(), v.Actor(), &boards.Page{After: id - 1, Limit: 1})
	if err != nil {
		return err
	}
	if len(held) == 0 || held[0].ID != id {
		return page.NotFound()
	}
	s := &held[0]
	who, err := v.Board.Members(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	decided, err := allDecisions(v, &boards.Filter{})
	if err != nil {
		return err
	}
	decided = slices.DeleteFunc(decided, func(d boards.Decision) bool { return d.Session != id })
	present := &page.Table{Title: v.T("console.board.session.present"), Columns: heads(v, "body", "member")}
	for _, m := range who {
		if slices.Contains(s.Present, m.ID) {
			present.Rows = append(present.Rows, page.Row{Cells: []page.Cell{{Text: bodyName(v, m.Body)}, {Text: officerName(v, m.Agency, m.Login)}}})
		}
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.session.title", v.No(s.ID)), Lead: v.T("console.board.session.lead", v.Day(s.Date), s.Place),
		Above: &page.Link{Path: "/board/sessions", Text: v.T("console.board.sessions.title")},
		Blocks: []any{page.Pair{
			Main: []any{
				page.Panel{Title: v.T("console.board.field.agenda"), Blocks: []any{lines(s.Agenda)}},
				page.Panel{Title: v.T("console.board.field.minutes"), Blocks: []any{lines(s.Minutes)}},
				decisionTable(v, decided, v.T("console.board.session.decisions"), ""),
			},
			Side: []any{present, page.Facts{Title: v.T("console.board.session.registered"), List: []page.Fact{
				fact(v, "by", memberName(v, who, s.Member)), fact(v, "at", v.Moment(s.Made)),
			}}},
		}},
	})
}

// hold registers a session that was held.
var hold = page.Form[boards.Meeting]{
	Path: "/board/hold", Roles: members, Key: "console.board.hold.",
	Above: func(v *page.Visit, _ *boards.Meeting) *page.Link {
		return &page.Link{Path: "/board/sessions", Text: v.T("console.board.sessions.title")}
	},
	Controls: func(v *page.Visit, _ *boards.Meeting) ([]page.Control, error) {
		all, err := v.Board.Members(v.Context(), v.Actor())
		present := page.Control{Name: "present", Kind: page.Ticks}
		for _, m := range all {
			present.Options = append(present.Options, page.Option{
				Value: strconv.FormatInt(m.ID, 10), Text: v.T("console.board.hold.member", officerName(v, m.Agency, m.Login), bodyName(v, m.Body), v.ShortDay(m.Until)),
			})
		}
		return []page.Control{
			{Name: "date", Kind: page.Date},
			{Name: "place"},
			present,
			{Name: "agenda", Kind: page.LongText, Label: "console.board.field.agenda"},
			{Name: "minutes", Kind: page.LongText, Label: "console.board.field.minutes"},
		}, err
	},
	Do: func(v *page.Visit, in *boards.Meeting) (page.Done, error) {
		s, proven, err := v.Board.Hold(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: at("/board/sessions/", s.ID), Code: proven.Code}, nil
	},
}

func allSessions(v *page.Visit) (all []boards.Session, err error) {
	return everything(func(after int64) ([]boards.Session, error) {
		return v.Board.Sessions(v.Context(), v.Actor(), &boards.Page{After: after, Limit: most})
	}, func(s *boards.Session) int64 { return s.ID })
}
