package main

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/synth"
)

// dirtyCmd makes what an agency might hand in about an invented population.
type dirtyCmd struct {
	Persons    int                `default:"1000000" help:"How many persons the population has."`
	Places     int                `default:"0" help:"How many places; without them nobody has a postal code."`
	Rows       int                `default:"100000" help:"How many rows the file has."`
	Seed       uint64             `default:"1405" help:"The same seed gives the same people everywhere."`
	FileSeed   uint64             `default:"1" help:"Another one gives another file about the same people."`
	Noise      float64            `default:"1" help:"So many times the usual mistakes and gaps."`
	NoNumbers  bool               `help:"No national numbers in the file."`
	Rate       map[string]float64 `help:"A rate in percent, such as edit=2.5 (docs/linkage.md lists them)." placeholder:"NAME=PERCENT"`
	Population bool               `name:"population-csv" help:"Write the register's persons too, as persons.csv."`
	Format     sheet.Format       `default:"csv" enum:"csv,xlsx,parquet" help:"csv, xlsx or parquet."`
	Out        string             `short:"o" required:"" help:"Directory for file.csv (or .xlsx, .parquet) and truth.csv." type:"path"`
}

// Run makes the file.
func (c *dirtyCmd) Run(s streams) error {
	d := synth.Dirt{Seed: c.FileSeed, Rows: c.Rows, Noise: int(math.Round(100 * c.Noise)), NoNumbers: c.NoNumbers}
	if c.Persons < 1 || c.Places < 0 || c.Rows < 1 || int64(c.Rows)*5 > int64(c.Persons)*4 || d.Noise < 1 || d.Noise > 1000 {
		return fault.New(fault.Invalid, "estelam.dirty.size")
	}
	rates := synth.Standard()
	for name, percent := range c.Rate {
		if !rates.Set(name, int(math.Round(100*percent))) {
			return &fault.Error{Kind: fault.Invalid, Key: "estelam.dirty.rate", Field: "--rate"}
		}
	}
	d.Rates = &rates
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return err
	}
	p := synth.New(synth.Config{Seed: c.Seed, Persons: c.Persons, Places: c.Places})
	if err := c.rows(s, p, d); err != nil {
		return err
	}
	if !c.Population {
		return nil
	}
	return c.create(s, "persons.csv", func(w io.Writer) error { return p.WriteRegisterCSV(w, d) })
}

// create writes one file and says which.
func (c *dirtyCmd) create(s streams, name string, write func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(c.Out, name))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	fmt.Fprintln(s.out, f.Name())
	return nil
}

// rows writes the file and, beside it, the truth, in one go.
func (c *dirtyCmd) rows(s streams, p *synth.Population, d synth.Dirt) error {
	return c.create(s, "truth.csv", func(truth io.Writer) error {
		return c.create(s, "file."+string(c.Format), func(file io.Writer) error {
			out := bufio.NewWriterSize(file, 1<<16)
			if err := c.table(s, p.DirtyRows(d), out, truth); err != nil {
				return err
			}
			return out.Flush()
		})
	})
}

func (c *dirtyCmd) table(s streams, rows iter.Seq[*synth.DirtyRow], file, truth io.Writer) error {
	bar := newProgress(s.err, "rows")
	known := bufio.NewWriterSize(truth, 1<<16)
	fmt.Fprintln(known, "row,national_number,why") // the first error stays, and Flush tells it
	out, err := sheet.NewWriter(file, c.Format, append([]string{"row"}, synth.DirtyColumns[:]...))
	if err != nil {
		return err
	}
	cells := make([]string, 0, 1+len(synth.DirtyColumns))
	for r := range rows {
		cells = append(append(cells[:0], strconv.Itoa(r.ID)), r.Values[:]...)
		if err := out.Write(cells); err != nil {
			return err
		}
		number := ""
		if r.Truth != 0 {
			number = ids.NationalNumber(r.Truth).String()
		}
		fmt.Fprintf(known, "%d,%s,%s\n", r.ID, number, r.Why)
		bar.at(int64(r.ID), int64(c.Rows))
	}
	bar.done(int64(c.Rows))
	if err := out.Close(); err != nil {
		return err
	}
	return known.Flush()
}
