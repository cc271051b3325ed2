package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/console"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/store/storetest"
)

// TestConsole drives the real binary, as the demo runs it, with Chromium: every
// role signs in with one click, does its main act in Persian, and opens every
// page there is, in both languages.
func TestConsole(t *testing.T) {
	base := startDemo(t)
	c := &consoleTour{Browser: consoletest.Chromium(t, base), base: base, patterns: patternsOf(t), seen: map[string]int{}}
	c.Size(1280)
	for _, role := range []string{"officer", "", "head", "programmer", "clerk", "supervisor", "post", "municipality", "printer", "member", "inspector"} {
		name := role
		if role == "" {
			name = "everybody"
		}
		t.Run(name, func(t *testing.T) {
			c.T = t
			c.as(role)
			for _, act := range mainActs[role] {
				act(c)
			}
			c.crawl(role)
		})
	}
	t.Run("all pages", func(t *testing.T) {
		for pattern := range c.patterns.all {
			if c.seen[pattern] == 0 && unseen[pattern] == "" {
				t.Errorf("no link leads to %s", pattern)
			}
		}
	})
}

// Why a page is not opened from the demo's links; the tests of its room open it.
const (
	noState = "the demo has nothing in that state"
	noSSO   = "the demo has no other sign-on"
	halfWay = "it stands half-way through another page"
	noLink  = "the browser fetches it by itself"
)

// unseen lists the pages that the tour need not open, each with the reason.
var unseen = map[string]string{
	"/account/link":                                    noSSO,
	"/account/passkeys/{passkey}":                      halfWay,
	"/account/passkeys/{passkey}/remove":               halfWay,
	"/account/password":                                halfWay,
	"/board/audits/{audit}/decide":                     noState,
	"/board/evaluations/{evaluation}/appeals/{appeal}": noState,
	"/board/quarters/{quarter}/issue":                  noState,
	"/head/agreements/draft/{id}/sign":                 noState,
	"/head/agreements/no/{id}/compare":                 noState,
	"/head/audits/{id}/appeal":                         noState,
	"/head/delegations/{id}/end":                       noState,
	"/head/evaluations/{id}/appeal":                    noState,
	"/head/obstacles/{id}":                             noState,
	"/head/obstacles/{id}/remove":                      noState,
	"/head/quarters/{quarter}/paper":                   noState,
	"/head/staff/of/{login}/reset":                     noState,
	"/head/staff/of/{login}/sessions":                  noState,
	"/inspector/audits/{audit}/judge":                  noState,
	"/inspector/patterns/{pattern}":                    noState,
	"/me/corrections":                                  halfWay,
	"/me/dispute":                                      halfWay,
	"/me/locks":                                        halfWay,
	"/municipality/places/{ref}/plate":                 noState,
	"/municipality/plates/{id}/lost":                   noState,
	"/office/agreements/{agreement}/resume":            noState,
	"/office/cases/{case}/answer":                      noState,
	"/office/cases/{case}/close":                       noState,
	"/office/cases/{case}/correct":                     noState,
	"/office/counts/{job}":                             noState,
	"/office/delegations/{delegation}/end":             noState,
	"/office/deliveries/{delivery}/priority":           noState,
	"/office/deliveries/{delivery}/refuse":             noState,
	"/office/deliveries/{delivery}/release":            noState,
	"/office/drafts/{draft}/countersign":               noState,
	"/office/reviews/{review}/decide":                  noState,
	"/officer/files/{id}/acknowledge":                  noState,
	"/officer/files/{id}/manifest.json":                noState,
	"/officer/files/{id}/parts/{part}":                 noState,
	"/officer/files/{id}/receipt.json":                 noState,
	"/officer/files/{id}/report.pdf":                   noState,
	"/officer/files/{id}/result":                       noState,
	"/officer/files/{id}/result.xlsx":                  noState,
	"/officer/files/{id}/supplement.xlsx":              noState,
	"/officer/inquiries/{code}/doubt":                  noState,
	"/offline.js":                                      noLink,
	"/post/places/{ref}/plate":                         noState,
	"/post/plates/{id}/lost":                           noState,
	"/printer/{campaign}/batches/{batch}/print":        noState,
	"/printer/{campaign}/batches/{batch}/printed":      noState,
	"/printer/{campaign}/cut":                          noState,
	"/registry/births/twins/{of}":                      noState,
	"/registry/certificates/{paper}":                   noState,
	"/registry/hours/{office}/{day}":                   noState,
	"/registry/names/{id}":                             noState,
	"/registry/names/{id}/deny":                        noState,
	"/registry/names/{id}/found":                       noState,
	"/registry/persons/{ref}/booklets/issue":           noState,
	"/registry/persons/{ref}/cancellation-annulment":   noState,
	"/registry/persons/{ref}/cards/appoint":            noState,
	"/registry/persons/{ref}/cards/damaged":            noState,
	"/registry/persons/{ref}/cards/hand-over":          noState,
	"/registry/persons/{ref}/cards/lost":               noState,
	"/registry/persons/{ref}/cards/spoil":              noState,
	"/registry/persons/{ref}/death-annulment":          noState,
	"/registry/persons/{ref}/sealed":                   noState,
	"/registry/runs/{id}":                              noState,
	"/report/{agency}":                                 noState,
	"/sign-in/code":                                    halfWay,
	"/sign-in/factor":                                  halfWay,
	"/sign-in/oidc":                                    noSSO,
	"/sign-in/oidc/back":                               noSSO,
	"/statistics/{quarter}":                            noState,
	"/statistics/{quarter}/pdf":                        noState,
	"/statistics/{quarter}/xlsx":                       noState,
}

