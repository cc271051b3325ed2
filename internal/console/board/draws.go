package board

import (
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
)

// draws lists the samples, the newest first.
func draws(v *page.Visit) error {
	all, err := v.Audits.Draws(v.Context(), v.Actor(), 0)
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.board.draws.list"), Empty: v.T("console.board.draws.none"),
		Columns: heads(v, "draw", "month", "agency", "ordered", "state"),
	}
	for i := range all {
		d := &all[i]
		of := v.T("console.board.all_agencies")
		if d.Agency != 0 {
			of = v.AgencyName(d.Agency)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.board.drawn.no", v.No(d.ID)), Path: at("/inspector/draws/", d.ID)},
			{Text: v.Month(d.Month)},
			{Text: of},
			{Text: v.Moment(d.Ordered)},
			drawState(v, d),
		}})
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.draws.title"), Lead: v.T("console.board.draws.lead"), Blocks: []any{t},
		Buttons: []page.Button{{Path: "/inspector/draws/new", Text: v.T("console.board.sample.link"), Icon: "plus"}},
	})
}

func drawState(v *page.Visit, d *audit.Draw) page.Cell {
	if d.Drawn.IsZero() {
		return badge(v, "draw", "ordered")
	}
	return badge(v, "draw", "drawn")
}

// sample orders a draw, or the check of one.
var sample = page.Form[audit.Order]{
	Path: "/inspector/draws/new", Roles: inspectors, Key: "console.board.sample.",
	Above: func(v *page.Visit, _ *audit.Order) *page.Link {
		return &page.Link{Path: "/inspector/draws", Text: v.T("console.board.draws.title")}
	},
	Controls: func(v *page.Visit, _ *audit.Order) ([]page.Control, error) {
		this := today(v)
		this.Day = 0
		months := page.Control{Name: "month", Kind: page.Choose1}
		for i := range 12 {
			m := this.AddMonths(-i)
			name := v.Month(m)
			if i == 0 {
				name = v.T("console.board.sample.running", name)
			}
			months.Options = append(months.Options, page.Option{Value: m.String(), Text: name, Chosen: i == 1})
		}
		return []page.Control{months, agencyControl(v, "agency", "", true, func(a *agency.Agency) bool { return a.Bound })}, nil
	},
	Do: func(v *page.Visit, in *audit.Order) (page.Done, error) {
		d, proven, err := v.Audits.Draw(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: at("/inspector/draws/", d.ID), Code: proven.Code}, nil
	},
}
