package exception

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	bank, insurer = ids.LegalID(14003552272), ids.LegalID(10100456787)
	number        = ids.NationalNumber(12345679) // 0012345679
)

var (
	ctx       = context.Background()
	operator  = journal.Actor{Role: register.Operator, ID: "tester"}
	teller    = journal.Actor{Role: agency.RoleOfficer, Agency: bank, ID: "b.teller"}
	head      = journal.Actor{Role: agency.RoleHead, Agency: bank, ID: "b.head"}
	program   = journal.Actor{Role: Program, Agency: bank, ID: Program}
	rival     = journal.Actor{Role: agency.RoleHead, Agency: insurer, ID: "i.head"}
	inspector = journal.Actor{Role: register.Inspector, Agency: 1, ID: "i1"}
	clerk     = journal.Actor{Role: register.Clerk, Agency: 1, ID: "c1"}
)

// desk is a Book with what it stands on, and a clock that journal and book share.
type desk struct {
	*testing.T
	*Book
	ca       *agency.CA
	document string

	mu  sync.Mutex
	now time.Time
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(t)
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func open(t *testing.T, url string) *desk {
	t.Helper()
	d := &desk{T: t, now: time.Now().UTC().Truncate(time.Microsecond)} // certificates are signed now
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	d.must(err)
	j, err := journal.Open(ctx, journal.Config{URL: url, Keys: keys, Clock: d.clock, Logger: slog.New(slog.DiscardHandler)})
	d.must(err)
	t.Cleanup(j.Close)
	db, err := store.Open(ctx, url, store.Register)
	d.must(err)
	t.Cleanup(func() { _ = db.Close() })
	agencies, err := agency.Open(ctx, db, d.clock)
	d.must(err)
	agreements, err := agreement.Open(ctx, db, d.clock)
	d.must(err)
	d.ca, err = agency.NewCA(filepath.Join(t.TempDir(), "ca"), "Test")
	d.must(err)
	for id, login := range map[ids.LegalID]string{bank: "b.teller", insurer: "i.head"} {
		_, err := agencies.Register(ctx, j, operator, &agency.Agency{ID: id, Name: "دستگاه نمونه " + id.Persian()})
		d.must(err)
		_, err = agencies.AddOfficer(ctx, j, operator, &agency.Officer{
			Agency: id, Login: login, Name: "نمونه", Role: agency.RoleOfficer, Until: persian.Date{Year: 1450, Month: 1, Day: 1},
		})
		d.must(err)
	}
	processes, err := process.Open(ctx, process.Config{DB: db, Agencies: agencies, Agreements: agreements, Clock: d.clock})
	d.must(err)
	_, _, err = processes.Put(ctx, j, head, &process.Entry{Code: "open", Title: "افتتاح حساب", Monthly: 10})
	d.must(err)
	d.document = processes.DocumentTypes()[0].Code
	d.Book = Open(Config{DB: db, Journal: j, Agencies: agencies, Processes: processes, Clock: d.clock})
	return d
}

// refused wants the mistakes "key field", each with a text.
func (d *desk) refused(err error, mistakes ...string) {
	d.Helper()
	f := fault.Of(err)
	if f == nil {
		d.Errorf("done, want %q", mistakes)
		return
	}
	var got []string
	for _, e := range append([]*fault.Error{f}, f.More...) {
		got = append(got, strings.TrimSpace(e.Key+" "+e.Field))
		if !message.Known(e.Key) {
			d.Errorf("%s has no text", e.Key)
		}
	}
	if strings.Join(got, "; ") != strings.Join(mistakes, "; ") {
		d.Errorf("got %q, want %q", got, mistakes)
	}
}

func (d *desk) canonical(p journal.Proven) {
	d.Helper()
	if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
		d.Errorf("the record is not canonical: %v: %s", err, p.Record)
	}
}

// signer is an agency's certificate and what it has issued.
type signer struct {
	d    *desk
	of   ids.LegalID
	key  crypto.Signer
	cert *x509.Certificate
	last *client.Ticket
}

