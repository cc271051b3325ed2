package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/synth"
)

// demoCmd shows the whole thing on an invented country.
type demoCmd struct {
	Persons int    `default:"20000" help:"How many persons."`
	Places  int    `default:"6000" help:"How many places."`
	Seed    uint64 `default:"1405" help:"Which population."`
	Dir     string `help:"Keep everything in this directory, which must be new or empty; without it: a temporary one, removed at the end." type:"path"`
	API     string `default:"127.0.0.1:8443" help:"Address of the API; another port is taken if this one is in use."`
	Public  string `default:"127.0.0.1:8080" help:"Address of the pages, likewise."`
	Once    bool   `help:"End after the inquiries instead of staying up."`
	Bare    bool   `help:"Leave the desks empty, as those of a very small country are: the examples in the documents count their numbers from there."`
}

// Run makes the country, serves it, asks a handful of real questions over
// mutual TLS, shows the answers, and stays up.
func (c *demoCmd) Run(ctx context.Context, s streams) error {
	dir, cleanup, err := c.directory()
	if err != nil {
		return err
	}
	defer cleanup()
	start := time.Now()
	fmt.Fprintf(s.out, "Estelam demo. Everybody in it is invented.\n\n")
	config := synth.Config{Seed: c.Seed, Persons: c.Persons, Places: c.Places}
	k, err := buildCountry(ctx, dir, config, func(what string) *progress { return newProgress(s.err, "  "+what) })
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h, err := open(ctx, siteIn(dir), logger)
	if err != nil {
		return err
	}
	defer h.close()
	h.jobs.Logger, h.feeds.Logger, h.usage.Logger = logger, logger, logger // what they tell stands between no lines of the tour
	serve := serveCmd{site: siteIn(dir), API: free(c.API), Public: free(c.Public), Host: []string{"localhost", "127.0.0.1"}, Demo: true}
	srv, err := serve.listen(h, logger)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- srv.run(serving, h) }()

	t := &tour{country: k, out: s.out, bare: c.Bare || c.Persons < deskCountry, api: "https://" + srv.api.Addr().String(), pages: serve.origin(srv.public.Addr())}
	t.welcome(time.Since(start))
	if err := t.walk(ctx, h, start); err != nil {
		return err
	}
	if !t.bare {
		if err := t.fill(ctx, h); err != nil {
			return err
		}
	}
	t.farewell(h, c.Once)
	if c.Once {
		stop()
	}
	return <-ended
}

