package sheet

import (
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
)

// sheetRows reads the rows of one sheet. A cell of a formula has the value that
// was last computed; of merged cells the first has the value.
type sheetRows struct {
	book *workbook
	part *unpack
	size int64
	in   *markup
	row  Row
	long int // bytes of the row's cells

	// the cell being read
	column     int
	style      int
	kind       cellKind
	value      []byte
	inRow      bool
	inCell     bool
	taking     bool // text belongs to the value
	spoken     bool // … but not how it is pronounced
	last       int  // number of the last row
	done, wide bool
}

func (w *workbook) rows(s sheetPart) (*sheetRows, error) {
	part, err := openPart(s.part)
	if err != nil {
		return nil, err
	}
	in, err := newMarkup(part)
	if err != nil {
		return nil, err
	}
	return &sheetRows{book: w, part: part, size: part.left, in: in}, nil
}

// next reads a row that holds something.
func (s *sheetRows) next() (*Row, error) {
	for !s.done {
		t, err := s.in.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil, errDamaged // the sheet's data has no end
		case err != nil:
			return nil, err
		case t == tokenText:
			if s.taking && !s.spoken && len(s.value) <= maxRecord {
				s.value = appendPiece(s.value, s.in)
			}
			continue
		}
		full, err := s.tag()
		if err != nil {
			return nil, err
		}
		if full {
			return &s.row, nil
		}
	}
	_ = s.part.Close()
	return nil, io.EOF
}

// tag takes one tag in; full: it ended a row that holds something.
func (s *sheetRows) tag() (full bool, err error) {
	m := s.in
	begins, ends := !m.close, m.close || m.empty
	switch string(m.name) {
	case "sheetData":
		s.done = ends
	case "row":
		if s.inCell || begins == s.inRow {
			return false, errHostile
		}
		if begins {
			err = s.startRow()
		}
		if s.inRow = !ends; err == nil && ends {
			return s.endRow(), nil
		}
	case "c":
		if !s.inRow || begins == s.inCell {
			return false, errHostile
		}
		if begins {
			s.startCell()
		}
		if s.inCell = !ends; ends {
			s.endCell()
		}
	case "v", "t":
		s.taking = begins && !m.empty
	case "rPh":
		s.spoken = begins && !m.empty
	}
	return false, err
}

// maxSheetRow is the last row that a sheet can have.
const maxSheetRow = 1 << 20

func (s *sheetRows) startRow() error {
	n := s.last + 1
	if at := s.in.attr("r"); at != "" {
		var err error
		if n, err = strconv.Atoi(at); err != nil || n <= s.last || n > maxSheetRow {
			return errHostile
		}
	}
	s.last, s.row.N, s.row.Fault = n, n, nil
	s.row.cells = s.row.cells[:0]
	s.column, s.long, s.wide = -1, 0, false
	return nil
}

func (s *sheetRows) endRow() bool {
	for n := len(s.row.cells); n > 0 && s.row.cells[n-1] == ""; n-- {
		s.row.cells = s.row.cells[:n-1]
	}
	if s.wide && s.row.Fault == nil {
		s.row.Fault = faultCells
	}
	return len(s.row.cells) > 0 || s.row.Fault != nil
}

func (s *sheetRows) startCell() {
	s.column++
	s.kind, s.style = kindNumber, 0
	s.value, s.taking = s.value[:0], false
	for rest := s.in.attrs; ; {
		key, value, more := nextAttr(rest)
		if key == nil {
			return
		}
		switch string(key) {
		case "r":
			if j, ok := columnOf(value); ok && j >= s.column {
				s.column = j
			} else {
				s.row.Fault = faultCells
			}
		case "t":
			s.kind = kindOf(value)
		case "s":
			s.style, _ = strconv.Atoi(string(value))
		}
		rest = more
	}
}

// cellKind is how the value of a cell is to be taken.
type cellKind uint8

const (
	kindNumber cellKind = iota
	kindShared
	kindPlain // text: in the cell, of a formula, of an error
	kindBool
	kindDay // ISO 8601
)

func kindOf(t []byte) cellKind {
	switch string(t) {
	case "s":
		return kindShared
	case "str", "inlineStr", "e":
		return kindPlain
	case "b":
		return kindBool
	case "d":
		return kindDay
	}
	return kindNumber
}

// columnOf reads the letters of a cell's place.
func columnOf(at []byte) (int, bool) {
	j := 0
	for i := 0; i < len(at) && at[i] >= 'A' && at[i] <= 'Z'; i++ {
		if j = 26*j + int(at[i]-'A') + 1; j > 1<<14 {
			return 0, false
		}
	}
	return j - 1, j > 0
}

