package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// purgeCmd removes what the journal holds of people after its retention.
type purgeCmd struct {
	site   `embed:""`
	Before string `required:"" help:"First day that stays, Solar Hijri; or a moment, RFC 3339."`
	Why    string `default:"retention" help:"Reason, a code word."`
}

// purging is what a job of this kind is told. Only the node itself purges its
// logs, so the kind names it.
type purging struct {
	Operator string
	Before   time.Time
	Why      string
}

func purgeKind(node string) string { return "journal.purge." + node }

// Run purges as a job of the node: of the server, if one runs it.
func (c *purgeCmd) Run(ctx context.Context, s streams) error {
	before, err := time.Parse(time.RFC3339, c.Before)
	if err != nil {
		day, err := persian.ParseDate(c.Before)
		if err == nil && !day.Precise() {
			err = fault.New(fault.Invalid, "persian.date.form")
		}
		if err != nil {
			return fault.Of(err).At("before")
		}
		before = day.Start()
	}
	h, err := visit(ctx, c.site)
	if err != nil {
		return err
	}
	defer h.close()
	args, err := json.Marshal(purging{Operator: operator().ID, Before: before, Why: c.Why})
	if err != nil {
		return err
	}
	var id int64
	if err := h.register.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = job.Enqueue(tx, operator(), purgeKind(c.Node), args, time.Now())
		return err
	}); err != nil {
		return err
	}
	if h.release != nil { // nobody else runs the node
		working, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() { defer close(ended); _ = h.jobs.Work(working) }()
		defer func() { stop(); <-ended }()
	}
	j, err := h.jobs.Wait(ctx, id)
	if err != nil {
		return err
	}
	if j.State != job.Done {
		return fault.New(fault.Invalid, j.Fault)
	}
	fmt.Fprintf(s.out, "purged %s\n", j.Result)
	return nil
}

// purge does the job.
func (h *house) purge(ctx context.Context, r *job.Run) ([]byte, error) {
	var p purging
	if err := json.Unmarshal(r.Args(), &p); err != nil {
		return nil, err
	}
	if err := h.usage.Follow(ctx); err != nil { // what is purged is counted before
		return nil, err
	}
	n, err := h.journal.Purge(ctx, journal.Actor{Role: register.Operator, ID: p.Operator}, p.Why, p.Before)
	return fmt.Appendf(nil, `{"entries":%d}`, n), err
}
