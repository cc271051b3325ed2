package api

import (
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
)

// historyRoutes is the route of what an agency has asked: to its highest officer
// all of it, to an officer what he has asked himself.
func (a *API) historyRoutes() []*route {
	return []*route{ask("/v1/inquiries/history", a.history).to(forAgencies)}
}

// historyInput chooses inquiries, and says in whose name the list is read.
type historyInput struct {
	Officer string         `json:"officer"`
	From    persian.Date   `json:"from,omitzero"`
	Until   persian.Date   `json:"until,omitzero"`
	Asker   string         `json:"asker,omitzero"` // a highest officer's choice
	Service string         `json:"service,omitzero"`
	Outcome string         `json:"outcome,omitzero"`
	Purpose string         `json:"purpose,omitzero"`
	Process string         `json:"process,omitzero"`
	After   journal.Cursor `json:"after,omitzero"`
	Limit   int            `json:"limit,omitzero"`
}

// pastAnswer is one inquiry: nothing in it is of the person.
type pastAnswer struct {
	Code    string `json:"tracking_code"`
	Time    string `json:"time"`
	Officer string `json:"officer,omitzero"` // this and what follows: absent once purged
	Service string `json:"service,omitzero"`
	Mode    string `json:"mode,omitzero"`
	Purpose string `json:"purpose,omitzero"`
	Process string `json:"process,omitzero"`
	File    string `json:"file,omitzero"`
	Outcome string `json:"outcome,omitzero"`
}

type pastPage struct {
	Inquiries []pastAnswer   `json:"inquiries"`
	Next      journal.Cursor `json:"next,omitzero"` // the next page's after
	Looked    int            `json:"looked"`        // entries looked through
	Back      string         `json:"back,omitzero"` // when the oldest of these was made
}

func (a *API) history(c *call, _ journal.Actor, in *historyInput) (out pastPage, err error) {
	var bad fault.List
	bad.When(in.Officer == "", "officer", "api.missing")
	bad.When(!in.From.IsZero() && !in.From.Precise(), "from", "person.date.precise")
	bad.When(!in.Until.IsZero() && !in.Until.Precise(), "until", "person.date.precise")
	if err := bad.Err(); err != nil {
		return out, err
	}
	who, err := a.knownOfficer(c, in.Officer)
	if err != nil {
		return out, err
	}
	h, err := a.desk.History(c.r.Context(), who, inquiry.HistoryFilter{
		From: in.From, Until: in.Until, Officer: in.Asker, Service: in.Service, Outcome: in.Outcome, Purpose: in.Purpose, Process: in.Process,
		After: in.After, Limit: in.Limit,
	})
	if err != nil {
		return out, err
	}
	out.Next, out.Looked, out.Back = h.Next, h.Looked, momentOrNone(h.Back)
	for i := range h.Inquiries {
		p := &h.Inquiries[i]
		out.Inquiries = append(out.Inquiries, pastAnswer{
			string(p.Code), moment(p.Time), p.Officer, p.Service, p.Mode, p.Purpose, p.Process, p.File, p.Outcome,
		})
	}
	return out, nil
}
