package board

import (
	"slices"

	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
)

func decisionRoutes() []page.Route {
	return slices.Concat([]page.Route{
		page.Get("/board/decisions", both, decisions),
		page.Get("/board/decisions/{decision}", both, decision),
		page.Get("/board/draft", members, kindsOfDraft),
	}, draft.Routes(), sign.Routes(), withdraw.Routes())
}

// allDecisions reads decisions to their end: a form that names one offers all.
func allDecisions(v *page.Visit, f *boards.Filter) ([]boards.Decision, error) {
	return everything(func(after int64) ([]boards.Decision, error) {
		f.Page = boards.Page{After: after, Limit: most}
		return v.Board.Decisions(v.Context(), v.Actor(), f)
	}, func(d *boards.Decision) int64 { return d.ID })
}

// decisions lists decisions by state and effect, the newest first.
func decisions(v *page.Visit) error {
	q := v.R.URL.Query()
	f := &boards.Filter{Newest: true, Page: boards.Page{After: v.Asked("before"), Limit: pageRows}}
	if state := q.Get("state"); state != "" {
		if err := f.State.UnmarshalText([]byte(state)); err != nil {
			return page.NotFound()
		}
	}
	kinds := v.Board.Effects()
	if f.Effect = q.Get("effect"); f.Effect != "" && !slices.Contains(kinds, f.Effect) {
		return page.NotFound()
	}
	all, err := v.Board.Decisions(v.Context(), v.Actor(), f)
	if err != nil {
		return err
	}
	more := ""
	if len(all) == pageRows {
		more = v.Next("before", itoa(all[pageRows-1].ID))
	}
	t := decisionTable(v, all, v.T("console.board.decisions.list"), more)
	t.Filter = &page.Filter{Path: "/board/decisions", Controls: []page.Input{
		v.Input("console.board.decisions.", page.Control{Name: "state", Kind: page.Choose1, Options: page.Blank(v.T("console.board.state.decision.all"), options(v, "console.board.state.decision.", "drafted", "decided", "withdrawn"))}, []string{q.Get("state")}, page.Mistakes{}),
		v.Input("console.board.decisions.", page.Control{Name: "effect", Kind: page.Choose1, Options: page.Blank(v.T("console.board.decisions.effect.all"), options(v, "console.board.effect.", kinds...))}, []string{f.Effect}, page.Mistakes{}),
	}}
	waiting, err := awaiting(v)
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.board.decisions.title"), Lead: v.T("console.board.decisions.lead"), Blocks: []any{signNote(v, waiting), t},
	}
	if me, err := mine(v); err != nil {
		return err
	} else if me != nil {
		s.Buttons = []page.Button{{Path: "/board/draft", Text: v.T("console.board.draft.link"), Icon: "pen"}}
	}
	return v.Show(s)
}

func decisionTable(v *page.Visit, all []boards.Decision, title, more string) *page.Table {
	t := &page.Table{
		Title: title, Empty: v.T("console.board.decisions.none"), More: more,
		Columns: heads(v, "decision", "text", "effect", "state", "from"),
	}
	for i := range all {
		d := &all[i]
		state := decisionState(v, d)
		if d.State == boards.Drafted {
			state.Small = v.T("console.board.signatures", v.Count(int64(len(d.Signatures))))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.board.decision.no", v.No(d.ID)), Path: at("/board/decisions/", d.ID), Small: v.ShortDay(d.Date)},
			{Text: excerpt(d.Text, 110), Small: d.Reference},
			{Text: effectName(v, d.Effect.Kind)},
			state, dayCell(v, d.From),
		}})
	}
	return t
}

// decisionState is how a decision stands today, in words.
func decisionState(v *page.Visit, d *boards.Decision) page.Cell {
	state := d.State.String()
	switch {
	case d.State != boards.Decided:
	case !d.Over.IsZero() && d.Over.Compare(today(v)) <= 0:
		state = "repealed"
	case d.From.Compare(today(v)) > 0:
		state = "later"
	}
	return badge(v, "decision", state)
}
