package post

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// reportsShown is how many reports a page lists.
const reportsShown = 50

// reports lists monthly reports: the Post those that wait, or all; a
// municipality its own.
func reports(v *page.Visit) error {
	q := v.R.URL.Query()
	all := q.Get("all") != "" || !isPost(v)
	after, err := strconv.ParseInt("0"+q.Get("after"), 10, 62)
	if err != nil {
		return page.NotFound()
	}
	found, err := v.Places.Reports(v.Context(), v.Actor(), &place.Listing{Waiting: !all, After: after, Limit: reportsShown})
	if err != nil {
		return err
	}
	t := reportTable(v, "", found.Reports)
	if len(found.Reports) == reportsShown {
		t.More = base(v) + "/reports?after=" + itoa(found.Reports[reportsShown-1].ID)
		if isPost(v) && all {
			t.More += "&all=1"
		}
	}
	s := page.Screen{Title: v.T("console.post.reports.title"), Lead: v.T("console.post.reports.lead", strconv.Itoa(v.Places.ReportDay))}
	if isPost(v) {
		s.Blocks = []any{page.Tabs{
			{Path: "/post/reports", Text: v.T("console.post.reports.waiting"), Current: !all}, {Path: "/post/reports?all=1", Text: v.T("console.post.reports.all"), Current: all},
		}}
	} else {
		s.Lead = v.T("console.post.reports.own")
		s.Buttons = []page.Button{
			{Path: "/municipality/reports/new", Text: v.T("console.post.menu.submit"), Icon: "plus"},
			{Path: "/municipality/reports/file", Text: v.T("console.post.menu.submit_file"), Icon: "up", Ghost: true},
		}
		late, err := late(v)
		if err != nil {
			return err
		}
		s.Blocks = []any{months12(v, late)}
	}
	s.Blocks = append(s.Blocks, t)
	return v.Show(s)
}

func reportTable(v *page.Visit, title string, reports []*place.Report) *page.Table {
	t := &page.Table{Title: title, Empty: v.T("console.post.reports.empty"), Columns: []page.Column{
		{Title: v.T("console.post.report.month")},
		{Title: v.T("console.post.report.from")},
		{Title: v.T("console.post.report.at")},
		{Title: v.T("console.post.report.lines"), Number: true},
		{Title: v.T("console.post.report.waiting")},
	}}
	for _, r := range reports {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Month(r.Month), Path: base(v) + "/reports/" + itoa(r.ID)},
			{Text: reporter(v, r), Small: r.Document},
			{Text: v.Moment(r.At)},
			{Text: v.Count(int64(r.Lines)), Number: true},
			waitingCell(v, r),
		}})
	}
	return t
}

func waitingCell(v *page.Visit, r *place.Report) page.Cell {
	switch {
	case r.Lines == 0:
		return page.Cell{Text: v.T("console.post.report.nothing"), Tone: page.Info}
	case r.Waiting == 0:
		return page.Cell{Text: v.T("console.post.report.done"), Tone: page.Good}
	}
	return page.Cell{Text: v.T("console.post.report.left", v.Count(int64(r.Waiting))), Tone: page.Warn}
}

// reporter is the municipality's name.
func reporter(v *page.Visit, r *place.Report) string {
	a, err := v.Agencies.ByID(r.Agency)
	if err != nil {
		return v.Digits(r.Agency.String())
	}
	return a.Name
}

// reportsWaiting counts what the Post has to review.
func reportsWaiting(v *page.Visit) int {
	found, err := v.Places.Reports(v.Context(), v.Actor(), &place.Listing{Waiting: true, Limit: 100})
	if err != nil {
		return 0
	}
	return len(found.Reports)
}
