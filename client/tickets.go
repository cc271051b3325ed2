package client

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Tickets is where an agency keeps its outage tickets until they are settled: a
// directory, with one below it for each certificate. Several programs may issue
// from one directory at a time.
//
//	00000001.ticket         the ticket: for the server, and for whoever asks
//	00000001.question       what would be asked, and the salt: personal data,
//	                        mode 0600, deleted when the ticket is completed
//	00000001.registered     the server has taken it
//	00000001.receipt.json   receipt of the inquiry that completed it
type Tickets struct {
	dir    string
	cert   *x509.Certificate
	key    crypto.Signer
	finger [32]byte
}

// OpenTickets opens the directory for a certificate; it is made when the first
// ticket is issued.
func OpenTickets(dir, certFile, keyFile string) (*Tickets, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("client: certificate: %w", err)
	}
	t := &Tickets{finger: sha256.Sum256(pair.Certificate[0])}
	if t.cert, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
		return nil, fmt.Errorf("client: certificate: %w", err)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("client: the certificate's key cannot sign")
	}
	t.key, t.dir = key, filepath.Join(dir, hex.EncodeToString(t.finger[:8]))
	return t, nil
}

// Kept is one ticket of the directory and how it stands.
type Kept struct {
	*Ticket
	Registered bool   // the server has it
	Completed  string // tracking code of the inquiry; empty: not yet

	question *kept // nil: completed, or the question was lost
}

// kept is what is needed to ask later.
type kept struct {
	Salt     [32]byte `json:"-"`
	Hex      string   `json:"salt"`
	Once     string   `json:"once"` // idempotency key of the inquiry
	Question Question `json:"question"`
}

// Issue issues the next ticket of the chain for a question that could not be
// asked. since is when the first try began, why one of TicketErrors, and once the
// idempotency key of the try, under which the inquiry is made later; empty: a
// new one. When it returns the ticket is on disk.
func (t *Tickets) Issue(q Question, since time.Time, why, once string) (*Ticket, error) {
	number := q.NationalNumber
	if q.Service == "place" {
		number = q.PostalCode
	}
	if len(digits(number)) != 10 {
		return nil, errors.New("client: a ticket needs the number that would be asked")
	}
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	k := kept{Question: q, Once: once}
	_, _ = rand.Read(k.Salt[:]) // never fails
	if k.Hex = hex.EncodeToString(k.Salt[:]); once == "" {
		k.Once = "ticket-" + rand.Text()
	}
	for {
		before, err := t.last()
		if err != nil {
			return nil, err
		}
		n := &Ticket{
			Agency: t.cert.Subject.SerialNumber, Certificate: t.finger, Number: 1,
			Officer: q.Officer, Purpose: q.Purpose, Process: q.Process, File: q.File, Service: q.Service,
			Asked: Asking(k.Salt, number), Since: since, Time: time.Now(), Error: why,
		}
		if before != nil {
			n.Number, n.Before = before.Number+1, before.Hash()
			if n.Time.Before(before.Time) { // the clock was set back
				n.Time = before.Time
			}
		}
		if n.Since, n.Time = n.Since.UTC().Truncate(time.Microsecond), n.Time.UTC().Truncate(time.Microsecond); n.Since.After(n.Time) {
			n.Since = n.Time
		}
		if err := n.Sign(t.key); err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
		if !n.whole() {
			return nil, errors.New("client: officer, purpose, file and service must be given, in at most 200 bytes each")
		}
		err = t.keep(n, &k)
		if errors.Is(err, fs.ErrExist) {
			continue // another program has issued this number meanwhile
		}
		return n, err
	}
}

// keep writes a ticket. The question is there before the ticket is, and the
// ticket appears whole and only if its number is free: a crash leaves a ticket
// with its question, or none.
func (t *Tickets) keep(n *Ticket, k *kept) error {
	question, err := json.Marshal(k)
	if err != nil {
		return err
	}
	draft := t.path(n.Number, "draft-"+rand.Text())
	if err := writeFile(t.asked(n), question); err != nil {
		return err
	}
	if err := writeFile(draft, append(n.Append(nil), '\n')); err != nil {
		return err
	}
	err = os.Link(draft, t.path(n.Number, "ticket")) // fails if it exists
	if err != nil {
		_ = os.Remove(t.asked(n))
	}
	return errors.Join(err, os.Remove(draft), syncDir(t.dir))
}

// asked is the file of a ticket's question. It is named after the salted hash,
// so that two programs which try for one number do not share it.
func (t *Tickets) asked(n *Ticket) string {
	return t.path(n.Number, hex.EncodeToString(n.Asked[:8])+".question")
}

// File is the file of a ticket.
func (t *Tickets) File(number int64) string { return t.path(number, "ticket") }

