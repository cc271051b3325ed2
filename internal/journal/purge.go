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
// older than before, and the lists that lead to them, and records that it did.
// The leaves stay: codes stay genuine, receipts handed out earlier and the
// proofs of all other entries still verify. It returns the number of entries.
//
// It works in steps of 500 batches; a crash between them leaves some purged
// and the rest for the next call.
func (j *Journal) Purge(ctx context.Context, before time.Time) (int64, error) {
	if at, ok := j.tail.oldest(); ok && at.Before(before) {
		before = at // the projections are built from the private part
	}
	if before.After(j.config.Clock()) {
		return 0, fault.New(fault.Invalid, "journal.purge.future")
	}
	// The lists first: a crash must not leave a list that leads to nothing.
	err := j.projection.Write(ctx, func(tx *store.Tx) error {
		return purgeRuns(tx, j.node, before.UnixMicro())
	})
	total := int64(0)
	for i := range j.logs {
		l := j.logs[i].Load()
		if l == nil || l.node != j.config.Node {
			continue
		}
		for err == nil {
			var n int64
			if n, err = j.purgeSome(ctx, l, before); n == 0 || err != nil {
				break
			}
			total += n
		}
	}
	if err != nil || total == 0 {
		return total, err
	}
	_, err = j.Commit(ctx, Entry{
		Kind: receipt.Purge,
		Body: fmt.Appendf(nil, `"before":"%s","entries":%d`, before.UTC().Format(time.RFC3339), total),
	})
	return total, err
}

func (j *Journal) purgeSome(ctx context.Context, l *log, before time.Time) (entries int64, err error) {
	err = j.db.Write(ctx, func(tx *store.Tx) error {
		entries = 0
		var batches []int64
		err := tx.Each(purgeable, []any{l.base(), l.base() + logSpan, before.UnixMicro()}, func(scan func(...any) error) error {
			var id, n int64
			err := scan(&id, &n)
			batches = append(batches, id)
			entries += n
			return err
		})
		for _, id := range batches {
			if err != nil {
				break
			}
			_, err = tx.Exec(purgeBatch, id)
		}
		return err
	})
	return entries, err
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
