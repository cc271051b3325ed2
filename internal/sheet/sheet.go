// Package sheet reads tables from files row by row and writes the report of
// what was wrong with which row.
//
// Reading is streaming: one record of at most 64 KiB is held at a time, so a
// file of any size, and a hostile one, takes the same memory. What is promised:
//
//   - the encoding is recognised by its mark (UTF-8, UTF-16) or by its bytes
//     (UTF-8, else Windows-1256) and named in the report, never guessed
//     silently; binary files are refused;
//   - columns are found by name, in any order, in English or Persian;
//   - a bad row is named and left out, the rows after it are read;
//   - row numbers are those of a spreadsheet: the header is row 1;
//   - a report never holds a value of the file, and its CSV form is safe to
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
	in, err := NewReader(r)
	if err != nil {
		return err
	}
	report.Encoding = in.Encoding()
	if err := in.Match(l.Columns, report); err != nil {
		return err
	}
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
