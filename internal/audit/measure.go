package audit

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// A measure goes like this:
//
//  1. The case says that it is due, in the transaction of the judgement.
//  2. One process claims it; of the measures on a clause one is claimed at a time.
//  3. The agreement gets a new version, whose reason is the case: audit-12.
//  4. The case says so, with its entry in the journal.
//
// A crash after 2 or 3 leaves a claim. When it is old, another process takes it
// over; the agreement makes no second version for the same reason, so who was
// only slow does no harm either.

// calls is what calls for the measure of a case: the clause says what it comes to.
func (c *Case) calls() string {
	if c.Outcome == Silent {
		return agreement.Silence
	}
	return agreement.Misuse
}

// term is what the clause says that permitted the inquiry, as it stands now: what
// both sides have signed since counts.
func (b *Book) term(c *Case) string {
	if a, found := b.c.Agreements.ByID(c.Agreement); found {
		for i := range a.Clauses {
			if a.Clauses[i].No == c.Clause {
				return a.Clauses[i].Term(c.calls())
			}
		}
	}
	if cl, _ := b.clause(c); cl != nil {
		return cl.Term(c.calls())
	}
	return ""
}

// why is the reason of the version that the measure makes.
func (c *Case) why() string { return "audit-" + strconv.FormatInt(c.ID, 10) }

// claimFor is how long a process may be at a measure before another takes it over.
const claimFor = 2 * time.Minute

// plan is what is to be done with a claimed measure.
type plan struct {
	c    *Case
	to   Measure // Stands, Retained: nothing but to say so; 0: narrow or restore
	heir int64   // of Retained: the case that upholds the measure from now on
}

// carryOut carries a measure out that is due, if no other process is at it.
func (b *Book) carryOut(ctx context.Context, id int64) error {
	p, err := b.claim(ctx, id)
	if err != nil || p == nil {
		return err
	}
	c := p.c
	made := c.Narrowed
	if p.to == 0 {
		if made, err = b.alter(ctx, c); err != nil {
			f := fault.Of(err)
			if f.Kind != fault.Conflict && f.Kind != fault.NotFound {
				return errors.Join(err, b.release(ctx, c))
			}
			p.to, made = Void, 0 // ended meanwhile, or changed so that nothing is left to narrow
		}
	}
	what := map[Measure]string{Stands: "stands", Retained: "retained", Void: "void", 0: "narrowed"}[p.to]
	if p.to == 0 {
		p.to = Done
		if c.Measure == Lifting {
			p.to, what = Lifted, "restored"
		}
	}
	return b.settle(ctx, p, what, made)
}

// settle writes what came of a measure, and its entry.
func (b *Book) settle(ctx context.Context, p *plan, what string, made int) error {
	a := register.Act{Kind: receipt.Audit, Actor: program, Why: "audit-" + what, Agency: p.c.Agency, Clock: b.c.Clock}
	_, err := register.Do(ctx, b.c.DB, b.c.Journal, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		c, err := b.read(tx, p.c.ID)
		if err != nil {
			return nil, err
		}
		if c.Measure != p.c.Measure || !c.claimed.Equal(p.c.claimed) {
			return nil, errMoved
		}
		if p.heir != 0 {
			if err := b.inherit(tx, c, p.heir); err != nil {
				return nil, err
			}
		}
		c.Measure, c.Narrowed, c.claimed = p.to, made, time.Time{}
		return c.body(), write(tx, c, &Step{What: what, At: ch.At, By: program}, ch.Act)
	})
	if errors.Is(err, errMoved) {
		return nil // who took it over has written it
	}
	return err
}

var errMoved = errors.New("audit: another process has moved the case")

// inherit makes the case that upholds the same measure its holder: an appeal of
// that one gives the clause back.
func (b *Book) inherit(tx *store.Tx, c *Case, heir int64) error {
	h, err := b.read(tx, heir)
	if err != nil || h.Measure != Stands {
		return err
	}
	h.Measure, h.Narrowed = Done, c.Narrowed
	return write(tx, h, nil, journal.ActID{})
}

// claim takes a measure up; nil if there is nothing to do, or another process is
// at one of the clause.
func (b *Book) claim(ctx context.Context, id int64) (p *plan, err error) {
	err = b.c.DB.Write(ctx, func(tx *store.Tx) error {
		p = nil
		c, err := b.read(tx, id)
		if err != nil {
			return err
		}
		now := b.c.Clock().Truncate(time.Microsecond)
		mine := &plan{c: c}
		switch c.Measure {
		case Due:
			c.Measure = Claimed
		case LiftDue:
			c.Measure = Lifting
		case Claimed, Lifting:
			if now.Sub(c.claimed) < claimFor {
				return nil
			}
		default:
			return nil
		}
		busy, err := b.beside(tx, mine)
		if err != nil || busy {
			return err
		}
		c.claimed = now
		p = mine
		return write(tx, c, nil, journal.ActID{})
	})
	return p, err
}

