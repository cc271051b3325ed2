package console_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/console"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func newStage(t *testing.T) *consoletest.Stage { return consoletest.New(t, console.Rooms()...) }

// seats names an officer for each role, and another of another body where one
// must see nothing of the first.
var seats = map[string][2]string{
	"officer": {consoletest.Bank, consoletest.Officer}, "head": {consoletest.Bank, consoletest.Head},
	"programmer": {consoletest.Bank, consoletest.Programmer},
	"clerk":      {consoletest.Registry, "c1"}, "supervisor": {consoletest.Registry, "s1"}, "inspector": {consoletest.Registry, "i1"},
	"post": {consoletest.PostOffice, "p1"}, "municipality": {consoletest.Town, "m1"}, "printer": {consoletest.PrintHouse, "r1"},
	"member": {consoletest.Planning, "b3"},
}

var braces = regexp.MustCompile(`\{([a-z_]+)\}`)

// at fills all parts of a route's address with a value.
func at(r page.Route, value string) string {
	return braces.ReplaceAllString(strings.ReplaceAll(r.Path, "{$}", ""), strings.ReplaceAll(url.PathEscape(value), "$", "$$"))
}

// TestRoutes does the exercises of every page: no session, wrong role, bad
// input, cross-site. Wrong agency is TestOthers.
func TestRoutes(t *testing.T) {
	s := newStage(t)
	nobody := s.Visitor()
	visitors := map[string]*consoletest.Visitor{}
	for role, seat := range seats {
		visitors[role] = s.SignedIn(seat[0], seat[1])
	}
	same := map[string]string{"Sec-Fetch-Site": "same-origin"}
	for _, r := range s.Site.Routes {
		if strings.HasPrefix(r.Path, "/test/") {
			continue
		}
		t.Run(r.Method+" "+r.Path, func(t *testing.T) {
			form := url.Values(nil)
			if r.Method == http.MethodPost {
				form = url.Values{"note": {"x"}}
			}
			// 1. No session.
			p := nobody.NoRedirect().Do(r.Method, at(r, "1"), form, same)
			asked := p.Status == 303 && strings.HasPrefix(p.Header.Get("Location"), "/sign-in") || strings.Contains(p.Body, `name="kept"`)
			if asked != (len(r.Roles) > 0) && !strings.HasPrefix(r.Path, "/sign-in/") { // those want half of a sign-in
				t.Errorf("without a session: %d to %q", p.Status, p.Header.Get("Location"))
			}

			// 2. Wrong role.
			for role, v := range visitors {
				if len(r.Roles) == 0 || slices.Contains(r.Roles, role) {
					continue
				}
				if p := v.Do(r.Method, at(r, "1"), form, same); p.Status != 403 {
					t.Errorf("as %s: %d", role, p.Status)
				}
			}

			// 3. Bad input.
			own := nobody
			if len(r.Roles) > 0 {
				own = visitors[r.Roles[0]]
			}
			if r.Path == "/sign-out" {
				return
			}
			controls := names(own.Get(at(r, "1")).Body)
			for _, bad := range badInputs {
				tryBad(t, own, r, controls, bad)
			}

			// 4. Cross-site: nothing that acts, and reading only what is one's own.
			for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}} {
				p := own.NoRedirect().Do(r.Method, at(r, "1"), form, header)
				if r.Method == http.MethodPost && p.Status != 403 {
					t.Errorf("cross-site %v: %d", header, p.Status)
				}
				if p.Header.Get("Access-Control-Allow-Origin") != "" || p.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
					t.Error("another site may read the answer")
				}
			}
		})
	}
	for _, number := range []string{consoletest.Ali, consoletest.Departed} {
		if strings.Contains(s.Logged.String(), number) {
			t.Error("a national number is in the log")
		}
	}
}

var badInputs = []string{
	"x", "<script>alert(1)</script>", "\u202e1234", "\x00", "٠", "-1", strings.Repeat("9", 20), strings.Repeat("آ", 1000), consoletest.Ali, "../../etc/passwd", "%", "\xff\xfe",
}

