package head

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/persian"
)

// exceptions shows the copies that the agency made itself, and the tickets of
// times in which the service could not be reached.
func exceptions(v *page.Visit) error {
	copies, err := v.Exceptions.Copies(v.Context(), v.Actor(), &exception.CopyFilter{After: after(v), Limit: pageRows})
	if err != nil {
		return err
	}
	overdue, err := v.Exceptions.Copies(v.Context(), v.Actor(), &exception.CopyFilter{Overdue: true, Limit: 1000})
	if err != nil {
		return err
	}
	tickets, _, err := v.Exceptions.Tickets(v.Context(), v.Actor(), &exception.TicketFilter{Limit: 1000})
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.head.exceptions.copies"), Note: v.T("console.head.exceptions.copies.note"), Empty: v.T("console.head.exceptions.copies.none"),
		Columns: page.Head(v.T("console.head.column.copy"), v.T("console.head.column.process"), v.T("console.head.column.law"), v.T("console.head.column.made"), v.T("console.head.column.destroy")),
	}
	last := int64(0)
	for _, c := range copies {
		last = c.ID
		end := page.Cell{Text: v.T("console.head.exceptions.destroyed", shortDay(v, persian.DateOf(c.Destroyed))), Small: c.Minutes}
		if c.Destroyed.IsZero() {
			end = dueCell(v, c.Until)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: documentName(v, c.Document), Small: v.T("console.head.exceptions.reason." + c.Reason)},
			{Text: processName(v, c.Process)},
			{Text: orDash(c.Law), Small: c.Article},
			{Text: shortDay(v, persian.DateOf(c.Made)), Number: true, Small: officerName(v, c.Agency, c.Officer)},
			end,
		}})
	}
	t.More = more(v, len(copies), last)
	unresolved, flagged := int64(0), int64(0)
	for _, one := range tickets {
		if one.Unresolved {
			unresolved++
		}
		if one.Flagged {
			flagged++
		}
	}
	n := int64(len(overdue))
	return v.Show(page.Screen{
		Title: v.T("console.head.exceptions.title"), Lead: v.T("console.head.exceptions.lead"),
		Blocks: []any{
			page.Tiles{
				{Label: v.T("console.head.exceptions.overdue"), Value: v.Count(n), Note: v.T("console.head.exceptions.overdue.note"), Tone: bad(n)},
				{Label: v.T("console.head.exceptions.unresolved"), Value: v.Count(unresolved), Note: v.T("console.head.exceptions.unresolved.note"), Tone: warn(unresolved)},
				{Label: v.T("console.head.exceptions.flagged"), Value: v.Count(flagged), Note: v.T("console.head.exceptions.flagged.note"), Tone: bad(flagged)},
			},
			t, ticketTable(v, tickets),
		},
	})
}

// mostTickets is how many tickets are listed; those that wait come first.
const mostTickets = 50

func ticketTable(v *page.Visit, all []*exception.Ticket) *page.Table {
	t := &page.Table{
		Title: v.T("console.head.exceptions.tickets"), Note: v.T("console.head.exceptions.tickets.note"), Empty: v.T("console.head.exceptions.tickets.none"),
		Columns: page.Head(v.T("console.head.column.ticket"), v.T("console.head.column.service"), v.T("console.head.column.officer"), v.T("console.head.column.issued"), v.T("console.head.column.state"), v.T("console.head.column.due")),
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b *exception.Ticket) int { return b.Issued.Compare(a.Issued) })
	slices.SortStableFunc(sorted, func(a, b *exception.Ticket) int { return int(settled(a)) - int(settled(b)) })
	for _, one := range sorted[:min(len(sorted), mostTickets)] {
		state := badge(v, "ticket", one.State.String())
		if one.Flagged {
			state.Small = v.T("console.head.exceptions.flag")
		}
		due := page.Cell{Text: "–"}
		if one.State == exception.Waiting {
			due = dueCell(v, persian.DateOf(one.Due))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: one.Code, Number: true}, {Text: service(v, one.Service)}, {Text: officerName(v, one.Agency, one.Officer)}, {Text: shortDay(v, persian.DateOf(one.Issued)), Number: true, Small: v.Hour(one.Issued)}, state, due,
		}})
	}
	return t
}

// settled orders tickets: what waits, what came too late, what is done.
func settled(t *exception.Ticket) int {
	return map[exception.State]int{exception.Waiting: 0, exception.Late: 1, exception.Completed: 2}[t.State]
}
