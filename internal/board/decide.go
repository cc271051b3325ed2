package board

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Draft is a decision as a member writes it down.
type Draft struct {
	Session   int64        `json:"session"`
	Text      string       `json:"text"`      // in Persian
	Reference string       `json:"reference"` // number and date of the paper
	Authority string       `json:"authority"` // whose decision it is; "": the board's
	Effect    Effect       `json:"effect"`    // left out: the program does nothing
	From      persian.Date `json:"from"`      // not before the session
}

// authorityKey and an authority are the key of its name.
const authorityKey = "board.authority."

// check reads a draft. Faults besides those of its members: board.effect if the
// program does not know the effect, board.authority if it belongs to others.
func (b *Book) check(in *Draft) error {
	if in.Authority == "" {
		in.Authority = Board
	}
	var bad fault.List
	clean(&bad, &in.Text, "text", longText)
	clean(&bad, &in.Reference, "reference", longName)
	bad.When(in.Session == 0, "session", "board.missing")
	bad.When(!slices.Contains(authorities, in.Authority), "authority", "board.word")
	bad.When(!in.From.Precise(), "from", "board.day")
	if in.Effect.Kind == "" {
		bad.When(len(in.Effect.Params) > 0, "effect.kind", "board.missing")
		return bad.Err()
	}
	e, ok := b.effect(in.Effect.Kind)
	if !ok {
		bad.When(true, "effect.kind", "board.effect", strings.Join(b.Effects(), ", "))
		return bad.Err()
	}
	if e.authority != "" && e.authority != in.Authority {
		bad.When(true, "authority", "board.authority", "["+authorityKey+e.authority+"]")
	}
	params, err := receipt.Compact(in.Effect.Params)
	if err != nil || params[0] != '{' {
		bad.Add("effect.params", fault.New(fault.Invalid, "board.params").Because(err))
		return bad.Err()
	}
	in.Effect.Params = params
	bad.Add("effect.params", e.check(params))
	return bad.Err()
}

