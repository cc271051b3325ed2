package sheet

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
)

const (
	maxRecord  = 64 << 10 // bytes of one record
	maxColumns = 256
)

// Row is one record. It and its cells are valid until the next one is read.
type Row struct {
	N     int          // as a spreadsheet counts: the header is 1
	Fault *fault.Error // what makes the record unreadable; nil: none
	cells []string
	at    []int                 // for each column of the Match: its place in cells, or -1
	read  []func(string) string // for each column: how its cells are read; nil: as they are
}

// Cell is the trimmed text of the i-th column given to Match; empty when the
// file has no such column. It is without the apostrophe that the function Cell
// has put in front.
func (r *Row) Cell(i int) string {
	if r.at[i] < 0 {
		return ""
	}
	s := r.cells[r.at[i]]
	if s != "" && s[0] == '\'' && formula(s[1:]) {
		return s[1:]
	}
	if r.read != nil && r.read[i] != nil {
		return r.read[i](s)
	}
	return s
}

// Has reports whether the file has the i-th column given to Match.
func (r *Row) Has(i int) bool { return r.at[i] >= 0 }

// Reader reads comma-separated values (RFC 4180; semicolon and tab too).
type Reader struct {
	in       io.Reader
	encoding string
	count    *counter

	buf   []byte
	r, w  int // unread bytes are buf[r:w]
	err   error
	comma byte
	width int // cells of a row; 0: any number
	row   Row
	head  []string
}

// counter counts the bytes of the file as it lies on disk.
type counter struct {
	in io.Reader
	n  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

// NewReader finds encoding and separator and reads the header.
func NewReader(r io.Reader) (*Reader, error) {
	in, err := newReader(r, ReadOptions{})
	if err != nil {
		return nil, err
	}
	row, err := in.Next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fault.New(fault.Invalid, "sheet.empty")
	case err != nil:
		return nil, err
	case row.Fault != nil:
		return nil, row.Fault
	}
	in.head = append([]string(nil), row.cells...)
	in.width = len(in.head)
	return in, nil
}

// newReader stands before the first row. Encoding and separator are those of
// the options, or the ones that the file shows.
func newReader(r io.Reader, o ReadOptions) (*Reader, error) {
	count := &counter{in: r}
	text, encoding, err := decode(count, o.Encoding)
	if err != nil {
		return nil, err
	}
	in := &Reader{in: text, encoding: encoding, count: count, buf: make([]byte, 4*maxRecord)}
	for in.w < maxRecord && in.err == nil {
		in.fill()
	}
	switch {
	case o.Separator == "":
		in.comma = separator(in.buf[:in.w])
	case len(o.Separator) == 1 && strings.Contains(separators, o.Separator):
		in.comma = o.Separator[0]
	default:
		return nil, fault.New(fault.Invalid, "sheet.separator")
	}
	return in, nil
}

// separators are the marks between cells, the more usual ones first.
const separators = ",;\t|"

// separator is the mark that stands equally often in most of the first lines,
// quoted text apart.
func separator(text []byte) byte {
	const look = 20
	text = unquoted(text)
	best, most := separators[0], 0
	for i := range len(separators) {
		lines := map[int]int{} // how many lines have it so often
		rest := text
		for range look {
			line, more, found := bytes.Cut(rest, []byte{'\n'})
			if n := bytes.Count(line, []byte{separators[i]}); n > 0 {
				lines[n]++
			}
			if rest = more; !found {
				break
			}
		}
		for n, k := range lines {
			if score := k*maxColumns + min(n, maxColumns-1); score > most {
				best, most = separators[i], score
			}
		}
	}
	return best
}

// unquoted leaves quoted text out.
func unquoted(text []byte) []byte {
	parts := bytes.Split(text, []byte{'"'})
	var out []byte
	for i := 0; i < len(parts); i += 2 {
		out = append(out, parts[i]...)
	}
	return out
}

// Encoding is the encoding of the file.
func (in *Reader) Encoding() string { return in.encoding }

// Bytes is how many bytes of the file have been read.
func (in *Reader) Bytes() int64 { return in.count.n - int64(in.w-in.r) }

// Next reads one record; io.EOF ends. A record that cannot be read has its
// Fault set and the reading goes on behind it; an error is final. Lines with
// nothing in them are counted and passed over.
func (in *Reader) Next() (*Row, error) {
	for {
		line, quoted, ok := in.line()
		if !ok {
			if errors.Is(in.err, io.EOF) {
				return nil, io.EOF
			}
			return nil, in.err
		}
		in.row.N++
		in.row.Fault = nil
		in.row.cells = in.row.cells[:0]
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			continue
		case quoted < 0:
			in.row.Fault = faultQuote
		case len(line) > maxRecord:
			in.row.Fault = fault.New(fault.Invalid, "sheet.long")
		case !utf8.Valid(line):
			in.row.Fault = fault.New(fault.Invalid, "sheet.encoding")
		default:
			in.split(string(line), quoted > 0)
		}
		if in.row.Fault == nil && in.width > 0 && len(in.row.cells) != in.width {
			in.row.Fault = faultCells
		}
		return &in.row, nil
	}
}