// beside looks at the other measures on the clause: whether this one has to wait,
// for a process that is at one or for what was taken later and is given back
// first; and whether one stands that does what this one would do.
func (b *Book) beside(tx *store.Tx, p *plan) (wait bool, err error) {
	c, later := p.c, false
	err = tx.Each(caseBeside, []any{c.Agreement, c.Clause}, func(scan func(...any) error) error {
		var id, measure int64
		var how string
		var made int
		if err := scan(&id, &measure, &how, &made); err != nil || id == c.ID {
			return err
		}
		switch m := Measure(measure); {
		case m == Claimed || m == Lifting:
			wait = true
		case m == Done && c.Measure == Lifting:
			later = later || made > c.Narrowed
		case m == Done && how == c.How && b.before(c, made):
			p.to = Stands
		case m == Stands && c.Measure == Lifting && how == c.How && p.heir == 0:
			p.to, p.heir = Retained, id
		}
		return nil
	})
	return wait || later && p.heir == 0, err
}

// before tells whether the inquiry was made before the agreement was narrowed to
// a version: then it belongs to what that narrowing answers. One made after it
// narrows further. A version that this process has not seen yet is of a moment ago.
func (b *Book) before(c *Case, version int) bool {
	a, found := b.c.Agreements.Version(c.Agreement, version)
	return !found || c.Asked.Before(a.Made)
}

// release gives a claim back whose measure could not be carried out now.
func (b *Book) release(ctx context.Context, c *Case) error {
	return b.c.DB.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		now, err := b.read(tx, c.ID)
		if err != nil || now.Measure != c.Measure || !now.claimed.Equal(c.claimed) {
			return err
		}
		now.claimed = time.Time{}
		now.Measure-- // due, lifting due
		return write(tx, now, nil, journal.ActID{})
	})
}

// alter narrows the clause or gives it back, and tells which version of the
// agreement came of it. Done again it changes nothing.
func (b *Book) alter(ctx context.Context, c *Case) (version int, err error) {
	var a *agreement.Agreement
	if c.Measure == Lifting {
		a, _, err = b.c.Agreements.Restore(ctx, b.c.Journal, program, c.Agreement, c.Clause, c.why())
	} else {
		a, _, err = b.c.Agreements.Narrow(ctx, b.c.Journal, program, c.Agreement, c.Clause, c.calls(), c.why())
	}
	if err != nil {
		return 0, err
	}
	return a.Version, nil
}

// Tend closes what was met with silence, carries out measures that are due, and
// orders the draw of the month that is over; every minute until ctx ends. tell
// hears of what did not work and is tried again.
func (b *Book) Tend(ctx context.Context, tell func(error)) {
	const every = time.Minute
	for {
		for _, f := range []func(context.Context) error{b.Silence, b.Measures, b.Monthly} {
			if err := f(ctx); err != nil && ctx.Err() == nil {
				tell(err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// Silence closes the cases whose deadline has passed without a dossier.
func (b *Book) Silence(ctx context.Context) error {
	for {
		late, err := b.overdue(ctx)
		if err != nil || len(late) == 0 {
			return err
		}
		for _, id := range late {
			_, _, err := b.act(ctx, b.c.Journal, program, id, "silent", "", func(c *Case, at time.Time) error {
				if !c.Overdue {
					return errMoved
				}
				c.State, c.Outcome, c.Judged = Closed, Silent, at
				c.Measure, c.How = Due, b.term(c)
				return nil
			})
			if err != nil && !errors.Is(err, errMoved) {
				return err
			}
		}
	}
}

func (b *Book) overdue(ctx context.Context) (all []int64, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(caseOverdue, []any{int64(b.today().Pack()), int64(usualPage)}, func(scan func(...any) error) error {
			c, err := scanCase(scan, b.today())
			all = append(all, c.ID)
			return err
		})
	})
	return all, err
}

// Measures carries out what is due.
func (b *Book) Measures(ctx context.Context) error {
	var due []int64
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		due = nil
		return tx.Each(caseMeasure, nil, func(scan func(...any) error) error {
			c, err := scanCase(scan, b.today())
			due = append(due, c.ID)
			return err
		})
	})
	for _, id := range due { // one that cannot be carried out holds no other back
		err = errors.Join(err, b.carryOut(ctx, id))
	}
	return err
}

// Monthly orders the draw of the month that is over, once, if there was an
// inquiry in it or anything else that is in the log.
func (b *Book) Monthly(ctx context.Context) error {
	last := month(b.c.Clock()).AddMonths(-1)
	d, err := b.plan(&Order{Month: last}, b.c.Clock())
	if err != nil {
		return err
	}
	there := false
	if err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		there = false
		return tx.Each(drawOfSpan, []any{int64(0), d.Since.UnixMicro(), d.Until.UnixMicro()}, func(func(...any) error) error {
			there = true
			return nil
		})
	}); err != nil || there {
		return err
	}
	err = b.c.Journal.Walk(ctx, journal.Span{From: d.Since, Until: d.Until}, func(*journal.Walked) error { return errFound })
	if !errors.Is(err, errFound) {
		return err
	}
	_, _, err = b.Draw(ctx, b.c.Journal, program, &Order{Month: last})
	if errors.Is(err, errMoved) {
		return nil
	}
	return err
}
