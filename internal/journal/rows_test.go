package journal

import (
	"context"
	"testing"

	"github.com/estelam/estelam/internal/store"
)

// Queries that only tests run: they do what the journal never does.
var (
	testTamperLeaves  = store.Q(store.Journal, "journal.test.leaves", `UPDATE batch SET leaves = $1 WHERE id = $2`)
	testTamperPrivate = store.Q(store.Journal, "journal.test.private", `UPDATE batch SET private = $1 WHERE id = $2`)
	testTamperRoot    = store.Q(store.Journal, "journal.test.root", `UPDATE batch SET root = $1 WHERE id = $2`)
	testTamperTime    = store.Q(store.Journal, "journal.test.time", `UPDATE batch SET time = $1 WHERE id = $2`)
	testTamperTile    = store.Q(store.Journal, "journal.test.tile", `UPDATE tile SET hashes = $1 WHERE id = $2`)
	testDeleteBatch   = store.Q(store.Journal, "journal.test.delete", `DELETE FROM batch WHERE id = $1`)
	testTiles         = store.Q(store.Journal, "journal.test.tiles", `SELECT id, hashes FROM tile ORDER BY id`)
	testBatches       = store.Q(store.Journal, "journal.test.batches", `SELECT id, leaves, private, root FROM batch ORDER BY id`)
	testOutbox        = store.Q(store.Register, "journal.test.outbox", `SELECT COUNT(*) FROM outbox`)

	testFewPages  = store.Q(store.Journal, "journal.test.few", `PRAGMA max_page_count = 30`).On(store.PostgreSQL, `SELECT 1`)
	testManyPages = store.Q(store.Journal, "journal.test.many", `PRAGMA max_page_count = 1000000`).On(store.PostgreSQL, `SELECT 1`)

	testForget = []*store.Query{
		store.Q(store.Projection, "journal.test.done", `DELETE FROM done`),
		store.Q(store.Projection, "journal.test.run", `DELETE FROM run`),
		store.Q(store.Projection, "journal.test.block", `DELETE FROM block`),
		store.Q(store.Projection, "journal.test.used", `DELETE FROM used`),
	}
)

// do runs statements on one database, past the journal.
func do(t testing.TB, url string, d store.Database, f func(tx *store.Tx) error) {
	t.Helper()
	db, err := store.Open(context.Background(), url, d)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func batchesOf(t testing.TB, j *Journal) (n int64) {
	t.Helper()
	err := j.db.Read(context.Background(), func(tx *store.Tx) error {
		_, err := tx.One(countBatches, nil, &n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
