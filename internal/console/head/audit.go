package head

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
)

// auditPage shows one case. That it was read is an entry of the log.
func auditPage(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	f, _, err := v.Audits.Find(v.Context(), v.Journal, v.Actor(), id)
	if err != nil {
		return err
	}
	c := &f.Case
	at := fmt.Sprintf("/head/audits/%d", c.ID)
	s := page.Screen{Title: v.T("console.head.audit.title", v.Count(c.ID)), Above: above(v, "/head/audits", "audits")}
	if c.State == audit.Awaited && !c.Overdue && c.Agency == v.Asker.Agency.ID {
		s.Buttons = append(s.Buttons, page.Button{Path: at + "/show", Text: v.T("console.head.audit.show"), Icon: "folder"})
	}
	if c.State == audit.Closed && c.Outcome != audit.Justified && c.Appeal == 0 {
		s.Buttons = append(s.Buttons, page.Button{Path: at + "/appeal", Text: v.T("console.head.audit.protest"), Icon: "pen"})
	}
	facts := []any{caseFacts(v, c)}
	if d := dossier(v, c); d != nil {
		facts = append(facts, d)
	}
	s.Blocks = []any{caseNote(v, c), narrowed(v, c), page.Pair{Main: facts, Side: []any{caseLine(v, c)}}}
	return v.Show(s)
}

// caseNote says what a case asks of the agency now.
func caseNote(v *page.Visit, c *audit.Case) page.Note {
	n := page.Note{Tone: page.Info, Title: v.T("console.head.state.audit." + c.State.String())}
	switch {
	case c.State == audit.Awaited && c.Overdue:
		n.Tone, n.Title, n.Text = page.Bad, v.T("console.head.audit.late"), v.T("console.head.audit.late.text")
	case c.State == audit.Awaited:
		text, _ := v.Left(c.Deadline, soon)
		n.Tone, n.Title, n.Text = page.Warn, v.T("console.head.audit.until", v.Day(c.Deadline)), v.T("console.head.audit.until.text", text)
	case c.State == audit.Shown:
		n.Text = v.T("console.head.audit.shown")
	default:
		n.Title, n.Tone = v.T("console.head.state.outcome."+c.Outcome.String()), cmp.Or(tones["outcome"][c.Outcome.String()], page.Info)
		n.Text = v.T("console.head.audit.outcome." + c.Outcome.String())
		if c.Appeal != 0 {
			n.Lines = []string{v.T("console.head.audit.appeal", v.T("console.head.state.appeal."+c.Appeal.String()))}
		}
	}
	return n
}

// narrowed explains what the case has taken from the agreement; nil: nothing.
func narrowed(v *page.Visit, c *audit.Case) *page.Note {
	if c.Measure == 0 {
		return nil
	}
	n := &page.Note{
		Tone: page.Bad, Title: v.T("console.head.state.measure." + c.Measure.String()),
		Text: v.T("console.head.audit.measure", v.Count(c.Agreement), v.Digits(fmt.Sprint(c.Clause)), v.T("agreement.comes."+c.How)),
	}
	switch c.Measure {
	case audit.Lifted:
		n.Tone = page.Good
	case audit.Stands, audit.Void, audit.Retained, audit.LiftDue, audit.Lifting:
		n.Tone = page.Info
	}
	if c.Holder == v.Asker.Agency.ID {
		n.Links = append(n.Links, page.Link{Path: fmt.Sprintf("/head/agreements/no/%d", c.Agreement), Text: v.T("console.head.agreement.title", v.Count(c.Agreement))})
		if c.Narrowed > 1 {
			n.Links = append(n.Links, page.Link{
				Path: fmt.Sprintf("/head/agreements/no/%d/compare?from=%d&to=%d", c.Agreement, c.Narrowed-1, c.Narrowed), Text: v.T("console.head.audit.taken"),
			})
		}
	}
	return n
}

func caseFacts(v *page.Visit, c *audit.Case) page.Facts {
	facts := page.Facts{Title: v.T("console.head.audit.inquiry"), List: []page.Fact{
		{Label: v.T("console.code"), Value: groups(string(c.Code)), Number: true},
		fact(v, "asked", v.Moment(c.Asked)), fact(v, "officer", officerName(v, c.Agency, c.Officer)),
		fact(v, "service", service(v, c.Service)), fact(v, "process", processName(v, c.Process)), fact(v, "source", v.T("console.head.source."+c.Source)),
		fact(v, "clause", v.T("console.head.audit.clause", v.Count(c.Agreement), v.Count(int64(c.Version)), v.Count(int64(c.Clause)))),
	}}
	if c.Agency != c.Holder {
		facts.List = append(facts.List, fact(v, "agency", v.AgencyName(c.Agency)), fact(v, "principal", v.AgencyName(c.Holder)))
	}
	if !c.Disputed.IsZero() {
		facts.List = append(facts.List, fact(v, "disputed", v.Moment(c.Disputed)))
	}
	return facts
}

func groups(code string) string {
	all := ""
	for i, g := range page.Groups(code) {
		if i > 0 {
			all += " "
		}
		all += g
	}
	return all
}

// dossier is what was shown; nil: nothing yet.
func dossier(v *page.Visit, c *audit.Case) *page.Facts {
	d := c.Dossier
	if d == nil {
		return nil
	}
	f := &page.Facts{Title: v.T("console.head.audit.dossier"), List: []page.Fact{
		fact(v, "file", d.File),
		{Label: v.T("console.head.fact.purpose"), Value: v.Known("console.word.", d.Purpose)},
		fact(v, "words", d.Words), fact(v, "ground", d.Ground),
		fact(v, "shown", v.Moment(d.At)),
	}}
	if d.Paper != "" {
		f.List = append(f.List, page.Fact{Label: v.T("console.head.fact.paper"), Value: page.Grouped(d.Paper), Number: true})
	}
	return f
}

// caseLine is what was done with a case, the newest first.
func caseLine(v *page.Visit, c *audit.Case) page.Timeline {
	t := page.Timeline{Title: v.T("console.head.audit.story")}
	for _, s := range slices.Backward(c.Steps) {
		e := page.Event{When: v.Moment(s.At), Title: v.T("console.head.step.audit." + s.What), Text: s.Text, Icon: "folder"}
		if s.What == "opened" {
			e.Text = "" // the source's own word
		}
		if s.Officer != "" {
			e.By = officerName(v, s.By.Agency, s.Officer)
		}
		t.Events = append(t.Events, e)
	}
	return t
}

// caseOf is a case about the agency, without its steps: to look at it for a
// form is no reading of it.
func caseOf(v *page.Visit) (*audit.Case, error) {
	id, err := v.Number("id")
	if err != nil {
		return nil, err
	}
	all, err := v.Audits.List(v.Context(), v.Actor(), &audit.Filter{After: id - 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].ID != id {
		return nil, page.NotFound()
	}
	return &all[0], nil
}

func caseLink(v *page.Visit, id int64) *page.Link {
	return &page.Link{Path: fmt.Sprintf("/head/audits/%d", id), Text: v.T("console.head.audit.title", v.Count(id))}
}
