package office

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/discrepancy"
)

// doubts lists what agencies doubt of what they were told, the newest first.
// Each opens as the case that it has become.
func doubts(v *page.Visit) error {
	all, err := v.Cases.Raised(v.Context(), v.Journal, v.Actor(), &discrepancy.RaisedFilter{Before: v.Asked("before"), Limit: rowsAPage})
	if err != nil {
		return err
	}
	table := &page.Table{
		Empty: v.T("console.office.doubts.none"),
		Columns: page.Head(
			v.T("console.office.doubts.doubt"), v.T("console.office.field.agency"), v.T("console.office.doubts.field"), v.T("console.office.doubt.code"),
			v.T("console.office.cases.age"), v.T("console.office.cases.deadline"), v.T("console.office.cases.state"),
		),
	}
	for i := range all {
		r := &all[i]
		c := discrepancy.Case{State: r.State, Outcome: r.Outcome, Overdue: r.Overdue}
		state := page.Cell{Text: caseState(v, &c), Tone: caseTone(&c)}
		left, _ := days(v, r.Deadline)
		switch {
		case !r.Answered.IsZero():
			left, state.Small = "", v.T("console.office.doubts.answered")
		case r.State == discrepancy.Closed:
			left, state.Small, state.Tone = "", v.T("console.office.doubts.unanswered"), page.Warn
		}
		row := page.Row{Cells: []page.Cell{
			{Text: v.T("console.office.doubts.no", v.No(r.ID)), Path: at("/office/cases/", r.Case), Small: v.T("console.office.case.title", v.No(r.Case))},
			{Text: v.AgencyName(r.Agency), Small: officer(v, r.Agency, r.Officer)},
			{Text: field(v, r.Field)},
			{Code: string(r.Code)},
			{Text: age(v, r.Made), Small: v.Moment(r.Made)},
			{Text: v.Day(r.Deadline), Small: left},
			state,
		}}
		if r.Overdue {
			row.Tone = page.Bad
		}
		table.Rows = append(table.Rows, row)
	}
	if len(all) == rowsAPage {
		table.More = v.Next("before", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.doubts.title"), Lead: v.T("console.office.doubts.lead"), Above: toCases(v), Blocks: []any{table},
	})
}
