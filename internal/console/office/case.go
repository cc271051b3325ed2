package office

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/register"
)

// caseIn reads the case in the page's path. That somebody read it is an entry.
func caseIn(v *page.Visit) (*discrepancy.Case, error) {
	id, err := v.Number("case")
	if err != nil {
		return nil, err
	}
	c, _, err := v.Cases.Read(v.Context(), v.Journal, v.Actor(), id)
	return c, err
}

// showCase shows a case: what is said against what stands on record, how near
// the two are, what was done, and what can be done now.
func showCase(v *page.Visit) error {
	c, err := caseIn(v)
	if err != nil {
		return err
	}
	path := at("/office/cases/", c.ID)
	s := page.Screen{
		Title: v.T("console.office.case.title", v.No(c.ID)), Lead: v.T("console.office.case.lead"), Above: toCases(v),
	}
	mine := c.State == discrepancy.Taken && c.Taker == v.Asker.Officer.Login
	if mine {
		s.Buttons = []page.Button{
			{Path: path + "/correct", Text: v.T("console.office.correct.link"), Icon: "ok"},
			{Path: path + "/close", Text: v.T("console.office.close.link"), Icon: "bad", Ghost: true},
		}
	}
	s.Blocks = append(s.Blocks, caseNote(v, c, mine)...)
	s.Blocks = append(s.Blocks, page.Pair{
		Main: []any{comparison(v, c), closeness(v, c)},
		Side: []any{caseFacts(v, c), reporter(v, c)},
	}, caseSteps(v, c))
	return v.Show(s)
}

// caseNote says how the case stands and offers the next act.
func caseNote(v *page.Visit, c *discrepancy.Case, mine bool) []any {
	path := at("/office/cases/", c.ID)
	switch {
	case c.State == discrepancy.Opened:
		return []any{
			page.Note{Tone: page.Info, Title: v.T("console.office.case.open"), Text: v.T("console.office.case.open.text")},
			press(v, path+"/take", "console.office.take.button"),
		}
	case c.State == discrepancy.Taken && (mine || chief(v)):
		text := v.T("console.office.case.mine")
		if !mine {
			text = v.T("console.office.case.other", c.Taker)
		}
		return []any{page.Note{Tone: page.Info, Text: text}, press(v, path+"/release", "console.office.giveback.button")}
	case c.State == discrepancy.Taken:
		return []any{page.Note{Tone: page.Warn, Text: v.T("console.office.case.other", c.Taker)}}
	case c.State == discrepancy.Proposed:
		return []any{page.Note{
			Tone: page.Warn, Title: v.T("console.office.case.proposed"), Text: v.T("console.office.case.proposed.text", v.No(c.Proposal)),
			Links: []page.Link{{Path: at("/registry/proposals/", c.Proposal), Text: v.T("console.office.case.proposal")}},
		}}
	}
	return []any{page.Note{Tone: page.Good, Title: v.T("console.office.case.closed"), Text: v.T("console.office.outcome." + c.Outcome.String())}}
}

func caseFacts(v *page.Visit, c *discrepancy.Case) page.Facts {
	left, tone := days(v, c.Deadline)
	f := page.Facts{Title: v.T("console.office.case.facts"), List: []page.Fact{
		{Label: v.T("console.office.cases.state"), Value: caseState(v, c), Tone: caseTone(c)},
		{Label: v.T("console.field.national_number"), Value: v.Digits(c.Subject.String()), Number: true},
		{Label: v.T("console.office.cases.source"), Value: v.Known("console.office.source.", c.Source)},
		{Label: v.T("console.office.cases.opened"), Value: v.Moment(c.Opened), Small: age(v, c.Opened)},
		{Label: v.T("console.office.cases.deadline"), Value: v.Day(c.Deadline)},
		{Label: v.T("console.office.case.version"), Value: v.Count(c.Version)},
	}}
	if c.State != discrepancy.Closed {
		f.List[4].Small = left
		if tone == page.Bad {
			f.List[4].Tone = tone
		}
	}
	if c.Letter != 0 {
		f.List = append(f.List, page.Fact{Label: v.T("console.office.case.letter"), Value: v.No(c.Letter)})
	}
	if c.Text != "" {
		f.List = append(f.List, page.Fact{Label: v.T("console.office.case.text"), Value: c.Text})
	}
	return f
}