// Effects names the effects that the program knows.
func (b *Book) Effects() (kinds []string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for kind := range b.effects {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

// Draft writes down a decision that was taken in a session, for signature.
func (b *Book) Draft(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Draft) (*Decision, journal.Proven, error) {
	if err := register.Only(actor, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.check(in); err != nil {
		return nil, journal.Proven{}, err
	}
	d := &Decision{Session: in.Session, Text: in.Text, Reference: in.Reference, Authority: in.Authority, Effect: in.Effect, From: in.From, State: Drafted}
	proven, err := b.do(ctx, j, actor, "board-drafted", func(tx *store.Tx, c *register.Change) ([]byte, error) {
		m, err := b.Sitting(tx, actor)
		if err != nil {
			return nil, err
		}
		s, err := sessionOf(tx, d.Session)
		switch {
		case err != nil:
			return nil, err
		case d.From.Compare(s.Date) < 0:
			return nil, fault.New(fault.Invalid, "board.from").At("from")
		}
		if err := b.possible(tx, d); err != nil {
			return nil, err
		}
		if d.ID, err = next(tx, decisionLast); err != nil {
			return nil, err
		}
		digest := sha256.Sum256(d.words())
		d.Date, d.SHA256, d.Made, d.Member = s.Date, hex.EncodeToString(digest[:]), c.At.UTC(), m.ID
		_, err = tx.Exec(decisionInsert, d.ID, d.Session, d.Text, d.Reference, d.Authority, d.Effect.Kind, string(d.Effect.Params),
			int64(d.From.Pack()), digest[:], int64(d.State), c.Micros(), d.Member, int64(0), int64(0), c.Act[:])
		return d.body(append(d.words(), ',')), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return d, proven, nil
}

// words is all that a decision says, as members of a record: its digest is
// what members sign.
func (d *Decision) words() []byte {
	b := strconv.AppendInt([]byte(`"session":`), d.Session, 10)
	b = receipt.AppendString(append(b, `,"text":`...), d.Text)
	b = receipt.AppendString(append(b, `,"reference":`...), d.Reference)
	b = receipt.AppendString(append(b, `,"authority":`...), d.Authority)
	b = append(d.From.AppendTo(append(b, `,"from":"`...)), '"')
	if d.Effect.Kind == "" {
		return b
	}
	b = receipt.AppendString(append(b, `,"effect":{"kind":`...), d.Effect.Kind)
	return append(append(append(b, `,"params":`...), d.Effect.Params...), '}')
}

// body is what the journal says of a decision; words is what it says itself,
// with a comma after it, and nothing in acts that follow the draft.
func (d *Decision) body(words []byte) []byte {
	b := append(strconv.AppendInt([]byte(`"decision":{"id":`), d.ID, 10), ',')
	b = append(append(append(b, words...), `"state":"`...), d.State.String()...)
	return append(append(append(b, `","sha256":"`...), d.SHA256...), `"}`...)
}

// Signing is a member's signature.
type Signing struct {
	Decision int64  `json:"decision"`
	SHA256   string `json:"sha256"` // of what he has read
}

// Sign takes a member's signature, and decides with that of the third body.
// Faults: board.state if the decision waits for none, board.digest if the
// member has read something else, board.absent if he was not in the session,
// board.signed if he or his body has signed, and those of the effect.
func (b *Book) Sign(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Signing) (*Decision, journal.Proven, error) {
	return b.act(ctx, j, actor, "board-signed", in.Decision, func(tx *store.Tx, c *register.Change, m *Member, d *Decision) error {
		s, err := sessionOf(tx, d.Session)
		switch {
		case err != nil:
			return err
		case !strings.EqualFold(in.SHA256, d.SHA256):
			return fault.New(fault.Conflict, "board.digest").At("sha256")
		case !slices.Contains(s.Present, m.ID):
			return fault.New(fault.Forbidden, "board.absent")
		}
		for _, has := range d.Signatures {
			switch {
			case has.Member == m.ID:
				return fault.New(fault.Conflict, "board.signed")
			case has.Body == m.Body:
				return fault.New(fault.Conflict, "board.signed.body")
			}
		}
		if _, err := tx.Exec(signatureInsert, d.ID, m.Body, m.ID, c.Micros(), c.Act[:]); err != nil {
			return err
		}
		d.Signatures = append(d.Signatures, Signature{m.Body, m.ID, c.At.UTC()})
		if len(d.Signatures) < quorum {
			return nil
		}
		return b.decide(tx, c, d)
	})
}

// decide ends the drafting and carries the effect out.
func (b *Book) decide(tx *store.Tx, c *register.Change, d *Decision) error {
	d.State, d.Ended = Decided, c.At.UTC()
	if _, err := tx.Exec(decisionEnd, int64(d.State), c.Micros(), c.Act[:], d.ID); err != nil {
		return err
	}
	if err := b.possible(tx, d); err != nil {
		return err
	}
	e, ok := b.effect(d.Effect.Kind)
	switch {
	case d.Effect.Kind == "":
	case !ok: // drafted by another version of the program
		return fault.New(fault.Conflict, "board.effect", strings.Join(b.Effects(), ", "))
	case d.Effect.Kind == repeal:
		if err := d.repeal(tx); err != nil {
			return err
		}
	case e.apply != nil:
		if err := e.apply(tx, c, d.Effect.Params); err != nil {
			return err
		}
	}
	return store.Bump(tx, noun)
}

// repeal is the effect of a decision that ends another one.
const repeal = "repeal"

type repealed struct {
	Decision int64 `json:"decision"`
}

func checkRepeal(params json.RawMessage) error {
	var r repealed
	if err := Params(params, &r); err != nil {
		return err
	}
	if r.Decision < 1 {
		return fault.New(fault.Invalid, "board.missing").At("decision")
	}
	return nil
}

// possible refuses to repeal what cannot be repealed: what is not decided or
// repealed already, and what was carried out, which only a new decision can
// undo.
func (b *Book) possible(tx *store.Tx, d *Decision) error {
	if d.Effect.Kind != repeal {
		return nil
	}
	var r repealed
	if err := Params(d.Effect.Params, &r); err != nil {
		return err
	}
	old, err := decisionOf(tx, r.Decision)
	if err != nil {
		return err
	}
	e, _ := b.effect(old.Effect.Kind)
	if old.State != Decided || old.Repealed != 0 || e.apply != nil || old.Effect.Kind == repeal {
		return fault.New(fault.Conflict, "board.repeal").At("effect.params.decision")
	}
	return nil
}

func (d *Decision) repeal(tx *store.Tx) error {
	var r repealed
	if err := Params(d.Effect.Params, &r); err != nil {
		return err
	}
	_, err := tx.Exec(decisionRepeal, d.ID, r.Decision)
	return err
}

// Of names a decision.
type Of struct {
	Decision int64 `json:"decision"`
}

// Withdraw takes back a draft: who drafted it may, and the chair. Faults:
// board.state, board.drafter.
func (b *Book) Withdraw(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Of) (*Decision, journal.Proven, error) {
	return b.act(ctx, j, actor, "board-withdrawn", in.Decision, func(tx *store.Tx, c *register.Change, m *Member, d *Decision) error {
		if m.ID != d.Member && m.Office != Chair {
			return fault.New(fault.Forbidden, "board.drafter")
		}
		d.State, d.Ended = Withdrawn, c.At.UTC()
		_, err := tx.Exec(decisionEnd, int64(d.State), c.Micros(), c.Act[:], d.ID)
		return err
	})
}

// act performs an act of a member on a draft.
func (b *Book) act(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, id int64, change func(*store.Tx, *register.Change, *Member, *Decision) error) (*Decision, journal.Proven, error) {
	if err := register.Only(actor, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	if id == 0 {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "board.missing").At("decision")
	}
	var d Decision
	proven, err := b.do(ctx, j, actor, why, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		m, err := b.Sitting(tx, actor)
		if err != nil {
			return nil, err
		}
		if d, err = decisionOf(tx, id); err != nil {
			return nil, err
		}
		if d.State != Drafted {
			return nil, fault.New(fault.Conflict, "board.state")
		}
		if err := change(tx, c, m, &d); err != nil {
			return nil, err
		}
		return d.body(nil), nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return &d, proven, b.decided.Reload(ctx)
}

// decisionOf is a decision with its signatures. Fault: board.decision.unknown.
func decisionOf(tx *store.Tx, id int64) (d Decision, err error) {
	err = tx.Each(decisionByID, []any{id}, func(scan func(...any) error) (err error) {
		d, err = scanDecision(scan)
		return err
	})
	if err == nil && d.ID == 0 {
		err = fault.New(fault.NotFound, "board.decision.unknown").At("decision")
	}
	if err != nil {
		return d, err
	}
	return d, d.whole(tx)
}

// whole adds what other rows say of a decision: its day, who signed it, and
// until when it holds.
func (d *Decision) whole(tx *store.Tx) error {
	s, err := sessionOf(tx, d.Session)
	if err != nil {
		return err
	}
	d.Date, d.Signatures = s.Date, nil
	if err := tx.Each(signatureOf, []any{d.ID}, func(scan func(...any) error) error {
		var s Signature
		var at int64
		err := scan(&s.Body, &s.Member, &at)
		s.At = store.Moment(at)
		d.Signatures = append(d.Signatures, s)
		return err
	}); err != nil || d.Repealed == 0 {
		return err
	}
	return tx.Each(decisionByID, []any{d.Repealed}, func(scan func(...any) error) error {
		by, err := scanDecision(scan)
		d.Over = by.From
		return err
	})
}

// Find reads a decision.
func (b *Book) Find(ctx context.Context, actor journal.Actor, in *Of) (d *Decision, err error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	d = &Decision{}
	return d, b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		*d, err = decisionOf(tx, in.Decision)
		return err
	})
}

// Filter chooses decisions.
type Filter struct {
	State  State  `json:"state"`   // left out: any
	Effect string `json:"effect"`  // "": any
	ToSign bool   `json:"to_sign"` // drafts that wait for the actor's own signature
	Newest bool   `json:"newest"`  // the newest first
	Page
}

// Decisions lists decisions in the order of their drafts, or the newest first.
func (b *Book) Decisions(ctx context.Context, actor journal.Actor, f *Filter) (all []Decision, err error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		q, args, err := f.query(tx, actor, persian.DateOf(b.c.Clock()))
		if err != nil || q == nil {
			return err
		}
		if err := tx.Each(q, args, func(scan func(...any) error) error {
			d, err := scanDecision(scan)
			all = append(all, d)
			return err
		}); err != nil {
			return err
		}
		for i := range all {
			if err := all[i].whole(tx); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// query is the way to list what is wanted; nil: there can be nothing.
func (f *Filter) query(tx *store.Tx, actor journal.Actor, today persian.Date) (*store.Query, []any, error) {
	var mine []any
	if f.ToSign {
		me, err := seat(tx, actor, today)
		if err != nil || me == nil {
			return nil, nil, err
		}
		mine = []any{me.ID, me.Body}
	}
	q, args := decisionLists.Page(store.ByID(f.Newest), f.After, f.Limit, store.If(f.State != 0, int64(f.State)), store.If(f.Effect != "", f.Effect), mine)
	return q, args, nil
}

// ToSign is how many drafts wait for the actor's signature: he was in the
// session, and nobody has signed for his body.
func (b *Book) ToSign(ctx context.Context, actor journal.Actor) (n int64, err error) {
	if err := register.Only(actor, readers...); err != nil {
		return 0, err
	}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		me, err := seat(tx, actor, persian.DateOf(b.c.Clock()))
		if err != nil || me == nil {
			return err
		}
		_, err = tx.One(decisionToSign, []any{me.ID, me.Body}, &n)
		return err
	})
	return n, err
}
