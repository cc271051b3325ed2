package exception

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// State is how a ticket stands.
type State uint8

// The states of a ticket, as they are stored.
const (
	Waiting   State = 1 // for its inquiry
	Completed State = 2
	Late      State = 3 // it was handed in too late: it cannot be completed
)

var states = [...]string{Waiting: "open", Completed: "completed", Late: "late"}

// String is the state's name on the wire.
func (s State) String() string { return states[s] }

// MarshalText makes s fit for JSON.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Ticket is a registered outage ticket.
type Ticket struct {
	ID          int64            `json:"id"`
	Hash        string           `json:"ticket"`
	Code        string           `json:"provisional_code"`
	Agency      ids.LegalID      `json:"agency"`
	Certificate string           `json:"certificate"`
	Number      int64            `json:"number"`
	Officer     string           `json:"officer"`
	Purpose     string           `json:"purpose"`
	Process     string           `json:"process,omitempty"`
	File        string           `json:"file"`
	Service     string           `json:"service"`
	Error       string           `json:"error"`
	Issued      time.Time        `json:"issued"`
	Registered  time.Time        `json:"registered"`
	State       State            `json:"state"`
	Unresolved  bool             `json:"unresolved"` // late, or its time is over
	Flagged     bool             `json:"flagged"`    // the service answered the agency around that moment
	Due         time.Time        `json:"due"`
	Inquiry     ids.TrackingCode `json:"tracking_code,omitempty"`
	Completed   time.Time        `json:"completed,omitzero"`

	ticket *client.Ticket
}

func (t *Ticket) completedBy(at time.Time) bool {
	return t.State == Completed && t.Completed.Before(at)
}

func (t *Ticket) unresolvedBy(at time.Time) bool {
	return t.State == Late || !t.completedBy(at) && t.Due.Before(at)
}

// fill takes over what the ticket itself says.
func (t *Ticket) fill(c *client.Ticket) {
	sum := c.Hash()
	t.ticket, t.Hash, t.Code = c, hex.EncodeToString(sum[:]), c.Code()
	t.Certificate, t.Number, t.Issued = hex.EncodeToString(c.Certificate[:]), c.Number, c.Time
	t.Officer, t.Purpose, t.Process, t.File, t.Service, t.Error = c.Officer, c.Purpose, c.Process, c.File, c.Service, c.Error
}

func scanTicket(scan func(...any) error) (*Ticket, error) {
	t := &Ticket{}
	var hash, certificate []byte
	var file, inquiry string
	var of, issued, registered, state, flagged, due, completed int64
	err := scan(&t.ID, &hash, &t.Code, &of, &certificate, &t.Number, &file, &issued, &registered, &state, &flagged, &due, &inquiry, &completed)
	if err != nil {
		return nil, err
	}
	c, err := client.ParseTicket([]byte(file))
	if err != nil {
		return nil, err // nobody can have written it but Register
	}
	t.fill(c)
	t.Agency, t.Registered, t.Due = ids.LegalID(of), time.UnixMicro(registered).UTC(), time.UnixMicro(due).UTC()
	t.State, t.Flagged, t.Inquiry = State(state), flagged != 0, ids.TrackingCode(inquiry)
	if completed != 0 {
		t.Completed = time.UnixMicro(completed).UTC()
	}
	return t, nil
}

// Handing hands a ticket in.
type Handing struct {
	Ticket string `json:"ticket"` // its file
}

var (
	errForm    = fault.New(fault.Invalid, "exception.ticket.form").At("ticket")
	errKey     = fault.New(fault.Invalid, "exception.ticket.certificate").At("ticket")
	errSigned  = fault.New(fault.Invalid, "exception.ticket.signature").At("ticket")
	errOfficer = fault.New(fault.Invalid, "exception.ticket.officer").At("ticket")
	errFuture  = fault.New(fault.Invalid, "exception.ticket.future").At("ticket")
	errService = fault.New(fault.Invalid, "exception.ticket.service").At("ticket")
	errKnown   = fault.New(fault.Conflict, "exception.ticket.known").At("ticket")
	errChain   = fault.New(fault.Conflict, "exception.ticket.chain").At("ticket")
	errTicket  = fault.New(fault.NotFound, "exception.ticket.unknown").At("ticket")
)

