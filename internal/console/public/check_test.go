package public_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/officer"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/console/public"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func newStage(t *testing.T) *consoletest.Stage {
	return consoletest.New(t, public.Room(), officer.Room())
}

func TestCheck(t *testing.T) {
	s := newStage(t)
	code, _ := s.SignedIn(consoletest.Bank, consoletest.Officer).Ask(consoletest.AboutAli())
	g := page.Groups(code)
	v := s.Visitor()
	for name, typed := range map[string]string{
		"plain":   code,
		"spaced":  " " + strings.Join(g, " ") + " ",
		"dashed":  strings.Join(g, "-"),
		"Persian": persian.Digits(strings.Join(g, " ")),
	} {
		if p := v.Post("/check", url.Values{"code": {typed}}); p.Path != "/check?code="+code || !strings.Contains(p.Text(), "این کد رهگیری اصیل است") {
			t.Errorf("%s: %d at %s", name, p.Status, p.Path)
		}
	}
	typo := string((code[0]-'0'+1)%10+'0') + code[1:]
	if p := v.Post("/check", url.Values{"code": {typo}}); p.Status != 422 || p.Path != "/check" {
		t.Errorf("a typo is looked up: %d at %s", p.Status, p.Path)
	}
	slices.Reverse(g)
	p := v.Post("/check", url.Values{"code": {strings.Join(g, " ")}})
	p.Shows(t, "گروه‌های این کد وارونه نوشته شده‌اند", strings.Join(page.Groups(code), " "))
	if !strings.Contains(p.Body, `name="code" value="`+code+`"`) {
		t.Error("the right order is not one click away")
	}
	unknown := s.UnknownCode()
	v.Get("/check?code="+unknown).Shows(t, "این کد رهگیری اصیل نیست")
	if p := v.Post("/check", url.Values{"code": {consoletest.Ali}}); strings.Contains(p.Path, consoletest.Ali) {
		t.Error("what is no code stands in the address")
	}
}

// A code that is one backwards as well is looked up as it stands; when it is of
// no log, the other reading is proposed.
func TestBackwardsCode(t *testing.T) {
	s := newStage(t)
	n := 987654321098765400
	for ; ; n++ {
		c := ids.TrackingCode(fmt.Sprintf("%d%02d", n, (98-n%97*100%97)%100))
		if right, ok := c.Reversed(); ok && c.Valid() {
			p := s.Visitor().Get("/check?code=" + string(c))
			p.Shows(t, "این کد رهگیری اصیل نیست", "گروه‌های این کد وارونه نوشته شده‌اند")
			if !strings.Contains(p.Body, `name="code" value="`+string(right)+`"`) {
				t.Error("the other reading is not one click away")
			}
			return
		}
	}
}

func TestCheckIsLimited(t *testing.T) {
	s := newStage(t)
	v := s.Visitor()
	path := "/check?code=" + s.UnknownCode()
	for range 40 {
		if p := v.Get(path); p.Status == http.StatusTooManyRequests {
			if p.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			p.Shows(t, "چند ثانیه دیگر")
			s.Wait(time.Minute)
			if p := v.Get(path); p.Status != 200 {
				t.Errorf("%d a minute later", p.Status)
			}
			return
		}
	}
	t.Error("forty checks in a row were all answered")
}

// TestFirstPageLeadsToTheDesk: who is signed in is led to his own desk, not to
// one that he may not enter.
func TestFirstPageLeadsToTheDesk(t *testing.T) {
	s := onStage(t)
	s.Visitor().Get("/").Shows(t, "استعلام برای کارمندان")
	p := s.SignedIn(consoletest.Bank, consoletest.Programmer).Get("/")
	p.Hides(t, "استعلام برای کارمندان", `href="/officer"`)
	if p.Shows(t, "میز کار"); !strings.Contains(p.Body, `class="button" href="/programmer"`) {
		t.Error("the desk cannot be reached")
	}
}
