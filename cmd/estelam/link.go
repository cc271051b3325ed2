package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/sheet"
)

// linkCmd links a file against the register, or, with a profile, other
// people's tables against each other.
type linkCmd struct {
	site `embed:""`
	File string `arg:"" help:"File whose rows are persons: CSV, XLSX or Parquet."`
	Out  string `short:"o" type:"path" help:"Write the answers into this file: .csv, .xlsx or .parquet; beside it OUT.report.json. Default: FILE with .linked before its ending."`

	Preview   bool           `help:"Show what the file is taken for, with the first values, and do nothing."`
	Map       map[int]string `placeholder:"N=COLUMN" mapsep:"," help:"What column N of the file means, as in 3=surname; 3= is nothing."`
	Header    string         `enum:"auto,yes,no" default:"auto" help:"Whether the file has a header: auto, yes or no."`
	Format    string         `enum:"auto,csv,xlsx,parquet" default:"auto" help:"Format of the file: auto, csv, xlsx or parquet."`
	Encoding  string         `placeholder:"NAME" help:"How the characters are written: utf-8, utf-16, windows-1256 …"`
	Separator string         `placeholder:"C" help:"What stands between the cells of a text."`
	Sheet     string         `placeholder:"NAME" help:"Sheet of a workbook."`
	Rows      int64          `default:"10000000" help:"Refuse a file of more rows."`

	Distinct bool   `help:"The agency declares that no two rows are of one person."`
	Image    string `type:"path" help:"Link against this image instead of the register as it stands."`
	Profile  string `type:"path" help:"Columns and keys of other people's tables (JSON); with --register."`
	Register string `type:"path" help:"The table that stands for the register, with --profile."`
	Force    bool   `help:"Replace OUT if it is there."`
}

// Run goes like this:
//
//  1. Say what the file is taken for, and refuse what may not be guessed.
//  2. Take the register: as it stands, a file of it, or another table.
//  3. Read the file; its hash says later which file it was.
//  4. Link. How far it has come stands in OUT.work; after an interruption the
//     same command goes on from there, to the same bytes.
//  5. Write the answers and the report beside their places.
//  6. Record the reading in the journal.
//  7. Put report and answers in their places.
//
// A crash before 7 leaves no answers; one within it leaves the report alone, and
// running the command again completes it.
func (c *linkCmd) Run(ctx context.Context, s streams) error {
	l, err := c.open() // 1
	if err != nil {
		return err
	}
	defer l.close()
	if c.Preview {
		return l.show(s.out, true)
	}
	if err := c.place(); err != nil {
		return err
	}
	_ = l.show(s.err, false) // who does not see it has the report
	if err := l.openTable(s); err != nil {
		return err
	}
	against, err := c.against(ctx, s) // 2
	if err != nil {
		return err
	}
	defer against.close()
	if err := l.read(ctx, s, against.register); err != nil { // 3
		return err
	}
	if err := l.link(ctx, s); err != nil { // 4
		return err
	}
	return l.deliver(ctx, s, against) // 5, 6, 7
}

// linking is one file being linked.
type linking struct {
	c       *linkCmd
	file    *os.File
	size    int64
	columns []sheet.Column
	options sheet.ReadOptions
	preview *sheet.Preview
	rows    *sheet.TableReader

	sum        [32]byte
	table      *linkage.Table
	unreadable []int // rows of the file that could not be read
	result     *linkage.Result
}