// skew is how far an agency's clock may be from ours.
const skew = 5 * time.Minute

// Register takes a ticket of the actor's agency, from its program or any officer
// of it: the ticket's own signature is what counts. Faults: exception.ticket.form,
// .certificate, .signature, .officer, .service, .future, .known, .chain.
func (b *Book) Register(ctx context.Context, actor journal.Actor, in *Handing) (*Ticket, journal.Proven, error) {
	c, err := client.ParseTicket([]byte(in.Ticket))
	if err != nil {
		return nil, journal.Proven{}, errForm
	}
	if err := b.genuine(actor.Agency, c); err != nil {
		return nil, journal.Proven{}, err
	}
	answered, err := b.answered(ctx, actor.Agency, c)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Exception, Actor: actor, Why: "ticket-registered", Agency: actor.Agency, Clock: b.Clock}
	var t *Ticket
	proven, err := register.Do(ctx, b.DB, b.Journal, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		t = &Ticket{Agency: actor.Agency, Registered: ch.At.UTC(), State: Waiting, Flagged: answered}
		t.fill(c)
		if t.Due = t.Registered.Add(b.Within); t.Registered.Sub(c.Time) > b.Within {
			t.State, t.Due, t.Unresolved = Late, t.Registered, true
		}
		if err := follows(tx, t); err != nil {
			return nil, err
		}
		return t.body(), t.insert(tx, ch)
	})
	if store.IsDuplicate(err) {
		err = errKnown // another connection was quicker with the same number
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return t, proven, nil
}

// genuine makes sure that a ticket was signed for this agency, with a key that
// counted then.
func (b *Book) genuine(of ids.LegalID, c *client.Ticket) error {
	all := b.Agencies.Certificates(of)
	i := slices.IndexFunc(all, func(o *agency.Certificate) bool { return o.Fingerprint == c.Certificate })
	if i < 0 || c.Agency != of.String() {
		return errKey // another agency's certificate is as good as none
	}
	own := all[i]
	cert, err := x509.ParseCertificate(own.DER)
	if err != nil {
		return errKey.Because(err)
	}
	_, unknown := b.Agencies.Officer(of, c.Officer)
	switch {
	case c.Verify(cert) != nil:
		return errSigned
	case !own.Revoked.IsZero() && !c.Time.Before(own.Revoked):
		return errKey
	case unknown != nil, own.Officer != "" && own.Officer != c.Officer:
		return errOfficer
	case c.Time.After(b.Clock().Add(skew)):
		return errFuture
	case !slices.Contains(services, c.Service):
		return errService
	}
	return nil
}

// services that a ticket can stand for: those that an inquiry asks about one
// person or place.
var services = []string{"identity", "shenasnameh", "card", "residence", "place", "predicate"}

// follows makes sure that a ticket is the next of its certificate.
func follows(tx *store.Tx, t *Ticket) error {
	newest, err := oneTicket(tx, ticketNewest, t.ticket.Certificate[:])
	if err != nil {
		return err
	}
	known, err := oneTicket(tx, ticketByHash, unhex(t.Hash))
	switch {
	case err != nil:
		return err
	case known != nil:
		return errKnown
	case newest == nil && t.Number != 1, newest != nil && !t.ticket.Follows(newest.ticket):
		return errChain
	}
	return nil
}

func oneTicket(tx *store.Tx, q *store.Query, by []byte) (t *Ticket, err error) {
	err = tx.Each(q, []any{by}, func(scan func(...any) error) (err error) {
		t, err = scanTicket(scan)
		return err
	})
	return t, err
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil // no ticket has this name
	}
	return b
}

func (t *Ticket) insert(tx *store.Tx, ch *register.Change) error {
	if _, err := tx.One(ticketLast, nil, &t.ID); err != nil {
		return err
	}
	t.ID++
	flagged := 0
	if t.Flagged {
		flagged = 1
	}
	_, err := tx.Exec(ticketInsert, t.ID, unhex(t.Hash), t.Code, int64(t.Agency), t.ticket.Certificate[:], t.Number, string(t.ticket.Append(nil)),
		t.Issued.UnixMicro(), t.Registered.UnixMicro(), int64(t.State), flagged, t.Due.UnixMicro(), ch.Act[:])
	return err
}

