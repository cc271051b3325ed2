package delivery

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// What the guard has stopped is a supervisor's case: he finds it in the list of
// stopped deliveries, asks the agency, and lets it go on, or does nothing, and the
// file is forgotten in its time.

// guardKeys begin all that the guard says; released is the note of a delivery
// that goes on all the same.
const (
	guardKeys = "delivery.guard."
	released  = "delivery.released"
)

// Releasing lets a delivery go on that the guard has stopped.
type Releasing struct {
	Delivery int64 `json:"delivery"`
	register.Grounds
}

// Release puts a delivery that the guard has stopped back into the queue; the
// guard does not look at it again. What was stopped for another reason stays so.
// Faults: delivery.state, delivery.purged.
func (b *Book) Release(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Releasing) (*Delivery, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "delivery-released", in.Delivery, func(tx *store.Tx, c *register.Change, d *Delivery) error {
		switch {
		case d.State != Stopped || !strings.HasPrefix(d.Note, guardKeys):
			return errState
		case !d.Purged.IsZero():
			return fault.New(fault.Conflict, "delivery.purged").At("delivery")
		}
		d.State, d.Note, d.Queued, d.Ended = Queued, released, c.At, time.Time{}
		args, err := json.Marshal(Of{d.ID})
		if err != nil {
			return err
		}
		d.Job, err = job.Enqueue(tx, actor, jobKind(d.node), args, c.At)
		return err
	})
}
