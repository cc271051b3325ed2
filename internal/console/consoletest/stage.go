// Package consoletest is what the console's rooms are tried on: the whole
// product but for the other doors, on a store of its own, with a few invented
// people, bodies of every kind and an officer of every role; visitors without a
// screen, and Chromium.
package consoletest

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/deadline"
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
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/property"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/quarter"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/usage"
)

// Stage is everything that is open.
type Stage struct {
	T      *testing.T
	Server *httptest.Server
	URL    string // the server's, by the name under which browsers have passkeys
	Site   *page.Site
	Config page.Config
	DB     *store.DB
	Logged *Log

	mu    sync.Mutex
	ahead time.Duration // how far the clock is ahead
}

// New opens a stage on SQLite and serves these rooms on it. Sign-in is
// SignedIn's own, without password: the room of accounts tries that.
func New(t *testing.T, rooms ...page.Room) *Stage {
	t.Helper()
	s := &Stage{T: t, Logged: &Log{}}
	s.open()
	s.people()
	s.bodies()
	s.agreements()
	site, err := page.New(s.Config, append([]page.Room{door(s)}, rooms...)...)
	Must(t, err)
	s.Site = site
	s.Server = httptest.NewServer(site.Handler())
	t.Cleanup(s.Server.Close)
	s.URL = strings.Replace(s.Server.URL, "127.0.0.1", "localhost", 1)
	Must(t, s.Config.Accounts.At(s.URL, "استعلام"))
	return s
}

// Work lets jobs be done until the test ends.
func (s *Stage) Work() {
	ctx, stop := context.WithCancel(s.T.Context())
	done := make(chan error, 1)
	go func() { done <- s.Config.Jobs.Work(ctx) }()
	s.T.Cleanup(func() { stop(); <-done })
}

// Now is the stage's clock.
func (s *Stage) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

// Wait moves the clock.
func (s *Stage) Wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

