package place

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// readReport reads a row of place_report.
func readReport(scan func(...any) error) (*Report, error) {
	var r Report
	var agency, month, origin, lines, refused, waiting, at int64
	var act []byte
	err := scan(&r.ID, &agency, &month, &r.area.Province, &r.area.County, &r.area.Locality, &r.Document, &origin,
		&lines, &refused, &waiting, &at, &r.Officer, &act)
	r.Agency, r.Month, r.File = ids.LegalID(agency), persian.UnpackDate(int32(month)), origin == 2
	r.Lines, r.Refused, r.Waiting, r.At = int(lines), int(refused), int(waiting), time.UnixMicro(at).UTC()
	return &r, err
}

// reportByNumber reads a report without its lines.
func reportByNumber(tx *store.Tx, id int64) (report *Report, err error) {
	if id == 0 {
		return nil, fault.New(fault.Invalid, "place.missing").At("report")
	}
	err = tx.Each(reportByID, []any{id}, func(scan func(...any) error) error {
		report, err = readReport(scan)
		return err
	})
	if err == nil && report == nil {
		err = fault.New(fault.NotFound, "place.report.unknown").At("report")
	}
	return report, err
}

// ReportOf asks for one report and its lines.
type ReportOf struct {
	Report int64 `json:"report"`
	After  int   `json:"after"` // lines after this one
	Limit  int   `json:"limit"` // 0: 500
}

const maxReplies = 500

// Report gives a report with the Post's reply to each line. A municipality
// sees its own.
func (b *Book) Report(ctx context.Context, actor journal.Actor, in *ReportOf) (*Report, error) {
	if err := register.Only(actor, register.Municipality, register.Post); err != nil {
		return nil, err
	}
	if in.Limit <= 0 || in.Limit > maxReplies {
		in.Limit = maxReplies
	}
	var report *Report
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		if report, err = reportByNumber(tx, in.Report); err != nil {
			return err
		}
		if actor.Role == register.Municipality && actor.Agency != report.Agency {
			return fault.New(fault.NotFound, "place.report.unknown").At("report") // another's: as if there were none
		}
		return tx.Each(linesOf, []any{in.Report, int64(in.After), int64(in.Limit)}, func(scan func(...any) error) error {
			var r lineRow
			if err := scan(r.columns()...); err != nil {
				return err
			}
			l, err := r.reply()
			report.Reply = append(report.Reply, l)
			return err
		})
	})
	return report, err
}

// Listing asks for reports.
type Listing struct {
	Agency  ids.LegalID `json:"agency"`  // absent: all; a municipality's own always
	Waiting bool        `json:"waiting"` // only those with lines that wait, of all agencies
	After   int64       `json:"after"`   // reports after this number
	Limit   int         `json:"limit"`   // 0: 100
}

// Reports is a page of reports.
type Reports struct {
	Reports []*Report `json:"reports"`
}

// Reports lists reports in the order in which they came.
func (b *Book) Reports(ctx context.Context, actor journal.Actor, in *Listing) (*Reports, error) {
	if err := register.Only(actor, register.Municipality, register.Post); err != nil {
		return nil, err
	}
	if in.Limit <= 0 || in.Limit > maxReplies {
		in.Limit = 100
	}
	query, args := reportsAll, []any{in.After, int64(in.Limit)}
	switch {
	case actor.Role == register.Municipality:
		query, args = reportsOf, []any{int64(actor.Agency), in.After, int64(in.Limit)}
	case in.Waiting:
		query = reportsWaiting
	case in.Agency != 0:
		query, args = reportsOf, []any{int64(in.Agency), in.After, int64(in.Limit)}
	}
	var all []*Report
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		all = []*Report{}
		return tx.Each(query, args, func(scan func(...any) error) error {
			r, err := readReport(scan)
			all = append(all, r)
			return err
		})
	})
	return &Reports{all}, err
}

// Reporter is a municipality that has to report.
type Reporter struct {
	Agency ids.LegalID
	Name   string
}

// Overdue is a municipality and the months that it has not reported in time.
type Overdue struct {
	Agency ids.LegalID    `json:"agency"`
	Name   string         `json:"name"`
	Months []persian.Date `json:"months"`
	Due    []persian.Date `json:"due"` // for each month, the last day on which it was in time
}

// Overdue lists who of those that have to report is behind with which months,
// from the month since on (unknown: from the first of this year); those with
// nothing open are left out. A month is to be reported until day ReportDay of
// the next one; Fridays count like other days.
func (b *Book) Overdue(ctx context.Context, actor journal.Actor, since persian.Date, who []Reporter) ([]Overdue, error) {
	if err := register.Only(actor, register.Municipality, register.Post); err != nil {
		return nil, err
	}
	today := persian.DateOf(b.Clock())
	if since.IsZero() {
		since = persian.Date{Year: today.Year, Month: 1}
	}
	if since.Month == 0 || since.Day != 0 {
		return nil, fault.New(fault.Invalid, "place.report.month").At("since")
	}
	all := []Overdue{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		for _, r := range who {
			if actor.Role == register.Municipality && actor.Agency != r.Agency {
				continue
			}
			o, err := b.behindWith(tx, r, since, today)
			if err != nil {
				return err
			}
			if len(o.Months) > 0 {
				all = append(all, o)
			}
		}
		return nil
	})
	return all, err
}

func (b *Book) behindWith(tx *store.Tx, r Reporter, since, today persian.Date) (Overdue, error) {
	o := Overdue{Agency: r.Agency, Name: r.Name}
	has := map[persian.Date]bool{}
	err := tx.Each(reportMonths, []any{int64(r.Agency), int64(since.Pack())}, func(scan func(...any) error) error {
		var month int64
		err := scan(&month)
		has[persian.UnpackDate(int32(month))] = true
		return err
	})
	for month := since; err == nil && !month.IsZero(); month = month.AddMonths(1) {
		due := month.AddMonths(1)
		due.Day = 1
		due = due.AddDays(b.ReportDay - 1)
		if due.Compare(today) >= 0 {
			break
		}
		if !has[month] {
			o.Months, o.Due = append(o.Months, month), append(o.Due, due)
		}
	}
	return o, err
}
