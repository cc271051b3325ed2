package console

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// The people and agencies on stage.
const (
	bank    = "14003552272"
	other   = "10720172838"
	secret  = "correct horse battery"
	officer = "z.karimi"
	head    = "m.modir"
	ali     = "0067749828" // alive
	born    = "1370-01-01"
	dead    = "0012345679"
	void    = "0084575948" // cancelled: Ali had two numbers
	code    = "1516763511" // of Ali's dwelling
)

// stage is the whole product but for the other doors, on a store of its own.
type stage struct {
	t       *testing.T
	server  *httptest.Server
	console *Console
	books   struct {
		agencies   *agency.Book
		agreements *agreement.Book
	}
	journal *journal.Journal
	notices *notice.Book
	jobs    *job.Queue
	db      *store.DB

	processes *process.Book

	logged *logged
	mu     sync.Mutex
	ahead  time.Duration // how far the console's clock is ahead
}

var clerk = journal.Actor{Role: "clerk", ID: "test"}

func newStage(t *testing.T) *stage {
	t.Helper()
	ctx := t.Context()
	s := &stage{t: t, logged: &logged{}}
	dir := storetest.SQLite(t)
	keys, err := journal.NewKeys(t.TempDir())
	must(t, err)
	db, err := store.Open(ctx, dir, store.Register)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	s.db = db
	s.journal, err = journal.Open(ctx, journal.Config{URL: dir, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(s.journal.Close)
	s.books.agencies, err = agency.Open(ctx, db, nil)
	must(t, err)
	s.books.agreements, err = agreement.Open(ctx, db, nil)
	must(t, err)
	s.populate(db)
	persons, err := person.Open(ctx, db)
	must(t, err)
	places, err := place.Open(ctx, db)
	must(t, err)
	persons.Places = places
	cases, err := discrepancy.Open(ctx, db, persons)
	must(t, err)
	s.notices, err = notice.Open(ctx, db, persons, places, cases)
	must(t, err)
	s.jobs, err = job.Open(ctx, db)
	must(t, err)
	s.notices.Serve(s.jobs)
	s.processes, err = process.Open(ctx, process.Config{DB: db, Agencies: s.books.agencies, Agreements: s.books.agreements})
	must(t, err)
	desk := inquiry.Open(inquiry.Config{
		Persons: persons, Places: places, Agencies: s.books.agencies, Agreements: s.books.agreements, Processes: s.processes, Journal: s.journal,
	})
	s.console, err = New(Config{
		Desk: desk, Agencies: s.books.agencies, Agreements: s.books.agreements, Processes: s.processes, Journal: s.journal, Notices: s.notices, Demo: true,
		Clock: s.now, Logger: slog.New(slog.NewTextHandler(s.logged, nil)),
	})
	must(t, err)
	s.server = httptest.NewServer(s.console.Handler())
	t.Cleanup(s.server.Close)
	return s
}

// letter notifies Ali by a printed letter and gives its objection code.
func (s *stage) letter() string {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	worker := make(chan error, 1)
	go func() { worker <- s.jobs.Work(ctx) }()
	defer func() { stop(); <-worker }()
	made, _, err := s.notices.Order(ctx, s.journal, journal.Actor{Role: register.Supervisor, ID: "s1"},
		&notice.Order{Name: "نوبت", Choice: notice.Choice{Numbers: []ids.NationalNumber{number(s.t, ali)}}})
	must(s.t, err)
	_, err = s.jobs.Wait(ctx, made.Job)
	must(s.t, err)
	_, _, err = s.notices.NextBatch(ctx, s.journal, journal.Actor{Role: register.Printer, ID: "r1"}, &notice.Cut{Campaign: made.Campaign})
	must(s.t, err)
	var c notice.Code
	must(s.t, s.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(codeRead, []any{int64(number(s.t, ali))}, &c)
		return err
	}))
	return c.String()
}

// codeRead reads what is on paper only.
var codeRead = store.Q(store.Register, "sample.console.code", `SELECT code FROM notice_letter WHERE subject = $1`)

func (s *stage) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

func (s *stage) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// populate fills registers, agencies and agreements.
func (s *stage) populate(db *store.DB) {
	t, ctx := s.t, s.t.Context()
	home := place.Place{
		Code: postal(t, code), Province: "تهران", County: "تهران", District: "مرکزی", Locality: "تهران", LocalityKind: "city",
		SubLocality: "یوسف‌آباد", Street: "خیابان ولیعصر", House: "۱۲", Floor: "دوم", State: place.Active,
	}
	_, err := place.Load(ctx, db, one(home), nil)
	must(t, err)
	living := person.Person{
		Number: number(t, ali), Given: name(t, "علی‌اکبر"), Surname: name(t, "یزدانی‌فرد"), Father: name(t, "محمدحسین"),
		Born: date(t, born), Sex: person.Male, State: person.Active, Postal: postal(t, code), ResidenceSince: date(t, "1399-05-01"),
		Shenasnameh: person.Shenasnameh{Number: ids.ShenasnamehNumber(number(t, ali)), Serie: "الف12", Serial: "045678", Office: 101, IssuePlace: "تهران"},
		Card:        person.Card{State: person.MustReplace, Reason: person.Moved, Valid: date(t, "1406-01-01")},
	}
	departed := living
	departed.Number, departed.Given, departed.Card = number(t, dead), name(t, "حسن"), person.Card{}
	departed.Born, departed.Died, departed.State = date(t, "1320-02-03"), date(t, "1400-01-01"), person.Deceased
	departed.Shenasnameh.Number, departed.Shenasnameh.Serial = 1234, "045679"
	twice := living
	twice.Number, twice.State, twice.Successor = number(t, void), person.Cancelled, living.Number
	_, err = person.Load(ctx, db, one(departed, living, twice), nil)
	must(t, err)

	for id, title := range map[string]string{bank: "بانک نمونه", other: "سازمان دیگر"} {
		_, err := s.books.agencies.Register(ctx, s.journal, clerk, &agency.Agency{ID: legal(t, id), Name: title, Province: "تهران"})
		must(t, err)
		s.hire(id, officer, "زهرا کریمی", agency.RoleOfficer)
		s.agree(id)
	}
	s.hire(bank, head, "مریم مدیری", agency.RoleHead)
}

