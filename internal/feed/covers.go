package feed

import (
	"context"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Covers says of each person whether the agency has a follow mark for him that
// holds today; 0 is nobody.
func (b *Book) Covers(ctx context.Context, agency ids.LegalID, numbers []ids.NationalNumber) ([]bool, error) {
	covered := make([]bool, len(numbers))
	today := b.today()
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		for i, n := range numbers {
			until := int64(0)
			if n == 0 {
				continue
			}
			found, err := tx.One(followUntil, []any{int64(agency), int64(n)}, &until)
			if err != nil {
				return err
			}
			covered[i] = found && persian.UnpackDate(int32(until)).Compare(today) >= 0
		}
		return nil
	})
	return covered, err
}
