package store

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/estelam/estelam/internal/fault"
)

// Migrations are migrations/<database>/NNNN_<name>.sql, numbered once for
// ever, in the form of goose. Both engines run the same files, except for two
// words: KEY64 is the type of a 64-bit primary key (on SQLite INTEGER, so that
// it is the row's own position), and CLUSTERED at the end of CREATE TABLE
// keeps a table in the order of its primary key (WITHOUT ROWID on SQLite,
// nothing on PostgreSQL). Every column has a comment on its line.
//
//go:embed migrations
var migrations embed.FS

var words = regexp.MustCompile(`\b(KEY64|CLUSTERED)\b`)

func spell(e Engine, text []byte) []byte {
	return words.ReplaceAllFunc(text, func(w []byte) []byte {
		switch string(w) + e.String() {
		case "KEY64sqlite":
			return []byte("INTEGER")
		case "KEY64postgres":
			return []byte("BIGINT")
		case "CLUSTEREDsqlite":
			return []byte("WITHOUT ROWID")
		}
		return nil
	})
}

// migrationLock is the advisory lock under which migrations run.
const migrationLock = int64(0x6573_7465_6c61_6d)

// spelled is the migrations in the spelling of an engine.
type spelled struct {
	fs.FS
	engine Engine
}

// Open reads a file whole and replaces the words.
func (s spelled) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &spelledFile{f, bytes.NewReader(spell(s.engine, text))}, nil
}

type spelledFile struct {
	fs.File
	text *bytes.Reader
}

func (f *spelledFile) Read(p []byte) (int, error) { return f.text.Read(p) }

// Migrate brings the three databases at url to the newest schema; a directory
// is created when missing. It may run again, and from two processes at once.
//
// A crash in it leaves each migration whole or absent.
func Migrate(ctx context.Context, url string) error {
	if EngineOf(url) == PostgreSQL {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			return badURL(err)
		}
		pool := stdlib.OpenDB(*config)
		pool.SetMaxOpenConns(1)             // the lock belongs to a connection
		defer func() { _ = pool.Close() }() // which lets the next one in
		if _, err := pool.ExecContext(ctx, waitForMigration, migrationLock); err != nil {
			return classify(err)
		}
		for _, d := range databases {
			if err := migrate(ctx, pool, d, PostgreSQL); err != nil {
				return err
			}
		}
		return nil
	}
	if err := os.MkdirAll(url, 0o700); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(filepath.Clean(url))); err != nil {
		return err
	}
	turn, err := os.Open(url)
	if err != nil {
		return err
	}
	defer func() { _ = turn.Close() }() // which lets the next one in
	if err := syscall.Flock(int(turn.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	for _, d := range databases {
		if err := migrateLite(ctx, url, d); err != nil {
			return err
		}
	}
	return nil
}

func migrateLite(ctx context.Context, dir string, d Database) error {
	path, err := filepath.Abs(liteFile(dir, d))
	if err != nil {
		return err
	}
	// The file holds personal data: nobody else may read it.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close(), SyncDir(dir)); err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", liteURI(path, d, "rwc"))
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	defer func() { _ = pool.Close() }()
	return migrate(ctx, pool, d, SQLite)
}

func migrate(ctx context.Context, pool *sql.DB, d Database, e Engine) error {
	files, err := fs.Sub(migrations, "migrations/"+d.name)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{
		goose.WithTableName(d.name + "_version"),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
	}
	dialect := goose.DialectSQLite3
	if e == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, pool, spelled{files, e}, options...)
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return classify(fmt.Errorf("migrate %s: %w", d, err))
	}
	return nil
}

// newest is the highest migration of d; 0 when it has none.
func newest(d Database) (int64, error) {
	names, err := fs.Glob(migrations, "migrations/"+d.name+"/*.sql")
	var n int64
	for _, name := range names {
		number, _, _ := strings.Cut(filepath.Base(name), "_")
		v, bad := strconv.ParseInt(number, 10, 64)
		if bad != nil {
			return 0, bad
		}
		n = max(n, v)
	}
	return n, err
}

// badURL hides the address, which may hold a password, from the message.
func badURL(error) error { return fault.New(fault.Invalid, "store.url").At("store") }
