package head

import (
	"io"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/quarter"
)

// quarters lists the quarterly reports that the board has issued, with the
// agency's own line of each.
func quarters(v *page.Visit) error {
	all, err := v.Quarters.List(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	t := &page.Table{
		Empty: v.T("console.head.quarters.none"),
		Columns: page.Head(v.T("console.head.column.quarter"), v.T("console.head.column.issued"), v.T("quarter.fact.inquiries"), v.T("console.head.quarters.online"),
			v.T("console.head.quarters.reports"), v.T("console.head.column.paper")),
	}
	for i := range all {
		r := &all[i]
		if r.Issued == nil {
			continue
		}
		own, err := ownLine(v, r.Quarter)
		if err != nil {
			return err
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("quarter.title."+strconv.Itoa(r.Quarter.No), strconv.Itoa(r.Quarter.Year))},
			{Text: v.ShortDay(persian.DateOf(r.Issued.At)), Number: true},
			{Text: v.Count(own.Inquiries)},
			{Text: v.T("console.head.of", v.Count(own.Online), v.Count(own.Processes))},
			{Text: v.Count(own.Reports), Small: v.T("console.head.quarters.upheld", v.Count(own.Upheld))},
			{Text: v.T("console.head.paper"), Path: "/head/quarters/" + r.Quarter.String() + "/paper"},
		}})
	}
	return v.Show(page.Screen{Title: v.T("console.head.quarters.title"), Lead: v.T("console.head.quarters.lead"), Blocks: []any{t}})
}

// ownLine is the agency's line of a report; an empty one if it has none.
func ownLine(v *page.Visit, q quarter.Quarter) (quarter.Line, error) {
	r, err := v.Quarters.Find(v.Context(), v.Actor(), q)
	if err != nil {
		return quarter.Line{}, err
	}
	for _, l := range r.Document.Agencies {
		if l.Agency == v.Asker.Agency.ID {
			return l, nil
		}
	}
	return quarter.Line{}, nil
}

func quarterPaper(v *page.Visit) error {
	q, err := quarter.Parse(v.R.PathValue("quarter"))
	if err != nil {
		return page.NotFound()
	}
	in := &quarter.Reading{Quarter: q, Lang: v.Lang, Format: "pdf"}
	return v.SendMade("application/pdf", "quarter-"+q.String()+".pdf", func(w io.Writer) error { return v.Quarters.Write(v.Context(), v.Actor(), in, w) })
}
