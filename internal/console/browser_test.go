package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
)

const axeFile = "testdata/axe/node_modules/axe-core/axe.min.js"

// browser is Chromium with one tab, whose console is listened to.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string
	axe  string

	mu   sync.Mutex
	said []string // errors and warnings of the page
}

// newBrowser starts Chromium. Where it or axe-core is missing the test is
// skipped, but not with CI=true.
func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	if os.Getenv("ESTELAM_FAST") != "" {
		t.Skip("ESTELAM_FAST: no browser")
	}
	b := &browser{t: t, base: base}
	path, err := exec.LookPath("chromium")
	var source []byte
	if err == nil {
		source, err = os.ReadFile(axeFile)
	}
	if err != nil {
		if os.Getenv("CI") == "true" || !(errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist)) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	b.axe = string(source)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "fa"), chromedp.Flag("font-render-hinting", "none"))
	ctx, closeTab := chromedp.NewContext(ctx)
	b.ctx = ctx
	b.Do(chromedp.Navigate("about:blank"), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		return t.Call(ctx, "Emulation.setFocusEmulationEnabled", map[string]bool{"enabled": true}, nil)
	}))
	messages := chromedp.Console(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			if kind := string(m.Type); kind == "log" || kind == "info" || kind == "debug" || kind == "verbose" {
				continue
			}
			b.mu.Lock()
			b.said = append(b.said, m.String())
			b.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		closeTab()
		stop()
		<-done
	})
	return b
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.ctx, func() {}
	if chromedp.FromContext(ctx).Target != nil { // the first call must live as long as the browser
		ctx, cancel = context.WithTimeout(ctx, time.Minute)
	}
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(b.base + path))
}

func (b *browser) eval(script string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// see waits until the page shows some text. The page may change meanwhile.
func (b *browser) see(text string) {
	b.t.Helper()
	quoted, err := json.Marshal(text)
	must(b.t, err)
	var shown string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		shown, err = chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.readyState === "complete" && document.Body.innerText.includes(`+string(quoted)+`) ? "" : "-" + document.Body.innerText`))
		if err == nil && shown == "" {
			return
		}
	}
	b.t.Fatalf("not shown: %s (%v) in %s", text, err, shown)
}

func (b *browser) size(width int64) { b.Do(chromedp.EmulateViewport(width, 900)) }

func (b *browser) scheme(name string) {
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		return t.Call(ctx, "Emulation.setEmulatedMedia", map[string]any{
			"features": []map[string]string{{"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": "reduce"}},
		}, nil)
	}))
}

func (b *browser) signIn() {
	b.t.Helper()
	b.open("/officer")
	b.Do(chromedp.SendKeys("#f-agency", bank), chromedp.SendKeys("#f-login", officer), chromedp.SendKeys("#f-password", secret),
		chromedp.Click("main form button[type=submit]"))
	b.see("استعلام‌های شما در این نشست")
}

// check holds a loaded page against axe-core in both schemes and against
// overflow from telephone to wall screen.
func (b *browser) check(t *testing.T, path string) {
	t.Helper()
	for _, width := range []int64{390, 768, 1280, 2560} {
		b.size(width)
		if got := b.eval(`String(document.documentElement.scrollWidth - document.documentElement.clientWidth)`); got != "0" {
			t.Errorf("%s at %d px overflows by %s px", path, width, got)
		}
	}
	b.size(390)
	b.eval(b.axe + `;""`)
	for scheme, rules := range map[string]string{
		"light": `{}`, "dark": `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`,
	} {
		b.scheme(scheme)
		found := b.eval(`axe.run(document, ` + rules + `).then((r) => r.passes.length === 0 ? "nothing to check" : r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; ")).join("\n"))`)
		if found != "" {
			t.Errorf("%s, %s: axe finds\n%s", path, scheme, found)
		}
	}
	b.scheme("light")
	b.size(1280)
}

// complaints are what the page said on its console since the last call, but
// for the browser's own note that a page came with a status of an error.
func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := slices.DeleteFunc(b.said, func(s string) bool { return strings.Contains(s, "the server responded with a status of 4") })
	b.said = nil
	return said
}

