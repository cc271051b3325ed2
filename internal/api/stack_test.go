package api

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/property"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/quarter"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/usage"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// stack is the whole of it, from the listener to the files: a real store, a
// real journal, real registers, an API behind TLS.
type stack struct {
	*testing.T
	api        *API
	journal    *journal.Journal
	db         *store.DB // the register
	jobs       *job.Queue
	agencies   *agency.Book
	agreements *agreement.Book
	citizens   *citizen.Book
	deliveries *delivery.Book
	usage      *usage.Book
	board      *board.Book
	ca         *agency.CA
	caDir      string
	url        string // of the agencies' listener
	public     string // of the public listener
	logs       *safeBuffer

	bank, tax   *client                    // two agencies, each with an agreement
	nobody      *client                    // no certificate
	officers    map[string]*client         // staff, by login
	certs       map[string]tls.Certificate // theirs
	bankID      ids.LegalID
	bankCert    tls.Certificate
	agreementID int64

	ahead atomic.Int64 // how far the door's clock is ahead
}

// client is an HTTP client with or without a certificate.
type client struct {
	s    *stack
	base string
	http *http.Client
}

const officer = "a.nemuneh"

var system = journal.Actor{Role: "system", ID: "test"}

// The persons of the tests. Numbers are made up and their check digits right.
var (
	living = numberOf(1_000_001)
	dead   = numberOf(1_000_002)
	hidden = numberOf(1_000_003)
	absent = numberOf(1_000_004) // not in the register
)

func numberOf(nine int64) ids.NationalNumber {
	return ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
}

func newStack(t *testing.T, change ...func(*Config)) *stack {
	t.Helper()
	return newStackOn(t, storetest.SQLite(t), change...)
}

