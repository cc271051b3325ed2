package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/console"
)

// benchPages measures every page of the console as a browser on this machine
// gets it from a demo that runs: whole answers over a kept connection, so the
// figures are the server's time and a little more. The yardstick is /healthz.
type benchPages struct {
	URL    string `default:"http://localhost:8080" help:"Where the pages of a running demo are."`
	Runs   int    `default:"9" help:"How often each page is fetched; the table shows median and slowest."`
	Number string `help:"A national number of the demo's population, whose record is opened too."`
	Slow   int    `default:"30" help:"How many pages the table shows, the slowest first; 0: all."`
	Out    string `help:"Write the text into this directory too." type:"path"`
}

// pageTime is what one page took.
type pageTime struct {
	role, pattern   string
	median, slowest time.Duration
	bytes, sent     int // as text, and over the line
}

// Run signs in as every role that the demo offers, follows all links, and
// measures what it finds.
func (c *benchPages) Run(ctx context.Context, s streams) error {
	if c.Runs < 1 {
		return errors.New("bench: at least one run")
	}
	b, err := newBench("pages", benchFlags{Persons: 100, Rounds: 1, Seconds: 1, Out: c.Out}, s)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(c.URL, "/")
	p := &pagesBench{base: base, ctx: ctx, runs: c.Runs, mux: http.NewServeMux(), seen: map[string]bool{}}
	for _, room := range console.Rooms() {
		for _, r := range room.Routes {
			if r.Method == http.MethodGet {
				p.mux.Handle("GET "+r.Path, http.NotFoundHandler())
			}
		}
	}
	null, err := p.time("", "/healthz")
	if err != nil {
		return err
	}
	people, err := p.people()
	if err != nil {
		return err
	}
	line := newProgress(s.err, "roles")
	for i, who := range append([]url.Values{nil}, people...) {
		if err := p.role(who, c.Number); err != nil {
			return err
		}
		line.at(int64(i+1), int64(len(people)+1))
	}
	c.table(b, p.all, null)
	return b.finish(nil)
}

// table writes the slowest pages and what all of them have in common.
func (c *benchPages) table(b *bench, all []pageTime, null pageTime) {
	slices.SortFunc(all, func(x, y pageTime) int { return cmp.Compare(y.median, x.median) })
	over, heaviest := 0, 0
	for _, t := range all {
		if t.median > 50*time.Millisecond {
			over++
		}
		heaviest = max(heaviest, t.sent)
	}
	fmt.Fprintf(b, "pages     %d addresses at %s, each %d times\n", len(all), c.URL, c.Runs)
	fmt.Fprintf(b, "yardstick /healthz: median %.2f ms, slowest %.2f\n", ms(null.median), ms(null.slowest))
	fmt.Fprintf(b, "over 50 ms (median): %d; heaviest page over the line: %d bytes\n\n", over, heaviest)
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', 0)
	fmt.Fprintf(t, "median ms\tslowest ms\tbytes\tover the line\trole\tpage\t\n")
	for i, x := range all {
		if c.Slow > 0 && i == c.Slow {
			break
		}
		fmt.Fprintf(t, "%.1f\t%.1f\t%d\t%d\t%s\t%s\t\n", ms(x.median), ms(x.slowest), x.bytes, x.sent, x.role, x.pattern)
	}
	_ = t.Flush() // into memory and a terminal
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// pagesBench is the visitor with a stop-watch.
type pagesBench struct {
	base   string
	ctx    context.Context
	runs   int
	mux    *http.ServeMux
	client *http.Client
	seen   map[string]bool // patterns measured, by role
	all    []pageTime
}

// newcomer forgets who was signed in.
func (p *pagesBench) newcomer() {
	jar, _ := cookiejar.New(nil) // without options it always can be made
	p.client = &http.Client{Jar: jar, Timeout: time.Minute}
}

var (
	demoForm  = regexp.MustCompile(`(?s)<form method="post" action="/sign-in/demo">.*?</form>`)
	hiddenOne = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	linkOf    = regexp.MustCompile(`href="(/[^"#]*)`)
)

// people are those whom the demo offers to sign in as: one of each role.
func (p *pagesBench) people() (all []url.Values, err error) {
	p.newcomer()
	body, _, err := p.get("/sign-in")
	if err != nil {
		return nil, err
	}
	for _, form := range demoForm.FindAllString(body, -1) {
		who := url.Values{}
		for _, m := range hiddenOne.FindAllStringSubmatch(form, -1) {
			who.Set(m[1], html.UnescapeString(m[2]))
		}
		all = append(all, who)
	}
	if len(all) == 0 {
		return nil, errors.New("bench: nobody can sign in by one click there: this wants a demo that runs")
	}
	return all, nil
}

// role signs in and measures every page that links lead to: of each pattern the
// first.
func (p *pagesBench) role(who url.Values, number string) error {
	p.newcomer()
	name, todo := "everybody", []string{"/"}
	if who != nil {
		name = who.Get("login")
		home, err := p.post("/sign-in/demo", who)
		if err != nil {
			return err
		}
		todo = []string{home}
		if strings.HasPrefix(home, "/registry") && number != "" {
			person, err := p.post("/registry/persons", url.Values{"national_number": {number}, "reason": {"registration"}, "file": {"bench"}, "once": {"1"}})
			if err != nil {
				return err
			}
			todo = append(todo, person)
		}
	}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		r, err := http.NewRequest(http.MethodGet, p.base+path, nil)
		if err != nil {
			continue // no address of ours
		}
		_, pattern := p.mux.Handler(r)
		if pattern == "" || p.seen[name+pattern] {
			continue
		}
		p.seen[name+pattern] = true
		body, _, err := p.get(path)
		if err != nil {
			return err
		}
		t, err := p.time(name, path)
		if err != nil {
			return err
		}
		t.pattern = strings.TrimPrefix(pattern, "GET ")
		p.all = append(p.all, t)
		for _, m := range linkOf.FindAllStringSubmatch(body, -1) {
			todo = append(todo, html.UnescapeString(m[1]))
		}
	}
	return nil
}

// time fetches a page again and again.
func (p *pagesBench) time(role, path string) (t pageTime, err error) {
	if p.client == nil {
		p.newcomer()
	}
	var took []time.Duration
	for range p.runs {
		begun := time.Now()
		body, sent, err := p.get(path)
		if err != nil {
			return t, err
		}
		took = append(took, time.Since(begun))
		t.bytes, t.sent = len(body), sent
	}
	slices.Sort(took)
	t.role, t.pattern, t.median, t.slowest = role, path, took[len(took)/2], took[len(took)-1]
	return t, nil
}

// get fetches a page as a browser does, compressed.
func (p *pagesBench) get(path string) (body string, sent int, err error) {
	r, err := http.NewRequestWithContext(p.ctx, http.MethodGet, p.base+path, nil)
	if err != nil {
		return "", 0, err
	}
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := p.client.Do(r)
	if err != nil {
		return "", 0, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return "", 0, err
	}
	sent = len(data)
	if res.Header.Get("Content-Encoding") == "gzip" {
		if data, err = gunzip(data); err != nil {
			return "", 0, err
		}
	}
	return string(data), sent, nil
}

func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// post sends a form and gives the address where it ended.
func (p *pagesBench) post(path string, form url.Values) (string, error) {
	r, err := http.NewRequestWithContext(p.ctx, http.MethodPost, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := p.client.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("bench: %s answers %s", path, res.Status)
	}
	return res.Request.URL.RequestURI(), nil
}
