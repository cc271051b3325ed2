package console_test

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
)

// browser is Chromium on its way through the officer's pages.
type browser struct{ *consoletest.Browser }

func TestBrowser(t *testing.T) {
	s := newStage(t)
	b := &browser{consoletest.Chromium(t, s.Server.URL)}
	b.Size(1280)

	t.Run("ask", func(t *testing.T) { b.T = t; b.asks(s) })
	t.Run("check a code", func(t *testing.T) { b.T = t; b.checks(s) })
	t.Run("keyboard", func(t *testing.T) { b.T = t; b.keyboard() })
	t.Run("no script", func(t *testing.T) { b.T = t; b.withoutScript(s) })
}

// ask is the button at the end of the officer's form: the paste field above it
// has one of its own, and an unseen one first, for the key Enter.
const ask = `main form > .row button[type=submit]`

// asks goes the way of an officer: sign in, ask, see the answer, open the slip.
func (b *browser) asks(s *consoletest.Stage) {
	t := b.T
	b.SignIn(consoletest.Bank, consoletest.Officer)
	b.Open("/officer")
	b.Open("/officer/ask?service=identity&mode=disclose")
	b.Do(chromedp.SendKeys("#f-national-number", consoletest.Ali), chromedp.SendKeys("#f-file", "77"))
	b.Do(chromedp.Click(`form a[href*="mode=verify"]`)) // a partial update keeps what was typed
	b.See("مشخصات اظهارشده")
	if got := b.Eval(`document.querySelector("#f-national-number").value + "/" + document.querySelector("#f-file").value`); got != consoletest.Ali+"/77" {
		t.Errorf("after changing the mode the form holds %s", got)
	}
	b.Do(chromedp.Click(ask))
	b.See("این موارد را اصلاح کنید")
	b.Do(chromedp.WaitReady("[role=alert]:focus"))
	b.Do(chromedp.Click(`.note a[href="#f-birth-date"]`))
	b.Do(chromedp.WaitReady("#f-birth-date:focus"))
	b.Do(chromedp.SendKeys("#f-birth-date", "۱۳۷۰/۱/۱"), chromedp.SendKeys("#f-claims-given-name", "علی اکبر"), chromedp.SendKeys("#f-claims-father-name", "رضا"),
		chromedp.SetValue("#f-purpose", "credit"), chromedp.SetValue("#f-process", "loan"),
		chromedp.Click(ask))
	b.See("مشخصات مغایرت دارد")
	b.Do(chromedp.Click(`a[href$="/slip"]`))
	b.See("برگه استعلام هویت")
	b.oneSheet()
	b.longest(s)
	if said := b.Complaints(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}

// longest prints the slips that have most to say.
func (b *browser) longest(s *consoletest.Stage) {
	for _, service := range []string{"identity", "card", "place"} {
		form := consoletest.AboutAli("service", service, "mode", "disclose")
		form["fields"] = inquiry.FieldsOf(service)
		if service == "place" {
			form.Del("national_number")
			form.Del("birth_date")
			form.Set("postal_code", consoletest.Home)
		}
		code, _ := s.SignedIn(consoletest.Bank, consoletest.Officer).Ask(form)
		b.Open("/officer/inquiries/" + code + "/slip")
		b.See("برگه استعلام")
		b.oneSheet()
	}
}

// oneSheet prints the page: one A5 sheet, and one of A4.
func (b *browser) oneSheet() {
	ctx, cancel := context.WithTimeout(b.Ctx, consoletest.Patience)
	defer cancel()
	for name, paper := range map[string][]chromedp.PDFOption{
		"A5 by the style sheet": {chromedp.PDFPreferCSSPageSize()},
		"A4":                    {chromedp.PDFPaper(chromedp.PaperA4)},
	} {
		data, err := chromedp.Run(ctx, chromedp.PrintToPDF(paper...))
		consoletest.Must(b.T, err)
		if n := bytes.Count(data, []byte("/Type /Page\n")) + bytes.Count(data, []byte("/Type/Page/")); n != 1 {
			b.T.Errorf("on %s the slip takes %d sheets", name, n)
		}
	}
}

func (b *browser) checks(s *consoletest.Stage) {
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	code, _ := v.Ask(consoletest.AboutAli("once", "browser"))
	for i := 0; reads(code); i++ { // one code in 97 is a code backwards too: TestBackwardsCode
		code, _ = v.Ask(consoletest.AboutAli("once", "browser"+strconv.Itoa(i)))
	}
	g := page.Groups(code)
	b.Open("/check")
	b.Do(chromedp.SendKeys("#f-code", persian.Digits(strings.Join(g, "-"))), chromedp.Click("main form button[type=submit]"))
	b.See("این کد رهگیری اصیل است")
	if got := b.Eval(`location.search`); got != "?code="+code {
		b.T.Errorf("the address ends in %q", got)
	}
	slices.Reverse(g)
	b.Do(chromedp.SendKeys("#f-code", strings.Join(g, " ")), chromedp.Click("main form button[type=submit]"))
	b.See("گروه‌های این کد وارونه نوشته شده‌اند")
	b.Do(chromedp.Click(".note form button[type=submit]"))
	b.See("این کد رهگیری اصیل است")
	b.Do(chromedp.SendKeys("#f-code", "1234"), chromedp.Click("main form button[type=submit]"))
	b.Do(chromedp.WaitReady("#f-code-wrong"))
	b.Do(chromedp.WaitReady("#f-code:focus"))
	if said := b.Complaints(); len(said) > 0 {
		b.T.Errorf("the console says %q", said)
	}
}

// reads reports whether a code's groups in reversed order are a code as well.
func reads(code string) bool {
	_, ok := ids.TrackingCode(code).Reversed()
	return ok
}

// keyboard signs out with nothing but keys: every control can be reached and
// shows that it is.
func (b *browser) keyboard() {
	b.Open("/check")
	first := ""
	for range 60 {
		b.Do(chromedp.KeyEvent("\t"))
		got := b.Eval(`(() => { const e = document.activeElement, s = getComputedStyle(e);
			return e.className + " " + (e.id || e.textContent.trim()) + " " + (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 ? "" : "HIDDEN"); })()`)
		if strings.Contains(got, "HIDDEN") {
			b.T.Errorf("the focus does not show on %s", got)
		}
		if first == "" {
			first = got
			if !strings.HasPrefix(got, "skip ") {
				b.T.Errorf("the first stop is %q, not the link that skips the head", got)
			}
		}
		if strings.Contains(got, "f-code") {
			return
		}
	}
	b.T.Error("the code's field cannot be reached by the keyboard")
}

// withoutScript does the consoletest.Officer's way with JavaScript switched off.
func (b *browser) withoutScript(s *consoletest.Stage) {
	off := func(v bool) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			return t.Call(ctx, "Emulation.setScriptExecutionDisabled", map[string]bool{"value": v}, nil)
		})
	}
	b.Do(off(true))
	defer b.Do(off(false))
	b.Open("/officer/ask?service=identity&mode=verify")
	b.Do(chromedp.SendKeys("#f-national-number", consoletest.Ali), chromedp.SendKeys("#f-birth-date", "1370"), chromedp.SendKeys("#f-file", "78"),
		chromedp.SendKeys("#f-claims-surname", "یزدانی"), chromedp.SendKeys("#f-birth-date", "0101"))
	b.Do(chromedp.SendKeys("#f-purpose", kb.ArrowDown), chromedp.SendKeys("#f-process", kb.ArrowDown))
	ctx, cancel := context.WithTimeout(b.Ctx, consoletest.Patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(ask)); err != nil {
		b.T.Fatal(err)
	}
	text, err := chromedp.Run(ctx, chromedp.Text("h1"))
	consoletest.Must(b.T, err)
	if text != "مشخصات مطابق است" {
		b.T.Errorf("without a script the answer is %q", text)
	}
}
