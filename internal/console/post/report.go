package post

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// linesShown is how many lines of a report a page shows.
const linesShown = 100

// report is one monthly report with its lines and the Post's replies.
func report(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	after, err := strconv.Atoi("0" + v.R.URL.Query().Get("after"))
	if err != nil {
		return page.NotFound()
	}
	r, err := v.Places.Report(v.Context(), v.Actor(), &place.ReportOf{Report: id, After: after, Limit: linesShown})
	if err != nil {
		return err
	}
	here := base(v) + "/reports/" + itoa(id)
	s := page.Screen{
		Title: v.T("console.post.report.title", v.Month(r.Month)), Lead: reporter(v, r),
		Above: &page.Link{Path: base(v) + "/reports", Text: v.T("console.post.menu.reports")},
		Blocks: []any{page.Tiles{
			{Label: v.T("console.post.report.lines"), Value: v.Count(int64(r.Lines)), Note: r.Document},
			{Label: v.T("console.post.report.waiting"), Value: v.Count(int64(r.Waiting)), Tone: map[bool]string{true: page.Warn, false: page.Good}[r.Waiting > 0]},
			{Label: v.T("console.post.report.refused"), Value: v.Count(int64(r.Refused)), Note: v.T("console.post.report.refused.note"), Tone: tone(r.Refused)},
			{Label: v.T("console.post.report.at"), Value: v.Moment(r.At), Words: true},
		}},
	}
	if isPost(v) && r.Waiting > 0 {
		s.Buttons = []page.Button{{Path: here + "/review", Text: v.T("console.post.review.link"), Icon: "check"}}
	}
	t := &page.Table{Title: v.T("console.post.report.list"), Empty: v.T("console.post.report.no_change"), Columns: []page.Column{
		{Title: v.T("console.post.line.number"), Number: true},
		{Title: v.T("console.post.line.kind")},
		{Title: v.T("console.post.line.old")},
		{Title: v.T("console.post.line.new")},
		{Title: v.T("console.post.line.state")},
	}}
	for i := range r.Reply {
		t.Rows = append(t.Rows, line(v, &r.Reply[i], here))
	}
	if len(r.Reply) == linesShown {
		t.More = here + "?after=" + strconv.Itoa(r.Reply[linesShown-1].Number)
	}
	s.Blocks = append(s.Blocks, t)
	return v.Show(s)
}

// line is one line of a report and what became of it.
func line(v *page.Visit, l *place.Reply, here string) page.Row {
	text, tone := lineState(v, l.State)
	old := page.Cell{Text: dash(stated(v, &l.Old))}
	if l.Code != 0 {
		old.Small = code(v, l.Code)
	}
	state := page.Cell{Text: text, Tone: tone}
	switch {
	case l.State == place.Refused:
		state.Small = reason(v, l.Reason)
	case l.State == place.Accepted:
		state.Small = v.T("console.post.line.places", v.Count(int64(l.Places)))
		for i, c := range l.Codes {
			if i < 3 {
				state.Small += " · " + code(v, c)
			}
		}
	}
	if l.Note != "" {
		state.Small += " · " + l.Note
	}
	what := page.Cell{Text: kind(v, l.Kind)}
	if isPost(v) && l.State == place.Waiting {
		what.Path = here + "/review?line=" + strconv.Itoa(l.Number)
	}
	return page.Row{Cells: []page.Cell{{Text: v.Count(int64(l.Number)), Number: true}, what, old, {Text: dash(stated(v, &l.New))}, state}}
}
