package agreement

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Delegating is what a head says who lets another body ask in the name of his own.
type Delegating struct {
	Delegate  ids.LegalID  `json:"delegate"`
	Services  []string     `json:"services"`
	From      persian.Date `json:"from"`
	Until     persian.Date `json:"until"` // the last day
	Reference string       `json:"reference"`
}

// maxReference is how long the name of a paper may be, in bytes.
const maxReference = 200

// delegable are the services that can be asked in another's name: those that
// answer one question.
func delegable() []string {
	names := []string{"deed"}
	for i := range Services {
		names = append(names, Services[i].Name)
	}
	return names
}

func (in *Delegating) check(principal ids.LegalID, known func(ids.LegalID) (string, bool), today persian.Date) error {
	var bad fault.List
	_, there := known(in.Delegate)
	bad.When(in.Delegate == 0, "delegate", "agreement.missing")
	bad.When(in.Delegate != 0 && !there, "delegate", "agreement.delegation.agency")
	bad.When(in.Delegate == principal, "delegate", "agreement.delegation.self")
	list(&bad, "services", in.Services, delegable(), true)
	bad.When(!in.From.Precise(), "from", "agreement.day")
	bad.When(!in.Until.Precise(), "until", "agreement.day")
	if in.From.Precise() && in.Until.Precise() {
		bad.When(in.Until.Compare(in.From) < 0 || in.Until.Compare(today) < 0, "until", "agreement.order")
	}
	bad.When(in.Reference == "", "reference", "agreement.missing")
	bad.When(len(in.Reference) > maxReference, "reference", "agreement.reference.long")
	shown, err := persian.Display(in.Reference)
	bad.Add("reference", err)
	in.Reference = shown
	return bad.Err()
}

