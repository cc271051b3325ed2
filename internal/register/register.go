// Package register holds what all registers share: how a change becomes an
// act, and how small registers are kept in memory.
//
// An act that changes rows goes like this, whatever the register:
//
//  1. One transaction writes the new rows, the old ones into their history,
//     and the act's entry into the journal's outbox. A crash before its commit
//     leaves nothing of the act, one after it all of it.
//  2. The journal takes the entry from the outbox into the log; after a crash
//     it does so at the next start, once, by the act's id.
//  3. Only when the entry is in the log the act is answered.
package register

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Change is what every changed row remembers of the act that changed it.
type Change struct {
	Actor journal.Actor
	Why   string // code word
	At    time.Time
	Act   journal.ActID
}

// Micros is the moment of the change as rows store it.
func (c *Change) Micros() int64 { return c.At.UnixMicro() }

// Act says what an act is about; the rows are the business of Do's function.
type Act struct {
	Kind    receipt.Kind
	Actor   journal.Actor
	Why     string // code word: letters, digits, dots, dashes
	Subject ids.NationalNumber
	Agency  ids.LegalID      // the agency that the act concerns, if any
	Clock   func() time.Time // nil: time.Now
}

// Do performs an act. change writes the rows and returns the members of the
// record that say what was done (canonical JSON without braces); on PostgreSQL
// it may run more than once.
func Do(ctx context.Context, db *store.DB, j *journal.Journal, a Act, change func(*store.Tx, *Change) ([]byte, error)) (journal.Proven, error) {
	act := j.NewAct()
	err := db.Write(ctx, func(tx *store.Tx) error { return a.post(tx, act, change) }) // 1
	if err = certain(ctx, j, []journal.ActID{act}, err); err != nil {
		return journal.Proven{}, err
	}
	return j.Settle(ctx, act) // 2, 3
}

// head is the part of the record that all acts have: who and why.
func (a *Act) head() []byte {
	b := a.Actor.AppendTo(append(make([]byte, 0, 512), `"actor":`...))
	b = append(b, `,"why":`...)
	return append(receipt.AppendString(b, a.Why), ',')
}
