package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"

	_ "modernc.org/sqlite" // the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/estelam/estelam/internal/fault"
)

// lite is one SQLite file: one writer, a few readers for general queries, and
// the point readers.
type lite struct {
	path    string
	data    Database
	pool    *sql.DB           // opens the connections; never used directly
	writer  chan *liteSession // one; whoever holds it may write
	readers chan *liteSession // nil in it: not opened yet
	hot     *hot
	wal     *wal
	commits atomic.Uint64 // twice those of this process, odd inside one; point readers follow it
	failed  atomic.Pointer[fault.Error]
}

// liteFile is the name of database d in the directory dir.
func liteFile(dir string, d Database) string { return filepath.Join(dir, d.name+".db") }

// liteURI is the driver's name for a file. The checkpoint is our own
// (wal.go): the automatic one would run inside a commit.
func liteURI(path string, d Database, mode string) string {
	v := url.Values{
		"mode": {mode}, "_dqs": {"0"}, "_defensive": {"1"}, "_error_rc": {"1"},
		"_busy_timeout": {"10000"}, "_foreign_keys": {"1"}, "_journal_mode": {"WAL"},
		"_synchronous": {"FULL"},
		"_pragma": {
			"wal_autocheckpoint(0)", fmt.Sprintf("journal_size_limit(%d)", walKeep),
			"cache_size(-16384)", "cell_size_check(1)", "temp_store(2)",
		},
	}
	if !d.durable() {
		v.Set("_synchronous", "NORMAL")
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: v.Encode()}
	return u.String()
}

func openLite(ctx context.Context, dir string, d Database) (*lite, error) {
	path, err := filepath.Abs(liteFile(dir, d))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, schemaOld.Because(err)
		}
		return nil, err
	}
	l := &lite{path: path, data: d, writer: make(chan *liteSession, 1)}
	if l.pool, err = sql.Open("sqlite", liteURI(path, d, "rw")); err != nil {
		return nil, err
	}
	writer, err := l.session(ctx, false)
	if err != nil {
		_ = l.pool.Close()
		return nil, err
	}
	l.writer <- writer
	n := max(4, runtime.GOMAXPROCS(0))
	l.readers = make(chan *liteSession, n)
	for range n {
		l.readers <- nil
	}
	if l.hot, err = openHot(l); err == nil {
		l.wal, err = openWAL(ctx, l)
	}
	if err != nil {
		_ = l.close()
		return nil, err
	}
	return l, nil
}

