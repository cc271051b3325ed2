package registry

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func nameRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/registry/names", names), get("/registry/names/{id}", namePage), get("/registry/names/{id}/found", found),
	}, seek.Routes(), allow.Routes(), deny.Routes())
}

// searchesToDecide counts what waits for this supervisor. A count that cannot
// be had is none: the page itself tells what went wrong.
func searchesToDecide(v *page.Visit) (n int) {
	if v.Role() != register.Supervisor {
		return 0
	}
	all, _ := v.Persons.NameSearches(v.Context(), v.Actor(), true)
	for i := range all {
		if !all[i].Mine(v.Actor()) {
			n++
		}
	}
	return n
}

// names lists searches by name: one's own, and for supervisors those that wait.
func names(v *page.Visit) error {
	mine, err := v.Persons.NameSearches(v.Context(), v.Actor(), false)
	if err != nil {
		return err
	}
	blocks := []any{page.Note{Tone: page.Info, Title: v.T("console.registry.names.rule"), Text: v.T("console.registry.names.rule.text")}}
	if v.Role() == register.Supervisor {
		waits, err := v.Persons.NameSearches(v.Context(), v.Actor(), true)
		if err != nil {
			return err
		}
		waits = slices.DeleteFunc(waits, func(s person.NameSearch) bool { return s.Mine(v.Actor()) })
		blocks = append(blocks, searchTable(v, v.T("console.registry.names.waiting"), v.T("console.registry.names.waiting.none"), waits))
	}
	blocks = append(blocks, searchTable(v, v.T("console.registry.names.mine"), v.T("console.registry.names.mine.none"), mine))
	return v.Show(page.Screen{
		Title: v.T("console.registry.names.title"), Lead: v.T("console.registry.names.lead"), Blocks: blocks,
		Buttons: []page.Button{{Path: "/registry/names/new", Text: v.T("console.registry.seek.title"), Icon: "search"}},
	})
}

func searchTable(v *page.Visit, title, empty string, all []person.NameSearch) *page.Table {
	t := &page.Table{Title: title, Empty: empty, Columns: page.Head(
		v.T("console.registry.field.sought"), v.T("console.registry.field.reason"), v.T("console.registry.field.asked_by"),
		v.T("console.registry.field.asked"), v.T("console.registry.field.standing"),
	)}
	for i := range all {
		s := &all[i]
		word, tone := standing(v, s)
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: s.Given.Display + " " + s.Surname.Display, Path: "/registry/names/" + itoa(s.ID)},
			{Text: reasonOf(v, s.Reason)},
			{Text: hand(v, s.By)},
			{Text: v.Moment(s.At)},
			{Text: word, Tone: tone},
		}})
	}
	return t
}

// standing is how a search stands, in words.
func standing(v *page.Visit, s *person.NameSearch) (word, tone string) {
	state := s.State
	switch {
	case state == "approved" && v.Clock().After(s.Until()):
		state, tone = "over", page.Plain
	case state == "approved":
		tone = page.Good
	case state == "refused":
		tone = page.Bad
	default:
		tone = page.Warn
	}
	word = v.T("console.registry.standing." + state)
	if tone == page.Plain {
		tone = page.Info
	}
	return word, tone
}

// seek asks for a search.
var seek = page.Form[person.Sought]{
	Path: "/registry/names/new", Roles: staff, Key: "console.registry.seek.",
	Controls: func(v *page.Visit, _ *person.Sought) ([]page.Control, error) {
		return append([]page.Control{
			ours("given_name", page.Words), ours("surname", page.Words), optional(ours("father_name", page.Words)), optional(own("birth_year", page.Digit)),
		}, grounds(v, "lost-number", "unknown-person", "court-order", "discrepancy-case", "heirs", "own-request")...), nil
	},
	Around: func(v *page.Visit, _ *person.Sought) ([]any, error) {
		return []any{page.Note{Tone: page.Info, Title: v.T("console.registry.names.rule"), Text: v.T("console.registry.names.rule.text")}}, nil
	},
	Above: func(v *page.Visit, _ *person.Sought) *page.Link {
		return &page.Link{Path: "/registry/names", Text: v.T("console.registry.names.title")}
	},
	Do: func(v *page.Visit, in *person.Sought) (page.Done, error) {
		made, proven, err := v.Persons.SeekByName(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: "/registry/names/" + itoa(made.ID), Code: proven.Code}, nil
	},
}

// namePage is one search: what was asked, and what this visitor may do with it.
func namePage(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	s, err := v.Persons.NameSearch(v.Context(), v.Actor(), id)
	if err != nil {
		return err
	}
	word, tone := standing(v, s)
	facts := &page.Facts{Title: v.T("console.registry.names.asked"), List: []page.Fact{
		{Label: v.T("console.field.given_name"), Value: s.Given.Display}, {Label: v.T("console.field.surname"), Value: s.Surname.Display},
	}}
	add := func(key, text string) {
		if text != "" {
			facts.List = append(facts.List, page.Fact{Label: v.T(key), Value: text})
		}
	}
	add("console.field.father_name", s.Father.Display)
	if s.BornYear != 0 {
		add("console.registry.field.birth_year", v.Digits(itoa(int64(s.BornYear))))
	}
	add("console.registry.field.reason", reasonOf(v, s.Reason))
	add("console.registry.field.document", v.Digits(s.Document))
	add("console.registry.field.asked_by", hand(v, s.By))
	add("console.registry.field.asked", v.Moment(s.At))
	facts.List = append(facts.List, page.Fact{Label: v.T("console.registry.field.standing"), Value: word, Tone: tone})
	if !s.DecidedAt.IsZero() {
		add("console.registry.field.decided_by", hand(v, s.Decider))
		add("console.registry.field.decided", v.Moment(s.DecidedAt))
		add("console.registry.field.note", s.Note)
	}
	return v.Show(page.Screen{
		Title: v.T("console.registry.names.one", v.Count(s.ID)),
		Above: &page.Link{Path: "/registry/names", Text: v.T("console.registry.names.title")},
		Slim:  true, Blocks: append([]any{facts}, searchSteps(v, s)...),
	})
}

