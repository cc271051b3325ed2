package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

var linked = regexp.MustCompile(`/static/[a-zA-Z0-9._-]+`)

func TestLanguage(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	if p := v.Do("GET", "/", nil, map[string]string{"Accept-Language": "en"}); !strings.Contains(p.Body, `<html lang="fa" dir="rtl">`) {
		t.Error("the first language is not Persian")
	}
	p := v.Post("/language", url.Values{"lang": {"en"}, "back": {"/check"}})
	if p.Path != "/check" || !strings.Contains(p.Body, `<html lang="en" dir="ltr">`) {
		t.Errorf("English at %s", p.Path)
	}
	p.Shows(t, "Check a tracking code")
	for _, back := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "evil"} {
		if p := v.Post("/language", url.Values{"lang": {"fa"}, "back": {back}}); p.Path != "/" {
			t.Errorf("back=%s leads to %s", back, p.Path)
		}
	}
}

// TestProblem: what breaks inside is logged under the id that the page shows,
// and the page says nothing of it.
func TestProblem(t *testing.T) {
	s := consoletest.New(t, page.Room{Name: "broken", Routes: []page.Route{
		{Method: "GET", Path: "/panic", Serve: func(*page.Visit) error { panic("boom-" + consoletest.Ali) }},
		{Method: "GET", Path: "/fault", Serve: func(*page.Visit) error {
			return fault.New(fault.Internal, "fault.internal").Because(http.ErrNotSupported)
		}},
	}})
	for _, path := range []string{"/panic", "/fault"} {
		p := s.Visitor().Get(path)
		id := regexp.MustCompile(`[0-9a-f]{16}`).FindString(p.Text())
		if p.Status != 500 || id == "" || !strings.Contains(s.Logged.String(), id) || strings.Contains(p.Body, "boom") {
			t.Errorf("%s: %d with id %q", path, p.Status, id)
		}
	}
	if strings.Contains(s.Logged.String(), consoletest.Ali) {
		t.Error("a panic's value went into the log: it may hold personal data")
	}
}

// TestWeight: the first load of every public page, font included.
func TestWeight(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	for _, path := range []string{"/", "/check", "/sign-in"} {
		p := v.Get(path)
		size := len(p.Body)
		seen := map[string]bool{}
		todo := linked.FindAllString(p.Body, -1)
		for len(todo) > 0 {
			a := todo[0]
			todo = todo[1:]
			if seen[a] || strings.Contains(a, "OFL") { // the licence is a link, not a part
				continue
			}
			seen[a] = true
			part := v.Get(a)
			if part.Status != 200 || !strings.Contains(part.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d, %q", a, part.Status, part.Header.Get("Cache-Control"))
			}
			size += len(part.Body)
			if strings.HasSuffix(a, ".css") {
				todo = append(todo, linked.FindAllString(part.Body, -1)...)
			}
		}
		t.Logf("%s weighs %d bytes in %d parts", path, size, len(seen)+1)
		if size > 250<<10 || len(seen) < 5 {
			t.Errorf("%s weighs %d bytes in %d parts", path, size, len(seen)+1)
		}
	}
}
