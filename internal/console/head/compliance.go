package head

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
)

func complianceRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/head/compliance", complianceList),
		get("/head/compliance/{clause}", clausePage),
	}, declare.Routes())
}

// complianceList shows how the agency stands with what the law asks.
func complianceList(v *page.Visit) error {
	all, err := v.Compliance.List(v.Context(), v.Actor(), &compliance.Filter{Agency: v.Asker.Agency.ID})
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.head.compliance.list"), Empty: v.T("console.head.compliance.none"),
		Columns: page.Head(v.T("console.head.column.duty"), v.T("console.head.column.state"), v.T("console.head.column.share.declared"), v.T("console.head.column.share.counted"), v.T("console.head.column.due")),
	}
	t.Columns[2].Number, t.Columns[3].Number = true, true
	meters := page.Meters{Title: v.T("console.head.compliance.counted"), Empty: v.T("console.head.compliance.counted.none")}
	accepted, open := int64(0), int64(0)
	for i := range all {
		s := &all[i]
		switch s.State {
		case compliance.Accepted:
			accepted++
		case compliance.Undeclared, compliance.Returned:
			open++
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Either(s.Fa, s.En), Small: v.Law(s.Clause), Path: "/head/compliance/" + s.Clause},
			judgedCell(v, s),
			{Text: v.Share(s.Share)},
			{Text: countedShare(v, s)},
			dutyDue(v, s),
		}})
		if s.Counted != nil && s.Counted.Share != nil {
			meters.Lines = append(meters.Lines, page.Progress{Label: v.Law(s.Clause), Share: *s.Counted.Share, Text: v.Percent(*s.Counted.Share)})
		}
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.compliance.title"), Lead: v.T("console.head.compliance.lead"),
		Blocks: []any{
			page.Tiles{
				{Label: v.T("console.head.compliance.accepted"), Value: v.T("console.head.of", v.Count(accepted), v.Count(int64(len(all)))), Tone: page.Good},
				{Label: v.T("console.head.compliance.open"), Value: v.Count(open), Note: v.T("console.head.compliance.open.note"), Tone: warn(open)},
			},
			t, meters,
		},
	})
}

// judgedCell is the state of a duty, with the day of the judgement.
func judgedCell(v *page.Visit, s *compliance.Standing) page.Cell {
	c := badge(v, "item", s.State.String())
	if s.State == compliance.Accepted || s.State == compliance.Returned {
		c.Small = v.ShortDay(persian.DateOf(s.At))
	}
	return c
}

func countedShare(v *page.Visit, s *compliance.Standing) string {
	if s.Counted == nil {
		return v.T("console.head.compliance.uncounted")
	}
	return v.Share(s.Counted.Share)
}

// dutyDue is the deadline of a duty that is still to be done, and how late one
// was that is done.
func dutyDue(v *page.Visit, s *compliance.Standing) page.Cell {
	switch {
	case s.Due.IsZero():
		return page.Cell{Text: v.T("console.head.compliance.undue")}
	case s.State == compliance.Accepted && s.Late > 0:
		return page.Cell{Text: v.ShortDay(s.Due), Number: true, Small: v.T("console.head.compliance.late", v.Count(int64(s.Late)))}
	case s.State == compliance.Accepted:
		return page.Cell{Text: v.ShortDay(s.Due), Number: true}
	}
	return dueCell(v, s.Due)
}

// clausePage shows one duty: what is declared, what was counted, and all that
// was said of it.
func clausePage(v *page.Visit) error {
	s, err := standingOf(v)
	if err != nil {
		return err
	}
	blocks := []any{}
	if n := judgement(v, s); n != nil {
		blocks = append(blocks, n)
	}
	facts := page.Facts{Title: v.T("console.head.compliance.declared"), List: []page.Fact{
		stateFact(v, "console.head.column.state", "item", s.State.String()), fact(v, "done", v.Day(s.Done)), fact(v, "share", v.Share(s.Share)),
		fact(v, "document", s.Document), fact(v, "due", v.Day(s.Due)),
	}}
	counted := []any{facts}
	if e := s.Counted; e != nil {
		part := "–"
		if e.Whole > 0 {
			part = v.T("console.head.of", v.Count(e.Part), v.Count(e.Whole))
		}
		counted = append(counted, page.Facts{Title: v.T("console.head.compliance.counted"), List: []page.Fact{fact(v, "share", v.Share(e.Share)), fact(v, "counted", part)}})
		if len(e.Series) > 1 {
			chart := page.Chart{Title: v.T("console.head.compliance.chart"), Label: v.T("console.head.column.day"), Kind: page.Curve, Series: []string{v.T("console.head.fact.share")}, Format: v.Percent}
			for _, p := range e.Series[max(0, len(e.Series)-24):] {
				if p.Whole > 0 {
					chart.Points = append(chart.Points, page.Point{Label: v.ShortDay(persian.DateOf(p.At)), Values: []float64{float64(p.Part) / float64(p.Whole)}})
				}
			}
			blocks = append(blocks, v.Chart(chart))
		}
	} else {
		counted = append(counted, page.Note{Tone: page.Info, Text: v.T("console.head.compliance.blind")})
	}
	screen := page.Screen{
		Title: v.Law(s.Clause), Lead: v.Either(s.Fa, s.En), Above: above(v, "/head/compliance", "compliance"),
		Blocks: append(blocks, page.Pair{Main: []any{itemLine(v, s)}, Side: counted}),
	}
	if s.State != compliance.Accepted {
		screen.Buttons = []page.Button{{Path: "/head/compliance/" + s.Clause + "/declare", Text: v.T("console.head.compliance.declare"), Icon: "ok"}}
	}
	if s.Clause == "B.8" {
		screen.Buttons = append(screen.Buttons, page.Button{Path: "/head/conversions", Text: v.T("console.head.menu.conversions"), Ghost: true})
	}
	return v.Show(screen)
}

