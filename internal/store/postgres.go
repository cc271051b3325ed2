package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/estelam/estelam/internal/fault"
)

// postgres is one of the databases on a PostgreSQL server.
type postgres struct {
	pool     *pgxpool.Pool
	database Database
	turn     chan struct{} // held by the write that is being run again
}

const (
	pgConns   = 16 // unless the URL says pool_max_conns
	pgRetries = 100
)

func openPostgres(ctx context.Context, url string, d Database) (*postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, badURL(err)
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = pgConns
	}
	params := config.ConnConfig.RuntimeParams
	params["application_name"] = "estelam-" + d.name
	// The server's default may be off; only stronger settings pass.
	if level := params["synchronous_commit"]; level != "remote_apply" {
		params["synchronous_commit"] = "on"
		if !d.durable() {
			params["synchronous_commit"] = "off"
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return &postgres{pool: pool, database: d, turn: make(chan struct{}, 1)}, nil
}

func (p *postgres) close() error {
	p.pool.Close()
	return nil
}

func (p *postgres) read(ctx context.Context, f func(*Tx) error) error {
	return p.transact(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", f)
}

// write runs f again when it collided with another transaction. Serialisable
// costs a little more than repeatable read and means that what holds with
// SQLite's one writer holds here. Those that have collided take turns: sixteen
// writers of one row otherwise spend their time undoing each other.
func (p *postgres) write(ctx context.Context, f func(*Tx) error) error {
	const begin = "BEGIN ISOLATION LEVEL SERIALIZABLE"
	err := p.transact(ctx, begin, f)
	if !collided(err) {
		return err
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	pause := time.Millisecond
	for range pgRetries {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(pause)):
		}
		if err = p.transact(ctx, begin, f); !collided(err) {
			return err
		}
		pause = min(2*pause, 20*time.Millisecond)
	}
	return err // which says: busy
}

// begin takes a connection and opens a transaction on it. Connections that a
// restart of the server has broken are thrown away until a good one comes.
func (p *postgres) begin(ctx context.Context, text string) (*pgxpool.Conn, error) {
	for try := 0; ; try++ {
		c, err := p.pool.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		if _, err = c.Exec(ctx, text); err == nil {
			return c, nil
		}
		stale := c.Conn().IsClosed() && ctx.Err() == nil
		c.Release()
		if !stale || try > int(p.pool.Config().MaxConns) {
			return nil, err
		}
	}
}

func (p *postgres) transact(ctx context.Context, begin string, f func(*Tx) error) error {
	c, err := p.begin(ctx, begin)
	if err != nil {
		return err
	}
	defer c.Release() // a connection inside a transaction is closed, not reused
	conn := c.Conn()
	err = (&Tx{ctx: ctx, session: &pgSession{conn}, database: p.database}).run(f)
	// The commit must not be cut off by the caller's impatience: half of the
	// question whether it happened would remain open.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err != nil {
		if !conn.IsClosed() {
			_, _ = conn.Exec(end, "ROLLBACK") // else Release closes the connection
		}
		return err
	}
	tag, err := conn.Exec(end, "COMMIT")
	if err == nil && tag.String() != "COMMIT" {
		err = errors.New("store: the transaction had failed and was rolled back")
	}
	if err != nil && pgCode(err) == "" && conn.IsClosed() {
		return fault.New(fault.Unavailable, "store.unknown").Because(err)
	}
	return err
}

// pgSession is one connection; statements are prepared on it by name.
type pgSession struct{ conn *pgx.Conn }

// prepare costs a map look-up when the statement is there.
func prepare(ctx context.Context, conn *pgx.Conn, q *Query) error {
	if _, err := conn.Prepare(ctx, q.name, q.sql[PostgreSQL]); err != nil {
		return fmt.Errorf("prepare %s: %w", q.name, err)
	}
	return nil
}

func (s *pgSession) exec(ctx context.Context, q *Query, args []any) (int64, error) {
	if err := prepare(ctx, s.conn, q); err != nil {
		return 0, err
	}
	tag, err := s.conn.Exec(ctx, q.name, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", q.name, err)
	}
	return tag.RowsAffected(), nil
}

func (s *pgSession) one(ctx context.Context, q *Query, args, dest []any) (found bool, err error) {
	err = s.rows(ctx, q, args, func(rows pgx.Rows) (bool, error) {
		found = true
		return false, rows.Scan(dest...)
	})
	return found, err
}

func (s *pgSession) each(ctx context.Context, q *Query, args []any, row func(func(...any) error) error) error {
	return s.rows(ctx, q, args, func(rows pgx.Rows) (bool, error) { return true, row(rows.Scan) })
}