func newStackOn(t *testing.T, url string, change ...func(*Config)) *stack {
	t.Helper()
	ctx := t.Context()
	s := &stack{T: t, logs: &safeBuffer{}}
	logger := slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	keys := must(journal.NewKeys(filepath.Join(t.TempDir(), "keys")))(t)
	s.journal = must(journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: logger}))(t)
	t.Cleanup(s.journal.Close)
	db := must(store.Open(ctx, url, store.Register))(t)
	t.Cleanup(func() { _ = db.Close() })
	s.agencies = must(agency.Open(ctx, db, s.clock))(t)
	s.agreements = must(agreement.Open(ctx, db, s.clock))(t)
	s.fill(ctx, db)
	persons, places := must(person.Open(ctx, db))(t), must(place.Open(ctx, db))(t)
	persons.Places = places
	s.db, s.jobs = db, must(job.Open(ctx, db))(t)
	cases := must(discrepancy.Open(ctx, db, persons))(t)
	notices := must(notice.Open(ctx, db, persons, places, cases))(t)
	persons.HandleCardRuns(s.jobs, s.journal)
	notices.Serve(s.jobs)
	feeds := feed.Open(db, s.journal, persons, s.agreements)
	feeds.Caller = feed.NewCaller(must(feed.LoadKey(filepath.Join(t.TempDir(), "webhook.key")))(t), nil, nil)
	s.citizens = must(citizen.Open(ctx, db, persons, s.agencies))(t)
	processes := must(process.Open(ctx, process.Config{DB: db, Agencies: s.agencies, Agreements: s.agreements, Clock: s.clock}))(t)
	desk := inquiry.Open(inquiry.Config{
		Persons: persons, Places: places, Agencies: s.agencies, Agreements: s.agreements,
		Processes: processes, Citizens: s.citizens, Journal: s.journal,
	})
	s.caDir = filepath.Join(t.TempDir(), "ca")
	s.ca = must(agency.NewCA(s.caDir, "Estelam test"))(t)
	image := must(mirror.Open(mirror.Config{Dir: filepath.Join(t.TempDir(), "image"), Persons: persons, Journal: s.journal}))(t)
	s.openBoard()
	s.deliveries = must(delivery.Open(ctx, delivery.Config{
		DB: db, Journal: s.journal, Persons: persons, Places: places, Agencies: s.agencies, Agreements: s.agreements, Board: s.board,
		Mirror: image, Feeds: feeds, Jobs: s.jobs, Dir: filepath.Join(t.TempDir(), "deliveries"), Node: "n1", Clock: s.clock,
	}))(t)
	s.deliveries.Serve()
	c := Config{
		Citizens: s.citizens, Complaints: must(complaint.Open(ctx, db, s.agencies, processes))(t),
		Desk: desk, Journal: s.journal, Agencies: s.agencies, Agreements: s.agreements,
		Persons: persons, Places: places, Cases: cases, Notices: notices, Feeds: feeds, Deliveries: s.deliveries, Board: s.board, Jobs: s.jobs,
		Deadlines: s.openDeadlines(),
		Quality:   quality.Open(db, persons, places, feeds), Properties: s.properties(persons, places),
		Roots: s.ca.Pool(), Clock: s.clock, Logger: logger,
		Limits: Limits{PerMinute: 1_000_000, Hold: 20 * time.Millisecond},
	}
	for _, f := range change {
		f(&c)
	}
	if c.CA = s.ca; c.Processes == nil {
		c.Processes = processes
	}
	c.Usage = usage.Open(db, s.journal)
	c.Processes.Usage, s.usage = c.Usage, c.Usage
	c.Exceptions = exception.Open(exception.Config{DB: db, Journal: s.journal, Agencies: s.agencies, Processes: processes, Clock: s.clock})
	c.Compliance = compliance.Open(compliance.Config{
		DB: db, Agencies: s.agencies, Agreements: s.agreements, Places: places, Quality: c.Quality, Processes: c.Processes,
		Usage: c.Usage, Board: s.board, Clock: s.clock, Sources: map[string]compliance.Source{"process": compliance.Of(c.Processes.Figures, c.Processes.Rows)},
	})
	c.Audits = audit.Open(audit.Config{DB: db, Journal: s.journal, Agencies: s.agencies, Agreements: s.agreements, Persons: persons, Jobs: s.jobs, Clock: s.clock})
	c.Audits.Serve()
	c.Quarters = quarter.Open(quarter.Config{
		DB: db, Journal: s.journal, Agencies: s.agencies, Agreements: s.agreements, Processes: processes, Usage: c.Usage,
		Exceptions: c.Exceptions, Complaints: c.Complaints, Audits: c.Audits, Board: s.board, Deadlines: c.Deadlines, Clock: s.clock,
	})
	s.api = New(c)
	s.url = "https://" + s.serve(s.api.Agencies(), true)
	s.public = "http://" + s.serve(s.api.Public(), false)
	s.bankID, s.bank, s.bankCert = s.enrol(1, 1_000)
	_, s.tax, _ = s.enrol(2, 0)
	s.nobody = s.client(nil)
	return s
}

// properties checks lists of properties against an image of these persons.
func (s *stack) properties(persons *person.Book, places *place.Book) *property.Book {
	s.Helper()
	image := must(mirror.Open(mirror.Config{Dir: s.TempDir(), Persons: persons, Journal: s.journal}))(s.T)
	return property.Open(property.Config{Journal: s.journal, Persons: persons, Places: places, Agreements: s.agreements, Mirror: image, Clock: s.clock})
}

func (s *stack) clock() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// must turns a result and an error into the result.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func name(s string) persian.Name {
	n, err := persian.ParseName(s)
	if err != nil {
		panic(err)
	}
	return n
}

const postal ids.PostalCode = 1_416_932_790

