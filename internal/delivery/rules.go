package delivery

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// dueMonths is how soon after the law's entry into force every agency must have
// had its delivery (law B.5, note 2).
const dueMonths = 6

// Effects of decisions of the board that deliveries obey.
const (
	MethodsEffect  = "delivery-methods"  // Methods
	PriorityEffect = "delivery-priority" // Order
)

// Methods is the board's decision by which methods deliveries are handed over.
type Methods struct {
	Methods []string `json:"methods"`
}

// Order is the board's decision whose deliveries come first (law B.5, note 2).
type Order struct {
	Agencies []ids.LegalID `json:"agencies"` // the first one first; who is not named comes after them
}

// obey tells the board what deliveries obey.
func (b *Book) obey() {
	b.c.Board.Obey(MethodsEffect, func(params json.RawMessage) error {
		var in Methods
		if err := board.Params(params, &in); err != nil {
			return err
		}
		return in.check()
	}, nil)
	b.c.Board.Obey(PriorityEffect, func(params json.RawMessage) error {
		var in Order
		if err := board.Params(params, &in); err != nil {
			return err
		}
		return b.check(&in)
	}, nil)
}

func (in *Methods) check() error {
	var bad fault.List
	bad.When(len(in.Methods) == 0, "methods", "delivery.missing")
	for i, m := range in.Methods {
		bad.When(!slices.Contains([]string{Terminal, Media, API}, m), "methods", "delivery.word")
		bad.When(slices.Contains(in.Methods[:i], m), "methods", "delivery.twice")
	}
	return bad.Err()
}

func (b *Book) check(in *Order) error {
	var bad fault.List
	bad.When(len(in.Agencies) == 0 || len(in.Agencies) > lastPriority, "agencies", "delivery.missing")
	for i, id := range in.Agencies {
		_, err := b.c.Agencies.ByID(id)
		bad.Add("agencies", err)
		bad.When(slices.Contains(in.Agencies[:i], id), "agencies", "delivery.twice")
	}
	return bad.Err()
}

// methods are those that the board has approved for today. Before any decision
// they are the two that the law names.
func (b *Book) methods() []string {
	if d, ok := b.c.Board.InForce(MethodsEffect, b.today()); ok {
		var in Methods
		if board.Params(d.Effect.Params, &in) == nil { // checked when it was drafted
			return in.Methods
		}
	}
	return []string{Terminal, Media}
}

// rank is an agency's place in the board's order of today, from 1; 0: not named.
func (b *Book) rank(of ids.LegalID) int { return slices.Index(b.order(), of) + 1 }

func (b *Book) order() []ids.LegalID {
	d, ok := b.c.Board.InForce(PriorityEffect, b.today())
	if !ok {
		return nil
	}
	var in Order
	_ = board.Params(d.Effect.Params, &in) // checked when it was drafted
	return in.Agencies
}

// first is the delivery in the queue that comes first now: the board's order of
// agencies, then the priority with which each was approved, then who came first.
func (b *Book) first(tx *store.Tx) (id int64, found bool, err error) {
	order := b.order()
	best := len(order) + 1
	err = tx.Each(deliveryQueue, []any{b.c.Node}, func(scan func(...any) error) error {
		var one, of int64
		if err := scan(&one, &of); err != nil {
			return err
		}
		rank := slices.Index(order, ids.LegalID(of))
		if rank < 0 {
			rank = len(order)
		}
		if rank < best {
			id, best, found = one, rank, true
		}
		return nil
	})
	return id, found, err
}

// entry is the day of the law's entry into force; zero if it is not decided.
func (b *Book) entry() persian.Date {
	day, _ := b.c.Board.Start(board.LawEntry, b.today())
	return day
}

func (b *Book) today() persian.Date { return persian.DateOf(b.c.Clock()) }

