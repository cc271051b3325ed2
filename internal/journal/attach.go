package journal

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
)

// Attach opens a journal whose node another process runs: for commands that
// change the registers while the service is up. It takes no lease and writes
// no entry itself: an act that is posted is brought into the log by the node,
// and Settle waits for that. Commit is refused with "journal.attached".
func Attach(ctx context.Context, c Config) (*Journal, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	j := &Journal{config: c, logger: c.Logger, node: nodeHash(c.Node), attached: true}
	j.ctx, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	j.queue.init(c.Gather)
	j.tail.init(c.Clock)
	j.outbox.init()
	j.dead.Store(errAttached)
	err := j.openStores(ctx)
	if err == nil {
		err = j.readLogs(ctx)
	}
	if err != nil {
		j.Close()
		return nil, err
	}
	return j, nil
}

// awaitPeriod is how often an attached journal looks whether an act is in the
// log; the projections that it looks in are themselves up to a second behind.
// After awaitMost the node has probably gone.
const (
	awaitPeriod = 50 * time.Millisecond
	awaitMost   = 20 * time.Second
)

// await is Settle while another process runs the node. If the node goes away
// meanwhile, the act stays posted, and its next start brings it into the log:
// fault "journal.waiting".
func (j *Journal) await(ctx context.Context, act ActID) (Proven, error) {
	for waited := time.Duration(0); ; waited += awaitPeriod {
		if err := j.readLogs(ctx); err != nil {
			return Proven{}, err
		}
		if p, found, err := j.seen(ctx, act); found || err != nil {
			return p, err
		}
		if waited > awaitMost {
			return Proven{}, fault.New(fault.Unavailable, "journal.waiting")
		}
		select {
		case <-time.After(awaitPeriod):
		case <-ctx.Done():
			return Proven{}, gone(ctx)
		case <-j.ctx.Done():
			return Proven{}, errClosed
		}
	}
}

// Settled is SettleAll for who wants no proofs. Beside another process it costs
// a look into the outbox: what has left it is in the log.
func (j *Journal) Settled(ctx context.Context, acts []ActID) error {
	if !j.attached {
		_, err := j.SettleAll(ctx, acts)
		return err
	}
	for waited := time.Duration(0); ; waited += awaitPeriod {
		left, err := j.unsettled(ctx, acts)
		switch {
		case err != nil || len(left) == 0:
			return err
		case len(left) < len(acts):
			acts, waited = left, 0
		case waited > awaitMost:
			return fault.New(fault.Unavailable, "journal.waiting")
		}
		select {
		case <-time.After(awaitPeriod):
		case <-ctx.Done():
			return gone(ctx)
		case <-j.ctx.Done():
			return errClosed
		}
	}
}

// unsettled lists the acts that are in the outbox still.
func (j *Journal) unsettled(ctx context.Context, acts []ActID) (left []ActID, err error) {
	err = j.register.Read(ctx, func(tx *store.Tx) error {
		left = nil
		for _, act := range acts {
			var node int64
			found, err := tx.One(holdsOutbox, []any{act[:]}, &node)
			if err != nil {
				return err
			}
			if found {
				left = append(left, act)
			}
		}
		return nil
	})
	return left, err
}

// seen finds an act in the projections. Its proof is not read: the node has
// signed nothing for us, and who asks for a receipt asks the node.
func (j *Journal) seen(ctx context.Context, act ActID) (p Proven, found bool, err error) {
	a, found, err := j.keyAt(ctx, act.key())
	if err != nil || !found {
		return Proven{}, false, err
	}
	l := j.logAt(a.position / logSpan)
	p = Proven{Log: l.number, Origin: l.origin, Index: a.position % logSpan, Replayed: true}
	if l.code != nil {
		p.Code = l.code.Code(l.number, p.Index)
	}
	return p, true, nil
}