func (s *stack) fill(ctx context.Context, db *store.DB) {
	s.Helper()
	born := persian.Date{Year: 1370, Month: 1, Day: 1}
	one := person.Person{
		Number: living, Given: name("آزمون"), Surname: name("نمونه‌ای"), Father: name("فرضی"), Born: born,
		Sex: person.Female, State: person.Active, Postal: postal, ResidenceSince: persian.Date{Year: 1400, Month: 2, Day: 3},
		Shenasnameh: person.Shenasnameh{Number: 12},
	}
	two, three := one, one
	two.Number, two.State, two.Died = dead, person.Deceased, persian.Date{Year: 1399, Month: 5, Day: 6}
	three.Number, three.State = hidden, person.Protected
	_, err := person.Load(ctx, db, func(yield func(person.Person, error) bool) {
		_ = yield(one, nil) && yield(two, nil) && yield(three, nil)
	}, nil)
	if err != nil {
		s.Fatal(err)
	}
	_, err = place.Load(ctx, db, func(yield func(place.Place, error) bool) {
		yield(place.Place{Code: postal, Province: "تهران", County: "تهران", Locality: "تهران", LocalityKind: "شهر", Street: "فرضی", House: "1", State: place.Active}, nil)
	}, nil)
	if err != nil {
		s.Fatal(err)
	}
}

// enrol registers an agency with an officer, a certificate and an agreement.
func (s *stack) enrol(n int64, quota int64) (ids.LegalID, *client, tls.Certificate) {
	s.Helper()
	ctx := s.Context()
	ten := 1_400_000_000 + n
	id := ids.LegalID(ten*10 + ids.LegalCheckDigit(ten))
	_, err := s.agencies.Register(ctx, s.journal, system, &agency.Agency{ID: id, Name: "دستگاه آزمایشی " + persian.Digits(itoa(n))})
	s.ok(err)
	_, err = s.agencies.AddOfficer(ctx, s.journal, system, &agency.Officer{
		Agency: id, Login: officer, Name: "نمونه فرضی", Role: agency.RoleOfficer, Until: persian.Date{Year: 1450, Month: 1, Day: 1}, State: agency.Active,
	})
	s.ok(err)
	cert := s.certificate(id, "")
	a := &agreement.Agreement{Agency: id, From: time.Now().Add(-time.Hour), Until: time.Now().AddDate(9, 0, 0), Service: "10031094100"}
	for i, sv := range agreement.Services {
		fields := sv.Fields
		if sv.Name == inquiry.Identity {
			fields = fields[:5] // not life_status, death_date
		}
		a.Clauses = append(a.Clauses, agreement.Clause{
			No: i + 1, Service: sv.Name, Modes: sv.Modes, SearchKeys: sv.Keys, Fields: fields,
			Purposes: []string{"account-opening"}, DailyQuota: quota,
		})
	}
	_, err = s.agreements.Put(ctx, s.journal, system, a)
	s.ok(err)
	s.agreementID = a.ID
	return id, s.client(&cert), cert
}

func (s *stack) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// certificate has one signed for a new key, for an agency's program or, with a
// login, for one officer.
func (s *stack) certificate(id ids.LegalID, login string) tls.Certificate {
	s.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(s.T)
	der := must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key))(s.T)
	csr := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	signed := must(s.agencies.Enroll(s.Context(), s.journal, system, s.ca, id, login, csr))(s.T)
	block, _ := pem.Decode(signed)
	return tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: key}
}

// forge makes a certificate that the register does not know: signed by the
// registry's own authority, or by a stranger's.
func (s *stack) forge(byOurs bool, usage x509.ExtKeyUsage) tls.Certificate {
	s.Helper()
	dir := s.caDir
	if !byOurs {
		dir = filepath.Join(s.TempDir(), "stranger")
		must(agency.NewCA(dir, "Stranger"))(s.T)
	}
	read := func(file string) []byte {
		block, _ := pem.Decode(must(os.ReadFile(filepath.Join(dir, file)))(s.T))
		return block.Bytes
	}
	parent := must(x509.ParseCertificate(read("ca.pem")))(s.T)
	signer := must(x509.ParsePKCS8PrivateKey(read("ca-key.pem")))(s.T)
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(s.T)
	der := must(x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: s.bankID.String()},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}, BasicConstraintsValid: true,
	}, parent, key.Public(), signer))(s.T)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serve listens as the program does and returns the address.
