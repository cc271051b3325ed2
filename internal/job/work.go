package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
)

const (
	leaseFor  = 30 * time.Second // a dead worker's job is taken up after this
	pollEvery = 250 * time.Millisecond
	firstWait = 2 * time.Second // before the second try; doubled each time
	mostWait  = 5 * time.Minute
	mostTries = 20 // without getting on

	keepFor     = 30 * 24 * time.Hour // a job that has ended can be asked for so long
	forgetEvery = time.Hour
)

// Handler does the jobs of one kind. It starts at r.Mark, calls r.Step at
// points from which it can go on after a crash, and ends when ctx does. Its
// result is JSON without personal data; nil is "{}".
type Handler func(ctx context.Context, r *Run) (result []byte, err error)

// Queue takes jobs up. It is safe for concurrent use.
type Queue struct {
	Logger *slog.Logger // set before Work

	db       *store.DB
	now      func() time.Time
	lease    time.Duration
	handlers map[string]Handler
}

// Open makes a queue on the register db. Several, in several processes, share
// the jobs.
func Open(_ context.Context, db *store.DB) (*Queue, error) {
	if db.Database() != store.Register {
		return nil, errors.New("job: the queue stands in the register's database")
	}
	return &Queue{Logger: slog.Default(), db: db, now: time.Now, lease: leaseFor, handlers: map[string]Handler{}}, nil
}

// Handle says who does the jobs of a kind; before Work. Jobs of a kind without
// a handler wait for another node that has one.
func (q *Queue) Handle(kind string, f func(ctx context.Context, r *Run) (result []byte, err error)) {
	q.handlers[kind] = f
}

// Run is a job being done by this worker.
type Run struct {
	q          *Queue
	id, epoch  int64
	tries      int64
	kind       string
	args, mark []byte
	done       int64
	stop       context.CancelCauseFunc
}

// ID is the job's.
func (r *Run) ID() int64 { return r.id }

// Args is what Enqueue was given.
func (r *Run) Args() []byte { return r.args }

// Mark is what the last Step was given, by this worker or an earlier one; empty
// at the beginning.
func (r *Run) Mark() []byte { return r.mark }

// Done is how much the last Step said was done.
func (r *Run) Done() int64 { return r.done }

// errLost ends a handler whose job is another's now, or cancelled.
var errLost = fault.New(fault.Conflict, "job.lost")

// Step is a point to go on from: what was done so far is durable before Step is
// called, and will not be done again. It fails when the job was cancelled or
// taken over; the handler then ends with the error.
func (r *Run) Step(ctx context.Context, done, total int64, mark []byte) error {
	return r.q.db.Write(ctx, func(tx *store.Tx) error { return r.StepIn(tx, done, total, mark) })
}

// StepIn is Step within the handler's own transaction: the rows it writes there
// and the step are durable together, so nothing is done twice.
func (r *Run) StepIn(tx *store.Tx, done, total int64, mark []byte) error {
	if mark == nil {
		mark = []byte{}
	}
	n, err := tx.Exec(jobStep, r.q.now().Add(r.q.lease).UnixMicro(), done, total, mark, r.id, r.epoch)
	if err == nil && n != 1 {
		r.stop(errLost)
		err = errLost
	}
	if err == nil {
		r.mark, r.done, r.tries = mark, done, 1
	}
	return err
}

// Work takes jobs up one at a time, until ctx ends; a job that is under way
// then is handed back and goes on elsewhere, or at the next start. Called twice
// at a time it does two jobs at a time. Jobs that ended long ago are forgotten.
func (q *Queue) Work(ctx context.Context) error {
	for forgotten := (time.Time{}); ; {
		if now := q.now(); now.Sub(forgotten) >= forgetEvery {
			forgotten = now
			if err := q.forget(ctx); err != nil && ctx.Err() == nil {
				q.Logger.Warn("jobs that ended long ago cannot be forgotten; trying again later", "error", err)
			}
		}
		r, err := q.take(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			q.Logger.Warn("no job can be taken up; trying again", "error", err)
		case r != nil:
			q.do(ctx, r)
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollEvery):
		}
	}
}

// forget deletes the jobs that ended so long ago that nobody asks for them.
func (q *Queue) forget(ctx context.Context) error {
	return q.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(jobForget, q.now().Add(-keepFor).UnixMicro())
		return err
	})
}