// answered asks some questions and gives the paths of their answers.
func (s *stage) answered(v *consoletest.Visitor) (paths []string) {
	for _, form := range []url.Values{
		aboutAli("claims.father_name", "رضا", "claims.sex", "male", "claims.given_name", "علی"),
		aboutAli("national_number", dead, "birth_date", "1320/02/03"),
		aboutAli("mode", "disclose", "fields", "father_name"),
		aboutAli("service", "predicate", "alive", "1", "age_years", "18"),
		aboutAli("purpose", "curiosity"),
	} {
		code, _ := v.ask(form)
		paths = append(paths, "/officer/inquiries/"+code)
	}
	return paths
}

func TestBrowser(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t, s.Server.URL)
	b.size(1280)

	t.Run("ask", func(t *testing.T) { b.t = t; b.asks(s) })
	t.Run("check a code", func(t *testing.T) { b.t = t; b.checks(s) })
	t.Run("keyboard", func(t *testing.T) { b.t = t; b.keyboard() })
	t.Run("no script", func(t *testing.T) { b.t = t; b.withoutScript(s) })
	t.Run("pages", func(t *testing.T) { b.t = t; b.everyPage(t, s) })
}

// asks goes the way of an officer: sign in, ask, see the answer, open the slip.
func (b *browser) asks(s *stage) {
	t := b.t
	b.signIn()
	b.open("/officer/ask?service=identity&mode=disclose")
	b.Do(chromedp.SendKeys("#f-national-number", ali), chromedp.SendKeys("#f-file", "77"))
	b.Do(chromedp.Click(`form a[href*="mode=verify"]`)) // a partial update keeps what was typed
	b.see("مشخصات اظهارشده")
	if got := b.eval(`document.querySelector("#f-national-number").value + "/" + document.querySelector("#f-file").value`); got != ali+"/77" {
		t.Errorf("after changing the mode the form holds %s", got)
	}
	b.Do(chromedp.Click("main form button[type=submit]"))
	b.see("این موارد را اصلاح کنید")
	b.Do(chromedp.WaitReady("[role=alert]:focus"))
	b.Do(chromedp.Click(`.note a[href="#f-birth-date"]`))
	b.Do(chromedp.WaitReady("#f-birth-date:focus"))
	b.Do(chromedp.SendKeys("#f-birth-date", "۱۳۷۰/۱/۱"), chromedp.SendKeys("#f-claims-given-name", "علی اکبر"), chromedp.SendKeys("#f-claims-father-name", "رضا"),
		chromedp.SetValue("#f-purpose", "credit"), chromedp.SetValue("#f-process", "loan"),
		chromedp.Click("main form button[type=submit]"))
	b.see("مشخصات مغایرت دارد")
	b.Do(chromedp.Click(`a[href$="/slip"]`))
	b.see("برگه استعلام هویت")
	b.oneSheet()
	b.longest(s)
	if said := b.complaints(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}

// longest prints the slips that have most to say.
func (b *browser) longest(s *stage) {
	for _, service := range []string{"identity", "card", "place"} {
		form := aboutAli("service", service, "mode", "disclose")
		form["fields"] = inquiry.FieldsOf(service)
		if service == "place" {
			form.Del("national_number")
			form.Del("birth_date")
			form.Set("postal_code", code)
		}
		code, _ := s.SignedIn(bank, officer).ask(form)
		b.open("/officer/inquiries/" + code + "/slip")
		b.see("برگه استعلام")
		b.oneSheet()
	}
}

// oneSheet prints the page: one A5 sheet, and one of A4.
func (b *browser) oneSheet() {
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	for name, paper := range map[string][]chromedp.PDFOption{
		"A5 by the style sheet": {chromedp.PDFPreferCSSPageSize()},
		"A4":                    {chromedp.PDFPaper(chromedp.PaperA4)},
	} {
		data, err := chromedp.Run(ctx, chromedp.PrintToPDF(paper...))
		must(b.t, err)
		if n := bytes.Count(data, []byte("/Type /Page\n")) + bytes.Count(data, []byte("/Type/Page/")); n != 1 {
			b.t.Errorf("on %s the slip takes %d sheets", name, n)
		}
	}
}

func (b *browser) checks(s *stage) {
	v := s.SignedIn(bank, officer)
	code, _ := v.ask(aboutAli("once", "browser"))
	for i := 0; reads(code); i++ { // one code in 97 is a code backwards too: TestBackwardsCode
		code, _ = v.ask(aboutAli("once", "browser"+strconv.Itoa(i)))
	}
	g := page.Groups(code)
	b.open("/check")
	b.Do(chromedp.SendKeys("#f-code", digits("fa", strings.Join(g, "-"))), chromedp.Click("main form button[type=submit]"))
	b.see("این کد رهگیری اصیل است")
	if got := b.eval(`location.search`); got != "?code="+code {
		b.t.Errorf("the address ends in %q", got)
	}
	slices.Reverse(g)
	b.Do(chromedp.SendKeys("#f-code", strings.Join(g, " ")), chromedp.Click("main form button[type=submit]"))
	b.see("گروه‌های این کد وارونه نوشته شده‌اند")
	b.Do(chromedp.Click(".note form button[type=submit]"))
	b.see("این کد رهگیری اصیل است")
	b.Do(chromedp.SendKeys("#f-code", "1234"), chromedp.Click("main form button[type=submit]"))
	b.Do(chromedp.WaitReady("#f-code-wrong"))
	b.Do(chromedp.WaitReady("#f-code:focus"))
	if said := b.complaints(); len(said) > 0 {
		b.t.Errorf("the console says %q", said)
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
	b.open("/check")
	first := ""
	for range 60 {
		b.Do(chromedp.KeyEvent("\t"))
		got := b.eval(`(() => { const e = document.activeElement, s = getComputedStyle(e);
			return e.className + " " + (e.id || e.textContent.trim()) + " " + (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 ? "" : "HIDDEN"); })()`)
		if strings.Contains(got, "HIDDEN") {
			b.t.Errorf("the focus does not show on %s", got)
		}
		if first == "" {
			first = got
			if !strings.HasPrefix(got, "skip ") {
				b.t.Errorf("the first stop is %q, not the link that skips the head", got)
			}
		}
		if strings.Contains(got, "f-code") {
			return
		}
	}
	b.t.Error("the code's field cannot be reached by the keyboard")
}

// withoutScript does the officer's way with JavaScript switched off.
func (b *browser) withoutScript(s *stage) {
	off := func(v bool) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			return t.Call(ctx, "Emulation.setScriptExecutionDisabled", map[string]bool{"value": v}, nil)
		})
	}
	b.Do(off(true))
	defer b.Do(off(false))
	b.open("/officer/ask?service=identity&mode=verify")
	b.Do(chromedp.SendKeys("#f-national-number", ali), chromedp.SendKeys("#f-birth-date", "1370"), chromedp.SendKeys("#f-file", "78"),
		chromedp.SendKeys("#f-claims-surname", "یزدانی"), chromedp.SendKeys("#f-birth-date", "0101"))
	b.Do(chromedp.SendKeys("#f-purpose", kb.ArrowDown), chromedp.SendKeys("#f-process", kb.ArrowDown))
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click("main form button[type=submit]")); err != nil {
		b.t.Fatal(err)
	}
	text, err := chromedp.Run(b.ctx, chromedp.Text("h1"))
	must(b.t, err)
	if text != "مشخصات مطابق است" {
		b.t.Errorf("without a script the answer is %q", text)
	}
}

