package api

import (
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/journal"
)

// agencyRoutes are the routes of who takes part: the registry enters bodies and
// invites, the invited joins, and the highest officer delegates.
func (a *API) agencyRoutes() []*route {
	return []*route{
		act("/v1/agencies/register", func(c *call, who journal.Actor, in *agency.Entry) (*agency.Listed, journal.Proven, error) {
			return a.agencies.Enter(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/agencies/state", func(c *call, who journal.Actor, in *agency.Turn) (*agency.Listed, journal.Proven, error) {
			return a.agencies.Turn(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/agencies/invite", func(c *call, who journal.Actor, in *agency.Invitation) (*agency.Invited, journal.Proven, error) {
			return a.agencies.Invite(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/agencies/accountable", func(c *call, who journal.Actor, in *agency.Accountable) (*agency.Listed, journal.Proven, error) {
			return a.agencies.Answer(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/enrolment", func(c *call, _ journal.Actor, in *agency.Joining) (*agency.Joined, journal.Proven, error) {
			return a.agencies.Join(c.r.Context(), a.journal, a.ca, in)
		}).to(forAnyone),
		ask("/v1/agencies/find", func(_ *call, who journal.Actor, in *agency.One) (*agency.Listed, error) {
			return a.agencies.See(who, in)
		}),
		ask("/v1/agencies/list", a.listAgencies),
		ask("/v1/agencies/tree", a.agencyTree),
		ask("/v1/agencies/expiring", a.expiring),
	}
}

type agenciesAnswer struct {
	Agencies []*agency.Listed `json:"agencies"`
}

func (a *API) listAgencies(_ *call, who journal.Actor, in *agency.Filter) (out agenciesAnswer, err error) {
	out.Agencies, err = a.agencies.List(who, in)
	return out, err
}

type treeAnswer struct {
	Bodies []agency.Branch `json:"bodies"`
}

func (a *API) agencyTree(_ *call, who journal.Actor, in *agency.One) (out treeAnswer, err error) {
	out.Bodies, err = a.agencies.Tree(who, in)
	return out, err
}

type endingsAnswer struct {
	Endings []agency.Ending `json:"endings"`
}

func (a *API) expiring(_ *call, who journal.Actor, in *agency.Horizon) (out endingsAnswer, err error) {
	out.Endings, err = a.agencies.Expiring(who, in)
	return out, err
}

// staffRoutes are the routes of a highest officer, for his own agency.
func (a *API) staffRoutes() []*route {
	return []*route{
		act("/v1/staff/add", func(c *call, who journal.Actor, in *agency.Staff) (*agency.ListedOfficer, journal.Proven, error) {
			return a.agencies.Add(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/staff/change", func(c *call, who journal.Actor, in *agency.Staff) (*agency.ListedOfficer, journal.Proven, error) {
			return a.agencies.Change(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/staff/end", func(c *call, who journal.Actor, in *agency.Leaving) (*agency.ListedOfficer, journal.Proven, error) {
			return a.agencies.End(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/staff/enrol", func(c *call, who journal.Actor, in *agency.Enrolment) (*agency.Enrolled, journal.Proven, error) {
			return a.agencies.Enrol(c.r.Context(), a.journal, who, a.ca, in)
		}),
		act("/v1/staff/revoke", func(c *call, who journal.Actor, in *agency.Revocation) (*agency.ListedCertificate, journal.Proven, error) {
			return a.agencies.Revoke(c.r.Context(), a.journal, who, in)
		}),
		ask("/v1/staff/list", func(_ *call, who journal.Actor, in *agency.One) (*agency.People, error) {
			return a.agencies.Staff(who, in)
		}),
	}
}
