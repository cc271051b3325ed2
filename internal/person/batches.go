package person

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// ListedBatch is a batch of cards without its rows.
type ListedBatch struct {
	Batch  int64       `json:"batch"`
	Made   time.Time   `json:"made"`
	Rows   int         `json:"rows"`
	Open   int         `json:"open"`            // rows without a result
	Digest string      `json:"sha256"`          // of the file
	Agency ids.LegalID `json:"agency,omitzero"` // the printer's; absent: none has fetched it yet
}

// mostBatches is how many batches are listed.
const mostBatches = 100

// CardBatches lists the newest batches: to a printer those of his house, and
// those that no printer has fetched yet.
func (b *Book) CardBatches(ctx context.Context, actor journal.Actor) (all []ListedBatch, err error) {
	if err := register.Only(actor, register.Supervisor, register.Printer); err != nil {
		return nil, err
	}
	of := int64(0)
	if actor.Role == register.Printer {
		of = int64(actor.Agency)
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = []ListedBatch{}
		return tx.Each(batchList, []any{of, int64(mostBatches)}, func(scan func(...any) error) error {
			var l ListedBatch
			var made, agency int64
			var digest []byte
			err := scan(&l.Batch, &made, &l.Rows, &l.Open, &digest, &agency)
			l.Made, l.Digest, l.Agency = store.Moment(made), hex.EncodeToString(digest), ids.LegalID(agency)
			all = append(all, l)
			return err
		})
	})
	return all, err
}
