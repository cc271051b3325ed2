package head

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

func reportRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/head/reports", reports), get("/head/reports/{id}", reportPage)}, answer.Routes())
}

// reports lists what citizens have reported: copies that the agency demanded.
func reports(v *page.Visit) error {
	view := v.R.URL.Query().Get("view")
	f := complaint.Filter{After: v.Asked("after"), Limit: pageRows}
	if view == "all" {
		f.State = 0
	} else {
		view, f.State = "open", complaint.Opened
	}
	all, err := v.Complaints.List(v.Context(), v.Actor(), &f)
	if err != nil {
		return err
	}
	t := &page.Table{
		Empty: v.T("console.head.reports.none." + view),
		Columns: page.Head(v.T("console.head.column.report"), v.T("console.head.column.document"), v.T("console.head.column.where"), v.T("console.head.column.day"),
			v.T("console.head.column.state"), v.T("console.head.column.answer")),
	}
	last := int64(0)
	for i := range all {
		c := &all[i]
		last = max(last, c.ID)
		due := page.Cell{Text: v.T("console.head.report.answered", v.ShortDay(persian.DateOf(c.Answered)))}
		if c.Answered.IsZero() || c.State == complaint.Opened {
			due = dueCell(v, c.Deadline)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.head.report.no", v.Count(c.ID)), Path: fmt.Sprintf("/head/reports/%d", c.ID), Small: processName(v, c.Process)},
			{Text: v.DocumentName(c.Document), Small: copiesOf(v, c.Copies)},
			{Text: c.Province, Small: c.County},
			{Text: v.ShortDay(c.Day), Number: true},
			badge(v, "report", c.State.String()), due,
		}})
	}
	t.More = more(v, len(all), last)
	tabs := page.Tabs{
		{Path: "/head/reports", Text: v.T("console.head.reports.open"), Current: view == "open"},
		{Path: "/head/reports?view=all", Text: v.T("console.head.reports.all"), Current: view == "all"},
	}
	return v.Show(page.Screen{Title: v.T("console.head.reports.title"), Lead: v.T("console.head.reports.lead"), Blocks: []any{tabs, t}})
}

func copiesOf(v *page.Visit, n int) string {
	if n < 2 {
		return ""
	}
	return v.T("console.head.report.copies", v.Count(int64(n)))
}

// reportPage shows one report and what was said of it.
func reportPage(v *page.Visit) error {
	c, err := reportOf(v)
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.head.report.title", v.Count(c.ID)), Above: above(v, "/head/reports", "reports"),
		Blocks: []any{reportNote(v, c), page.Pair{Main: reportBlocks(v, c), Side: []any{reportLine(v, c)}}},
	}
	if c.State == complaint.Opened || c.State == complaint.Answered {
		s.Buttons = []page.Button{{Path: fmt.Sprintf("/head/reports/%d/answer", c.ID), Text: v.T("console.head.report.answer"), Icon: "letter"}}
	}
	return v.Show(s)
}

// reportOf is the report about the agency that the address names.
func reportOf(v *page.Visit) (*complaint.Complaint, error) {
	id, err := v.Number("id")
	if err != nil {
		return nil, err
	}
	return v.Complaints.Find(v.Context(), v.Actor(), id)
}

func reportNote(v *page.Visit, c *complaint.Complaint) page.Note {
	n := page.Note{Tone: tones["report"][c.State.String()], Title: v.T("console.head.state.report." + c.State.String()), Text: v.T("console.head.report.note." + c.State.String())}
	if c.State == complaint.Opened {
		text, _ := v.Left(c.Deadline, soon)
		n.Title = v.T("console.head.report.until", v.Day(c.Deadline))
		n.Lines = []string{text}
	}
	if c.Reopened > 0 {
		n.Lines = append(n.Lines, v.T("console.head.report.reopened"))
	}
	return n
}

func reportBlocks(v *page.Visit, c *complaint.Complaint) []any {
	return []any{
		page.Facts{Title: v.T("console.head.report.what"), List: []page.Fact{
			fact(v, "demanded", v.DocumentName(c.Document)), fact(v, "process", processName(v, c.Process)), fact(v, "day", v.Day(c.Day)),
			fact(v, "where", v.List(slices.DeleteFunc([]string{c.Province, c.County, c.Place}, func(s string) bool { return s == "" }))),
			fact(v, "filed", v.Moment(c.Made)), fact(v, "copies", v.Count(int64(max(c.Copies, 1)))),
		}},
		page.Panel{Title: v.T("console.head.report.words"), Blocks: []any{page.Text{c.Text}}},
	}
}

func reportLine(v *page.Visit, c *complaint.Complaint) page.Timeline {
	t := page.Timeline{Title: v.T("console.head.report.story")}
	for _, s := range slices.Backward(c.Steps) {
		e := page.Event{When: v.Moment(s.At), Title: v.T("console.head.step.report." + s.What), Text: s.Text, Icon: "letter"}
		if s.What == "filed" {
			e.Text = "" // it stands above
		}
		if s.Officer != "" {
			e.By = officerName(v, s.Agency, s.Officer)
		}
		t.Events = append(t.Events, e)
	}
	return t
}

// replying is the agency's answer. Was is how many steps the report had.
type replying struct {
	complaint.Reply
	Was string `json:"was"`
}

var answer = page.Form[replying]{
	Path: "/head/reports/{id}/answer", Roles: only, Key: "console.head.answer.",
	Begin: func(v *page.Visit, in *replying) error {
		c, err := reportOf(v)
		if err != nil {
			return err
		}
		if in.ID = c.ID; asking(v) {
			in.Was = strconv.Itoa(len(c.Steps))
		}
		return nil
	},
	Above: func(v *page.Visit, in *replying) *page.Link {
		return &page.Link{Path: fmt.Sprintf("/head/reports/%d", in.ID), Text: v.T("console.head.report.title", v.Count(in.ID))}
	},
	Around: func(v *page.Visit, _ *replying) ([]any, error) {
		c, err := reportOf(v)
		if err != nil {
			return nil, err
		}
		return append([]any{reportNote(v, c)}, reportBlocks(v, c)...), nil
	},
	Controls: func(*page.Visit, *replying) ([]page.Control, error) {
		return []page.Control{{Name: "text", Kind: page.LongText, Max: 2000}, {Name: "was", Kind: page.Carried}}, nil
	},
	Do: func(v *page.Visit, in *replying) (page.Done, error) {
		c, err := reportOf(v)
		if err != nil {
			return page.Done{}, err
		}
		if strconv.Itoa(len(c.Steps)) != in.Was {
			return page.Done{}, page.ErrChanged
		}
		_, proven, err := v.Complaints.Answer(v.Context(), v.Journal, v.Actor(), &in.Reply)
		return page.Done{Path: fmt.Sprintf("/head/reports/%d", in.ID), Code: proven.Code}, err
	},
}
