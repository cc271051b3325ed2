package api

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The page of the document works in a browser under its strict policy, without
// a request to elsewhere.
func TestDocsInBrowser(t *testing.T) {
	if os.Getenv("ESTELAM_FAST") != "" {
		t.Skip("ESTELAM_FAST: no browser")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := newStack(t)
	// A bound for what would wait for ever.
	within, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	ctx, stop := chromedp.NewExecAllocator(within, chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.WSURLReadTimeout(3*time.Minute), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	defer stop()
	ctx, closeTab := chromedp.NewContext(ctx)
	defer closeTab()
	defer func() { _ = chromedp.Cancel(ctx) }()
	// A listener of our own counts what the policy refuses.
	listen := `document.addEventListener("securitypolicyviolation", e => (window.refused ||= []).push(e.violatedDirective + " " + e.blockedURI))`
	if err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		return tab.Call(ctx, "Page.addScriptToEvaluateOnNewDocument", map[string]string{"source": listen}, nil)
	}), chromedp.Navigate(s.public+"/docs/")); err != nil {
		t.Fatal(err)
	}
	const look = `JSON.stringify({
		ready: document.documentElement.dataset.ready === "true",
		text: document.body.innerText,
		open: document.querySelectorAll(".opblock.is-open .opblock-body").length,
		refused: window.refused || [],
		from: performance.getEntriesByType("resource").map(e => e.name)})`
	var page struct {
		Ready         bool
		Text          string
		Open          int
		Refused, From []string
	}
	until := func(script string, done func() bool) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](script)); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(2 * time.Minute); !done() && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			text, err := chromedp.Run(ctx, chromedp.Evaluate[string](look))
			if err != nil || json.Unmarshal([]byte(text), &page) != nil {
				t.Fatalf("%v: %s", err, text)
			}
		}
		if !done() {
			t.Fatalf("the page does not come so far: %.500s", page.Text)
		}
	}
	until("undefined", func() bool { return page.Ready })
	overview := page.Text
	until(`[...document.querySelectorAll(".opblock-summary-control")].slice(0, 2).forEach(e => e.click())`, func() bool { return page.Open == 2 })
	refused := page.Refused
	// What the policy refuses does come to the listener.
	until(`document.body.insertAdjacentHTML("beforeend", "<p style='color:red'>")`, func() bool { return len(page.Refused) > len(refused) })
	for _, want := range []string{"/v1/inquiries", "/v1/codes/check", "unauthenticated", "هیچ کاری انجام نشده است"} {
		if !strings.Contains(overview, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if len(refused) > 0 {
		t.Errorf("the policy refused %q", refused)
	}
	for _, from := range page.From {
		if !strings.HasPrefix(from, s.public+"/") && !strings.HasPrefix(from, "data:") {
			t.Errorf("a request went to %s", from)
		}
	}
}
