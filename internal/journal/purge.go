package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Purge deletes the private part (records and salts) of this node's entries
// older than before, and the lists that lead to them. The leaves stay: codes
// stay genuine, receipts handed out earlier and the proofs of all other entries
// still verify. It returns the number of entries.
//
// Its own entry comes first, so nothing is ever deleted unrecorded. Then it
// works in steps of 500 batches: a crash leaves some purged, and the rest for
// the next call.
func (j *Journal) Purge(ctx context.Context, actor Actor, why string, before time.Time) (total int64, err error) {
	if before.After(j.config.Clock()) {
		return 0, fault.New(fault.Invalid, "journal.purge.future")
	}
	if at, ok := j.tail.oldest(); ok && at.Before(before) {
		before = at // the projections are built from the private part
	}
	own := j.ownLogs()
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		total = 0
		for _, l := range own {
			var n int64
			if _, err := tx.One(purgeableCount, []any{l.base(), l.base() + logSpan, before.UnixMicro()}, &n); err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	if err != nil || total == 0 {
		return 0, err
	}
	body := actor.AppendTo([]byte(`"actor":`))
	body = receipt.AppendString(append(body, `,"why":`...), why)
	body = fmt.Appendf(body, `,"before":"%s","entries":%d`, before.UTC().Format(time.RFC3339), total)
	if _, err := j.Commit(ctx, Entry{Kind: receipt.Purge, Body: body}); err != nil {
		return 0, err
	}
	// The lists before the records: a crash must not leave a list that leads to
	// nothing.
	err = j.projection.Write(ctx, func(tx *store.Tx) error { return purgeRuns(tx, j.node, before.UnixMicro()) })
	for _, l := range own {
		for more := true; more && err == nil; {
			more, err = j.purgeSome(ctx, l, before)
		}
	}
	return total, err
}

// ownLogs are the logs that this node writes.
func (j *Journal) ownLogs() (own []*log) {
	for i := range j.logs {
		if l := j.logs[i].Load(); l != nil && l.node == j.config.Node {
			own = append(own, l)
		}
	}
	return own
}

// purgeSome reports whether there was something to purge.
func (j *Journal) purgeSome(ctx context.Context, l *log, before time.Time) (more bool, err error) {
	err = j.db.Write(ctx, func(tx *store.Tx) error {
		var batches []int64
		err := tx.Each(purgeable, []any{l.base(), l.base() + logSpan, before.UnixMicro()}, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			batches = append(batches, id)
			return err
		})
		more = len(batches) > 0
		for _, id := range batches {
			if err != nil {
				break
			}
			_, err = tx.Exec(purgeBatch, id)
		}
		return err
	})
	return more, err
}

// oldest is the time of the oldest entry that the projections do not have.
func (t *tail) oldest() (time.Time, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.rowsP == len(t.rows) {
		return time.Time{}, false
	}
	return time.UnixMicro(t.rows[t.rowsP].time), true
}