// logins are those of the demo's people, by role.
var logins = map[string]string{
	"officer": "b.sample", "head": "m.modir", "programmer": "p.barname", "clerk": "c1", "supervisor": "s1", "post": "p1", "municipality": "m1", "printer": "r1", "member": "b1", "inspector": "i1",
}

// The size of the demo's country.
const (
	tourPersons = 5000
	tourPlaces  = 2000
)

// startDemo starts the demo in a directory of its own and gives the address of
// its pages. It is ended with the test.
func startDemo(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "estelam", "demo", "--persons", strconv.Itoa(tourPersons), "--places", strconv.Itoa(tourPlaces),
		"--dir", filepath.Join(storetest.TempDir(t), "demo"), "--api", "127.0.0.1:0", "--public", "127.0.0.1:0")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	base, ready := make(chan string, 1), make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if at := pagesLine.FindStringSubmatch(lines.Text()); at != nil {
				base <- at[1]
			}
			if strings.Contains(lines.Text(), "/sign-in") {
				ready <- true
			}
		}
		_ = cmd.Wait()
		close(base)
		close(ready)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		for range ready { // until it has ended
		}
	})
	address := <-base
	if address == "" || !<-ready {
		t.Fatal("the demo does not start")
	}
	return address
}

var pagesLine = regexp.MustCompile(`^ +pages +(http://\S+)`)

// consoleTour is the browser on its way through all pages.
type consoleTour struct {
	*consoletest.Browser
	base     string
	patterns *patterns
	seen     map[string]int // pages opened, by pattern

	code      string   // of the officer's inquiry
	person    string   // page of somebody whom the clerk has opened
	crawlFrom []string // pages that an act found
}

// patterns are the addresses of all pages that are opened by GET.
type patterns struct {
	mux *http.ServeMux
	all map[string][]string // roles by pattern
}

func patternsOf(t *testing.T) *patterns {
	p := &patterns{mux: http.NewServeMux(), all: map[string][]string{}}
	for _, room := range console.Rooms() {
		for _, r := range room.Routes {
			if r.Method == http.MethodGet {
				p.mux.Handle("GET "+r.Path, http.NotFoundHandler())
				p.all[r.Path] = r.Roles
			}
		}
	}
	if len(p.all) < 50 {
		t.Fatalf("only %d pages", len(p.all))
	}
	return p
}

func (p *patterns) of(path string) string {
	r, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return ""
	}
	_, pattern := p.mux.Handler(r)
	return strings.TrimPrefix(pattern, "GET ")
}

// as signs in by one click of the demo.
func (c *consoleTour) as(role string) {
	c.T.Helper()
	c.Open("/check")
	c.Eval(`fetch("/sign-out", {method: "POST"}).then(() => "")`)
	if role == "" {
		return
	}
	c.Open("/sign-in")
	c.Eval(`document.querySelector('form[action="/sign-in/demo"]:has(input[value="` + logins[role] + `"]) button').click(), ""`)
	c.See("خروج")
}

