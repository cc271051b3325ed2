package agreement

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
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

// head is agency.RoleHead: peers do not import each other.
const head = "head"

// Put registers a new agreement (a.ID 0) or the next version of one: then
// a.Version is the version that it was made from. It is the operator's way; an
// agency's is a draft. On success a.ID and a.Version are those registered. A
// version never reaches into the past: what begins before now begins now,
// unless it is an agreement's first. Faults: agreement.version,
// agreement.ended, agreement.overlap.
func (b *Book) Put(ctx context.Context, j *journal.Journal, actor journal.Actor, a *Agreement) (journal.Proven, error) {
	if err := register.Only(actor, register.Operator, register.System); err != nil {
		return journal.Proven{}, err
	}
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
	proven, err := b.do(ctx, j, actor, why, a.Agency, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		put = *a // the function may run again
		put.Draft = 0
		err := next(tx, c, &put)
		return put.body(), err
	})
	if err == nil {
		*a = put
	}
	return proven, err
}

// next registers *a as the next version, or as a new agreement's first.
func next(tx *store.Tx, c *register.Change, a *Agreement) error {
	if a.ID == 0 {
		a.Version = 0
		if _, err := tx.One(agreementLast, nil, &a.ID); err != nil {
			return err
		}
		a.ID++
	} else {
		list, err := readAll(tx, agreementVersions, a.ID)
		if err != nil {
			return err
		}
		if err := follows(list, a); err != nil {
			return err
		}
		if a.From.Before(c.At) {
			a.From = c.At
		}
		if !a.From.Before(a.Until) {
			return fault.New(fault.Invalid, "agreement.order").At("until")
		}
	}
	a.Version++
	a.Narrowed = 0
	if err := overlap(tx, a); err != nil {
		return err
	}
	return insert(tx, c, a)
}

// follows refuses what was not made from the newest version of a living
// agreement.
func follows(list []*Agreement, a *Agreement) error {
	switch {
	case len(list) == 0:
		return errUnknown
	case list[0].State == Ended:
		return errEnded
	case list[0].Version != a.Version || list[0].Agency != a.Agency:
		return errVersion
	}
	return nil
}

// Suspend stops an agreement until it is resumed, from now on.
func (b *Book) Suspend(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, why string) (journal.Proven, error) {
	return b.operate(ctx, j, actor, id, Suspended, why)
}

// Resume puts a suspended agreement in force again, from now on.
func (b *Book) Resume(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, why string) (journal.Proven, error) {
	return b.operate(ctx, j, actor, id, InForce, why)
}

// End ends an agreement for good, now.
func (b *Book) End(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, why string) (journal.Proven, error) {
	return b.operate(ctx, j, actor, id, Ended, why)
}

func (b *Book) operate(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, to State, why string) (journal.Proven, error) {
	if err := register.Only(actor, register.Operator, register.System); err != nil {
		return journal.Proven{}, err
	}
	_, proven, err := b.turn(ctx, j, actor, id, to, &register.Grounds{Reason: why})
	return proven, err
}

// Order is what staff and heads say when they suspend, resume or end.
type Order struct {
	ID int64 `json:"agreement"`
	register.Grounds
}

// Turn suspends, resumes or ends an agreement. A supervisor does it; the head
// of an agency may end his own. Faults: agreement.unknown, agreement.ended,
// agreement.version, agreement.signer.
func (b *Book) Turn(ctx context.Context, j *journal.Journal, actor journal.Actor, to State, o *Order) (*Agreement, journal.Proven, error) {
	roles := []string{register.Supervisor}
	if to == Ended {
		roles = append(roles, head)
	}
	if err := register.Only(actor, roles...); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := o.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	if actor.Role == head {
		if err := b.all.Reload(ctx); err != nil {
			return nil, journal.Proven{}, err
		}
		a, found := b.ByID(o.ID)
		if !found || a.Agency != actor.Agency {
			return nil, journal.Proven{}, errUnknown
		}
		if err := b.signer(actor); err != nil {
			return nil, journal.Proven{}, err
		}
	}
	return b.turn(ctx, j, actor, o.ID, to, &o.Grounds)
}

// signer refuses a head who is not the one who answers for his agency.
func (b *Book) signer(actor journal.Actor) error {
	login, known := b.accountable(actor.Agency)
	if !known || login != "" && login != actor.ID {
		return fault.New(fault.Forbidden, "agreement.signer")
	}
	return nil
}

// turn registers versions that differ from those that hold now and later in
// their state alone; an agreement that ends has none later.
func (b *Book) turn(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, to State, g *register.Grounds) (*Agreement, journal.Proven, error) {
	if err := b.all.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	now, found := b.ByID(id)
	if !found {
		return nil, journal.Proven{}, errUnknown
	}
	var out *Agreement
	proven, err := b.do(ctx, j, actor, g.Reason, now.Agency, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		list, err := readWhole(tx, id)
		if err != nil {
			return nil, err
		}
		made, err := turned(list, to, c.At)
		if err != nil {
			return nil, err
		}
		for i := range made {
			if err := overlap(tx, &made[i]); err != nil {
				return nil, err
			}
			if err := insert(tx, c, &made[i]); err != nil {
				return nil, err
			}
		}
		out = &made[0]
		body := out.body()
		if g.Document != "" {
			body = receipt.AppendString(append(body, `,"document":`...), g.Document)
		}
		return body, nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return out, proven, nil
}

// turned are the versions that give an agreement another state.
func turned(list []*Agreement, to State, now time.Time) (made []Agreement, err error) {
	all := coming(list, now)
	switch {
	case list[0].State == Ended:
		return nil, errEnded
	case !slices.ContainsFunc(all, func(a *Agreement) bool { return a.State != to }):
		return nil, errVersion
	case to == Ended:
		all = all[:1]
	}
	for i, a := range all {
		v := *a
		v.Version, v.State, v.From, v.Draft, v.Narrowed = list[0].Version+1+i, to, later(now, a.From), 0, 0
		if to == Ended {
			v.From, v.Until = now, now
		}
		made = append(made, v)
	}
	return made, nil
}

func later(x, y time.Time) time.Time {
	if y.After(x) {
		return y
	}
	return x
}

// do performs an act that change writes and describes, and takes its outcome
// into memory.
func (b *Book) do(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, agency ids.LegalID, change func(*store.Tx, *register.Change) ([]byte, error)) (journal.Proven, error) {
	act := register.Act{Kind: receipt.AgreementChange, Actor: actor, Why: why, Agency: agency, Clock: b.clock}
	proven, err := register.Do(ctx, b.db, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		body, err := change(tx, c)
		if err != nil {
			return nil, err
		}
		return body, store.Bump(tx, noun)
	})
	if err == nil {
		err = b.all.Reload(ctx)
	}
	return proven, err
}

// body is what the journal says of a version.
func (a *Agreement) body() []byte {
	return fmt.Appendf(nil, `"agreement":{"id":%d,"version":%d,"agency":"%s","state":"%s","clauses":%d}`,
		a.ID, a.Version, a.Agency, a.State, len(a.Clauses))
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

// insert writes one version, which remembers how it came about.
func insert(tx *store.Tx, c *register.Change, a *Agreement) error {
	a.Why, a.Made = c.Why, c.At
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