func (d *desk) signer(of ids.LegalID, login string, key crypto.Signer) *signer {
	d.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	d.must(err)
	signed, err := d.Agencies.Enroll(ctx, d.Journal, operator, d.ca, of, login, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	d.must(err)
	block, _ := pem.Decode(signed)
	cert, err := x509.ParseCertificate(block.Bytes)
	d.must(err)
	return &signer{d: d, of: of, key: key, cert: cert}
}

func (d *desk) p256(of ids.LegalID, login string) *signer {
	d.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	d.must(err)
	return d.signer(of, login, key)
}

var salt = [32]byte{1, 2, 3}

// draft is the next ticket, not signed yet.
func (s *signer) draft() *client.Ticket {
	now := s.d.clock().Truncate(time.Microsecond)
	t := &client.Ticket{
		Agency: s.of.String(), Certificate: sha256.Sum256(s.cert.Raw), Number: 1, Officer: "b.teller", Purpose: "kyc", Process: "open",
		File: "1405-1", Service: "identity", Asked: client.Asking(salt, number.String()), Since: now, Time: now, Error: client.Unreachable,
	}
	if s.of == insurer {
		t.Officer = "i.head"
	}
	if s.last != nil {
		t.Number, t.Before = s.last.Number+1, s.last.Hash()
	}
	return t
}

func (s *signer) sign(t *client.Ticket) *client.Ticket {
	s.d.Helper()
	s.d.must(t.Sign(s.key))
	return t
}

func (s *signer) issue() *client.Ticket {
	s.d.Helper()
	s.last = s.sign(s.draft())
	return s.last
}

func file(t *client.Ticket) *Handing { return &Handing{Ticket: string(t.Append(nil))} }

func (d *desk) register(t *client.Ticket) *Ticket {
	d.Helper()
	r, p, err := d.Register(ctx, program, file(t))
	d.must(err)
	d.canonical(p)
	return r
}

// asked commits an inquiry of an agency, as package inquiry writes it.
func (d *desk) asked(of ids.LegalID, about ids.NationalNumber, outcome string, change ...string) ids.TrackingCode {
	d.Helper()
	body := fmt.Sprintf(`"agency":{"id":"%s","name":"x"},"officer":"b.teller","purpose":"kyc","process":"open","file":"1405-1","service":"identity",`+
		`"mode":"verify","question":{"national_number":"%s","birth_date":"1370-01-01"},"outcome":"%s"`, of, about, outcome)
	body = strings.NewReplacer(change...).Replace(body)
	p, err := d.Journal.Commit(ctx, journal.Entry{Kind: receipt.Inquiry, Agency: of, Subject: about, Body: []byte(body)})
	d.must(err)
	return p.Code
}

func completing(t *client.Ticket, code ids.TrackingCode) *Completing {
	sum := t.Hash()
	return &Completing{Ticket: hex.EncodeToString(sum[:]), Code: code, Salt: hex.EncodeToString(salt[:])}
}

// TestTicket: issued, registered, completed, each once.
func TestTicket(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		start := d.clock()
		_, edKey, err := ed25519.GenerateKey(rand.Reader)
		d.must(err)
		for _, s := range []*signer{d.p256(bank, ""), d.p256(bank, "b.teller"), d.signer(bank, "", edKey)} {
			first, second := s.issue(), s.issue()
			made := d.register(first)
			if made.State != Waiting || made.Flagged || made.Code != first.Code() || made.Due != d.clock().Add(72*time.Hour) || made.Number != 1 {
				t.Fatalf("%+v", made)
			}
			_, _, err = d.Register(ctx, program, file(first))
			d.refused(err, "exception.ticket.known ticket")
			d.register(second)
			d.pass(time.Minute)
			code := d.asked(bank, number, "differs")
			done, p, err := d.Complete(ctx, teller, completing(first, code))
			d.must(err)
			d.canonical(p)
			if done.State != Completed || done.Inquiry != code || p.Subject != number || !strings.Contains(string(p.Record), `"of":"`+string(code)+`"`) {
				t.Errorf("%+v %s", done, p.Record)
			}
			if bytes.Contains(p.Record, []byte(number.String())) || bytes.Contains(p.Record, []byte(hex.EncodeToString(salt[:]))) {
				t.Errorf("number or salt stand in the record: %s", p.Record)
			}
			_, _, err = d.Complete(ctx, teller, completing(first, code))
			d.refused(err, "exception.ticket.completed ticket")
			_, _, err = d.Complete(ctx, teller, completing(second, code))
			d.refused(err, "exception.code.used code")
			d.pass(5 * time.Minute)
		}
		d.figures(start, Figures{Tickets: 6, Completed: 3})
		d.pass(73 * time.Hour)
		d.figures(start, Figures{Tickets: 6, Completed: 3, Unresolved: 3})
		all, _, err := d.Tickets(ctx, head, &TicketFilter{Unresolved: true})
		if d.must(err); len(all) != 3 || all[0].Number != 2 || !all[0].Unresolved {
			t.Errorf("%+v", all)
		}
		var paged []*Ticket
		for f := (TicketFilter{Unresolved: true, Limit: 2}); ; {
			some, next, err := d.Tickets(ctx, head, &f)
			d.must(err)
			paged = append(paged, some...)
			if f.After = next; next == 0 {
				break
			}
		}
		if len(paged) != 3 || paged[1].ID != all[1].ID || paged[2].ID != all[2].ID {
			t.Errorf("by pages %+v", paged)
		}
		open, _, err := d.Tickets(ctx, head, &TicketFilter{Waiting: true, Code: all[0].Code})
		if d.must(err); len(open) != 1 || open[0].ID != all[0].ID {
			t.Errorf("%+v", open)
		}
		_, _, err = d.Complete(ctx, teller, completing(all[0].ticket, d.asked(bank, number, "confirmed")))
		d.refused(err, "exception.ticket.over ticket")
	})
}

