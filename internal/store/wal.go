package store

import (
	"context"
	"encoding/binary"
	"sync"
	"time"
)

const (
	walTarget = 32 << 20               // start the log anew beyond this size
	walRest   = 256 << 10              // of it may be left to copy while the writer is held
	walKeep   = 64 << 20               // cut the file back to this size at that moment
	walPeriod = 20 * time.Millisecond  // look at the size this often while writing
	walWait   = 20 * time.Millisecond  // hold the writer this long for readers to leave
	walPause  = 200 * time.Millisecond // after readers stayed; doubled up to walMost
	walMost   = 5 * time.Second
	walQuiet  = time.Second     // without a commit: the log is emptied
	walAge    = 5 * time.Second // what is committed is copied this often, however little it is
)

// wal keeps the write-ahead log short. SQLite's own checkpoint would run
// inside some unlucky commit; this one does most of the copying beside the
// writer and holds it only for the last frames. A log that starts anew is
// overwritten in place, which makes syncing it cheaper than growing it.
type wal struct {
	l     *lite
	conn  *liteSession
	index *index
	work  chan struct{} // something was committed
	stop  chan struct{}
	done  sync.WaitGroup
}

// openWAL copies what an earlier process left in the log into the database
// and syncs it, before anything new is acknowledged: after a failed sync the
// log's pages in memory need not be those on disk, and what follows them in
// the log would be lost with them.
func openWAL(ctx context.Context, l *lite) (*wal, error) {
	conn, err := l.session(ctx, false)
	if err != nil {
		return nil, err
	}
	w := &wal{l: l, conn: conn, work: make(chan struct{}, 1), stop: make(chan struct{})}
	if _, err = conn.conn.ExecContext(ctx, "PRAGMA busy_timeout = 20"); err == nil { // walWait
		_, err = w.checkpoint("TRUNCATE")
	}
	if err == nil {
		w.index, err = openIndex(l.path + "-shm")
	}
	if err != nil {
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

// run starts the log anew when it has grown, and when nobody has written for
// a while: readers need not look into an empty log, and a restart has nothing
// to copy. Small writes that never cease do neither, for hours: they are
// copied every walAge, or what a long Read or a burst has left would stay.
func (w *wal) run() {
	quiet := time.NewTimer(walQuiet) // at the start too: another process may have written
	age := time.NewTicker(walAge)
	defer age.Stop()
	pause := walPause
	for {
		anew, old := false, false
		select {
		case <-w.stop:
			return
		case <-quiet.C:
			anew = true
		case <-age.C:
			old = true
		case <-w.work:
			quiet.Reset(walQuiet)
		}
		rest := walPeriod
		held, ahead := w.size()
		anew = anew || held >= walTarget
		if ahead > 0 && (anew || old) && w.l.usable() == nil {
			busy, err := w.shorten(anew)
			if _ = w.l.check(err); busy || err != nil { // a full disk is tried again, as is a busy one
				quiet.Reset(walQuiet)
				rest, pause = pause, min(2*pause, walMost)
			} else {
				age.Reset(walAge)
				pause = walPause
			}
		}
		select {
		case <-w.stop:
			return
		case <-time.After(rest):
		}
	}
}

// size is what the log holds (since it last started anew) and how much of that
// is not yet in the database, in bytes. Both stand in the first bytes of the
// shared index (sqlite.org/walformat.html): the log's file itself keeps its
// size when the log starts anew.
func (w *wal) size() (held, ahead int64) {
	var head [100]byte
	if _, err := w.index.file.ReadAt(head[:], 0); err != nil {
		return 0, 0
	}
	page := int64(binary.NativeEndian.Uint16(head[14:]))
	if page == 1 {
		page = 65536
	}
	frames := int64(binary.NativeEndian.Uint32(head[16:]))
	copied := int64(binary.NativeEndian.Uint32(head[96:]))
	return frames * (page + 24), max(0, frames-copied) * (page + 24)
}

// shorten copies the log into the database while writing goes on. To start a
// fresh log (anew) it then holds the writer for the few frames that came
// meanwhile and lets the point readers begin anew. A long Read prevents that
// (busy): the log then grows until it ends.
func (w *wal) shorten(anew bool) (busy bool, err error) {
	for range 4 { // while one goes on, the log grows; each finds less left to copy
		if _, err := w.checkpoint("PASSIVE"); err != nil {
			return false, err
		}
		if _, ahead := w.size(); ahead <= walRest {
			break
		}
	}
	if !anew {
		return false, nil
	}
	select {
	case s := <-w.l.writer:
		defer func() { w.l.writer <- s }()
	case <-w.stop:
		return false, nil
	}
	w.l.hot.renew()
	return w.checkpoint("RESTART")
}

// checkpoint reports whether readers or another writer were in the way.
//
// A crash in it leaves the log whole: its pages are copied again at the next
// open.
func (w *wal) checkpoint(mode string) (busy bool, err error) {
	var b, log, copied int64
	row := w.conn.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+mode+")")
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
