package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// benchCmd measures this machine. Each bench stands beside a yardstick that
// runs in the same minutes on the same machine, because figures alone say more
// about a computer than about a program.
type benchCmd struct {
	Inquiry  benchInquiry  `cmd:"" help:"Inquiries over mTLS, beside a handler that does nothing."`
	Batch    benchBatch    `cmd:"" help:"A thousand questions a call."`
	Journal  benchJournal  `cmd:"" help:"The journal alone, beside a bare file with fdatasync."`
	Lookup   benchLookup   `cmd:"" help:"Looking up a person, beside a bare pread of the same bytes."`
	History  benchHistory  `cmd:"" help:"A person's whole history, beside the look-up of his record."`
	Births   benchBirths   `cmd:"" help:"Registering births in bulk, each with its number and its entry."`
	Allocate benchAllocate `cmd:"" help:"Giving national numbers, also under kill -9, and looking for one given twice."`
	Letters  benchLetters  `cmd:"" help:"Drawing notification letters as one PDF, on one processor."`
	Code     benchCode     `cmd:"" help:"Checking a tracking code without a certificate, beside a handler that does nothing."`
	Link     benchLink     `cmd:"" help:"Record linkage: how often it is right, whether it knows how often it is wrong, and how fast it is."`
	Pages    benchPages    `cmd:"" help:"Every page of the console, from a demo that runs."`
	Null     nullCmd       `cmd:"" help:"The yardstick: TLS and HTTP, and a handler that answers two bytes."`
}

// benchFlags is what every bench takes.
type benchFlags struct {
	Persons int     `default:"1000000" help:"Persons in the register."`
	Seconds float64 `default:"5" help:"Length of a round."`
	Rounds  int     `default:"3" help:"Rounds; the table shows each, their median and their range."`
	Data    string  `help:"Keep the invented country in this directory and use it again; empty: a temporary one." type:"path"`
	Out     string  `help:"Write text and chart into this directory too." type:"path"`
	Profile string  `help:"Write a CPU profile of the last round into this file." type:"path"`
}

func (f *benchFlags) round() time.Duration { return time.Duration(f.Seconds * 1e9) }

// bench is one bench at work: what it says goes to the terminal and, at its
// end, into files.
type bench struct {
	benchFlags
	name string
	text bytes.Buffer
	io.Writer
	progress io.Writer
}

// newBench begins a bench and says on which machine.
func newBench(name string, f benchFlags, s streams) (*bench, error) {
	if f.Rounds < 1 || f.Seconds <= 0 || f.Persons < 100 {
		return nil, errors.New("bench: at least one round, some seconds and 100 persons")
	}
	b := &bench{benchFlags: f, name: name, progress: s.err}
	b.Writer = io.MultiWriter(s.out, &b.text)
	fmt.Fprintf(b, "estelam bench %s, %s\n", name, time.Now().UTC().Format("2006-01-02 15:04Z"))
	fmt.Fprintf(b, "machine   %s\n", machine())
	fmt.Fprintf(b, "program   %s\n", buildVersion())
	fmt.Fprintf(b, "command   estelam %s\n", strings.Join(os.Args[1:], " "))
	fmt.Fprintf(b, "load      %s at the start, this bench not counted\n\n", loadAverage())
	return b, nil
}

// finish writes the files; without a chart the text alone.
func (b *bench) finish(c *chart) error {
	if b.Out == "" {
		return nil
	}
	if err := os.MkdirAll(b.Out, 0o755); err != nil {
		return err
	}
	base := filepath.Join(b.Out, time.Now().UTC().Format("2006-01-02")+"-"+b.name)
	text := os.WriteFile(base+".txt", b.text.Bytes(), 0o644)
	if c == nil {
		return text
	}
	c.title = "estelam bench " + b.name
	c.note = machine()
	return errors.Join(text, os.WriteFile(base+".svg", c.svg(), 0o644))
}

// machine says what the figures were measured on.
func machine() string {
	model := runtime.GOARCH
	if cpu, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(cpu)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel := runtime.GOOS
	if v, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel += " " + strings.TrimSpace(string(v))
	}
	return fmt.Sprintf("%s, %d processors, %s, %s", model, runtime.NumCPU(), kernel, runtime.Version())
}

func loadAverage() string {
	v, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(v), " ")
	return one
}

// country makes the invented country that the bench asks about, or opens the
// one that --data kept. remove takes a temporary one away.
func (b *bench) country(ctx context.Context) (k *country, remove func(), err error) {
	dir, remove := b.Data, func() {}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "estelam-bench-"); err != nil {
			return nil, nil, err
		}
		remove = func() { _ = os.RemoveAll(dir) }
	}
	if k, err = benchCountry(ctx, dir, b.Persons, func(what string) *progress { return newProgress(b.progress, what) }); err != nil {
		remove()
		return nil, nil, err
	}
	return k, remove, nil
}
