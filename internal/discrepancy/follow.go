package discrepancy

import (
	"context"
	"errors"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// current is a case as it stands now.
func (b *Book) current(ctx context.Context, j *journal.Journal, id int64) (*Case, error) {
	c, err := b.stored(ctx, id)
	if err != nil {
		return nil, err
	}
	return b.follow(ctx, j, c)
}

// follow gives a stored case as it stands now: one whose proposal has been
// decided follows it, as an act of the program's own.
func (b *Book) follow(ctx context.Context, j *journal.Journal, c *Case) (*Case, error) {
	if c.State != Proposed {
		return c, nil
	}
	p, err := b.persons.Proposal(ctx, c.Proposal)
	if err != nil || p.State == "waiting" {
		return c, err
	}
	id := c.ID
	a := register.Act{
		Kind: receipt.Correction, Actor: journal.Actor{Role: register.System, ID: "discrepancy"},
		Why: "proposal-" + p.State, Subject: c.Subject, Clock: b.Clock,
	}
	_, err = register.Do(ctx, b.db, j, a, func(tx *store.Tx, ch *register.Change) (_ []byte, err error) {
		if c, err = b.read(tx, id); err != nil {
			return nil, err
		}
		if c.State != Proposed || c.Proposal != p.ID {
			return nil, errMoved
		}
		s := &Step{What: "reopened", At: p.DecidedAt, By: p.Decider, Note: p.Note}
		if p.State == "done" {
			s.What = Corrected.String()
			c.State, c.Outcome = Closed, Corrected
		} else {
			c.reopen()
		}
		return c.body(), write(tx, c, s, ch.Act)
	})
	if errors.Is(err, errMoved) {
		return b.stored(ctx, id)
	}
	return c, err
}

var errMoved = errors.New("discrepancy: somebody else has moved the case")

func (b *Book) stored(ctx context.Context, id int64) (c *Case, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		c, err = b.read(tx, id)
		return err
	})
	return c, err
}

// correct brings the record to what was claimed, or to what the clerk writes
// instead. A postal code is declared in the person's name, as he has done in
// writing; all else becomes a proposal. Done again after a crash, what the
// record says already counts as done.
func (b *Book) correct(ctx context.Context, j *journal.Journal, actor journal.Actor, d *Decision) (*Case, journal.Proven, error) {
	c, err := b.current(ctx, j, d.Case)
	if err == nil {
		err = c.mine(actor)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.db.Read(ctx, func(tx *store.Tx) error { return readItems(tx, c) }); err != nil {
		return nil, journal.Proven{}, err
	}
	in, postal, err := c.correction(d)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	switch {
	case postal == 0:
	case c.Source == Reporting:
		err = b.resides(ctx, c, postal)
	default:
		err = b.declare(ctx, j, actor, c, d, postal)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	proposal := int64(0)
	if in != nil {
		made, _, err := b.persons.Propose(ctx, j, actor, "correction", in)
		switch {
		case err == nil:
			proposal = made.ID
		case fault.Of(err).Key != "person.unchanged":
			return nil, journal.Proven{}, err
		}
	}
	why := "case-proposed"
	if proposal == 0 {
		why = "case-corrected"
	}
	return b.act(ctx, j, actor, why, d.Case, func(c *Case, s *Step) error {
		if err := c.mine(actor); err != nil {
			return err
		}
		s.grounds(d)
		if c.Proposal = proposal; proposal != 0 {
			c.State, s.What = Proposed, "proposed"
			return nil
		}
		c.State, c.Outcome, s.What = Closed, Corrected, Corrected.String()
		return nil
	})
}

// declare registers the residence that was claimed.
func (b *Book) declare(ctx context.Context, j *journal.Journal, actor journal.Actor, c *Case, d *Decision, code ids.PostalCode) error {
	in := &person.ResidenceDeclaration{
		Number: c.Subject, Postal: code, Since: d.Since, Guardian: d.Guardian,
		Grounds: register.Grounds{Reason: d.Reason, Document: d.Document},
	}
	if in.Since.IsZero() {
		in.Since = persian.DateOf(c.Opened)
	}
	_, _, err := b.persons.DeclareResidence(ctx, j, actor, in)
	if err != nil && fault.Of(err).Key == "person.residence.same" {
		return nil
	}
	return err
}

// correction is what the register of persons is asked to write: nil if nothing
// but the postal code, which is 0 if that is not claimed. A decision that names
// items corrects these alone.
func (c *Case) correction(d *Decision) (in *person.Correction, postal ids.PostalCode, err error) {
	claims := d.Items
	if len(claims) == 0 {
		for _, i := range c.Items {
			claims = append(claims, Claim{i.Field, i.Claimed})
		}
	}
	if len(claims) == 0 {
		return nil, 0, fault.New(fault.Invalid, "discrepancy.nothing").At("items")
	}
	all := person.Correction{Edit: person.Edit{
		Number:  c.Subject,
		Grounds: register.Grounds{Reason: d.Reason, Document: d.Document},
	}}
	for _, claim := range claims {
		if claim.Field == "postal_code" {
			if postal, err = ids.ParsePostalCode(claim.Value); err != nil {
				return nil, 0, err
			}
			continue
		}
		in = &all
		if err := set(in, claim); err != nil {
			return nil, 0, err
		}
	}
	return in, postal, nil
}

// set puts one claim into a correction. Its form has been checked.
func set(in *person.Correction, claim Claim) error {
	switch claim.Field {
	case "birth_date":
		d, err := persian.ParseDate(claim.Value)
		in.Born = &d
		return err
	case "sex":
		s := person.Male
		if claim.Value == person.Female.String() {
			s = person.Female
		}
		in.Sex = &s
		return nil
	}
	n, err := persian.ParseName(claim.Value)
	switch claim.Field {
	case "given_name":
		in.Given = &n
	case "surname":
		in.Surname = &n
	case "father_name":
		in.Father = &n
	}
	return err
}
