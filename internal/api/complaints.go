package api

import (
	"time"

	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
)

// complaintRoutes are the routes of citizens' reports. Anybody files one; code
// and secret open it to him. The agency's head answers, inspectors judge.
func (a *API) complaintRoutes() []*route {
	return []*route{
		ask("/v1/complaints/choices", func(_ *call, _ journal.Actor, in *complaint.Wanted) (complaint.Choices, error) {
			return a.complaints.Choices(in), nil
		}).to(forAnyone),
		act("/v1/complaints", a.complain).to(forAnyone),
		ask("/v1/complaints/follow", func(c *call, _ journal.Actor, in *complaint.Key) (*complaint.Followed, error) {
			return a.complaints.Follow(c.r.Context(), a.journal, in)
		}).to(forAnyone),
		act("/v1/complaints/reopen", func(c *call, _ journal.Actor, in *complaint.Reopening) (*complaint.Followed, journal.Proven, error) {
			return a.complaints.Reopen(c.r.Context(), a.journal, in)
		}).to(forAnyone),
		ask("/v1/complaints/list", a.listComplaints),
		ask("/v1/complaints/find", func(c *call, who journal.Actor, in *complaintInput) (*complaint.Complaint, error) {
			return a.complaints.Find(c.r.Context(), who, in.Complaint)
		}),
		act("/v1/complaints/answer", func(c *call, who journal.Actor, in *complaint.Reply) (*complaint.Complaint, journal.Proven, error) {
			return a.complaints.Answer(c.r.Context(), a.journal, who, in)
		}),
		act("/v1/complaints/judge", func(c *call, who journal.Actor, in *complaint.Judgement) (*complaint.Complaint, journal.Proven, error) {
			return a.complaints.Judge(c.r.Context(), a.journal, who, in)
		}),
	}
}

// Reports of one address in an hour. Many people share an address behind their
// provider's, so it is no small number; a flood against one agency is held.
const (
	reportsPerHour = 20
	reportsWithin  = time.Hour
)

// complain files a report. What is wrong in its form costs nothing.
func (a *API) complain(c *call, _ journal.Actor, in *complaint.Report) (complaint.Filed, journal.Proven, error) {
	back, err := a.reporters.take(counted(c.from()), a.clock())
	if err != nil {
		slow := err.(later)
		slow.fault = fault.New(fault.TooMany, "complaint.tries")
		return complaint.Filed{}, journal.Proven{}, slow
	}
	filed, proven, err := a.complaints.File(c.r.Context(), a.journal, in)
	if err != nil {
		back()
	}
	return filed, proven, err
}

type complaintInput struct {
	Complaint int64 `json:"complaint"`
}

type complaintsAnswer struct {
	Complaints []complaint.Complaint `json:"complaints"`
}

func (a *API) listComplaints(c *call, who journal.Actor, in *complaint.Filter) (out complaintsAnswer, err error) {
	out.Complaints, err = a.complaints.List(c.r.Context(), who, in)
	return out, err
}
