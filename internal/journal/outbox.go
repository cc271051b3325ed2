package journal

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// ActID names one act that changes rows of the register. Its first half is the
// node that will write its entry.
type ActID [16]byte

// NewAct draws the id of an act that this node's log will record.
func (j *Journal) NewAct() ActID {
	var id ActID
	_, _ = rand.Read(id[8:]) // never fails
	binary.BigEndian.PutUint64(id[:], uint64(j.node))
	return id
}

// key is how the log remembers an act.
func (id ActID) key() [16]byte { return sum16("estelam/act/", id[:]) }

// Post writes the entry of an act into the outbox, in the transaction that
// changes the act's rows: both become durable, or neither. Settle brings it
// into the log; if the process dies before, the next Open does. The act is in
// the log once, however often this is repeated.
func Post(tx *store.Tx, act ActID, e Entry) error {
	if act == (ActID{}) {
		return errEntry.Because(errors.New("an act without an id"))
	}
	if err := check([]Entry{e}); err != nil {
		return err
	}
	m := meta{subject: e.Subject, agency: e.Agency, bucket: e.Bucket, key: e.Key, digest: e.Digest, officer: e.Officer}
	data := m.append([]byte{byte(e.Kind)})
	_, err := tx.Exec(insertOutbox, act[:], int64(binary.BigEndian.Uint64(act[:])), append(data, e.Body...))
	return err
}

// outbox is who waits for an act to be in the log.
type outbox struct {
	mu      sync.Mutex
	waiting map[ActID][]chan settled
	wake    chan struct{}
}

type settled struct {
	proven Proven
	err    error
}

func (o *outbox) init() {
	o.waiting = map[ActID][]chan settled{}
	o.wake = make(chan struct{}, 1)
}

// Settle waits until the entry of a posted act is in the log. It is called
// after the transaction of Post has been committed; called again it returns
// the same.
func (j *Journal) Settle(ctx context.Context, act ActID) (Proven, error) {
	p, err := j.SettleAll(ctx, []ActID{act})
	if err != nil {
		return Proven{}, err
	}
	return p[0], nil
}

// SettleAll is Settle for many acts, whose entries share batches of the log.
func (j *Journal) SettleAll(ctx context.Context, acts []ActID) (all []Proven, err error) {
	all = make([]Proven, len(acts))
	waiting := make([]chan settled, len(acts))
	for i, act := range acts {
		if j.attached {
			if all[i], err = j.await(ctx, act); err != nil {
				return nil, err
			}
			continue
		}
		p, found, err := j.replay(ctx, act.key(), [16]byte{}, true)
		if err != nil {
			return nil, err
		}
		if all[i] = deref(p); !found {
			waiting[i] = j.outbox.wait(act)
		}
	}
	select {
	case j.outbox.wake <- struct{}{}:
	default:
	}
	for i, done := range waiting {
		if done == nil {
			continue
		}
		select {
		case s := <-done:
			if s.err != nil {
				return nil, s.err
			}
			all[i] = s.proven
		case <-ctx.Done():
			return nil, gone(ctx)
		case <-j.ctx.Done():
			return nil, errClosed
		}
	}
	return all, nil
}

// Posted tells, after a transaction of Post whose end is not known (fault
// "store.unknown"), whether the act stands. Trying to post it again waits for a
// commit that may still be under way.
func (j *Journal) Posted(ctx context.Context, act ActID) (bool, error) {
	err := j.register.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(insertOutbox, act[:], int64(binary.BigEndian.Uint64(act[:])), []byte{}); err != nil {
			return err
		}
		return errProbe // which takes the row back
	})
	switch {
	case store.IsDuplicate(err):
		return true, nil
	case !errors.Is(err, errProbe):
		return false, err
	}
	_, found, err := j.replay(ctx, act.key(), [16]byte{}, true)
	return found, err
}

var errProbe = errors.New("only asking")

// wait is where the answer about an act will come.
func (o *outbox) wait(act ActID) chan settled {
	done := make(chan settled, 1)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting[act] = append(o.waiting[act], done)
	return done
}

