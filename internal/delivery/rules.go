package delivery

import (
	"context"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/estelam/estelam/internal/agency"
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

// Rule is a decision on deliveries.
type Rule struct {
	ID        int64        `json:"rule"`
	Kind      string       `json:"kind"`
	Day       persian.Date `json:"from"` // it holds from here on; of entry, the law's day
	Methods   []string     `json:"methods,omitzero"`
	Reference string       `json:"reference"`
}

const (
	ruleMethods = "methods"
	ruleEntry   = "entry"
)

// rules is what holds today.
type rules struct {
	methods []string
	entry   persian.Date // zero: not set
}

// rules reads what holds today: of each kind what was decided last for a day
// that has come. Before any decision the methods are the two that the law names.
func (b *Book) rules(ctx context.Context) (*rules, error) {
	all, err := b.decisions(ctx)
	if err != nil {
		return nil, err
	}
	today := persian.DateOf(b.c.Clock())
	r := &rules{methods: []string{Terminal, Media}}
	var newest persian.Date
	for _, d := range all {
		switch {
		case d.Kind == ruleEntry:
			r.entry = d.Day
		case d.Day.Compare(today) <= 0 && d.Day.Compare(newest) >= 0:
			r.methods, newest = d.Methods, d.Day
		}
	}
	return r, nil
}

func (b *Book) decisions(ctx context.Context) (all []Rule, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = []Rule{}
		return tx.Each(ruleList, nil, func(scan func(...any) error) error {
			var r Rule
			var day int64
			var words string
			err := scan(&r.ID, &r.Kind, &day, &words, &r.Reference)
			r.Day, r.Methods = persian.UnpackDate(int32(day)), strings.Fields(words)
			all = append(all, r)
			return err
		})
	})
	return all, err
}

// Methods is the board's decision by which methods deliveries are handed over.
type Methods struct {
	Methods   []string     `json:"methods"`
	From      persian.Date `json:"from"`
	Reference string       `json:"reference"` // number and date of the decision
}

// DecideMethods registers which methods the board has approved.
func (b *Book) DecideMethods(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Methods) (*Rule, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.When(len(in.Methods) == 0, "methods", "delivery.missing")
	for _, m := range in.Methods {
		bad.When(!slices.Contains([]string{Terminal, Media, API}, m), "methods", "delivery.word")
	}
	slices.Sort(in.Methods)
	in.Methods = slices.Compact(in.Methods)
	return b.rule(ctx, j, actor, &Rule{Kind: ruleMethods, Day: in.From, Methods: in.Methods, Reference: in.Reference}, bad)
}

// Entry says on which day the law entered into force.
type Entry struct {
	Day       persian.Date `json:"on"`
	Reference string       `json:"reference"` // where it is published
}

// SetEntry registers the day of the law's entry into force, from which the six
// months count.
func (b *Book) SetEntry(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Entry) (*Rule, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.rule(ctx, j, actor, &Rule{Kind: ruleEntry, Day: in.Day, Reference: in.Reference}, nil)
}

func (b *Book) rule(ctx context.Context, j *journal.Journal, actor journal.Actor, r *Rule, bad fault.List) (*Rule, journal.Proven, error) {
	day := map[string]string{ruleMethods: "from", ruleEntry: "on"}[r.Kind]
	bad.When(!r.Day.Precise(), day, "delivery.day")
	bad.When(r.Reference == "" || len(r.Reference) > 200, "reference", "register.document")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.BoardDecision, Actor: actor, Why: "delivery-" + r.Kind, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		if _, err := tx.One(ruleLast, nil, &r.ID); err != nil {
			return nil, err
		}
		r.ID++
		_, err := tx.Exec(ruleInsert, r.ID, r.Kind, int64(r.Day.Pack()), strings.Join(r.Methods, " "), r.Reference, c.Micros(), actor.ID, c.Act[:])
		return r.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return r, proven, nil
}

func (r *Rule) body() []byte {
	b := append([]byte(`"delivery_`), r.Kind...)
	b = append(r.Day.AppendTo(append(b, `":{"from":"`...)), '"')
	if r.Methods != nil {
		b = append(b, `,"methods":[`...)
		for i, m := range r.Methods {
			if i > 0 {
				b = append(b, ',')
			}
			b = receipt.AppendString(b, m)
		}
		b = append(b, ']')
	}
	return append(receipt.AppendString(append(b, `,"reference":`...), r.Reference), '}')
}

// Debt is how one agency stands with what the law owes it.
type Debt struct {
	Agency     ids.LegalID  `json:"agency"`
	Name       string       `json:"name"`
	Deliveries int64        `json:"deliveries"` // asked for so far
	Delivered  time.Time    `json:"delivered,omitzero"`
	Due        persian.Date `json:"due"`
	Late       int          `json:"days_late"`
}

// Clock is the six months' clock: the day from which they count, every
// decision, and how each agency stands, the latest first.
type Clock struct {
	Entry     persian.Date `json:"entry_into_force,omitzero"`
	Due       persian.Date `json:"due,omitzero"`
	Decisions []Rule       `json:"decisions"`
	Agencies  []Debt       `json:"agencies"`
}

// Clock tells how agencies stand with the six months (law B.5, note 2). An
// agency that never asked is late too: it is the registry's to remind it.
func (b *Book) Clock(ctx context.Context, actor journal.Actor) (*Clock, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	r, err := b.rules(ctx)
	if err != nil {
		return nil, err
	}
	out := &Clock{Entry: r.entry, Agencies: []Debt{}}
	if out.Decisions, err = b.decisions(ctx); err != nil || r.entry.IsZero() {
		return out, err
	}
	out.Due = r.entry.AddMonths(dueMonths)
	type had struct{ n, first int64 }
	of := map[ids.LegalID]had{}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
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
		d := Debt{Agency: a.ID, Name: a.Name, Deliveries: h.n, Delivered: moment(h.first), Due: out.Due}
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
