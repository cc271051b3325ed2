package api

import (
	"context"
	"io"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// agreementRoutes are the routes of the life of agreements: agencies draft,
// request and sign, the registry reviews and countersigns.
func (a *API) agreementRoutes() []*route {
	return []*route{
		agreed(a, "/v1/agreements/draft", (*agreement.Book).Draft).large(),
		act("/v1/agreements/amend", func(c *call, who journal.Actor, in *agreementInput) (*agreement.Draft, journal.Proven, error) {
			return a.agreements.Amend(c.r.Context(), a.journal, who, in.Agreement)
		}),
		agreed(a, "/v1/agreements/request", (*agreement.Book).Request),
		agreed(a, "/v1/agreements/review", (*agreement.Book).Review),
		agreed(a, "/v1/agreements/return", (*agreement.Book).Return),
		agreed(a, "/v1/agreements/sign", (*agreement.Book).Sign),
		agreed(a, "/v1/agreements/countersign", (*agreement.Book).Countersign),
		ask("/v1/agreements/list", a.listAgreements),
		ask("/v1/agreements/find", a.findAgreement),
		ask("/v1/agreements/diff", func(c *call, who journal.Actor, in *agreement.Comparing) (*agreement.Difference, error) {
			return a.agreements.Diff(c.r.Context(), who, in)
		}),
		ask("/v1/agreements/pdf", a.printAgreement),
		a.turning("/v1/agreements/suspend", agreement.Suspended),
		a.turning("/v1/agreements/resume", agreement.InForce),
		a.turning("/v1/agreements/end", agreement.Ended),
		agreed(a, "/v1/agreements/delegate", (*agreement.Book).Delegate),
		act("/v1/agreements/accept", func(c *call, who journal.Actor, in *delegationInput) (*agreement.Delegation, journal.Proven, error) {
			return a.agreements.Accept(c.r.Context(), a.journal, who, in.Delegation)
		}),
		act("/v1/agreements/confirm", func(c *call, who journal.Actor, in *delegationInput) (*agreement.Delegation, journal.Proven, error) {
			return a.agreements.Confirm(c.r.Context(), a.journal, who, in.Delegation)
		}),
		agreed(a, "/v1/agreements/undelegate", (*agreement.Book).Undelegate),
		ask("/v1/agreements/delegations", func(c *call, who journal.Actor, in *agreement.DelegationFilter) (out delegationsAnswer, err error) {
			out.Delegations, err = a.agreements.Delegations(c.r.Context(), who, in)
			return out, err
		}),
	}
}

// agreed is the route of an act whose input is the act's own.
func agreed[In, Out any](a *API, path string, f func(*agreement.Book, context.Context, *journal.Journal, journal.Actor, *In) (Out, journal.Proven, error)) *route {
	return act(path, func(c *call, who journal.Actor, in *In) (Out, journal.Proven, error) {
		return f(a.agreements, c.r.Context(), a.journal, who, in)
	})
}

// turning is the route of an act that gives an agreement another state.
func (a *API) turning(path string, to agreement.State) *route {
	return act(path, func(c *call, who journal.Actor, in *agreement.Order) (*versionAnswer, journal.Proven, error) {
		v, p, err := a.agreements.Turn(c.r.Context(), a.journal, who, to, in)
		if err != nil {
			return nil, p, err
		}
		return versionOf(v, false), p, nil
	})
}

type agreementInput struct {
	Agreement int64 `json:"agreement"`
}

type delegationInput struct {
	Delegation int64 `json:"delegation"`
}

type delegationsAnswer struct {
	Delegations []*agreement.Delegation `json:"delegations"`
}

// versionAnswer is one version of an agreement; its days are both included.
type versionAnswer struct {
	ID       int64              `json:"agreement"`
	Version  int                `json:"version"`
	Agency   ids.LegalID        `json:"agency"`
	State    string             `json:"state"`
	From     string             `json:"from"`
	Until    string             `json:"until"`
	Service  string             `json:"service"`
	Why      string             `json:"why"`
	Draft    int64              `json:"draft,omitzero"`
	Narrowed int                `json:"narrowed,omitzero"`
	Made     time.Time          `json:"made"`
	Clauses  []agreement.Clause `json:"clauses,omitempty"`
}

func versionOf(v *agreement.Agreement, whole bool) *versionAnswer {
	out := &versionAnswer{
		ID: v.ID, Version: v.Version, Agency: v.Agency, State: v.State.String(), From: day(persian.DateOf(v.From)), Until: lastDay(v.Until),
		Service: v.Service, Why: v.Why, Draft: v.Draft, Narrowed: v.Narrowed, Made: v.Made,
	}
	if whole {
		out.Clauses = v.Clauses
	}
	return out
}

type agreementsAnswer struct {
	Agreements []*versionAnswer   `json:"agreements"`
	Drafts     []*agreement.Draft `json:"drafts"`
}

func (a *API) listAgreements(c *call, who journal.Actor, in *agreement.Filter) (out agreementsAnswer, err error) {
	all, drafts, err := a.agreements.List(c.r.Context(), who, in)
	for _, v := range all {
		out.Agreements = append(out.Agreements, versionOf(v, false))
	}
	out.Drafts = drafts
	return out, err
}

// agreementFound is a draft, or a version with the list of all.
type agreementFound struct {
	Draft    *agreement.Draft `json:"draft,omitzero"`
	Version  *versionAnswer   `json:"version,omitzero"`
	Versions []*versionAnswer `json:"versions,omitempty"`
}

func (a *API) findAgreement(c *call, who journal.Actor, in *agreement.Picking) (out agreementFound, err error) {
	f, err := a.agreements.Find(c.r.Context(), who, in)
	if err != nil {
		return out, err
	}
	out.Draft = f.Draft
	if f.Version != nil {
		out.Version = versionOf(f.Version, true)
	}
	for _, v := range f.Versions {
		out.Versions = append(out.Versions, versionOf(v, false))
	}
	return out, nil
}

// printInput asks for the paper of a text; what is signed is Persian unless
// English is asked for.
type printInput struct {
	agreement.Picking
	Language string `json:"language"` // fa or en
}

func (a *API) printAgreement(c *call, who journal.Actor, in *printInput) (struct{}, error) {
	lang := message.Fa
	switch in.Language {
	case "", "fa":
	case "en":
		lang = message.En
	default:
		return struct{}{}, fault.New(fault.Invalid, "api.language").At("language")
	}
	p, err := a.agreements.Paper(c.r.Context(), a.journal, who, &in.Picking)
	if err != nil {
		return struct{}{}, err
	}
	of, err := a.agencies.ByID(p.Form.Agency)
	if err != nil {
		return struct{}{}, err
	}
	p.Name, p.Page, p.Link, p.Demo = of.Name, a.site+"/check", a.site+"/check?code="+string(p.Code), a.demo
	return struct{}{}, c.paper(func(w io.Writer) error { return p.Write(w, lang) })
}
