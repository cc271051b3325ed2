// Package store keeps rows: SQLite files in a directory, or PostgreSQL.
//
// One dialect of SQL runs on both: the common subset, $1 placeholders in
// order. A noun states its queries once, as package-level variables made by Q
// in its rows.go, and runs them in a transaction of Read or Write:
//
//	var insertPlace = store.Q(store.Register, "place.insert", `INSERT …`)
//
//	err := db.Write(ctx, func(tx *store.Tx) error {
//		_, err := tx.Exec(insertPlace, code, …)
//		return err
//	})
//
// What is promised on both engines:
//
//   - Read sees one snapshot of the committed state.
//   - Writes are serialisable. SQLite has one writer at a time; PostgreSQL
//     runs the function again when two collide, so it must do nothing but
//     read and write rows and set variables afresh.
//   - When Write returns nil the rows are on disk (Register and Journal; a
//     power cut may take the last writes of Projection, never its consistency).
//   - A failed statement spoils its transaction: it is rolled back even if the
//     function swallows the error.
//   - After an I/O error of a commit nothing is written until restart
//     (fault "store.failed"); a full disk refuses writes ("store.full") only
//     as long as it is full.
//   - Point reads one row by its key, fast, outside any transaction. It sees
//     every write that this process has committed before the call, and those
//     of other processes at most about ten milliseconds later.
package store

import (
	"context"
	"strings"
	"sync"

	"github.com/estelam/estelam/internal/fault"
)

// Engine is the kind of database underneath.
type Engine uint8

// The two engines.
const (
	SQLite Engine = iota + 1
	PostgreSQL
)

// String is the engine's name.
func (e Engine) String() string {
	if e == PostgreSQL {
		return "postgres"
	}
	return "sqlite"
}

// EngineOf tells from the form of url which engine serves it.
func EngineOf(url string) Engine {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return PostgreSQL
	}
	return SQLite
}

// Database is one of the three databases. On SQLite each is a file of its own
// (readers of the register must not hold back the journal's write-ahead log);
// on PostgreSQL all three live in one database.
type Database struct{ name string }

// The databases.
var (
	Register   = Database{"register"}   // persons, places, agencies …: durable
	Journal    = Database{"journal"}    // the log: durable
	Projection = Database{"projection"} // look-ups rebuilt from the journal
)

var databases = []Database{Register, Journal, Projection}

// String is the database's name.
func (d Database) String() string { return d.name }

// durable reports whether a commit must survive a power cut.
func (d Database) durable() bool { return d != Projection }

// DB is an open database. It is safe for concurrent use.
type DB struct {
	database Database
	kind     Engine
	engine   engine
	closing  sync.Once
	closed   error
}

// engine has two implementations: *lite and *postgres.
type engine interface {
	read(ctx context.Context, f func(*Tx) error) error
	write(ctx context.Context, f func(*Tx) error) error
	point(ctx context.Context, q *Query, key int64, f func(Row)) (bool, error)
	points(ctx context.Context, q *Query, keys []int64, f func(int, Row)) error
	span(ctx context.Context, q *Query, after, n int64, f func(Row)) error
	close() error
}

// Open opens database d at url: a directory (SQLite) or postgres://…. It
// applies no migration: an old schema is fault "store.schema.old".
func Open(ctx context.Context, url string, d Database) (*DB, error) {
	db := &DB{database: d, kind: EngineOf(url)}
	var err error
	if db.kind == PostgreSQL {
		db.engine, err = openPostgres(ctx, url, d)
	} else {
		db.engine, err = openLite(ctx, url, d)
	}
	if err != nil {
		return nil, classify(err)
	}
	if err := db.checkSchema(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// Engine tells which engine is underneath.
func (db *DB) Engine() Engine { return db.kind }

// Database tells which of the three databases this is.
func (db *DB) Database() Database { return db.database }

// Close may be called again. No other call may be under way or follow.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closed = db.engine.close() })
	return db.closed
}

// Read runs f over one consistent snapshot.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	return classify(db.engine.read(ctx, f))
}

// Write runs f in a transaction and commits it. On PostgreSQL f may run more
// than once. When Write returns nil the rows are durable; after an error none
// of them are there, except for fault "store.unknown" (the connection broke
// during the commit), where either may be true.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	return classify(db.engine.write(ctx, f))
}

// Point reads the row of q whose key is $1 and hands it to f. The row is valid
// in f only; f must be short and must not use db.
func (db *DB) Point(ctx context.Context, q *Query, key int64, f func(Row)) (found bool, err error) {
	if err := q.of(db.database); err != nil {
		return false, err
	}
	found, err = db.engine.point(ctx, q, key, f)
	return found, classify(err)
}

// Points is Point for many keys; f is called in order for those found. It is
// not a snapshot: rows may be of different moments.
func (db *DB) Points(ctx context.Context, q *Query, keys []int64, f func(i int, r Row)) error {
	if err := q.of(db.database); err != nil {
		return err
	}
	return classify(db.engine.points(ctx, q, keys, f))
}

// Range reads the rows of q in their order and hands each to f, as Point does:
// $1 is the key after which they begin, $2 how many there are at most. It is for
// work that goes through a whole table, a few thousand rows at a time: while
// it reads, it holds one of the few connections that Point has as well. What any
// process has committed before the call it sees; one call sees one snapshot.
func (db *DB) Range(ctx context.Context, q *Query, after int64, n int, f func(Row)) error {
	if err := q.of(db.database); err != nil {
		return err
	}
	return classify(db.engine.span(ctx, q, after, int64(n), f))
}

// LogSize is how many bytes in the write-ahead log of SQLite are not yet in
// the database. It stays below some 50 MiB while as much is written as the disk
// takes; some seconds later only what these seconds brought is left, though
// small writes go on. Far more means that a Read does not end, which an operator
// must hear of. On PostgreSQL it is 0: the server watches its own.
func (db *DB) LogSize() int64 {
	if l, ok := db.engine.(*lite); ok {
		_, ahead := l.wal.size()
		return ahead
	}
	return 0
}

// Bump marks the rows of noun as changed, in the transaction that changes
// them, so that other processes' caches notice.
func Bump(tx *Tx, noun string) error {
	_, err := tx.Exec(bumpGeneration, noun)
	return err
}

// Generation is the number of changes to noun that Bump has marked.
func (db *DB) Generation(ctx context.Context, noun string) (int64, error) {
	var n int64
	err := db.Read(ctx, func(tx *Tx) error {
		_, err := tx.One(readGeneration, []any{noun}, &n)
		return err
	})
	return n, err
}

func (db *DB) checkSchema(ctx context.Context) error {
	want, err := newest(db.database)
	if err != nil || want == 0 {
		return err
	}
	var have int64
	err = db.Read(ctx, func(tx *Tx) error {
		_, err := tx.One(versions[db.database], nil, &have)
		return err
	})
	if err == nil && have < want {
		err = schemaOld
	}
	return err
}

var schemaOld = fault.New(fault.Unavailable, "store.schema.old")
