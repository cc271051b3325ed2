package agreement

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

var errClause = fault.New(fault.NotFound, "agreement.clause")

// Narrow takes from a clause what its own term says for how (Misuse or
// Silence), from now on, by a new version; an amendment that is signed for
// later is narrowed too. What is left is never more than before: a clause that
// has nothing else to lose ends, and an agreement that would lose its last
// clause is suspended. why is a code word that names the audit, such as
// audit-12; done again with the same one it changes nothing and gives what it
// gave. Faults: agreement.unknown, agreement.ended, agreement.clause,
// agreement.how.
func (b *Book) Narrow(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, clause int, how, why string) (*Agreement, journal.Proven, error) {
	if err := register.Only(actor, register.System, register.Inspector); err != nil {
		return nil, journal.Proven{}, err
	}
	if how != Misuse && how != Silence {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "agreement.how").At("how")
	}
	return b.adjust(ctx, j, actor, id, clause, why, func(list []*Agreement, now time.Time) ([]Agreement, []byte, error) {
		var made []Agreement
		term := ""
		for _, a := range coming(list, now) {
			if i := a.clause(clause); i >= 0 {
				term = a.Clauses[i].Term(how)
				made = append(made, a.narrowed(i, term))
			} else {
				made = a.carried(made, clause)
			}
		}
		if len(made) == 0 {
			return nil, nil, errClause
		}
		body := strconv.AppendInt([]byte(`,"narrowed":{"clause":`), int64(clause), 10)
		body = append(append(append(body, `,"how":"`...), how...), `","term":"`...)
		return made, append(append(body, term...), `"}`...), nil
	})
}

