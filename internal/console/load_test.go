package console_test

import (
	"encoding/json"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/console/consoletest"
)

// loaded is what the browser tells of how a page came.
type loaded struct {
	Bytes    int      // over the line, everything that the page needs
	Blocking []string // what the first painting waited for
	Moved    float64  // cumulative layout shift
	Outside  []string // requests to anybody else
}

const howItCame = `new Promise((done) => {
	const parts = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
	let moved = 0;
	new PerformanceObserver((list) => list.getEntries().forEach((e) => { moved += e.hadRecentInput ? 0 : e.value; }))
		.observe({type: "layout-shift", buffered: true});
	document.fonts.ready.then(() => setTimeout(() => done(JSON.stringify({
		Bytes: parts.reduce((n, p) => n + p.transferSize, 0),
		Blocking: parts.filter((p) => p.renderBlockingStatus === "blocking" && p.entryType === "resource").map((p) => new URL(p.name).pathname),
		Moved: moved,
		Outside: parts.map((p) => p.name).filter((n) => !n.startsWith(location.origin)),
	})), 100));
})`

// TestLoad: the first load of a page, font included, weighs at most 250 KB and
// every later one 40 KB; nothing blocks the first painting but the one style
// sheet, nothing moves afterwards, and nobody else is asked for anything.
func TestLoad(t *testing.T) {
	s := newStage(t)
	b := consoletest.Chromium(t, s.Server.URL)
	b.Size(1280)
	for _, of := range []struct {
		role  string
		paths []string
	}{
		{"", []string{"/", "/check", "/receipt", "/me", "/report", "/statistics", "/log-state", "/sign-in"}}, // "/" before anything is kept
		{"officer", []string{"/officer", "/officer/ask", "/officer/history", "/officer/files"}},
		{"head", []string{"/head", "/head/agreements", "/head/staff", "/head/processes"}},
		{"supervisor", []string{"/registry", "/registry/persons", "/registry/proposals", "/office", "/office/log", "/office/agencies"}},
		{"municipality", []string{"/municipality"}},
		{"post", []string{"/post"}},
		{"member", []string{"/board", "/board/decisions", "/board/deadlines"}},
		{"inspector", []string{"/inspector"}},
	} {
		role := of.role
		if role != "" {
			b.SignIn(seats[role][0], seats[role][1])
			b.Do(chromedp.Navigate("about:blank"))
		}
		for i, path := range of.paths {
			b.Open(path)
			var l loaded
			if err := json.Unmarshal([]byte(b.Eval(howItCame)), &l); err != nil {
				t.Fatal(err)
			}
			most := 40 << 10
			if i == 0 && role == "" {
				most = 250 << 10
			}
			t.Logf("%s: %d bytes, moved %.3f", path, l.Bytes, l.Moved)
			if l.Bytes > most || len(l.Blocking) > 1 || l.Moved > 0.02 || len(l.Outside) > 0 {
				t.Errorf("%s: %+v", path, l)
			}
		}
	}
}
