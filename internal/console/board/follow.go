package board

import (
	"slices"
	"strconv"

	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
)

func followRoutes() []page.Route {
	return slices.Concat([]page.Route{page.Get("/board/follow-ups", both, followUps)}, follow.Routes(), fulfil.Routes())
}

func allFollowUps(v *page.Visit, overdue bool) ([]boards.FollowUp, error) {
	return everything(func(after int64) ([]boards.FollowUp, error) {
		return v.Board.FollowUps(v.Context(), v.Actor(), &boards.Following{Overdue: overdue, Page: boards.Page{After: after, Limit: most}})
	}, func(f *boards.FollowUp) int64 { return f.ID })
}

// followUps lists what the board wants done, the newest first.
func followUps(v *page.Visit) error {
	state := v.R.URL.Query().Get("state")
	all, err := allFollowUps(v, state == "overdue")
	if err != nil {
		return err
	}
	switch state {
	case "", "overdue":
	case "open":
		all = slices.DeleteFunc(all, func(f boards.FollowUp) bool { return !f.Done.IsZero() })
	case "done":
		all = slices.DeleteFunc(all, func(f boards.FollowUp) bool { return f.Done.IsZero() })
	default:
		return page.NotFound()
	}
	me, err := mine(v)
	if err != nil {
		return err
	}
	some, more := older(v, all, func(f *boards.FollowUp) int64 { return f.ID })
	t := &page.Table{
		Title: v.T("console.board.follow.list"), Empty: v.T("console.board.follow.none"), More: more,
		Columns: heads(v, "follow", "responsible", "due", "state", "evidence"),
	}
	for i := range some {
		f := &some[i]
		state := followState(v, f)
		last := page.Cell{Text: f.Evidence}
		if f.Done.IsZero() && me != nil {
			last = page.Cell{Text: v.T("console.board.fulfil.link"), Path: at("/board/follow-ups/", f.ID) + "/done"}
		}
		what := page.Cell{Text: f.Text}
		if f.Decision != 0 {
			what.Small = v.T("console.board.decision.no", v.No(f.Decision))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{what, {Text: v.AgencyName(f.Responsible)}, dayCell(v, f.Due), state, last}})
	}
	s := page.Screen{
		Title: v.T("console.board.follow.title"), Lead: v.T("console.board.follow.lead"),
		Blocks: []any{v.Tabs("/board/follow-ups", "state", "console.board.state.follow.", "", "open", "overdue", "done"), t},
	}
	if me != nil {
		s.Buttons = []page.Button{{Path: "/board/follow-ups/new", Text: v.T("console.board.followup.link"), Icon: "plus"}}
	}
	return v.Show(s)
}

func followState(v *page.Visit, f *boards.FollowUp) page.Cell {
	state := "open"
	switch {
	case !f.Done.IsZero():
		state = "done"
	case f.Late > 0:
		state = "overdue"
	}
	c := badge(v, "follow", state)
	switch {
	case f.Late > 0:
		c.Small = v.T("console.board.follow.late", v.Count(int64(f.Late)))
	case state == "done":
		c.Small = v.ShortDay(f.Done)
	}
	return c
}

func aboveFollow[In any](v *page.Visit, _ *In) *page.Link {
	return &page.Link{Path: "/board/follow-ups", Text: v.T("console.board.follow.title")}
}

// follow registers something to be done.
var follow = page.Form[boards.Task]{
	Path: "/board/follow-ups/new", Roles: members, Key: "console.board.followup.", Above: aboveFollow[boards.Task],
	Begin: func(v *page.Visit, in *boards.Task) error {
		if v.R.Method != "POST" {
			in.Decision = v.Asked("decision")
		}
		return nil
	},
	Controls: func(v *page.Visit, _ *boards.Task) ([]page.Control, error) {
		decided, err := allDecisions(v, &boards.Filter{State: boards.Decided})
		from := page.Control{Name: "decision", Kind: page.Choose1, Optional: true, Options: []page.Option{{Text: v.T("console.board.followup.no_decision")}}}
		for i := range slices.Backward(decided) {
			d := &decided[i]
			from.Options = append(from.Options, page.Option{Value: strconv.FormatInt(d.ID, 10), Text: v.T("console.board.decision.named", v.No(d.ID), excerpt(d.Text, 60))})
		}
		return []page.Control{
			{Name: "text", Kind: page.LongText}, agencyControl(v, "responsible", "", false, nil), {Name: "due", Kind: page.Date}, from,
		}, err
	},
	Do: func(v *page.Visit, in *boards.Task) (page.Done, error) {
		_, proven, err := v.Board.Follow(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/board/follow-ups", Code: proven.Code}, err
	},
}

// fulfil says that something was done.
var fulfil = page.Form[boards.Fulfilment]{
	Path: "/board/follow-ups/{follow}/done", Roles: members, Key: "console.board.fulfil.", Above: aboveFollow[boards.Fulfilment],
	Begin: func(v *page.Visit, in *boards.Fulfilment) (err error) {
		in.FollowUp, err = v.Number("follow")
		in.On = today(v)
		return err
	},
	Around: func(v *page.Visit, in *boards.Fulfilment) ([]any, error) {
		all, err := v.Board.FollowUps(v.Context(), v.Actor(), &boards.Following{Page: boards.Page{After: in.FollowUp - 1, Limit: 1}})
		if err != nil {
			return nil, err
		}
		if len(all) == 0 || all[0].ID != in.FollowUp {
			return nil, page.NotFound()
		}
		f := &all[0]
		state := followState(v, f)
		return []any{page.Facts{Title: v.T("console.board.fulfil.what"), List: []page.Fact{
			fact(v, "text", f.Text), fact(v, "responsible", v.AgencyName(f.Responsible)), fact(v, "due", v.Day(f.Due)),
			{Label: v.T("console.board.fact.state"), Value: state.Text, Tone: state.Tone},
		}}}, nil
	},
	Controls: func(*page.Visit, *boards.Fulfilment) ([]page.Control, error) {
		return []page.Control{{Name: "on", Kind: page.Date}, {Name: "evidence", Kind: page.LongText}}, nil
	},
	Do: func(v *page.Visit, in *boards.Fulfilment) (page.Done, error) {
		_, proven, err := v.Board.Done(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/board/follow-ups", Code: proven.Code}, err
	},
}
