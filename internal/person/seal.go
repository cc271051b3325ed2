package person

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
)

// The columns that a seal may cover, as bits in person_seal.columns.
const (
	sealGiven = 1 << iota
	sealSurname
	sealFather
	sealParents // the parents that the birth was registered with
	sealColumns = 4

	parentsColumn = 3 // in seals
)

// seals tells for each column the last version that is sealed in it, 0 if none.
// In the versions up to that one the column shows what stands in the version
// after it, to everybody and in whichever way the past is asked for: by AsOf,
// At, History and Timeline. So a comparison with an old name says no more than
// one with any other name.
type seals [sealColumns]int64

// sealsOf reads a person's seals. A later seal covers what an earlier one put
// in the place of something older.
func sealsOf(tx *store.Tx, n ids.NationalNumber) (s seals, err error) {
	err = tx.Each(sealsByNumber, []any{int64(n)}, func(scan func(...any) error) error {
		var version, columns int64
		if err := scan(&version, &columns); err != nil {
			return err
		}
		for c := range s {
			if columns>>c&1 != 0 {
				s[c] = max(s[c], version)
			}
		}
		return nil
	})
	return s, err
}

// last is the last version in which anything is sealed.
func (s *seals) last() (last int64) {
	for _, version := range s {
		last = max(last, version)
	}
	return last
}

// cover replaces what is sealed in a row; at gives the row of a version.
func (s *seals) cover(r *row, at func(version int64) (*row, error)) error {
	for c, column := range []func(*row) *int64{
		func(r *row) *int64 { return &r.given },
		func(r *row) *int64 { return &r.surname },
		func(r *row) *int64 { return &r.father },
	} {
		if r.version() > s[c] {
			continue
		}
		open, err := at(s[c] + 1)
		if err != nil {
			return err
		}
		*column(r) = *column(open)
	}
	return nil
}

// coverOne is cover for a row that was read alone.
func coverOne(tx *store.Tx, r *row) error {
	s, err := sealsOf(tx, ids.NationalNumber(r.number))
	if err != nil {
		return err
	}
	return s.cover(r, func(version int64) (*row, error) {
		var past pastRow
		found, err := tx.One(historyVersion, []any{r.number, version}, past.columns()...)
		if !found && err == nil {
			_, err = tx.One(personByNumber, []any{r.number}, past.row.columns()...)
		}
		return &past.row, err
	})
}

// coverAll is cover for all versions of a record, in order from the first.
func (s *seals) coverAll(rows []pastRow) error {
	for i := range rows {
		err := s.cover(&rows[i].row, func(version int64) (*row, error) { return &rows[version-rows[0].row.version()].row, nil })
		if err != nil {
			return err
		}
	}
	return nil
}

// lastAdoption is the event of a person's last adoption; nil: there was none.
func lastAdoption(tx *store.Tx, n ids.NationalNumber) (last *Event, err error) {
	events, err := eventsOf(tx, n)
	for i := range events {
		if e := &events[i]; e.Kind == "adoption" && e.Version != 0 {
			last = e
		}
	}
	return last, err
}

// Adopted tells when a person was last adopted, zero if never. What others have
// kept of him from before may hold what is sealed now.
func (b *Book) Adopted(ctx context.Context, n ids.NationalNumber) (at time.Time, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		at = time.Time{}
		last, err := lastAdoption(tx, n)
		if last != nil {
			at = last.At
		}
		return err
	})
	return at, err
}
