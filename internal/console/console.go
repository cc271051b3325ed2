// Package console is the door for people: server-rendered pages, Persian
// first, English second, that work without a script.
//
// Each page is one file here and one template of the same name. A page reads
// its form, calls the act, and shows what the act answered; it holds no rule.
//
//	home.go     what this is; state of the public log
//	check.go    is a tracking code genuine? for everybody
//	signin.go   officers sign in and out
//	desk.go     what an officer may ask, by the agreement in force
//	ask.go      the form of one inquiry
//	answer.go   the answer on one screen; the receipt as a file
//	slip.go     the sheet that goes into the dossier instead of a copy; as PDF
//	objection.go  what a notification letter says is wrong; for everybody
//	problem.go  what went wrong, in the same look
//
// Sessions are kept in memory: a restart signs everybody out, and with several
// nodes an officer must stay on one. A code in an address is no leak: it is an
// identifier, and opens nothing but to the agency that asked (design: tracking
// codes). No other value that a person typed ever stands in an address.
package console

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/process"
)

// Config names the parts that a Console stands on.
type Config struct {
	Desk       *inquiry.Desk
	Agencies   *agency.Book
	Agreements *agreement.Book
	Processes  *process.Book // nil: no agency has a catalogue
	Journal    *journal.Journal
	Notices    *notice.Book

	// URL is the public address, such as "https://estelam.example": it stands in
	// the QR of slips, and https makes cookies Secure. Empty, slips take it from
	// the request and cookies are not Secure: for trials on one's own machine.
	URL string

	Demo   bool             // show that this is a demonstration with invented people
	Clock  func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: slog.Default()
}

// Console serves the pages.
type Console struct {
	Config
	assets   *assets
	pages    *pages
	sessions *scs.SessionManager
	mux      *http.ServeMux

	checks     *clients // checks of codes by client
	objections *clients // objections by client
	signIns    *clients // tries to sign in by client
	backoff    *backoff
	hashing    chan struct{} // seats for password checks, which cost memory
	fresh      *fresh        // answers just given
}

// New makes a Console.
func New(c Config) (*Console, error) {
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
	k := &Console{
		Config:     c,
		checks:     newClients(2, 30),
		objections: newClients(0.2, 20),
		signIns:    newClients(0.5, 20),
		backoff:    newBackoff(),
		hashing:    make(chan struct{}, 2),
		fresh:      newFresh(),
	}
	var err error
	if k.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if k.pages, err = loadPages(k.assets); err != nil {
		return nil, err
	}
	k.sessions = newSessions(k.secure())
	k.mux = http.NewServeMux()
	for _, r := range routes {
		k.mux.Handle(r.Method+" "+r.Path, k.page(r))
	}
	k.mux.Handle("/", k.page(route{serve: (*Console).nowhere}))
	return k, nil
}

func (k *Console) secure() bool { return strings.HasPrefix(k.URL, "https://") }

// Handler serves everything of the console.
func (k *Console) Handler() http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(k.page(route{serve: (*Console).crossSite}))
	pages := k.sessions.LoadAndSave(guard.Handler(k.mux))
	return k.headed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && k.assets.serve(w, r) {
			return
		}
		pages.ServeHTTP(w, r)
	}))
}

// The role that a page needs. Nobody is signed in on public pages, or it does
// not matter.
const (
	Public  = ""
	Officer = agency.RoleOfficer
)

// route is one line of the table of pages.
type route struct {
	Method, Path, Role string
	serve              func(*Console, *visit) error
}

// routes lists every page. Tests walk it; a page that is not here does not
// exist.
var routes = []route{
	{"GET", "/{$}", Public, (*Console).home},
	{"GET", "/check", Public, (*Console).check},
	{"POST", "/check", Public, (*Console).checkPost},
	{"GET", "/objection", Public, (*Console).objection},
	{"POST", "/objection", Public, (*Console).objectionPost},
	{"POST", "/language", Public, (*Console).language},
	{"GET", "/officer/sign-in", Public, (*Console).signIn},
	{"POST", "/officer/sign-in", Public, (*Console).signInPost},
	{"POST", "/officer/sign-out", Public, (*Console).signOut},
	{"GET", "/officer", Officer, (*Console).desk},
	{"GET", "/officer/ask", Officer, (*Console).ask},
	{"POST", "/officer/ask", Officer, (*Console).askPost},
	{"GET", "/officer/inquiries/{code}", Officer, (*Console).answer},
	{"GET", "/officer/inquiries/{code}/receipt", Officer, (*Console).receipt},
	{"GET", "/officer/inquiries/{code}/slip", Officer, (*Console).slip},
	{"GET", "/officer/inquiries/{code}/slip.pdf", Officer, (*Console).slipPDF},
}
