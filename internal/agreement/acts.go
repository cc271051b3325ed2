package agreement

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

var (
	errVersion = fault.New(fault.Conflict, "agreement.version")
	errUnknown = fault.New(fault.NotFound, "agreement.unknown")
	errEnded   = fault.New(fault.Conflict, "agreement.ended")
	errOverlap = fault.New(fault.Conflict, "agreement.overlap")
)

// Put registers a new agreement (a.ID 0) or the next version of one: then
// a.Version is the version that it was made from. On success a.ID and a.Version
// are those registered. A version never reaches into the past: what begins
// before now begins now, unless it is an agreement's first. Faults:
// agreement.version, agreement.ended, agreement.overlap.
func (b *Book) Put(ctx context.Context, j *journal.Journal, actor journal.Actor, a *Agreement) (journal.Proven, error) {
	a.State = InForce
	var m fault.List
	if a.check(&m); m.Err() != nil {
		return journal.Proven{}, m.Err()
	}
	why := "signed"
	if a.ID != 0 {
		why = "amended"
	}
	a.sort()
	put := *a
	proven, err := b.do(ctx, j, actor, why, &put, func(tx *store.Tx, c *register.Change) error {
		put = *a // the function may run again
		if put.ID == 0 {
			put.Version = 0
			if _, err := tx.One(agreementLast, nil, &put.ID); err != nil {
				return err
			}
			put.ID++
		} else {
			list, err := readAll(tx, agreementVersions, put.ID)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return errUnknown
			}
			switch old := list[0]; {
			case old.Version != put.Version || old.Agency != put.Agency:
				return errVersion
			case old.State == Ended:
				return errEnded
			}
			if put.From.Before(c.At) {
				put.From = c.At
			}
			if !put.From.Before(put.Until) {
				return fault.New(fault.Invalid, "agreement.order").At("until")
			}
		}
		put.Version++
		return overlap(tx, &put)
	})
	if err == nil {
		*a = put
	}
	return proven, err
}

// Suspend stops an agreement until it is resumed, from now on.
func (b *Book) Suspend(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, why string) (journal.Proven, error) {
	return b.turn(ctx, j, actor, id, Suspended, why)
}

// Resume puts a suspended agreement in force again, from now on.
func (b *Book) Resume(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, why string) (journal.Proven, error) {
	return b.turn(ctx, j, actor, id, InForce, why)
}

// End ends an agreement for good, now.
func (b *Book) End(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, why string) (journal.Proven, error) {
	return b.turn(ctx, j, actor, id, Ended, why)
}

// turn registers a version that differs from the newest in its state.
func (b *Book) turn(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, to State, why string) (journal.Proven, error) {
	if err := b.all.Reload(ctx); err != nil {
		return journal.Proven{}, err
	}
	now, found := b.ByID(id)
	if !found {
		return journal.Proven{}, errUnknown
	}
	put := Agreement{Agency: now.Agency} // of an agreement that never changes
	return b.do(ctx, j, actor, why, &put, func(tx *store.Tx, c *register.Change) error {
		list, err := readAll(tx, agreementVersions, id)
		if err != nil {
			return err
		}
		old := list[0]
		switch {
		case old.State == Ended:
			return errEnded
		case old.State == to:
			return errVersion
		}
		put = *old
		put.Version++
		put.State, put.From = to, c.At
		put.Draft, put.Narrowed = 0, 0
		switch to {
		case Ended:
			put.Until = put.From
		case InForce: // not before the day that was agreed on
			for _, o := range list {
				if o.State == InForce {
					put.From = later(c.At, o.From)
					break
				}
			}
		}
		if put.Clauses, err = clausesOf(tx, old); err != nil {
			return err
		}
		return overlap(tx, &put)
	})
}

func later(x, y time.Time) time.Time {
	if y.After(x) {
		return y
	}
	return x
}

// do performs an act whose outcome is the version *a, filled by change.
func (b *Book) do(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, a *Agreement, change func(*store.Tx, *register.Change) error) (journal.Proven, error) {
	act := register.Act{Kind: receipt.AgreementChange, Actor: actor, Why: why, Agency: a.Agency, Clock: b.clock}
	proven, err := register.Do(ctx, b.db, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		if err := change(tx, c); err != nil {
			return nil, err
		}
		a.Why, a.Made = why, c.At
		if err := insert(tx, c, a); err != nil {
			return nil, err
		}
		if err := store.Bump(tx, noun); err != nil {
			return nil, err
		}
		return fmt.Appendf(nil, `"agreement":{"id":%d,"version":%d,"agency":"%s","state":"%s","clauses":%d}`,
			a.ID, a.Version, a.Agency, a.State, len(a.Clauses)), nil
	})
	if err == nil {
		err = b.all.Reload(ctx)
	}
	return proven, err
}

// clausesOf reads the clauses of one version.
func clausesOf(tx *store.Tx, a *Agreement) (all []Clause, err error) {
	err = readClauses(tx, clauseOf, []any{a.ID, int64(a.Version)}, func(_, _ int64, c Clause) { all = append(all, c) })
	return all, err
}

// overlap refuses a version that would hold beside another agreement of the
// agency. Suspended ones count: they may be resumed.
func overlap(tx *store.Tx, a *Agreement) error {
	if a.State == Ended {
		return nil
	}
	list, err := readAll(tx, agreementOf, int64(a.Agency))
	if err != nil {
		return err
	}
	for id, l := range arrange(list).byID {
		if id == a.ID {
			continue
		}
		next := l[0].Until // when a newer version takes over
		for _, o := range l {
			end := o.Until
			if next.Before(end) {
				end = next
			}
			if o.State != Ended && o.From.Before(end) && o.From.Before(a.Until) && a.From.Before(end) {
				return errOverlap
			}
			if o.From.Before(next) || o == l[0] {
				next = o.From
			}
		}
	}
	return nil
}

func insert(tx *store.Tx, c *register.Change, a *Agreement) error {
	_, err := tx.Exec(agreementInsert, a.ID, int64(a.Version), int64(a.Agency), int64(a.State),
		a.From.UnixMicro(), a.Until.UnixMicro(), a.Service, a.Why, a.Draft, int64(a.Narrowed), c.Micros(),
		c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Act[:])
	if err != nil {
		return err
	}
	for i := range a.Clauses {
		cl := &a.Clauses[i]
		_, err := tx.Exec(clauseInsert, a.ID, int64(a.Version), int64(cl.No), cl.Service,
			text(cl.Modes), text(cl.SearchKeys), text(cl.Fields), text(cl.Processes), text(cl.Purposes), cl.DailyQuota,
			cl.Hours, text(cl.Days), bit(cl.Signature), int64(cl.CourtDays), int64(cl.AuditDays), cl.Silence, cl.Misuse, cl.Statement, cl.Risk)
		if err != nil {
			return err
		}
	}
	return nil
}

// text is the stored form of a list.
func text(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(list) // strings always can be
	return string(b)
}

func bit(is bool) int64 {
	if is {
		return 1
	}
	return 0
}
