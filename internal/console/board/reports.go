package board

import (
	"slices"

	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
)

func reportRoutes() []page.Route {
	return slices.Concat([]page.Route{page.Get("/board/reports", both, reports), page.Get("/board/reports/{report}", both, report)}, find.Routes())
}

// reportFilters are the views of the list, by the word that the address has.
var reportFilters = map[string]complaint.Filter{
	"": {}, "held": {State: complaint.Held}, "open": {State: complaint.Opened}, "answered": {State: complaint.Answered}, "late": {Late: true},
	"upheld": {State: complaint.Upheld}, "rejected": {State: complaint.Rejected},
}

// reports lists what citizens reported: an agency demanded a copy.
func reports(v *page.Visit) error {
	q := v.R.URL.Query()
	f, ok := reportFilters[q.Get("state")]
	if !ok {
		return page.NotFound()
	}
	if text := q.Get("agency"); text != "" && f.Agency.UnmarshalText([]byte(page.Bare(text))) != nil {
		return page.NotFound()
	}
	f.After, f.Limit = v.Asked("after"), pageRows
	all, err := v.Complaints.List(v.Context(), v.Actor(), &f)
	if err != nil {
		return err
	}
	more := ""
	if len(all) == pageRows {
		more = v.Next("after", itoa(all[pageRows-1].ID))
	}
	t := reportTable(v, all, more)
	t.Filter = &page.Filter{
		Path:     "/board/reports",
		Controls: []page.Input{v.Input("console.board.reports.", agencyControl(v, "agency", "", true, nil), []string{q.Get("agency")}, page.Mistakes{})},
		Hidden:   []page.Hidden{{Name: "state", Value: q.Get("state")}},
	}
	s := page.Screen{
		Title: v.T("console.board.reports.title"), Lead: v.T("console.board.reports.lead"),
		Blocks: []any{v.Tabs("/board/reports", "state", "console.board.reports.tab.", "", "answered", "held", "open", "late", "upheld", "rejected")},
	}
	if q.Get("state") == "held" && len(all) > 0 {
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Warn, Title: v.T("console.board.reports.flood"), Text: v.T("console.board.reports.flood.text")})
	}
	s.Blocks = append(s.Blocks, t)
	return v.Show(s)
}

func reportTable(v *page.Visit, all []complaint.Complaint, more string) *page.Table {
	t := &page.Table{
		Title: v.T("console.board.reports.list"), Empty: v.T("console.board.reports.none"), More: more,
		Columns: heads(v, "report", "agency", "document", "date", "deadline", "state"),
	}
	for i := range all {
		c := &all[i]
		state := badge(v, "report", c.State.String())
		switch {
		case c.Reopened > 0:
			state.Small = v.T("console.board.report.reopened")
		case c.Late:
			state.Small = v.T("console.board.report.late")
		}
		due := page.Cell{Text: v.ShortDay(c.Deadline)}
		if c.State == complaint.Opened {
			due = dueCell(v, c.Deadline)
		}
		what := page.Cell{Text: v.DocumentName(c.Document)}
		if c.Copies > 1 {
			what.Small = v.T("console.board.report.copies", v.Count(int64(c.Copies)))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.board.report.no", v.No(c.ID)), Path: at("/board/reports/", c.ID)},
			{Text: v.AgencyName(c.Agency), Small: c.Province},
			what, dayCell(v, c.Day), due, state,
		}})
	}
	return t
}
