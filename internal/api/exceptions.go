package api

import (
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/journal"
)

// exceptionRoutes are the routes of copies that agencies make themselves, and of
// outage tickets. Tickets are handed in by agencies' programs, or by an officer.
func (a *API) exceptionRoutes() []*route {
	return []*route{
		act("/v1/exceptions/copy", func(c *call, who journal.Actor, in *exception.Copying) (*exception.Copy, journal.Proven, error) {
			return a.exceptions.Copied(c.r.Context(), who, in)
		}),
		ask("/v1/exceptions/list", func(c *call, who journal.Actor, in *exception.CopyFilter) (out copiesAnswer, err error) {
			out.Copies, err = a.exceptions.Copies(c.r.Context(), who, in)
			return out, err
		}),
		act("/v1/exceptions/destroy", func(c *call, who journal.Actor, in *exception.Destroying) (*exception.Copy, journal.Proven, error) {
			return a.exceptions.Destroy(c.r.Context(), who, in)
		}),
		act("/v1/tickets/register", func(c *call, _ journal.Actor, in *exception.Handing) (*exception.Ticket, journal.Proven, error) {
			return a.exceptions.Register(c.r.Context(), c.holder(), in)
		}).to(forAgencies),
		act("/v1/tickets/complete", func(c *call, _ journal.Actor, in *exception.Completing) (*exception.Ticket, journal.Proven, error) {
			return a.exceptions.Complete(c.r.Context(), c.holder(), in)
		}).to(forAgencies),
		ask("/v1/tickets/list", func(c *call, who journal.Actor, in *exception.TicketFilter) (out ticketsAnswer, err error) {
			out.Tickets, out.Next, err = a.exceptions.Tickets(c.r.Context(), who, in)
			return out, err
		}),
	}
}

// holder is who hands in tickets: the officer of the certificate, or else the
// agency's program.
func (c *call) holder() journal.Actor {
	if c.bearer == nil {
		return journal.Actor{Role: exception.Program, Agency: c.agency.ID, ID: exception.Program}
	}
	return c.actor()
}

type copiesAnswer struct {
	Copies []*exception.Copy `json:"copies"`
}

type ticketsAnswer struct {
	Tickets []*exception.Ticket `json:"tickets"`
	Next    int64               `json:"next,omitzero"` // after, for the next page
}