// tryBad sends one bad value everywhere a page takes one: in the address, in
// every filter, in every control of its form.
func tryBad(t *testing.T, v *consoletest.Visitor, r page.Route, controls []string, bad string) {
	t.Helper()
	path := at(r, bad)
	judge := func(how string, p consoletest.Page) {
		t.Helper()
		switch {
		case p.Status >= 500:
			t.Errorf("%s %.20q: %d", how, bad, p.Status)
		case strings.Contains(p.Body, "<script>"), strings.Contains(p.Body, "\u202e"):
			at := max(strings.Index(p.Body, "\u202e"), strings.Index(p.Body, "<script>"))
			t.Errorf("%s %.20q comes back as it was: %.200q", how, bad, p.Body[max(0, at-100):])
		case bad == consoletest.Ali && r.Method == http.MethodPost && !strings.Contains(path, bad) && strings.Contains(p.Path, bad):
			t.Errorf("%s: a number stands in the address %s", how, p.Path)
		}
	}
	if r.Method == http.MethodGet {
		query := url.Values{}
		for _, name := range controls {
			query.Set(name, bad)
		}
		for _, name := range []string{"after", "before", "code", "service", "mode", "key", "next", "lang", "from", "to", "paper", "state", "id"} {
			query.Set(name, bad)
		}
		judge("in the query", v.Get(path+"?"+query.Encode()))
		return
	}
	form := url.Values{}
	for _, name := range append(slices.Clone(controls), "code", "agency", "login", "password", "id", "version", "grounds.document", "reason") {
		form.Set(name, bad)
	}
	judge("in the form", v.Post(path, form))
	if r.Most > 0 {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name := range form {
			_ = w.WriteField(name, bad)
			part, err := w.CreateFormFile(name, "bad.csv")
			consoletest.Must(t, err)
			_, _ = part.Write([]byte(bad))
		}
		_ = w.Close()
		judge("as a file", v.Send("POST", path, w.FormDataContentType(), &b, map[string]string{"Sec-Fetch-Site": "same-origin"}))
	}
}

var named = regexp.MustCompile(`\sname="([^"]+)"`)

// names are those of all controls on a page.
func names(body string) (all []string) {
	for _, m := range named.FindAllStringSubmatch(body, -1) {
		if m[1] != "viewport" && m[1] != "once" && !slices.Contains(all, m[1]) {
			all = append(all, m[1])
		}
	}
	return all
}

func TestTooLarge(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	p := v.Post("/officer/ask", consoletest.AboutAli("file", strings.Repeat("x", 64<<10)))
	if p.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", p.Status)
	}
}

func TestMethods(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	for _, c := range [][2]string{{"POST", "/"}, {"PUT", "/check"}, {"GET", "/language"}, {"DELETE", "/officer"}} {
		p := v.Do(c[0], c[1], nil, map[string]string{"Sec-Fetch-Site": "same-origin"})
		if p.Status != http.StatusMethodNotAllowed || p.Header.Get("Allow") == "" {
			t.Errorf("%v: %d, Allow %q", c, p.Status, p.Header.Get("Allow"))
		}
	}
	if p := v.Get("/nowhere"); p.Status != 404 {
		t.Errorf("/nowhere: %d", p.Status)
	}
}

var styleSheet = regexp.MustCompile(`/static/style\.[0-9a-f]+\.css`)

// TestHeaders: every answer forbids what no page needs.
func TestHeaders(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	body := v.Get("/").Body
	for _, path := range []string{"/", "/check", "/nowhere", "/sign-in", styleSheet.FindString(body)} {
		h := v.Get(path).Header
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if !strings.Contains(h.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if csp := h.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: %s", path, csp)
		}
		if !strings.HasPrefix(path, "/static/") && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", path, h.Get("Cache-Control"))
		}
	}
	for _, no := range []string{"style=", "onclick", "<style", "https://"} {
		if strings.Contains(body, no) {
			t.Errorf("the home page holds %q", no)
		}
	}
}

func TestSecureCookies(t *testing.T) {
	s, err := console.New(console.Config{URL: "https://estelam.example"})
	consoletest.Must(t, err)
	if k := s.Sessions.Cookie; !k.Secure || k.Name != "__Host-estelam" || !k.HttpOnly || k.Path != "/" || k.Domain != "" {
		t.Errorf("%+v", k)
	}
}
