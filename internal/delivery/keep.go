package delivery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

const (
	tendEvery = time.Hour
	leftAfter = 24 * time.Hour
	lapse     = 3 // times Keep without a word of the agency
)

// Tend forgets, every hour until ctx ends, what has been kept long enough. tell
// hears of what did not work and is tried again.
func (b *Book) Tend(ctx context.Context, tell func(error)) {
	for {
		if err := b.Forget(ctx); err != nil && ctx.Err() == nil {
			tell(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(tendEvery):
		}
	}
}

// Forget removes files, rows and packages whose time is over: Keep after
// acknowledgement, refusal, stop or withdrawal; thrice as long after a result
// that nobody acknowledged, or a file that was never started. What was answered
// stays in the journal, as long as that keeps it.
func (b *Book) Forget(ctx context.Context) error {
	var all []Delivery
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(deliveryKept, []any{b.c.Node}, func(scan func(...any) error) error {
			d, err := scanDelivery(scan)
			if err == nil && b.c.Clock().After(d.kept(b.Keep)) {
				all = append(all, *d)
			}
			return err
		})
	})
	for i := range all {
		if err == nil {
			err = b.forget(ctx, &all[i])
		}
	}
	return errors.Join(err, b.sweep())
}

// sweep removes what a crash has left half written. All of it is encrypted.
func (b *Book) sweep() error {
	left, err := filepath.Glob(filepath.Join(b.c.Dir, ".*-*"))
	for _, path := range left {
		info, gone := os.Stat(path)
		if gone == nil && time.Since(info.ModTime()) > leftAfter {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return disk(err)
}

// kept is the moment until which a delivery's file, rows and package are kept.
func (d *Delivery) kept(keep time.Duration) time.Time {
	switch d.State {
	case Acknowledged:
		return d.Acknowledged.Add(keep)
	case Refused, Stopped, Withdrawn:
		return d.Ended.Add(keep)
	case Delivered:
		return d.Delivered.Add(lapse * keep)
	case Requested, Approved:
		return d.Requested.Add(lapse * keep)
	}
	return time.Now().AddDate(1, 0, 0) // it is being worked on
}

// forget removes what is kept of one delivery, and then says so. A crash before
// the end leaves a delivery that is forgotten again.
func (b *Book) forget(ctx context.Context, d *Delivery) error {
	var err error
	for _, form := range []string{"%d-*.age", "%d.*.age"} { // its file; its package
		paths, broken := filepath.Glob(filepath.Join(b.c.Dir, fmt.Sprintf(form, d.ID)))
		err = errors.Join(err, broken)
		for _, path := range paths {
			err = errors.Join(err, os.Remove(path))
		}
	}
	if err != nil {
		return disk(err)
	}
	if err := b.forgetRows(ctx, d.ID); err != nil {
		return err
	}
	a := register.Act{Kind: receipt.Delivery, Actor: system, Why: "delivery-forgotten", Agency: d.Agency, Clock: b.c.Clock}
	_, err = register.Do(ctx, b.c.DB, b.c.Journal, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		now, err := byID(tx, d.ID)
		if err != nil {
			return nil, err
		}
		if err := forgetCases(tx, d.ID); err != nil {
			return nil, err
		}
		now.Purged, now.reading = c.At, Reading{}
		if now.State == Requested || now.State == Approved {
			now.State, now.Ended = Withdrawn, c.At // nobody came back
		}
		return now.body(), now.put(tx)
	})
	return err
}
