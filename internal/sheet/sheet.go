// Package sheet reads tables from files row by row, says what a file seems to
// be before anything is done with it, writes tables, and the report of what was
// wrong with which row. docs/files.md describes it for who hands files in.
//
// Text (CSV), workbooks (XLSX) and Parquet are read. What is promised:
//
//   - reading is streaming: one row of at most 64 KiB is held at a time, of a
//     workbook its table of texts, of Parquet a page of each column; a hostile
//     file takes no more memory and is refused by name; nothing is unpacked to
//     disk;
//   - the encoding is recognised by its mark or by its bytes and named, never
//     guessed silently; so are separator, header and what the columns mean
//     (Preview), and a person can decide otherwise (ReadOptions);
//   - columns are found by name, in any order, in English or Persian; without a
//     header by what stands in them, if that proves it;
//   - a bad row is named and left out, the rows after it are read;
//   - row numbers are those of a spreadsheet: the header is row 1;
//   - a report never holds a value of the file, and what is written is safe to
//     open in a spreadsheet.
package sheet

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/estelam/estelam/internal/fault"
)

// Progress is told how far a load has come: rows read, bytes read of the file
// and its size (0: unknown).
type Progress func(rows, bytes, total int64)

// Load describes how rows become things of type T and where those go.
type Load[T any] struct {
	Columns  []Column
	Chunk    int                                    // things a flush; each flush is one transaction
	Parse    func(*Row, *Report) (thing T, ok bool) // not ok: Parse has refused the row in the report
	Flush    func(context.Context, []T) error       // the slice is used again afterwards
	Progress Progress                               // may be nil; called after each flush
}

// Run reads all of r. What was flushed before an error stays: a load is
// resumed by running it again, since rows that are there already change
// nothing.
func (l *Load[T]) Run(ctx context.Context, r io.Reader, report *Report) error {
	total := size(r)
	in, err := begin(r, total, l.Columns, report)
	if err != nil {
		return err
	}
	report.Encoding = in.Encoding()
	chunk := make([]T, 0, l.Chunk)
	flush := func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(chunk) > 0 {
			if err := l.Flush(ctx, chunk); err != nil {
				return err
			}
		}
		clear(chunk)
		chunk = chunk[:0]
		if l.Progress != nil {
			l.Progress(int64(report.Rows), in.Bytes(), total)
		}
		return nil
	}
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		report.Rows++
		if row.Fault != nil {
			report.Refuse(row.N, "", row.Fault)
			continue
		}
		if thing, ok := l.Parse(row, report); ok {
			chunk = append(chunk, thing)
		}
		if len(chunk) == l.Chunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return report.Flush()
}

// rowReader is what a load reads: text as it streams in, or another format.
type rowReader interface {
	Next() (*Row, error)
	Encoding() string
	Bytes() int64
}

// begin tells the format and matches the header. A workbook or Parquet file is
// read where it lies, so it must be a file or in memory.
func begin(r io.Reader, total int64, columns []Column, report *Report) (rowReader, error) {
	if at, ok := r.(io.ReaderAt); ok && total > 0 {
		format, err := formatOf(at, total)
		var refused *fault.Error
		if errors.As(err, &refused) {
			return nil, err
		}
		if err == nil && format != CSV { // a pipe cannot be read so: it is text
			header := true
			t, err := OpenTable(at, total, columns, ReadOptions{Header: &header})
			if err != nil {
				return nil, err
			}
			for _, c := range t.preview.Columns {
				if c.Means == "" {
					report.Note(1, letter(c.Index), "sheet.column.unknown")
				}
			}
			return t, nil
		}
	}
	in, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	return in, in.Match(columns, report)
}

// size is the length of what r reads, 0 if it cannot tell.
func size(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Stat() (fs.FileInfo, error) }:
		if info, err := r.Stat(); err == nil {
			return info.Size()
		}
	case interface{ Len() int }:
		return int64(r.Len())
	}
	return 0
}

// Seen notes which numbers have been met, in at most one bit for each number
// of the field's range.
type Seen struct{ pages map[int64]*[64]uint64 }

// Add notes n and reports whether it is new.
func (s *Seen) Add(n int64) bool {
	if s.pages == nil {
		s.pages = map[int64]*[64]uint64{}
	}
	page := s.pages[n>>12]
	if page == nil {
		page = new([64]uint64)
		s.pages[n>>12] = page
	}
	word, bit := n>>6&63, uint64(1)<<(n&63)
	if page[word]&bit != 0 {
		return false
	}
	page[word] |= bit
	return true
}

// ErrTwice is the fault of a row whose number an earlier row had.
var ErrTwice = fault.New(fault.Invalid, "sheet.twice")
