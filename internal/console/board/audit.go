package board

import (
	"slices"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/register"
)

// auditCase shows one case with the record of its inquiry. That it was read is
// an entry about the person, and the page says so.
func auditCase(v *page.Visit) error {
	id, err := v.Number("audit")
	if err != nil {
		return err
	}
	c, proven, err := v.Audits.Find(v.Context(), v.Journal, v.Actor(), id)
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.board.audit.title", v.No(c.ID)), Lead: v.T("console.board.audit.lead", v.AgencyName(c.Agency), v.Moment(c.Asked)),
		Above: &page.Link{Path: "/board/audits", Text: v.T("console.board.audits.title")},
	}
	if v.Role() == register.Inspector && c.State == audit.Shown {
		s.Buttons = append(s.Buttons, page.Button{Path: at("/inspector/audits/", c.ID) + "/judge", Text: v.T("console.board.judge.link"), Icon: "scale"})
	}
	if c.Appeal == audit.Pending {
		s.Buttons = append(s.Buttons, page.Button{Path: at("/board/audits/", c.ID) + "/decide", Text: v.T("console.board.decide.link"), Icon: "scale"})
	}
	rows, err := recordBlocks(v, c.Record)
	if err != nil {
		return err
	}
	s.Blocks = []any{
		page.Note{Tone: page.Info, Text: v.T("console.board.audit.entry", page.Isolated(codeOf(string(proven.Code))))},
		page.Pair{Main: append([]any{dossier(v, &c.Case)}, rows...), Side: []any{caseFacts(v, &c.Case), caseSteps(v, &c.Case)}},
	}
	return v.Show(s)
}

// dossier stands what the agency has shown beside what the record says.
func dossier(v *page.Visit, c *audit.Case) any {
	if c.Dossier == nil {
		text := v.T("console.board.audit.waiting", v.Day(c.Deadline))
		tone := page.Info
		if c.Overdue || c.Outcome == audit.Silent {
			text, tone = v.T("console.board.audit.not_shown", v.Day(c.Deadline)), page.Bad
		}
		return page.Note{Tone: tone, Title: v.T("console.board.audit.no_dossier"), Text: text}
	}
	d := c.Dossier
	row := func(label, record, shown string, agrees bool) page.Compared {
		r := page.Compared{Label: v.T("console.board.fact." + label), Values: []string{page.OrDash(record), page.OrDash(shown)}, Tone: page.Good, Note: v.T("console.board.state.dossier.agrees")}
		if !agrees {
			r.Tone, r.Note = page.Bad, v.T("console.board.state.dossier.differs")
		}
		return r
	}
	facts := []page.Fact{
		fact(v, "words", d.Words), fact(v, "ground", d.Ground), fact(v, "shown_by", officerName(v, c.Agency, d.Officer)), fact(v, "shown_at", v.Moment(d.At)),
	}
	if d.Paper != "" {
		facts = append(facts, numberFact(v, "paper", page.Grouped(d.Paper)))
	}
	return page.Panel{Title: v.T("console.board.audit.dossier"), Lead: v.T("console.board.audit.dossier.lead"), Blocks: []any{
		page.Compare{Columns: []string{v.T("console.board.audit.record"), v.T("console.board.audit.agency")}, Rows: []page.Compared{
			row("file", c.File, d.File, d.FileAgrees), row("purpose", v.Word(c.Purpose), v.Word(d.Purpose), d.PurposeAgrees),
		}},
		page.Facts{List: facts},
	}}
}

func caseFacts(v *page.Visit, c *audit.Case) page.Facts {
	state := auditState(v, c)
	facts := []page.Fact{
		{Label: v.T("console.board.fact.state"), Value: state.Text, Tone: state.Tone},
		fact(v, "source", v.T("console.board.source."+c.Source)), fact(v, "opened", v.Moment(c.Opened)), fact(v, "deadline", v.Day(c.Deadline)),
		fact(v, "agreement", v.T("console.board.audit.agreement", v.No(c.Agreement), v.No(int64(c.Version)), v.No(int64(c.Clause)))),
	}
	if c.Holder != c.Agency {
		facts = append(facts, fact(v, "holder", v.AgencyName(c.Holder)))
	}
	if !c.Disputed.IsZero() {
		facts = append(facts, fact(v, "disputed", v.Moment(c.Disputed)))
	}
	if c.Measure != 0 {
		facts = append(facts, fact(v, "measure", v.T("console.board.measure."+c.Measure.String())), fact(v, "how", v.T("console.board.how."+c.How)))
	}
	if c.Appeal != 0 {
		facts = append(facts, stateFact(v, "appeal", "protest", c.Appeal.String()))
	}
	return page.Facts{Title: v.T("console.board.audit.facts"), List: append(facts, numberFact(v, "code", codeOf(string(c.Code))))}
}

// codeOf writes a tracking code in its groups.
func codeOf(code string) (all string) {
	for i, g := range page.Groups(code) {
		if i > 0 {
			all += " "
		}
		all += g
	}
	return all
}

func caseSteps(v *page.Visit, c *audit.Case) page.Timeline {
	line := page.Timeline{Title: v.T("console.board.audit.steps"), Empty: v.T("console.board.audit.steps.none")}
	icons := map[string]string{"shown": "folder", "justified": "check", "misuse": "cross", "silent": "clock", "appealed": "scale", "disputed": "person"}
	for _, s := range slices.Backward(c.Steps) {
		e := page.Event{When: v.Moment(s.At), Title: v.Known("console.board.step.audit.", s.What), Text: s.Text, Icon: icons[s.What], By: roleName(v, s.Role)}
		if s.Officer != "" && s.Role != register.Citizen && s.Role != register.System {
			e.By = v.T("console.board.by", officerName(v, s.By.Agency, s.Officer), roleName(v, s.Role))
		}
		if e.Icon == "" {
			e.Icon = "info"
		}
		line.Events = append(line.Events, e)
	}
	return line
}

// roleName is a role in words; citizens and the program itself have none in the
// register of agencies.
func roleName(v *page.Visit, role string) string {
	switch role {
	case register.Citizen, register.System:
		return v.T("console.board.role." + role)
	}
	return v.Known("register.role.", role)
}
