package sheet

import (
	"encoding/csv"
	"io"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
)

// Writer writes a table as it comes, row by row. Every cell is text: leading
// zeros stay, and no spreadsheet takes one for a formula (in CSV by an
// apostrophe in front, which Row.Cell takes away again; XLSX and Parquet say
// that their cells are text).
type Writer struct {
	format  Format
	width   int
	csv     *csv.Writer
	line    []string
	xlsx    *xlsxWriter
	parquet *parquetWriter
}

// NewWriter begins a table with the names of its columns. CSV is UTF-8 with a
// mark, without which spreadsheets show Persian as noise.
func NewWriter(w io.Writer, f Format, heads []string) (*Writer, error) {
	out := &Writer{format: f, width: len(heads)}
	var err error
	switch f {
	case CSV:
		if _, err = io.WriteString(w, "\uFEFF"); err == nil {
			out.csv = csv.NewWriter(w)
			err = out.Write(heads)
		}
	case XLSX:
		out.xlsx, err = newXLSXWriter(w, heads)
	case Parquet:
		out.parquet, err = newParquetWriter(w, heads)
	default:
		err = fault.New(fault.Unsupported, "sheet.format")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// maxCell is what a cell of a spreadsheet holds, in UTF-16 units; the writer
// counts bytes, which are never fewer.
const maxCell = 32767

// Write writes one row; cells that are missing at its end are empty.
func (w *Writer) Write(cells []string) error {
	if len(cells) > w.width {
		return fault.New(fault.Invalid, "sheet.cells")
	}
	for _, c := range cells {
		if len(c) > maxCell {
			return fault.New(fault.Invalid, "sheet.write.long")
		}
		if !utf8.ValidString(c) {
			return fault.New(fault.Invalid, "sheet.encoding")
		}
	}
	switch w.format {
	case XLSX:
		return w.xlsx.write(cells)
	case Parquet:
		return w.parquet.write(cells)
	}
	w.line = w.line[:0]
	for _, c := range cells {
		w.line = append(w.line, Cell(c))
	}
	for len(w.line) < w.width {
		w.line = append(w.line, "")
	}
	return w.csv.Write(w.line)
}

// Close writes what is left; the table is whole only then. It does not close
// what is written to.
func (w *Writer) Close() error {
	switch w.format {
	case XLSX:
		return w.xlsx.close()
	case Parquet:
		return w.parquet.close()
	}
	w.csv.Flush()
	return w.csv.Error()
}