// everyPage looks at all pages in both languages, schemes and many widths.
func (b *browser) everyPage(t *testing.T, s *stage) {
	asked := s.answered(s.SignedIn(bank, officer))
	code := strings.TrimPrefix(asked[0], "/officer/inquiries/")
	g := page.Groups(code)
	slices.Reverse(g)
	paths := append([]string{
		"/", "/check", "/check?code=" + code, "/check?code=" + s.unknownCode(), "/check?code=12", "/check?code=" + strings.Join(g, ""),
		"/nowhere", "/objection", "/officer", asked[0] + "/slip", asked[4] + "/slip",
	}, asked...)
	for _, o := range s.offers(bank) {
		paths = append(paths, o.Path(""))
	}
	for _, lang := range []string{"fa", "en"} {
		b.open("/check")
		b.eval(`fetch("/language", {method: "POST", body: new URLSearchParams({lang: "` + lang + `"})}).then(() => "")`)
		for _, path := range paths {
			b.open(path)
			b.check(t, lang+" "+path)
			if path == "/objection" || strings.HasPrefix(path, "/officer/ask") && (strings.Contains(path, "identity") || strings.Contains(path, "predicate")) {
				b.Do(chromedp.Click("main form button[type=submit]"), chromedp.WaitReady("main [role=alert]"))
				b.check(t, lang+" "+path+" with mistakes")
			}
		}
		if said := b.complaints(); len(said) > 0 {
			t.Errorf("in %s the console says %q", lang, said)
		}
	}
	b.Do(chromedp.Click(`form[action="/officer/sign-out"] button`), chromedp.WaitReady(".hero"))
	for _, path := range []string{"/", "/objection", "/officer/sign-in", "/officer/sign-in?ended=1"} {
		b.open(path)
		b.check(t, path)
	}
}

