package board

import (
	"slices"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
)

func auditRoutes() []page.Route {
	return slices.Concat([]page.Route{
		page.Get("/board/audits", both, audits), page.Get("/board/audits/{audit}", both, auditCase),
		page.Get("/inspector/draws", inspectors, draws), page.Get("/inspector/draws/{draw}", inspectors, drawn),
	}, sample.Routes(), judge.Routes(), decide.Routes(), open.Routes())
}

// auditFilters are the views of the list, by the word that the address has.
var auditFilters = map[string]audit.Filter{
	"": {}, "open": {State: audit.Awaited}, "shown": {State: audit.Shown}, "disputed": {Disputed: true}, "overdue": {Overdue: true},
	"misuse": {Outcome: audit.Misuse}, "silent": {Outcome: audit.Silent}, "appealed": {Appealed: true},
}

// audits lists the inquiries whose dossiers were asked for.
func audits(v *page.Visit) error {
	q := v.R.URL.Query()
	f, ok := auditFilters[q.Get("state")]
	if !ok {
		return page.NotFound()
	}
	if text := q.Get("agency"); text != "" && f.Agency.UnmarshalText([]byte(page.Bare(text))) != nil {
		return page.NotFound()
	}
	f.After, f.Limit = v.Asked("after"), pageRows
	all, err := v.Audits.List(v.Context(), v.Actor(), &f)
	if err != nil {
		return err
	}
	more := ""
	if len(all) == pageRows {
		more = v.Next("after", itoa(all[pageRows-1].ID))
	}
	t := auditTable(v, all, v.T("console.board.audits.list"), v.T("console.board.audits.none"), more)
	t.Filter = &page.Filter{
		Path:     "/board/audits",
		Controls: []page.Input{v.Input("console.board.audits.", agencyControl(v, "agency", "", true, nil), []string{q.Get("agency")}, page.Mistakes{})},
		Hidden:   []page.Hidden{{Name: "state", Value: q.Get("state")}},
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.audits.title"), Lead: v.T("console.board.audits.lead"),
		Blocks: []any{v.Tabs("/board/audits", "state", "console.board.audits.tab.", "", "shown", "open", "disputed", "overdue", "misuse", "silent", "appealed"), t},
	})
}

func auditTable(v *page.Visit, all []audit.Case, title, empty, more string) *page.Table {
	t := &page.Table{Title: title, Empty: empty, More: more, Columns: heads(v, "audit", "agency", "asked", "source", "deadline", "state")}
	for i := range all {
		c := &all[i]
		due := page.Cell{Text: v.ShortDay(c.Deadline), Number: true}
		if c.State == audit.Awaited {
			due = dueCell(v, c.Deadline)
		}
		state := auditState(v, c)
		if c.Appeal == audit.Pending {
			state.Small = v.T("console.board.audit.appealed")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.board.audit.no", v.No(c.ID)), Path: at("/board/audits/", c.ID)},
			{Text: v.AgencyName(c.Agency), Small: v.T("console.board.audit.officer", page.Isolated(c.Officer))},
			{Text: v.Moment(c.Asked), Small: v.Known("agreement.asks.", c.Service)},
			sourceCell(v, c), due, state,
		}})
	}
	return t
}

func sourceCell(v *page.Visit, c *audit.Case) page.Cell {
	cell := page.Cell{Text: v.T("console.board.source." + c.Source)}
	if !c.Disputed.IsZero() && c.Source != "dispute" {
		cell.Small = v.T("console.board.audit.disputed")
	}
	return cell
}

// auditState is how a case stands: what was found, if it is closed.
func auditState(v *page.Visit, c *audit.Case) page.Cell {
	switch {
	case c.Outcome != 0:
		return badge(v, "outcome", c.Outcome.String())
	case c.Overdue:
		return badge(v, "audit", "overdue")
	}
	return badge(v, "audit", c.State.String())
}
