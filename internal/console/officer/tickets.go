package officer

import (
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/exception"
)

const ticketKey = "console.officer.ticket."

func ticketRoutes() []page.Route {
	return append(append(handing.Routes(), completing.Routes()...), page.Get("/officer/tickets", both, tickets))
}

// tickets says what to do when the service cannot be reached; the highest
// officer also sees the agency's tickets, which the noun shows to nobody else.
func tickets(v *page.Visit) error {
	s := page.Screen{
		Title: v.T(ticketKey + "list"), Lead: v.T(ticketKey + "list.lead"),
		Blocks: []any{page.Choices{
			{Title: v.T(ticketKey + "hand.title"), Text: v.T(ticketKey + "hand.lead"), Icon: "paper", Links: []page.Link{{Path: "/officer/tickets/new", Text: v.T(ticketKey + "hand.button")}}},
			{Title: v.T(ticketKey + "complete.title"), Text: v.T(ticketKey + "complete.lead"), Icon: "ok", Links: []page.Link{{Path: "/officer/tickets/complete", Text: v.T(ticketKey + "complete.button")}}},
		}},
	}
	if v.Role() == agency.RoleHead {
		t, err := ticketTable(v)
		if err != nil {
			return err
		}
		s.Blocks = append(s.Blocks, t)
	}
	return v.Show(s)
}

func ticketTable(v *page.Visit) (*page.Table, error) {
	open := v.R.URL.Query().Get("unresolved") != ""
	all, next, err := v.Exceptions.Tickets(v.Context(), v.Actor(), &exception.TicketFilter{Unresolved: open, After: v.Asked("after"), Limit: listPage})
	if err != nil {
		return nil, err
	}
	t := &page.Table{Title: v.T(ticketKey + "all"), Empty: v.T(ticketKey + "none"), Columns: page.Head(
		v.T(ticketKey+"code"), v.T(ticketKey+"issued"), v.T("console.ask.officer"), v.T("console.ask.file"), v.T(ticketKey+"due"), v.T(ticketKey+"state"))}
	for _, one := range all {
		state := page.Cell{Text: v.T(ticketKey + "state." + one.State.String()), Tone: page.Info}
		switch {
		case one.State == exception.Completed:
			state.Tone, state.Path = page.Good, "/officer/inquiries/"+string(one.Inquiry)
		case one.Unresolved:
			state.Tone = page.Bad
		}
		if one.Flagged {
			state.Small = v.T(ticketKey + "flagged")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: one.Code, Number: true}, {Text: v.Moment(one.Issued)}, {Text: one.Officer, Number: true}, {Text: v.Digits(one.File)}, {Text: v.Moment(one.Due)}, state,
		}})
	}
	if next > 0 {
		t.More = v.Next("after", itoa(next))
	}
	return t, nil
}

// mostTicket bounds a ticket's file.
const mostTicket = 64 << 10

// handing hands a ticket in, which the agency's client issued while the service
// could not be reached.
var handing = page.Form[exception.Handing]{
	Path: "/officer/tickets/new", Roles: both, Key: ticketKey + "hand.", Files: mostTicket, Above: ticketsAbove[exception.Handing],
	Controls: func(*page.Visit, *exception.Handing) ([]page.Control, error) {
		return []page.Control{{Name: "ticket", Kind: page.File}}, nil
	},
	Do: func(v *page.Visit, in *exception.Handing) (page.Done, error) {
		_, proven, err := v.Exceptions.Register(v.Context(), v.Actor(), in)
		return page.Done{Path: "/officer/tickets", Code: proven.Code}, err
	},
}

// completing closes a ticket with the inquiry that it stood for.
var completing = page.Form[exception.Completing]{
	Path: "/officer/tickets/complete", Roles: both, Key: ticketKey + "complete.", Above: ticketsAbove[exception.Completing],
	Controls: func(*page.Visit, *exception.Completing) ([]page.Control, error) {
		return []page.Control{{Name: "ticket", Kind: page.Latin, Max: 80}, {Name: "salt", Kind: page.Latin, Max: 80}, {Name: "code", Kind: page.TrackCode}}, nil
	},
	Do: func(v *page.Visit, in *exception.Completing) (page.Done, error) {
		_, proven, err := v.Exceptions.Complete(v.Context(), v.Actor(), in)
		return page.Done{Path: "/officer/tickets", Code: proven.Code}, err
	},
}

func ticketsAbove[In any](v *page.Visit, _ *In) *page.Link {
	return &page.Link{Path: "/officer/tickets", Text: v.T(ticketKey + "list")}
}
