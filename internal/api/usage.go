package api

import (
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/usage"
)

// usageRoutes are the routes of what was asked, counted from the log.
func (a *API) usageRoutes() []*route {
	return []*route{ask("/v1/usage/list", a.listUsage)}
}

type usageInput struct {
	Agency ids.LegalID  `json:"agency"` // for who sees all; absent: all
	From   persian.Date `json:"from"`   // months, both included
	Until  persian.Date `json:"until"`
	usage.Page
}

func (in *usageInput) check() error {
	var bad fault.List
	bad.When(in.From.Month == 0 && !in.From.IsZero(), "from", "usage.month")
	bad.When(in.Until.Month == 0 && !in.Until.IsZero(), "until", "usage.month")
	bad.When(!in.Until.IsZero() && in.Until.Compare(in.From) < 0, "until", "usage.months")
	return bad.Err()
}

type usageAnswer struct {
	Counts []usage.Count `json:"counts"`
	Next   usage.Cursor  `json:"next,omitzero"` // after, for the next page
	Behind int64         `json:"behind"`        // entries of the log that are not counted yet
	Lost   int64         `json:"lost"`          // entries that were purged before they were counted
}

// overseers see what all agencies do.
var overseers = []string{register.Supervisor, register.Inspector, register.Member}

func (a *API) listUsage(c *call, who journal.Actor, in *usageInput) (out usageAnswer, err error) {
	own := []string{agency.RoleHead, agency.RoleOfficer, agency.RoleProgrammer}
	if err := register.Only(who, append(own, overseers...)...); err != nil {
		return out, err
	}
	f := usage.Filter{Agency: in.Agency, From: in.From, Until: in.Until}
	if !slices.Contains(overseers, who.Role) {
		if f.Agency = who.Agency; in.Agency != 0 && in.Agency != who.Agency {
			return out, fault.New(fault.NotFound, "usage.agency").At("agency")
		}
	}
	if err := in.check(); err != nil {
		return out, err
	}
	ctx := c.r.Context()
	if out.Counts, out.Next, err = a.usage.Counts(ctx, f, in.Page); err != nil {
		return out, err
	}
	counted, err := a.usage.UpTo(ctx)
	if err != nil {
		return out, err
	}
	for log, size := range a.journal.Heads() {
		out.Behind += max(0, size-counted[log])
	}
	out.Lost, err = a.usage.Lost(ctx)
	return out, err
}
