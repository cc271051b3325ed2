package office

import (
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/discrepancy"
)

func caseRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{page.Get("/office/cases", staff, cases), page.Get("/office/doubts", staff, doubts), page.Get("/office/cases/{case}", staff, showCase)},
		casesOf.Routes(), takeCase.Routes(), giveBack.Routes(), correctCase.Routes(), closeCase.Routes(), answerDoubt.Routes(),
	)
}

// cases lists the cases in order of opening.
func cases(v *page.Visit) error {
	q := v.R.URL.Query()
	f := discrepancy.Filter{After: v.Asked("after"), Limit: rowsAPage}
	switch state := q.Get("state"); state {
	case "":
	case "overdue":
		f.Overdue = true
	default:
		if f.State.UnmarshalText([]byte(state)) != nil {
			return page.NotFound()
		}
	}
	all, err := v.Cases.List(v.Context(), v.Journal, v.Actor(), &f)
	if err != nil {
		return err
	}
	table := caseTable(v, all)
	table.Empty = v.T("console.office.cases.none")
	if len(all) == rowsAPage {
		table.More = v.Next("after", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	pending, first, err := v.Cases.Pending(v.Context())
	if err != nil {
		return err
	}
	left, tone := days(v, first)
	return v.Show(page.Screen{
		Title: v.T("console.office.cases.title"), Lead: v.T("console.office.cases.lead"),
		Buttons: []page.Button{{Path: "/office/cases/of", Text: v.T("console.office.cases.of"), Icon: "search", Ghost: true}},
		Blocks: []any{
			page.Tiles{
				{Label: v.T("console.office.cases.pending"), Value: v.Count(pending), Path: "/office/cases?state=open"},
				{Label: v.T("console.office.cases.first"), Value: left, Note: v.Day(first), Tone: tone, Words: true},
			},
			v.Tabs("/office/cases", "state", "console.office.case_state.", "", "open", "taken", "proposed", "closed", "overdue"),
			table,
		},
	})
}

// caseTable shows cases, a line each.
func caseTable(v *page.Visit, all []discrepancy.Case) *page.Table {
	t := &page.Table{Columns: page.Head(
		v.T("console.office.cases.case"), v.T("console.field.national_number"), v.T("console.office.cases.source"),
		v.T("console.office.cases.age"), v.T("console.office.cases.deadline"), v.T("console.office.cases.state"), v.T("console.office.cases.act"),
	)}
	for i := range all {
		c := &all[i]
		left, tone := days(v, c.Deadline)
		if c.State == discrepancy.Closed {
			left, tone = "", page.Plain
		}
		row := page.Row{Cells: []page.Cell{
			{Text: v.No(c.ID), Path: at("/office/cases/", c.ID)},
			{Text: v.Digits(c.Subject.String()), Number: true},
			{Text: v.Known("console.office.source.", c.Source)},
			{Text: age(v, c.Opened)},
			{Text: v.Day(c.Deadline), Small: left},
			{Text: caseState(v, c), Tone: caseTone(c), Small: c.Taker},
			{},
		}}
		if tone == page.Bad {
			row.Tone = page.Bad
		}
		if c.State == discrepancy.Opened {
			row.Cells[6].Acts = []page.Press{press(v, at("/office/cases/", c.ID)+"/take", "console.office.take.button")}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func caseState(v *page.Visit, c *discrepancy.Case) string {
	if c.State == discrepancy.Closed {
		return v.T("console.office.outcome." + c.Outcome.String())
	}
	return v.T("console.office.case_state." + c.State.String())
}

func caseTone(c *discrepancy.Case) string {
	switch {
	case c.Overdue:
		return page.Bad
	case c.State == discrepancy.Closed:
		return page.Good
	case c.State == discrepancy.Opened:
		return page.Warn
	}
	return page.Info
}

// casesOf finds the cases of one person. His number goes in a form, never in an
// address.
var casesOf = page.Form[discrepancy.Filter]{
	Path: "/office/cases/of", Roles: staff, Key: "console.office.casesof.",
	Controls: func(*page.Visit, *discrepancy.Filter) ([]page.Control, error) {
		return []page.Control{{Name: "national_number", Kind: page.National}}, nil
	},
	Above: func(v *page.Visit, _ *discrepancy.Filter) *page.Link { return toCases(v) },
	Do: func(v *page.Visit, in *discrepancy.Filter) (page.Done, error) {
		all, err := v.Cases.List(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		table := caseTable(v, all)
		table.Empty = v.T("console.office.casesof.none")
		return page.Done{Screen: &page.Screen{
			Title: v.T("console.office.casesof.title"), Lead: v.Digits(in.Subject.String()), Above: toCases(v), Blocks: []any{table},
		}}, nil
	},
}

func toCases(v *page.Visit) *page.Link {
	return &page.Link{Path: "/office/cases", Text: v.T("console.office.cases.title")}
}