// session opens a connection of our own: statements are prepared once on each.
func (l *lite) session(ctx context.Context, readOnly bool) (*liteSession, error) {
	conn, err := l.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if readOnly {
		_, err = conn.ExecContext(ctx, "PRAGMA query_only = 1")
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &liteSession{conn: conn}, nil
}

func (l *lite) read(ctx context.Context, f func(*Tx) error) error {
	var s *liteSession
	select {
	case s = <-l.readers:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { l.readers <- s }()
	if s == nil {
		fresh, err := l.session(ctx, true)
		if err != nil {
			return err
		}
		s = fresh
	}
	if err := s.control("BEGIN"); err != nil {
		return err
	}
	defer func() { _ = s.control("ROLLBACK") }() // nothing was written
	return (&Tx{ctx: ctx, session: s, database: l.data}).run(f)
}

// write holds the one writer from BEGIN IMMEDIATE to COMMIT. The context ends
// the waiting and the statements, never the commit.
//
// A crash before COMMIT returns leaves all of the transaction or nothing: the
// frames in the write-ahead log count only with their commit frame. A crash
// after it leaves all of it, because synchronous=FULL has synced the log.
func (l *lite) write(ctx context.Context, f func(*Tx) error) error {
	var s *liteSession
	select {
	case s = <-l.writer:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { l.writer <- s }()
	if err := l.usable(); err != nil {
		return err
	}
	if err := s.control("BEGIN IMMEDIATE"); err != nil {
		return l.check(err)
	}
	open := true
	defer func() {
		if open { // an error or a panic of f
			_ = s.control("ROLLBACK")
		}
	}()
	if err := (&Tx{ctx: ctx, session: s, database: l.data}).run(f); err != nil {
		return l.check(err)
	}
	l.commits.Add(1)
	err := s.control("COMMIT")
	l.commits.Add(1) // before Write returns: Point sees it from here on
	if err != nil {
		return l.check(err)
	}
	open = false
	l.wal.wrote()
	return nil
}

// usable is the fault that an earlier I/O error has left, if any.
func (l *lite) usable() error {
	if f := l.failed.Load(); f != nil {
		return f
	}
	return nil
}

// check looks at an error of the writing side. After an I/O error nobody knows
// what of the last pages is on disk, and a later sync may succeed without
// having written them: so nothing is acknowledged until a restart, which
// begins by copying the whole log into the database (wal.go). A write that
// found no room is harmless: nothing of it counts without its commit frame.
func (l *lite) check(err error) error {
	code := liteCode(err)
	if code&0xff != sqlite3.SQLITE_IOERR {
		return err
	}
	if code == sqlite3.SQLITE_IOERR_SHMSIZE || code == sqlite3.SQLITE_IOERR_WRITE && l.crowded() {
		return fault.New(fault.Full, "store.full").Because(err)
	}
	f := fault.New(fault.Unavailable, "store.failed").Because(err)
	l.failed.CompareAndSwap(nil, f)
	return f
}

// crowded reports whether files cannot grow: the engine says "full" by itself
// only where the system says ENOSPC, not at a limit of the process.
func (l *lite) crowded() bool {
	const least = 1 << 20
	var disk syscall.Statfs_t
	if syscall.Statfs(filepath.Dir(l.path), &disk) == nil && int64(disk.Bavail)*disk.Bsize < least {
		return true
	}
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit) != nil {
		return false
	}
	for _, name := range []string{l.path, l.path + "-wal"} {
		if info, err := os.Stat(name); err == nil && uint64(info.Size())+least > limit.Cur {
			return true
		}
	}
	return false
}

func (l *lite) close() error {
	if l.wal != nil {
		l.wal.close()
	}
	if l.hot != nil {
		l.hot.close()
	}
	if l.usable() != nil {
		return nil // closing the last connection would write: leave it to the restart
	}
	close(l.writer)
	for s := range l.writer {
		s.close()
	}
	for range cap(l.readers) {
		if s := <-l.readers; s != nil {
			s.close()
		}
	}
	err := l.pool.Close()
	if l.wal != nil {
		l.wal.index.close()
	}
	return err
}

// liteSession is one connection with its prepared statements by query id.
type liteSession struct {
	conn  *sql.Conn
	stmts []*sql.Stmt
	begin map[string]*sql.Stmt
}

// control runs BEGIN, COMMIT or ROLLBACK; no context may interrupt it.
func (s *liteSession) control(text string) error {
	stmt := s.begin[text]
	if stmt == nil {
		var err error
		if stmt, err = s.conn.PrepareContext(context.Background(), text); err != nil {
			return err
		}
		if s.begin == nil {
			s.begin = map[string]*sql.Stmt{}
		}
		s.begin[text] = stmt
	}
	_, err := stmt.ExecContext(context.Background())
	return err
}

func (s *liteSession) prepare(q *Query) (*sql.Stmt, error) {
	if q.id < len(s.stmts) && s.stmts[q.id] != nil {
		return s.stmts[q.id], nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), q.sql[SQLite])
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", q.name, err)
	}
	for q.id >= len(s.stmts) {
		s.stmts = append(s.stmts, nil)
	}
	s.stmts[q.id] = stmt
	return stmt, nil
}

func (s *liteSession) exec(_ context.Context, q *Query, args []any) (int64, error) {
	stmt, err := s.prepare(q)
	if err != nil {
		return 0, err
	}
	// No context: an interrupted write would only have to be rolled back.
	res, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", q.name, err)
	}
	return res.RowsAffected()
}

func (s *liteSession) one(ctx context.Context, q *Query, args, dest []any) (found bool, err error) {
	err = s.rows(ctx, q, args, func(rows *sql.Rows) (bool, error) {
		found = true
		return false, rows.Scan(dest...)
	})
	return found, err
}

func (s *liteSession) each(ctx context.Context, q *Query, args []any, row func(func(...any) error) error) error {
	return s.rows(ctx, q, args, func(rows *sql.Rows) (bool, error) { return true, row(rows.Scan) })
}

func (s *liteSession) rows(ctx context.Context, q *Query, args []any, row func(*sql.Rows) (bool, error)) error {
	stmt, err := s.prepare(q)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	defer func() { _ = rows.Close() }()
	for more := true; more && rows.Next(); {
		if more, err = row(rows); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	return nil
}

func (s *liteSession) bulk(ctx context.Context, q *Query, rows iter.Seq2[[]any, error]) (n int64, err error) {
	stmt, err := s.prepare(q)
	if err != nil {
		return 0, err
	}
	for args, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return n, err
		}
		if _, err := stmt.ExecContext(context.Background(), plain(args)...); err != nil {
			return n, fmt.Errorf("%s: row %d: %w", q.name, n+1, err)
		}
		n++
	}
	return n, nil
}

func (s *liteSession) close() {
	for _, stmt := range s.stmts {
		if stmt != nil {
			_ = stmt.Close()
		}
	}
	for _, stmt := range s.begin {
		_ = stmt.Close()
	}
	_ = s.conn.Close()
}
