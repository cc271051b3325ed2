package api

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

func init() { lives = append(lives, jobsLife) }

// jobsLife: a job of a municipality is listed, found, and cancelled by who may.
func jobsLife(t *testing.T, k *contract, s *stack) {
	town := s.staff(register.Municipality)
	var townID ids.LegalID
	for _, a := range s.agencies.Agencies() {
		if a.Kind == "municipality" {
			townID = a.ID
		}
	}
	by := journal.Actor{Role: register.Municipality, Agency: townID, ID: "municipality"}
	enqueue := func() (id int64) {
		s.ok(s.db.Write(t.Context(), func(tx *store.Tx) (err error) {
			id, err = job.Enqueue(tx, by, "sample", []byte(`{}`), time.Now())
			return err
		}))
		return id
	}
	first, second, third := enqueue(), enqueue(), enqueue()
	var page struct {
		Jobs []struct {
			ID        int64 `json:"job"`
			State, By string
		}
		Next int64
	}
	k.act(t, town, "/v1/jobs/list", `{"limit":2}`, 200, &page)
	if len(page.Jobs) != 2 || page.Jobs[0].ID != third || page.Jobs[0].By != "municipality" || page.Next != second {
		t.Errorf("%+v", page)
	}
	k.refused(t, town, "/v1/jobs/list", `{"limit":201}`, 422, "api.limit /limit")
	k.refused(t, town, "/v1/jobs/find", `{}`, 422, "api.missing /job")
	k.refused(t, town, "/v1/jobs/find", `{"job":99}`, 404, "job.unknown /job")
	k.refused(t, town, "/v1/jobs/cancel", `{"job":99}`, 404, "job.unknown /job")
	k.refused(t, s.staff(register.Post), "/v1/jobs/cancel", object{"job": first}.String(), 403, "register.role")
	var one struct{ State, Fault string }
	k.act(t, town, "/v1/jobs/cancel", object{"job": first}.String(), 200, &one)
	if one.State != "cancelled" {
		t.Errorf("%+v", one)
	}
	k.refused(t, town, "/v1/jobs/cancel", object{"job": first}.String(), 409, "job.ended")
	k.act(t, s.staff(register.Supervisor), "/v1/jobs/cancel", object{"job": second}.String(), 200, &one)

	s.jobs.Handle("sample", func(context.Context, *job.Run) ([]byte, error) { return []byte(`{"sampled":1}`), nil })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = s.jobs.Work(ctx) }()
	must(s.jobs.Wait(ctx, third))(t)
	var done struct {
		State, Ended string
		Result       json.RawMessage
	}
	k.act(t, town, "/v1/jobs/find", object{"job": third}.String(), 200, &done)
	if done.State != "done" || done.Ended == "" || string(done.Result) != `{"sampled":1}` {
		t.Errorf("%+v", done)
	}
}
