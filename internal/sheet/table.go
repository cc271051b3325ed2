package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/estelam/estelam/internal/fault"
)

// Format is how a file holds its table.
type Format string

// The formats.
const (
	CSV     Format = "csv"
	XLSX    Format = "xlsx"
	Parquet Format = "parquet"
)

// DefaultRows is how many rows a table may have if nobody says otherwise.
const DefaultRows = 10_000_000

// ReadOptions is what a person decides about a file; the zero value leaves it
// all to detection.
type ReadOptions struct {
	Format    Format         `json:"format,omitempty"`
	Encoding  string         `json:"encoding,omitempty"`  // CSV only
	Separator string         `json:"separator,omitempty"` // CSV only
	Header    *bool          `json:"header,omitempty"`
	Map       map[int]string `json:"map,omitempty"`   // what a column of the file means; "": nothing
	Sheet     string         `json:"sheet,omitempty"` // XLSX only: the sheet's name
	MaxRows   int64          `json:"-"`               // 0: DefaultRows
}

// TableReader reads the rows of a table whose columns are known.
type TableReader struct {
	next    func() (*Row, error)
	read    func() int64 // bytes of the file
	preview Preview
	sample  []*Row // read by the detection and by nobody else yet
	at      []int
	reads   []func(string) string
	most    int64
	n       int64
}

// Detect says what a file seems to be, for a person to confirm or correct
// before anything is done with it. It refuses only what cannot be read at all.
func Detect(r io.ReaderAt, size int64, columns []Column, o ReadOptions) (*Preview, error) {
	t, err := open(r, size, columns, o)
	if err != nil {
		return nil, err
	}
	return &t.preview, nil
}

// OpenTable reads a file as its preview says. A column that is required and not
// there, one that stands twice, and a workbook with several filled sheets of
// which none is named are refused, all of it at once.
func OpenTable(r io.ReaderAt, size int64, columns []Column, o ReadOptions) (*TableReader, error) {
	t, err := open(r, size, columns, o)
	if err != nil {
		return nil, err
	}
	return t, t.preview.check(columns)
}

func open(r io.ReaderAt, size int64, columns []Column, o ReadOptions) (t *TableReader, err error) {
	t = &TableReader{most: o.MaxRows}
	if t.most == 0 {
		t.most = DefaultRows
	}
	format, err := formatOf(r, size)
	if err != nil {
		return nil, err
	}
	if o.Format != "" && o.Format != format {
		return nil, fault.New(fault.Invalid, "sheet.format.other", string(format))
	}
	t.preview.Format = format
	switch format {
	case XLSX:
		err = t.openXLSX(r, size, o)
	case Parquet:
		err = t.openParquet(r, size)
	default:
		err = t.openCSV(r, size, o)
	}
	if err != nil {
		return nil, err
	}
	whole, err := t.take()
	if err != nil {
		return nil, err
	}
	read := len(t.sample)
	if read == 0 && format != Parquet {
		return nil, fault.New(fault.Invalid, "sheet.empty")
	}
	if err := t.detect(columns, o); err != nil {
		return nil, err
	}
	if format != Parquet {
		t.estimate(read, whole, size)
	}
	return t, nil
}

func (t *TableReader) openCSV(r io.ReaderAt, size int64, o ReadOptions) error {
	in, err := newReader(io.NewSectionReader(r, 0, size), o)
	if err != nil {
		return err
	}
	t.next, t.read = in.Next, in.Bytes
	t.preview.Encoding, t.preview.Separator = in.encoding, string(in.comma)
	return nil
}

// How much of a file detection looks at.
const (
	sampleRows  = 1000
	sampleBytes = 4 << 20
)

