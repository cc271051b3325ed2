package consoletest

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// axeFile is axe-core as npm brought it, beside this file.
func axeFile() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "testdata/axe/node_modules/axe-core/axe.min.js")
}

// Browser is Chromium with one tab, whose console is listened to.
type Browser struct {
	T    *testing.T
	Ctx  context.Context
	base string
	axe  string

	mu   sync.Mutex
	said []string // errors and warnings of the page
}

// Chromium starts Chromium. Where it or axe-core is missing the test is
// skipped, but not with CI=true.
func Chromium(t *testing.T, base string) *Browser {
	t.Helper()
	if os.Getenv("ESTELAM_FAST") != "" {
		t.Skip("ESTELAM_FAST: no browser")
	}
	b := &Browser{T: t, base: base}
	path, err := exec.LookPath("chromium")
	var source []byte
	if err == nil {
		source, err = os.ReadFile(axeFile())
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
	b.Ctx = ctx
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

func (b *Browser) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.T.Helper()
	ctx, cancel := b.Ctx, func() {}
	if chromedp.FromContext(ctx).Target != nil { // the first call must live as long as the browser
		ctx, cancel = context.WithTimeout(ctx, time.Minute)
	}
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.T.Fatal(err)
	}
}

func (b *Browser) Open(path string) {
	b.T.Helper()
	b.Do(chromedp.Navigate(b.base + path))
}

func (b *Browser) Eval(script string) string {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.T.Fatal(err)
	}
	return s
}

// See waits until the page shows some text. The page may change meanwhile.
func (b *Browser) See(text string) {
	b.T.Helper()
	quoted, err := json.Marshal(text)
	Must(b.T, err)
	ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
	defer cancel()
	var shown string
	for ; ctx.Err() == nil; time.Sleep(30 * time.Millisecond) {
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.readyState === "complete" && document.body.innerText.includes(`+string(quoted)+`) ? "" : "-" + document.body.innerText`))
		if err != nil {
			continue
		}
		if text == "" {
			return
		}
		shown = text
	}
	b.T.Fatalf("not shown: %s in %s", text, shown)
}

func (b *Browser) Size(width int64) { b.Do(chromedp.EmulateViewport(width, 900)) }

func (b *Browser) Scheme(name string) {
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		return t.Call(ctx, "Emulation.setEmulatedMedia", map[string]any{
			"features": []map[string]string{{"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": "reduce"}},
		}, nil)
	}))
}

// Check holds a loaded page against axe-core in both schemes and against
// overflow from telephone to wall screen.
func (b *Browser) Check(t *testing.T, path string) {
	t.Helper()
	for _, width := range []int64{390, 768, 1280, 2560} {
		b.Size(width)
		if got := b.Eval(`String(document.documentElement.scrollWidth - document.documentElement.clientWidth)`); got != "0" {
			t.Errorf("%s at %d px overflows by %s px", path, width, got)
		}
	}
	b.Size(390)
	b.Eval(b.axe + `;""`)
	for scheme, rules := range map[string]string{
		"light": `{}`, "dark": `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`,
	} {
		b.Scheme(scheme)
		found := b.Eval(`axe.run(document, ` + rules + `).then((r) => r.passes.length === 0 ? "nothing to check" : r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; ")).join("\n"))`)
		if found != "" {
			t.Errorf("%s, %s: axe finds\n%s", path, scheme, found)
		}
	}
	b.Scheme("light")
	b.Size(1280)
}

// Complaints are what the page said on its console since the last call, but
// for the browser's own note that a page came with a status of an error.
func (b *Browser) Complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := slices.DeleteFunc(b.said, func(s string) bool { return strings.Contains(s, "the server responded with a status of 4") })
	b.said = nil
	return said
}

// SignIn signs the browser in by the stage's own door.
func (b *Browser) SignIn(body, login string) {
	b.T.Helper()
	b.Open("/check")
	b.Eval(`fetch("/test/sign-in", {method: "POST", body: new URLSearchParams({agency: "` + body + `", login: "` + login + `"})}).then(() => "")`)
}

// Language chooses the language of the pages.
func (b *Browser) Language(lang string) {
	b.T.Helper()
	b.Open("/check")
	b.Eval(`fetch("/language", {method: "POST", body: new URLSearchParams({lang: "` + lang + `"})}).then(() => "")`)
}
