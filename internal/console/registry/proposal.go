package registry

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

// proposalPage is one proposal beside the record as it stands. Both looks are
// entries.
func proposalPage(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	p, proven, err := v.Persons.ReadProposal(v.Context(), v.Journal, v.Actor(), id)
	if err != nil {
		return err
	}
	r := &ref{Number: p.Subject, Reason: "proposal", File: itoa(id)}
	now, _, err := v.Persons.ReadRecord(v.Context(), v.Journal, v.Actor(), r.reading())
	if err != nil && !hiddenFrom(err) {
		return err
	}
	var blocks []any
	if p.State == "waiting" {
		blocks = append(blocks, waitNote(v, p, now))
	}
	main := []any{comparison(v, p, now)}
	if s := steps(v, p); s != nil {
		main = append(main, s)
	}
	blocks = append(blocks, page.Pair{Main: main, Side: []any{proposalFacts(v, p, now)}},
		page.Note{Tone: page.Info, Text: v.T("console.registry.proposal.looked", proven.Code.Grouped())})
	screen := page.Screen{
		Title: v.T("console.registry.proposal.title", v.T("console.registry.event."+p.Kind), v.Count(p.ID)),
		Lead:  v.T("console.registry.proposal.lead"),
		Above: &page.Link{Path: "/registry/proposals", Text: v.T("console.registry.queue.title")}, Blocks: blocks,
	}
	if now != nil {
		screen.Buttons = []page.Button{{Path: r.path(v), Text: v.T("console.registry.proposal.record"), Icon: "person", Ghost: true}}
	}
	return v.Show(screen)
}

// hiddenFrom: a clerk who proposed protection sees his proposal, but the record
// no more.
func hiddenFrom(err error) bool { return fault.Is(err, fault.Forbidden) }

func proposalFacts(v *page.Visit, p *person.Proposal, now *person.Person) page.Facts {
	f := page.Facts{Title: v.T("console.registry.proposal.about")}
	add := func(key, text string, digits bool) {
		if text != "" {
			f.List = append(f.List, page.Fact{Label: v.T(key), Value: text, Number: digits})
		}
	}
	if now != nil {
		add("console.registry.field.person", now.Given.Display+" "+now.Surname.Display, false)
	}
	add("console.field.national_number", v.Digits(p.Subject.String()), true)
	add("console.registry.field.reason", reasonOf(v, p.Grounds.Reason), false)
	add("console.registry.field.document", v.Digits(p.Grounds.Document), false)
	add("console.registry.field.proposed_by", hand(v, p.By), false)
	add("console.registry.field.proposed", v.Moment(p.At), false)
	add("console.registry.field.version", v.Count(p.Version), true)
	f.List = append(f.List, page.Fact{
		Label: v.T("console.registry.field.standing"), Value: v.T("console.registry.proposal.state." + p.State), Tone: toneOfProposal(p.State),
	})
	if !p.DecidedAt.IsZero() {
		add("console.registry.field.decided_by", hand(v, p.Decider), false)
		add("console.registry.field.decided", v.Moment(p.DecidedAt), false)
		add("console.registry.field.note", p.Note, false)
	}
	return f
}

// waitNote says first what a visitor must know of a proposal that waits: that the
// record has moved on, or that it is his own.
func waitNote(v *page.Visit, p *person.Proposal, now *person.Person) any {
	switch {
	case now != nil && now.Version != p.Version:
		return page.Note{
			Tone: page.Bad, Title: v.T("console.registry.proposal.stale"),
			Text: v.T("console.registry.proposal.stale.text", v.Count(p.Version), v.Count(now.Version)),
		}
	case same(p.By, v.Actor()):
		return page.Note{Tone: page.Info, Title: v.T("console.registry.proposal.own"), Text: v.T("console.registry.proposal.own.text")}
	case v.Role() != register.Supervisor:
		return page.Note{Tone: page.Info, Title: v.T("console.registry.proposal.clerk"), Text: v.T("console.registry.proposal.clerk.text")}
	}
	return page.Note{Tone: page.Warn, Title: v.T("console.registry.proposal.check"), Text: v.T("console.registry.proposal.check.text")}
}