// body is what the journal says of a ticket.
func (t *Ticket) body() []byte {
	b := append(append([]byte(`"ticket":{"sha256":"`), t.Hash...), `","provisional_code":"`...)
	b = append(append(append(b, t.Code...), `","certificate":"`...), t.Certificate...)
	b = strconv.AppendInt(append(b, `","number":`...), t.Number, 10)
	b = append(append(append(b, `,"state":"`...), t.State.String()...), '"')
	if t.Flagged {
		b = append(b, `,"flagged":true`...)
	}
	return append(b, '}')
}

// around is how long before and after a ticket the log is looked at.
const around = time.Minute

// mostSeen bounds how much of the log is looked at for one ticket.
const mostSeen = 1000

// answered looks into the log: whether the service answered the agency's
// inquiries while it could not be reached, or both just before and just after.
func (b *Book) answered(ctx context.Context, of ids.LegalID, c *client.Ticket) (bool, error) {
	before, after := false, false
	page := journal.Page{After: journal.CursorAt(c.Time.Add(around)), Limit: 100}
	for seen := 0; seen < mostSeen; seen += page.Limit {
		l, err := b.Journal.ByAgency(ctx, of, page)
		if err != nil {
			return false, err
		}
		page.After = l.Next
		for i := range l.Entries {
			e := &l.Entries[i]
			switch {
			case e.Time.Before(c.Since.Add(-around)):
				return before && after, nil
			case e.Kind != receipt.Inquiry:
				continue
			case e.Time.Before(c.Since):
				before = true
			case !e.Time.After(c.Time):
				return true, nil
			}
			if e.Time.After(c.Time) && !after { // one is enough: a busy minute must not hide what was before
				after, page.After = true, journal.CursorAt(c.Time.Add(time.Microsecond))
				break
			}
		}
		if before && after || page.After.IsZero() {
			break
		}
	}
	return before && after, nil
}

// Completing names the inquiry that a ticket stood for.
type Completing struct {
	Ticket string           `json:"ticket"` // its hash, hexadecimal
	Code   ids.TrackingCode `json:"code"`
	Salt   string           `json:"salt"` // of the ticket's hash of the number, hexadecimal
}

var (
	errSalt      = fault.New(fault.Invalid, "exception.salt").At("salt")
	errCode      = fault.New(fault.NotFound, "exception.code").At("code")
	errUsed      = fault.New(fault.Conflict, "exception.code.used").At("code")
	errRefused   = fault.New(fault.Invalid, "exception.code.refused").At("code")
	errEarlier   = fault.New(fault.Invalid, "exception.code.earlier").At("code")
	errMatter    = fault.New(fault.Invalid, "exception.code.matter").At("code")
	errPerson    = fault.New(fault.Invalid, "exception.code.person").At("code")
	errOver      = fault.New(fault.Conflict, "exception.ticket.over").At("ticket")
	errCompleted = fault.New(fault.Conflict, "exception.ticket.completed").At("ticket")
)

// Complete closes a ticket of the actor's agency with its inquiry, for its
// program or any officer. Faults:
// exception.ticket.unknown, .over, .completed; exception.salt; exception.code,
// .used, .refused, .earlier, .matter, .person.
func (b *Book) Complete(ctx context.Context, actor journal.Actor, in *Completing) (*Ticket, journal.Proven, error) {
	var t *Ticket
	err := b.DB.Read(ctx, func(tx *store.Tx) (err error) {
		t, err = oneTicket(tx, ticketByHash, unhex(in.Ticket))
		return err
	})
	switch {
	case err != nil:
		return nil, journal.Proven{}, err
	case t == nil || t.Agency != actor.Agency:
		return nil, journal.Proven{}, errTicket
	}
	if err := t.open(b.Clock()); err != nil {
		return nil, journal.Proven{}, err
	}
	entry, err := b.inquiry(ctx, t, in)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Exception, Actor: actor, Why: "ticket-completed", Subject: entry.Subject, Agency: actor.Agency, Clock: b.Clock}
	proven, err := register.Do(ctx, b.DB, b.Journal, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		other := int64(0)
		if used, err := tx.One(ticketUsed, []any{string(in.Code)}, &other); err != nil {
			return nil, err
		} else if used {
			return nil, errUsed
		}
		n, err := tx.Exec(ticketComplete, string(in.Code), ch.Micros(), t.ID)
		if err == nil && n != 1 {
			err = errCompleted
		}
		t.State, t.Inquiry, t.Completed = Completed, in.Code, ch.At.UTC()
		return append(append(append(t.body(), `,"of":"`...), in.Code...), '"'), err
	})
	if store.IsDuplicate(err) {
		err = errUsed
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return t, proven, nil
}