// figures compares the bank's.
func (d *desk) figures(from time.Time, want Figures) {
	d.Helper()
	all, err := d.Figures(ctx, from, d.clock().Add(time.Hour))
	if d.must(err); all[bank] != want {
		d.Errorf("figures %+v, want %+v", all[bank], want)
	}
}

// TestForged: whatever is altered, borrowed or made up is refused, and the
// state before stays.
func TestForged(t *testing.T) {
	d := open(t, storetest.SQLite(t))
	s, other, bound := d.p256(bank, ""), d.p256(insurer, ""), d.p256(bank, "b.teller")
	_, err := d.Agencies.AddOfficer(ctx, d.Journal, operator, &agency.Officer{
		Agency: bank, Login: "b.two", Name: "نمونه", Role: agency.RoleOfficer, Until: persian.Date{Year: 1450, Month: 1, Day: 1},
	})
	d.must(err)
	whole := s.sign(s.draft())
	try := func(name, want string, n *client.Ticket) {
		t.Helper()
		_, _, err := d.Register(ctx, program, file(n))
		if f := fault.Of(err); f == nil || f.Key != "exception.ticket."+want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	alter := func(change func(*client.Ticket)) *client.Ticket {
		n := *whole
		change(&n)
		return &n
	}
	again := func(by *signer, change func(*client.Ticket)) *client.Ticket {
		n := by.draft()
		change(n)
		return by.sign(n)
	}
	try("another file number", "signature", alter(func(n *client.Ticket) { n.File = "9" }))
	try("another person", "signature", alter(func(n *client.Ticket) { n.Asked[0] ^= 1 }))
	try("another moment", "signature", alter(func(n *client.Ticket) { n.Time = n.Time.Add(time.Second) }))
	try("a flipped signature", "signature", alter(func(n *client.Ticket) { n.Signature = bytes.Clone(n.Signature); n.Signature[9] ^= 1 }))
	try("no signature", "signature", alter(func(n *client.Ticket) { n.Signature = nil }))
	try("another's certificate", "certificate", other.sign(other.draft()))
	try("another's key under our certificate", "signature", func() *client.Ticket { n := s.draft(); d.must(n.Sign(other.key)); return n }())
	try("signed for another agency", "certificate", again(s, func(n *client.Ticket) { n.Agency = insurer.String() }))
	try("an unknown certificate", "certificate", again(s, func(n *client.Ticket) { n.Certificate[0] ^= 1 }))
	try("an unknown officer", "officer", again(s, func(n *client.Ticket) { n.Officer = "b.none" }))
	try("a colleague's certificate", "officer", again(bound, func(n *client.Ticket) { n.Officer = "b.two" }))
	try("the future", "future", again(s, func(n *client.Ticket) { n.Time = n.Time.Add(time.Hour) }))
	try("before the certificate", "signature", again(s, func(n *client.Ticket) { n.Since = n.Since.AddDate(-1, 0, 0); n.Time = n.Since }))
	try("a service without tickets", "service", again(s, func(n *client.Ticket) { n.Service = "deed" }))
	try("not the first", "chain", again(s, func(n *client.Ticket) { n.Number, n.Before[0] = 2, 1 }))
	for _, text := range []string{
		"", "{}", "null", strings.Repeat("[", 5000), file(whole).Ticket + "x", strings.Replace(file(whole).Ticket, `"number":1`, `"number":1.0`, 1),
		strings.Replace(file(whole).Ticket, `"number":1`, `"number":01`, 1), strings.Replace(file(whole).Ticket, "/1", "/2", 1),
		strings.Replace(file(whole).Ticket, `"file":"1405-1"`, `"file":"1405-1","note":"x"`, 1), strings.Repeat(" ", 9000),
		strings.Replace(file(whole).Ticket, `"error":"unreachable"`, `"error":"tired"`, 1),
	} {
		if _, _, err := d.Register(ctx, program, &Handing{Ticket: text}); fault.Of(err) == nil || fault.Of(err).Key != "exception.ticket.form" {
			t.Errorf("%.60s: %v", text, err)
		}
	}
	_, err = d.Agencies.RevokeCertificate(ctx, d.Journal, operator, sha256.Sum256(bound.cert.Raw), "lost")
	d.must(err)
	d.pass(time.Second)
	try("a revoked certificate", "certificate", again(bound, func(*client.Ticket) {}))
	d.refused(func() error { _, _, err := d.Register(ctx, clerk, file(whole)); return err }(), "exception.ticket.certificate ticket")
	if all, _, err := d.Tickets(ctx, inspector, &TicketFilter{}); err != nil || len(all) != 0 {
		t.Fatalf("%d tickets came in: %v", len(all), err)
	}
	d.register(whole)
}

// TestChain: none is dropped unseen, none stands twice, and one that is too late
// does not hold up those behind it.
func TestChain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		s := d.p256(bank, "")
		first, dropped, third := s.issue(), s.issue(), s.issue()
		d.register(first)
		_, _, err := d.Register(ctx, program, file(third))
		d.refused(err, "exception.ticket.chain ticket")
		s.last = first
		twin := s.draft() // another ticket under the number of the dropped one
		twin.File = "1405-2"
		d.register(s.sign(twin))
		_, _, err = d.Register(ctx, program, file(dropped))
		d.refused(err, "exception.ticket.chain ticket")
		s.last = twin
		back := s.draft() // the clock was set back
		back.Since = back.Since.Add(-time.Second)
		back.Time = back.Since
		_, _, err = d.Register(ctx, program, file(s.sign(back)))
		d.refused(err, "exception.ticket.chain ticket")

		old := s.issue()
		d.pass(72*time.Hour + time.Second)
		late := d.register(old)
		if late.State != Late || !late.Unresolved {
			t.Errorf("%+v", late)
		}
		_, _, err = d.Complete(ctx, program, completing(old, d.asked(bank, number, "confirmed")))
		d.refused(err, "exception.ticket.over ticket")
		if next := d.register(s.issue()); next.State != Waiting || next.Number != 4 {
			t.Errorf("%+v", next)
		}
		var all sync.WaitGroup // the same one at once: one comes in
		done, n := make(chan error, 8), s.issue()
		for range 8 {
			all.Go(func() { _, _, err := d.Register(ctx, program, file(n)); done <- err })
		}
		all.Wait()
		close(done)
		in := 0
		for err := range done {
			if err == nil {
				in++
			} else {
				d.refused(err, "exception.ticket.known ticket")
			}
		}
		if in != 1 {
			t.Errorf("%d came in", in)
		}
	})
}