// reporter says which agency doubts, and offers to answer it once.
func reporter(v *page.Visit, c *discrepancy.Case) any {
	r := c.Reporter
	if r == nil {
		return nil
	}
	f := page.Facts{Title: v.T("console.office.doubt.from"), List: []page.Fact{
		{Label: v.T("console.office.field.agency"), Value: v.AgencyName(r.Agency)},
		{Label: v.T("console.office.doubt.officer"), Value: officer(v, r.Agency, r.Officer)},
		{Label: v.T("console.office.doubt.code"), Value: string(r.Code), Number: true},
	}}
	if r.Paper != "" {
		f.List = append(f.List, page.Fact{Label: v.T("console.office.doubt.paper"), Value: short(r.Paper), Number: true})
	}
	switch {
	case r.Answer != "":
		f.List = append(f.List, page.Fact{Label: v.T("console.office.doubt.answer"), Value: r.Answer, Small: v.Moment(r.Answered)})
	case c.State == discrepancy.Closed:
		f.List = append(f.List, page.Fact{
			Label: v.T("console.office.doubt.answer"), Value: v.T("console.office.doubt.link"), Path: at("/office/cases/", c.ID) + "/answer",
		})
	}
	return f
}

func caseSteps(v *page.Visit, c *discrepancy.Case) page.Timeline {
	line := page.Timeline{Title: v.T("console.office.case.steps"), Empty: v.T("console.office.case.steps.none")}
	for i := len(c.Steps) - 1; i >= 0; i-- {
		s := &c.Steps[i]
		e := page.Event{
			When: v.Moment(s.At), Title: v.Known("console.office.case_step.", s.What), Text: s.Note,
			By: role(v, s.Role), Icon: "info",
		}
		if s.Role != register.Citizen {
			e.By += " · " + s.Officer
		}
		if s.Reason != "" {
			e.Facts = append(e.Facts, page.Fact{Label: v.T("console.office.field.reason"), Value: reason(v, s.Reason)})
		}
		if s.Document != "" {
			e.Facts = append(e.Facts, page.Fact{Label: v.T("console.office.field.document"), Value: s.Document})
		}
		line.Events = append(line.Events, e)
	}
	return line
}

// takeCase gives the case to the visitor; of two who try one succeeds.
var takeCase = page.Form[struct{}]{
	Path: "/office/cases/{case}/take", Roles: staff, Key: "console.office.take.",
	Do: func(v *page.Visit, _ *struct{}) (page.Done, error) {
		id, err := v.Number("case")
		if err != nil {
			return page.Done{}, err
		}
		_, proven, err := v.Cases.Take(v.Context(), v.Journal, v.Actor(), id)
		return page.Done{Path: at("/office/cases/", id), Code: proven.Code}, err
	},
}

// giveBack makes a case open again, for anybody.
var giveBack = page.Form[struct{}]{
	Path: "/office/cases/{case}/release", Roles: staff, Key: "console.office.giveback.",
	Do: func(v *page.Visit, _ *struct{}) (page.Done, error) {
		id, err := v.Number("case")
		if err != nil {
			return page.Done{}, err
		}
		_, proven, err := v.Cases.Decide(v.Context(), v.Journal, v.Actor(), &discrepancy.Decision{Case: id, Decision: "release"})
		return page.Done{Path: at("/office/cases/", id), Code: proven.Code}, err
	},
}

// deciding is a decision and the case that it is about.
type deciding struct {
	discrepancy.Decision
	Seen string `json:"seen"` // how the case stood when the form was shown
	of   *discrepancy.Case
}

// standing says how a case stands, so that a form can tell that somebody has
// done something with it meanwhile.
func standing(c *discrepancy.Case) string {
	return c.State.String() + "." + c.Taker + "." + strconv.Itoa(len(c.Steps))
}

func begin(v *page.Visit, in *deciding) (err error) {
	if in.of, err = caseIn(v); err != nil {
		return err
	}
	in.Case, in.Seen = in.of.ID, standing(in.of)
	return nil
}

// unchanged refuses a form that was shown before somebody else did something.
func (in *deciding) unchanged() error {
	if in.Seen != standing(in.of) {
		return fault.New(fault.Conflict, "console.office.case.changed")
	}
	return nil
}

func aroundCase(v *page.Visit, in *deciding) ([]any, error) {
	return []any{comparison(v, in.of), closeness(v, in.of)}, nil
}

func aboveCase(v *page.Visit, in *deciding) *page.Link {
	return &page.Link{Path: at("/office/cases/", in.Case), Text: v.T("console.office.case.title", v.No(in.Case))}
}

