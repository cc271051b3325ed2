package journal

import (
	"bytes"
	"context"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Span says which entries Walk gives. The zero value is all of them.
type Span struct {
	After       map[int]int64 // log number → entries of it already read
	From, Until time.Time     // by the time of entries, half-open; zero: no bound
}

// Walked is one entry as Walk gives it. It belongs to Walk and is overwritten
// by the next one.
type Walked struct {
	Log     int
	Index   int64
	Time    time.Time
	Kind    receipt.Kind
	Subject ids.NationalNumber // zero once purged, as are Agency and Record
	Agency  ids.LegalID
	Code    ids.TrackingCode // empty if it was purged and its log's code key is not here
	Record  []byte           // valid until f returns
	Leaf    [receipt.LeafSize]byte
}

// A walk reads in steps, so that no transaction is open while f works. A step
// has as many batches as come near walkBytes: few large ones, or many small.
const (
	walkFirst = 8
	walkMost  = 256
	walkBytes = 4 << 20
)

// Walk gives the entries of all logs, those of other nodes too, by log and
// index, up to where each log ends when the walk comes to it. Nothing before
// From is read: times never decrease in a log, so its first batch is searched.
//
// A record that is not the one of its leaf is fault "journal.altered". That the
// leaves are those of the signed tree is not looked at: this is what Fsck and
// the proofs are for.
//
// An error of f ends the walk and is returned as it is.
func (j *Journal) Walk(ctx context.Context, s Span, f func(*Walked) error) error {
	if err := j.readLogs(ctx); err != nil {
		return err
	}
	for i := range j.logs {
		l := j.logs[i].Load()
		if l == nil {
			continue
		}
		if err := j.walkLog(ctx, l, &s, f); err != nil {
			return err
		}
	}
	return nil
}

// CursorAt is the place in a list behind which the entries before a moment
// stand.
func CursorAt(t time.Time) Cursor { return Cursor{time: t.UnixMicro()} }

// Heads is how many entries each log has, as far as this process knows.
func (j *Journal) Heads() map[int]int64 {
	heads := map[int]int64{}
	for i := range j.logs {
		if l := j.logs[i].Load(); l != nil {
			heads[l.number] = l.size.Load()
		}
	}
	return heads
}

func (j *Journal) walkLog(ctx context.Context, l *log, s *Span, f func(*Walked) error) error {
	next, size := max(0, s.After[l.number]), l.size.Load()
	if !s.From.IsZero() {
		first, err := j.firstSince(ctx, l, s.From, next, size)
		if err != nil {
			return err
		}
		next = max(next, first)
	}
	for limit := walkFirst; next < size; {
		batches, bytes, err := j.walkStep(ctx, l, next, size, limit)
		if err != nil {
			return err
		}
		if limit = limit * 2; bytes > walkBytes/2 {
			limit = len(batches) * walkBytes / bytes
		}
		limit = min(max(1, limit), walkMost)
		for _, b := range batches {
			if !s.Until.IsZero() && b.time >= s.Until.UnixMicro() {
				return nil
			}
			if err := j.walkBatch(l, b, next, f); err != nil {
				return err
			}
			next = b.end()
		}
	}
	return nil
}

// firstSince searches the entries from lo to hi−1 for the first one that is
// not older than from; hi if there is none.
func (j *Journal) firstSince(ctx context.Context, l *log, from time.Time, lo, hi int64) (int64, error) {
	for lo < hi {
		var id, n, micros int64
		err := j.db.Read(ctx, func(tx *store.Tx) error {
			found, err := tx.One(timeAt, []any{l.base() + lo + (hi-lo)/2}, &id, &n, &micros)
			if err == nil && (!found || id < l.base()) {
				err = altered("log %d: entry %d is missing", l.number, lo)
			}
			return err
		})
		first := id - l.base()
		switch {
		case err != nil:
			return 0, err
		case micros >= from.UnixMicro():
			hi = first
		case first+n <= lo:
			return 0, altered("log %d: entry %d is missing", l.number, lo)
		default:
			lo = first + n
		}
	}
	return lo, nil
}

// walkStep reads some batches, the first of which holds entry next, and tells
// how large they are. None of them may be missing.
func (j *Journal) walkStep(ctx context.Context, l *log, next, size int64, limit int) (batches []*stored, bytes int, err error) {
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		batches, bytes = batches[:0], 0
		var start int64
		if _, err := tx.One(startOf, []any{l.base() + next}, &start); err != nil {
			return err
		}
		expect := next
		return eachBatch(tx, l, max(start, l.base())-l.base(), limit, func(b *stored) error {
			switch {
			case expect >= size:
				return nil // it came while the walk was under way
			case b.first > expect || b.end() <= expect:
				return altered("log %d: entry %d is missing", l.number, expect)
			}
			expect = b.end()
			batches = append(batches, b)
			bytes += len(b.private) + len(b.leaves)
			return nil
		})
	})
	if err == nil && len(batches) == 0 {
		err = altered("log %d: entry %d is missing", l.number, next)
	}
	return batches, bytes, err
}

// walkBatch gives the entries of a batch from index next on.
func (j *Journal) walkBatch(l *log, b *stored, next int64, f func(*Walked) error) error {
	var part private
	if b.private != nil {
		var err error
		if part, err = parsePrivate(b.private, b.n); err != nil {
			return altered("log %d, batch %d: %w", l.number, b.first, err)
		}
	}
	at := time.UnixMicro(b.time).UTC()
	for i := int(max(0, next-b.first)); i < b.n; i++ {
		w := Walked{Log: l.number, Index: b.first + int64(i), Time: at}
		copy(w.Leaf[:], b.leaves[i*receipt.LeafSize:])
		w.Kind = receipt.Kind(w.Leaf[1])
		if b.private == nil {
			if l.code != nil {
				w.Code = l.code.Code(l.number, w.Index)
			}
		} else {
			m, record, err := b.entry(l, part, i)
			if err != nil {
				return err
			}
			w.Subject, w.Agency, w.Record, w.Code = m.subject, m.agency, record, codeOf(record)
		}
		if err := f(&w); err != nil {
			return err
		}
	}
	return nil
}

// codeOf takes the code from a record, which costs a fiftieth of computing it.
// The head comes first and nothing before its code can hold these signs.
func codeOf(record []byte) ids.TrackingCode {
	const name = `,"code":"`
	at := bytes.Index(record, []byte(name)) + len(name)
	if at < len(name) || len(record) < at+len(noCode) {
		return ""
	}
	return ids.TrackingCode(record[at : at+len(noCode)])
}