// open opens the file and finds out what it is.
func (c *linkCmd) open() (l *linking, err error) {
	l = &linking{c: c}
	if l.options, err = c.options(); err != nil {
		return nil, err
	}
	if l.columns, err = c.columns(); err != nil {
		return nil, err
	}
	if l.file, l.size, err = openPlain(c.File); err != nil {
		return nil, err
	}
	l.preview, err = sheet.Detect(l.file, l.size, l.columns, l.options)
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// openTable begins to read the rows as the preview says. What it may not guess
// it asks for, with the words that the command line wants.
func (l *linking) openTable(s streams) (err error) {
	l.rows, err = sheet.OpenTable(l.file, l.size, l.columns, l.options)
	if err != nil {
		names := make([]string, len(l.columns))
		for i := range names {
			names[i] = l.columns[i].Name
		}
		fmt.Fprintf(s.err, "say what column N means with --map N=COLUMN; --preview shows the first values\ncolumns: %s\n", strings.Join(names, " "))
	}
	return err
}

func (l *linking) close() { _ = l.file.Close() }

// openPlain opens a file that can be read at any place.
func openPlain(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fault.New(fault.NotFound, "estelam.file").Because(err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, 0, fault.New(fault.NotFound, "estelam.file").Because(err)
	}
	return f, info.Size(), nil
}

// options is what the command line decides about the file.
func (c *linkCmd) options() (o sheet.ReadOptions, err error) {
	o = sheet.ReadOptions{Encoding: c.Encoding, Separator: c.Separator, Sheet: c.Sheet, MaxRows: c.Rows, Map: map[int]string{}}
	if c.Format != "auto" {
		o.Format = sheet.Format(c.Format)
	}
	if c.Header != "auto" {
		yes := c.Header == "yes"
		o.Header = &yes
	}
	for n, column := range c.Map {
		if n < 1 {
			return o, fault.New(fault.Invalid, "sheet.map").At("map")
		}
		o.Map[n-1] = column // people count from 1
	}
	if (c.Profile == "") != (c.Register == "") || c.Profile != "" && c.Image != "" {
		return o, fault.New(fault.Invalid, "estelam.link.register")
	}
	return o, nil
}

// place finds where the answers go.
func (c *linkCmd) place() error {
	if c.Out == "" {
		ext := filepath.Ext(c.File)
		c.Out = strings.TrimSuffix(c.File, ext) + ".linked" + ext
	}
	if _, err := formatFor(c.Out); err != nil {
		return err
	}
	if here, err := filepath.Abs(c.File); err == nil {
		if there, err := filepath.Abs(c.Out); err == nil && here == there {
			return fault.New(fault.Conflict, "estelam.file.exists").At("out")
		}
	}
	if _, err := os.Lstat(c.Out); err == nil && !c.Force {
		return fault.New(fault.Conflict, "estelam.file.exists").At("out")
	}
	if info, err := os.Stat(filepath.Dir(c.Out)); err != nil || !info.IsDir() {
		return fault.New(fault.NotFound, "estelam.link.dir").Because(err).At("out")
	}
	return nil
}

// formatFor is the format that a file's ending asks for.
func formatFor(path string) (sheet.Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".txt", ".tsv":
		return sheet.CSV, nil
	case ".xlsx":
		return sheet.XLSX, nil
	case ".parquet":
		return sheet.Parquet, nil
	}
	return "", fault.New(fault.Invalid, "estelam.link.ending").At("out")
}

// work is where an interrupted linkage goes on from.
func (c *linkCmd) work() string { return c.Out + ".work" }

// read takes in the rows. A row that cannot be read is answered as such.
func (l *linking) read(ctx context.Context, s streams, r *linkage.Register) error {
	bar := newProgress(s.err, "rows read")
	l.table = r.NewTable()
	values := make([]string, len(l.columns))
	for n := int64(0); ; n++ {
		if n%1024 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			bar.at(l.rows.Bytes(), l.size)
		}
		row, err := l.rows.Next()
		if errors.Is(err, io.EOF) {
			bar.done(n)
			break
		}
		if err != nil {
			return err
		}
		if row.Fault != nil {
			l.unreadable = append(l.unreadable, row.N)
			continue
		}
		for i := range values {
			values[i] = row.Cell(i)
		}
		l.table.Add(row.N, values)
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(l.file, 0, l.size)); err != nil {
		return err
	}
	h.Sum(l.sum[:0])
	return nil
}

// link does the work itself.
func (l *linking) link(ctx context.Context, s streams) (err error) {
	bar := newProgress(s.err, "rows linked")
	l.result, err = l.table.Link(ctx, linkage.Options{Distinct: l.c.Distinct, Progress: bar.at, Work: l.c.work()})
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(s.err, "\nrun the same command again to go on\n")
		return err
	case err != nil:
		return full(err)
	}
	bar.done(int64(len(l.result.Outcomes)))
	return nil
}

func (l *linking) digest() string { return hex.EncodeToString(l.sum[:]) }

// against is what the file is linked against.
type against struct {
	register *linkage.Register
	position *mirror.Position // nil: it is no image of the population register
	house    *house           // nil: nothing of ours is read
	close    func()
}
