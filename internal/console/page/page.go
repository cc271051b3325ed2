// Package page is what all pages of the console stand on: who visits, which
// pages there are, how a form becomes an act, and what tables, charts and time
// lines look like.
//
// A page is a Route of a Room: a function that reads the visit, calls the
// nouns' acts, and answers with a Screen made of blocks. It holds no rule: what
// a role may do is decided by the act. A page with a form is a Form.
//
//	page.go     Site, Room, Route: what there is
//	visit.go    one request; who is signed in
//	show.go     a Screen becomes bytes
//	address.go  what a page's address says
//	words.go    dates, numbers, codes, names as people read them; law.go clauses
//	blocks.go   tiles, facts, notes, panels, time lines, comparisons
//	table.go    lists; export.go the same as XLSX
//	chart.go    charts, each with its table
//	form.go     controls and mistakes; bind.go the typed values into an act's
//	            input; act.go a form that performs an act; once.go: once
//	seal.go     references in addresses that tell nothing
//	session.go  sessions; expired.go a form that outlives one
//	limit.go    limits by client
//	problem.go  what went wrong, in the same look
//	assets.go   static files; headers.go what every answer carries; gzip.go
//
// No value that a person typed ever stands in an address, except tracking
// codes: they are identifiers, and open nothing but to the agency that asked.
package page

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/property"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/quarter"
	"github.com/estelam/estelam/internal/usage"
)

// Config names the parts that the pages stand on.
type Config struct {
	Desk       *inquiry.Desk
	Journal    *journal.Journal
	Agencies   *agency.Book
	Accounts   *account.Book
	Agreements *agreement.Book
	Persons    *person.Book
	Places     *place.Book
	Citizens   *citizen.Book
	Complaints *complaint.Book
	Cases      *discrepancy.Book
	Notices    *notice.Book
	Feeds      *feed.Book
	Quality    *quality.Book
	Usage      *usage.Book
	Exceptions *exception.Book
	Properties *property.Book
	Deliveries *delivery.Book
	Jobs       *job.Queue
	Processes  *process.Book
	CA         *agency.CA
	Board      *board.Book
	Compliance *compliance.Book
	Audits     *audit.Book
	Deadlines  *deadline.Book
	Quarters   *quarter.Book

	// URL is the public address, such as "https://estelam.example": it stands in
	// the QR of slips, and https makes cookies Secure. Empty, slips take it from
	// the request and cookies are not Secure: for trials on one's own machine.
	URL string

	Demo   bool             // show that this is a demonstration with invented people
	Clock  func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: slog.Default()
}

// Site is the console: all rooms under one frame.
type Site struct {
	Config
	Sessions *scs.SessionManager

	Routes []Route // every page there is; tests walk it
	menu   []Item
	assets *assets
	sheets *sheets
	sealer *sealer
	once   *once
	mux    *http.ServeMux
}

// Room is the pages of one kind of visitor.
type Room struct {
	Name      string // of its templates: "officer" owns "officer/ask"
	Routes    []Route
	Menu      []Item
	Templates fs.FS // templates/*.html; nil: none but the blocks
}

// Route is one page. A page that no room lists does not exist.
type Route struct {
	Method, Path string
	Roles        []string // who may come; none: everybody
	Serve        func(*Visit) error
	Most         int64 // bytes of a body that is more than a form; such a page reads it itself
	Restores     bool  // a POST that shows its form again, and does nothing, when v.Restored
}

// Item is a line of the side menu.
type Item struct {
	Path  string
	Key   string // its text
	Icon  string
	Roles []string
	Group string              // key of the heading above it; "": none
	Count func(*Visit) int    // what waits there; nil: not counted. It must be cheap; above MostCounted it need not go
	Shows func(v *Visit) bool // nil: always
}

// MostCounted is up to where the menu counts what waits: it does so on every
// page. Of more it says that there are more.
const MostCounted = 99

// New makes a site of rooms.
func New(c Config, rooms ...Room) (*Site, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	if _, err := url.Parse(c.URL); err != nil {
		return nil, err
	}
	s := &Site{Config: c, sealer: newSealer(), once: newOnceTable(), mux: http.NewServeMux()}
	var err error
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.sheets, err = loadSheets(s.assets, rooms); err != nil {
		return nil, err
	}
	s.Sessions = newSessions(c.Accounts, s.Secure())
	for _, room := range rooms {
		s.menu = append(s.menu, room.Menu...)
		s.Routes = append(s.Routes, room.Routes...)
	}
	s.Routes = append(s.Routes, Route{Method: "POST", Path: "/language", Serve: language})
	for _, r := range s.Routes {
		s.mux.Handle(r.Method+" "+r.Path, s.page(r))
	}
	s.mux.Handle("/", s.page(Route{Serve: nowhere}))
	return s, nil
}

// Secure reports whether the public address is https.
func (s *Site) Secure() bool { return strings.HasPrefix(s.URL, "https://") }

// Handler serves everything of the console.
func (s *Site) Handler() http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.page(Route{Serve: crossSite}))
	pages := s.Sessions.LoadAndSave(guard.Handler(s.mux))
	return s.headed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && s.assets.serve(w, r) {
			return
		}
		pages.ServeHTTP(w, r)
	}))
}

// open reports whether a page is for everybody.
func (r *Route) open() bool { return len(r.Roles) == 0 }

// lets reports whether a role may come.
func (r *Route) lets(role string) bool { return r.open() || slices.Contains(r.Roles, role) }
