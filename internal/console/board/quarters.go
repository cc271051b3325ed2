package board

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/quarter"
)

func quarterRoutes() []page.Route {
	return slices.Concat([]page.Route{
		page.Get("/board/quarters", both, quarters),
		page.Get("/board/quarters/{quarter}", both, quarterPage),
		page.Get("/board/quarters/{quarter}/paper", both, quarterPaper),
		page.Get("/board/quarters/{quarter}/table", both, quarterTable),
	}, drawQuarter.Routes(), reviewQuarter.Routes(), returnQuarter.Routes(), issueQuarter.Routes())
}

// quarters lists the reports to the Council of Ministers, the newest first.
func quarters(v *page.Visit) error {
	all, err := v.Quarters.List(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.board.quarters.list"), Empty: v.T("console.board.quarters.none"),
		Columns: heads(v, "quarter", "state", "drafted", "reviewed", "issued", "*version"),
	}
	for i := range all {
		r := &all[i]
		row := page.Row{Cells: []page.Cell{
			{Text: quarterName(v, r.Quarter), Path: "/board/quarters/" + r.Quarter.String()},
			badge(v, "quarter", r.State.String()),
			handCell(v, &r.Drafted), handCell(v, r.Reviewed), handCell(v, r.Issued), countCell(v, r.Version),
		}}
		if r.Note != "" {
			row.Cells[1].Small = v.T("console.board.quarters.returned")
		}
		t.Rows = append(t.Rows, row)
	}
	s := page.Screen{
		Title: v.T("console.board.quarters.title"), Lead: v.T("console.board.quarters.lead"), Blocks: []any{missingNote(v, all), t},
	}
	if me, err := mine(v); err != nil {
		return err
	} else if me != nil {
		s.Buttons = []page.Button{{Path: "/board/quarters/" + quarter.Of(today(v)).String() + "/draw", Text: v.T("console.board.draw.link"), Icon: "pen"}}
	}
	return v.Show(s)
}

// missingNote says that the quarter that is over has no report yet.
func missingNote(v *page.Visit, all []quarter.Report) *page.Note {
	last := quarter.Of(today(v)).Before()
	if slices.ContainsFunc(all, func(r quarter.Report) bool { return r.Quarter == last && r.State == quarter.Issued }) {
		return nil
	}
	n := &page.Note{Tone: page.Warn, Title: v.T("console.board.quarters.due", quarterName(v, last)), Text: v.T("console.board.quarters.due.text")}
	if me, err := mine(v); err == nil && me != nil {
		n.Links = []page.Link{{Path: "/board/quarters/" + last.String() + "/draw", Text: v.T("console.board.draw.last")}}
	}
	return n
}

func quarterName(v *page.Visit, q quarter.Quarter) string {
	return v.T("console.board.quarter.name."+itoa(int64(q.No)), v.No(int64(q.Year)))
}

// handCell is whose hand a step was, and when.
func handCell(v *page.Visit, s *quarter.Signer) page.Cell {
	if s == nil {
		return page.Cell{Text: "–"}
	}
	return page.Cell{Text: officerName(v, s.Body, s.Login), Small: v.ShortDay(persian.DateOf(s.At))}
}

// quarterAt is the quarter in the page's path.
func quarterAt(v *page.Visit) (quarter.Quarter, error) {
	q, err := quarter.Parse(v.R.PathValue("quarter"))
	if err != nil {
		return q, page.NotFound()
	}
	return q, nil
}

// reportIn is the report in the page's path.
func reportIn(v *page.Visit) (*quarter.Report, error) {
	q, err := quarterAt(v)
	if err != nil {
		return nil, err
	}
	r, err := v.Quarters.Find(v.Context(), v.Actor(), q)
	if fault.Is(err, fault.NotFound) {
		err = page.NotFound()
	}
	return r, err
}