// judgement is how an inspector has judged what was declared last; nil if none
// has.
func judgement(v *page.Visit, s *compliance.Standing) any {
	n := page.Note{Tone: page.Warn, Title: v.T("console.head.compliance.returned"), Text: s.Note}
	switch s.State {
	case compliance.Returned:
	case compliance.Accepted:
		n.Tone, n.Title = page.Good, v.T("console.head.compliance.judged")
	default:
		return nil
	}
	n.Lines = []string{v.T("console.head.compliance.by", v.T("register.role."+s.Role), v.Moment(s.At))}
	return n
}

// itemLine is all that was said of a duty, the newest first.
func itemLine(v *page.Visit, s *compliance.Standing) page.Timeline {
	t := page.Timeline{Title: v.T("console.head.compliance.story"), Empty: v.T("console.head.compliance.story.none")}
	for _, i := range slices.Backward(s.Versions) {
		e := page.Event{
			When: v.Moment(i.At), Title: v.T("console.head.state.item." + i.State.String()), Text: i.Note, Tone: tones["item"][i.State.String()], Icon: "pen",
			By: v.T("register.role." + i.Role),
		}
		if i.State == compliance.Declared {
			e.Facts = []page.Fact{fact(v, "done", v.Day(i.Done)), fact(v, "share", v.Share(i.Share)), fact(v, "document", i.Document)}
		}
		t.Events = append(t.Events, e)
	}
	return t
}

// standingOf is how the agency stands with the clause that the address names.
func standingOf(v *page.Visit) (*compliance.Standing, error) {
	all, err := v.Compliance.List(v.Context(), v.Actor(), &compliance.Filter{Agency: v.Asker.Agency.ID, Clause: v.R.PathValue("clause")})
	if fault.Is(err, fault.Invalid) || err == nil && len(all) == 0 {
		return nil, page.NotFound()
	}
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// declaring is what is declared of a clause. People write shares in percent;
// of the paper its file is chosen, of which only the digest is kept. Was is the
// version that was shown.
type declaring struct {
	Percent *float64 `json:"share"`
	compliance.Declaration
	Was string `json:"was"`
}

var declare = page.Form[declaring]{
	Path: "/head/compliance/{clause}/declare", Roles: only, Key: "console.head.declare.", Files: maxPaper,
	Begin: func(v *page.Visit, in *declaring) error {
		s, err := standingOf(v)
		if err != nil {
			return err
		}
		if in.Clause = s.Clause; !asking(v) {
			return nil
		}
		in.Was, in.Document, in.Done = strconv.FormatInt(s.Version, 10), s.Document, s.Done
		if s.Share != nil {
			percent := *s.Share * 100
			in.Percent = &percent
		}
		return nil
	},
	Above: func(v *page.Visit, in *declaring) *page.Link {
		return &page.Link{Path: "/head/compliance/" + in.Clause, Text: v.Law(in.Clause)}
	},
	Around: func(v *page.Visit, _ *declaring) ([]any, error) {
		s, err := standingOf(v)
		if err != nil {
			return nil, err
		}
		n := page.Note{Tone: page.Info, Title: v.Either(s.Fa, s.En)}
		if s.Counted != nil && s.Counted.Share != nil {
			n.Text = v.T("console.head.declare.counted", v.Percent(*s.Counted.Share))
		}
		return []any{n}, nil
	},
	Controls: func(_ *page.Visit, in *declaring) ([]page.Control, error) {
		controls := []page.Control{{Name: "done", Kind: page.Date, Label: "console.head.fact.done"}}
		if slices.ContainsFunc(compliance.Clauses, func(c compliance.Clause) bool { return c.Clause == in.Clause && c.Share }) {
			controls = append(controls, page.Control{Name: "share", Kind: page.Number})
		}
		return append(controls, document(), paperFile("sha256"), page.Control{Name: "note", Kind: page.LongText, Optional: true}, page.Control{Name: "was", Kind: page.Carried}), nil
	},
	Do: func(v *page.Visit, in *declaring) (page.Done, error) {
		s, err := standingOf(v)
		if err != nil {
			return page.Done{}, err
		}
		if strconv.FormatInt(s.Version, 10) != in.Was {
			return page.Done{}, page.ErrChanged
		}
		if in.Percent != nil {
			if *in.Percent < 0 || *in.Percent > 100 {
				return page.Done{}, fault.New(fault.Invalid, "console.head.declare.percent").At("share")
			}
			share := *in.Percent / 100
			in.Share = &share
		}
		in.Paper = digest(in.Paper)
		_, proven, err := v.Compliance.Declare(v.Context(), v.Journal, v.Actor(), &in.Declaration)
		return page.Done{Path: fmt.Sprintf("/head/compliance/%s", in.Clause), Code: proven.Code}, reworded(err)
	},
}

// maxPaper is how long the file of a paper may be of which the digest is taken.
const maxPaper = 20 << 20

// paperFile is a control for the file of a paper; the act gets its digest.
func paperFile(name string) page.Control {
	return page.Control{Name: name, Kind: page.File, Label: "console.head.field.paper"}
}

// reworded tells people, who choose a file, of a digest that is not there.
func reworded(err error) error {
	f := fault.Of(err)
	if f == nil {
		return nil
	}
	if f.Key == "compliance.paper" {
		return fault.New(f.Kind, "console.head.paper.missing").At(f.Field)
	}
	out := *f
	out.More = slices.Clone(f.More)
	for i, one := range out.More {
		if one.Key == "compliance.paper" {
			out.More[i] = fault.New(one.Kind, "console.head.paper.missing").At(one.Field)
		}
	}
	return &out
}
