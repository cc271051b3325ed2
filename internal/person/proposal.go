package person

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Proposal is an act of great harm that one person of the registry proposes and
// another one, a supervisor, carries out. Each step is an act of its own.
type Proposal struct {
	ID      int64
	Kind    string // word of the act, such as "death"
	Subject ids.NationalNumber
	Version int64  // of the record that it was made from
	Body    []byte // JSON: the act's input; nil if the subject's names of that time are sealed
	Grounds register.Grounds
	By      journal.Actor
	At      time.Time

	State     string
	Decider   journal.Actor // zero: waiting
	DecidedAt time.Time
	Note      string
	Act       journal.ActID // of the proposal itself
}

// The states of a proposal.
const (
	waiting   = "waiting"
	carried   = "done"
	refused   = "refused"
	withdrawn = "withdrawn" // by who proposed it
	overtaken = "overtaken" // the record changed before it was approved
)

var proposalStates = []string{waiting, carried, refused, withdrawn, overtaken}

var (
	errProposalUnknown   = fault.New(fault.NotFound, "person.proposal.unknown")
	errProposalDecided   = fault.New(fault.Conflict, "person.proposal.decided")
	errProposalOvertaken = fault.New(fault.Conflict, "person.proposal.overtaken")
)

// readDeed makes the input of an act of its JSON.
func readDeed(kind string, body []byte) (deed, error) {
	d := deeds[kind].make()
	if err := json.Unmarshal(body, d); err != nil {
		return nil, fmt.Errorf("person: a proposal's body: %w", err)
	}
	return d, nil
}

// Propose registers what somebody wants to be done to a record; in is the input
// of the act that kind names. It is tried on the record now, so what cannot be
// done cannot be proposed either; and it waits for Approve. The same cannot
// wait twice for one version of a record.
func (b *Book) Propose(ctx context.Context, j *journal.Journal, actor journal.Actor, kind string, in any) (*Proposal, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if !deeds[kind].harmful {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "person.proposal.kind").At("kind")
	}
	d, ok := in.(deed)
	if !ok || reflect.TypeOf(in) != reflect.TypeOf(deeds[kind].make()) {
		return nil, journal.Proven{}, fmt.Errorf("person: %T is no input of %s", in, kind)
	}
	if err := checkDeed(d, b.today()); err != nil {
		return nil, journal.Proven{}, err
	}
	e := d.edit()
	body, err := json.Marshal(d)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	made := Proposal{Kind: kind, Subject: e.Number, Body: body, Grounds: e.Grounds, By: actor, State: waiting}
	a := register.Act{Kind: deeds[kind].kind, Actor: actor, Why: e.Reason, Subject: e.Number, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		_, before, err := b.try(tx, d)
		if err != nil {
			return nil, err
		}
		made.Version, made.At, made.Act = before.Version, c.At, c.Act
		if err := made.insert(tx); err != nil {
			return nil, err
		}
		return made.appendBody(nil), nil
	})
	if err != nil {
		return nil, proven, err
	}
	return &made, proven, nil
}

// insert writes a new proposal under the next number.
func (p *Proposal) insert(tx *store.Tx) error {
	var there int64
	found, err := tx.One(proposalSame, []any{int64(p.Subject), p.Kind, p.Version, waiting}, &there)
	if err != nil {
		return err
	}
	if found {
		return fault.New(fault.Conflict, "person.proposal.waiting")
	}
	if _, err := tx.One(proposalLast, nil, &p.ID); err != nil {
		return err
	}
	p.ID++
	_, err = tx.Exec(proposalInsert, p.ID, p.Kind, int64(p.Subject), p.Version, p.Body, p.Grounds.Reason, p.Grounds.Document,
		p.At.UnixMicro(), p.By.Role, int64(p.By.Agency), p.By.ID, p.State, p.Act[:])
	return err
}

// appendBody is what the journal says of a proposal.
func (p *Proposal) appendBody(b []byte) []byte {
	b = append(b, `"national_number":"`...)
	b = append(append(p.Subject.AppendTo(b), `","event":"`...), p.Kind...)
	b = receipt.AppendString(append(b, `","document":`...), p.Grounds.Document)
	return p.appendState(b, p.State)
}

