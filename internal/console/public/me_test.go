package public_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// access gives Ali an access code.
func access(t *testing.T, s *consoletest.Stage) string {
	t.Helper()
	given, _, err := s.Config.Citizens.Give(t.Context(), s.Config.Journal, s.Actor(consoletest.Registry, "c1"),
		&citizen.Giving{Number: s.Number(consoletest.Ali), Grounds: register.Grounds{Reason: "requested", Document: "12"}})
	consoletest.Must(t, err)
	return given.Access
}

// open leaves the purpose of credit to the person.
func open(s *consoletest.Stage) {
	s.Config.Citizens.Purposes = func(persian.Date) []string { return []string{"credit"} }
}

// enter lets Ali in.
func enter(t *testing.T, s *consoletest.Stage, v *consoletest.Visitor, code string) consoletest.Page {
	t.Helper()
	p := v.Post("/me", url.Values{"national_number": {persian.Digits(consoletest.Ali)}, "access": {" " + strings.ToLower(code) + " "}})
	p.Shows(t, "همه رویدادها")
	return p
}

func TestWhoAsked(t *testing.T) {
	s := onStage(t)
	open(s)
	asked(t, s)
	answer := asked(t, s)
	code := access(t, s)
	v := s.Visitor()
	p := enter(t, s, v, code)
	p.Shows(t, "بانک نمونه", "هدف: افتتاح حساب", "نام خانوادگی", "این فهرست کامل است")
	if p.Path != "/me" || strings.Contains(p.Text(), consoletest.Officer) {
		t.Errorf("at %s an officer is named or something stands in the address", p.Path)
	}
	if again := v.Get("/me"); !strings.Contains(again.Text(), "آنچه خود شما انجام داده‌اید") {
		t.Error("his own reading is not shown to him")
	}
	v.Get("/me/corrections").Shows(t, "به هیچ دستگاهی مقدار نادرستی درباره شما گفته نشده بود")

	v.Get("/me/locks").Shows(t, "اعتبار", "باز")
	v.Post("/me/lock", url.Values{"purpose": {"credit"}}).Shows(t, "بسته", "پیشینه قفل‌ها")
	if p := v.Post("/me/lock", url.Values{"purpose": {"credit"}}); p.Path != "/me/locks" || strings.Count(p.Text(), "برقرار است") != 1 {
		t.Errorf("two clicks are two locks: %d %s", p.Status, p.Text())
	}
	v.Post("/me/unlock", url.Values{"purpose": {"credit"}}).Shows(t, "باز")
	if p := v.Post("/me/lock", url.Values{"purpose": {"pension"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a purpose that is not open is answered with %d", p.Status)
	}

	path := "/me/dispute?code=" + string(answer.Code)
	if p := v.Post(path, url.Values{"text": {""}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a dispute without a reason is answered with %d", p.Status)
	}
	v.Post(path, url.Values{"text": {"این بانک را نمی‌شناسم"}}).Shows(t, "اعتراض شما ثبت شد")
	v.Post(path, url.Values{"text": {"این بانک را نمی‌شناسم"}}).Shows(t, "این موارد را اصلاح کنید")
	if p := v.Get("/me/dispute?code=" + s.UnknownCode()); p.Status != http.StatusOK {
		t.Errorf("the form tells which codes there are: %d", p.Status)
	}
	if p := v.Post("/me/dispute?code="+s.UnknownCode(), url.Values{"text": {"چرا"}}); p.Status != http.StatusNotFound {
		t.Errorf("a dispute of nothing is answered with %d", p.Status)
	}

	v.Post("/me/leave", nil)
	v.Get("/me").Shows(t, "رمز دسترسی را از کجا بگیرم؟")
}

func TestWhoAskedIsForHimAlone(t *testing.T) {
	s := onStage(t)
	asked(t, s)
	code := access(t, s)
	v := s.Visitor()
	for name, form := range map[string]url.Values{
		"nothing":            {},
		"no code":            {"national_number": {consoletest.Ali}},
		"no number":          {"access": {code}},
		"no national number": {"national_number": {"0067749829"}, "access": {code}},
		"turned direction":   {"national_number": {"\u202e0067749829"}, "access": {"\u202e" + code}},
		"too long":           {"national_number": {strings.Repeat("1", 5000)}, "access": {strings.Repeat("a", 5000)}},
	} {
		if p := v.Post("/me", form); p.Status != http.StatusUnprocessableEntity || strings.Contains(p.Body, code) {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	wrong := url.Values{"national_number": {consoletest.Ali}, "access": {"AAAA-AAAA-AAAA-AAAA-AAAA"}}
	other := url.Values{"national_number": {consoletest.Departed}, "access": {code}}
	first := v.Post("/me", wrong)
	if second := v.Post("/me", other); first.Status != http.StatusForbidden || second.Status != first.Status {
		t.Errorf("who exists is told: %d, %d", first.Status, second.Status)
	}
	for _, path := range []string{"/me/locks", "/me/corrections", "/me/dispute?code=1"} {
		if p := v.Get(path); p.Path != "/me" {
			t.Errorf("%s is open to everybody", path)
		}
	}
	enter(t, s, v, code)
	s.Wait(21 * time.Minute)
	v.Get("/me").Shows(t, "رمز دسترسی را از کجا بگیرم؟")
	enter(t, s, v, code)
	access(t, s) // a new one ends the one before
	v.Get("/me").Shows(t, "رمز دسترسی را از کجا بگیرم؟")
	for range 25 {
		v.Post("/me", wrong)
	}
	if p := v.Post("/me", wrong); p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" {
		t.Errorf("whoever tries codes is answered with %d", p.Status)
	}
}

func TestWhoAskedInBrowser(t *testing.T) {
	s := onStage(t)
	open(s)
	asked(t, s)
	asked(t, s)
	code := access(t, s)
	b := consoletest.Chromium(t, s.Server.URL)
	b.Size(1280)
	b.Open("/me")
	b.Check(t, "/me")
	b.Do(chromedp.SendKeys("#f-national-number", consoletest.Ali), chromedp.SendKeys("#f-access", "AAAA"), chromedp.Click("main form button[type=submit]"))
	b.See("با هم نمی‌خوانند")
	b.Check(t, "/me with mistakes")
	b.Do(chromedp.SendKeys("#f-access", code), chromedp.Click("main form button[type=submit]"))
	b.See("بانک نمونه")
	b.Check(t, "/me, entered")
	b.Do(chromedp.Click(`a[href="/me/locks"]`))
	b.See("هدف‌ها")
	b.Do(chromedp.Click(`form[action="/me/lock"] button`))
	b.See("پیشینه قفل‌ها")
	b.Check(t, "/me/locks")
	b.Open("/me")
	b.Do(chromedp.Click(`a[href^="/me/dispute"]`))
	b.See("چرا اعتراض دارید؟")
	b.Check(t, "/me/dispute")
	b.Do(chromedp.SendKeys("#f-text", "این بانک را نمی‌شناسم"), chromedp.Click("main form button[type=submit]"))
	b.See("اعتراض شما ثبت شد")
	if said := b.Complaints(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}
