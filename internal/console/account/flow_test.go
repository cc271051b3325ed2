package account_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/account"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var operator = journal.Actor{Role: register.Operator, ID: "tester"}

// stage has an officer with a password and nothing else.
func stage(t *testing.T) *consoletest.Stage {
	t.Helper()
	s := consoletest.New(t, account.Room())
	s.GivePassword(consoletest.Bank, consoletest.Officer)
	return s
}

func password(more ...string) url.Values {
	form := url.Values{"agency": {consoletest.Bank}, "login": {consoletest.Officer}, "password": {consoletest.Password}, "next": {"/account"}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

var secretOf = regexp.MustCompile(`<bdi class="code" dir="ltr">([A-Z2-7 ]+)</bdi>`)

// phone shows the codes of an authenticator that a page set up.
func phone(t *testing.T, p consoletest.Page) func(time.Time) string {
	t.Helper()
	found := secretOf.FindStringSubmatch(p.Body)
	if found == nil {
		t.Fatalf("no secret on %s: %s", p.Path, p.Text())
	}
	return func(at time.Time) string { return accounts.ShownCode(found[1], at) }
}

// enrol signs in for the first time and sets an authenticator.
func enrol(t *testing.T, s *consoletest.Stage, v *consoletest.Visitor) (code func(time.Time) string, recovery []string) {
	t.Helper()
	p := v.Post("/sign-in", password())
	p.Shows(t, "راه‌اندازی عامل دوم")
	code = phone(t, p)
	p = v.Post("/sign-in/factor", url.Values{"offer": {hidden(t, p, "offer")}, "code": {code(s.Now())}, "next": {"/account"}})
	p.Shows(t, "کدهای بازیابی را نگه دارید")
	recovery = regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`).FindAllString(p.Text(), -1)
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes", len(recovery))
	}
	v.Post("/sign-in/on", url.Values{"next": {"/account"}}).Shows(t, "حساب من", "زهرا کریمی", "همین‌جا")
	s.Wait(time.Minute) // a code counts once
	return code, recovery
}

func hidden(t *testing.T, p consoletest.Page, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(p.Body)
	if found == nil {
		t.Fatalf("%s has no %s", p.Path, name)
	}
	return found[1]
}

// TestSignIn: with a password alone nobody gets anywhere but to the second step,
// and without a script all of it works.
func TestSignIn(t *testing.T) {
	s := stage(t)
	v := s.Visitor()
	if p := v.Get("/account"); p.Path != "/sign-in?next=%2Faccount" {
		t.Error(p.Path)
	}
	code, recovery := enrol(t, s, v)

	again := s.Visitor()
	again.Post("/sign-in", password()).Shows(t, "گام دوم ورود")
	if p := again.Get("/account"); !strings.HasPrefix(p.Path, "/sign-in") {
		t.Errorf("the password alone opens %s", p.Path)
	}
	if p := again.Get("/sign-in/factor"); !strings.HasPrefix(p.Path, "/sign-in") || strings.Contains(p.Body, `class="qr"`) {
		t.Error("a second factor is set with the password alone")
	}
	wrong := again.Post("/sign-in/code", url.Values{"code": {"123456"}})
	if wrong.Status != http.StatusUnauthorized {
		t.Error(wrong.Status)
	}
	wrong.Shows(t, "کد درست نیست")
	again.Post("/sign-in/code", url.Values{"code": {code(s.Now())}, "next": {"/account"}}).Shows(t, "حساب من", "گذرواژه و برنامه رمزساز")

	third := s.Visitor()
	third.Post("/sign-in", password())
	third.Post("/sign-in/code", url.Values{"code": {strings.ToLower(recovery[0])}, "next": {"/account"}}).Shows(t, "با یک کد بازیابی وارد شدید", "۹ کد باقی است")

	// One ends the others.
	p := third.Get("/account")
	if n := strings.Count(p.Body, "/account/sessions/end\""); n != 2 {
		t.Errorf("%d other sessions", n)
	}
	third.Post("/account/sessions/end-others", url.Values{"once": {"x"}}).Shows(t, "نشست‌های دیگر پایان یافت")
	for _, other := range []*consoletest.Visitor{v, again} {
		if p := other.Get("/account"); !strings.HasPrefix(p.Path, "/sign-in") {
			t.Error("the others go on")
		}
	}
	third.Post("/sign-out", nil)
	if p := third.Get("/account"); !strings.HasPrefix(p.Path, "/sign-in") {
		t.Error("signed out, and in")
	}
}

// TestGuessing: five wrong codes end the attempt, a wait follows.
func TestGuessing(t *testing.T) {
	s := stage(t)
	code, _ := enrol(t, s, s.Visitor())
	v := s.Visitor()
	v.Post("/sign-in", password())
	var p consoletest.Page
	for range 5 {
		p = v.Post("/sign-in/code", url.Values{"code": {"000000"}})
	}
	p.Shows(t, "پنج کد نادرست", "ورود کارمندان")
	if p = v.Get("/sign-in/code"); p.Path != "/sign-in" {
		t.Errorf("the attempt goes on at %s", p.Path)
	}
	v.Post("/sign-in", password())
	p = v.Post("/sign-in/code", url.Values{"code": {code(s.Now())}})
	if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", p.Status, p.Header)
	}
	s.Wait(time.Minute)
	v.Post("/sign-in/code", url.Values{"code": {code(s.Now())}, "next": {"/account"}}).Shows(t, "کد نادرست وارد کرده است", "حساب من")
}

// TestPasswords: whatever is wrong, the words and the status are the same; who
// guesses waits, and the officer comes in from elsewhere.
func TestPasswords(t *testing.T) {
	s := stage(t)
	v := s.Visitor()
	var first string
	for i, form := range []url.Values{
		password("password", "wrong"), password("login", "nobody"), password("agency", "10101010101"), password("agency", "x"), password("password", strings.Repeat("x", 2000)),
	} {
		p := v.Post("/sign-in", form)
		_, note, _ := strings.Cut(p.Body, `role="alert"`)
		note, _, _ = strings.Cut(note, "</div>")
		if i == 0 {
			first = note
		}
		if p.Status != http.StatusUnauthorized || note != first {
			t.Errorf("%v: %d %s", form, p.Status, note)
		}
	}
	for range 5 {
		v.Post("/sign-in", password("password", "wrong"))
	}
	if p := v.Post("/sign-in", password()); p.Status != http.StatusTooManyRequests {
		t.Errorf("no wait: %d", p.Status)
	}
}

// TestActivation: from the code to one's own account.
func TestActivation(t *testing.T) {
	s := consoletest.New(t, account.Room())
	in, _, err := s.Config.Accounts.Invite(t.Context(), s.Config.Journal, operator, accounts.Who{Agency: s.Legal(consoletest.Bank), Login: consoletest.Head})
	consoletest.Must(t, err)
	v := s.Visitor()
	v.Get("/activate").Shows(t, "کد فعال‌سازی")
	if p := v.Post("/activate", url.Values{"code": {"x"}}); p.Status != http.StatusNotFound {
		t.Error(p.Status)
	}
	v.Post("/activate", url.Values{"code": {in.Code}}).Shows(t, "مریم مدیری", "بانک نمونه", "بالاترین مقام دستگاه")
	v.Post("/activate", url.Values{"code": {in.Code}, "fresh": {"a long password"}, "repeat": {"another"}}).Shows(t, "دو گذرواژه یکسان نیستند")
	v.Post("/activate", url.Values{"code": {in.Code}, "fresh": {"short"}, "repeat": {"short"}}).Shows(t, "دست‌کم ۱۰ نویسه")
	p := v.Post("/activate", url.Values{"code": {in.Code}, "fresh": {"a long password"}, "repeat": {"a long password"}})
	p.Shows(t, "راه‌اندازی عامل دوم")
	if strings.Contains(p.Body, in.Code) {
		t.Error("the code goes on")
	}
	v.Post("/activate", url.Values{"code": {in.Code}}).Shows(t, "این کد فعال‌سازی درست نیست")
	code := phone(t, p)
	v.Post("/sign-in/factor", url.Values{"offer": {hidden(t, p, "offer")}, "code": {"000000"}}).Shows(t, "این کد با رمز نمایش‌داده‌شده نمی‌خواند")
	v.Post("/sign-in/factor", url.Values{"offer": {hidden(t, p, "offer")}, "code": {code(s.Now())}}).Shows(t, "کدهای بازیابی")
	v.Get("/account").Shows(t, "مریم مدیری")
}

// TestOwn: one changes what one signs in with, and each page asks for the
// password.
func TestOwn(t *testing.T) {
	s := stage(t)
	v := s.Visitor()
	_, _ = enrol(t, s, v)
	for _, path := range []string{"/account/password", "/account/authenticator", "/account/recovery", "/account/passkeys"} {
		if p := v.Get(path); p.Status != http.StatusOK || !strings.Contains(p.Body, `name="password"`) && path != "/account/passkeys" {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	p := v.Post("/account/recovery", url.Values{"password": {"wrong"}})
	if p.Status != http.StatusUnprocessableEntity {
		t.Error(p.Status)
	}
	p.Shows(t, "گذرواژه درست نیست")
	v.Post("/account/recovery", url.Values{"password": {consoletest.Password}}).Shows(t, "کدهای بازیابی را نگه دارید")
	p = v.Get("/account/authenticator")
	code := phone(t, p)
	v.Post("/account/authenticator", url.Values{"offer": {hidden(t, p, "offer")}, "code": {code(s.Now())}, "password": {"wrong"}}).Shows(t, "گذرواژه درست نیست")
	v.Post("/account/authenticator", url.Values{"offer": {hidden(t, p, "offer")}, "code": {code(s.Now())}, "password": {consoletest.Password}}).Shows(t, "کدهای بازیابی را نگه دارید")
	other := s.SignedIn(consoletest.Bank, consoletest.Officer)
	v.Post("/account/password", url.Values{"password": {consoletest.Password}, "fresh": {"another password"}, "repeat": {"another password"}}).Shows(t, "گذرواژه تغییر کرد", "حساب من")
	if p := other.Get("/account"); !strings.HasPrefix(p.Path, "/sign-in") {
		t.Error("another session outlives the password")
	}
}

// TestDemo: one click, where both the flag and the mark say so.
func TestDemo(t *testing.T) {
	s := consoletest.New(t, account.Room())
	v := s.Visitor()
	v.Get("/sign-in").Shows(t, "ورود نمایشی", "متصدی", "بازرس", "شهرداری")
	v.Post("/sign-in/demo", url.Values{"agency": {consoletest.Registry}, "login": {"s1"}, "next": {"/account"}}).Shows(t, "نمایش، با یک کلیک")
	if p := s.Visitor().Post("/sign-in/demo", url.Values{"agency": {consoletest.Registry}, "login": {"nobody"}}); p.Status != http.StatusForbidden {
		t.Error(p.Status)
	}
	s.Site.Demo = false
	if p := s.Visitor().Post("/sign-in/demo", url.Values{"agency": {consoletest.Registry}, "login": {"s1"}}); p.Status != http.StatusNotFound {
		t.Error(p.Status)
	}
	if p := s.Visitor().Get("/sign-in"); strings.Contains(p.Text(), "ورود نمایشی") {
		t.Error("the panel is there without the flag")
	}
}

// TestFixation: every step of a sign-in has a token of its own, and the one of
// before opens nothing.
func TestFixation(t *testing.T) {
	s := stage(t)
	code, _ := enrol(t, s, s.Visitor())
	v := s.Visitor()
	token := func() string {
		u, err := url.Parse(s.Server.URL)
		consoletest.Must(t, err)
		for _, c := range v.Jar.Cookies(u) {
			if c.Name == "estelam" {
				return c.Value
			}
		}
		return ""
	}
	v.Post("/sign-in", password())
	half := token()
	v.Post("/sign-in/code", url.Values{"code": {code(s.Now())}, "next": {"/account"}}).Shows(t, "حساب من")
	if full := token(); half == "" || full == "" || half == full {
		t.Errorf("the token %q was %q", full, half)
	}
	p := s.Visitor().Do(http.MethodGet, "/account", nil, map[string]string{"Cookie": "estelam=" + half})
	if !strings.HasPrefix(p.Path, "/sign-in") {
		t.Error("the token of half a sign-in opens the account")
	}
	p = s.Visitor().Do(http.MethodGet, "/account", nil, map[string]string{"Cookie": "estelam=" + token()})
	p.Shows(t, "حساب من")
}