// take reads the sample; whole: it is all there is.
func (t *TableReader) take() (whole bool, err error) {
	text := 0
	for len(t.sample) < sampleRows && text < sampleBytes {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		kept := &Row{N: row.N, Fault: row.Fault, cells: append([]string(nil), row.cells...)}
		for _, c := range kept.cells {
			text += len(c)
		}
		t.sample = append(t.sample, kept)
	}
	return false, nil
}

// estimate says how many rows the file holds, by those that were read.
func (t *TableReader) estimate(read int, whole bool, size int64) {
	above := 0
	if t.preview.HeaderRow {
		above = t.preview.Titles + 1
	}
	rows := int64(read)
	if bytes := t.read(); !whole && bytes > 0 {
		rows = int64(float64(rows) * float64(size) / float64(bytes))
	}
	t.preview.Rows = max(rows-int64(above), 0)
}

// Preview is what the file was taken for.
func (t *TableReader) Preview() *Preview { return &t.preview }

// Encoding is how the characters of the file are written.
func (t *TableReader) Encoding() string { return t.preview.Encoding }

// Bytes is how many bytes of the file have been read.
func (t *TableReader) Bytes() int64 { return t.read() }

// Next reads one row; io.EOF ends. A row that cannot be read has its Fault set
// and the reading goes on behind it; an error is final. The row is valid until
// the next one is read.
func (t *TableReader) Next() (*Row, error) {
	var row *Row
	if len(t.sample) > 0 {
		row = t.sample[0]
		t.sample = t.sample[1:]
	} else {
		var err error
		if row, err = t.next(); err != nil {
			return nil, err
		}
	}
	if t.n++; t.n > t.most {
		return nil, fault.New(fault.TooLarge, "sheet.rows", fmt.Sprint(t.most))
	}
	width := len(t.preview.Columns)
	switch {
	case row.Fault != nil:
	case len(row.cells) < width && t.preview.Format == CSV, len(row.cells) > width && t.preview.Format == CSV:
		row.Fault = faultCells
	default:
		for len(row.cells) < width {
			row.cells = append(row.cells, "")
		}
	}
	row.at, row.read = t.at, t.reads
	return row, nil
}

// formatOf tells the format by what the file begins with. Files that are
// neither text nor one of ours are refused by name, so that who sends them
// knows what to do.
func formatOf(r io.ReaderAt, size int64) (Format, error) {
	var head [512]byte
	n, err := r.ReadAt(head[:min(size, int64(len(head)))], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	begins := func(mark string) bool { return bytes.HasPrefix(head[:n], []byte(mark)) }
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte("\xEF\xBB\xBF")), " \t\r\n"))
	switch {
	case begins("PK\x03\x04"):
		return XLSX, nil
	case begins("PAR1"):
		return Parquet, nil
	case begins("PARE"):
		return "", fault.New(fault.Unsupported, "sheet.encrypted")
	case begins("\xD0\xCF\x11\xE0"):
		return "", compoundFault(r, size)
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")), bytes.HasPrefix(text, []byte("<table")),
		bytes.HasPrefix(text, []byte("<?xml")):
		return "", fault.New(fault.Unsupported, "sheet.markup")
	case begins("%PDF"), begins("\x1f\x8b"), begins("PK\x05\x06"), begins("\x28\xb5\x2f\xfd"), begins("7z\xbc\xaf"), begins("Rar!"):
		return "", fault.New(fault.Unsupported, "sheet.format")
	}
	return CSV, nil
}

// compoundFault tells an encrypted workbook from one of the old format: both
// are compound files, and the names of their parts are UTF-16.
func compoundFault(r io.ReaderAt, size int64) error {
	const look = 4 << 20
	data := make([]byte, min(size, look))
	n, _ := r.ReadAt(data, 0)
	var name []byte
	for _, c := range []byte("EncryptedPackage") {
		name = append(name, c, 0)
	}
	if bytes.Contains(data[:n], name) {
		return fault.New(fault.Unsupported, "sheet.encrypted")
	}
	return fault.New(fault.Unsupported, "sheet.xls")
}
