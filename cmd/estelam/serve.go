package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/estelam/estelam/internal/api"
	"github.com/estelam/estelam/internal/console"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/message"
)

// serveCmd is the configuration of the service. Every value has a default that
// works on one machine; each can come from the environment.
type serveCmd struct {
	site `embed:""`

	API     string        `default:":8443" env:"ESTELAM_API" help:"Address of the agencies' API (mTLS)."`
	Public  string        `default:":8080" env:"ESTELAM_PUBLIC" help:"Address of the public pages, code checks and the log."`
	Private string        `default:"127.0.0.1:9090" env:"ESTELAM_PRIVATE" help:"Address of metrics and profiles; empty: none."`
	Host    []string      `default:"localhost,127.0.0.1" env:"ESTELAM_HOST" help:"Names and addresses that stand in the server's certificate."`
	URL     string        `env:"ESTELAM_PUBLIC_URL" help:"Public address of the pages, as slips print it."`
	TLSCert string        `env:"ESTELAM_TLS_CERT" help:"Certificate of the public address; empty: plain HTTP, for a proxy in front." type:"path"`
	TLSKey  string        `env:"ESTELAM_TLS_KEY" help:"Its private key." type:"path"`
	Proxy   []string      `env:"ESTELAM_PROXY" placeholder:"CIDR" help:"Networks of our own proxies in front of the public address, whose X-Forwarded-For is believed."`
	Webhook []string      `env:"ESTELAM_WEBHOOK_ALLOW" name:"webhook-allow" placeholder:"CIDR" help:"Networks that are not public and may be called by webhooks all the same."`
	CallCA  string        `env:"ESTELAM_WEBHOOK_CA" name:"webhook-ca" help:"Certificates (PEM) that webhooks' receivers are trusted by; empty: the system's." type:"path"`
	Months  int           `default:"3" env:"ESTELAM_OBJECTION_MONTHS" help:"Months in which a letter may be objected to, and again in which an objection is resolved."`
	Report  int           `default:"10" env:"ESTELAM_REPORT_DAY" help:"Day of the next month until which municipalities report a month." name:"report-day"`
	Tickets time.Duration `default:"72h" env:"ESTELAM_TICKET_TIME" name:"ticket-time" help:"Within this time after it was issued an outage ticket is handed in, and within as much again it is completed."`
	Least   int           `default:"10" env:"ESTELAM_AUDIT_LEAST" help:"Inquiries of an agency that are audited in a month, at least." name:"audit-least"`
	Most    int           `default:"100" env:"ESTELAM_AUDIT_MOST" help:"Inquiries of an agency that are audited in a month, at most." name:"audit-most"`
	Demo    bool          `hidden:""`

	oidcFlags `embed:""`
}

// collectLess lets the heap grow threefold between two collections, unless GOGC
// says otherwise. The live heap is small beside what requests leave behind, so
// memory is cheaper here than the time to collect it.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// Run serves until it is interrupted, then finishes what it has accepted.
func (c *serveCmd) Run(ctx context.Context, s streams) error {
	collectLess()
	logger := slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: slog.LevelInfo}))
	h, err := open(ctx, c.site, logger)
	if err != nil {
		return err
	}
	defer h.close()
	h.jobs.Logger, h.feeds.Logger, h.usage.Logger = logger, logger, logger
	srv, err := c.listen(h, logger)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "api     https://%s\npages   http://%s\nlog     %s\n", srv.api.Addr(), srv.public.Addr(), h.journal.State().VerifierKey)
	return srv.run(ctx, h)
}

// caller is what calls webhooks; its key stands beside the journal's.
func (c *serveCmd) caller() (*feed.Caller, error) {
	key, err := feed.LoadKey(filepath.Join(keyDir(c.Data), "webhook.key"))
	if err != nil {
		return nil, err
	}
	allow, err := prefixes(c.Webhook)
	if err != nil || c.CallCA == "" {
		return feed.NewCaller(key, allow, nil), err
	}
	pem, err := os.ReadFile(c.CallCA)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return feed.NewCaller(key, allow, roots), nil
}

func prefixes(texts []string) (all []netip.Prefix, err error) {
	for _, t := range texts {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fault.New(fault.Invalid, "estelam.proxy").Because(err)
		}
		all = append(all, p)
	}
	return all, nil
}

// server is the three listeners of a node and what they serve.
type server struct {
	api, public, private net.Listener
	servers              []func() error // each serves one listener until it is closed
	all                  []*http.Server
}

// settle tells the registers what was configured.
func (c *serveCmd) settle(h *house) {
	h.notices.Page, h.notices.Demo = c.pages()+"/objection", c.Demo
	if c.Months > 0 {
		h.notices.Months, h.cases.Months = c.Months, c.Months
	}
	if c.Tickets > 0 {
		h.exceptions.Within = c.Tickets
	}
	if c.Report > 0 {
		h.places.ReportDay = c.Report
	}
	if c.Least > 0 && c.Most >= c.Least {
		h.audits.Least, h.audits.Most = c.Least, c.Most
	}
}

