package registry

import (
	"encoding/json"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func personRoutes() []page.Route {
	sealed := get("/registry/persons/{ref}/sealed", personSealed)
	sealed.Roles = seniors
	return []page.Route{get("/registry/persons/{ref}", personPage), sealed}
}

// personPage is one person: his record, his story, his family, his letters, and
// what can be done. Each look is an entry.
func personPage(v *page.Visit) error { return showPerson(v, v.Persons.ReadHistory, false) }

// personSealed is the same with what an adoption has sealed, for a supervisor.
func personSealed(v *page.Visit) error { return showPerson(v, v.Persons.ReadSealed, true) }

func showPerson(v *page.Visit, read readStory, open bool) error {
	r, err := refOf(v)
	if err != nil {
		return err
	}
	t, proven, err := read(v.Context(), v.Journal, v.Actor(), r.reading())
	if fault.Is(err, fault.NotFound) {
		return nobody(v, r)
	}
	if err != nil {
		return err
	}
	letters, err := v.Notices.Of(v.Context(), v.Journal, v.Actor(), t.Person.Number) // covered by that look
	if err != nil {
		return err
	}
	seen := r.seen(&t.Person)
	at := seen.path(v)
	code := page.Note{Tone: page.Info, Text: v.T("console.registry.person.looked", reasonOf(v, r.Reason), r.File, proven.Code.Grouped())}
	blocks := append(warnings(v, t), recordFacts(v, &t.Person), actions(v, t, at))
	return v.Show(page.Screen{
		Title: seen.Name, Lead: v.T("console.registry.person.lead", v.Count(t.Person.Version)),
		Above:   &page.Link{Path: "/registry/persons", Text: v.T("console.registry.menu.search")},
		Buttons: tools(v, at, t, open),
		Blocks:  append(blocks, page.Pair{Main: []any{story(v, t, letters), letterTable(v, letters)}, Side: []any{family(v, r, t)}}, code),
	})
}

// nobody says that a number is not in the register.
func nobody(v *page.Visit, r *ref) error {
	return v.Show(page.Screen{
		Status: fault.NotFound.Status(), Title: v.T("console.registry.person.nobody"), Slim: true, Blocks: []any{
			page.Note{
				Tone: page.Warn, Title: v.T("person.unknown"), Text: v.T("console.registry.person.nobody.text"),
				Links: []page.Link{{Path: "/registry/persons", Text: v.T("console.registry.person.again")}},
			},
			page.Facts{List: []page.Fact{{Label: v.T("console.field.national_number"), Value: v.Digits(r.Number.String()), Number: true}}},
		},
	})
}

// warnings are what whoever works on the record must know first.
func warnings(v *page.Visit, t *person.Timeline) (all []any) {
	p := &t.Person
	note := func(tone, key string) {
		all = append(all, page.Note{Tone: tone, Title: v.T("console.registry.warning." + key), Text: v.T("console.registry.warning." + key + ".text")})
	}
	switch {
	case p.State == person.Cancelled:
		note(page.Bad, "cancelled")
	case !p.Alive():
		note(page.Bad, "deceased")
	}
	switch p.State {
	case person.UnderReview:
		note(page.Warn, "under_review")
	case person.Protected:
		note(page.Warn, "protected")
	}
	if p.Alive() && p.State != person.Cancelled && p.Card.MustBeReplaced() {
		note(page.Warn, "card")
	}
	if slices.ContainsFunc(t.Moments, func(m person.Moment) bool { return m.Sealed }) {
		note(page.Info, "sealed")
	}
	if waits, _, err := v.Persons.Proposals(v.Context(), v.Actor(), &person.Proposals{State: "waiting", Subject: p.Number}); err == nil && len(waits) > 0 {
		links := make([]page.Link, len(waits))
		for i := range waits {
			links[i] = page.Link{Path: proposalPath(waits[i].ID), Text: v.T("console.registry.proposal.of", v.T("console.registry.event."+waits[i].Kind), v.Count(waits[i].ID))}
		}
		all = append(all, page.Note{Tone: page.Warn, Title: v.T("console.registry.warning.proposals"), Links: links})
	}
	return all
}

// recordFacts are what is on record: who he is, and beside it his papers.
func recordFacts(v *page.Visit, p *person.Person) page.Pair {
	who := &page.Facts{Title: v.T("console.registry.person.record")}
	papers := &page.Facts{Title: v.T("console.registry.person.papers")}
	who.List = append(who.List, page.Fact{Label: v.T("console.field.national_number"), Value: v.Digits(p.Number.String()), Number: true})
	for i, item := range p.Items() {
		if item.Text == "" {
			continue
		}
		fact := page.Fact{Label: label(v, item.Name), Value: value(v, item.Name, item.Text), Number: digital(item.Name)}
		if item.Name == "state" {
			fact.Tone = toneOf(p.State)
		}
		if i < personal {
			who.List = append(who.List, fact)
		} else {
			papers.List = append(papers.List, fact)
		}
	}
	pair := page.Pair{Even: true, Main: []any{who}}
	if len(papers.List) > 0 {
		pair.Side = []any{papers}
	}
	return pair
}

// personal is how many of a record's items say who he is; his papers follow.
const personal = 9

// family is who the register knows as parents, children and spouses. A
// relative's record opens for the reason for which this one was opened.
func family(v *page.Visit, r *ref, t *person.Timeline) *page.Table {
	table := &page.Table{
		Title: v.T("console.registry.person.family"), Empty: v.T("console.registry.person.family.none"),
		Columns: page.Head(v.T("console.registry.field.relation"), v.T("console.registry.person.relative")),
	}
	add := func(relation string, n ids.NationalNumber) {
		if n == 0 {
			return
		}
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.registry.relation." + relation)},
			{Text: v.Digits(n.String()), Number: true, Path: r.of(n).path(v)},
		}})
	}
	if t.Birth != nil {
		add("father", t.Birth.Father)
		add("mother", t.Birth.Mother)
	}
	for _, n := range spouses(t.Moments) {
		add("spouse", n)
	}
	for _, n := range t.Children {
		add("child", n)
	}
	return table
}

