// Package usage counts what was asked: entries of the journal by agency, month,
// process, purpose, service and outcome. Whether copies were replaced by
// inquiries (circular, art. 1) is read from these counts, so they rest on the
// log and on nothing that an agency says of itself.
//
// Inquiries are also counted by day and outcome, for an agency's own first page.
//
// Follow works through the logs of all nodes. One transaction adds what some
// entries count and moves the mark to behind them, so each entry counts once,
// whoever follows and whenever it dies. The counts stay when the records that
// they came from are purged.
//
// What counts: every entry of the kinds inquiry and delivery-row. A deed is an
// entry of its own and one for each party.
package usage

import (
	"context"
	"log/slog"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Count is how often one thing was asked in a month.
type Count struct {
	Agency   ids.LegalID  `json:"agency"`
	OnBehalf ids.LegalID  `json:"on_behalf_of,omitzero"` // in whose name; absent: its own
	Month    persian.Date `json:"month"`                 // Jalali month in Tehran
	Process  string       `json:"process,omitempty"`
	Purpose  string       `json:"purpose"`
	Service  string       `json:"service"`
	Outcome  string       `json:"outcome"`
	N        int64        `json:"n"`
}

// For is the body whose work it was: who asks in another's name does that
// body's.
func (c *Count) For() ids.LegalID {
	if c.OnBehalf != 0 {
		return c.OnBehalf
	}
	return c.Agency
}

// Filter chooses counts.
type Filter struct {
	Agency      ids.LegalID  // 0: all
	From, Until persian.Date // months, both included; zero: no bound
}

// Book counts and tells. It is safe for concurrent use.
type Book struct {
	Logger *slog.Logger // set before use

	db      *store.DB
	journal *journal.Journal
}

// Open makes a Book on the register db.
func Open(db *store.DB, j *journal.Journal) *Book {
	return &Book{Logger: slog.Default(), db: db, journal: j}
}

// pause is how long Serve rests between two looks.
const pause = 2 * time.Second

// Serve follows the journal until ctx ends. Several nodes may do so.
func (b *Book) Serve(ctx context.Context) {
	failing := false
	for wait := pause; ; {
		err := b.Follow(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			wait, failing = pause, false
		default:
			if !failing {
				b.Logger.Warn("usage cannot be counted; trying again", "error", err)
			}
			wait, failing = min(2*wait, time.Minute), true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// span is the months of a filter as they are stored, both included.
func (f *Filter) span() (from, until int64) {
	from, until = int64(f.From.Pack()), int64(f.Until.Pack())
	if f.Until.IsZero() {
		until = 1<<31 - 1
	}
	return from / 100 * 100, until / 100 * 100
}

// Each gives the counts that Counts lists one by one: those of all agencies in a
// year are millions. c is good until f returns.
func (b *Book) Each(ctx context.Context, f Filter, each func(c *Count)) error {
	if f.Agency != 0 {
		return b.each(ctx, countOf, f, each, int64(f.Agency))
	}
	return b.each(ctx, countAll, f, each)
}

// Served gives the counts of what an agency's processes were asked for: by
// itself in its own name, then by others in its name.
func (b *Book) Served(ctx context.Context, f Filter, each func(c *Count)) error {
	err := b.each(ctx, countOf, f, func(c *Count) {
		if c.OnBehalf == 0 {
			each(c)
		}
	}, int64(f.Agency))
	if err != nil {
		return err
	}
	return b.each(ctx, countFor, f, each, int64(f.Agency))
}

func (b *Book) each(ctx context.Context, q *store.Query, f Filter, each func(*Count), more ...any) error {
	from, until := f.span()
	return b.db.Read(ctx, func(tx *store.Tx) error { return eachCount(tx, q, append([]any{from, until}, more...), each) })
}

func eachCount(tx *store.Tx, q *store.Query, args []any, each func(*Count)) error {
	var c Count
	return tx.Each(q, args, func(scan func(...any) error) error {
		var agency, behalf, month int64
		err := scan(&agency, &behalf, &month, &c.Process, &c.Purpose, &c.Service, &c.Outcome, &c.N)
		c.Agency, c.OnBehalf, c.Month = ids.LegalID(agency), ids.LegalID(behalf), persian.UnpackDate(int32(month))
		if err == nil {
			each(&c)
		}
		return err
	})
}

// Day is how often an agency asked on one day, by outcome.
type Day struct {
	Day      persian.Date
	Outcomes map[string]int64
}

// Days gives the days on which an agency asked, of a time of whose days both
// are included: inquiries, rows of files apart. They lag behind the journal by
// a few seconds.
func (b *Book) Days(ctx context.Context, of ids.LegalID, from, until persian.Date) (all []Day, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(dayOf, []any{int64(of), from.Pack(), until.Pack()}, func(scan func(...any) error) error {
			var day, n int64
			var outcome string
			err := scan(&day, &outcome, &n)
			on := persian.UnpackDate(int32(day))
			if l := len(all); l == 0 || all[l-1].Day != on {
				all = append(all, Day{on, map[string]int64{}})
			}
			all[len(all)-1].Outcomes[outcome] = n
			return err
		})
	})
	return all, err
}

// First is the month of each agency's first entry.
func (b *Book) First(ctx context.Context) (map[ids.LegalID]persian.Date, error) {
	all := map[ids.LegalID]persian.Date{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(countFirst, nil, func(scan func(...any) error) error {
			var agency, month int64
			err := scan(&agency, &month)
			all[ids.LegalID(agency)] = persian.UnpackDate(int32(month))
			return err
		})
	})
	return all, err
}

// UpTo is how many entries of each log are counted.
func (b *Book) UpTo(ctx context.Context) (map[int]int64, error) {
	sizes, _, err := b.marks(ctx)
	return sizes, err
}

// Lost is how many entries had been purged before they were counted. It is zero
// unless the journal was purged while nothing followed it.
func (b *Book) Lost(ctx context.Context) (int64, error) {
	_, lost, err := b.marks(ctx)
	return lost, err
}

func (b *Book) marks(ctx context.Context) (sizes map[int]int64, lost int64, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		sizes, lost = map[int]int64{}, 0
		return tx.Each(markAll, nil, func(scan func(...any) error) error {
			var log, size, gone int64
			err := scan(&log, &size, &gone)
			sizes[int(log)], lost = size, lost+gone
			return err
		})
	})
	return sizes, lost, err
}