// drainLoop takes acts from the outbox: at once when somebody of this process
// waits, and after drainPeriod what others have posted.
func (j *Journal) drainLoop() {
	for {
		select {
		case <-j.ctx.Done():
			return
		case <-j.outbox.wake:
		case <-time.After(drainPeriod):
		}
		if err := j.drain(j.ctx); err != nil && j.ctx.Err() == nil {
			j.logger.Warn("the outbox cannot be emptied; trying again", "error", err)
			j.outbox.tell(err)
		}
	}
}

// posted is one row of the outbox.
type posted struct {
	act   ActID
	entry Entry
}

// drain writes the acts of the outbox into the log and takes them out of it.
//
// A crash between the two leaves acts in the outbox that are in the log: the
// next drain finds them there by their act and only deletes them.
func (j *Journal) drain(ctx context.Context) error {
	for {
		waiting := j.outbox.waiters()
		acts, err := j.listOutbox(ctx)
		if err != nil {
			return err
		}
		if err := j.settleAll(ctx, acts); err != nil {
			return err
		}
		if len(acts) == 0 {
			return j.outbox.missing(ctx, j, waiting)
		}
	}
}

func (j *Journal) listOutbox(ctx context.Context) ([]posted, error) {
	var acts []posted
	err := j.register.Read(ctx, func(tx *store.Tx) error {
		acts = acts[:0]
		return tx.Each(listOutbox, []any{j.node}, func(scan func(...any) error) error {
			var act, data []byte
			if err := scan(&act, &data); err != nil {
				return err
			}
			p, err := parsePosted(act, data)
			acts = append(acts, p)
			return err
		})
	})
	return acts, err
}

func parsePosted(act, data []byte) (p posted, err error) {
	if len(act) != len(p.act) || len(data) < 2 {
		return p, altered("an act of the outbox is not in its form")
	}
	m, body, err := parseMeta(data[1:])
	if err != nil {
		return p, altered("an act of the outbox: %w", err)
	}
	p.act = ActID(act)
	p.entry = Entry{
		Kind: receipt.Kind(data[0]), Body: body, Subject: m.subject, Agency: m.agency,
		Officer: m.officer, Bucket: m.bucket, Key: m.key, Digest: m.digest,
	}
	return p, nil
}

// settleAll commits acts side by side, so that they share batches, wakes who
// waits, and deletes the rows of what is in the log in one transaction.
func (j *Journal) settleAll(ctx context.Context, acts []posted) error {
	results := make([]settled, len(acts))
	var wait sync.WaitGroup
	for i := range acts {
		wait.Go(func() {
			r := newRequest()
			r.alone[0], r.act = acts[i].entry, acts[i].act
			r.entries, r.key, r.digest = r.alone[:], acts[i].entry.Key, acts[i].entry.Digest
			results[i].proven, results[i].err = j.commitOne(ctx, r)
		})
	}
	wait.Wait()
	for i := range acts {
		j.outbox.answer(acts[i].act, results[i])
	}
	var failed error
	err := j.register.Write(ctx, func(tx *store.Tx) error {
		failed = nil
		for i := range acts {
			if results[i].err != nil {
				failed = results[i].err
				continue
			}
			if _, err := tx.Exec(deleteOutbox, acts[i].act[:]); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(failed, err)
}

func (o *outbox) answer(act ActID, s settled) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, done := range o.waiting[act] {
		done <- s
	}
	delete(o.waiting, act)
}

// tell hands everybody who waits an error.
func (o *outbox) tell(err error) {
	for _, act := range o.waiters() {
		o.answer(act, settled{err: err})
	}
}

func (o *outbox) waiters() []ActID {
	o.mu.Lock()
	defer o.mu.Unlock()
	var acts []ActID
	for act := range o.waiting {
		acts = append(acts, act)
	}
	return acts
}

// missing answers those who were waiting before an outbox was found empty:
// their act is in the log by now, or was never posted.
func (o *outbox) missing(ctx context.Context, j *Journal, acts []ActID) error {
	for _, act := range acts {
		p, found, err := j.replay(ctx, act.key(), [16]byte{}, true)
		if err == nil && !found {
			err = fault.New(fault.Internal, "journal.act.unknown")
		}
		o.answer(act, settled{deref(p), err})
	}
	return nil
}