// TestScreens draws the pictures of the README into ESTELAM_SCREENS.
func TestScreens(t *testing.T) {
	dir := os.Getenv("ESTELAM_SCREENS")
	if dir == "" {
		t.Skip("ESTELAM_SCREENS names no folder")
	}
	s := newStage(t)
	b := newBrowser(t, s.Server.URL)
	asked := s.answered(s.SignedIn(bank, officer))
	shoot := func(name, path string, width int64, scheme string) {
		t.Helper()
		b.size(width)
		b.scheme(scheme)
		b.open(path)
		if strings.HasSuffix(name, "mistakes") {
			b.Do(chromedp.Click("main form button[type=submit]"), chromedp.WaitReady("main [role=alert]"))
		}
		b.eval(`document.fonts.ready.then(() => "")`)
		height := json.Number(b.eval(`String(Math.max(document.documentElement.scrollHeight, 700))`))
		h, err := height.Int64()
		consoletest.Must(t, err)
		b.Do(chromedp.EmulateViewport(width, h))
		data, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		consoletest.Must(t, err)
		consoletest.Must(t, os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644))
	}
	code := strings.TrimPrefix(asked[0], "/officer/inquiries/")
	shoot("home", "/", 1280, "light")
	shoot("home-phone", "/", 390, "light")
	shoot("check", "/check?code="+code, 1280, "light")
	shoot("objection", "/objection#4829137751064821", 1280, "light")
	shoot("sign-in", "/officer/sign-in", 1280, "light")
	b.size(1280)
	b.signIn()
	shoot("desk", "/officer", 1280, "light")
	shoot("ask", "/officer/ask?service=identity&mode=verify", 1280, "light")
	shoot("ask-phone", "/officer/ask?service=identity&mode=disclose", 390, "light")
	shoot("ask-mistakes", "/officer/ask?service=predicate&mode=verify", 1280, "light")
	shoot("answer", asked[0], 1280, "light")
	shoot("answer-dark", asked[0], 1280, "dark")
	shoot("answer-phone", asked[0], 390, "dark")
	shoot("answer-deceased", asked[1], 1280, "light")
	shoot("slip", asked[0]+"/slip", 1280, "light")
	b.eval(`fetch("/language", {method: "POST", body: new URLSearchParams({lang: "en"})}).then(() => "")`)
	shoot("answer-english", asked[0], 1280, "light")
}
