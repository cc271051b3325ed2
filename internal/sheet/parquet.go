package sheet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/estelam/estelam/internal/fault"
)

// parquetRows reads the rows of a flat Parquet file. What the library would
// allocate on the file's word is checked before (parquetcheck.go); should it
// panic on a damaged file all the same, the file is damaged.
type parquetRows struct {
	file    *parquet.File
	in      io.ReaderAt
	columns []*parquetColumn
	group   int // the row group that is next
	left    int64
	done    int64 // rows read
	row     Row
}

// parquetColumn is where the reading of a column stands.
type parquetColumn struct {
	text   func(parquet.Value) (string, bool)
	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	buf    [256]parquet.Value
	i, n   int
}

func (t *TableReader) openParquet(r io.ReaderAt, size int64) (err error) {
	defer refuseDamaged(&err)
	if err := checkFooter(r, size); err != nil {
		return err
	}
	file, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return errDamaged.Because(err)
	}
	rows := &parquetRows{file: file, in: r}
	rows.row.N = 1
	leaves := file.Root().Columns()
	if len(leaves) > maxColumns {
		return fault.New(fault.TooLarge, "sheet.columns", strconv.Itoa(maxColumns))
	}
	for _, leaf := range leaves {
		if !leaf.Leaf() || leaf.Repeated() {
			return notRead("nested columns")
		}
		text, err := textOf(leaf.Type())
		if err != nil {
			return err
		}
		rows.columns = append(rows.columns, &parquetColumn{text: text})
		t.preview.Columns = append(t.preview.Columns, PreviewColumn{Header: strings.TrimSpace(leaf.Name())})
	}
	if file.NumRows() > t.most {
		return fault.New(fault.TooLarge, "sheet.rows", strconv.FormatInt(t.most, 10))
	}
	t.next = rows.next
	t.read = func() int64 { return int64(float64(size) * float64(rows.done) / float64(max(file.NumRows(), 1))) }
	t.preview.Encoding, t.preview.HeaderRow, t.preview.Rows = UTF8, true, file.NumRows()
	return nil
}

func notRead(what string) error { return fault.New(fault.Unsupported, "sheet.parquet", what) }

// refuseDamaged turns a panic of the library into a fault: its decoders index
// into what the file says.
func refuseDamaged(err *error) {
	if p := recover(); p != nil {
		*err = errDamaged.Because(fmt.Errorf("panic: %v", p))
	}
}

// next reads a row; the first is row 2, as if the names stood in row 1.
func (p *parquetRows) next() (row *Row, err error) {
	defer refuseDamaged(&err)
	for p.left == 0 {
		groups := p.file.RowGroups()
		if p.group == len(groups) {
			p.close()
			return nil, io.EOF
		}
		if err := p.open(groups[p.group]); err != nil {
			return nil, err
		}
	}
	p.left--
	p.done++
	p.row.N++
	p.row.Fault, p.row.cells = nil, p.row.cells[:0]
	long := 0
	for _, c := range p.columns {
		v, err := c.next()
		if err != nil {
			return nil, err
		}
		text, ok := "", true
		if !v.IsNull() {
			text, ok = c.text(v)
		}
		if long += len(text); long > maxRecord {
			p.row.Fault, text = fault.New(fault.Invalid, "sheet.long"), ""
		} else if !ok || !utf8.ValidString(text) {
			p.row.Fault = fault.New(fault.Invalid, "sheet.encoding")
		}
		p.row.cells = append(p.row.cells, strings.TrimSpace(text))
	}
	return &p.row, nil
}

// open begins a row group.
func (p *parquetRows) open(g parquet.RowGroup) error {
	p.close()
	if err := checkGroup(p.in, p.file, p.group); err != nil {
		return err
	}
	p.group++
	if p.left = g.NumRows(); p.left < 0 {
		return errDamaged
	}
	for i, chunk := range g.ColumnChunks() {
		p.columns[i].pages = chunk.Pages()
	}
	return nil
}

func (p *parquetRows) close() {
	for _, c := range p.columns {
		if c.page != nil {
			parquet.Release(c.page)
		}
		if c.pages != nil {
			_ = c.pages.Close()
		}
		c.page, c.pages, c.values, c.i, c.n = nil, nil, nil, 0, 0
	}
}

