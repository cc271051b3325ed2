package compliance

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Filter chooses items. Officers of an agency get their own, whatever it says.
type Filter struct {
	Agency ids.LegalID `json:"agency"` // 0: all
	Clause string      `json:"clause"` // "": all
	State  string      `json:"state"`  // a state's name; "": any
	After  ids.LegalID `json:"after"`  // last agency of the page before
	Limit  int         `json:"limit"`  // agencies, at most 1000; 0: 100
}

// Standing is how an agency stands with one clause.
type Standing struct {
	Item
	Name     string       `json:"name"` // of the agency
	Fa       string       `json:"fa"`   // what the clause asks
	En       string       `json:"en"`
	Due      persian.Date `json:"due,omitzero"`
	Late     int          `json:"days_late"`          // until it was declared as it was accepted, or until today
	Counted  *Evidence    `json:"counted,omitempty"`  // what the program knows of it; of one agency
	Versions []Item       `json:"versions,omitempty"` // all of it, oldest first; of one agency
}

// List tells how agencies stand, in order of their ids and of the law. Of one
// agency it tells what has been counted, and all versions. Faults:
// compliance.unknown, compliance.clause, compliance.limit.
func (b *Book) List(ctx context.Context, actor journal.Actor, f *Filter) ([]Standing, error) {
	of, err := b.seen(actor, f.Agency)
	if err != nil {
		return nil, err
	}
	var bad fault.List
	bad.When(f.Clause != "" && clause(f.Clause) == nil, "clause", "compliance.clause")
	bad.When(f.Limit < 0 || f.Limit > 1000, "limit", "compliance.limit")
	var state State
	if f.State != "" {
		bad.Add("state", state.UnmarshalText([]byte(f.State)))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	all := []Standing{}
	n := cmp.Or(f.Limit, 100)
	for _, a := range b.c.Agencies.Agencies() {
		if of != 0 && a.ID != of || a.ID <= f.After || a.State == agency.Closed || of == 0 && !a.Bound {
			continue
		}
		if n--; n < 0 {
			break
		}
		some, err := b.standing(ctx, a, of != 0)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(some, func(s Standing) bool {
			return f.Clause != "" && s.Clause != f.Clause || f.State != "" && s.State != state
		})...)
	}
	return all, nil
}

// standing is how one agency stands with each clause that concerns it.
func (b *Book) standing(ctx context.Context, a *agency.Agency, whole bool) ([]Standing, error) {
	versions, err := b.versions(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	today := persian.DateOf(b.c.Clock())
	var all []Standing
	for i := range Clauses {
		c := &Clauses[i]
		past := versions[c.Clause]
		if len(past) == 0 && !b.concerns(c, a.ID) {
			continue
		}
		s := Standing{Item: Item{Agency: a.ID, Clause: c.Clause}, Name: a.Name, Fa: c.Fa, En: c.En}
		if n := len(past); n > 0 {
			s.Item = past[n-1]
		}
		s.Due = b.due(c)
		s.Late = late(s.Due, past, today)
		if whole {
			s.Versions = past
			if s.Counted, err = b.evidence(ctx, a.ID, c.Clause); err != nil {
				return nil, err
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// met is the day on which an item was declared as it was accepted; zero if it
// is not.
func met(past []Item) persian.Date {
	n := len(past)
	if n < 2 || past[n-1].State != Accepted {
		return persian.Date{}
	}
	return persian.DateOf(past[n-2].At)
}

// late is how many days an item is, or was, behind its due day.
func late(due persian.Date, past []Item, today persian.Date) int {
	if due.IsZero() {
		return 0
	}
	until := met(past)
	if until.IsZero() {
		until = today
	}
	return max(0, int(until.Days()-due.Days()))
}

// versions are all versions of an agency's items, by clause, oldest first.
func (b *Book) versions(ctx context.Context, of ids.LegalID) (all map[string][]Item, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = map[string][]Item{}
		return tx.Each(itemAll, []any{int64(of)}, func(scan func(...any) error) error {
			var i Item
			err := scanItem(scan, &i)
			all[i.Clause] = append(all[i.Clause], i)
			return err
		})
	})
	return all, err
}

// Place is where a page of the waiting list ended: the last line's declaration.
// The zero Place is the beginning.
type Place struct {
	At     time.Time
	Agency ids.LegalID
	Clause string
}

// Waiting lists at most limit declarations that no inspector has judged, those
// that wait longest first.
func (b *Book) Waiting(ctx context.Context, actor journal.Actor, after Place, limit int) ([]Standing, error) {
	if err := register.Only(actor, watchers...); err != nil {
		return nil, err
	}
	since := int64(0)
	if !after.At.IsZero() {
		since = after.At.UnixMicro()
	}
	today := persian.DateOf(b.c.Clock())
	var all []Standing
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		args := []any{since, int64(after.Agency), after.Clause, int64(limit)}
		return tx.Each(waitingList, args, func(scan func(...any) error) error {
			var s Standing
			if err := scanItem(scan, &s.Item); err != nil {
				return err
			}
			if c := clause(s.Clause); c != nil {
				s.Fa, s.En, s.Due = c.Fa, c.En, b.due(c)
			}
			s.Late = late(s.Due, nil, today)
			all = append(all, s)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		if a, err := b.c.Agencies.ByID(all[i].Agency); err == nil {
			all[i].Name = a.Name
		}
	}
	return all, nil
}