func (s *Stage) open() {
	t, ctx, dir := s.T, s.T.Context(), storetest.SQLite(s.T)
	keys, err := journal.NewKeys(t.TempDir())
	Must(t, err)
	db, err := store.Open(ctx, dir, store.Register)
	Must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	s.DB = db
	Must(t, account.MarkDemo(ctx, db, time.Now()))
	j, err := journal.Open(ctx, journal.Config{URL: dir, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	Must(t, err)
	t.Cleanup(j.Close)
	c := &s.Config
	c.Journal, c.Demo, c.Clock, c.Logger = j, true, s.Now, slog.New(slog.NewTextHandler(s.Logged, nil))
	c.Agencies = opened(t, func() (*agency.Book, error) { return agency.Open(ctx, db, s.Now) })
	c.Agreements = opened(t, func() (*agreement.Book, error) { return agreement.Open(ctx, db, s.Now) })
	c.Agreements.Accountable = func(id ids.LegalID) (string, bool) {
		a, err := c.Agencies.ByID(id)
		if err != nil {
			return "", false
		}
		return a.Accountable, true
	}
	c.Persons = opened(t, func() (*person.Book, error) { return person.Open(ctx, db) })
	c.Places = opened(t, func() (*place.Book, error) { return place.Open(ctx, db) })
	c.Persons.Places = c.Places
	c.CA = opened(t, func() (*agency.CA, error) { return agency.NewCA(filepath.Join(t.TempDir(), "ca"), "Estelam test") })
	c.Accounts = opened(t, func() (*account.Book, error) {
		return account.Open(ctx, account.Config{DB: db, Agencies: c.Agencies, Clock: s.Now, KeyFile: filepath.Join(t.TempDir(), "account.key")})
	})
	s.openWork(ctx)
	s.openGovernance(ctx)
}

func (s *Stage) openWork(ctx context.Context) {
	t, c, db, j := s.T, &s.Config, s.DB, s.Config.Journal
	c.Processes = opened(t, func() (*process.Book, error) {
		return process.Open(ctx, process.Config{DB: db, Agencies: c.Agencies, Agreements: c.Agreements, Clock: s.Now})
	})
	c.Citizens = opened(t, func() (*citizen.Book, error) { return citizen.Open(ctx, db, c.Persons, c.Agencies) })
	c.Desk = inquiry.Open(inquiry.Config{
		Persons: c.Persons, Places: c.Places, Agencies: c.Agencies, Agreements: c.Agreements,
		Processes: c.Processes, Citizens: c.Citizens, Journal: j,
	})
	c.Cases = opened(t, func() (*discrepancy.Book, error) { return discrepancy.Open(ctx, db, c.Persons) })
	c.Notices = opened(t, func() (*notice.Book, error) { return notice.Open(ctx, db, c.Persons, c.Places, c.Cases) })
	c.Jobs = opened(t, func() (*job.Queue, error) { return job.Open(ctx, db) })
	c.Usage = usage.Open(db, j)
	c.Processes.Usage = c.Usage
	image := opened(t, func() (*mirror.Mirror, error) {
		return mirror.Open(mirror.Config{Dir: filepath.Join(t.TempDir(), "image"), Persons: c.Persons, Journal: j, Register: db, Jobs: c.Jobs, Node: "n1"})
	})
	image.Serve()
	c.Feeds = feed.Open(db, j, c.Persons, c.Agreements)
	c.Quality = quality.Open(db, c.Persons, c.Places, c.Feeds)
	c.Properties = property.Open(property.Config{Journal: j, Persons: c.Persons, Places: c.Places, Agreements: c.Agreements, Mirror: image, Clock: s.Now})
	c.Exceptions = exception.Open(exception.Config{DB: db, Journal: j, Agencies: c.Agencies, Processes: c.Processes, Clock: s.Now})
	c.Board = opened(t, func() (*board.Book, error) {
		return board.Open(ctx, board.Config{DB: db, Clock: s.Now, Body: s.seatOf, Known: s.known})
	})
	c.Deliveries = opened(t, func() (*delivery.Book, error) {
		return delivery.Open(ctx, delivery.Config{
			DB: db, Journal: j, Persons: c.Persons, Places: c.Places, Agencies: c.Agencies, Agreements: c.Agreements, Board: c.Board,
			Mirror: image, Feeds: c.Feeds, Jobs: c.Jobs, Dir: filepath.Join(t.TempDir(), "deliveries"), Node: "n1", Clock: s.Now,
		})
	})
	c.Deliveries.Serve()
	c.Persons.HandleCardRuns(c.Jobs, j)
	c.Notices.Serve(c.Jobs)
}

func (s *Stage) openGovernance(ctx context.Context) {
	t, c, db, j := s.T, &s.Config, s.DB, s.Config.Journal
	c.Audits = audit.Open(audit.Config{DB: db, Journal: j, Agencies: c.Agencies, Agreements: c.Agreements, Persons: c.Persons, Jobs: c.Jobs, Clock: s.Now})
	c.Complaints = opened(t, func() (*complaint.Book, error) { return complaint.Open(ctx, db, c.Agencies, c.Processes) })
	c.Audits.Serve()
	c.Citizens.Obey(c.Board)
	c.Complaints.Obey(c.Board)
	c.Deadlines = deadline.Open(deadline.Config{Board: c.Board, Agencies: c.Agencies, Clock: s.Now})
	c.Compliance = compliance.Open(compliance.Config{
		DB: db, Agencies: c.Agencies, Agreements: c.Agreements, Places: c.Places, Quality: c.Quality, Processes: c.Processes,
		Usage: c.Usage, Board: c.Board, Clock: s.Now, Sources: map[string]compliance.Source{
			"process":   compliance.Of(c.Processes.Figures, c.Processes.Rows),
			"complaint": compliance.Of(c.Complaints.Figures, c.Complaints.Rows),
			"audit":     compliance.Of(c.Audits.Figures, c.Audits.Rows),
		},
	})
	c.Quarters = quarter.Open(quarter.Config{
		DB: db, Journal: j, Agencies: c.Agencies, Agreements: c.Agreements, Processes: c.Processes, Usage: c.Usage,
		Exceptions: c.Exceptions, Complaints: c.Complaints, Audits: c.Audits, Board: c.Board, Deadlines: c.Deadlines, Clock: s.Now,
	})
}

// seatOf is the body that a member of the board sits for.
func (s *Stage) seatOf(id ids.LegalID, login string) (string, bool) {
	a, err := s.Config.Agencies.ByID(id)
	if err != nil {
		return "", false
	}
	o, err := s.Config.Agencies.Officer(id, login)
	return a.Kind, err == nil && o.Role == register.Member
}

func (s *Stage) known(id ids.LegalID) bool {
	_, err := s.Config.Agencies.ByID(id)
	return err == nil
}

func opened[T any](t *testing.T, open func() (T, error)) T {
	t.Helper()
	v, err := open()
	Must(t, err)
	return v
}

// Must ends the test at an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Log keeps what the console wrote into its log.
type Log struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
