package api

import (
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
)

// jobRoutes are the routes of later work: who keeps a register may see how far
// it is, and a supervisor or the one who wanted a job may cancel it.
func (a *API) jobRoutes() []*route {
	return []*route{
		ask("/v1/jobs/list", a.listJobs),
		ask("/v1/jobs/find", a.findJob),
		ask("/v1/jobs/cancel", a.cancelJob),
	}
}

// jobAnswer is one job as programs see it.
type jobAnswer struct {
	ID     int64     `json:"job"`
	Kind   string    `json:"kind"`
	State  job.State `json:"state"`
	Done   int64     `json:"done"`
	Total  int64     `json:"total,omitzero"`
	Rest   int64     `json:"rest_seconds,omitzero"`
	By     string    `json:"by"`
	Made   string    `json:"made"`
	Began  string    `json:"began,omitzero"`
	Ended  string    `json:"ended,omitzero"`
	Result raw       `json:"result,omitzero"`
	Key    string    `json:"key,omitzero"`
	Fa     string    `json:"fa,omitzero"`
	En     string    `json:"en,omitzero"`
}

// seesJobs are the roles that later work concerns.
var seesJobs = []string{register.Clerk, register.Supervisor, register.Post, register.Municipality, register.Printer, register.Inspector}

func (a *API) answerJob(j *job.Job) jobAnswer {
	out := jobAnswer{
		ID: j.ID, Kind: j.Kind, State: j.State, Done: j.Done, Total: j.Total, By: j.By.ID, Made: moment(j.Made),
		Rest: int64(j.Rest(a.clock()) / time.Second), Key: j.Fault,
	}
	if len(j.Result) > 0 {
		out.Result = j.Result
	}
	if !j.Began.IsZero() {
		out.Began = moment(j.Began)
	}
	if !j.Ended.IsZero() {
		out.Ended = moment(j.Ended)
	}
	if j.Fault != "" {
		out.Fa, out.En = texts(fault.New(0, j.Fault))
	}
	return out
}

// jobsInput asks for a page of the list.
type jobsInput struct {
	Before int64 `json:"before"` // only jobs older than this one; 0: from the newest
	Limit  int   `json:"limit"`  // 1 to 200; 0: 50
}

type jobsAnswer struct {
	Jobs []jobAnswer `json:"jobs"`
	Next int64       `json:"next,omitzero"` // the next page's before
}

func (a *API) listJobs(c *call, who journal.Actor, in *jobsInput) (out jobsAnswer, err error) {
	if err := register.Only(who, seesJobs...); err != nil {
		return out, err
	}
	if err := page(&in.Limit, 50, 200); err != nil {
		return out, err
	}
	all, err := a.jobs.List(c.r.Context(), in.Before, in.Limit)
	for i := range all {
		out.Jobs = append(out.Jobs, a.answerJob(&all[i]))
	}
	if len(all) == in.Limit {
		out.Next = all[len(all)-1].ID
	}
	return out, err
}

type jobInput struct {
	ID int64 `json:"job"`
}

func (a *API) findJob(c *call, who journal.Actor, in *jobInput) (out jobAnswer, err error) {
	if err := register.Only(who, seesJobs...); err != nil {
		return out, err
	}
	j, err := a.job(c, in.ID)
	if err != nil {
		return out, err
	}
	return a.answerJob(j), nil
}

// cancelJob is no act on a register, so it has no receipt; the job's row keeps
// who cancelled it.
func (a *API) cancelJob(c *call, who journal.Actor, in *jobInput) (out jobAnswer, err error) {
	if err := register.Only(who, seesJobs...); err != nil {
		return out, err
	}
	j, err := a.job(c, in.ID)
	if err != nil {
		return out, err
	}
	if j.By != who {
		if err := register.Only(who, register.Supervisor); err != nil {
			return out, err
		}
	}
	if err := a.jobs.Cancel(c.r.Context(), who, in.ID); err != nil {
		return out, err
	}
	if j, err = a.job(c, in.ID); err != nil {
		return out, err
	}
	return a.answerJob(j), nil
}

func (a *API) job(c *call, id int64) (*job.Job, error) {
	if id == 0 {
		return nil, fault.New(fault.Invalid, "api.missing").At("job")
	}
	j, found, err := a.jobs.ByID(c.r.Context(), id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "job.unknown").At("job")
	}
	return j, err
}
