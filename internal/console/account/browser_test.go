package account_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/account"
	"github.com/estelam/estelam/internal/console/consoletest"
)

// authenticator puts one into the browser that has a finger to read.
func authenticator(b *consoletest.Browser) {
	b.T.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if err := t.Call(ctx, "WebAuthn.enable", map[string]any{}, nil); err != nil {
			return err
		}
		return t.Call(ctx, "WebAuthn.addVirtualAuthenticator", map[string]any{"options": map[string]any{
			"protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true,
			"automaticPresenceSimulation": true,
		}}, nil)
	}))
}

// typed fills in the controls of the page, by name, and presses the button of
// the form that they are in.
func typed(b *consoletest.Browser, form string, values map[string]string) {
	b.T.Helper()
	for name, value := range values {
		b.Do(chromedp.SetValue(`form[action="`+form+`"] [name="`+name+`"]`, value))
	}
	b.Do(chromedp.Click(`form[action="` + form + `"] button:not([type=button])`))
}

func entered() map[string]string {
	return map[string]string{"agency": "۱۴۰۰۳۵۵۲۲۷۲", "login": consoletest.Officer, "password": consoletest.Password}
}

// quiet fails where the pages complained on the browser's console.
func quiet(t *testing.T, b *consoletest.Browser) {
	t.Helper()
	for _, said := range b.Complaints() {
		t.Errorf("the browser's console: %s", said)
	}
}

// TestPasskeyInBrowser: an officer makes a passkey as his second factor, and
// comes back with it alone.
func TestPasskeyInBrowser(t *testing.T) {
	s := stage(t)
	b := consoletest.Chromium(t, s.URL)
	authenticator(b)
	b.Open("/sign-in?next=/account")
	b.See("ورود با کلید عبور")
	b.Check(t, "/sign-in")
	typed(b, "/sign-in", entered())
	b.See("راه‌اندازی عامل دوم")
	b.Check(t, "/sign-in/factor")
	typed(b, "/sign-in/factor/passkey", map[string]string{"name": "گوشی من"})
	b.See("حساب من")
	b.See("گوشی من")
	b.Check(t, "/account")
	typed(b, "/sign-out", nil)
	b.See("ورود کارمندان")
	b.Open("/sign-in?next=/account")
	typed(b, "/sign-in/passkey", nil)
	b.See("حساب من")
	b.See("کلید عبور")

	// A second one on the same device is refused by the device, and said.
	b.Open("/account/passkeys")
	b.Check(t, "/account/passkeys")
	typed(b, "/account/passkeys", map[string]string{"name": "دیگر", "password": consoletest.Password})
	b.See("کلید عبور به کار نرفت")
	typed(b, "/account/passkeys", map[string]string{"name": "دیگر", "password": "wrong"})
	b.See("گذرواژه درست نیست")
	quiet(t, b)
}

// TestCodesInBrowser: an officer sets an authenticator, keeps his recovery codes,
// and comes back with a code.
func TestCodesInBrowser(t *testing.T) {
	s := consoletest.New(t, account.Room())
	in, _, err := s.Config.Accounts.Invite(t.Context(), s.Config.Journal, operator, accounts.Who{Agency: s.Legal(consoletest.Bank), Login: consoletest.Officer})
	consoletest.Must(t, err)
	b := consoletest.Chromium(t, s.URL)
	b.Open("/activate")
	b.Check(t, "/activate")
	typed(b, "/activate", map[string]string{"code": strings.ToLower(in.Code)})
	b.See("زهرا کریمی")
	b.Check(t, "/activate, password")
	typed(b, "/activate", map[string]string{"fresh": consoletest.Password, "repeat": consoletest.Password})
	b.See("راه‌اندازی عامل دوم")
	secret := b.Eval(`document.querySelector("bdi.code").textContent`)
	typed(b, "/sign-in/factor", map[string]string{"code": accounts.ShownCode(secret, s.Now())})
	b.See("کدهای بازیابی را نگه دارید")
	b.Check(t, "recovery codes")
	s.Wait(time.Minute)
	b.Open("/account/authenticator")
	b.Check(t, "/account/authenticator")
	typed(b, "/sign-out", nil)
	b.See("ورود کارمندان")
	b.Open("/sign-in?next=/account")
	typed(b, "/sign-in", entered())
	b.See("گام دوم ورود")
	b.Check(t, "/sign-in/code")
	typed(b, "/sign-in/code", map[string]string{"code": "000000"})
	b.See("کد درست نیست")
	b.Check(t, "/sign-in/code, wrong")
	typed(b, "/sign-in/code", map[string]string{"code": accounts.ShownCode(secret, s.Now())})
	b.See("حساب من")
	quiet(t, b)
}

// TestKept: what was typed when the session had ended goes through both steps of
// the sign-in.
func TestKept(t *testing.T) {
	s := stage(t)
	v := s.Visitor()
	code, _ := enrol(t, s, v)
	s.Wait(time.Hour) // the session is over
	p := v.Post("/sign-in", password("kept", "/account", "kept.name", "نوشته من", "password", "wrong"))
	if p.Status != 401 || hidden(t, p, "kept.name") != "نوشته من" {
		t.Errorf("%d: the first step loses what was typed", p.Status)
	}
	p = v.Post("/sign-in", password("kept", "/account", "kept.name", "نوشته من"))
	if hidden(t, p, "kept.name") != "نوشته من" || hidden(t, p, "kept") != "/account" {
		t.Error("the second step loses what was typed")
	}
	p = v.Post("/sign-in/code", url.Values{"kept": {"/account"}, "kept.name": {"نوشته من"}, "code": {"111111"}})
	if hidden(t, p, "kept.name") != "نوشته من" {
		t.Error("a wrong code loses what was typed")
	}
	p = v.Post("/sign-in/code", url.Values{"kept": {"/test/kept"}, "kept.name": {"نوشته من"}, "code": {code(s.Now())}})
	if p.Status != 404 || p.Path != "/sign-in/code" { // that address has no page: it was asked for within this request
		t.Errorf("%d %s", p.Status, p.Path)
	}
}