// open refuses a ticket that cannot be completed any more.
func (t *Ticket) open(now time.Time) error {
	switch {
	case t.State == Completed:
		return errCompleted
	case t.State == Late || t.Due.Before(now):
		return errOver
	}
	return nil
}

// asked is what the record of an inquiry says of its matter.
type asked struct {
	Purpose, Process, File, Service, Outcome string
	Question                                 struct {
		Number string `json:"national_number"`
		Postal string `json:"postal_code"`
	}
}

// inquiry finds the inquiry and holds it against the ticket.
func (b *Book) inquiry(ctx context.Context, t *Ticket, in *Completing) (*journal.Proven, error) {
	salt := unhex(in.Salt)
	if len(salt) != 32 {
		return nil, errSalt
	}
	p, found, err := b.Journal.ByCode(ctx, in.Code)
	switch {
	case err != nil:
		return nil, err
	case !found || p.Agency != t.Agency || p.Kind != receipt.Inquiry || p.Record == nil:
		return nil, errCode
	}
	var r asked
	if err := json.Unmarshal(p.Record, &r); err != nil {
		return nil, errors.New("exception: the record of an inquiry cannot be read")
	}
	number := r.Question.Number
	if r.Service == "place" {
		number = r.Question.Postal
	}
	switch {
	case r.Outcome == "refused":
		return nil, errRefused
	case p.Time.Before(t.ticket.Since.Add(-skew)):
		return nil, errEarlier
	case r.Service != t.Service || r.Purpose != t.Purpose || r.Process != t.Process || r.File != t.File:
		return nil, errMatter
	case client.Asking([32]byte(salt), number) != t.ticket.Asked:
		return nil, errPerson
	}
	return p, nil
}

// TicketFilter chooses tickets.
type TicketFilter struct {
	Agency     ids.LegalID `json:"agency"`           // for who sees all; absent: all
	Code       string      `json:"provisional_code"` // as it stands on somebody's paper
	Unresolved bool        `json:"unresolved"`       // only those that are late, or whose time is over
	Waiting    bool        `json:"waiting"`          // only those that still wait for their inquiry
	Flagged    bool        `json:"flagged"`          // only those that the log speaks against
	After      int64       `json:"after"`            // next of the page before
	Limit      int         `json:"limit"`            // at most 1000; 0: 100
}

// Tickets lists tickets in order of registering: an agency's head its own,
// those who oversee all. next is where the next page begins; 0: there is none.
func (b *Book) Tickets(ctx context.Context, actor journal.Actor, f *TicketFilter) (all []*Ticket, next int64, err error) {
	of, err := whose(actor, f.Agency, []string{agency.RoleHead})
	if err != nil {
		return nil, 0, err
	}
	limit, err := limited(f.Limit)
	if err != nil {
		return nil, 0, err
	}
	now := b.Clock()
	code, ok := client.ParseProvisional(f.Code)
	if f.Code != "" && !ok {
		return nil, 0, fault.New(fault.Invalid, "exception.ticket.code").At("provisional_code")
	}
	q, args := ticketLists.Page(store.ByID(false), f.After, limit+1, store.If(of != 0, int64(of)), store.If(ok, code),
		store.If(f.Flagged), store.If(f.Waiting), store.If(f.Unresolved, now.UnixMicro()))
	err = b.DB.Read(ctx, func(tx *store.Tx) error {
		all = []*Ticket{}
		return tx.Each(q, args, func(scan func(...any) error) error {
			t, err := scanTicket(scan)
			if err == nil {
				t.Unresolved = t.unresolvedBy(now)
				all = append(all, t)
			}
			return err
		})
	})
	if len(all) > limit {
		all, next = all[:limit], all[limit-1].ID
	}
	return all, next, err
}