func (s *stage) hire(id, login, title, role string) {
	s.t.Helper()
	_, err := s.books.agencies.AddOfficer(s.t.Context(), s.journal, clerk, &agency.Officer{
		Agency: legal(s.t, id), Login: login, Name: title, Role: role, Until: persian.DateOf(time.Now()).AddYears(1),
	})
	must(s.t, err)
	_, err = s.books.agencies.SetPassword(s.t.Context(), s.journal, clerk, legal(s.t, id), login, secret)
	must(s.t, err)
}

func one[T any](all ...T) func(func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func number(t *testing.T, s string) ids.NationalNumber {
	n, err := ids.ParseNationalNumber(s)
	must(t, err)
	return n
}

func postal(t *testing.T, s string) ids.PostalCode {
	n, err := ids.ParsePostalCode(s)
	must(t, err)
	return n
}

func legal(t *testing.T, s string) ids.LegalID {
	n, err := ids.ParseLegalID(s)
	must(t, err)
	return n
}

func name(t *testing.T, s string) persian.Name {
	n, err := persian.ParseName(s)
	must(t, err)
	return n
}

func date(t *testing.T, s string) persian.Date {
	d, err := persian.ParseDate(s)
	must(t, err)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// logged keeps what the console wrote into its log.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// visitor is one browser without a screen.
type visitor struct {
	t    *testing.T
	base string
	*http.Client
}

func (s *stage) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &visitor{s.t, s.server.URL, &http.Client{Jar: jar}}
}

// signedIn is a visitor who has signed in.
func (s *stage) signedIn(id, login string) *visitor {
	s.t.Helper()
	v := s.visitor()
	p := v.post("/officer/sign-in", url.Values{"agency": {id}, "login": {login}, "password": {secret}})
	if p.path == "/officer/sign-in" {
		s.t.Fatalf("sign-in of %s failed: %d", login, p.status)
	}
	return v
}

// page is what a visitor got in the end.
type page struct {
	status int
	path   string // after redirects, with the query
	header http.Header
	body   string
}

func (v *visitor) get(path string) page {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil, nil)
}

func (v *visitor) post(path string, form url.Values) page {
	v.t.Helper()
	return v.do(http.MethodPost, path, form, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

func (v *visitor) do(method, path string, form url.Values, header map[string]string) page {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(v.t.Context()), method, v.base+path, body)
	must(v.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, h := range header {
		req.Header.Set(k, h)
	}
	res, err := v.Do(req)
	must(v.t, err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	must(v.t, err)
	return page{res.StatusCode, res.Request.URL.RequestURI(), res.Header, string(data)}
}

// noRedirect makes the visitor stop at redirects.
func (v *visitor) noRedirect() *visitor {
	c := *v.Client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &visitor{v.t, v.base, &c}
}

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// text is the page as read, without tags.
func (p page) text() string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(p.body, " ")), " ")
}

func (p page) shows(t *testing.T, all ...string) {
	t.Helper()
	for _, s := range all {
		if !strings.Contains(p.text(), s) {
			t.Errorf("%s (%d) does not show %q", p.path, p.status, s)
		}
	}
}

// aboutAli is the form of a question about Ali that is all right.
func aboutAli(more ...string) url.Values {
	form := url.Values{
		"service": {"identity"}, "mode": {"verify"}, "key": {inquiry.KeyBirthDate}, "once": {"a"},
		"national_number": {"۰۰۶۷۷۴۹۸۲۸"}, "birth_date": {"۱۳۷۰/۰۱/۰۱"},
		"claims.given_name": {"علی اکبر"}, "claims.surname": {"یزدانی‌فرد"},
		"purpose": {"account-opening"}, "process": {"deposit"}, "file": {"۱۴۰۵/ن/۱۲"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// agree puts an agreement into force: all services for the bank, a little of
// one for the other agency.
func (s *stage) agree(id string) {
	s.t.Helper()
	a := agreement.Agreement{
		Agency: legal(s.t, id), State: agreement.InForce, Service: "10031094100",
		From: time.Now().Add(-time.Hour), Until: time.Now().AddDate(1, 0, 0),
	}
	for i, one := range agreement.Services {
		a.Clauses = append(a.Clauses, agreement.Clause{
			No: i + 1, Service: one.Name, Modes: one.Modes, SearchKeys: one.Keys, Fields: one.Fields,
			Processes: []string{"deposit", "loan"}, Purposes: []string{"account-opening", "credit"},
		})
	}
	if id == other {
		a.Clauses = []agreement.Clause{{
			No: 1, Service: "identity", Modes: []string{"verify"}, SearchKeys: []string{"national_number+birth_date"},
			Fields: []string{"given_name", "surname"}, DailyQuota: 100,
		}}
	}
	_, err := s.books.agreements.Put(s.t.Context(), s.journal, journal.Actor{Role: register.Operator, ID: "test"}, &a)
	must(s.t, err)
}