// crawl opens every page that links lead to: of each pattern the first two, in
// Persian; then those that no role before has opened in English.
func (c *consoleTour) crawl(role string) {
	todo := append([]string{c.Eval(`location.pathname + location.search`)}, c.crawlFrom...)
	c.crawlFrom = nil
	if role == "" {
		todo = append(todo, "/")
	}
	opened, fresh := map[string]int{}, []string{}
	for done := map[string]bool{}; len(todo) > 0; {
		path := todo[0]
		todo = todo[1:]
		pattern := c.patterns.of(c.base + path)
		if done[path] || pattern == "" || opened[pattern] >= 2 || !c.mine(pattern, role) {
			continue
		}
		done[path] = true
		opened[pattern]++
		links, isPage := c.look(path, "fa", c.seen[pattern] == 0)
		todo = append(todo, links...)
		if isPage && c.seen[pattern] == 0 {
			fresh = append(fresh, path)
		}
		c.seen[pattern]++
	}
	c.speak("en")
	c.Size(390)
	for _, path := range fresh {
		c.look(path, "en", false)
		if over := c.Overflow(); over != "0" {
			c.T.Errorf("en %s at 390 px overflows by %s px", path, over)
		}
	}
	c.Size(1280)
	c.speak("fa")
}

// speak chooses the language of the pages that follow.
func (c *consoleTour) speak(lang string) {
	c.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		return t.Call(ctx, "Network.setCookie", map[string]any{"name": "lang", "value": lang, "url": c.base + "/", "httpOnly": true, "sameSite": "Lax"}, nil)
	}))
}

// mine reports whether a page is one of the role's: pages for everybody are
// opened by everybody once.
func (c *consoleTour) mine(pattern, role string) bool {
	roles := c.patterns.all[pattern]
	if len(roles) == 0 {
		return role == "" || c.seen[pattern] == 0 && pattern != "/sign-in"
	}
	return slices.Contains(roles, role)
}

// whatIsThere is the key that a page shows where a text is missing, if any, and
// where its links lead.
const whatIsThere = `JSON.stringify({
	Missing: (document.documentElement.outerHTML.match(/\[[a-z_]+(\.[a-z0-9_]+)+\]/) || [""])[0],
	Links: [...document.querySelectorAll('a[href^="/"]')].map((a) => a.getAttribute("href").split("#")[0]),
})`

// look opens a page and holds it against what every page promises: it is there,
// its texts are, it fits every width, axe finds nothing, and the browser's
// console stays empty. It gives the links on it.
func (c *consoleTour) look(path, lang string, closely bool) (links []string, isPage bool) {
	c.T.Helper()
	if !c.enter(path) {
		return nil, false
	}
	var there struct {
		Missing string
		Links   []string
	}
	if err := json.Unmarshal([]byte(c.Eval(whatIsThere)), &there); err != nil {
		c.T.Fatal(err)
	}
	if there.Missing != "" {
		c.T.Errorf("%s %s shows the key %s", lang, path, there.Missing)
	}
	if closely {
		c.Check(c.T, lang+" "+path)
	}
	for _, said := range c.Complaints() {
		c.T.Errorf("%s %s: the console says %s", lang, path, said)
	}
	for _, link := range there.Links {
		if u, err := url.Parse(link); err == nil && !strings.HasPrefix(link, "//") && !slices.Contains(links, u.RequestURI()) {
			links = append(links, u.RequestURI())
		}
	}
	return links, true
}

// enter opens what is at path and reports whether that is a page: a redirect
// and a file are not, but they must be there.
func (c *consoleTour) enter(path string) bool {
	c.T.Helper()
	where, _, _ := strings.Cut(path, "?")
	if !file.MatchString(where) {
		at, kind, status := c.Visit(path)
		if kind != "" {
			if status != http.StatusOK {
				c.T.Errorf("%s answers %d", path, status)
			}
			at, _, _ = strings.Cut(at, "?")
			return status == http.StatusOK && kind == "text/html" && at == where
		}
	}
	if c.Eval(`location.pathname`) == "/receipt" { // that page asks nobody anything
		c.Open("/check")
	}
	got := c.Eval(`fetch(` + quote(path) + `, {redirect: "manual"}).then((r) => r.status + " " + (r.headers.get("Content-Type") || "") + " " + r.headers.get("Content-Disposition"))`)
	status, kind, _ := strings.Cut(got, " ")
	if status != "200" && status != "0" { // 0: a redirect
		c.T.Errorf("%s answers %s", path, got)
		return false
	}
	if !strings.HasPrefix(kind, "text/html") || strings.Contains(kind, "attachment") {
		return false
	}
	c.Open(path)
	return true
}

// file matches the path of what the browser would show in a frame of its own, or
// keep: it is not entered. A login has a dot, too.
var file = regexp.MustCompile(`[./](pdf|xlsx|csv|json|js|zip)$`)

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always can be
	return string(b)
}