func (c *serveCmd) listen(h *house, logger *slog.Logger) (*server, error) {
	cert, err := h.ca.ServerCertificate(c.Host)
	if err != nil {
		return nil, err
	}
	proxies, err := prefixes(c.Proxy)
	if err != nil {
		return nil, err
	}
	if h.feeds.Caller, err = c.caller(); err != nil {
		return nil, err
	}
	c.settle(h)
	if err := c.signIn(h); err != nil {
		return nil, err
	}
	pages, err := console.New(console.Config{
		Desk: h.desk, Journal: h.journal, Agencies: h.agencies, Accounts: h.accounts, Agreements: h.agreements,
		Citizens: h.citizens, Complaints: h.complaints, Audits: h.audits,
		Persons: h.persons, Places: h.places, Cases: h.cases, Notices: h.notices, Feeds: h.feeds, Deliveries: h.deliveries, Jobs: h.jobs,
		Board: h.board, Quality: h.quality, Usage: h.usage, Exceptions: h.exceptions, Properties: h.properties,
		Processes: h.processes, CA: h.ca, Compliance: h.compliance, Deadlines: h.deadlines, Quarters: h.quarters,
		URL: c.URL, Demo: c.Demo, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	door := api.New(api.Config{
		Desk: h.desk, Journal: h.journal, Agencies: h.agencies, Agreements: h.agreements,
		Citizens: h.citizens, Complaints: h.complaints, Audits: h.audits,
		Persons: h.persons, Places: h.places, Cases: h.cases, Notices: h.notices, Feeds: h.feeds, Deliveries: h.deliveries, Jobs: h.jobs,
		Board: h.board, Quality: h.quality, Usage: h.usage, Exceptions: h.exceptions, Properties: h.properties,
		Processes: h.processes, CA: h.ca, Compliance: h.compliance, Deadlines: h.deadlines, Quarters: h.quarters,
		Site: c.pages(), Demo: c.Demo,
		Roots: h.ca.Pool(), Pages: pages.Handler(), Proxies: proxies, Logger: logger,
	})
	s, most := &server{}, connections()
	if s.api, err = net.Listen("tcp", c.API); err != nil {
		return nil, err
	}
	agencies := door.Server(door.Agencies())
	agencies.TLSConfig = door.TLS(cert)
	s.serve(agencies, func() error { return agencies.ServeTLS(api.Listen(s.api, most), "", "") })

	if s.public, err = net.Listen("tcp", c.Public); err != nil {
		return nil, err
	}
	if err := h.accounts.At(c.origin(s.public.Addr()), message.Text(message.Fa, "console.name")); err != nil {
		return nil, err
	}
	public := door.Server(door.Public())
	if c.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return nil, err
		}
		public.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
		s.serve(public, func() error { return public.ServeTLS(api.Listen(s.public, most), "", "") })
	} else {
		s.serve(public, func() error { return public.Serve(api.Listen(s.public, most)) })
	}
	if c.Private == "" {
		return s, nil
	}
	if s.private, err = net.Listen("tcp", c.Private); err != nil {
		return nil, err
	}
	private := &http.Server{Handler: privateMux(door.Metrics()), ReadHeaderTimeout: 5 * time.Second}
	s.serve(private, func() error { return private.Serve(s.private) })
	return s, nil
}

// pages is where the public reaches the pages, as papers print it. Without a
// public address that is this machine: for trials.
func (c *serveCmd) pages() string {
	switch {
	case c.URL != "":
		return strings.TrimSuffix(c.URL, "/")
	case strings.HasPrefix(c.Public, ":"):
		return "http://localhost" + c.Public
	}
	return "http://" + c.Public
}

// connections is how many may be open at a time on each of the two listeners:
// strangers never take the last file that the registers need.
func connections() int {
	const most, kept = 16_384, 512
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return most / 16
	}
	return int(min(most, max(64, files.Cur-min(files.Cur, kept))/2))
}

func (s *server) serve(h *http.Server, f func() error) {
	s.all = append(s.all, h)
	s.servers = append(s.servers, f)
}

// run serves, and does later work, until ctx ends or a listener fails. Then no
// new request is taken, and those under way have ten seconds; a job under way
// is handed back at its next step and goes on at the next start.
func (s *server) run(ctx context.Context, h *house) error {
	working, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	for range 2 { // a job of hours does not keep a short one waiting
		work.Go(func() { _ = h.jobs.Work(working) }) // it ends with its context alone
	}
	work.Go(func() { _ = h.mirror.Keep(working) }) // likewise
	work.Go(func() {
		h.deliveries.Tend(working, func(err error) {
			h.jobs.Logger.Warn("deliveries whose time is over cannot be forgotten; trying again", "error", err)
		})
	})
	work.Go(func() {
		h.audits.Tend(working, func(err error) {
			h.jobs.Logger.Warn("audits cannot be looked after; trying again", "error", err)
		})
	})
	work.Go(func() { h.feeds.Run(working) })
	work.Go(func() { h.usage.Serve(working) })
	defer work.Wait()
	defer stop()
	failed := make(chan error, len(s.servers))
	for _, f := range s.servers {
		go func() { failed <- f() }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	for _, h := range s.all {
		err = errors.Join(err, h.Shutdown(ending))
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// privateMux serves what is for operators only.
func privateMux(metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
