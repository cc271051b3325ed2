package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/sheet"
)

// measureCmd counts offline what an agency's list holds of numbers and postal
// codes, so that it can mend its list and hand in the counts (quality/check).
// Nothing leaves the machine, and no register is asked.
type measureCmd struct {
	File string `arg:"" help:"File whose rows are persons or places: CSV, XLSX or Parquet."`
	Out  string `short:"o" type:"path" help:"Write which rows lack something into this file, as CSV; it must not exist."`

	Map       map[int]string `placeholder:"N=COLUMN" mapsep:"," help:"What column N of the file means: national_number or postal_code; 3= is nothing."`
	Header    string         `enum:"auto,yes,no" default:"auto" help:"Whether the file has a header: auto, yes or no."`
	Encoding  string         `placeholder:"NAME" help:"How the characters are written: utf-8, utf-16, windows-1256 …"`
	Separator string         `placeholder:"C" help:"What stands between the cells of a text."`
	Sheet     string         `placeholder:"NAME" help:"Sheet of a workbook."`
}

// Run says what the file is taken for, reads it once, and counts.
func (c *measureCmd) Run(ctx context.Context, s streams) error {
	as := &linkCmd{File: c.File, Map: c.Map, Header: c.Header, Format: "auto", Encoding: c.Encoding, Separator: c.Separator, Sheet: c.Sheet, Rows: 1_000_000_000}
	l := &linking{c: as}
	for _, column := range sheet.PersonColumns() {
		if column.Name == "national_number" || column.Name == "postal_code" {
			column.Must = true
			l.columns = append(l.columns, column)
		}
	}
	var err error
	if l.options, err = as.options(); err != nil {
		return err
	}
	if l.file, l.size, err = openPlain(c.File); err != nil {
		return err
	}
	defer l.close()
	if l.preview, err = sheet.Detect(l.file, l.size, l.columns, l.options); err != nil {
		return err
	}
	_ = l.show(s.err, false)
	if err := l.openTable(s); err != nil {
		return err
	}
	if c.Out == "" {
		return l.measure(ctx, s, io.Discard)
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.New(fault.Conflict, "estelam.file.exists").Because(err).At("out")
	}
	w := bufio.NewWriter(f)
	if err = errors.Join(l.measure(ctx, s, w), w.Flush(), f.Close()); err != nil {
		_ = os.Remove(c.Out)
	}
	return err
}

// measure counts, and lists the rows that lack something. A row that cannot be
// read has neither.
func (l *linking) measure(ctx context.Context, s streams, bad io.Writer) error {
	counts := map[string]int64{}
	fmt.Fprintln(bad, "row,national_number,postal_code")
	bar := newProgress(s.err, "rows read")
	rows := int64(0)
	for ; ; rows++ {
		if rows%1024 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			bar.at(l.rows.Bytes(), l.size)
		}
		row, err := l.rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		number, postal := quality.Malformed, quality.Malformed
		if row.Fault == nil {
			_, wrong := ids.ParseNationalNumber(row.Cell(0))
			number = formed(row.Cell(0), wrong)
			_, wrong = ids.ParsePostalCode(row.Cell(1))
			postal = formed(row.Cell(1), wrong)
		}
		counts["number "+number]++
		counts["postal "+postal]++
		if number+postal != "" {
			fmt.Fprintf(bad, "%d,%s,%s\n", row.N, number, postal)
		}
	}
	bar.done(rows)
	fmt.Fprintf(s.out, "rows             %s\n", count(rows))
	for _, one := range []struct{ label, key string }{{"national_number", "number "}, {"postal_code", "postal "}} {
		fmt.Fprintf(s.out, "%-15s  %s well-formed, %s missing, %s malformed\n", one.label,
			count(counts[one.key]), count(counts[one.key+quality.Missing]), count(counts[one.key+quality.Malformed]))
	}
	fmt.Fprintf(s.out, "hand in          estelam act quality/check list=NAME counts.rows=%d counts.number_form=%d counts.postal_form=%d\n",
		rows, counts["number "], counts["postal "])
	return nil
}

// formed is what is wrong with a cell: nothing, or what package quality calls it.
func formed(cell string, wrong error) string {
	switch {
	case cell == "":
		return quality.Missing
	case wrong != nil:
		return quality.Malformed
	}
	return ""
}
