package board

import (
	"slices"

	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/register"
)

// report shows one report with all that was done.
func report(v *page.Visit) error {
	id, err := v.Number("report")
	if err != nil {
		return err
	}
	c, err := v.Complaints.Find(v.Context(), v.Actor(), id)
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.board.report.title", v.No(c.ID)), Lead: v.T("console.board.report.lead", v.AgencyName(c.Agency), v.Day(c.Day)),
		Above: &page.Link{Path: "/board/reports", Text: v.T("console.board.reports.title")},
	}
	if v.Role() == register.Inspector && judgeable(c) {
		s.Buttons = []page.Button{{Path: at("/inspector/reports/", c.ID) + "/judge", Text: v.T("console.board.find.link"), Icon: "scale"}}
	}
	s.Blocks = []any{reportNote(v, c), page.Pair{
		Main: []any{page.Panel{Title: v.T("console.board.report.text"), Blocks: []any{lines(c.Text)}}, reportSteps(v, c)},
		Side: []any{reportFacts(v, c)},
	}}
	return v.Show(s)
}

// judgeable reports whether an inspector has something to say now.
func judgeable(c *complaint.Complaint) bool {
	return c.State == complaint.Held || c.State == complaint.Answered || c.State == complaint.Opened && c.Late
}

func reportNote(v *page.Visit, c *complaint.Complaint) any {
	switch {
	case c.State == complaint.Held:
		return page.Note{Tone: page.Warn, Title: v.T("console.board.state.report.held"), Text: v.T("console.board.reports.flood.text")}
	case c.State == complaint.Opened && c.Late:
		return page.Note{Tone: page.Bad, Title: v.T("console.board.report.late"), Text: v.T("console.board.report.late.text", v.Day(c.Deadline))}
	case c.State == complaint.Opened:
		return page.Note{Tone: page.Info, Title: v.T("console.board.state.report.open"), Text: v.T("console.board.report.waits", v.Day(c.Deadline))}
	}
	return nil
}

func reportFacts(v *page.Visit, c *complaint.Complaint) page.Facts {
	process := "–"
	if p, ok := v.Processes.Find(c.Agency, c.Process); ok {
		process = p.Title
	}
	facts := []page.Fact{
		stateFact(v, "state", "report", c.State.String()), fact(v, "agency", v.AgencyName(c.Agency)), fact(v, "process", process),
		fact(v, "demanded", v.DocumentName(c.Document)), fact(v, "day", v.Day(c.Day)), fact(v, "place", placeOf(v, c)), fact(v, "filed", v.Moment(c.Made)),
		fact(v, "deadline", v.Day(c.Deadline)), fact(v, "copies", v.Count(int64(max(c.Copies, 1)))),
	}
	if c.Accountable != "" {
		facts = append(facts, fact(v, "accountable", officerName(v, c.Agency, c.Accountable)))
	}
	if c.Contact != "" {
		facts = append(facts, page.Fact{Label: v.T("console.board.fact.contact"), Value: c.Contact, Small: v.T("console.board.report.contact")})
	}
	return page.Facts{Title: v.T("console.board.report.facts"), List: append(facts, numberFact(v, "code", codeOf(string(c.Code))))}
}

func placeOf(v *page.Visit, c *complaint.Complaint) string {
	var all []string
	for _, s := range []string{c.Province, c.County, c.Place} {
		if s != "" {
			all = append(all, s)
		}
	}
	return list(v, all)
}

func reportSteps(v *page.Visit, c *complaint.Complaint) page.Timeline {
	line := page.Timeline{Title: v.T("console.board.report.steps")}
	icons := map[string]string{"filed": "person", "held": "warn", "admitted": "check", "answered": "letter", "upheld": "scale", "rejected": "scale", "reopened": "back"}
	for _, s := range slices.Backward(c.Steps) {
		e := page.Event{When: v.Moment(s.At), Title: v.T("console.board.step.report." + s.What), Text: s.Text, Icon: icons[s.What], By: roleName(v, s.Role)}
		if s.Officer != "" {
			e.By = v.T("console.board.by", officerName(v, s.Agency, s.Officer), roleName(v, s.Role))
		}
		line.Events = append(line.Events, e)
	}
	return line
}

// judging is a judgement, and how many steps the report had when it was read.
type judging struct {
	complaint.Judgement
	Seen int64 `json:"seen"`
}

// find judges a report, or lets one in that came in a flood.
var find = page.Form[judging]{
	Path: "/inspector/reports/{report}/judge", Roles: inspectors, Key: "console.board.find.", Danger: true, Wide: true,
	Begin: func(v *page.Visit, in *judging) error {
		id, err := v.Number("report")
		if err != nil {
			return err
		}
		c, err := v.Complaints.Find(v.Context(), v.Actor(), id)
		if err == nil {
			in.ID, in.Seen = id, int64(len(c.Steps))
		}
		return err
	},
	Above: func(v *page.Visit, in *judging) *page.Link {
		return &page.Link{Path: at("/board/reports/", in.ID), Text: v.T("console.board.report.title", v.No(in.ID))}
	},
	Around: func(v *page.Visit, in *judging) ([]any, error) {
		c, err := v.Complaints.Find(v.Context(), v.Actor(), in.ID)
		if err != nil {
			return nil, err
		}
		return []any{reportNote(v, c), page.Pair{
			Main: []any{page.Panel{Title: v.T("console.board.report.text"), Blocks: []any{lines(c.Text)}}, reportSteps(v, c)}, Side: []any{reportFacts(v, c)},
		}}, nil
	},
	Controls: func(v *page.Visit, in *judging) ([]page.Control, error) {
		c, err := v.Complaints.Find(v.Context(), v.Actor(), in.ID)
		if err != nil {
			return nil, err
		}
		words := []string{"upheld", "rejected"}
		if c.State == complaint.Held {
			words = []string{"admit", "rejected"}
		}
		return []page.Control{
			{Name: "decision", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "console.board.find.decision.", words...))},
			{Name: "reason", Kind: page.LongText},
			{Name: "seen", Kind: page.Carried},
		}, nil
	},
	Do: func(v *page.Visit, in *judging) (page.Done, error) {
		c, err := v.Complaints.Find(v.Context(), v.Actor(), in.ID)
		switch {
		case err != nil:
			return page.Done{}, err
		case int64(len(c.Steps)) != in.Seen:
			return page.Done{}, page.ErrChanged
		}
		_, proven, err := v.Complaints.Judge(v.Context(), v.Journal, v.Actor(), &in.Judgement)
		return page.Done{Path: at("/board/reports/", in.ID), Code: proven.Code}, err
	},
}
