package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/synth"
)

// importCmd takes a file into a register.
type importCmd struct {
	site   `embed:""`
	What   string `arg:"" enum:"persons,places,offices,births" help:"persons, places, offices or births."`
	File   string `arg:"" help:"File with a header: CSV, XLSX or Parquet (docs/files.md)."`
	Report string `help:"Write the whole report, row by row, into this CSV file." type:"path"`
}

// Run imports the file. Good rows go in, bad rows are reported; an import that
// was cut short is resumed by running it again.
func (c *importCmd) Run(ctx context.Context, s streams) error {
	f, err := os.Open(c.File)
	if err != nil {
		return fault.New(fault.NotFound, "estelam.file").Because(err)
	}
	defer f.Close()
	var full io.Writer
	if c.Report != "" {
		r, err := os.OpenFile(c.Report, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return fault.New(fault.NotFound, "estelam.file").Because(err)
		}
		defer r.Close()
		full = r
	}
	h, err := visit(ctx, c.site)
	if err != nil {
		return err
	}
	defer h.close()
	p := newProgress(s.err, "import "+c.What)
	take := h.persons.Import
	switch c.What {
	case "places":
		take = h.places.Import
	case "offices":
		take = h.persons.ImportOffices
	case "births":
		take = h.persons.ImportBirths
	}
	report, err := take(ctx, operator(), h.journal, f, func(rows, bytes, total int64) { p.at(bytes, total) }, full)
	if report != nil && (err == nil || report.Rows > 0) {
		p.done(int64(report.Rows))
		printReport(s.out, report)
	}
	if err == nil && report.Refused > 0 {
		return exitCode(fault.Invalid.Exit())
	}
	return err
}

func printReport(w io.Writer, r *sheet.Report) {
	fmt.Fprintf(w, "%s rows, %s taken in, %s refused (%s)\n", count(int64(r.Rows)), count(int64(r.Accepted)), count(int64(r.Refused)), r.Encoding)
	lang := terminalLang()
	for i, l := range r.Lines {
		if i == 20 {
			fmt.Fprintf(w, "… and more; --report writes them all\n")
			break
		}
		at := strings.TrimSpace(fmt.Sprintf("row %d %s", l.Row, l.Column))
		fmt.Fprintf(w, "  %s: %s\n", at, message.Text(lang, l.Key, l.Args...))
	}
}

// synthCmd makes a population that does not exist.
type synthCmd struct {
	site    `embed:""`
	Persons int    `default:"20000" help:"How many persons."`
	Places  int    `default:"6000" help:"How many places."`
	Seed    uint64 `default:"1405" help:"The same seed gives the same people everywhere."`
	Out     string `short:"o" help:"Write persons.csv and places.csv into this directory instead of the registers." type:"path"`
}

// Run makes the population.
func (c *synthCmd) Run(ctx context.Context, s streams) error {
	if c.Persons < 1 || c.Places < 1 {
		return fault.New(fault.Invalid, "estelam.synth.size")
	}
	p := synth.New(synth.Config{Seed: c.Seed, Persons: c.Persons, Places: c.Places})
	if c.Out != "" {
		return c.write(s, p)
	}
	h, err := visit(ctx, c.site)
	if err != nil {
		return err
	}
	defer h.close()
	if n, err := h.persons.Count(ctx); err != nil {
		return err
	} else if n > 0 {
		return fault.New(fault.Conflict, "estelam.synth.full")
	}
	return settle(ctx, h, p, int64(c.Places), int64(c.Persons), func(what string) *progress { return newProgress(s.err, what) })
}

func (c *synthCmd) write(s streams, p *synth.Population) error {
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return err
	}
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{{"persons.csv", p.WritePersonsCSV}, {"places.csv", p.WritePlacesCSV}} {
		f, err := os.Create(filepath.Join(c.Out, file.name))
		if err != nil {
			return err
		}
		if err := file.write(f); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		fmt.Fprintln(s.out, f.Name())
	}
	return nil
}

// settle loads a population into empty registers.
func settle(ctx context.Context, h *house, p *synth.Population, places, persons int64, show func(what string) *progress) error {
	bar := show("places")
	n, err := place.Load(ctx, h.register, each(p.Places()), func(n int64) { bar.at(n, places) })
	if err != nil {
		return err
	}
	bar.done(n)
	if err := person.LoadOffices(ctx, h.register, p.Offices()); err != nil {
		return err
	}
	bar = show("persons")
	n, err = person.Load(ctx, h.register, each(p.Persons()), func(n int64) { bar.at(n, persons) })
	if err != nil {
		return err
	}
	bar.done(n)
	return nil
}

// each makes a sequence with errors of one without.
func each[T any](s iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v := range s {
			if !yield(v, nil) {
				return
			}
		}
	}
}
