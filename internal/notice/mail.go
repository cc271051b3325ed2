package notice

import (
	"context"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
)

// MailReport is the Post's list of letters, as members or as a CSV file's text
// with the columns letter and, of what came back, reason.
type MailReport struct {
	Letters []MailLine `json:"letters"`
	CSV     string     `json:"csv"`
}

// MailLine is one letter of the list.
type MailLine struct {
	Letter int64  `json:"letter"`
	Reason Reason `json:"reason"` // why it came back
	row    int
}

// MailDone is what became of the list.
type MailDone struct {
	Rows     int        `json:"rows"`
	Accepted int        `json:"accepted"`
	Refused  int        `json:"refused"`
	Lines    []MailNote `json:"lines,omitempty"` // what was refused and why; the first thousand
}

// MailNote is a remark on a row. Rows of a CSV file are counted as
// spreadsheets do, its header being 1; those of a list from 1.
type MailNote struct {
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"`
	Key    string `json:"key"`
	Fa     string `json:"fa"`
	En     string `json:"en"`
}

// mostMail is how long a list of the Post may be.
const mostMail = 20_000

// ReportDelivered takes in the Post's list of what was delivered.
func (b *Book) ReportDelivered(ctx context.Context, j *journal.Journal, actor journal.Actor, in *MailReport) (MailDone, journal.Proven, error) {
	return b.report(ctx, j, actor, in, Delivered)
}

// ReportReturned takes in the Post's list of what came back, and why.
func (b *Book) ReportReturned(ctx context.Context, j *journal.Journal, actor journal.Actor, in *MailReport) (MailDone, journal.Proven, error) {
	return b.report(ctx, j, actor, in, Returned)
}

// report takes a list in as one act. Rows that are wrong are left out and
// named; all others count.
func (b *Book) report(ctx context.Context, j *journal.Journal, actor journal.Actor, in *MailReport, to LetterState) (MailDone, journal.Proven, error) {
	if err := register.Only(actor, register.Post); err != nil {
		return MailDone{}, journal.Proven{}, err
	}
	read := sheet.NewReport(nil)
	lines, err := in.read(ctx, to, read)
	if err != nil {
		return MailDone{}, journal.Proven{}, err
	}
	var done MailDone
	proven, err := b.act(ctx, j, actor, to.String(), func(tx *store.Tx, c *register.Change, n tally) ([]byte, error) {
		done = MailDone{Rows: read.Rows, Refused: read.Refused, Lines: notes(read.Lines)}
		for _, line := range lines {
			if err := line.settle(tx, c, n, to); fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
				done.refuse(line.row, fault.Of(err))
				continue
			} else if err != nil {
				return nil, err
			}
			done.Accepted++
		}
		body := strconv.AppendInt([]byte(`"rows":`), int64(done.Rows), 10)
		return strconv.AppendInt(append(body, `,"accepted":`...), int64(done.Accepted), 10), nil
	})
	return done, proven, err
}

// settle moves one letter. A letter that is reported again as it stands stays.
func (m *MailLine) settle(tx *store.Tx, c *register.Change, n tally, to LetterState) error {
	l, err := letterBy(tx, letterByID, m.Letter)
	switch {
	case err != nil:
		return err
	case l == nil:
		return fault.New(fault.NotFound, "notice.letter.unknown")
	case l.State == to && l.Reason == m.Reason:
		return nil
	case l.State != Posted:
		return fault.New(fault.Conflict, "notice.letter.state")
	}
	l.State, l.Reason = to, m.Reason
	return l.put(tx, n, c.At)
}

func (d *MailDone) refuse(row int, f *fault.Error) {
	d.Refused++
	if len(d.Lines) < sheet.MaxLines {
		d.Lines = append(d.Lines, note(row, "letter", f.Key, f.Args))
	}
}

func notes(lines []sheet.Line) (all []MailNote) {
	for _, l := range lines {
		all = append(all, note(l.Row, l.Column, l.Key, l.Args))
	}
	return all
}

func note(row int, column, key string, args []string) MailNote {
	return MailNote{row, column, key, message.Text(message.Fa, key, args...), message.Text(message.En, key, args...)}
}

// read gives the lines that can be read; the others are refused in the report.
func (in *MailReport) read(ctx context.Context, to LetterState, report *sheet.Report) (lines []MailLine, err error) {
	if (len(in.Letters) > 0) == (in.CSV != "") {
		return nil, fault.New(fault.Invalid, "notice.mail.list").At("letters")
	}
	take := func(m MailLine) {
		key := ""
		switch {
		case m.Letter <= 0:
			key = "notice.letter.number"
		case to == Returned && m.Reason == 0:
			key = "notice.mail.reason"
		case to == Delivered && m.Reason != 0:
			key = "notice.mail.delivered"
		}
		if key != "" {
			report.Refuse(m.row, "letter", fault.New(fault.Invalid, key))
			return
		}
		lines = append(lines, m)
	}
	if in.CSV != "" {
		err = readCSV(ctx, in.CSV, report, take)
	}
	for i, m := range in.Letters {
		m.row = i + 1
		report.Rows++
		take(m)
	}
	if err == nil && len(lines) > mostMail {
		err = fault.New(fault.TooLarge, "notice.mail.long")
	}
	return lines, err
}

// Columns of the Post's file.
const (
	columnLetter = iota
	columnReason
)

func readCSV(ctx context.Context, text string, report *sheet.Report, take func(MailLine)) error {
	words := persian.NewWords("notice.reason.", reasons[:])
	load := sheet.Load[MailLine]{
		Columns: []sheet.Column{
			{Name: "letter", Also: message.Text(message.Fa, "notice.column.letter"), Must: true},
			{Name: "reason", Also: message.Text(message.Fa, "notice.column.reason")},
		},
		Chunk: 1000,
		Parse: func(row *sheet.Row, report *sheet.Report) (m MailLine, ok bool) {
			m.row = row.N
			m.Letter = number(row.Cell(columnLetter))
			if cell := row.Cell(columnReason); cell != "" {
				reason, known := words.Find(cell)
				if m.Reason = Reason(reason); !known {
					report.Refuse(row.N, "reason", fault.New(fault.Invalid, "notice.word"))
					return m, false
				}
			}
			return m, true
		},
		Flush: func(_ context.Context, lines []MailLine) error {
			for _, m := range lines {
				take(m)
			}
			return nil
		},
	}
	return load.Run(ctx, strings.NewReader(text), report)
}

// number reads the number of a letter, 0 if it is none.
func number(cell string) int64 {
	digits := make([]byte, 0, 20)
	for _, r := range cell {
		d, ok := persian.Digit(r)
		if !ok {
			return 0
		}
		digits = append(digits, d)
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