// spouses are those of marriages that no divorce has ended.
func spouses(moments []person.Moment) (all []ids.NationalNumber) {
	for i := range moments {
		m := &moments[i]
		if m.Kind != "marriage" && m.Kind != "divorce" {
			continue
		}
		var d struct {
			Spouse ids.NationalNumber `json:"spouse"`
		}
		if json.Unmarshal([]byte(m.Detail), &d) != nil {
			continue
		}
		all = slices.DeleteFunc(all, func(n ids.NationalNumber) bool { return n == d.Spouse })
		if m.Kind == "marriage" {
			all = append(all, d.Spouse)
		}
	}
	return all
}

// tools are the other pages about him.
func tools(v *page.Visit, at string, t *person.Timeline, open bool) []page.Button {
	button := func(path, key, icon string) page.Button {
		return page.Button{Path: at + path, Text: v.T("console.registry.person." + key), Icon: icon, Ghost: true}
	}
	all := []page.Button{button("/cards", "cards", "card"), button("/booklets", "booklets", "shenasnameh"), button("/residences", "residences", "place")}
	hidden := slices.ContainsFunc(t.Moments, func(m person.Moment) bool { return m.Sealed })
	if v.Role() == register.Supervisor && hidden && !open {
		all = append(all, button("/sealed", "unseal", "lock"))
	}
	return all
}

// actions are what can be done to the record as it stands. What one person may
// do stands apart from what takes two.
func actions(v *page.Visit, t *person.Timeline, at string) page.Choices {
	p := &t.Person
	link := func(path, key string) page.Link {
		return page.Link{Path: at + "/" + path, Text: v.T("console.registry." + key + ".title")}
	}
	side := "husband"
	if p.Sex == person.Female {
		side = "wife"
	}
	var by1, by2, home []page.Link
	alive := p.Alive() && p.State != person.Cancelled
	if alive {
		home = append(home, link("residence", "residence"), link("residence-certificate", "certificate"), link("access", "access"), link("access/revoke", "revoke_access"))
		by1 = append(by1, link("marriage/"+side, "marriage"), link("divorce/"+side, "divorce"), link("given-name", "given"), link("surname", "surname"))
		by2 = append(by2, link("death", "death"), link("adoption", "adoption"), link("sex", "sex"))
	}
	if p.State == person.Cancelled {
		by2 = append(by2, link("cancellation-annulment", "cancellation_annulment"))
	} else {
		by1 = append(by1, link("correction", "correction"), link("review", "review"))
		by2 = append(by2, link("birth-date", "birth_date"), link("cancellation", "cancellation"), link("protection", "protection"))
		if !p.Alive() {
			by2 = append(by2, link("death-annulment", "death_annulment"))
		}
	}
	var all page.Choices
	for _, c := range []struct {
		key, icon string
		links     []page.Link
	}{{"one", "pen", by1}, {"two", "people", by2}, {"home", "place", home}} {
		if len(c.links) > 0 {
			all = append(all, page.Choice{
				Title: v.T("console.registry.actions." + c.key), Text: v.T("console.registry.actions." + c.key + ".text"), Icon: c.icon, Links: c.links,
			})
		}
	}
	return all
}
