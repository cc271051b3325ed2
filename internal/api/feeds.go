package api

import (
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/journal"
)

// feedRoutes are the routes by which agencies follow persons, read what became
// of them, and answer corrections. They are for agencies' programs, and for
// officers at a terminal.
func (a *API) feedRoutes() []*route {
	return []*route{
		ask("/v1/follows/set", func(c *call, _ journal.Actor, in *feed.Setting) (out marksAnswer, err error) {
			out.Marks, err = a.feeds.Set(c.r.Context(), c.follower(), in)
			return out, err
		}).to(forAgencies),
		ask("/v1/follows/end", func(c *call, _ journal.Actor, in *feed.Ending) (out endedAnswer, err error) {
			out.Marks, err = a.feeds.End(c.r.Context(), c.follower(), in)
			return out, err
		}).to(forAgencies),
		ask("/v1/follows/list", func(c *call, _ journal.Actor, in *feed.Page) (out marksList, err error) {
			out.Marks, err = a.feeds.List(c.r.Context(), c.agency.ID, in)
			return out, err
		}).to(forAgencies),
		{method: "GET", path: "/v1/feed", serve: a.readFeed, access: forAgencies, gate: a.work},
		{method: "GET", path: "/v1/feed/bootstrap", serve: a.bootstrap, access: forAgencies, gate: a.bulk},
		act("/v1/webhooks/set", func(c *call, _ journal.Actor, in *feed.Address) (*feed.Webhook, journal.Proven, error) {
			return a.feeds.SetWebhook(c.r.Context(), c.follower(), in)
		}).to(forAgencies),
		ask("/v1/webhooks/list", a.webhook).to(forAgencies),
		act("/v1/webhooks/end", func(c *call, _ journal.Actor, _ *struct{}) (struct{}, journal.Proven, error) {
			p, err := a.feeds.EndWebhook(c.r.Context(), c.follower())
			return struct{}{}, p, err
		}).to(forAgencies),
		ask("/v1/webhooks/test", a.testWebhook).to(forAgencies),
		ask("/v1/corrections/list", func(c *call, _ journal.Actor, in *feed.CorrectionFilter) (out correctionsAnswer, err error) {
			out.Corrections, err = a.feeds.Corrections(c.r.Context(), c.agency.ID, in)
			return out, err
		}).to(forAgencies),
		act("/v1/corrections/acknowledge", func(c *call, _ journal.Actor, in *feed.Acknowledging) (*feed.Correction, journal.Proven, error) {
			return a.feeds.Acknowledge(c.r.Context(), c.follower(), in)
		}).to(forAgencies),
		ask("/v1/corrections/unacknowledged", func(c *call, who journal.Actor, in *feed.Page) (out correctionsAnswer, err error) {
			out.Corrections, err = a.feeds.Unacknowledged(c.r.Context(), who, in)
			return out, err
		}),
	}
}

// follower is who acts for an agency: the officer of the certificate, or else
// its program.
func (c *call) follower() journal.Actor {
	if c.bearer == nil {
		return journal.Actor{Role: feed.Program, Agency: c.agency.ID, ID: feed.Program}
	}
	return c.actor()
}

type marksAnswer struct {
	Marks []feed.Marked `json:"marks"`
}

type endedAnswer struct {
	Marks []feed.Ended `json:"marks"`
}

type marksList struct {
	Marks []feed.Mark `json:"marks"`
}

type correctionsAnswer struct {
	Corrections []feed.Correction `json:"corrections"`
}

// feedAnswer is a page of a feed. An empty one handed out nothing, and has no
// entry.
type feedAnswer struct {
	*feed.Feed
	Code    string `json:"tracking_code,omitzero"`
	Receipt raw    `json:"receipt,omitzero"`
}

// readFeed serves GET /v1/feed.
func (a *API) readFeed(c *call) error {
	page, err := c.feedPage()
	if err != nil {
		return err
	}
	query := c.r.URL.Query()
	f, err := a.feeds.Read(c.r.Context(), c.follower(), &feed.Filter{Page: page, Item: query.Get("item"), Kind: query.Get("kind")})
	if err != nil {
		return err
	}
	out := feedAnswer{Feed: f}
	if len(f.Events) > 0 {
		out.Code, out.Receipt = string(f.Proven.Code), f.Proven.Receipt().Append(nil)
	}
	c.out, err = appendJSON(c.out, out)
	return err
}

// bootstrap serves GET /v1/feed/bootstrap.
func (a *API) bootstrap(c *call) error {
	page, err := c.feedPage()
	if err != nil {
		return err
	}
	begin, err := a.feeds.Bootstrap(c.r.Context(), c.follower(), &page)
	if err == nil {
		c.out, err = appendJSON(c.out, begin)
	}
	return err
}

// feedPage is the page that the address asks for.
func (c *call) feedPage() (p feed.Page, err error) {
	query := c.r.URL.Query()
	for _, one := range []struct {
		name string
		to   *int64
	}{{"after", &p.After}, {"limit", new(int64)}} {
		text := query.Get(one.name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 62)
		if err != nil {
			return p, fault.New(fault.Invalid, "feed.number").At(one.name)
		}
		if *one.to = int64(n); one.name == "limit" {
			p.Limit = int(min(n, feed.MaxPage+1))
		}
	}
	return p, nil
}

// webhookAnswer also has the key that the calls are signed with.
type webhookAnswer struct {
	Webhook *feed.Webhook `json:"webhook"` // null: none
	Dead    []feed.Dead   `json:"dead"`
	KeyID   string        `json:"key_id"`
	Key     string        `json:"key"`
}

func (a *API) webhook(c *call, _ journal.Actor, _ *struct{}) (out webhookAnswer, err error) {
	out.KeyID, out.Key = a.feeds.Caller.PublicKey()
	out.Webhook, out.Dead, err = a.feeds.Webhook(c.r.Context(), c.agency.ID)
	return out, err
}

// tested says how a call went: the key of the failure, or none.
type tested struct {
	Answered bool   `json:"answered"`
	Fault    string `json:"fault,omitzero"`
}

// testWebhook calls the agency's address; that it does not answer is no error of
// the question.
func (a *API) testWebhook(c *call, _ journal.Actor, _ *struct{}) (tested, error) {
	err := a.feeds.Test(c.r.Context(), c.agency.ID)
	if f := fault.Of(err); f != nil && f.Kind == fault.Unavailable {
		return tested{Fault: f.Key}, nil
	}
	return tested{Answered: err == nil}, err
}
