package discrepancy

import (
	"cmp"
	"context"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Raised is a doubt that an agency raised, as the registry's staff list them:
// who doubts what, and how far its case is. Whom it is about and what the
// agency believes stand in the case, where reading is an entry.
type Raised struct {
	ID       int64            `json:"doubt"`
	Case     int64            `json:"case"`
	Agency   ids.LegalID      `json:"agency"`
	Officer  string           `json:"officer"`
	Code     ids.TrackingCode `json:"code"` // of the entry in which the agency was told
	Field    string           `json:"field"`
	Made     time.Time        `json:"made"`
	Deadline persian.Date     `json:"deadline"`
	Overdue  bool             `json:"overdue"`
	State    State            `json:"state"` // of the case
	Outcome  Outcome          `json:"outcome,omitzero"`
	Answered time.Time        `json:"answered,omitzero"`
}

// RaisedFilter chooses a page of them.
type RaisedFilter struct {
	Before int64 `json:"before"` // only older ones; 0: from the newest
	Limit  int   `json:"limit"`  // at most 1000; 0: 100
}

// Raised lists the doubts of all agencies, newest first, as they stand now.
// Fault: discrepancy.limit.
func (b *Book) Raised(ctx context.Context, j *journal.Journal, actor journal.Actor, f *RaisedFilter) ([]Raised, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	if f.Limit < 0 || f.Limit > mostCases {
		return nil, fault.New(fault.Invalid, "discrepancy.limit").At("limit")
	}
	all := []Raised{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		args := []any{cmp.Or(f.Before, 1<<62), int64(cmp.Or(f.Limit, usualCases))}
		return tx.Each(doubtNewest, args, func(scan func(...any) error) error {
			r, err := scanReport(scan)
			all = append(all, Raised{
				ID: r.ID, Case: r.file, Agency: r.agency, Officer: r.Officer, Code: r.Code, Field: r.Field, Made: r.Made, Answered: r.Answered,
			})
			return err
		})
	})
	for i := 0; i < len(all) && err == nil; i++ {
		var c *Case
		r := &all[i]
		if c, err = b.current(ctx, j, r.Case); err == nil {
			r.Deadline, r.Overdue, r.State, r.Outcome = c.Deadline, c.Overdue, c.State, c.Outcome
		}
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}