// appendState says which proposal it is and who made it.
func (p *Proposal) appendState(b []byte, state string) []byte {
	b = strconv.AppendInt(append(b, `,"proposal":{"id":`...), p.ID, 10)
	b = append(append(append(b, `,"state":"`...), state...), `","of_version":`...)
	b = strconv.AppendInt(b, p.Version, 10)
	return append(p.By.AppendTo(append(b, `,"by":`...)), '}')
}

// Approve carries out what somebody else has proposed, in the transaction of
// the decision. If the record has changed since the proposal, nothing of it is
// done: the proposal is overtaken, which is registered, and must be made again
// from what stands there now.
func (b *Book) Approve(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Done, journal.Proven, error) {
	var done *Done
	late := false
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	proven, err := b.decide(ctx, j, actor, id, "", func(tx *store.Tx, c *register.Change, p *Proposal) (string, []byte, error) {
		done, late = nil, false
		if same(actor, p.By) {
			return "", nil, fault.New(fault.Forbidden, "person.proposal.same")
		}
		now, err := known(tx, b, p.Subject, 0)
		if err != nil {
			return "", nil, err
		}
		if late = now.Version != p.Version; late {
			return overtaken, nil, nil
		}
		d, err := readDeed(p.Kind, p.Body)
		if err != nil {
			return "", nil, err
		}
		if done, err = b.perform(tx, c, p.Kind, d, p.By); err != nil {
			return "", nil, err
		}
		done.Proposal = p.ID
		return carried, done.appendBody(nil, p.Grounds), nil
	})
	if err == nil && late {
		return nil, proven, errProposalOvertaken
	}
	return done, proven, err
}

// Refuse ends a proposal: a supervisor other than the proposer says no.
func (b *Book) Refuse(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, note string) (journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return journal.Proven{}, err
	}
	return b.decide(ctx, j, actor, id, note, func(_ *store.Tx, _ *register.Change, p *Proposal) (string, []byte, error) {
		if same(actor, p.By) {
			return "", nil, fault.New(fault.Forbidden, "person.proposal.same")
		}
		return refused, nil, nil
	})
}

// Withdraw ends one's own proposal.
func (b *Book) Withdraw(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, note string) (journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return journal.Proven{}, err
	}
	return b.decide(ctx, j, actor, id, note, func(_ *store.Tx, _ *register.Change, p *Proposal) (string, []byte, error) {
		if !same(actor, p.By) {
			return "", nil, fault.New(fault.Forbidden, "person.proposal.other")
		}
		return withdrawn, nil, nil
	})
}

// same reports whether two actors are one person. Nobody becomes another by
// another role.
func same(a, b journal.Actor) bool { return a.Agency == b.Agency && a.ID == b.ID }

// decide ends a waiting proposal as an act. judge says how, and may give the
// members of the record.
func (b *Book) decide(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, note string, judge func(*store.Tx, *register.Change, *Proposal) (state string, body []byte, err error)) (journal.Proven, error) {
	var bad mistakes
	if bad.text(&note, "note", false, maxNote); len(bad.List) > 0 {
		return journal.Proven{}, bad.Err()
	}
	stands, err := b.stored(ctx, id)
	if err != nil {
		return journal.Proven{}, err
	}
	a := register.Act{Kind: deeds[stands.Kind].kind, Actor: actor, Why: stands.Grounds.Reason, Subject: stands.Subject, Clock: b.Clock}
	return register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		p, err := proposalIn(tx, id)
		if err != nil {
			return nil, err
		}
		if p.State != waiting {
			return nil, errProposalDecided
		}
		state, body, err := judge(tx, c, p)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(proposalDecide, state, c.Micros(), actor.Role, int64(actor.Agency), actor.ID, note, id); err != nil {
			return nil, err
		}
		if state == carried {
			return p.appendState(body, state), nil
		}
		p.State = state
		return p.appendBody(nil), nil
	})
}

const maxNote = 500 // bytes

// Proposals filters the queue. Zero values ask for all.
type Proposals struct {
	State   string             `json:"state,omitzero"`
	Kind    string             `json:"kind,omitzero"`
	Subject ids.NationalNumber `json:"national_number,omitzero"`
	By      string             `json:"by,omitzero"`    // the proposer's login
	After   int64              `json:"after,omitzero"` // the last one of the page before
	Limit   int                `json:"limit,omitzero"` // 0: MaxProposals
}

