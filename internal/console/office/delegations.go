package office

import (
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
)

// delegations lists which bodies ask in the name of others.
func delegations(v *page.Visit) error {
	all, err := v.Agreements.Delegations(v.Context(), v.Actor(), &agreement.DelegationFilter{After: v.Asked("after"), Limit: rowsAPage})
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.delegations.number"), v.T("console.office.delegations.principal"), v.T("console.office.delegations.delegate"),
			v.T("console.office.delegations.services"), v.T("console.office.agreement.days"), v.T("console.office.delegations.state"),
			v.T("console.office.cases.act"),
		),
		Empty: v.T("console.office.delegations.none"),
	}
	for _, d := range all {
		var services []string
		for _, s := range d.Services {
			services = append(services, v.Known("agreement.asks.", s))
		}
		row := page.Row{Cells: []page.Cell{
			{Text: v.No(d.ID), Small: v.Digits(d.Reference)},
			{Text: v.AgencyName(d.Principal), Small: d.ProposedBy},
			{Text: v.AgencyName(d.Delegate), Small: d.AcceptedBy},
			{Text: strings.Join(services, " · ")},
			{Text: v.T("console.office.agreement.span", v.Day(d.From), v.Day(d.Until))},
			{Text: v.T("console.office.delegation_state." + d.State.String()), Tone: delegationTone(d.State), Small: d.ConfirmedBy},
			{},
		}}
		if chief(v) && d.State == agreement.Accepted {
			row.Cells[6].Acts = []page.Press{press(v, at("/office/delegations/", d.ID)+"/confirm", "console.office.confirmdelegation.button")}
		}
		if chief(v) && d.State != agreement.Over {
			row.Cells[6].Text, row.Cells[6].Path = v.T("console.office.enddelegation.link"), at("/office/delegations/", d.ID)+"/end"
		}
		table.Rows = append(table.Rows, row)
	}
	if len(all) == rowsAPage {
		table.More = v.Next("after", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	return v.Show(page.Screen{Title: v.T("console.office.delegations.title"), Lead: v.T("console.office.delegations.lead"), Blocks: []any{table}})
}

func delegationTone(s agreement.DelegationState) string {
	switch s {
	case agreement.Accepted:
		return page.Warn
	case agreement.Confirmed:
		return page.Good
	case agreement.Over:
		return page.Bad
	}
	return page.Info
}

// confirmDelegation is the word of the registry, from which it holds.
var confirmDelegation = page.Form[struct{}]{
	Path: "/office/delegations/{delegation}/confirm", Roles: chiefs, Key: "console.office.confirmdelegation.",
	Do: func(v *page.Visit, _ *struct{}) (page.Done, error) {
		id, err := v.Number("delegation")
		if err != nil {
			return page.Done{}, err
		}
		_, proven, err := v.Agreements.Confirm(v.Context(), v.Journal, v.Actor(), id)
		return page.Done{Path: "/office/delegations", Code: proven.Code}, err
	},
}

// endDelegation ends one, in force or not yet.
var endDelegation = page.Form[agreement.Undelegating]{
	Path: "/office/delegations/{delegation}/end", Roles: chiefs, Key: "console.office.enddelegation.", Danger: true,
	Begin: func(v *page.Visit, in *agreement.Undelegating) (err error) {
		in.ID, err = v.Number("delegation")
		return err
	},
	Above: func(v *page.Visit, _ *agreement.Undelegating) *page.Link {
		return &page.Link{Path: "/office/delegations", Text: v.T("console.office.delegations.title")}
	},
	Controls: func(v *page.Visit, _ *agreement.Undelegating) ([]page.Control, error) {
		return grounds(v, "request", "misuse", "board-decision", "court-order"), nil
	},
	Do: func(v *page.Visit, in *agreement.Undelegating) (page.Done, error) {
		_, proven, err := v.Agreements.Undelegate(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/office/delegations", Code: proven.Code}, err
	},
}
