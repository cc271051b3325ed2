package board_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/estelam/estelam/internal/console/consoletest"
)

// keys are texts that nobody has written: the page shows the key instead.
var keys = regexp.MustCompile(`(console|evaluation|quarter|agreement|register|deadline)\.[a-z_]+\.[a-z_.]+`)

// Every page opens for whom it is, in both languages, with all of its texts.
func TestPages(t *testing.T) {
	s := full(t)
	v := s.member(0)
	v.Submit("/board/draft/complaint-days", "session", "1", "text", "متن", "reference", "۱", "of.days.days", "۱۰")
	v.Submit("/board/follow-ups/new", "text", "کار", "responsible", consoletest.Bank, "due", s.today().String())
	v.Submit("/board/quarters/" + s.quarter() + "/draw")
	absent := map[string]bool{"/inspector/draws/1": true, "/board/evaluations/1/appeals/1": true} // tried elsewhere
	for role, who := range map[string]*consoletest.Visitor{"member": v, "inspector": s.inspector()} {
		for _, lang := range []string{"fa", "en"} {
			who.Post("/language", url.Values{"lang": {lang}, "back": {"/check"}})
			for _, path := range s.paths(role) {
				p := who.Get(path)
				if p.Status != 200 && !(absent[path] && p.Status == 404) {
					t.Errorf("%s %s: %d %.300s", lang, path, p.Status, p.Text())
				}
				if p.Header.Get("Content-Disposition") == "" && keys.MatchString(p.Text()) {
					t.Errorf("%s %s shows %q", lang, path, keys.FindString(p.Text()))
				}
			}
		}
	}
}
