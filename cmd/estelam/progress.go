package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress is a line on a terminal that says how far long work is, how fast it
// goes and how long it will take; elsewhere it prints nothing until the end.
type progress struct {
	w        io.Writer
	what     string
	terminal bool
	start    time.Time
	last     time.Time
}

func newProgress(w io.Writer, what string) *progress {
	f, ok := w.(*os.File)
	terminal := false
	if ok {
		info, err := f.Stat()
		terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	now := time.Now()
	return &progress{w: w, what: what, terminal: terminal, start: now, last: now}
}

// at reports that done of total are done; total 0 is unknown. At most ten times
// a second it draws.
func (p *progress) at(done, total int64) {
	now := time.Now()
	if !p.terminal || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last = now
	rate := float64(done) / now.Sub(p.start).Seconds()
	if total <= 0 || rate == 0 {
		fmt.Fprintf(p.w, "\r%s  %s  %s/s   ", p.what, count(done), count(int64(rate)))
		return
	}
	const width = 24
	full := int(width * done / max(total, 1))
	full = min(full, width)
	rest := time.Duration(float64(total-done)/rate) * time.Second
	fmt.Fprintf(p.w, "\r%s  %s%s %3d %%  %s of %s  %s left   ", p.what,
		strings.Repeat("█", full), strings.Repeat("░", width-full), 100*done/max(total, 1), count(done), count(total), rest)
}

// done clears the line and prints what was done and how fast.
func (p *progress) done(n int64) {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	d := time.Since(p.start)
	fmt.Fprintf(p.w, "%s: %s in %.1f s (%s/s)\n", p.what, count(n), d.Seconds(), count(int64(float64(n)/max(d.Seconds(), 0.001))))
}

// count prints a number with its thousands apart.
func count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