func (s *sheetRows) endCell() {
	if len(s.value) == 0 {
		return
	}
	text, ok := s.text()
	text = strings.TrimSpace(text)
	if s.long += len(text); s.long > maxRecord {
		s.row.Fault = fault.New(fault.Invalid, "sheet.long")
	} else if !ok || !utf8.ValidString(text) {
		s.row.Fault = fault.New(fault.Invalid, "sheet.encoding")
	}
	switch {
	case text == "" || s.row.Fault != nil:
		return
	case s.column >= maxColumns:
		s.wide = true
		return
	}
	for len(s.row.cells) <= s.column {
		s.row.cells = append(s.row.cells, "")
	}
	s.row.cells[s.column] = text
}

// text is the cell as a person sees it, dates apart, which are
// year-month-day.
func (s *sheetRows) text() (string, bool) {
	raw := string(s.value)
	switch s.kind {
	case kindShared:
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil {
			return "", false
		}
		return s.book.strings.at(i)
	case kindPlain:
		return raw, true
	case kindBool:
		if strings.TrimSpace(raw) == "1" {
			return "TRUE", true
		}
		return "FALSE", true
	case kindDay:
		day, _, _ := strings.Cut(raw, "T")
		return day, true
	}
	raw = strings.TrimSpace(raw)
	if s.book.dates[s.style] {
		if day, ok := s.book.date(raw); ok {
			return day, true
		}
	}
	if whole, ok := whole64(raw); ok {
		if n := s.book.zeros[s.style]; len(whole) < n && n <= 20 {
			whole = strings.Repeat("0", n-len(whole)) + whole
		}
		return whole, true
	}
	return raw, true
}

// date turns a serial number of days into a date; a time of day alone is none.
func (w *workbook) date(raw string) (string, bool) {
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || n < 1 || n > 2958465 { // up to the year 9999
		return "", false
	}
	day := int64(math.Floor(n))
	if w.since == days1900 && day < 60 { // before the 29th of February 1900, which never was
		day++
	}
	return time.Unix((day+w.since)*86400, 0).UTC().Format(time.DateOnly), true
}

// whole64 writes a number in the way that programs store it (1.23E9, 7.0) as
// digits, if it is whole and none of its digits are lost.
func whole64(raw string) (string, bool) {
	if raw == "" || len(raw) > 40 || strings.Trim(raw, "0123456789.eE+-") != "" || raw[0] == '-' || !strings.ContainsAny(raw, ".eE") {
		return raw, raw != "" && strings.Trim(raw, "0123456789") == ""
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || f != math.Trunc(f) || f >= 1<<53 || f < 0 {
		return "", false
	}
	return strconv.FormatFloat(f, 'f', 0, 64), true
}

// bytes is how far the reading is, as a share of what is stored.
func (s *sheetRows) bytes() int64 { return s.size - max(s.part.left, 0) }

// openXLSX takes the sheet that is named, or the only one that holds something;
// of several the first is shown, and it is not read before one is chosen.
func (t *TableReader) openXLSX(r io.ReaderAt, size int64, o ReadOptions) error {
	book, err := openWorkbook(r, size)
	if err != nil {
		return err
	}
	chosen := -1
	for i, s := range book.sheets {
		if o.Sheet != "" && s.name == o.Sheet {
			chosen = i
			break
		}
		if o.Sheet != "" || s.hidden {
			continue
		}
		filled, err := book.filled(s)
		if err != nil {
			return err
		}
		if filled {
			t.preview.Sheets = append(t.preview.Sheets, s.name)
			if chosen < 0 {
				chosen = i
			}
		}
	}
	switch {
	case chosen < 0 && o.Sheet != "":
		return fault.New(fault.NotFound, "sheet.sheet").At("sheet")
	case chosen < 0:
		return fault.New(fault.Invalid, "sheet.empty")
	}
	rows, err := book.rows(book.sheets[chosen])
	if err != nil {
		return err
	}
	t.next, t.read = rows.next, func() int64 { return int64(float64(size) * float64(rows.bytes()) / float64(max(rows.size, 1))) }
	t.preview.Encoding, t.preview.Sheet, t.preview.chosen = UTF8, book.sheets[chosen].name, o.Sheet != "" || len(t.preview.Sheets) == 1
	return nil
}

// filled reports whether a sheet has any cell with something in it.
func (w *workbook) filled(s sheetPart) (bool, error) {
	rows, err := w.rows(s)
	if err != nil {
		return false, err
	}
	defer rows.part.Close()
	_, err = rows.next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}
