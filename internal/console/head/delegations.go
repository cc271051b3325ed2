package head

import (
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

func delegationRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/head/delegations", delegations)},
		delegate.Routes(), accept.Routes(), undelegate.Routes())
}

// delegations lists who asks in whose name.
func delegations(v *page.Visit) error {
	all, err := v.Agreements.Delegations(v.Context(), v.Actor(), &agreement.DelegationFilter{After: v.Asked("after"), Limit: pageRows})
	if err != nil {
		return err
	}
	ours := &page.Table{Title: v.T("console.head.delegations.ours"), Note: v.T("console.head.delegations.ours.note"), Empty: v.T("console.head.delegations.ours.none")}
	theirs := &page.Table{Title: v.T("console.head.delegations.theirs"), Note: v.T("console.head.delegations.theirs.note"), Empty: v.T("console.head.delegations.theirs.none")}
	columns := page.Head(v.T("console.head.column.body"), v.T("console.head.column.services"), v.T("console.head.column.days"), v.T("console.head.column.state"), v.T("console.head.column.act"), v.T("console.head.delegations.end"))
	ours.Columns, theirs.Columns = columns, columns
	for _, d := range all {
		t, other := ours, d.Delegate
		if d.Principal != v.Asker.Agency.ID {
			t, other = theirs, d.Principal
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.AgencyName(other), Small: d.Reference},
			{Text: words(v, "agreement.asks.", d.Services)},
			{Text: v.ShortDay(d.From), Number: true, Small: v.T("console.head.until", v.ShortDay(d.Until))},
			delegationState(v, d), acceptance(v, d), ended(v, d),
		}})
	}
	if n := len(all); n > 0 {
		theirs.More = more(v, n, all[n-1].ID)
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.delegations.title"), Lead: v.T("console.head.delegations.lead"), Blocks: []any{signer(v), ours, theirs},
		Buttons: []page.Button{{Path: "/head/delegations/new", Text: v.T("console.head.delegations.new"), Icon: "chain"}},
	})
}

// delegationState is how far one is, and whose word is awaited.
func delegationState(v *page.Visit, d *agreement.Delegation) page.Cell {
	c := badge(v, "delegation", d.State.String())
	if d.State == agreement.Proposed && d.Delegate == v.Asker.Agency.ID {
		c.Small = v.T("console.head.delegations.you")
	}
	if d.State == agreement.Confirmed && d.Until.Compare(persian.DateOf(v.Clock())) < 0 {
		return badge(v, "delegation", "over")
	}
	return c
}

// acceptance is the button for what is proposed to the agency.
func acceptance(v *page.Visit, d *agreement.Delegation) page.Cell {
	if d.State != agreement.Proposed || d.Delegate != v.Asker.Agency.ID {
		return page.Cell{Text: "–"}
	}
	return page.Cell{Acts: []page.Press{{
		Path: fmt.Sprintf("/head/delegations/%d/accept", d.ID), Text: v.T("console.head.delegations.accept"), Once: page.NewOnce(),
		Ask: v.T("console.head.delegations.accept.ask"),
	}}}
}

// ended leads to the end of a delegation that is not over.
func ended(v *page.Visit, d *agreement.Delegation) page.Cell {
	if d.State == agreement.Over {
		return page.Cell{Text: "–"}
	}
	return page.Cell{Text: v.T("console.head.delegations.end"), Path: fmt.Sprintf("/head/delegations/%d/end", d.ID)}
}

var delegate = page.Form[agreement.Delegating]{
	Path: "/head/delegations/new", Roles: only, Key: "console.head.delegate.",
	Above: func(v *page.Visit, _ *agreement.Delegating) *page.Link {
		return above(v, "/head/delegations", "delegations")
	},
	Controls: func(v *page.Visit, _ *agreement.Delegating) ([]page.Control, error) {
		names := []string{"identity", "shenasnameh", "card", "residence", "place", "predicate", "deed"}
		return []page.Control{
			{Name: "delegate", Kind: page.Legal},
			{Name: "services", Kind: page.Ticks, Options: options(v, "agreement.asks.", names)},
			{Name: "from", Kind: page.Date, Label: "agreement.member.from"},
			{Name: "until", Kind: page.Date, Label: "agreement.member.until"},
			{Name: "reference", Kind: page.Words},
		}, nil
	},
	Do: func(v *page.Visit, in *agreement.Delegating) (page.Done, error) {
		_, proven, err := v.Agreements.Delegate(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/head/delegations", Code: proven.Code}, err
	},
}

// accepting names a delegation.
type accepting struct {
	ID int64 `json:"delegation"`
}

// accept is a button: it refuses anything but what is proposed to this agency.
var accept = page.Form[accepting]{
	Path: "/head/delegations/{id}/accept", Roles: only, Key: "console.head.accept.",
	Begin: func(v *page.Visit, in *accepting) (err error) {
		in.ID, err = v.Number("id")
		return err
	},
	Do: func(v *page.Visit, in *accepting) (page.Done, error) {
		_, proven, err := v.Agreements.Accept(v.Context(), v.Journal, v.Actor(), in.ID)
		return page.Done{Path: "/head/delegations", Code: proven.Code}, err
	},
}

var undelegate = page.Form[agreement.Undelegating]{
	Path: "/head/delegations/{id}/end", Roles: only, Key: "console.head.undelegate.", Danger: true,
	Above: func(v *page.Visit, _ *agreement.Undelegating) *page.Link {
		return above(v, "/head/delegations", "delegations")
	},
	Begin: func(v *page.Visit, in *agreement.Undelegating) (err error) {
		if in.ID, err = v.Number("id"); err == nil {
			_, err = delegationOf(v, in.ID)
		}
		return err
	},
	Around: func(v *page.Visit, in *agreement.Undelegating) ([]any, error) {
		d, err := delegationOf(v, in.ID)
		if err != nil {
			return nil, err
		}
		return []any{page.Facts{List: []page.Fact{
			fact(v, "principal", v.AgencyName(d.Principal)), fact(v, "delegate", v.AgencyName(d.Delegate)),
			fact(v, "services", words(v, "agreement.asks.", d.Services)), fact(v, "until", v.Day(d.Until)),
		}}}, nil
	},
	Controls: func(v *page.Visit, _ *agreement.Undelegating) ([]page.Control, error) {
		return []page.Control{reason(v, "delegation", "no-longer-needed", "misuse", "replaced", "other"), document()}, nil
	},
	Do: func(v *page.Visit, in *agreement.Undelegating) (page.Done, error) {
		_, proven, err := v.Agreements.Undelegate(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/head/delegations", Code: proven.Code}, err
	},
}

// delegationOf is a delegation that the visitor's agency takes part in.
func delegationOf(v *page.Visit, id int64) (*agreement.Delegation, error) {
	all, err := v.Agreements.Delegations(v.Context(), v.Actor(), &agreement.DelegationFilter{After: id - 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].ID != id {
		return nil, page.NotFound()
	}
	return all[0], nil
}