// Restore gives back what the last Narrow took from a clause, after an upheld
// appeal. What both sides have signed since stands. Done again with the same
// why it gives what it gave. Faults: agreement.unknown, agreement.ended,
// agreement.whole (nothing was taken), agreement.restore (the clause has been
// changed since).
func (b *Book) Restore(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, clause int, why string) (*Agreement, journal.Proven, error) {
	if err := register.Only(actor, register.System, register.Inspector, register.Supervisor, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.adjust(ctx, j, actor, id, -clause, why, func(list []*Agreement, now time.Time) ([]Agreement, []byte, error) {
		after, before := taken(list, clause)
		if len(after) == 0 {
			return nil, nil, fault.New(fault.Conflict, "agreement.whole")
		}
		var made []Agreement
		for _, a := range coming(list, now) {
			to := after.at(a.From)
			if to == nil {
				continue
			}
			if back, ok := a.restored(clause, before.at(to.From), to); ok {
				made = append(made, back)
			} else {
				made = a.carried(made, -clause)
			}
		}
		if len(made) == 0 {
			return nil, nil, fault.New(fault.Conflict, "agreement.restore")
		}
		return made, append(strconv.AppendInt([]byte(`,"restored":{"clause":`), int64(clause), 10), '}'), nil
	})
}

// coming are the versions that hold now and later if nothing more is
// registered, in this order.
func coming(list []*Agreement, now time.Time) (all []*Agreement) {
	for _, a := range list {
		if len(all) == 0 || a.From.Before(all[len(all)-1].From) {
			all = append(all, a)
		}
		if !now.Before(a.From) {
			break
		}
	}
	slices.Reverse(all)
	return all
}

// taken parts the versions at the last Narrow of a clause that has not been
// undone: those that it made, and those before.
func taken(list line, clause int) (after, before line) {
	undone := 0
	for i := 0; i < len(list); {
		n := i + 1
		for n < len(list) && list[i].Narrowed != 0 && list[n].Narrowed == list[i].Narrowed && list[n].Why == list[i].Why {
			n++ // versions of one act
		}
		switch list[i].Narrowed {
		case -clause:
			undone++
		case clause:
			if undone == 0 {
				return list[i:n], list[n:]
			}
			undone--
		}
		i = n
	}
	return nil, nil
}

func (a *Agreement) clause(no int) int {
	return slices.IndexFunc(a.Clauses, func(c Clause) bool { return c.No == no })
}

// carried registers a version anew that the act leaves as it is: else the one
// that the act makes of what holds before it would hold in its stead.
func (a *Agreement) carried(made []Agreement, mark int) []Agreement {
	if len(made) == 0 {
		return nil
	}
	same := *a
	same.Narrowed = mark
	return append(made, same)
}

// narrowed is the version after a term has been applied to clause i.
func (a *Agreement) narrowed(i int, term string) Agreement {
	n := *a
	n.Narrowed, n.Clauses = a.Clauses[i].No, slices.Clone(a.Clauses)
	left, some := n.Clauses[i].narrowed(term)
	switch {
	case some:
		n.Clauses[i] = left
	case term == SuspendAll || len(n.Clauses) == 1:
		n.State = Suspended
	default:
		n.Clauses = slices.Delete(n.Clauses, i, i+1)
	}
	return n
}

// restored is the version with a clause as it was before the narrowing that
// made after; false if it took nothing from this version, or the clause is not
// as that left it.
func (a *Agreement) restored(no int, before, after *Agreement) (Agreement, bool) {
	r := *a
	r.Narrowed, r.Clauses = -no, slices.Clone(a.Clauses)
	was, is, then := before.clause(no), a.clause(no), after.clause(no)
	if was < 0 || is >= 0 != (then >= 0) || is >= 0 && !reflect.DeepEqual(a.Clauses[is], after.Clauses[then]) {
		return r, false
	}
	if a.State == Suspended && after.State == Suspended {
		r.State = before.State
	}
	if is >= 0 {
		r.Clauses[is] = before.Clauses[was]
	} else {
		r.Clauses = append(r.Clauses, before.Clauses[was])
		r.sort()
	}
	return r, true
}

// adjust registers the versions that change makes of those that hold now and
// later, unless the same has been done for the same reason. The one returned is
// the first, which holds from now on.
func (b *Book) adjust(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, mark int, why string, change func(list []*Agreement, now time.Time) ([]Agreement, []byte, error)) (*Agreement, journal.Proven, error) {
	if !ids.IsToken(why) {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "agreement.token").At("why")
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	now, found := b.ByID(id)
	if !found {
		return nil, journal.Proven{}, errUnknown
	}
	var out *Agreement
	var again journal.ActID
	proven, err := b.do(ctx, j, actor, why, now.Agency, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		list, err := readWhole(tx, id)
		if err != nil {
			return nil, err
		}
		for _, a := range slices.Backward(list) {
			if a.Narrowed == mark && a.Why == why {
				out = a
				if again, err = actOf(tx, a); err == nil {
					err = errAgain
				}
				return nil, err
			}
		}
		if list[0].State == Ended || !c.At.Before(list[0].Until) {
			return nil, errEnded
		}
		made, body, err := change(list, c.At)
		if err != nil {
			return nil, err
		}
		for i := range made {
			made[i].Version, made[i].Draft, made[i].From = list[0].Version+1+i, 0, later(c.At, made[i].From)
			if err := insert(tx, c, &made[i]); err != nil {
				return nil, err
			}
		}
		out = &made[0]
		return append(out.body(), body...), nil
	})
	if errors.Is(err, errAgain) {
		proven, err = j.Settle(ctx, again)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return out, proven, nil
}

// errAgain ends a transaction in which nothing is left to do.
var errAgain = errors.New("done before")

// readWhole reads all versions of an agreement with their clauses, the newest
// first.
func readWhole(tx *store.Tx, id int64) ([]*Agreement, error) {
	list, err := readAll(tx, agreementVersions, id)
	for _, a := range list {
		if err == nil {
			a.Clauses, err = clausesOf(tx, a)
		}
	}
	return list, err
}

// actOf is the act that registered a version.
func actOf(tx *store.Tx, a *Agreement) (act journal.ActID, err error) {
	var id []byte
	_, err = tx.One(agreementAct, []any{a.ID, int64(a.Version)}, &id)
	copy(act[:], id)
	return act, err
}