var (
	faultQuote = fault.New(fault.Invalid, "sheet.quote")
	faultCells = fault.New(fault.Invalid, "sheet.cells")
)

// line takes the next record off the buffer. quoted: 0 it holds no quotation
// mark, 1 it does, -1 a quotation is not closed within the longest record;
// then only the first line of it is taken, so that one stray mark does not
// swallow the file.
func (in *Reader) line() (line []byte, quoted int, ok bool) {
	from, open := 0, false
	first := -1 // where the first line ends
	for {
		data := in.buf[in.r:in.w]
		for from < len(data) {
			i := bytes.IndexAny(data[from:], "\n\"")
			if i < 0 {
				from = len(data)
				break
			}
			i += from
			from = i + 1
			if data[i] == '"' {
				open, quoted = !open, 1
				continue
			}
			if first < 0 {
				first = i
			}
			if !open {
				return in.take(i), quoted, true
			}
			if i > maxRecord {
				return in.take(first), -1, true
			}
		}
		if in.err != nil || len(data) >= 2*maxRecord {
			break
		}
		in.fill()
	}
	return in.last(first, open, quoted)
}

// last is line at the end of the file or of the patience.
func (in *Reader) last(first int, open bool, quoted int) ([]byte, int, bool) {
	n := in.w - in.r
	switch {
	case n == 0:
		return nil, 0, false
	case open && first >= 0:
		return in.take(first), -1, true
	case in.err != nil:
		if open {
			quoted = -1
		}
		return in.take(n), quoted, true
	}
	return in.skipLine(), quoted, true
}

// skipLine passes over a line that is too long, to its end.
func (in *Reader) skipLine() []byte {
	for {
		if i := bytes.IndexByte(in.buf[in.r:in.w], '\n'); i >= 0 {
			in.r += i + 1
			return tooLong
		}
		in.r = in.w
		if in.err != nil {
			return tooLong
		}
		in.fill()
	}
}

var tooLong = bytes.Repeat([]byte{'x'}, maxRecord+1)

// take consumes n bytes and the line's end behind them.
func (in *Reader) take(n int) []byte {
	line := in.buf[in.r : in.r+n]
	in.r = min(in.r+n+1, in.w)
	return bytes.TrimSuffix(line, []byte{'\r'})
}

// fill reads more; it may move what is unread to the front.
func (in *Reader) fill() {
	if in.r > 0 && in.w == len(in.buf) || in.r == in.w {
		in.w = copy(in.buf, in.buf[in.r:in.w])
		in.r = 0
	}
	for range 100 {
		n, err := in.in.Read(in.buf[in.w:])
		in.w += n
		if err != nil {
			in.err = err
		}
		if n > 0 || err != nil {
			return
		}
	}
	in.err = io.ErrNoProgress
}

// split cuts a record into trimmed cells.
func (in *Reader) split(s string, quoted bool) {
	for {
		var cell string
		var more bool
		if quoted && strings.HasPrefix(strings.TrimLeft(s, " "), `"`) {
			cell, s, more = in.quotedCell(strings.TrimLeft(s, " ")[1:])
			if in.row.Fault != nil {
				return
			}
		} else if i := strings.IndexByte(s, in.comma); i >= 0 {
			cell, s, more = s[:i], s[i+1:], true
		} else {
			cell = s
		}
		in.row.cells = append(in.row.cells, strings.TrimSpace(cell))
		if !more {
			return
		}
		if len(in.row.cells) == maxColumns {
			in.row.Fault = faultCells
			return
		}
	}
}

// quotedCell reads a cell up to its closing mark; s begins behind the first.
func (in *Reader) quotedCell(s string) (cell, rest string, more bool) {
	var parts strings.Builder
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			in.row.Fault = faultQuote
			return "", "", false
		}
		if !strings.HasPrefix(s[i+1:], `"`) {
			cell, rest = s[:i], strings.TrimLeft(s[i+1:], " ")
			break
		}
		parts.WriteString(s[:i+1])
		s = s[i+2:]
	}
	if parts.Len() > 0 {
		cell = parts.String() + cell
	}
	switch {
	case rest == "":
		return cell, "", false
	case rest[0] == in.comma:
		return cell, rest[1:], true
	}
	in.row.Fault = faultQuote
	return "", "", false
}
