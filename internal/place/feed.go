package place

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
)

// ChangeKind is what became of a place.
type ChangeKind uint8

// The kinds; rows store these numbers.
const (
	WasAssigned ChangeKind = 1
	WasChanged  ChangeKind = 2
	WasRetired  ChangeKind = 3
	WasSplit    ChangeKind = 4
	WasMerged   ChangeKind = 5
)

var changeKinds = [...]string{
	WasAssigned: "assigned", WasChanged: "changed", WasRetired: "retired", WasSplit: "split", WasMerged: "merged",
}

// MarshalText is the kind's name.
func (k ChangeKind) MarshalText() ([]byte, error) { return []byte(changeKinds[k]), nil }

// kindOf tells what happened between two states; old 0: there was no place.
func kindOf(old, now State) ChangeKind {
	switch {
	case old == 0:
		return WasAssigned
	case old == now || now == Active:
		return WasChanged
	}
	return [...]ChangeKind{Retired: WasRetired, Split: WasSplit, Merged: WasMerged}[now]
}

// Change is one change of one place, with the state after it. Whoever holds
// the place in this version or a later one has nothing to do.
type Change struct {
	Sequence int64      `json:"sequence"`
	Kind     ChangeKind `json:"kind"`
	At       time.Time  `json:"at"`
	Place    Place      `json:"place"`
}

// take gives the next n numbers of the feed to this transaction and returns
// the last of them. Nobody else gets any before it ends: so numbers without a
// change do not exist, and a reader who sees one sees all before it.
func take(tx *store.Tx, n int) (last int64, err error) {
	if _, err := tx.Exec(feedTake, int64(n)); err != nil {
		return 0, err
	}
	_, err = tx.One(feedLast, nil, &last)
	return last, err
}

// publish puts a change into the feed, in the transaction that makes it.
func publish(tx *store.Tx, c *register.Change, r *row, kind ChangeKind) error {
	seq, err := take(tx, 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(changeInsert, seq, r.code, r.version, int64(kind), c.Micros())
	return err
}

// publishAll is publish for places that are new.
func publishAll(tx *store.Tx, c *register.Change, places []Place) error {
	last, err := take(tx, len(places))
	if err != nil {
		return err
	}
	seq := last - int64(len(places))
	args := make([]any, 5)
	_, err = tx.Bulk(changeInsert, func(yield func([]any, error) bool) {
		for i := range places {
			seq++
			args = append(args[:0], seq, int64(places[i].Code), int64(1), int64(WasAssigned), c.Micros())
			if !yield(args, nil) {
				return
			}
		}
	})
	return err
}

// Feed is a part of the changes.
type Feed struct {
	Changes []Change `json:"changes"`
	Last    int64    `json:"last"` // the newest change there is
}

// MaxChanges is how many changes one call gives at most.
const MaxChanges = 1000

// Changes lists the changes after a number, oldest first, at most limit (0 or
// too many: 1,000). The feed begins with what Import or an act did; what Load
// has put in stands in the file only.
func (b *Book) Changes(ctx context.Context, after int64, limit int) (*Feed, error) {
	if limit <= 0 || limit > MaxChanges {
		limit = MaxChanges
	}
	feed := &Feed{}
	var rows map[int64]*row
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		feed.Changes = []Change{}
		rows = map[int64]*row{}
		if _, err := tx.One(feedLast, nil, &feed.Last); err != nil {
			return err
		}
		last := after
		if err := tx.Each(changesAfter, []any{after, int64(limit)}, func(scan func(...any) error) error {
			var c Change
			var kind, at int64
			err := scan(&c.Sequence, &kind, &at)
			c.Kind, c.At, last = ChangeKind(kind), time.UnixMicro(at).UTC(), c.Sequence
			feed.Changes = append(feed.Changes, c)
			return err
		}); err != nil {
			return err
		}
		for _, query := range []*store.Query{changesNow, changesPast} {
			if err := tx.Each(query, []any{after, last}, func(scan func(...any) error) error {
				var seq int64
				r := new(row)
				err := scan(append([]any{&seq}, r.columns()...)...)
				rows[seq] = r
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	for i := 0; err == nil && i < len(feed.Changes); i++ {
		r := rows[feed.Changes[i].Sequence]
		if r == nil {
			return nil, errLost
		}
		var p *Place
		if p, err = b.place(ctx, r); err == nil {
			feed.Changes[i].Place = *p
		}
	}
	return feed, err
}

var errLost = errors.New("place: a change leads to a version that is not there")

// fileChunk is how many rows of the file one read takes: a read that lasted as
// long as the file would hold back the write-ahead log.
const fileChunk = 2000

// File writes the whole register as CSV, in order of the codes: the columns of
// an import, and the version. begin is told, before the first byte, the number
// of the newest change that is surely in the file; later ones may be in it
// too. So whoever has taken in the file goes on with the changes after that
// number and passes over versions that he has. Whatever a municipality has
// reported, nothing in it is a formula (sheet.Cell).
func (b *Book) File(ctx context.Context, begin func(sequence int64) io.Writer) error {
	var last int64
	if err := b.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(feedLast, nil, &last)
		return err
	}); err != nil {
		return err
	}
	out := csv.NewWriter(begin(last))
	if err := out.Write(append(columnNames[:], "version")); err != nil {
		return err
	}
	line := make([]string, 0, len(columnNames)+1)
	for after := int64(0); ; {
		rows, err := b.rowsAfter(ctx, after)
		if err != nil || len(rows) == 0 {
			out.Flush()
			return err
		}
		for i := range rows {
			p, err := b.place(ctx, &rows[i])
			if err != nil {
				return err
			}
			line = append(line[:0], p.Code.String(), p.State.String(), rows[i].successors)
			for _, text := range p.all() {
				line = append(line, sheet.Cell(*text))
			}
			if err := out.Write(append(line, strconv.FormatInt(p.Version, 10))); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].code
		if out.Flush(); out.Error() != nil {
			return out.Error()
		}
	}
}

func (b *Book) rowsAfter(ctx context.Context, after int64) (rows []row, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		rows = make([]row, 0, fileChunk)
		return tx.Each(placesAfter, []any{after, int64(fileChunk)}, func(scan func(...any) error) error {
			var r row
			err := scan(r.columns()...)
			rows = append(rows, r)
			return err
		})
	})
	return rows, err
}
