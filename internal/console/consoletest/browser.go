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

	"github.com/estelam/estelam/internal/store/storetest"
)

// axeFile is axe-core as npm brought it, beside this file.
func axeFile() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "testdata/axe/node_modules/axe-core/axe.min.js")
}

// Patience is how long a single step in the browser may take: a bound for what
// would wait for ever, not a promise of speed.
const Patience = 3 * time.Minute

// Browser is Chromium with one tab, whose console is listened to.
type Browser struct {
	T    *testing.T
	Ctx  context.Context
	base string
	axe  string

	mu   sync.Mutex
	said []string // errors and warnings of the page
}

// quiet is Chromium without what a tab under test needs not: pages kept for the
// way back, processes kept for the next page, and whatever asks elsewhere.
var quiet = []chromedp.ExecAllocatorOption{
	chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.WSURLReadTimeout(Patience),
	chromedp.Flag("disable-features", "BackForwardCache,SpareRendererForSitePerProcess,Translate"),
	chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
	chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-extensions", true),
	chromedp.Flag("disable-hang-monitor", true), chromedp.Flag("disable-renderer-backgrounding", true),
	chromedp.Flag("disable-background-timer-throttling", true),
	chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "fa"), chromedp.Flag("font-render-hinting", "none"),
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
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(quiet, chromedp.ExecPath(path), chromedp.UserDataDir(storetest.TempDir(t)))...)
	ctx, closeTab := chromedp.NewContext(ctx)
	b.Ctx = ctx
	// The first call must have a context that lives as long as the browser.
	late := time.AfterFunc(Patience, stop)
	b.Do(chromedp.Navigate("about:blank"), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		return t.Call(ctx, "Emulation.setFocusEmulationEnabled", map[string]bool{"enabled": true}, nil)
	}))
	late.Stop()
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
		late := time.AfterFunc(Patience, stop)
		_ = chromedp.Cancel(ctx)
		late.Stop()
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
		ctx, cancel = context.WithTimeout(ctx, Patience)
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

// Visit opens what may be a page, a file or a redirect, and gives its address
// in the end and its type. There is no type where nothing was opened: it is a
// file to be kept, or something else came between.
func (b *Browser) Visit(path string) (at, kind string, status int64) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	r, err := chromedp.Run(ctx, chromedp.NavigateResponse(b.base+path))
	var no *chromedp.LoadError
	switch {
	case errors.As(err, &no) && no.ErrorText == "net::ERR_ABORTED":
		return path, "", 0
	case err != nil:
		b.T.Fatalf("%s: %v", path, err)
	case r == nil:
		b.T.Fatalf("%s: no answer", path)
	}
	return strings.TrimPrefix(r.URL, b.base), r.MimeType, r.Status
}

// Picture is what the window shows.
func (b *Browser) Picture() []byte {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	data, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	Must(b.T, err)
	return data
}

func (b *Browser) Eval(script string) string {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
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
	if !b.comesTo(`document.body.innerText.includes(` + string(quoted) + `)`) {
		b.T.Fatalf("not shown: %s in %s", text, b.Eval(`document.body.innerText`))
	}
}

// Until waits until a condition holds of a page that has loaded, such as one
// that an act leads to. The page may change meanwhile.
func (b *Browser) Until(condition string) {
	b.T.Helper()
	if !b.comesTo(condition) {
		b.T.Fatalf("never: %s", condition)
	}
}

// comesTo waits for a condition and reports whether it came to hold.
func (b *Browser) comesTo(condition string) bool {
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	for ; ctx.Err() == nil; time.Sleep(30 * time.Millisecond) {
		if holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && !!(`+condition+`)`)); err == nil && holds {
			return true
		}
	}
	return false
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
	for _, width := range []int64{1280, 2560, 768, 390} { // axe looks at the last
		b.Size(width)
		if got := b.Overflow(); got != "0" {
			t.Errorf("%s at %d px overflows by %s px", path, width, got)
		}
	}
	b.Eval(b.axe + `;""`)
	for _, c := range [][2]string{
		{"light", `{resultTypes: ["violations"]}`},
		{"dark", `{resultTypes: ["violations"], runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`},
	} {
		b.Scheme(c[0])
		found := b.Eval(`axe.run(document, ` + c[1] + `).then((r) => r.passes.length === 0 ? "nothing to check" : r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; ")).join("\n"))`)
		if found != "" {
			t.Errorf("%s, %s: axe finds\n%s", path, c[0], found)
		}
	}
	b.Scheme("light")
	b.Size(1280)
}

// Overflow is by how many pixels the page is wider than the window.
func (b *Browser) Overflow() string {
	b.T.Helper()
	return b.Eval(`String(document.documentElement.scrollWidth - document.documentElement.clientWidth)`)
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