// TestComplete: only the agency's own inquiry about the same person and matter,
// made since, completes a ticket.
func TestComplete(t *testing.T) {
	d := open(t, storetest.SQLite(t))
	s := d.p256(bank, "")
	before := d.asked(bank, number, "confirmed")
	d.pass(10 * time.Minute)
	n := s.issue()
	d.register(n)
	d.pass(time.Minute)
	try := func(code ids.TrackingCode, want string) {
		t.Helper()
		_, _, err := d.Complete(ctx, teller, completing(n, code))
		d.refused(err, want)
	}
	try(before, "exception.code.earlier code")
	try(d.asked(insurer, number, "confirmed"), "exception.code code")
	try(d.asked(bank, number, "refused"), "exception.code.refused code")
	try(d.asked(bank, 23456780, "confirmed"), "exception.code.person code")
	try(d.asked(bank, number, "confirmed", `"file":"1405-1"`, `"file":"2"`), "exception.code.matter code")
	try(d.asked(bank, number, "confirmed", `"service":"identity"`, `"service":"predicate"`), "exception.code.matter code")
	try("12345678901234567890", "exception.code code")
	match, err := d.Journal.Commit(ctx, journal.Entry{Kind: receipt.CodeMatch, Agency: bank, Body: []byte(`"read":"match"`)})
	d.must(err)
	try(match.Code, "exception.code code")
	good := d.asked(bank, number, "not_found")
	wrong := completing(n, good)
	wrong.Salt = "zz"
	_, _, err = d.Complete(ctx, teller, wrong)
	d.refused(err, "exception.salt salt")
	wrong.Salt = strings.Repeat("00", 32)
	_, _, err = d.Complete(ctx, teller, wrong)
	d.refused(err, "exception.code.person code")
	_, _, err = d.Complete(ctx, rival, completing(n, good))
	d.refused(err, "exception.ticket.unknown ticket")
	wrong = completing(n, good)
	wrong.Ticket = "nonsense"
	_, _, err = d.Complete(ctx, teller, wrong)
	d.refused(err, "exception.ticket.unknown ticket")
	_, _, err = d.Complete(ctx, teller, completing(n, good))
	d.must(err)
}

