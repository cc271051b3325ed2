package person

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// What became of a row of a batch; rows of card_print store these numbers.
const (
	printOpen    = 0
	printGood    = 1
	printFailed  = 2
	printSpoiled = 3
)

// PrintResults is the printer's answer to a batch: a CSV file with the columns
// row, serial, result (printed or failed) and note (a code word of the printer,
// may be empty). A batch may be answered in parts.
type PrintResults struct {
	Batch int64  `json:"batch"`
	File  string `json:"file"`
}

// PrintReport says what became of the file, row by row. Rows of the file that
// are refused change nothing; the others are taken.
type PrintReport struct {
	Batch   int64             `json:"batch"`
	Printed int               `json:"printed"`
	Failed  int               `json:"failed"`  // they go into the next batch
	Known   int               `json:"known"`   // told before: unchanged
	Refused int               `json:"refused"` // see lines
	Open    int               `json:"open"`    // rows of the batch still without a result
	Lines   []PrintReportLine `json:"lines"`   // the refused rows
}

// PrintReportLine is a refused row of the printer's file.
type PrintReportLine struct {
	Line   int    `json:"line"`   // of the file; the header is 1
	Column string `json:"column"` // of the file
	Key    string `json:"key"`
	Fa     string `json:"fa"`
	En     string `json:"en"`
}

var printColumns = []sheet.Column{{Name: "row", Must: true}, {Name: "serial", Must: true}, {Name: "result", Must: true}, {Name: "note"}}

// printLine is a row of the printer's file, read.
type printLine struct {
	line   int
	row    int64
	serial string
	good   bool
	note   string
}

// RecordPrinted takes the printer's results. Cards that were printed wait for
// their holders; those that failed go into the next batch, with another serial.
func (b *Book) RecordPrinted(ctx context.Context, j *journal.Journal, actor journal.Actor, in *PrintResults) (*PrintReport, journal.Proven, error) {
	if err := register.Only(actor, register.Printer); err != nil {
		return nil, journal.Proven{}, err
	}
	read := PrintReport{Batch: in.Batch, Lines: []PrintReportLine{}}
	lines, err := read.parse(in.File)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	var report PrintReport
	act := register.Act{Kind: receipt.CardEvent, Actor: actor, Why: "card-printed", Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		report = read
		report.Lines = report.Lines[:len(report.Lines):len(report.Lines)] // the function may run again
		s, err := batchFor(tx, actor, in.Batch)
		if err != nil {
			return nil, err
		}
		report.Open = s.open
		file := s.file
		for i := range lines {
			if err := report.take(tx, c, &lines[i]); err != nil {
				return nil, err
			}
		}
		if report.Open == 0 {
			file = []byte{} // nobody needs it any more
		}
		if _, err := tx.Exec(batchOpen, report.Open, file, in.Batch); err != nil {
			return nil, err
		}
		return fmt.Appendf(nil, `"batch":{"id":"%d","printed":%d,"failed":%d,"open":%d}`, in.Batch, report.Printed, report.Failed, report.Open), nil
	})
	return &report, proven, err
}

// parse reads the file and refuses rows that mean nothing.
func (r *PrintReport) parse(file string) ([]printLine, error) {
	in, err := sheet.NewReader(strings.NewReader(file))
	if err != nil {
		return nil, fault.Of(err).At("file")
	}
	if err := in.Match(printColumns, sheet.NewReport(nil)); err != nil {
		return nil, fault.Of(err).At("file")
	}
	var lines []printLine
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, fault.Of(err).At("file")
		}
		if len(lines)+r.Refused > 2*maxBatch {
			return nil, fault.New(fault.TooLarge, "person.batch.results").At("file")
		}
		if l, ok := r.line(row); ok {
			lines = append(lines, l)
		}
	}
}

func (r *PrintReport) line(row *sheet.Row) (l printLine, ok bool) {
	l = printLine{line: row.N}
	if row.Fault != nil {
		return l, r.refuse(&l, "", row.Fault.Key)
	}
	var err error
	if l.row, err = strconv.ParseInt(row.Cell(0), 10, 32); err != nil || l.row < 1 {
		return l, r.refuse(&l, "row", "person.print.row")
	}
	switch l.serial = row.Cell(1); row.Cell(2) {
	case "printed":
		l.good = true
	case "failed":
	default:
		return l, r.refuse(&l, "result", "person.print.result")
	}
	l.note = row.Cell(3)
	word := register.Grounds{Reason: l.note, Document: "-"}
	if l.note != "" && word.Check() != nil {
		return l, r.refuse(&l, "note", "register.reason")
	}
	return l, true
}

// refuse leaves a row of the file out; it is always false.
func (r *PrintReport) refuse(l *printLine, column, key string) bool {
	r.Refused++
	r.Lines = append(r.Lines, PrintReportLine{l.line, column, key, message.Text(message.Fa, key), message.Text(message.En, key)})
	return false
}

// take applies a result.
func (r *PrintReport) take(tx *store.Tx, c *register.Change, l *printLine) error {
	var card int64
	var serial string
	var result int
	found, err := tx.One(printAt, []any{r.Batch, l.row}, &card, &serial, &result)
	if err != nil {
		return err
	}
	told := printFailed
	if l.good {
		told = printGood
	}
	switch {
	case !found:
		r.refuse(l, "row", "person.print.row")
		return nil
	case serial != l.serial:
		r.refuse(l, "serial", "person.print.serial")
		return nil
	case result == told:
		r.Known++
		return nil
	case result != printOpen:
		r.refuse(l, "result", "person.print.told")
		return nil
	}
	if _, err := tx.Exec(printResult, told, l.note, r.Batch, l.row); err != nil {
		return err
	}
	r.Open--
	return r.move(tx, c, card, l.good, l.note)
}

// move moves the card of a row that was told.
func (r *PrintReport) move(tx *store.Tx, c *register.Change, card int64, good bool, note string) error {
	var k cardRow
	if found, err := tx.One(cardByID, []any{card}, k.columns()...); err != nil || !found {
		return missing(err)
	}
	event, what := Misprint, "card_misprinted"
	if good {
		event, what = Print, "card_printed"
		r.Printed++
	} else {
		r.Failed++
		k.serial, k.valid, k.printed = "", 0, nil
	}
	if err := k.to(event); err != nil {
		return err
	}
	if err := k.save(tx); err != nil {
		return err
	}
	detail := fmt.Sprintf(`{"batch":"%d","note":"%s"}`, r.Batch, note)
	return putEvent(tx, c, &Event{Number: ids.NationalNumber(k.number), Kind: what, Detail: detail})
}