// Debt is how one agency stands with what the law owes it.
type Debt struct {
	Agency     ids.LegalID  `json:"agency"`
	Name       string       `json:"name"`
	Deliveries int64        `json:"deliveries"` // asked for so far
	Delivered  time.Time    `json:"delivered,omitzero"`
	Due        persian.Date `json:"due"`
	Late       int          `json:"days_late"`
}

// Clock is the six months' clock: the day from which they count, and how each
// agency stands, the latest first.
type Clock struct {
	Entry    persian.Date `json:"entry_into_force,omitzero"`
	Due      persian.Date `json:"due,omitzero"`
	Agencies []Debt       `json:"agencies"`
}

// Clock tells how agencies stand with the six months (law B.5, note 2). An
// agency that never asked is late too: it is the registry's to remind it.
func (b *Book) Clock(ctx context.Context, actor journal.Actor) (*Clock, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	out := &Clock{Entry: b.entry(), Agencies: []Debt{}}
	if out.Entry.IsZero() {
		return out, nil
	}
	out.Due = out.Entry.AddMonths(dueMonths)
	type had struct{ n, first int64 }
	of := map[ids.LegalID]had{}
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		clear(of)
		return tx.Each(deliveryFirst, nil, func(scan func(...any) error) error {
			var id, n, first int64
			err := scan(&id, &n, &first)
			of[ids.LegalID(id)] = had{n, first}
			return err
		})
	})
	for _, a := range b.c.Agencies.Agencies() {
		if a.Kind != "" || a.State == agency.Closed {
			continue
		}
		h := of[a.ID]
		d := Debt{Agency: a.ID, Name: a.Name, Deliveries: h.n, Delivered: store.Moment(h.first), Due: out.Due}
		d.Late = late(d.Due, d.Delivered, b.c.Clock())
		out.Agencies = append(out.Agencies, d)
	}
	slices.SortStableFunc(out.Agencies, func(a, b Debt) int { return b.Late - a.Late })
	return out, err
}

// Recipient is the public key to which an agency's packages are encrypted.
type Recipient struct {
	Recipient string `json:"recipient"` // as age prints it: age1…
}

// Registered is the key in force.
type Registered struct {
	No        int    `json:"no"` // 1, 2, 3 … of this agency
	Recipient string `json:"recipient"`
}

// SetRecipient registers the agency's key: its highest officer's act. Packages
// made from then on are encrypted to it.
func (b *Book) SetRecipient(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Recipient) (*Registered, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if _, err := parseRecipient(in.Recipient); err != nil {
		return nil, journal.Proven{}, err
	}
	r := &Registered{Recipient: strings.TrimSpace(in.Recipient)}
	a := register.Act{Kind: receipt.CertificateChange, Actor: actor, Why: "delivery-recipient", Agency: actor.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		var old string
		r.No = 0
		if _, err := tx.One(recipientLast, []any{int64(actor.Agency)}, &r.No, &old); err != nil {
			return nil, err
		}
		r.No++
		_, err := tx.Exec(recipientInsert, int64(actor.Agency), int64(r.No), r.Recipient, c.Micros(), actor.ID, c.Act[:])
		body := append([]byte(`"recipient":{"agency":"`), actor.Agency.String()...)
		return append(receipt.AppendString(append(body, `","key":`...), r.Recipient), '}'), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return r, proven, nil
}

// parseRecipient reads a public key of age: X25519 or the hybrid one.
func parseRecipient(s string) (age.Recipient, error) {
	all, err := age.ParseRecipients(strings.NewReader(strings.TrimSpace(s)))
	if err != nil || len(all) != 1 {
		return nil, fault.New(fault.Invalid, "delivery.recipient").At("recipient").Because(err)
	}
	return all[0], nil
}

// recipient is the agency's newest key. Fault: delivery.recipient.none.
func recipient(tx *store.Tx, of ids.LegalID) (key string, err error) {
	var no int
	found, err := tx.One(recipientLast, []any{int64(of)}, &no, &key)
	if err == nil && !found {
		err = fault.New(fault.Conflict, "delivery.recipient.none")
	}
	return key, err
}