// Delegate proposes that another body ask in the name of the actor's own. It
// holds once the other's head has accepted it and a supervisor has confirmed
// it. Faults: agreement.signer, agreement.delegation.agency, .self, .overlap.
func (b *Book) Delegate(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Delegating) (*Delegation, journal.Proven, error) {
	if err := register.Only(actor, head); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.signer(actor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(actor.Agency, b.accountable, persian.DateOf(b.clock())); err != nil {
		return nil, journal.Proven{}, err
	}
	var made *Delegation
	proven, err := b.do(ctx, j, actor, "delegation-proposed", actor.Agency, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		made = &Delegation{
			Principal: actor.Agency, Delegate: in.Delegate, Services: in.Services, From: in.From, Until: in.Until,
			Reference: in.Reference, State: Proposed, Proposed: c.At, ProposedBy: actor.ID,
		}
		others, err := readDelegations(tx, delegationOf, int64(actor.Agency))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(others, made.doubles) {
			return nil, fault.New(fault.Conflict, "agreement.delegation.overlap")
		}
		if _, err := tx.One(delegationLast, nil, &made.ID); err != nil {
			return nil, err
		}
		made.ID++
		_, err = tx.Exec(delegationInsert, made.ID, int64(made.Principal), int64(made.Delegate), text(made.Services),
			int64(made.From.Pack()), int64(made.Until.Pack()), made.Reference, int64(made.State), c.Micros(), made.ProposedBy)
		return made.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return made, proven, nil
}

// doubles reports whether o lets the same body ask for one of the same services
// on one of the same days.
func (d *Delegation) doubles(o *Delegation) bool {
	return o.State != Over && o.Principal == d.Principal && o.Delegate == d.Delegate &&
		o.From.Compare(d.Until) <= 0 && d.From.Compare(o.Until) <= 0 &&
		slices.ContainsFunc(d.Services, func(s string) bool { return slices.Contains(o.Services, s) })
}

// body is what the journal says of a delegation.
func (d *Delegation) body() []byte {
	b := fmt.Appendf(nil, `"delegation":{"id":%d,"principal":"%s","delegate":"%s","services":%s,"from":"%s","until":"%s","reference":`,
		d.ID, d.Principal, d.Delegate, text(d.Services), d.From, d.Until)
	b = receipt.AppendString(b, d.Reference)
	return append(append(append(b, `,"state":"`...), d.State.String()...), `"}`...)
}

// Accept is the word of the delegate's head. Faults: agreement.signer,
// agreement.delegation.unknown, agreement.delegation.state.
func (b *Book) Accept(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Delegation, journal.Proven, error) {
	if err := register.Only(actor, head); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.signer(actor); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.redelegate(ctx, j, actor, "delegation-accepted", id, nil, func(d *Delegation, at time.Time) error {
		switch {
		case d.Delegate != actor.Agency:
			return fault.New(fault.Forbidden, "agreement.signer")
		case d.State != Proposed:
			return errDelegationState
		}
		d.State, d.Accepted, d.AcceptedBy = Accepted, at, actor.ID
		return nil
	})
}

// Confirm is the word of the registry, from which a delegation holds. Faults:
// agreement.delegation.unknown, agreement.delegation.state.
func (b *Book) Confirm(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Delegation, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.redelegate(ctx, j, actor, "delegation-confirmed", id, nil, func(d *Delegation, at time.Time) error {
		if d.State != Accepted {
			return errDelegationState
		}
		d.State, d.Confirmed, d.ConfirmedBy = Confirmed, at, actor.ID
		return nil
	})
}

// Undelegating ends a delegation.
type Undelegating struct {
	ID int64 `json:"delegation"`
	register.Grounds
}

// Undelegate ends a delegation, in force or not yet: the heads of both bodies
// and a supervisor may. Faults: agreement.signer, agreement.delegation.unknown,
// agreement.delegation.state.
func (b *Book) Undelegate(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Undelegating) (*Delegation, journal.Proven, error) {
	if err := register.Only(actor, head, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if actor.Role == head {
		if err := b.signer(actor); err != nil {
			return nil, journal.Proven{}, err
		}
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.redelegate(ctx, j, actor, "delegation-ended", in.ID, &in.Grounds, func(d *Delegation, at time.Time) error {
		if d.State == Over {
			return errDelegationState
		}
		d.State, d.Ended, d.EndedBy = Over, at, actor.ID
		return nil
	})
}

var (
	errDelegation      = fault.New(fault.NotFound, "agreement.delegation.unknown").At("delegation")
	errDelegationState = fault.New(fault.Conflict, "agreement.delegation.state").At("delegation")
)

// redelegate changes one delegation. To a head of a third body it is not there.
func (b *Book) redelegate(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, id int64, g *register.Grounds, change func(*Delegation, time.Time) error) (*Delegation, journal.Proven, error) {
	var d *Delegation
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		d, err = oneDelegation(tx, actor, id)
		return err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	proven, err := b.do(ctx, j, actor, why, d.Principal, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if d, err = oneDelegation(tx, actor, id); err != nil {
			return nil, err
		}
		if err := change(d, c.At); err != nil {
			return nil, err
		}
		body := d.body()
		if g != nil {
			body = receipt.AppendString(append(body, `,"reason":`...), g.Reason)
			body = receipt.AppendString(append(body, `,"document":`...), g.Document)
		}
		_, err = tx.Exec(delegationUpdate, int64(d.State), store.Micros(d.Accepted), d.AcceptedBy, store.Micros(d.Confirmed), d.ConfirmedBy, store.Micros(d.Ended), d.EndedBy, d.ID)
		return body, err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return d, proven, nil
}

func oneDelegation(tx *store.Tx, actor journal.Actor, id int64) (*Delegation, error) {
	all, err := readDelegations(tx, delegationByID, id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || !all[0].seenBy(actor) {
		return nil, errDelegation
	}
	return all[0], nil
}

// overseers see the agreements and delegations of every agency.
var overseers = []string{register.Clerk, register.Supervisor, register.Member, register.Inspector}

// insiders see those of their own agency.
var insiders = []string{head, "officer", "programmer"}

func (d *Delegation) seenBy(actor journal.Actor) bool {
	return slices.Contains(overseers, actor.Role) || actor.Agency == d.Principal || actor.Agency == d.Delegate
}

// DelegationFilter chooses delegations.
type DelegationFilter struct {
	Agency ids.LegalID `json:"agency"` // as principal or delegate; 0: any
	After  int64       `json:"after"`  // the last delegation of the page before
	Limit  int         `json:"limit"`  // at most 1000; 0: 100
}

// Delegations lists delegations by number: an agency's officers see those of
// their own.
func (b *Book) Delegations(ctx context.Context, actor journal.Actor, f *DelegationFilter) ([]*Delegation, error) {
	if err := register.Only(actor, slices.Concat(overseers, insiders)...); err != nil {
		return nil, err
	}
	limit, err := limited(f.Limit)
	if err != nil {
		return nil, err
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, err
	}
	all := []*Delegation{}
	for _, d := range b.all.Get().delegations {
		if len(all) < limit && d.ID > f.After && d.seenBy(actor) && (f.Agency == 0 || f.Agency == d.Principal || f.Agency == d.Delegate) {
			all = append(all, d)
		}
	}
	return all, nil
}

const (
	usual = 100
	most  = 1000
)

// limited is how long a page is. Fault: agreement.limit.
func limited(limit int) (int, error) {
	switch {
	case limit == 0:
		return usual, nil
	case limit < 0 || limit > most:
		return 0, fault.New(fault.Invalid, "agreement.limit", strconv.Itoa(most)).At("limit")
	}
	return limit, nil
}
