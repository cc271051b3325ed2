package store

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// hotPeriod is how long a point reader may keep its snapshot: writes of other
// processes show after at most about twice this time.
const hotPeriod = 5 * time.Millisecond

// hot is the point readers of a SQLite file: few connections (more of them
// than cores fight over the engine's locks), the file mapped into memory, and
// a snapshot kept open between reads, because opening one costs more than the
// read itself.
//
// A snapshot ends when this process has committed since it began, or when it
// is hotPeriod old, whether or not anybody reads: an old snapshot would keep
// the write-ahead log from starting anew.
type hot struct {
	l     *lite
	free  chan *hotConn
	epoch atomic.Uint64 // moves each hotPeriod while snapshots are open
	open  atomic.Int64  // snapshots open now
	wake  chan struct{}
	stop  chan struct{}
	done  sync.WaitGroup
}

type hotConn struct {
	conn           *sqlite.Conn
	begin, end     *sqlite.Stmt
	stmts          []*sqlite.Stmt // by query id
	inside         bool           // a snapshot is open
	commits, epoch uint64         // when it began
}

func openHot(l *lite) (*hot, error) {
	n := runtime.GOMAXPROCS(0)
	h := &hot{
		l: l, free: make(chan *hotConn, n),
		wake: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	for range n {
		c, err := openHotConn(l.path)
		if err != nil {
			h.closeConns()
			return nil, err
		}
		h.free <- c
	}
	h.done.Go(h.tick)
	return h, nil
}

func openHotConn(path string) (*hotConn, error) {
	u := url.URL{Scheme: "file", Path: path, RawQuery: "mode=rw"}
	conn, err := sqlite.OpenConn(u.String(), sqlite.OpenReadWrite, sqlite.OpenURI)
	if err != nil {
		return nil, hotFault("open", err)
	}
	c := &hotConn{conn: conn}
	const setup = `PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0;
		PRAGMA mmap_size = 2147418112; PRAGMA cache_size = -8192`
	if err = sqlitex.ExecuteScript(conn, setup, nil); err == nil {
		if c.begin, err = conn.Prepare("BEGIN"); err == nil {
			c.end, err = conn.Prepare("COMMIT")
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, hotFault("open", err)
	}
	return c, nil
}

func (l *lite) point(ctx context.Context, q *Query, key int64, f func(Row)) (bool, error) {
	c, err := l.hot.take(ctx)
	if err != nil {
		return false, err
	}
	defer func() { l.hot.free <- c }()
	if err := l.hot.refresh(c); err != nil {
		return false, err
	}
	return c.read(q, key, f)
}

func (l *lite) points(ctx context.Context, q *Query, keys []int64, f func(int, Row)) error {
	c, err := l.hot.take(ctx)
	if err != nil {
		return err
	}
	defer func() { l.hot.free <- c }()
	for i, key := range keys {
		if i%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := l.hot.refresh(c); err != nil {
			return err
		}
		if _, err := c.read(q, key, func(r Row) { f(i, r) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *lite) span(ctx context.Context, q *Query, after, n int64, f func(Row)) error {
	c, err := l.hot.take(ctx)
	if err != nil {
		return err
	}
	defer func() { l.hot.free <- c }()
	if err := l.hot.leave(c); err != nil { // a new snapshot: see Range
		return err
	}
	if err := l.hot.refresh(c); err != nil {
		return err
	}
	stmt, err := c.prepare(q)
	if err != nil {
		return err
	}
	stmt.BindInt64(1, after)
	stmt.BindInt64(2, n)
	defer func() { _ = stmt.Reset() }() // it repeats an error that Step has told
	for {
		more, err := stmt.Step()
		if err != nil {
			return hotFault(q.name, err)
		}
		if !more {
			return nil
		}
		f(Row{lite: stmt})
	}
}

func (h *hot) take(ctx context.Context) (*hotConn, error) {
	select {
	case c := <-h.free:
		return c, nil
	default:
	}
	select {
	case c := <-h.free:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// refresh gives c a snapshot that is recent enough. The counters are read
// before the snapshot begins, so it holds at least what they count. While a
// commit is on its way (odd) each read takes a new one: otherwise one
// connection could show the commit and the next one not.
func (h *hot) refresh(c *hotConn) error {
	commits, epoch := h.l.commits.Load(), h.epoch.Load()
	if c.inside {
		if c.commits == commits && commits%2 == 0 && c.epoch == epoch {
			return nil
		}
		if err := h.leave(c); err != nil {
			return err
		}
	}
	if _, err := c.begin.Step(); err != nil {
		return hotFault("begin", err)
	}
	c.inside, c.commits, c.epoch = true, commits, epoch
	if h.open.Add(1) == 1 {
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// leave ends the snapshot of c.
func (h *hot) leave(c *hotConn) error {
	if !c.inside {
		return nil
	}
	c.inside = false
	h.open.Add(-1)
	if c.conn.AutocommitEnabled() {
		return nil // the engine has ended it: it met a damaged page, say
	}
	if _, err := c.end.Step(); err != nil {
		return hotFault("end", err)
	}
	return nil
}

func (c *hotConn) prepare(q *Query) (*sqlite.Stmt, error) {
	if q.id >= len(c.stmts) || c.stmts[q.id] == nil {
		stmt, err := c.conn.Prepare(q.sql[SQLite])
		if err != nil {
			return nil, hotFault("prepare "+q.name, err)
		}
		for q.id >= len(c.stmts) {
			c.stmts = append(c.stmts, nil)
		}
		c.stmts[q.id] = stmt
	}
	return c.stmts[q.id], nil
}

func (c *hotConn) read(q *Query, key int64, f func(Row)) (bool, error) {
	stmt, err := c.prepare(q)
	if err != nil {
		return false, err
	}
	stmt.BindInt64(1, key)
	found, err := stmt.Step()
	if err != nil {
		return false, hotFault(q.name, err)
	}
	defer func() { _ = stmt.Reset() }() // it repeats an error that Step has told
	if found {
		f(Row{lite: stmt})
	}
	return found, nil
}

// liteError is an error of the point readers with its result code.
type liteError struct {
	code int
	err  error
}

func (e *liteError) Error() string { return e.err.Error() }
func (e *liteError) Unwrap() error { return e.err }

func hotFault(what string, err error) error {
	return &liteError{int(sqlite.ErrCode(err)), fmt.Errorf("%s: %w", what, err)}
}

// tick ends the snapshots of idle connections; those at work see the epoch.
func (h *hot) tick() {
	for {
		select {
		case <-h.stop:
			return
		case <-h.wake:
		}
		for h.open.Load() > 0 {
			select {
			case <-h.stop:
				return
			case <-time.After(hotPeriod):
			}
			h.renew()
		}
	}
}

// renew ends every snapshot that no read is using, and makes the others end
// at their next read.
func (h *hot) renew() {
	h.epoch.Add(1)
	for range cap(h.free) {
		select {
		case c := <-h.free:
			_ = h.leave(c)
			h.free <- c
		default:
			return
		}
	}
}

func (h *hot) close() {
	close(h.stop)
	h.done.Wait()
	for range cap(h.free) {
		c := <-h.free
		_ = h.leave(c)
		h.free <- c
	}
	if h.l.usable() == nil {
		h.closeConns()
	}
}

func (h *hot) closeConns() {
	for {
		select {
		case c := <-h.free:
			_ = c.conn.Close()
		default:
			return
		}
	}
}