// TestFlagged: the log speaks against a ticket if the service answered the
// agency just before and just after, or meanwhile; not if it answered others, or
// on one side alone.
func TestFlagged(t *testing.T) {
	d := open(t, storetest.SQLite(t))
	s := d.p256(bank, "")
	start := d.clock()
	flagged := func(name string, want bool) {
		t.Helper()
		if r := d.register(s.last); r.Flagged != want {
			t.Errorf("%s: flagged %v", name, r.Flagged)
		}
		d.pass(10 * time.Minute)
	}
	s.issue()
	flagged("nothing", false)

	d.asked(bank, number, "confirmed")
	d.pass(30 * time.Second)
	s.issue()
	d.pass(30 * time.Second)
	d.asked(bank, number, "refused")
	d.pass(time.Hour)
	flagged("before and after", true)

	d.asked(bank, number, "confirmed")
	d.pass(30 * time.Second)
	s.issue()
	d.pass(30 * time.Second)
	d.asked(insurer, number, "confirmed")
	flagged("others after", false)

	n := s.draft()
	d.pass(time.Second)
	d.asked(bank, number, "confirmed")
	d.pass(time.Second)
	n.Time = d.clock()
	s.last = s.sign(n)
	flagged("meanwhile", true)

	d.asked(bank, number, "confirmed")
	d.pass(2 * time.Minute)
	s.issue()
	d.pass(2 * time.Minute)
	d.asked(bank, number, "confirmed")
	flagged("long before and long after", false)
	d.figures(start, Figures{Tickets: 5, Flagged: 2})
	all, _, err := d.Tickets(ctx, inspector, &TicketFilter{Agency: bank, Flagged: true})
	if d.must(err); len(all) != 2 {
		t.Errorf("%d are listed", len(all))
	}
}

func (d *desk) copying() *Copying {
	return &Copying{
		Process: "open", Document: d.document, Reason: ServiceFailed, Law: "بخشنامه ۳۹۴۶۹۵", Article: "۲", Number: number,
		Reference: "1405-1", Until: persian.DateOf(d.clock()).AddDays(30),
	}
}

