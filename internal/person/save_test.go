package person

import (
	"context"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Save puts a record as an act of its own, without an event.
func (b *Book) Save(ctx context.Context, j *journal.Journal, actor journal.Actor, kind receipt.Kind, why string, p *Person) (journal.Proven, error) {
	saved := *p
	a := register.Act{Kind: kind, Actor: actor, Why: why, Subject: p.Number, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		saved = *p // the function may run again
		if err := Put(tx, c, &saved); err != nil {
			return nil, err
		}
		return saved.appendBody(nil), nil
	})
	if err == nil {
		*p = saved
	}
	return proven, err
}

// CardValidUntil is validUntil in a transaction of its own.
func (b *Book) CardValidUntil(ctx context.Context, issued persian.Date) (last persian.Date, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		last, err = validUntil(tx, issued)
		return err
	})
	return last, err
}