func (s *pgSession) rows(ctx context.Context, q *Query, args []any, row func(pgx.Rows) (bool, error)) error {
	if err := prepare(ctx, s.conn, q); err != nil {
		return err
	}
	rows, err := s.conn.Query(ctx, q.name, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	defer rows.Close()
	for more := true; more && rows.Next(); {
		if more, err = row(rows); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	return nil
}

var plainInsert = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\s+(\w+)\s*\(([\w\s,]+)\)\s*VALUES\s*\(([$\d\s,]+)\)\s*;?\s*$`)

// copyTarget is the table and columns of a plain INSERT whose placeholders
// stand in order; ok is false for anything else (such as ON CONFLICT).
func copyTarget(sql string) (table string, columns []string, ok bool) {
	m := plainInsert.FindStringSubmatch(sql)
	if m == nil {
		return "", nil, false
	}
	for c := range strings.SplitSeq(m[2], ",") {
		columns = append(columns, strings.ToLower(strings.TrimSpace(c)))
	}
	n := 0
	for v := range strings.SplitSeq(m[3], ",") {
		if n++; strings.TrimSpace(v) != fmt.Sprintf("$%d", n) {
			return "", nil, false
		}
	}
	return strings.ToLower(m[1]), columns, n == len(columns)
}

func (s *pgSession) bulk(ctx context.Context, q *Query, rows iter.Seq2[[]any, error]) (int64, error) {
	if table, columns, ok := copyTarget(q.sql[PostgreSQL]); ok {
		next, stop := iter.Pull2(rows)
		defer stop()
		source := pgx.CopyFromFunc(func() ([]any, error) {
			args, err, more := next()
			if !more || err != nil {
				return nil, err
			}
			return plain(args), nil
		})
		n, err := s.conn.CopyFrom(ctx, pgx.Identifier{table}, columns, source)
		if err != nil {
			return n, fmt.Errorf("%s: %w", q.name, err)
		}
		return n, nil
	}
	return s.pipeline(ctx, q, rows)
}

// pipeline sends the rows in batches without waiting for each answer.
func (s *pgSession) pipeline(ctx context.Context, q *Query, rows iter.Seq2[[]any, error]) (n int64, err error) {
	if err := prepare(ctx, s.conn, q); err != nil {
		return 0, err
	}
	batch := &pgx.Batch{}
	send := func() error {
		err := s.conn.SendBatch(ctx, batch).Close()
		batch = &pgx.Batch{}
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		return nil
	}
	for args, err := range rows {
		if err != nil {
			return n, err
		}
		batch.Queue(q.name, append([]any(nil), plain(args)...)...)
		if n++; batch.Len() == 1000 {
			if err := send(); err != nil {
				return n, err
			}
		}
	}
	if batch.Len() == 0 {
		return n, nil
	}
	return n, send()
}

func (p *postgres) point(ctx context.Context, q *Query, key int64, f func(Row)) (found bool, err error) {
	c, err := p.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer c.Release()
	if err := prepare(ctx, c.Conn(), q); err != nil {
		return false, err
	}
	rows, err := c.Query(ctx, q.name, key)
	if err != nil {
		return false, fmt.Errorf("%s: %w", q.name, err)
	}
	return pointRow(q, rows, f)
}

func pointRow(q *Query, rows pgx.Rows, f func(Row)) (found bool, err error) {
	defer rows.Close()
	if rows.Next() {
		found = true
		f(Row{raw: rows.RawValues(), fields: rows.FieldDescriptions()})
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return false, fmt.Errorf("%s: %w", q.name, err)
	}
	return found, nil
}

func (p *postgres) span(ctx context.Context, q *Query, after, n int64, f func(Row)) error {
	c, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	if err := prepare(ctx, c.Conn(), q); err != nil {
		return err
	}
	rows, err := c.Query(ctx, q.name, after, n)
	if err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	defer rows.Close()
	for rows.Next() {
		f(Row{raw: rows.RawValues(), fields: rows.FieldDescriptions()})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	return nil
}

func (p *postgres) points(ctx context.Context, q *Query, keys []int64, f func(int, Row)) error {
	c, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	if err := prepare(ctx, c.Conn(), q); err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, key := range keys {
		batch.Queue(q.name, key)
	}
	answers := c.SendBatch(ctx, batch)
	defer func() { _ = answers.Close() }()
	for i := range keys {
		rows, err := answers.Query()
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		if _, err := pointRow(q, rows, func(r Row) { f(i, r) }); err != nil {
			return err
		}
	}
	return answers.Close()
}
