package citizen

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Lock is a lock on a person's own number.
type Lock struct {
	Purpose string    `json:"purpose"` // "": every purpose that the law leaves open
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until,omitzero"` // when it was lifted; absent: it holds
}

// Locks is what a person has locked, and what he could lock.
type Locks struct {
	Open  []string `json:"open"`  // purposes that the law leaves to him today
	Locks []Lock   `json:"locks"` // newest first
}

// mostLocks bounds the story of a person's locks that is told.
const mostLocks = 1000

// Lock refuses, from its commit on, inquiries about the person for a purpose;
// "" for every one that the law leaves to him, also of later decisions. Faults:
// citizen.purpose (the law leaves no choice there), citizen.locked.
func (b *Book) Lock(ctx context.Context, j *journal.Journal, who *Who, purpose string) (Locks, journal.Proven, error) {
	if purpose != "" && !b.Open(purpose) {
		return Locks{}, journal.Proven{}, fault.New(fault.Invalid, "citizen.purpose").At("purpose")
	}
	return b.turn(ctx, j, who, purpose, "locked", func(tx *store.Tx, c *register.Change) error {
		held, id := 0, int64(0)
		if _, err := tx.One(lockExact, []any{int64(who.Number), purpose}, &held); err != nil {
			return err
		}
		if held > 0 {
			return fault.New(fault.Conflict, "citizen.locked").At("purpose")
		}
		if _, err := tx.One(lockLast, nil, &id); err != nil {
			return err
		}
		_, err := tx.Exec(lockInsert, id+1, int64(who.Number), purpose, c.Micros(), c.Act[:])
		return err
	})
}

// Unlock lifts a lock, also one of a purpose that is no longer left open.
// Fault: citizen.unlocked.
func (b *Book) Unlock(ctx context.Context, j *journal.Journal, who *Who, purpose string) (Locks, journal.Proven, error) {
	return b.turn(ctx, j, who, purpose, "unlocked", func(tx *store.Tx, c *register.Change) error {
		n, err := tx.Exec(lockEnd, c.Micros(), int64(who.Number), purpose)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "citizen.unlocked").At("purpose")
		}
		return err
	})
}

// turn sets or lifts a lock, and gives the locks as they stand then.
func (b *Book) turn(ctx context.Context, j *journal.Journal, who *Who, purpose, why string, change func(*store.Tx, *register.Change) error) (Locks, journal.Proven, error) {
	all := Locks{}
	a := register.Act{Kind: receipt.Access, Actor: who.actor, Why: why, Subject: who.Number, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if err := change(tx, c); err != nil {
			return nil, err
		}
		if all, err = b.locks(tx, who.Number); err != nil {
			return nil, err
		}
		return receipt.AppendString([]byte(`"purpose":`), purpose), nil
	})
	return all, proven, err
}

// Locks are a person's locks, those lifted too.
func (b *Book) Locks(ctx context.Context, who *Who) (all Locks, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = b.locks(tx, who.Number)
		return err
	})
	return all, err
}

func (b *Book) locks(tx *store.Tx, n ids.NationalNumber) (Locks, error) {
	all := Locks{Open: b.open()}
	err := tx.Each(lockAll, []any{int64(n), int64(mostLocks)}, func(scan func(...any) error) error {
		var l Lock
		var since, ended int64
		err := scan(&l.Purpose, &since, &ended)
		l.Since = time.UnixMicro(since).UTC()
		if ended != 0 {
			l.Until = time.UnixMicro(ended).UTC()
		}
		all.Locks = append(all.Locks, l)
		return err
	})
	return all, err
}
