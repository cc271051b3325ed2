package storetest_test

import (
	"os"
	"testing"

	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// Each test has a database that nobody has written to.
func TestClean(t *testing.T) {
	for range 2 {
		storetest.Each(t, func(t *testing.T, url string) {
			db, err := store.Open(t.Context(), url, store.Register)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			if n, err := db.Generation(t.Context(), "place"); n != 0 || err != nil {
				t.Fatalf("generation %d, %v; want 0", n, err)
			}
			if err := db.Write(t.Context(), func(tx *store.Tx) error { return store.Bump(tx, "place") }); err != nil {
				t.Fatal(err)
			}
			if n, err := db.Generation(t.Context(), "place"); n != 1 || err != nil {
				t.Fatalf("generation %d, %v; want 1", n, err)
			}
		})
	}
}

// A database without tables is refused, not used.
func TestEmpty(t *testing.T) {
	if _, err := os.Stat("/usr/lib/postgresql"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("PostgreSQL is not installed")
	}
	for _, url := range []string{t.TempDir(), storetest.EmptyPostgres(t)} {
		if db, err := store.Open(t.Context(), url, store.Register); err == nil {
			_ = db.Close()
			t.Errorf("%s: opened without its schema", store.EngineOf(url))
		}
	}
}
