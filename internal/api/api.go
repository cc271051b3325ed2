// Package api is the door for programs: JSON over HTTP, written down in
// openapi.yaml before it was written here.
//
// A request goes through the door in this order, and nothing of its body is
// parsed before there is room for the work:
//
//	serve.go    route, method, headers, panics, one write per answer
//	conn.go     who asks: the certificate of the connection
//	rate.go     anonymous callers, counted per address
//	body.go     media type, size, UTF-8
//	gate.go     room for the work, shared fairly between agencies
//	decode.go   strict JSON; question.go what a question looks like
//	act.go      the frame of all acts on the registers; input.go their JSON
//
// Then a handler calls one act and writes what it answers. Handlers return
// errors; problem.go is the only place where an error becomes bytes, and no
// problem holds a value that somebody sent. The door holds no rule of the field.
package api

import (
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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

// Config names the parts that an API stands on.
type Config struct {
	Desk       *inquiry.Desk
	Journal    *journal.Journal
	Agencies   *agency.Book
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
	CA         *agency.CA // which signs what highest officers have certified
	Board      *board.Book
	Compliance *compliance.Book
	Audits     *audit.Book
	Deadlines  *deadline.Book
	Quarters   *quarter.Book

	Site string // public address of the pages, as papers print it
	Demo bool   // papers say that they count for nothing

	Roots   *x509.CertPool   // the registry's authority, which signs agencies' certificates
	Ready   func() error     // further conditions of /readyz; may be nil
	Pages   http.Handler     // what Public serves besides the API; may be nil. RemoteAddr is the client's
	Proxies []netip.Prefix   // our own, in front of Public: their X-Forwarded-For is believed
	Clock   func() time.Time // nil: time.Now
	Logger  *slog.Logger     // nil: slog.Default()
	Limits  Limits
}

// Limits bounds what callers can take. A zero value is replaced by its default.
type Limits struct {
	Body      int64 // bytes of a question; 64 KiB
	BatchBody int64 // bytes of a batch; 2 MiB
	FileBody  int64 // bytes of a receipt file to check; 4 MiB
	ActFile   int64 // bytes of an act that brings a file; 8 MiB
	Header    int   // bytes of a header; 16 KiB

	ReadHeader time.Duration // 5 s
	Read       time.Duration // of a whole request; 15 s
	Write      time.Duration // until an answer is out; 30 s
	Idle       time.Duration // between requests of a connection; 2 min

	Slots     int           // requests at work at a time; 64 per processor, at least 128
	BulkSlots int           // batches at work at a time, receipt files, and parts of the log; 2 per processor
	Queue     int           // requests that wait for a slot; 2,048
	Patience  time.Duration // waiting for longer than this yields to the newer ones; 5 ms
	Hold      time.Duration // who has waited for this long is turned away; 300 ms

	Bodies int64 // bytes of bodies in memory; 256 MiB

	PerMinute int // anonymous requests of one address; 120
	Addresses int // addresses remembered at a time; 65,536
}

func (l Limits) filled() Limits {
	procs := runtime.GOMAXPROCS(0)
	set(&l.Body, 64<<10)
	set(&l.BatchBody, 2<<20)
	set(&l.FileBody, 4<<20)
	set(&l.ActFile, 8<<20)
	set(&l.Header, 16<<10)
	set(&l.ReadHeader, 5*time.Second)
	set(&l.Read, 15*time.Second)
	set(&l.Write, 30*time.Second)
	set(&l.Idle, 2*time.Minute)
	set(&l.Slots, max(128, 64*procs))
	set(&l.BulkSlots, 2*procs)
	set(&l.Queue, 2048)
	set(&l.Patience, 5*time.Millisecond)
	set(&l.Hold, 300*time.Millisecond)
	set(&l.Bodies, 256<<20)
	set(&l.PerMinute, 120)
	set(&l.Addresses, 1<<16)
	return l
}

func set[T comparable](to *T, value T) {
	var zero T
	if *to == zero {
		*to = value
	}
}

// API answers programs.
type API struct {
	desk       *inquiry.Desk
	journal    *journal.Journal
	agencies   *agency.Book
	agreements *agreement.Book
	persons    *person.Book
	places     *place.Book
	citizens   *citizen.Book
	complaints *complaint.Book
	cases      *discrepancy.Book
	notices    *notice.Book
	feeds      *feed.Book
	quality    *quality.Book
	usage      *usage.Book
	exceptions *exception.Book
	compliance *compliance.Book
	audits     *audit.Book
	deadlines  *deadline.Book
	quarters   *quarter.Book
	properties *property.Book
	deliveries *delivery.Book
	jobs       *job.Queue
	processes  *process.Book
	ca         *agency.CA
	board      *board.Book
	site       string
	demo       bool

	roots     *x509.CertPool
	ready     func() error
	clock     func() time.Time
	log       *slog.Logger
	limits    Limits
	proxies   []netip.Prefix
	meter     *meter
	visitors  *visitors
	wrong     *visitors // wrong codes of citizens
	reporters *visitors // reports of citizens
	bodies    budget
	signers   sync.Map    // keys of certificates that sign requests, by fingerprint
	behind    atomic.Bool // the clock is behind the log
	work      *gate       // questions and codes
	bulk      *gate       // batches
	downloads *gate       // whole registers as files
	files     *gate       // receipt files of anonymous callers
	reading   *gate       // the public log

	agencyDoor, publicDoor http.Handler
	routes                 []*route // of the agencies' door: all there are
}

// New makes an API. It starts nothing.
func New(c Config) *API {
	a := &API{
		desk: c.Desk, journal: c.Journal, agencies: c.Agencies, agreements: c.Agreements,
		citizens: c.Citizens, complaints: c.Complaints,
		persons: c.Persons, places: c.Places, cases: c.Cases, notices: c.Notices, feeds: c.Feeds, deliveries: c.Deliveries, jobs: c.Jobs,
		board: c.Board, quality: c.Quality, usage: c.Usage, exceptions: c.Exceptions, properties: c.Properties,
		processes: c.Processes, ca: c.CA, compliance: c.Compliance, audits: c.Audits, deadlines: c.Deadlines, quarters: c.Quarters,
		site: c.Site, demo: c.Demo,
		roots: c.Roots, ready: c.Ready, clock: c.Clock, log: c.Logger, limits: c.Limits.filled(), proxies: c.Proxies,
	}
	if a.roots == nil {
		a.roots = x509.NewCertPool() // nobody's: never the system's
	}
	if a.clock == nil {
		a.clock = time.Now
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	l := a.limits
	a.meter = newMeter()
	if c.Journal != nil {
		a.meter.journal(c.Journal)
		a.meter.logs(c.Journal)
	}
	if c.Jobs != nil {
		a.meter.jobs(c.Jobs)
	}
	if c.Agencies != nil {
		a.meter.expiring(c.Agencies)
	}
	a.visitors = newVisitors(l.PerMinute, l.Addresses)
	a.wrong = newVisitors(wrongPerMinute, l.Addresses)
	a.reporters = newBudget(reportsPerHour, reportsWithin, l.Addresses)
	a.work = newGate(l.Slots, l.Queue, l.Patience, l.Hold)
	a.bulk = newGate(l.BulkSlots, l.Queue/16+1, 20*l.Patience, 4*l.Hold)
	a.downloads = newGate(l.BulkSlots, l.Queue/16+1, 20*l.Patience, 4*l.Hold)
	a.downloads.each = max(1, l.BulkSlots/4)
	a.files = newGate(l.BulkSlots, l.Queue/16+1, 20*l.Patience, 4*l.Hold)
	a.reading = newGate(l.BulkSlots, l.Queue/16+1, 20*l.Patience, 4*l.Hold)
	a.bodies.left.Store(l.Bodies)
	a.meter.watch("work", a.work)
	a.meter.watch("bulk", a.bulk)
	a.meter.watch("downloads", a.downloads)
	a.meter.watch("files", a.files)
	a.meter.watch("log", a.reading)
	a.routes = a.table()
	a.agencyDoor = door{a.index(a.routes), a}
	a.publicDoor = a.open(c.Pages)
	return a
}

// table is every route there is; a test holds it against openapi.yaml.
func (a *API) table() []*route {
	l := a.limits
	log := a.journal.Handler()
	all := []*route{
		{method: "POST", path: "/v1/inquiries", serve: a.ask, access: forAgencies, limit: l.Body, gate: a.work},
		{method: "POST", path: "/v1/inquiries/batch", serve: a.askAll, access: forAgencies, limit: l.BatchBody, gate: a.bulk},
		{method: "POST", path: "/v1/codes/check", serve: a.checkCode, access: forAnyone, limit: l.Body, gate: a.work},
		{method: "POST", path: "/v1/codes/match", serve: a.matchCode, access: forAgencies, limit: l.Body, gate: a.work},
		{method: "POST", path: "/v1/receipts", serve: a.ownReceipt, access: forAgencies, limit: l.Body, gate: a.work},
		{method: "POST", path: "/v1/receipts/slip", serve: a.ownSlip, access: forAgencies, limit: l.Body, gate: a.work},
		{method: "POST", path: "/v1/receipts/check", serve: a.checkReceipt, access: forAnyone, limit: l.FileBody, gate: a.files},
		{method: "POST", path: "/v1/diagnosis", serve: a.diagnose, access: forAgencies, limit: l.Body, gate: a.work},
		{method: "GET", path: "/v1/agreement", serve: a.agreement, access: forAgencies, gate: a.work},
		{method: "GET", path: "/log/", doc: "/log/{path}", serve: func(c *call) error { return c.pass(log) }, access: forAll, gate: a.reading},
		{method: "GET", path: "/problems/", doc: "/problems/{key}", serve: a.problemPage, access: forAll},
		{method: "GET", path: "/openapi.yaml", serve: a.document, access: forAll},
		{method: "GET", path: "/docs/", serve: a.docs, access: forAll},
		{method: "GET", path: "/healthz", serve: a.healthz, access: forAll},
		{method: "GET", path: "/readyz", serve: a.readyz, access: forAll},
	}
	for _, acts := range [][]*route{
		a.jobRoutes(),
		a.placeRoutes(),
		a.birthRoutes(),
		a.noticeRoutes(),
		a.citizenRoutes(),
		a.complaintRoutes(),
		a.paperRoutes(),
		a.caseRoutes(),
		a.doubtRoutes(),
		a.agreementRoutes(),
		a.agencyRoutes(),
		a.staffRoutes(),
		a.processRoutes(),
		a.deedRoutes(),
		a.lifeRoutes(),
		a.searchRoutes(),
		a.historyRoutes(),
		a.shenasnamehRoutes(),
		a.cardRoutes(),
		a.residenceRoutes(),
		a.boardRoutes(),
		a.deliveryRoutes(),
		a.reviewRoutes(),
		a.feedRoutes(),
		a.qualityRoutes(),
		a.usageRoutes(),
		a.exceptionRoutes(),
		a.propertyRoutes(),
		a.complianceRoutes(),
		a.auditRoutes(),
		a.deadlineRoutes(),
		a.quarterRoutes(),
		a.evaluationRoutes(),
	} {
		all = append(all, a.furnish(acts)...)
	}
	return all
}

func (a *API) index(routes []*route) *table {
	t := &table{exact: map[string]*route{}, none: &route{path: "*", access: forAll, serve: nowhere}}
	for _, rt := range append(routes, t.none) {
		a.meter.track(rt)
		if strings.HasSuffix(rt.path, "/") {
			t.below = append(t.below, rt)
		} else {
			t.exact[rt.path] = rt
		}
	}
	return t
}

// open is the public door: the same anonymous routes; routes for agencies say
// where they are served; pages take the rest.
func (a *API) open(pages http.Handler) http.Handler {
	var routes []*route
	for _, rt := range a.table() {
		if rt.access.closed() {
			rt = &route{method: rt.method, path: rt.path, access: forAll, serve: elsewhere}
		}
		routes = append(routes, rt)
	}
	t := a.index(routes)
	api := door{t, a}
	if pages == nil {
		return api
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t.find(r.URL.Path) == t.none {
			pages.ServeHTTP(w, a.direct(r))
			return
		}
		api.ServeHTTP(w, r)
	})
}

// Agencies is the handler of the listener for agencies: everything, where a
// certificate opens what is not for everyone. Serve it with TLS and Server.
func (a *API) Agencies() http.Handler { return a.agencyDoor }

// Public is the handler of the public listener: what is for everyone, and
// Config.Pages.
func (a *API) Public() http.Handler { return a.publicDoor }
