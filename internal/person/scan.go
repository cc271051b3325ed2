package person

import (
	"context"
	"slices"

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
	return b.fillAll(ctx, rows)
}

// Since lists the changes after a number as Changes does, at most n, and the
// records that they are about, each once and in the order of numbers, as all of
// them stood at one moment: when fewer than n changes come, that is the moment of
// the last of them.
func (b *Book) Since(ctx context.Context, after int64, n int) (changes []Changed, persons []Person, err error) {
	var rows []row
	err = b.db.Read(ctx, func(tx *store.Tx) (err error) {
		if changes, err = changesIn(tx, after, n); err != nil {
			return err
		}
		numbers := make([]ids.NationalNumber, len(changes))
		for i := range changes {
			numbers[i] = changes[i].Number
		}
		slices.Sort(numbers)
		numbers = slices.Compact(numbers)
		rows = make([]row, len(numbers))
		for i, number := range numbers {
			if _, err := tx.One(personByNumber, []any{int64(number)}, rows[i].columns()...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	persons, err = b.fillAll(ctx, rows)
	return changes, persons, err
}

// fillAll makes Persons of rows.
func (b *Book) fillAll(ctx context.Context, rows []row) ([]Person, error) {
	today := persian.DateOf(b.Clock())
	persons := make([]Person, len(rows))
	for i := range rows {
		if err := b.fill(ctx, &rows[i], &persons[i], today); err != nil {
			return nil, err
		}
	}
	return persons, nil
}

// loadNoun counts the transactions of Load, which tells no change.
const loadNoun = "person_load"

// Loads counts what Load has put in: who has a copy of the register knows by it
// that there is more than Changes tells.
func (b *Book) Loads(ctx context.Context) (int64, error) {
	return b.db.Generation(ctx, loadNoun)
}