func decide(v *page.Visit, in *deciding) (page.Done, error) {
	if err := in.unchanged(); err != nil {
		return page.Done{}, err
	}
	c, proven, err := v.Cases.Decide(v.Context(), v.Journal, v.Actor(), &in.Decision)
	if err != nil {
		return page.Done{}, err
	}
	done := page.Done{Path: at("/office/cases/", in.Case), Code: proven.Code}
	if c.State == discrepancy.Proposed {
		done.Said = "console.office.correct.proposed"
	}
	return done, nil
}

// correctCase proposes to write what is claimed.
var correctCase = page.Form[deciding]{
	Path: "/office/cases/{case}/correct", Roles: staff, Key: "console.office.correct.",
	Begin: begin, Around: aroundCase, Above: aboveCase,
	Controls: func(v *page.Visit, in *deciding) ([]page.Control, error) {
		all := []page.Control{{Name: "seen", Kind: page.Carried}}
		residence := false
		write := page.Control{Name: "write", Kind: page.Ticks, Show: true}
		for _, i := range in.of.Items {
			residence = residence || i.Field == "postal_code"
			write.Options = append(write.Options, page.Option{
				Value: i.Field, Text: field(v, i.Field) + ": " + value(v, i.Field, i.Claimed), Chosen: i.Claimed != "",
			})
		}
		if len(write.Options) > 0 {
			all = append(all, write)
		}
		if residence {
			all = append(all, page.Control{Name: "since", Kind: page.Date, Optional: true}, page.Control{Name: "guardian", Kind: page.National, Optional: true})
		}
		return append(append(all, grounds(v, "objection", "document", "court-order", "error")...),
			page.Control{Name: "note", Kind: page.LongText, Optional: true, Max: discrepancy.MaxText}), nil
	},
	Do: func(v *page.Visit, in *deciding) (page.Done, error) {
		in.Decision.Decision = "correct"
		for _, i := range in.of.Items {
			for _, chosen := range v.R.PostForm["write"] {
				if chosen == i.Field {
					in.Items = append(in.Items, discrepancy.Claim{Field: i.Field, Value: i.Claimed})
				}
			}
		}
		if len(in.Items) == 0 { // none would mean all
			return page.Done{}, fault.New(fault.Invalid, "console.office.correct.none").At("write")
		}
		return decide(v, in)
	},
}

// closeCase ends a case without a correction.
var closeCase = page.Form[deciding]{
	Path: "/office/cases/{case}/close", Roles: staff, Key: "console.office.close.",
	Begin: begin, Around: aroundCase, Above: aboveCase,
	Controls: func(v *page.Visit, _ *deciding) ([]page.Control, error) {
		words := []string{"confirm", "reject", "withdraw"}
		all := []page.Control{
			{Name: "seen", Kind: page.Carried},
			{Name: "decision", Kind: page.Choose1, Options: page.Choose(words, "", func(w string) string { return v.T("console.office.decision." + w) })},
		}
		return append(append(all, grounds(v, "document", "no-evidence", "request", "objection")...),
			page.Control{Name: "note", Kind: page.LongText, Optional: true, Max: discrepancy.MaxText}), nil
	},
	Do: decide,
}

// answering is a reply to an agency that doubted.
type answering struct {
	discrepancy.Reply
	of int64
}

// answerDoubt tells the agency in words what came of its doubt.
var answerDoubt = page.Form[answering]{
	Path: "/office/cases/{case}/answer", Roles: staff, Key: "console.office.answer.",
	Begin: func(v *page.Visit, in *answering) error {
		c, err := caseIn(v)
		if err != nil {
			return err
		}
		if c.Reporter == nil {
			return page.NotFound()
		}
		in.ID, in.of = c.Doubt, c.ID
		return nil
	},
	Controls: func(*page.Visit, *answering) ([]page.Control, error) {
		return []page.Control{{Name: "text", Kind: page.LongText, Max: discrepancy.MaxText}}, nil
	},
	Above: func(v *page.Visit, in *answering) *page.Link {
		return &page.Link{Path: at("/office/cases/", in.of), Text: v.T("console.office.case.title", v.No(in.of))}
	},
	Do: func(v *page.Visit, in *answering) (page.Done, error) {
		_, proven, err := v.Cases.Answer(v.Context(), v.Journal, v.Actor(), &in.Reply)
		return page.Done{Path: at("/office/cases/", in.of), Code: proven.Code}, err
	},
}
