package sheet

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// MaxLines is how many lines a Report keeps in memory.
const MaxLines = 1000

// Report says what became of a file. It holds no value of the file.
type Report struct {
	Encoding  string // as recognised
	Rows      int    // data rows read
	Accepted  int    // Added + Changed + Unchanged
	Refused   int    // rows left out
	Added     int    // records that were not there
	Changed   int    // records that differed; the old version is in the history
	Unchanged int
	Restored  int    // accepted rows whose number had lost its leading zeros
	Lines     []Line // the first MaxLines
	Cut       int    // lines beyond those; they are in the full report

	full *csv.Writer
}

// Line is one remark on one row.
type Line struct {
	Row     int
	Column  string // name of the column; empty: the whole row
	Key     string // message key
	Args    []string
	Refused bool // the row was left out; else the remark is only a note
}

// NewReport makes a report that writes each line to full as CSV, however many
// there are; full may be nil.
func NewReport(full io.Writer) *Report {
	r := &Report{}
	if full != nil {
		r.full = csv.NewWriter(full)
		_ = r.full.Write([]string{"row", "column", "result", "key", "fa", "en"}) // Flush tells of its errors
	}
	return r
}

// Refuse leaves a row out: one line for each fault in err.
func (r *Report) Refuse(row int, column string, err error) {
	r.Refused++
	f := fault.Of(err)
	r.add(Line{Row: row, Column: column, Key: f.Key, Args: f.Args, Refused: true})
	for _, more := range f.More {
		r.add(Line{Row: row, Column: more.Field, Key: more.Key, Args: more.Args, Refused: true})
	}
}

// Note remarks on a row that is taken all the same.
func (r *Report) Note(row int, column, key string, args ...string) {
	r.add(Line{Row: row, Column: column, Key: key, Args: args})
}

func (r *Report) add(l Line) {
	if len(r.Lines) < MaxLines {
		r.Lines = append(r.Lines, l)
	} else {
		r.Cut++
	}
	if r.full == nil {
		return
	}
	result := "note"
	if l.Refused {
		result = "refused"
	}
	_ = r.full.Write([]string{
		strconv.Itoa(l.Row), Cell(l.Column), result, l.Key,
		Cell(message.Text(message.Fa, l.Key, l.Args...)), Cell(message.Text(message.En, l.Key, l.Args...)),
	})
}

// Flush writes out what is left of the full report and tells whether all of
// it could be written.
func (r *Report) Flush() error {
	if r.full == nil {
		return nil
	}
	r.full.Flush()
	return r.full.Error()
}

// Cell makes text safe to open in a spreadsheet: what could be taken for a
// formula gets an apostrophe in front. A number with a sign is a number.
// Row.Cell takes the apostrophe away again.
func Cell(s string) string {
	if formula(s) {
		return "'" + s
	}
	return s
}

// formula reports whether a spreadsheet could take s for a formula.
func formula(s string) bool {
	if s == "" || s[0] == '-' && strings.Trim(s[1:], "0123456789") == "" {
		return false
	}
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '|', '%':
		return true
	}
	return false
}

// Also is what a column is called in both languages, by the catalogue.
func Also(key string) string {
	return message.Text(message.Fa, key) + "|" + message.Text(message.En, key)
}
