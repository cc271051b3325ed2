package registry

import (
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func proposalRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/registry/proposals", proposals), get("/registry/proposals/{id}", proposalPage)},
		approve.Routes(), refuse.Routes(), withdraw.Routes())
}

func proposalPath(id int64) string { return "/registry/proposals/" + itoa(id) }

// harmful are the kinds of acts that take two persons.
var harmful = []string{
	"death", "death_annulment", "adoption", "birth_date", "sex", "correction", "cancellation", "cancellation_annulment", "protection",
}

// waitingFor are proposals that somebody else made and that wait: at most a page.
func waitingFor(v *page.Visit) ([]person.Proposal, error) {
	all, _, err := v.Persons.Proposals(v.Context(), v.Actor(), &person.Proposals{State: "waiting"})
	return slices.DeleteFunc(all, func(p person.Proposal) bool { return same(p.By, v.Actor()) }), err
}

// proposalsToDecide counts what waits for this supervisor.
func proposalsToDecide(v *page.Visit) int {
	if v.Role() != register.Supervisor {
		return 0
	}
	all, _ := waitingFor(v)
	return len(all)
}

// The views of the queue.
var queueViews = []string{"waiting", "mine", "done", "refused", "overtaken"}

// proposals is the queue of acts that take two persons.
func proposals(v *page.Visit) error {
	q := v.R.URL.Query()
	view := q.Get("view")
	if !slices.Contains(queueViews, view) {
		view = queueViews[0]
	}
	f := &person.Proposals{State: view, Limit: 50}
	if view == "mine" {
		f.State, f.By = "", v.Actor().ID
	}
	if kind := q.Get("kind"); slices.Contains(harmful, kind) {
		f.Kind = kind
	}
	f.After, _ = strconv.ParseInt(q.Get("after"), 10, 64) // anything else: from the beginning
	all, more, err := v.Persons.Proposals(v.Context(), v.Actor(), f)
	if err != nil {
		return err
	}
	if view == "mine" { // the login of another agency's officer may be the same
		all = slices.DeleteFunc(all, func(p person.Proposal) bool { return !same(p.By, v.Actor()) })
	}
	tabs := make(page.Tabs, len(queueViews))
	for i, name := range queueViews {
		tabs[i] = page.Link{Path: "/registry/proposals?view=" + name, Text: v.T("console.registry.queue." + name), Current: name == view}
	}
	table := proposalTable(v, all)
	table.Empty = v.T("console.registry.queue.none." + view)
	table.Filter = &page.Filter{
		Path: "/registry/proposals", Hidden: []page.Hidden{{Name: "view", Value: view}},
		Controls: []page.Input{{
			ID: page.IDOf("kind"), Name: "kind", Label: v.T("console.registry.field.kind"),
			Options: page.Blank(v.T("console.registry.all"), page.Choose(harmful, f.Kind, func(k string) string { return v.T("console.registry.event." + k) })),
		}},
	}
	if more && len(all) > 0 {
		q.Set("after", itoa(all[len(all)-1].ID))
		table.More = "/registry/proposals?" + q.Encode()
	}
	return v.Show(page.Screen{Title: v.T("console.registry.queue.title"), Lead: v.T("console.registry.queue.lead"), Blocks: []any{tabs, table}})
}

// proposalTable lists proposals without what they would change: reading that
// is an act.
func proposalTable(v *page.Visit, all []person.Proposal) *page.Table {
	t := &page.Table{Columns: page.Head(
		v.T("console.registry.field.kind"), v.T("console.registry.field.reason"), v.T("console.registry.field.document"),
		v.T("console.registry.field.proposed_by"), v.T("console.registry.field.proposed"), v.T("console.registry.field.standing"),
	)}
	for i := range all {
		p := &all[i]
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.registry.proposal.of", v.T("console.registry.event."+p.Kind), v.Count(p.ID)), Path: proposalPath(p.ID)},
			{Text: reasonOf(v, p.Grounds.Reason)}, {Text: v.Digits(p.Grounds.Document)}, {Text: hand(v, p.By)}, {Text: v.Moment(p.At)},
			{Text: v.T("console.registry.proposal.state." + p.State), Tone: toneOfProposal(p.State)},
		}})
	}
	return t
}

func toneOfProposal(state string) string {
	switch state {
	case "done":
		return page.Good
	case "refused", "overtaken":
		return page.Bad
	case "withdrawn":
		return page.Info
	}
	return page.Warn
}
