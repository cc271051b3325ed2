package head_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
)

var nextPage = regexp.MustCompile(`href="(/head/obstacles\?[^"]*)"`)

// TestObstaclePages: a long list comes by pages, the nearest day first; each
// obstacle stands on one of them, the link to the next page keeps what else the
// address says, and a cursor that cannot be read begins the list.
func TestObstaclePages(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	actor := s.Actor(consoletest.Bank, consoletest.Head)
	due := persian.DateOf(s.Now()).AddDays(40)
	for i := range 120 {
		_, _, err := s.Config.Processes.PutObstacle(t.Context(), s.Config.Journal, actor, &process.Hindrance{
			Text: fmt.Sprintf("hindrance-%03d.", i), Owner: "x", Due: due.AddDays(-i % 7),
		})
		consoletest.Must(t, err)
	}
	seen := map[string]int{}
	path, pages := "/head/obstacles?removed=7", 0
	for ; path != ""; pages++ {
		p := v.Get(path)
		for i := range 120 {
			if name := fmt.Sprintf("hindrance-%03d.", i); strings.Contains(p.Body, name) {
				seen[name]++
			}
		}
		path = ""
		if m := nextPage.FindStringSubmatch(p.Body); m != nil {
			if path = html.UnescapeString(m[1]); !strings.Contains(path, "removed=7") {
				t.Errorf("the next page is at %s", path)
			}
		}
		if pages > 5 {
			t.Fatal("the list does not end")
		}
	}
	if len(seen) != 120 || pages != 3 {
		t.Errorf("%d obstacles on %d pages", len(seen), pages)
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s stands on %d pages", name, n)
		}
	}
	if first, broken := v.Get("/head/obstacles"), v.Get("/head/obstacles?after=x"); broken.Status != 200 || broken.Text() != first.Text() {
		t.Error("a broken cursor does not begin the list")
	}
}
