package discrepancy

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Take gives a case to the actor. Faults: discrepancy.unknown,
// discrepancy.taken, discrepancy.closed.
func (b *Book) Take(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Case, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "case-taken", id, func(c *Case, s *Step) error {
		switch c.State {
		case Opened:
		case Closed:
			return errClosed
		default:
			return fault.New(fault.Conflict, "discrepancy.taken")
		}
		c.State, c.Taker, c.takerAgency = Taken, actor.ID, actor.Agency
		s.What = "taken"
		return nil
	})
}

var (
	errClosed = fault.New(fault.Conflict, "discrepancy.closed")
	errTaker  = fault.New(fault.Forbidden, "discrepancy.taker")
)

// act performs an act on one case as it stands now: change sets its new state
// and says in the step what was done.
func (b *Book) act(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, id int64, change func(*Case, *Step) error) (*Case, journal.Proven, error) {
	c, err := b.current(ctx, j, id)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Correction, Actor: actor, Why: why, Subject: c.Subject, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, ch *register.Change) (_ []byte, err error) {
		if c, err = b.read(tx, id); err != nil {
			return nil, err
		}
		s := &Step{At: ch.At, By: actor}
		if err := change(c, s); err != nil {
			return nil, err
		}
		return c.body(), write(tx, c, s, ch.Act)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return c, proven, nil
}

// body is what the journal says of a case: which and how it stands, not what
// it is about.
func (c *Case) body() []byte {
	b := strconv.AppendInt([]byte(`"case":`), c.ID, 10)
	b = append(append(append(b, `,"state":"`...), c.State.String()...), '"')
	if c.Outcome != 0 {
		b = append(append(append(b, `,"outcome":"`...), c.Outcome.String()...), '"')
	}
	if c.Proposal != 0 {
		b = strconv.AppendInt(append(b, `,"proposal":`...), c.Proposal, 10)
	}
	return b
}

// Decision is what who works on a case makes of it.
type Decision struct {
	Case     int64  `json:"case"`
	Decision string `json:"decision"` // correct, confirm, reject, withdraw, release
	Reason   string `json:"reason"`   // code word; not of release
	Document string `json:"document"` // the paper it rests on; not of release
	Note     string `json:"note"`

	// Of correct.
	Items    []Claim            `json:"items"`    // what to write; empty: all that is claimed
	Since    persian.Date       `json:"since"`    // of a postal code: since when; zero: since the case was opened
	Guardian ids.NationalNumber `json:"guardian"` // of a postal code: who speaks for a person under 18
}

// decisions are the words for what closes a case at once, and its outcomes.
var decisions = map[string]Outcome{"confirm": Confirmed, "reject": Rejected, "withdraw": Withdrawn}

// Check reads a decision; all mistakes of the items are told at once.
func (d *Decision) Check() error {
	if d.Decision != "correct" && d.Decision != "release" && decisions[d.Decision] == 0 {
		return fault.New(fault.Invalid, "discrepancy.word").At("decision")
	}
	if (len(d.Items) > 0 || !d.Since.IsZero() || d.Guardian != 0) && d.Decision != "correct" {
		return fault.New(fault.Invalid, "discrepancy.items").At("items")
	}
	if d.Decision != "release" {
		g := register.Grounds{Reason: d.Reason, Document: d.Document}
		if err := g.Check(); err != nil {
			return err
		}
		d.Document = g.Document
	}
	if err := text(&d.Note, "note"); err != nil {
		return err
	}
	return Check(d.Items)
}

// Decide ends the work on a case, or proposes the correction that it asks for.
// Only who has taken it may; a supervisor may give back what another took.
// Faults: discrepancy.unknown, discrepancy.taker, discrepancy.closed, and
// those of the register of persons for a correction.
func (b *Book) Decide(ctx context.Context, j *journal.Journal, actor journal.Actor, d *Decision) (*Case, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := d.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	switch d.Decision {
	case "correct":
		return b.correct(ctx, j, actor, d)
	case "release":
		return b.act(ctx, j, actor, "case-released", d.Case, func(c *Case, s *Step) error { return c.release(actor, d, s) })
	}
	outcome := decisions[d.Decision]
	return b.act(ctx, j, actor, "case-"+outcome.String(), d.Case, func(c *Case, s *Step) error {
		if err := c.mine(actor); err != nil {
			return err
		}
		c.State, c.Outcome = Closed, outcome
		s.What = outcome.String()
		s.grounds(d)
		return nil
	})
}

// mine refuses who has not taken the case.
func (c *Case) mine(actor journal.Actor) error {
	switch {
	case c.State == Closed:
		return errClosed
	case c.State == Proposed:
		return fault.New(fault.Conflict, "discrepancy.proposed")
	case !c.takenBy(actor):
		return errTaker
	}
	return nil
}

func (c *Case) release(actor journal.Actor, d *Decision, s *Step) error {
	if err := c.mine(actor); err != nil && !(c.State == Taken && actor.Role == register.Supervisor) {
		return err
	}
	c.reopen()
	s.What = "released"
	s.grounds(d)
	return nil
}

func (c *Case) reopen() { c.State, c.Taker, c.takerAgency = Opened, "", 0 }

func (s *Step) grounds(d *Decision) { s.Reason, s.Document, s.Note = d.Reason, d.Document, d.Note }