// comparison stands what is proposed beside the record as it is. Of a proposal
// that was decided the record may show what it has done.
func comparison(v *page.Visit, p *person.Proposal, now *person.Person) any {
	if p.Body == nil {
		return page.Note{Tone: page.Info, Text: v.T("console.registry.proposal.sealed")}
	}
	have := map[string]string{}
	if now != nil {
		for _, item := range now.Items() {
			have[item.Name] = item.Text
		}
	}
	c := page.Compare{
		Title:   v.T("console.registry.proposal.compare"),
		Columns: []string{v.T("console.registry.proposal.now"), v.T("console.registry.proposal.then")},
	}
	want := proposed(p)
	for _, item := range slices.Sorted(maps.Keys(want)) {
		row := page.Compared{Label: label(v, item), Values: []string{value(v, item, have[item]), value(v, item, want[item])}}
		if have[item] == want[item] {
			row.Note = v.T("console.registry.proposal.same")
		} else {
			row.Tone, row.Note = page.Warn, v.T("console.registry.proposal.changes")
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// proposed are the items that a proposal would set, by their names in a record.
func proposed(p *person.Proposal) map[string]string {
	want := map[string]string{}
	var body map[string]any
	if json.Unmarshal(p.Body, &body) != nil {
		return want
	}
	for name, is := range body {
		switch name {
		case "national_number", "version", "reason", "document", "protected", "under_review":
			continue
		case "died_on":
			name = "death_date"
		}
		switch is := is.(type) {
		case string:
			want[name] = is
		case bool:
			if want[name] = ""; is {
				want[name] = "yes"
			}
		case float64:
			want[name] = itoa(int64(is))
		}
	}
	switch p.Kind {
	case "death":
		want["state"] = person.Deceased.String()
	case "death_annulment":
		want["state"], want["death_date"] = person.Active.String(), ""
	case "cancellation":
		want["state"] = person.Cancelled.String()
	case "cancellation_annulment":
		want["state"], want["successor"] = person.Active.String(), ""
	case "protection":
		want["state"] = person.Active.String()
		if on, _ := body["protected"].(bool); on {
			want["state"] = person.Protected.String()
		}
	}
	return want
}

// steps are what this visitor may do with a proposal that waits.
func steps(v *page.Visit, p *person.Proposal) any {
	at := proposalPath(p.ID)
	switch {
	case p.State != "waiting":
		return nil
	case same(p.By, v.Actor()):
		return page.Panel{Title: v.T("console.registry.proposal.steps"), Buttons: []page.Button{
			{Path: at + "/withdraw", Text: v.T("console.registry.withdraw.title"), Ghost: true},
		}}
	case v.Role() != register.Supervisor:
		return nil
	}
	return page.Panel{
		Title: v.T("console.registry.proposal.steps"), Lead: v.T("console.registry.proposal.steps.lead"),
		Buttons: []page.Button{{Path: at + "/refuse", Text: v.T("console.registry.refuse.title"), Ghost: true}},
		Blocks: []any{page.Press{
			Path: at + "/approve", Text: v.T("console.registry.approve.button"), Once: page.NewOnce(), Ask: v.T("console.registry.approve.ask"),
		}},
	}
}

// approve carries out what somebody else proposed. If the record has moved on
// it is set aside, which is told on the proposal's page.
var approve = page.Form[struct{}]{
	Path: "/registry/proposals/{id}/approve", Roles: seniors, Key: "console.registry.approve.",
	Do: func(v *page.Visit, _ *struct{}) (page.Done, error) {
		id, err := v.Number("id")
		if err != nil {
			return page.Done{}, err
		}
		done, proven, err := v.Persons.Approve(v.Context(), v.Journal, v.Actor(), id)
		if err != nil {
			if screen := notApproved(v, id, err); screen != nil {
				return page.Done{Screen: screen}, nil
			}
			return page.Done{}, err
		}
		return page.Done{Screen: approvedScreen(v, id, done.Number, string(proven.Code))}, nil
	},
}

// notApproved says in a screen of its own why an approval came to nothing; nil
// if that is no matter of the proposal.
func notApproved(v *page.Visit, id int64, err error) *page.Screen {
	f := fault.Of(err)
	if f.Kind != fault.Conflict && f.Kind != fault.Forbidden && f.Kind != fault.Invalid {
		return nil
	}
	return &page.Screen{
		Title: v.T("console.registry.approve.not"), Slim: true, Status: f.Kind.Status(),
		Above: &page.Link{Path: "/registry/proposals", Text: v.T("console.registry.queue.title")},
		Blocks: []any{page.Note{Tone: page.Bad, Title: v.T("console.registry.approve.nothing"), Text: v.Fault(f), Links: []page.Link{
			{Path: proposalPath(id), Text: v.T("console.registry.approve.back")},
		}}},
	}
}

func approvedScreen(v *page.Visit, id int64, n ids.NationalNumber, code string) *page.Screen {
	r := &ref{Number: n, Reason: "proposal", File: itoa(id)}
	return &page.Screen{
		Title: v.T("console.registry.approve.done"), Slim: true,
		Above: &page.Link{Path: "/registry/proposals", Text: v.T("console.registry.queue.title")},
		Blocks: []any{
			page.Note{Tone: page.Good, Title: v.T("console.registry.approve.registered"), Text: v.T("console.registry.approve.registered.text"), Links: []page.Link{
				{Path: "/registry/proposals", Text: v.T("console.registry.approve.next")}, {Path: r.path(v), Text: v.T("console.registry.proposal.record")},
			}},
			page.Code{Label: v.T("console.code"), Code: code},
		},
	}
}

// noted is a form that ends a proposal with a word about it.
func noted(key, path string, roles []string, do func(*page.Visit, int64, string) (page.Done, error)) page.Form[word] {
	return page.Form[word]{
		Path: "/registry/proposals/{id}/" + path, Roles: roles, Key: key,
		Controls: func(*page.Visit, *word) ([]page.Control, error) {
			return []page.Control{own("note", page.LongText)}, nil
		},
		Above: func(v *page.Visit, _ *word) *page.Link {
			return &page.Link{Path: "/registry/proposals/" + v.R.PathValue("id"), Text: v.T("console.registry.approve.back")}
		},
		Do: func(v *page.Visit, in *word) (page.Done, error) {
			id, err := v.Number("id")
			if err != nil {
				return page.Done{}, err
			}
			return do(v, id, in.Note)
		},
	}
}

var (
	refuse = noted("console.registry.refuse.", "refuse", seniors, func(v *page.Visit, id int64, note string) (page.Done, error) {
		proven, err := v.Persons.Refuse(v.Context(), v.Journal, v.Actor(), id, note)
		return page.Done{Path: "/registry/proposals", Code: proven.Code}, err
	})
	withdraw = noted("console.registry.withdraw.", "withdraw", staff, func(v *page.Visit, id int64, note string) (page.Done, error) {
		proven, err := v.Persons.Withdraw(v.Context(), v.Journal, v.Actor(), id, note)
		return page.Done{Path: "/registry/proposals?view=mine", Code: proven.Code}, err
	})
)
