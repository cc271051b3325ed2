package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"

	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if task := os.Getenv("STORE_TEST_CHILD"); task != "" {
		os.Exit(child(task)) // see child_test.go
	}
	storetest.Main(m)
}

// The tests' own table, beside the nouns' ones.
const sampleTable = `CREATE TABLE sample (id %s PRIMARY KEY, n BIGINT NOT NULL, small INTEGER, word TEXT UNIQUE, data BYTEA)`

var (
	sampleInsert = store.Q(store.Register, "sample.insert",
		`INSERT INTO sample (id, n, small, word, data) VALUES ($1, $2, $3, $4, $5)`)
	sampleUpsert = store.Q(store.Register, "sample.upsert",
		`INSERT INTO sample (id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = excluded.n`)
	sampleAfter = store.Q(store.Register, "sample.after",
		`SELECT id, n FROM sample WHERE id > $1 ORDER BY id LIMIT $2`)
	sampleByID = store.Q(store.Register, "sample.by_id",
		`SELECT n, small, word, data FROM sample WHERE id = $1`)
	sampleSet   = store.Q(store.Register, "sample.set", `UPDATE sample SET n = $2 WHERE id = $1`)
	sampleAdd   = store.Q(store.Register, "sample.add", `UPDATE sample SET n = n + $2 WHERE id = $1`)
	sampleSum   = store.Q(store.Register, "sample.sum", `SELECT COUNT(*), CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM sample`)
	sampleAll   = store.Q(store.Register, "sample.all", `SELECT id, n FROM sample ORDER BY id`)
	sampleGone  = store.Q(store.Register, "sample.gone", `SELECT id FROM sample_of_nothing`)
	sampleData  = store.Q(store.Register, "sample.data", `UPDATE sample SET data = $2 WHERE id = $1`)
	sampleTrash = store.Q(store.Journal, "sample.trash", `SELECT 1`)
)

func sampleSQL(key string) string { return fmt.Sprintf(sampleTable, key) }

// withSample makes the tests' own table in a migrated store.
func withSample(t testing.TB, url string) {
	t.Helper()
	if store.EngineOf(url) == store.PostgreSQL {
		conn, err := pgx.Connect(t.Context(), url)
		must(t, err)
		defer func() { _ = conn.Close(context.Background()) }()
		_, err = conn.Exec(t.Context(), sampleSQL("BIGINT"))
		must(t, err)
		return
	}
	db, err := sql.Open("sqlite", filepath.Join(url, "register.db"))
	must(t, err)
	defer func() { _ = db.Close() }()
	_, err = db.Exec(sampleSQL("INTEGER"))
	must(t, err)
}

// open opens the register with the tests' table.
func open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url, store.Register)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
