// Package citizen is what the person himself can see and do: who asked about
// him, and locks on his own number.
//
// What he shows is his national number and an access code, which a clerk gives
// him after having seen him. Whatever is wrong (there is no such person, he has
// no code, it is not this one, it is over), the answer is the same.
//
//  1. Give: a clerk hands out a code; an earlier one ends. Only its hash is kept.
//  2. Admit: number and code together let him in (admit.go).
//  3. Asked: every entry of the log about him is shown, or counted among those
//     that a court keeps hidden for now. None is left out: the list is the
//     journal's own, and fsck holds it against the log (asked.go).
//  4. Lock: from the act's commit on, inquiries for a purpose that the law
//     leaves open to him are refused (lock.go).
package citizen

import (
	"context"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store"
)

// Book reads and changes accesses and locks. It is safe for concurrent use.
type Book struct {
	Clock  func() time.Time // set before use
	Months int              // how long an access is valid; set before use

	// Purposes are those that the law leaves to the person on a day, by code;
	// set before use. nil: none.
	Purposes func(on persian.Date) []string

	db       *store.DB
	persons  *person.Book
	agencies *agency.Book
	wrong    tries
}

// months is how long an access is valid: whoever uses it renews it by coming
// again, and one that is forgotten somewhere is not open for ever.
const months = 12

// Open makes a Book on the register db.
func Open(_ context.Context, db *store.DB, persons *person.Book, agencies *agency.Book) (*Book, error) {
	return &Book{Clock: time.Now, Months: months, db: db, persons: persons, agencies: agencies}, nil
}

// Open reports whether the law leaves it to the person whether he may be asked
// about for this purpose. It is a look into memory.
func (b *Book) Open(purpose string) bool {
	return purpose != "" && slices.Contains(b.open(), purpose)
}

func (b *Book) open() []string {
	if b.Purposes == nil {
		return nil
	}
	return b.Purposes(persian.DateOf(b.Clock()))
}

// Locked reports whether a person has locked his number for a purpose. It asks
// the rows, so that a lock holds for the first inquiry after it, on every node.
func (b *Book) Locked(ctx context.Context, n ids.NationalNumber, purpose string) (bool, error) {
	count := 0
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(lockHolds, []any{int64(n), purpose}, &count)
		return err
	})
	return count > 0, err
}

var errMissing = fault.New(fault.Invalid, "citizen.missing")