func (t *Tickets) path(number int64, kind string) string {
	return filepath.Join(t.dir, fmt.Sprintf("%08d.%s", number, kind))
}

func writeFile(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("client: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// numbers are the numbers of the tickets there are, in order.
func (t *Tickets) numbers() (all []int64, err error) {
	entries, err := os.ReadDir(t.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("client: %w", err)
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".ticket"); ok {
			n, err := strconv.ParseInt(name, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("client: %s is no ticket", e.Name())
			}
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

func (t *Tickets) last() (*Ticket, error) {
	all, err := t.numbers()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return t.read(all[len(all)-1])
}

func (t *Tickets) read(number int64) (*Ticket, error) {
	data, err := os.ReadFile(t.path(number, "ticket"))
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	n, err := ParseTicket(data)
	if err == nil && n.Number != number {
		err = ErrTicket
	}
	return n, err
}

// List gives the tickets in order, and says if the chain is not whole.
func (t *Tickets) List() (all []*Kept, err error) {
	numbers, err := t.numbers()
	if err != nil {
		return nil, err
	}
	var before *Ticket
	for _, number := range numbers {
		n, err := t.read(number)
		if err != nil {
			return all, err
		}
		if err := n.Verify(t.cert); err != nil {
			return all, err
		}
		if !n.Follows(before) {
			return all, fmt.Errorf("client: ticket %d does not follow the one before it", number)
		}
		k, err := t.state(n)
		if err != nil {
			return all, err
		}
		all, before = append(all, k), n
	}
	return all, nil
}

// state finds out how a ticket stands.
func (t *Tickets) state(n *Ticket) (*Kept, error) {
	k := &Kept{Ticket: n}
	_, err := os.Stat(t.path(n.Number, "registered"))
	k.Registered = err == nil
	if data, err := os.ReadFile(t.path(n.Number, "receipt.json")); err == nil {
		var r struct{ Record struct{ Code string } }
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
		k.Completed = r.Record.Code
		_ = os.Remove(t.asked(n)) // what a crash left behind
		return k, nil
	}
	data, err := os.ReadFile(t.asked(n))
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	} else if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	k.question = &kept{}
	if err := json.Unmarshal(data, k.question); err != nil || !hash(&k.question.Salt, k.question.Hex) {
		return nil, fmt.Errorf("client: the question of ticket %d cannot be read", n.Number)
	}
	return k, nil
}

// errLost: without its question a ticket stays open for ever.
var errLost = errors.New("client: the question of this ticket is lost")

// Settle brings tickets to the server and makes the inquiries that they stand
// for: first all that are not registered, in order, then the questions. After
// each ticket it calls told, with the answer once the ticket is completed. It
// may be broken off and called again at any time.
//
// A ticket that the server does not take ends the registering, for the ones
// behind it could not be taken either.
func (c *Client) Settle(ctx context.Context, t *Tickets, told func(k *Kept, a *Answer, err error)) error {
	all, err := t.List()
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.Registered {
			continue
		}
		if err := c.registerTicket(ctx, t, k); err != nil {
			told(k, nil, err)
			return err
		}
	}
	for _, k := range all {
		if k.Completed != "" {
			continue
		}
		a, err := c.completeTicket(ctx, t, k)
		told(k, a, err)
	}
	return nil
}

// registerTicket hands a ticket in. That the server has it already is as good.
func (c *Client) registerTicket(ctx context.Context, t *Tickets, k *Kept) error {
	_, err := c.Act(ctx, "tickets/register", map[string]string{"ticket": string(k.Append(nil))}, nil)
	var p *Problem
	if errors.As(err, &p) && p.Key == "exception.ticket.known" {
		err = nil
	}
	if err != nil {
		return err
	}
	k.Registered = true
	return writeFile(t.path(k.Number, "registered"), nil)
}

// completeTicket asks what could not be asked and names the answer's code. The
// receipt is on disk before the question is deleted.
func (c *Client) completeTicket(ctx context.Context, t *Tickets, k *Kept) (*Answer, error) {
	if k.question == nil {
		return nil, errLost
	}
	a, err := c.Inquire(ctx, k.question.Question, Key(k.question.Once))
	if err != nil {
		return nil, err
	}
	sum := k.Hash()
	_, err = c.Act(ctx, "tickets/complete", map[string]string{
		"ticket": hex.EncodeToString(sum[:]), "code": a.Code, "salt": k.question.Hex,
	}, nil)
	var p *Problem
	if errors.As(err, &p) && p.Key == "exception.ticket.completed" {
		err = nil // by this program, before it was broken off
	}
	if err != nil {
		return a, err
	}
	if err := writeFile(t.path(k.Number, "receipt.json"), append(a.Receipt.Append(nil), '\n')); err != nil {
		return a, err
	}
	k.Completed = a.Code
	return a, os.Remove(t.asked(k.Ticket))
}