// take takes up the job that has been due for the longest time, if any: one
// that waits, or one whose worker's lease is over.
//
// A crash after it leaves a job that runs nowhere; it is taken up when the
// lease is over.
func (q *Queue) take(ctx context.Context) (r *Run, err error) {
	var due []Run
	err = q.db.Read(ctx, func(tx *store.Tx) error {
		due = due[:0]
		return tx.Each(jobDue, []any{q.now().UnixMicro()}, func(scan func(...any) error) error {
			var r Run
			if err := scan(&r.id, &r.kind, &r.epoch, &r.tries); err != nil {
				return err
			}
			if q.handlers[r.kind] != nil {
				due = append(due, r)
			}
			return nil
		})
	})
	for i := 0; i < len(due) && err == nil; i++ {
		taken := false
		err = q.db.Write(ctx, func(tx *store.Tx) error {
			now := q.now()
			r = &due[i]
			n, err := tx.Exec(jobTake, now.Add(q.lease).UnixMicro(), now.UnixMicro(), r.id, r.epoch)
			if taken = n == 1; err != nil || !taken {
				return err // another worker was faster
			}
			_, err = tx.One(jobTaken, []any{r.id}, &r.args, &r.mark, &r.done)
			return err
		})
		if err == nil && taken {
			r.q, r.epoch, r.tries = q, r.epoch+1, r.tries+1
			return r, nil
		}
	}
	return nil, err
}

// do runs the handler and writes the end.
func (q *Queue) do(ctx context.Context, r *Run) {
	var work context.Context
	work, r.stop = context.WithCancelCause(ctx)
	defer r.stop(nil)
	var holding sync.WaitGroup
	holding.Go(func() { r.hold(work) })
	result, err := r.handle(work)
	lost := errors.Is(context.Cause(work), errLost)
	r.stop(nil)
	holding.Wait()
	if lost || errors.Is(err, errLost) {
		return // cancelled, or another worker's by now
	}
	if broken := r.end(ctx, result, err); broken != nil {
		q.Logger.Warn("the end of a job cannot be written; it is taken up again", "job", r.id, "kind", r.kind, "error", broken)
	} else if err == nil {
		q.Logger.Info("a job is done", "job", r.id, "kind", r.kind, "done", r.done)
	}
}

// handle calls the handler; a panic of it is a failure of the job alone.
func (r *Run) handle(ctx context.Context) (result []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.q.Logger.Error("a job panicked", "job", r.id, "kind", r.kind, "stack", string(debug.Stack()))
			err = fault.Of(fmt.Errorf("job: panic in %s", r.kind))
		}
	}()
	if r.tries > mostTries {
		return nil, fault.New(fault.Conflict, "job.tries") // it takes its worker down each time
	}
	return r.q.handlers[r.kind](ctx, r)
}

// hold keeps the lease while the handler is between steps, and stops the
// handler when the lease is lost.
func (r *Run) hold(ctx context.Context) {
	every := time.NewTicker(r.q.lease / 4)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		err := r.q.db.Write(ctx, func(tx *store.Tx) error {
			n, err := tx.Exec(jobHold, r.q.now().Add(r.q.lease).UnixMicro(), r.id, r.epoch)
			if err == nil && n != 1 {
				err = errLost
			}
			return err
		})
		if errors.Is(err, errLost) {
			r.stop(errLost)
			return
		}
	}
}

// end writes how the run ended: the job is over, or waits for the next try.
func (r *Run) end(ctx context.Context, result []byte, err error) error {
	stopped := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	now := r.q.now()
	return r.q.db.Write(ctx, func(tx *store.Tx) error {
		if err == nil {
			if result == nil {
				result = []byte("{}")
			}
			_, err := tx.Exec(jobEnd, int64(Done), now.UnixMicro(), result, "", []byte{}, r.id, r.epoch)
			return err
		}
		if stopped {
			_, err := tx.Exec(jobBack, now.UnixMicro(), "", 1, r.id, r.epoch)
			return err
		}
		f := fault.Of(err)
		if again(f.Kind) && r.tries < mostTries {
			wait := min(mostWait, firstWait<<min(r.tries-1, 10))
			_, err := tx.Exec(jobBack, now.Add(wait).UnixMicro(), f.Key, 0, r.id, r.epoch)
			return err
		}
		if f.Kind == fault.Internal {
			r.q.Logger.Error("a job failed", "job", r.id, "kind", r.kind, "id", f.ID, "cause", err.Error())
		}
		_, err := tx.Exec(jobEnd, int64(Failed), now.UnixMicro(), []byte{}, f.Key, []byte{}, r.id, r.epoch)
		return err
	})
}

// again reports whether a fault of this kind goes away by waiting.
func again(k fault.Kind) bool { return k == fault.Unavailable || k == fault.Full || k == fault.TooMany }
