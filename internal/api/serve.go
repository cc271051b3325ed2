package api

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
)

// route is one line of the table: what it serves and what must hold before.
type route struct {
	method string // empty: any
	path   string // ends in / : everything below it
	doc    string // the path in openapi.yaml where it is spelled differently
	serve  func(*call) error

	access access
	limit  int64 // bytes of body; 0: none is read
	file   bool  // of an act: the body may hold a file
	gate   *gate

	pool    sync.Pool // *call
	seconds prometheus.Observer
	answers [600]prometheus.Counter // by status
}

// access says who may come.
type access uint8

const (
	forOfficers access = iota // the zero value is the strictest: a certificate bound to an officer
	forAgencies               // any certificate of an agency
	forAnyone                 // counted per address
	forAll                    // not counted: small pages without work behind them, and the log, which copiers read whole
)

// closed reports whether only a certificate opens.
func (a access) closed() bool { return a == forOfficers || a == forAgencies }

// call is one request on its way through. Its buffers are used again.
type call struct {
	a      *API
	route  *route
	w      http.ResponseWriter
	r      *http.Request
	agency *agency.Agency  // of routes for agencies and officers
	bearer *agency.Officer // whom the certificate is bound to, if to anybody
	conn   *conn
	body   []byte
	out    []byte
	form   inquiry.Form // of one question

	reserved int64 // part of the budget for bodies

	kind   []string // content type of out
	status int
	sent   bool
}

// table finds routes: by path, then by the longest prefix of those ending in /.
type table struct {
	exact map[string]*route
	below []*route
	none  *route // counts what is not found
}

func (t *table) find(path string) *route {
	if rt := t.exact[path]; rt != nil {
		return rt
	}
	for _, rt := range t.below {
		if strings.HasPrefix(path, rt.path) {
			return rt
		}
	}
	return t.none
}

// door is a table served over HTTP.
type door struct {
	*table
	a *API
}

// ServeHTTP takes a request through the door's checks in this order: route,
// method, who asks, whether the queue for work is full, form of the body, body,
// room for the work. A full door reads no body; nothing is parsed before there
// is room; and who sends slowly holds no room while he does.
func (d door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	rt := d.find(r.URL.Path)
	c, _ := rt.pool.Get().(*call)
	if c == nil {
		c = &call{a: d.a, route: rt}
	}
	c.w, c.r, c.status, c.kind = w, r, http.StatusOK, jsonType
	guardHeaders(w.Header(), rt, r.TLS != nil)
	defer d.done(c, start)
	if err := d.pass(c); err != nil {
		d.a.refuse(c, err)
		return
	}
	if !c.sent {
		w.Header()["Content-Type"] = c.kind
		c.write(c.out)
	}
}

// pass is the way in; the error it returns is rendered by refuse.
func (d door) pass(c *call) (err error) {
	rt := c.route
	if rt.method != "" && c.r.Method != rt.method && (rt.method != http.MethodGet || c.r.Method != http.MethodHead) {
		allow(c.w.Header(), rt.method)
		return fault.New(fault.Method, "api.method")
	}
	if rt.access != forAll {
		c.conn = connOf(c.r)
	}
	switch rt.access {
	case forOfficers, forAgencies:
		if c.agency, c.bearer, err = d.a.caller(c.conn, c.r.TLS); err != nil {
			return err
		}
		if rt.access == forOfficers && c.bearer == nil {
			return fault.New(fault.Forbidden, "api.officer.certificate")
		}
	case forAnyone:
		state, err := d.a.visitors.come(counted(c.from()), d.a.clock())
		h := c.w.Header()
		h["RateLimit-Policy"], h["RateLimit"] = d.a.visitors.policy, []string{state}
		if err != nil {
			return err
		}
	}
	id := c.party()
	if rt.gate != nil {
		if err := rt.gate.full(id); err != nil {
			return err
		}
	}
	if rt.limit > 0 {
		if err := c.readBody(); err != nil {
			return err
		}
	}
	if rt.gate != nil {
		if err := rt.gate.enter(c.r.Context(), id); err != nil {
			return err
		}
		defer rt.gate.leave(id)
	}
	return rt.serve(c)
}

// done ends a call: a panic becomes an internal problem whose id stands in the
// log beside the stack, never beside the body.
func (d door) done(c *call, start time.Time) {
	p := recover()
	if c.reserved > 0 {
		d.a.bodies.left.Add(c.reserved)
		c.body, c.reserved = nil, 0
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	if p != nil {
		d.panicked(c, p)
	}
	d.a.meter.saw(c.route, c.status, time.Since(start))
	c.w, c.r, c.agency, c.bearer, c.conn, c.kind, c.sent = nil, nil, nil, nil, nil, nil, false
	c.body, c.out = c.body[:0], c.out[:0]
	clear(c.form.Claims)
	c.form = inquiry.Form{Claims: c.form.Claims[:0]}
	c.route.pool.Put(c)
}

// panicked logs what the runtime says; what somebody else panicked with may
// hold anything, so it is left out.
func (d door) panicked(c *call, p any) {
	d.a.meter.panics.Inc()
	e := fault.Of(errPanic)
	what := "not by the runtime"
	if r, ok := p.(runtime.Error); ok {
		what = r.Error()
	}
	d.a.log.Error("panic", "id", e.ID, "route", c.route.path, "panic", what, "stack", string(debug.Stack()))
	if c.sent {
		panic(http.ErrAbortHandler) // the answer is half out: cut the connection
	}
	d.a.refuse(c, e)
}

// write sends the whole answer at once.
func (c *call) write(b []byte) {
	c.sent = true
	c.w.Header()["Content-Length"] = []string{strconv.Itoa(len(b))}
	if c.status != http.StatusOK {
		c.w.WriteHeader(c.status)
	}
	if _, err := c.w.Write(b); err != nil {
		// A client that is gone gets nothing; its record stands. HTTP/2 may go on
		// reading b after it has given the stream up, so out is not used again.
		c.out = nil
	}
}

var (
	noStore   = []string{"no-store"}
	noSniff   = []string{"nosniff"}
	noContent = []string{"default-src 'none'; frame-ancestors 'none'"}
	onlyTLS   = []string{"max-age=31536000"}
	jsonType  = []string{"application/json"}
	htmlType  = []string{"text/html; charset=utf-8"}
	textType  = []string{"text/plain; charset=utf-8"}
)

// guardHeaders sets what every answer carries, and for those that a browser may
// show what keeps it from doing more. The slices are shared: headers are set by
// assignment, for this runs on each inquiry.
func guardHeaders(h http.Header, rt *route, tls bool) {
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	if rt.access.closed() {
		return
	}
	h["Content-Security-Policy"] = noContent
	if tls {
		h["Strict-Transport-Security"] = onlyTLS
	}
}

// party is whose line at the gate the call stands in.
func (c *call) party() ids.LegalID {
	if c.agency == nil {
		return 0
	}
	return c.agency.ID
}