// directory is where the demo lives, and what removes it afterwards.
func (c *demoCmd) directory() (dir string, cleanup func(), err error) {
	if c.Dir != "" {
		if inside, err := os.ReadDir(c.Dir); err == nil && len(inside) > 0 {
			return "", nil, fault.New(fault.Conflict, "estelam.dir.used")
		}
		return c.Dir, func() {}, nil
	}
	dir, err = os.MkdirTemp("", "estelam-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// free is addr if it can be listened on, else any port of the same host.
func free(addr string) string {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		_ = l.Close()
		return addr
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return net.JoinHostPort(host, "0")
}

// tour is the guided part: questions, answers, and how to ask them again.
type tour struct {
	*country
	out        io.Writer
	api, pages string
	bare       bool
	step       int
	asBank     *client.Client
	asWelfare  *client.Client
	first      *client.Answer // the confirmed one, for the verification
}

func (t *tour) connect() (err error) {
	key, err := readFile(filepath.Join(t.dir, "log.vkey"))
	if err != nil {
		return err
	}
	for _, a := range []struct {
		to *(*client.Client)
		of invented
	}{{&t.asBank, t.bank}, {&t.asWelfare, t.welfare}} {
		*a.to, err = client.New(client.Config{
			URL: t.api, CertFile: a.of.cert, KeyFile: a.of.key, CAFile: filepath.Join(t.dir, "ca", "ca.pem"),
			LogKey: string(key), English: terminalLang() == message.En,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cast is who appears in the tour.
type cast struct{ customer, variant, dead, moved person.Person }

// find picks people for whom each question shows something.
func (t *tour) find() (c cast) {
	want := 4
	taken := map[ids.NationalNumber]bool{}
	pick := func(to *person.Person, p person.Person, fits bool) {
		if to.Number == 0 && fits && !taken[p.Number] {
			*to, taken[p.Number] = p, true
			want--
		}
	}
	grown := persian.DateOf(time.Now()).AddYears(-25)
	skip := t.persons / 3 // not only the first office's people
	for p := range t.people.Persons() {
		if skip--; skip > 0 || p.Father.Key == "" || !p.Born.Precise() {
			continue
		}
		adult := p.State == person.Active && p.Born.Compare(grown) < 0
		pick(&c.customer, p, adult && !p.Card.MustBeReplaced() && p.Postal != 0)
		pick(&c.variant, p, adult && hasYeh(p.Surname.Display) && len(persian.Key(p.Surname.Display)) > 8)
		pick(&c.dead, p, p.State == person.Deceased)
		pick(&c.moved, p, adult && p.Postal != 0)
		if want == 0 {
			break
		}
	}
	return c
}

// walk asks the questions.
func (t *tour) walk(ctx context.Context, h *house, start time.Time) error {
	if err := t.connect(); err != nil {
		return err
	}
	defer t.asBank.Close()
	defer t.asWelfare.Close()
	c := t.find()
	files := 0
	from := func(of *invented, purpose string) func(client.Question) client.Question {
		return func(q client.Question) client.Question {
			files++
			q.Officer, q.Purpose, q.File = of.officer, purpose, fmt.Sprintf("1405-%04d", files)
			return q
		}
	}
	bank, welfare := from(&t.bank, "account-opening"), from(&t.welfare, "enrolment")
	scenes := []struct {
		title string
		of    *invented
		as    *client.Client
		q     client.Question
	}{
		{"The bank opens an account. Are these the customer's particulars?", &t.bank, t.asBank, bank(client.Question{
			Service: "identity", Mode: "verify", NationalNumber: c.customer.Number.String(), BirthDate: c.customer.Born.String(),
			Claims: map[string]string{"given_name": c.customer.Given.Display, "surname": c.customer.Surname.Display, "father_name": c.customer.Father.Display},
		})},
		{"Another customer: Arabic letters on an old form, and the wrong father.", &t.bank, t.asBank, bank(client.Question{
			Service: "identity", Mode: "verify", NationalNumber: c.variant.Number.String(), BirthDate: c.variant.Born.String(),
			Claims: map[string]string{"given_name": c.variant.Given.Display, "surname": arabic(c.variant.Surname.Display), "father_name": wrongFather(c)},
		})},
		{"A number with a wrong birth date. Nobody learns which of the two is wrong.", &t.bank, t.asBank, bank(client.Question{
			Service: "identity", Mode: "verify", NationalNumber: c.customer.Number.String(), BirthDate: c.customer.Born.AddDays(-1).String(),
			Claims: map[string]string{"surname": c.customer.Surname.Display},
		})},
		{"Somebody uses the number of a person who is dead. The bank asks only for the age.", &t.bank, t.asBank, bank(client.Question{
			Service: "predicate", Mode: "verify", NationalNumber: c.dead.Number.String(), BirthDate: c.dead.Born.String(),
			Predicates: []client.Predicate{{Name: "age_at_least", Age: 18}},
		})},
		{"The bank wants to be told the father's name. Its agreement does not permit that.", &t.bank, t.asBank, bank(client.Question{
			Service: "identity", Mode: "disclose", NationalNumber: c.customer.Number.String(), BirthDate: c.customer.Born.String(),
			Fields: []string{"father_name"},
		})},
		{"The insurance organisation may: it asks where its insured lives.", &t.welfare, t.asWelfare, welfare(client.Question{
			Service: "residence", Mode: "disclose", NationalNumber: c.moved.Number.String(), BirthDate: c.moved.Born.String(),
			Fields: []string{"postal_code", "residence_since"},
		})},
	}
	for _, scene := range scenes {
		a, err := t.ask(ctx, scene.title, scene.of, scene.as, scene.q)
		if err != nil {
			return err
		}
		if t.first == nil {
			t.first = a
			fmt.Fprintf(t.out, "   first answer %.1f s after the start\n\n", time.Since(start).Seconds())
		}
	}
	if err := t.verify(ctx); err != nil {
		return err
	}
	if err := employ(ctx, h, filepath.Join(t.dir, "staff"), t.town()); err != nil {
		return err
	}
	if err := t.farewellTo(ctx, &c.moved, &c.variant); err != nil {
		return err
	}
	return t.govern(ctx, h)
}

// ask asks one question and shows it.
func (t *tour) ask(ctx context.Context, title string, of *invented, as *client.Client, q client.Question) (*client.Answer, error) {
	t.step++
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(t.dir, fmt.Sprintf("ask-%d.json", t.step))
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return nil, err
	}
	begun := time.Now()
	a, err := as.Inquire(ctx, q, client.Key(fmt.Sprintf("demo-%d", t.step)))
	if err != nil {
		return nil, err
	}
	took := time.Since(begun)
	fmt.Fprintf(t.out, "%d. %s\n", t.step, title)
	fmt.Fprintf(t.out, "   asks       %s, officer %s, file %s\n", of.name, q.Officer, q.File)
	fmt.Fprintf(t.out, "   question   %s, %s\n", q.Service, q.Mode)
	fmt.Fprintf(t.out, "              national number %s, born %s\n", q.NationalNumber, q.BirthDate)
	for _, f := range []string{"given_name", "surname", "father_name"} {
		if v, ok := q.Claims[f]; ok {
			fmt.Fprintf(t.out, "              %s: %s\n", f, v)
		}
	}
	for _, f := range q.Fields {
		fmt.Fprintf(t.out, "              %s?\n", f)
	}
	for _, p := range q.Predicates {
		fmt.Fprintf(t.out, "              %s %d?\n", p.Name, p.Age)
	}
	var answer strings.Builder
	printAnswer(&answer, a)
	for line := range strings.Lines(answer.String()) {
		fmt.Fprint(t.out, "   ", line)
	}
	fmt.Fprintf(t.out, "   took       %.1f ms, receipt verified against the log's key\n", float64(took.Microseconds())/1000)
	fmt.Fprintf(t.out, "   again      %s\n\n", t.curl(of, filepath.Base(file), "/v1/inquiries"))
	return a, nil
}

// curl is the same request for a terminal.
func (t *tour) curl(of *invented, file, path string) string {
	rel := func(name string) string { return strings.TrimPrefix(name, t.dir+string(filepath.Separator)) }
	return fmt.Sprintf("curl -s --cert %s --key %s --cacert ca/ca.pem -w '\\n' -H content-type:application/json -d @%s %s%s",
		rel(of.cert), rel(of.key), file, t.api, path)
}
