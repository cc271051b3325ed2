package api

import (
	"net/netip"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
)

// citizenRoutes are the routes of the person himself. A clerk gives him access;
// all others are for anyone who shows number and access code, in the body alone.
func (a *API) citizenRoutes() []*route {
	return []*route{
		act("/v1/citizens/access", func(c *call, who journal.Actor, in *citizen.Giving) (citizen.Given, journal.Proven, error) {
			return a.citizens.Give(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/me/inquiries", func(c *call, _ journal.Actor, in *meInput) (*citizen.Asked, journal.Proven, error) {
			return me(c, &in.Key, func(who *citizen.Who) (*citizen.Asked, journal.Proven, error) {
				return a.citizens.Asked(c.r.Context(), a.journal, who, in.Page)
			})
		}).to(forAnyone),
		act("/v1/me/corrections", func(c *call, _ journal.Actor, in *citizen.Key) (*citizen.Corrections, journal.Proven, error) {
			return me(c, in, func(who *citizen.Who) (*citizen.Corrections, journal.Proven, error) {
				return a.citizens.Corrections(c.r.Context(), a.journal, who)
			})
		}).to(forAnyone),
		act("/v1/me/lock", func(c *call, _ journal.Actor, in *lockInput) (citizen.Locks, journal.Proven, error) {
			return me(c, &in.Key, func(who *citizen.Who) (citizen.Locks, journal.Proven, error) {
				return a.citizens.Lock(c.r.Context(), a.journal, who, in.Purpose)
			})
		}).to(forAnyone),
		act("/v1/me/unlock", func(c *call, _ journal.Actor, in *lockInput) (citizen.Locks, journal.Proven, error) {
			return me(c, &in.Key, func(who *citizen.Who) (citizen.Locks, journal.Proven, error) {
				return a.citizens.Unlock(c.r.Context(), a.journal, who, in.Purpose)
			})
		}).to(forAnyone),
		ask("/v1/me/locks", a.locks).to(forAnyone),
		act("/v1/me/dispute", a.dispute).to(forAnyone),
	}
}

type meInput struct {
	citizen.Key
	citizen.Page
}

type lockInput struct {
	citizen.Key
	Purpose string `json:"purpose"` // "": every one that the law leaves open
}

func (a *API) locks(c *call, _ journal.Actor, in *citizen.Key) (citizen.Locks, error) {
	all, _, err := me(c, in, func(who *citizen.Who) (citizen.Locks, journal.Proven, error) {
		all, err := a.citizens.Locks(c.r.Context(), who)
		return all, journal.Proven{}, err
	})
	return all, err
}

// wrongPerMinute is how many wrong codes an address may show in a minute.
const wrongPerMinute = 20

// me lets the person in and does what he wants. An address from which wrong
// codes come is slowed down; others are not.
func me[Out any](c *call, k *citizen.Key, do func(*citizen.Who) (Out, journal.Proven, error)) (out Out, proven journal.Proven, err error) {
	a, from := c.a, counted(c.from())
	if err := a.wrong.spent(from, a.clock()); err != nil {
		return out, proven, err
	}
	who, err := a.citizens.Admit(c.r.Context(), k)
	if err != nil {
		if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.TooMany) {
			_, _ = a.wrong.come(from, a.clock())
		}
		return out, proven, err
	}
	return do(who)
}

// from is the address of the client, behind our own proxies.
func (c *call) from() netip.Addr {
	if len(c.a.proxies) == 0 {
		return c.conn.from
	}
	return behind(c.a.proxies, c.conn.from, c.r.Header["X-Forwarded-For"])
}

// disputeInput names an entry of the person's own list.
type disputeInput struct {
	citizen.Key
	Code ids.TrackingCode `json:"tracking_code"`
	Text string           `json:"text"`
}

// dispute opens an audit of an inquiry that the person is told of; what he is
// not told of is not there for him.
func (a *API) dispute(c *call, _ journal.Actor, in *disputeInput) (*audit.Disputed, journal.Proven, error) {
	return me(c, &in.Key, func(who *citizen.Who) (*audit.Disputed, journal.Proven, error) {
		sees, err := a.citizens.Sees(c.r.Context(), a.journal, who, in.Code)
		if err == nil && !sees {
			err = fault.New(fault.NotFound, "citizen.entry").At("tracking_code")
		}
		if err != nil {
			return nil, journal.Proven{}, err
		}
		return a.audits.Dispute(c.r.Context(), a.journal, who.Number, in.Code, in.Text)
	})
}