// MaxProposals is how many a page holds at most.
const MaxProposals = 100

// Proposals lists proposals in the order they were made, without what they
// would change: to read that is an act (ReadProposal). more says that the page
// is not the last.
func (b *Book) Proposals(ctx context.Context, actor journal.Actor, f *Proposals) (page []Proposal, more bool, err error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, false, err
	}
	var bad mistakes
	bad.When(f.State != "" && !slices.Contains(proposalStates, f.State), "state", "person.word")
	bad.When(f.Kind != "" && !deeds[f.Kind].harmful, "kind", "person.word")
	if err := bad.Err(); err != nil {
		return nil, false, err
	}
	limit := f.Limit
	if limit <= 0 || limit > MaxProposals {
		limit = MaxProposals
	}
	query, args := proposalsAll, []any{f.After, f.Kind, f.By, limit + 1}
	switch {
	case f.Subject != 0:
		query, args = proposalsOf, []any{int64(f.Subject), f.After, f.State, f.Kind, f.By, limit + 1}
	case f.State != "":
		query, args = proposalsIn, []any{f.State, f.After, f.Kind, f.By, limit + 1}
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		page = page[:0]
		return tx.Each(query, args, func(scan func(...any) error) error {
			p, err := scanProposal(scan)
			p.Body = nil
			page = append(page, p)
			return err
		})
	})
	if more = len(page) > limit; more {
		page = page[:limit]
	}
	return page, more, err
}

// Proposal finds a proposal. What it would have changed is not shown when it
// holds what the person was called before an adoption.
func (b *Book) Proposal(ctx context.Context, id int64) (*Proposal, error) {
	p, err := b.stored(ctx, id)
	if err != nil {
		return nil, err
	}
	var s seals
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		s, err = sealsOf(tx, p.Subject)
		return err
	})
	if last := s.last(); p.Version < last || p.Version == last && p.Kind != "adoption" {
		p.Body = nil
	}
	return p, err
}

// ReadProposal is Proposal for staff. It shows what is to be registered of a
// person, so the reading is an entry before it is shown.
func (b *Book) ReadProposal(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Proposal, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	p, err := b.Proposal(ctx, id)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	of, found, err := b.ByNumber(ctx, p.Subject)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	in := Reading{Number: p.Subject, Reason: "proposal", File: strconv.FormatInt(id, 10)}
	version, hidden := p.Version, found && of.Hidden(actor) && !same(actor, p.By)
	if hidden {
		version = 0
	}
	e := journal.Entry{Kind: receipt.RegisterReading, Body: in.appendBody(nil, actor, "proposal", version), Subject: p.Subject}
	proven, err := j.Commit(ctx, e)
	if err == nil && hidden {
		err = ErrProtected
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return p, proven, nil
}

func (b *Book) stored(ctx context.Context, id int64) (p *Proposal, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		p, err = proposalIn(tx, id)
		return err
	})
	return p, err
}

func proposalIn(tx *store.Tx, id int64) (*Proposal, error) {
	var p Proposal
	if id == 0 {
		return nil, fault.New(fault.Invalid, "person.missing").At("proposal")
	}
	found := false
	err := tx.Each(proposalByID, []any{id}, func(scan func(...any) error) (err error) {
		found = true
		p, err = scanProposal(scan)
		return err
	})
	if err == nil && !found {
		err = errProposalUnknown
	}
	return &p, err
}

func scanProposal(scan func(...any) error) (p Proposal, err error) {
	var number, made, agency, decided, deciderAgency int64
	var act []byte
	err = scan(&p.ID, &p.Kind, &number, &p.Version, &p.Body, &p.Grounds.Reason, &p.Grounds.Document, &made,
		&p.By.Role, &agency, &p.By.ID, &p.State, &decided, &p.Decider.Role, &deciderAgency, &p.Decider.ID, &p.Note, &act)
	p.Subject, p.At = ids.NationalNumber(number), time.UnixMicro(made).UTC()
	p.By.Agency, p.Decider.Agency = ids.LegalID(agency), ids.LegalID(deciderAgency)
	if decided != 0 {
		p.DecidedAt = time.UnixMicro(decided).UTC()
	}
	copy(p.Act[:], act)
	return p, err
}