// searchSteps are what this visitor may do, or why he may not.
func searchSteps(v *page.Visit, s *person.NameSearch) []any {
	note := func(tone, key string, args ...string) any {
		return page.Note{Tone: tone, Text: v.T(key, args...)}
	}
	at := "/registry/names/" + itoa(s.ID)
	mine := s.Mine(v.Actor())
	switch {
	case s.State == "waiting" && mine:
		return []any{note(page.Info, "console.registry.names.wait")}
	case s.State == "waiting":
		return []any{page.Panel{
			Title: v.T("console.registry.names.decide"), Lead: v.T("console.registry.names.decide.lead"),
			Buttons: []page.Button{{Path: at + "/deny", Text: v.T("console.registry.deny.title"), Ghost: true}},
			Blocks: []any{page.Press{
				Path: at + "/allow", Text: v.T("console.registry.allow.button"), Once: page.NewOnce(), Ask: v.T("console.registry.allow.ask"),
			}},
		}}
	case s.State == "approved" && mine && !v.Clock().After(s.Until()):
		return []any{page.Note{
			Tone: page.Good, Title: v.T("console.registry.names.ready"), Text: v.T("console.registry.names.ready.text", v.Moment(s.Until())),
			Links: []page.Link{{Path: at + "/found", Text: v.T("console.registry.names.show")}},
		}}
	case s.State == "approved" && mine:
		return []any{note(page.Warn, "person.search.over")}
	case s.State == "approved":
		return []any{note(page.Info, "person.search.other")}
	}
	return nil
}

// allow and deny are a supervisor's decision on somebody else's search.
var (
	allow = page.Form[struct{}]{
		Path: "/registry/names/{id}/allow", Roles: seniors, Key: "console.registry.allow.",
		Do: func(v *page.Visit, _ *struct{}) (page.Done, error) { return decideSearch(v, true, "") },
	}
	deny = page.Form[word]{
		Path: "/registry/names/{id}/deny", Roles: seniors, Key: "console.registry.deny.",
		Controls: func(*page.Visit, *word) ([]page.Control, error) {
			return []page.Control{own("note", page.LongText)}, nil
		},
		Above: func(v *page.Visit, _ *word) *page.Link {
			return &page.Link{Path: "/registry/names/" + v.R.PathValue("id"), Text: v.T("console.registry.names.title")}
		},
		Do: func(v *page.Visit, in *word) (page.Done, error) { return decideSearch(v, false, in.Note) },
	}
)

// word is what somebody says to a decision.
type word struct {
	Note string `json:"note"`
}

func decideSearch(v *page.Visit, yes bool, note string) (page.Done, error) {
	id, err := v.Number("id")
	if err != nil {
		return page.Done{}, err
	}
	proven, err := v.Persons.DecideSearch(v.Context(), v.Journal, v.Actor(), id, yes, note)
	return page.Done{Path: "/registry/names/" + itoa(id), Code: proven.Code}, err
}

// found shows the asker who fits. Each look is an entry, and so is each person.
func found(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	all, proven, err := v.Persons.FoundByName(v.Context(), v.Journal, v.Actor(), id)
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.registry.found.list", v.Count(int64(len(all)))), Empty: v.T("console.registry.found.none"),
		Columns: page.Head(
			v.T("console.registry.field.person"), v.T("console.field.father_name"), v.T("console.registry.field.birth_year"),
			v.T("console.field.issue_place"), v.T("console.field.national_number"), v.T("console.registry.field.state"),
		),
	}
	for i := range all {
		f := &all[i]
		r := &ref{Number: f.Number, Reason: "name-search", File: itoa(id)}
		year := "–"
		if f.Year != 0 {
			year = v.Digits(itoa(int64(f.Year)))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: f.Given + " " + f.Surname, Path: r.path(v)},
			{Text: dash(f.Father)},
			{Text: year, Number: true},
			{Text: dash(f.Place)},
			{Text: v.Digits(f.Number.String()), Number: true},
			{Text: v.T("console.registry.state." + f.State), Tone: toneOfState(f.State)},
		}})
	}
	return v.Show(page.Screen{
		Title: v.T("console.registry.found.title"), Lead: v.T("console.registry.found.lead"),
		Above:  &page.Link{Path: "/registry/names/" + itoa(id), Text: v.T("console.registry.names.one", v.Count(id))},
		Blocks: []any{t, page.Note{Tone: page.Info, Text: v.T("console.registry.found.note", proven.Entries[0].Code.Grouped())}},
	})
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func toneOfState(state string) string {
	switch state {
	case "active":
		return page.Good
	case "deceased", "cancelled":
		return page.Bad
	}
	return page.Warn
}
