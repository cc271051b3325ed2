// Package storetest gives each test a clean, migrated database of its own, on
// both engines. A package that uses it says so once:
//
//	func TestMain(m *testing.M) { storetest.Main(m) }
//
// PostgreSQL is started once per test binary, in a temporary directory, on a
// unix socket, as an unprivileged user; it dies with the test binary. Where it
// is not installed its subtests are skipped, but with CI=true they fail.
package storetest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/estelam/estelam/internal/store"
)

var (
	mainRan bool
	shared  struct {
		once   sync.Once
		server *Server
		err    error
	}
)

// Main runs the tests and stops the shared server. It belongs in TestMain.
func Main(m *testing.M) {
	mainRan = true
	code := m.Run()
	if shared.server != nil {
		shared.server.Stop()
	}
	os.Exit(code)
}

// Each runs f on a clean migrated database of each engine, as subtests
// "sqlite" and "postgres".
func Each(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite is a directory with the three migrated files.
func SQLite(t testing.TB) (url string) {
	t.Helper()
	files, err := liteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	dir := TempDir(t)
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// liteTemplate migrates once and keeps the files' bytes.
var liteTemplate = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "estelam-lite-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := store.Migrate(context.Background(), dir); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range names {
		if _, err := os.Stat(name + "-wal"); !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New("storetest: the template's log was left behind")
		}
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// Postgres is the URL of a clean migrated database on the shared server.
func Postgres(t testing.TB) (url string) {
	t.Helper()
	return sharedServer(t).Migrated(t)
}

// EmptyPostgres is the URL of a database without any table.
func EmptyPostgres(t testing.TB) (url string) {
	t.Helper()
	return sharedServer(t).Empty(t)
}

func sharedServer(t testing.TB) *Server {
	t.Helper()
	if !mainRan {
		t.Fatal("storetest: TestMain must call storetest.Main, which stops the server")
	}
	shared.once.Do(func() { shared.server, shared.err = start(false) })
	give(t, shared.err)
	return shared.server
}

// NewServer starts a PostgreSQL server of the test's own that really syncs,
// for tests that kill it.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s, err := start(true)
	give(t, err)
	t.Cleanup(s.Stop)
	return s
}

// give ends the test when there is no server.
func give(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