func (c *parquetColumn) next() (parquet.Value, error) {
	for c.i == c.n {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if err != nil { // also when the column ends before its rows do
				return parquet.Value{}, errDamaged.Because(err)
			}
			c.page, c.values = page, page.Values()
		}
		n, err := c.values.ReadValues(c.buf[:])
		c.i, c.n = 0, n
		if errors.Is(err, io.EOF) {
			c.values = nil
		} else if err != nil {
			return parquet.Value{}, errDamaged.Because(err)
		}
		if n == 0 && c.page != nil {
			parquet.Release(c.page)
			c.page, c.values = nil, nil
		}
	}
	c.i++
	return c.buf[c.i-1], nil
}

// textOf gives the way that values of a type become text: dates as
// year-month-day, whole numbers as digits.
func textOf(t parquet.Type) (func(parquet.Value) (string, bool), error) {
	var logical any
	if l := t.LogicalType(); l != nil {
		logical = l.Value
	}
	switch t.Kind() {
	case parquet.Boolean:
		return func(v parquet.Value) (string, bool) { return strings.ToUpper(strconv.FormatBool(v.Boolean())), true }, nil
	case parquet.Int32, parquet.Int64:
		return textOfInt(logical), nil
	case parquet.Int96: // a moment, in old files: nanoseconds of a Julian day
		return func(v parquet.Value) (string, bool) {
			const epoch = 2440588
			return dayText((int64(v.Int96()[2]) - epoch) * 86400)
		}, nil
	case parquet.Float, parquet.Double:
		return textOfFloat, nil
	case parquet.ByteArray:
		if _, decimal := logical.(*format.DecimalType); !decimal {
			return func(v parquet.Value) (string, bool) {
				if len(v.ByteArray()) > maxRecord {
					return strings.Repeat("x", maxRecord+1), true // the row is refused as too long
				}
				return string(v.ByteArray()), true
			}, nil
		}
	}
	return nil, notRead(t.String())
}

func textOfInt(logical any) func(parquet.Value) (string, bool) {
	number := func(v parquet.Value) int64 {
		if v.Kind() == parquet.Int32 {
			return int64(v.Int32())
		}
		return v.Int64()
	}
	switch l := logical.(type) {
	case *format.DateType:
		return func(v parquet.Value) (string, bool) { return dayText(number(v) * 86400) }
	case *format.TimestampType:
		second := int64(1e9)
		switch l.Unit.Value.(type) {
		case *format.MilliSeconds:
			second = 1e3
		case *format.MicroSeconds:
			second = 1e6
		}
		return func(v parquet.Value) (string, bool) {
			n := number(v)
			return dayText((n - (n%second+second)%second) / second)
		}
	case *format.DecimalType:
		return func(v parquet.Value) (string, bool) {
			text := strconv.FormatInt(number(v), 10)
			if l.Scale <= 0 || l.Scale > 18 {
				return text, l.Scale == 0
			}
			text = strings.Repeat("0", max(int(l.Scale)+1-len(text), 0)) + text
			whole, part := text[:len(text)-int(l.Scale)], strings.TrimRight(text[len(text)-int(l.Scale):], "0")
			return strings.TrimSuffix(whole+"."+part, "."), true
		}
	}
	return func(v parquet.Value) (string, bool) { return strconv.FormatInt(number(v), 10), true }
}

func textOfFloat(v parquet.Value) (string, bool) {
	f := 0.0
	if v.Kind() == parquet.Float {
		f = float64(v.Float())
	} else {
		f = v.Double()
	}
	switch {
	case math.IsNaN(f):
		return "", true // how data frames write "none"
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return strconv.FormatFloat(f, 'f', 0, 64), true
	}
	return strconv.FormatFloat(f, 'g', -1, 64), true
}

// dayText writes the day of a moment; not ok: it is in no year that people
// write.
func dayText(seconds int64) (string, bool) {
	day := time.Unix(seconds, 0).UTC()
	if y := day.Year(); y < 1 || y > 9999 {
		return "", false
	}
	return day.Format(time.DateOnly), true
}

// checkFooter finds the footer and holds what it says of lengths against what
// there is.
func checkFooter(r io.ReaderAt, size int64) error {
	var end [8]byte
	if size < 12 {
		return errDamaged
	}
	if _, err := r.ReadAt(end[:], size-8); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(end[:]))
	switch {
	case string(end[4:]) == "PARE":
		return fault.New(fault.Unsupported, "sheet.encrypted")
	case string(end[4:]) != "PAR1" || n > size-12:
		return errDamaged
	case n > maxFooter:
		return errInflated
	}
	footer := make([]byte, n)
	if _, err := r.ReadAt(footer, size-8-n); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if w := (walk{b: footer, left: maxStructures}); !w.structure() {
		return errDamaged
	}
	return nil
}
