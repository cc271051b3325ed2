package discrepancy

import (
	"cmp"
	"context"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Filter chooses cases.
type Filter struct {
	State   State              `json:"state"` // 0: any
	Overdue bool               `json:"overdue"`
	Subject ids.NationalNumber `json:"national_number"` // 0: anybody
	After   int64              `json:"after"`           // the last case of the page before
	Limit   int                `json:"limit"`           // at most 1000; 0: 100
}

const (
	usualCases = 100
	mostCases  = 1000
)

func (f *Filter) chooses(c *Case) bool {
	return (f.State == 0 || c.State == f.State) && (!f.Overdue || c.Overdue) && (f.Subject == 0 || c.Subject == f.Subject)
}

// List lists cases in order of opening, without items, steps and what the
// person wrote. Those whose proposal has been decided follow it first, as far
// as the page goes.
func (b *Book) List(ctx context.Context, j *journal.Journal, actor journal.Actor, f *Filter) ([]Case, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	limit := f.Limit
	switch {
	case limit == 0:
		limit = usualCases
	case limit < 0 || limit > mostCases:
		return nil, fault.New(fault.Invalid, "discrepancy.limit").At("limit")
	}
	all := []Case{}
	for after := f.After; ; {
		some, err := b.candidates(ctx, f, after, limit)
		if err != nil {
			return nil, err
		}
		for i := range some {
			after = some[i].ID
			c, err := b.follow(ctx, j, &some[i])
			if err != nil {
				return nil, err
			}
			if !f.chooses(c) {
				continue
			}
			c.Text = ""
			if all = append(all, *c); len(all) == limit {
				return all, nil
			}
		}
		if len(some) < limit {
			return all, nil
		}
	}
}

// candidates are the next n cases, as they are stored, among which are all
// that the filter chooses; fewer than n only at the end.
func (b *Book) candidates(ctx context.Context, f *Filter, after int64, n int) (all []Case, err error) {
	today := persian.DateOf(b.Clock())
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		add := func(scan func(...any) error) error {
			c, err := scanCase(scan, today)
			if err == nil {
				all = append(all, *c)
			}
			return err
		}
		switch {
		case f.Subject != 0:
			return tx.Each(caseOf, []any{after, int64(f.Subject), int64(n)}, add)
		case f.Overdue:
			return tx.Each(caseOverdue, []any{after, int64(today.Pack()), int64(n)}, add)
		case f.State == 0:
			return tx.Each(caseList, []any{after, int64(n)}, add)
		}
		if err := tx.Each(caseIn, []any{after, int64(f.State), int64(n)}, add); err != nil || f.State == Proposed {
			return err
		}
		// What is stored as proposed may come into the state that is asked for.
		return tx.Each(caseIn, []any{after, int64(Proposed), int64(n)}, add)
	})
	slices.SortFunc(all, func(a, b Case) int { return cmp.Compare(a.ID, b.ID) })
	return all[:min(n, len(all))], err
}

// From lists the cases that one source has opened, such as a letter, oldest
// first and as they stand now, without what was written. It is for the source's
// own book, which knows who asks.
func (b *Book) From(ctx context.Context, j *journal.Journal, source string, id int64) ([]Case, error) {
	var all []Case
	today := persian.DateOf(b.Clock())
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(caseFrom, []any{source, id}, func(scan func(...any) error) error {
			c, err := scanCase(scan, today)
			if err == nil {
				all = append(all, *c)
			}
			return err
		})
	})
	for i := 0; i < len(all) && err == nil; i++ {
		var c *Case
		if c, err = b.follow(ctx, j, &all[i]); err == nil {
			all[i] = *c
			all[i].Text = ""
		}
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Pending tells how many cases are open and the earliest of their deadlines,
// zero if none is.
func (b *Book) Pending(ctx context.Context) (open int64, first persian.Date, err error) {
	var day int64
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(casePending, nil, &open, &day)
		return err
	})
	return open, persian.UnpackDate(int32(day)), err
}
