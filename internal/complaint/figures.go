package complaint

import (
	"context"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Figures count the reports against an agency that were filed in a period, as
// they stand now. Those that are held do not count until they are let in.
type Figures struct {
	Filed    int64 `json:"filed"`
	Upheld   int64 `json:"upheld"`
	Rejected int64 `json:"rejected"`
	Open     int64 `json:"open"`     // not judged
	Answered int64 `json:"answered"` // by the agency
	InTime   int64 `json:"in_time"`  // answered, and each time within the deadline
	Late     int64 `json:"late"`     // answered late, or overdue
}

// figures are what a report counts as. Figures and Rows ask the same, so that a
// figure and the rows behind it cannot differ.
var figures = []struct {
	name string
	is   func(*Complaint) bool
	add  func(*Figures)
}{
	{"filed", func(c *Complaint) bool { return true }, func(f *Figures) { f.Filed++ }},
	{"upheld", func(c *Complaint) bool { return c.State == Upheld }, func(f *Figures) { f.Upheld++ }},
	{"rejected", func(c *Complaint) bool { return c.State == Rejected }, func(f *Figures) { f.Rejected++ }},
	{"open", func(c *Complaint) bool { return !c.State.judged() }, func(f *Figures) { f.Open++ }},
	{"answered", func(c *Complaint) bool { return !c.Answered.IsZero() }, func(f *Figures) { f.Answered++ }},
	{"in_time", func(c *Complaint) bool { return !c.Answered.IsZero() && !c.Late }, func(f *Figures) { f.InTime++ }},
	{"late", func(c *Complaint) bool { return c.Late }, func(f *Figures) { f.Late++ }},
}

// each gives the reports that count and were filed from one moment to before
// another, oldest first; of 0: of all agencies.
func (b *Book) each(ctx context.Context, of ids.LegalID, from, until time.Time, f func(*Complaint)) error {
	query, args := filed, []any{from.UnixMicro(), until.UnixMicro()}
	if of != 0 {
		query, args = filedOf, []any{int64(of), from.UnixMicro(), until.UnixMicro()}
	}
	today := b.today()
	return b.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(query, args, func(row func(...any) error) error {
			c, err := scan(row, today)
			if err == nil && c.State != Held {
				f(c)
			}
			return err
		})
	})
}

// Figures are those of every agency that has any, of the reports filed in a
// half-open period.
func (b *Book) Figures(ctx context.Context, from, until time.Time) (map[ids.LegalID]Figures, error) {
	all := map[ids.LegalID]Figures{}
	err := b.each(ctx, 0, from, until, func(c *Complaint) {
		sum := all[c.Agency]
		for i := range figures {
			if figures[i].is(c) {
				figures[i].add(&sum)
			}
		}
		all[c.Agency] = sum
	})
	return all, err
}

// mostRows is how many rows of a figure are told.
const mostRows = 10_000

// Rows are the reports behind one figure of an agency, oldest first, by the
// name that the figure has in JSON. Fault: complaint.word.
func (b *Book) Rows(ctx context.Context, of ids.LegalID, figure string, from, until time.Time) ([]register.Row, error) {
	for i := range figures {
		if figures[i].name != figure {
			continue
		}
		rows := []register.Row{}
		err := b.each(ctx, of, from, until, func(c *Complaint) {
			if figures[i].is(c) && len(rows) < mostRows {
				rows = append(rows, register.Row{Noun: "complaint", ID: strconv.FormatInt(c.ID, 10), At: c.Made, Code: string(c.Code)})
			}
		})
		return rows, err
	}
	return nil, fault.New(fault.Invalid, "complaint.word").At("figure")
}
