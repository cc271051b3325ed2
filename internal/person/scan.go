package person

import (
	"context"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Scan reads the next n records after a number, in the order of numbers, for
// work that goes through the whole register: each call is one short read, and
// the last number it gave is where to go on. It gives fewer than n only at the
// end.
func (b *Book) Scan(ctx context.Context, after ids.NationalNumber, n int) ([]Person, error) {
	rows := make([]row, 0, n)
	if err := b.db.Range(ctx, personScan, int64(after), n, func(r store.Row) {
		rows = append(rows, row{})
		rows[len(rows)-1].read(r)
	}); err != nil {
		return nil, err
	}
	today := persian.DateOf(b.Clock())
	persons := make([]Person, len(rows))
	for i := range rows {
		if err := b.fill(ctx, &rows[i], &persons[i], today); err != nil {
			return nil, err
		}
	}
	return persons, nil
}
