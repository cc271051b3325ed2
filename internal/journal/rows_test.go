package journal

import (
	"context"
	"testing"

	"github.com/estelam/estelam/internal/store"
)

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
