package api

import (
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/journal"
)

// boardRoutes are the routes of the board: the registry's supervisor keeps the
// list of members, and they do the rest.
func (a *API) boardRoutes() []*route {
	return append([]*route{
		act("/v1/board/appoint", func(c *call, who journal.Actor, in *board.Appointment) (*board.Member, journal.Proven, error) {
			return a.board.Appoint(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/board/dismiss", func(c *call, who journal.Actor, in *board.Ending) (*board.Member, journal.Proven, error) {
			return a.board.Dismiss(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/board/members", func(c *call, who journal.Actor, _ *struct{}) (out membersAnswer, err error) {
			out.Members, err = a.board.Members(c.r.Context(), who)
			return out, err
		}),
		act("/v1/board/session", func(c *call, who journal.Actor, in *board.Meeting) (*board.Session, journal.Proven, error) {
			return a.board.Hold(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/board/sessions", func(c *call, who journal.Actor, in *board.Page) (out sessionsAnswer, err error) {
			out.Sessions, err = a.board.Sessions(c.r.Context(), who, in)
			return out, err
		}),
		act("/v1/board/follow-up", func(c *call, who journal.Actor, in *board.Task) (*board.FollowUp, journal.Proven, error) {
			return a.board.Follow(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/board/done", func(c *call, who journal.Actor, in *board.Fulfilment) (*board.FollowUp, journal.Proven, error) {
			return a.board.Done(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/board/follow-ups", func(c *call, who journal.Actor, in *board.Following) (out followUpsAnswer, err error) {
			out.FollowUps, err = a.board.FollowUps(c.r.Context(), who, in)
			return out, err
		}),
	}, a.decisionRoutes()...)
}

func (a *API) decisionRoutes() []*route {
	return []*route{
		act("/v1/board/draft", func(c *call, who journal.Actor, in *board.Draft) (*board.Decision, journal.Proven, error) {
			return a.board.Draft(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/board/sign", func(c *call, who journal.Actor, in *board.Signing) (*board.Decision, journal.Proven, error) {
			return a.board.Sign(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/board/withdraw", func(c *call, who journal.Actor, in *board.Of) (*board.Decision, journal.Proven, error) {
			return a.board.Withdraw(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/board/decisions", func(c *call, who journal.Actor, in *board.Filter) (out decisionsAnswer, err error) {
			out.Effects = a.board.Effects()
			out.Decisions, err = a.board.Decisions(c.r.Context(), who, in)
			return out, err
		}),
		ask("/v1/board/find", func(c *call, who journal.Actor, in *board.Of) (*board.Decision, error) {
			return a.board.Find(c.r.Context(), who, in)
		}),
	}
}

type membersAnswer struct {
	Members []board.Member `json:"members"`
}

type sessionsAnswer struct {
	Sessions []board.Session `json:"sessions"`
}

type followUpsAnswer struct {
	FollowUps []board.FollowUp `json:"follow_ups"`
}

type decisionsAnswer struct {
	Decisions []board.Decision `json:"decisions"`
	Effects   []string         `json:"effects"` // that the program knows
}