// TestCopy: recorded, listed, overdue, destroyed.
func TestCopy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		start := d.clock()
		made, p, err := d.Copied(ctx, teller, d.copying())
		d.must(err)
		d.canonical(p)
		if made.ID != 1 || !made.Person || p.Subject != number || bytes.Contains(p.Record, []byte(number.String())) {
			t.Errorf("%+v %s", made, p.Record)
		}
		nameless := d.copying()
		nameless.Number, nameless.Reason, nameless.Until = 0, LawRequires, persian.DateOf(d.clock()).AddDays(3660)
		_, _, err = d.Copied(ctx, head, nameless)
		d.must(err)
		d.pass(time.Hour)
		d.figures(start, Figures{Copies: 2})
		overdue := func(actor journal.Actor) []*Copy {
			t.Helper()
			all, err := d.Copies(ctx, actor, &CopyFilter{Overdue: true})
			d.must(err)
			return all
		}
		if len(overdue(teller)) != 0 {
			t.Error("overdue at once")
		}
		d.pass(31 * 24 * time.Hour)
		if len(overdue(teller)) != 1 || len(overdue(inspector)) != 1 || len(overdue(rival)) != 0 || !overdue(teller)[0].Overdue {
			t.Error("what is overdue is not listed, or to whom it should not be")
		}
		_, _, err = d.Destroy(ctx, rival, &Destroying{Copy: 1, Minutes: "۱"})
		d.refused(err, "exception.copy copy")
		_, _, err = d.Destroy(ctx, teller, &Destroying{Copy: 99, Minutes: "۱"})
		d.refused(err, "exception.copy copy")
		gone, p, err := d.Destroy(ctx, head, &Destroying{Copy: 1, Minutes: "صورت‌جلسه ۱۲"})
		d.must(err)
		d.canonical(p)
		if gone.Overdue || gone.Destroyer != "b.head" || p.Subject != number || len(overdue(teller)) != 0 {
			t.Errorf("%+v", gone)
		}
		_, _, err = d.Destroy(ctx, head, &Destroying{Copy: 1, Minutes: "باز"})
		d.refused(err, "exception.destroyed copy")
		all, err := d.Copies(ctx, head, &CopyFilter{})
		if d.must(err); len(all) != 2 || all[1].Person {
			t.Errorf("%+v", all)
		}
		all, err = d.Copies(ctx, inspector, &CopyFilter{After: 1, Limit: 1})
		if d.must(err); len(all) != 1 || all[0].ID != 2 {
			t.Errorf("%+v", all)
		}
	})
}

// TestBadCopy: each mistake is told, and nothing is recorded.
func TestBadCopy(t *testing.T) {
	d := open(t, storetest.SQLite(t))
	today := persian.DateOf(d.clock())
	for want, change := range map[string]func(*Copying){
		"exception.fee fee":           func(c *Copying) { c.Fee = 1 },
		"exception.reason reason":     func(c *Copying) { c.Reason = "custom" },
		"exception.process process":   func(c *Copying) { c.Process = "none" },
		"exception.document document": func(c *Copying) { c.Document = "none" },
		"exception.past destroy_by":   func(c *Copying) { c.Until = today.AddDays(-1) },
		"exception.kept destroy_by":   func(c *Copying) { c.Until = today.AddDays(367) },
		"exception.day destroy_by":    func(c *Copying) { c.Until.Day = 0 },
		"exception.missing law":       func(c *Copying) { c.Law = " " },
		"exception.long article":      func(c *Copying) { c.Article = strings.Repeat("x", 201) },
	} {
		in := d.copying()
		change(in)
		_, _, err := d.Copied(ctx, teller, in)
		d.refused(err, want)
	}
	_, _, err := d.Copied(ctx, inspector, d.copying())
	d.refused(err, "register.role")
	_, _, err = d.Copied(ctx, rival, d.copying())
	d.refused(err, "exception.process process")
	if all, err := d.Copies(ctx, inspector, &CopyFilter{}); err != nil || len(all) != 0 {
		t.Errorf("%d were recorded: %v", len(all), err)
	}
}
