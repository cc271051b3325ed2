package account

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
)

var errUnmarked = fault.New(fault.Forbidden, "account.demo.unmarked")

// Demo reports whether the registers bear the mark of a demo: everybody in them
// is invented. Whatever a server is told at its start, only then somebody signs
// in by one click.
func Demo(ctx context.Context, db *store.DB) (is bool, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		n := 0
		_, err := tx.One(demoFind, nil, &n)
		is = n > 0
		return err
	})
	return is, err
}

// MarkDemo puts the mark into empty registers; into others it cannot come. Fault:
// account.demo.used.
func MarkDemo(ctx context.Context, db *store.DB, now time.Time) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		n := 0
		if _, err := tx.One(demoEmpty, nil, &n); err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "account.demo.used")
		}
		_, err := tx.Exec(demoInsert, now.UnixMicro())
		return err
	})
}

// CheckDemo refuses registers without the mark. Fault: account.demo.unmarked.
func (b *Book) CheckDemo() error {
	if !b.demo {
		return errUnmarked
	}
	return nil
}

// SignInDemo is a sign-in by one click, as any officer. It does nothing in
// registers without the mark of a demo. Faults: account.demo.unmarked,
// account.ended.
func (b *Book) SignInDemo(w Who) (*agency.Officer, error) {
	if !b.demo {
		return nil, errUnmarked
	}
	_, o, err := b.find(w)
	return o, err
}
