package store

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

const (
	ioErr = sqlite3.SQLITE_IOERR

	walTarget = 16 << 20 // copy the log into the database beyond this size
	walKeep   = 64 << 20 // cut the file back to this size when it starts anew
	walPeriod = 50 * time.Millisecond
)

// wal keeps the write-ahead log short. Most of the copying is done beside the
// writer; only the last frames, and the start of a fresh log, hold it up.
type wal struct {
	l    *lite
	conn *liteSession
	work chan struct{} // the log has grown
	stop chan struct{}
	done sync.WaitGroup
}

// openWAL copies what an earlier process left in the log into the database
// and syncs it, before anything new is acknowledged: after a failed sync the
// log's pages in memory may not be those on disk.
func openWAL(ctx context.Context, l *lite) (*wal, error) {
	conn, err := l.session(ctx, false)
	if err != nil {
		return nil, err
	}
	w := &wal{l: l, conn: conn, work: make(chan struct{}, 1), stop: make(chan struct{})}
	if _, err := w.checkpoint("TRUNCATE"); err != nil {
		conn.close()
		return nil, err
	}
	w.done.Go(w.run)
	return w, nil
}

// wrote is told of each commit.
func (w *wal) wrote() {
	select {
	case w.work <- struct{}{}:
	default:
	}
}

// size of the log in bytes.
func (w *wal) size() int64 {
	info, err := os.Stat(w.l.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

func (w *wal) run() {
	target := int64(walTarget)
	for {
		select {
		case <-w.stop:
			return
		case <-w.work:
		}
		if w.frames() >= target && w.l.usable() == nil {
			_ = w.l.check(w.shorten()) // busy and full are tried again at the next commit
		}
		select {
		case <-w.stop:
			return
		case <-time.After(walPeriod):
		}
	}
}

// frames is the size of the live part of the log: the file itself keeps its
// size when the log starts anew.
func (w *wal) frames() int64 { return w.size() }

// shorten copies the log into the database while writing goes on, then holds
// the writer for the few frames that came meanwhile, lets the point readers
// begin anew, and starts a fresh log. A long Read can prevent the last step;
// it is tried again.
func (w *wal) shorten() error {
	if _, err := w.checkpoint("PASSIVE"); err != nil {
		return err
	}
	select {
	case s := <-w.l.writer:
		defer func() { w.l.writer <- s }()
	case <-w.stop:
		return nil
	}
	w.l.hot.renew()
	_, err := w.checkpoint("TRUNCATE")
	return err
}

// checkpoint reports whether readers or another writer were in the way.
//
// A crash in it leaves the log whole: pages are copied again at the next open.
func (w *wal) checkpoint(mode string) (busy bool, err error) {
	var b, log, copied int64
	row := w.conn.conn.QueryRowContext(context.Background(), fmt.Sprintf("PRAGMA wal_checkpoint(%s)", mode))
	if err := row.Scan(&b, &log, &copied); err != nil {
		return false, err
	}
	return b != 0, nil
}

func (w *wal) close() {
	close(w.stop)
	w.done.Wait()
	if w.l.usable() == nil {
		w.conn.close()
	}
}