func (s *stack) serve(h http.Handler, secure bool) string {
	s.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(s.T)
	server := s.api.Server(h)
	if secure {
		server.TLSConfig = s.api.TLS(must(s.ca.ServerCertificate([]string{"127.0.0.1"}))(s.T))
		go func() { _ = server.ServeTLS(Listen(l, 0), "", "") }()
	} else {
		go func() { _ = server.Serve(l) }()
	}
	s.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

func (s *stack) client(cert *tls.Certificate) *client {
	conf := &tls.Config{RootCAs: s.ca.Pool(), MinVersion: tls.VersionTLS13}
	if cert != nil {
		// Sent whoever the server asks for.
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	tr := &http.Transport{TLSClientConfig: conf, MaxIdleConnsPerHost: 64}
	s.Cleanup(tr.CloseIdleConnections)
	return &client{s: s, base: s.url, http: &http.Client{Transport: tr, Timeout: 30 * time.Second}}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body []byte
}

// do sends a request. Headers come as name and value in turn.
func (c *client) do(method, path, body string, headers ...string) *answer {
	c.s.Helper()
	req := must(http.NewRequest(method, c.base+path, strings.NewReader(body)))(c.s.T)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header[headers[i]] = []string{headers[i+1]}
		if headers[i+1] == "" {
			delete(req.Header, headers[i])
		}
	}
	res := must(c.http.Do(req))(c.s.T)
	defer func() { _ = res.Body.Close() }()
	return &answer{res, must(io.ReadAll(res.Body))(c.s.T)}
}

func (c *client) post(path, body string, headers ...string) *answer {
	c.s.Helper()
	return c.do(http.MethodPost, path, body, headers...)
}

// problem reads a problem and checks what every problem promises.
func (a *answer) problem(t testing.TB) Problem {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%d, no problem document: %.200s", a.StatusCode, a.body)
	}
	if p.Status != a.StatusCode || p.Type != "/problems/"+p.Key || p.Fa == "" || p.En == "" || p.Title == "" || p.Kind == "" ||
		a.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(string(a.body), `"[`) {
		t.Errorf("not a whole problem: %.400s", a.body)
	}
	return p
}

// record reads the record of a receipt.
func (a *answer) record(t testing.TB) (r inquiryRecord) {
	t.Helper()
	var file struct{ Record json.RawMessage }
	if a.StatusCode != http.StatusOK || json.Unmarshal(a.body, &file) != nil || json.Unmarshal(file.Record, &r) != nil {
		t.Fatalf("%d, no receipt: %.400s", a.StatusCode, a.body)
	}
	return r
}

// codeOf is the tracking code of a receipt.
func (a *answer) codeOf(t testing.TB) string {
	t.Helper()
	var file struct{ Record struct{ Code string } }
	if json.Unmarshal(a.body, &file) != nil || file.Record.Code == "" {
		t.Fatalf("%d, no code: %.400s", a.StatusCode, a.body)
	}
	return file.Record.Code
}

// object is a JSON body in the making.
type object map[string]any

// with is a copy with some members changed; nil takes one away.
func (o object) with(changes ...any) object {
	c := maps.Clone(o)
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == nil {
			delete(c, changes[i].(string))
		} else {
			c[changes[i].(string)] = changes[i+1]
		}
	}
	return c
}

func (o object) String() string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// verifyLiving asks about the living person what is true of her.
func verifyLiving() object {
	return object{
		"officer": officer, "purpose": "account-opening", "file": "1405-1001", "service": "identity", "mode": "verify",
		"national_number": living.String(), "birth_date": "1370-01-01",
		"claims": object{"given_name": "آزمون", "surname": "نمونه ای", "father_name": "فرضی"},
	}
}

func fingerprint(c tls.Certificate) [32]byte { return sha256.Sum256(c.Certificate[0]) }

// safeBuffer takes the log of many goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// newDoor is an API that can list its routes and nothing more.
func newDoor(t testing.TB) *API {
	t.Helper()
	return New(Config{Journal: &journal.Journal{}})
}
