// Package job does later work: rows that an act enqueues in its own transaction
// and a worker takes up, with progress, retry and resumption after a crash.
//
// A job goes like this:
//
//  1. An act enqueues it in its transaction: both are there, or neither.
//  2. A worker of any node takes it up: it writes a lease and the next epoch
//     into the row. Of two workers only one succeeds.
//  3. The handler works in steps. Each Step writes durably how far it has come
//     and holds the lease for another while. A worker whose lease was lost can
//     write nothing more: its epoch is over.
//  4. The worker writes the end: done, or failed with the key of a message. A
//     fault that goes away by waiting is tried again, later each time.
//
// A crash after any of these leaves the row as it was. When the lease is over,
// another worker goes on from the last step; so a handler must do no harm when
// what follows its last step is done twice.
package job

import (
	"context"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store"
)

// State is how a job stands.
type State uint8

// The states; rows store these numbers.
const (
	Waiting   State = 1
	Running   State = 2
	Done      State = 3
	Failed    State = 4
	Cancelled State = 5
)

var states = [...]string{Waiting: "waiting", Running: "running", Done: "done", Failed: "failed", Cancelled: "cancelled"}

// String is the state's name.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// MarshalText is String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Ended reports whether nothing more will happen.
func (s State) Ended() bool { return s >= Done }

// Job is one piece of later work.
type Job struct {
	ID          int64
	Kind        string
	State       State
	Done, Total int64 // in units of the kind's own; Total 0: not known yet
	By          journal.Actor
	Made        time.Time
	Began       time.Time // zero: not yet
	Ended       time.Time // zero: not yet
	Result      []byte    // JSON, no personal data
	Fault       string    // message key: why it failed, or why it is tried again
}

// Rest is how long the job will take from now on if it goes on as it did; 0 if
// nothing can be said.
func (j *Job) Rest(now time.Time) time.Duration {
	if j.State != Running || j.Done <= 0 || j.Total <= j.Done {
		return 0
	}
	return time.Duration(float64(now.Sub(j.Began)) / float64(j.Done) * float64(j.Total-j.Done)).Round(time.Second)
}

// mostOpen is how many jobs of one person may wait or run: the queue is
// everybody's, and some of its jobs go through the whole register.
const mostOpen = 50

// Enqueue puts a job into the queue, in the caller's transaction: it is there
// if the transaction is. It is not taken up before the moment at. Fault:
// job.many.
func Enqueue(tx *store.Tx, by journal.Actor, kind string, args []byte, at time.Time) (id int64, err error) {
	open := 0
	if _, err := tx.One(jobOpen, []any{int64(by.Agency), by.ID}, &open); err != nil {
		return 0, err
	}
	if open >= mostOpen {
		return 0, fault.New(fault.Conflict, "job.many", strconv.Itoa(mostOpen))
	}
	if _, err := tx.One(jobLast, nil, &id); err != nil {
		return 0, err
	}
	id++
	if args == nil {
		args = []byte{}
	}
	_, err = tx.Exec(jobInsert, id, kind, args, at.UnixMicro(), []byte{}, by.Role, int64(by.Agency), by.ID, time.Now().UnixMicro())
	return id, err
}

// ByID finds a job.
func (q *Queue) ByID(ctx context.Context, id int64) (j *Job, found bool, err error) {
	err = q.db.Read(ctx, func(tx *store.Tx) error {
		j, found = nil, false
		return tx.Each(jobByID, []any{id}, func(scan func(...any) error) (err error) {
			j, err = scanJob(scan)
			found = true
			return err
		})
	})
	return j, found, err
}

// List lists at most n jobs, newest first, that are older than the job before;
// before 0 begins with the newest.
func (q *Queue) List(ctx context.Context, before int64, n int) (all []Job, err error) {
	if before <= 0 {
		before = 1 << 62
	}
	err = q.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(jobList, []any{before, int64(n)}, func(scan func(...any) error) error {
			j, err := scanJob(scan)
			if err == nil {
				all = append(all, *j)
			}
			return err
		})
	})
	return all, err
}

// Counts tells how many jobs are in each state.
func (q *Queue) Counts(ctx context.Context) (all map[State]int64, err error) {
	err = q.db.Read(ctx, func(tx *store.Tx) error {
		all = map[State]int64{}
		return tx.Each(jobCounts, nil, func(scan func(...any) error) error {
			var state, n int64
			err := scan(&state, &n)
			all[State(state)] = n
			return err
		})
	})
	return all, err
}

// Cancel ends a job that has not ended; one that runs stops at its next step
// at the latest. What it has done until then stays. Faults: job.unknown,
// job.ended.
func (q *Queue) Cancel(ctx context.Context, by journal.Actor, id int64) error {
	who := by.Role + " " + by.Agency.String() + " " + by.ID
	return q.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(jobCancel, q.now().UnixMicro(), who, []byte{}, id)
		if err != nil || n == 1 {
			return err
		}
		found := false
		if err := tx.Each(jobByID, []any{id}, func(scan func(...any) error) error {
			_, err := scanJob(scan)
			found = true
			return err
		}); err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "job.unknown").At("job")
		}
		return fault.New(fault.Conflict, "job.ended")
	})
}

// Wait waits until a job has ended. Fault: job.unknown.
func (q *Queue) Wait(ctx context.Context, id int64) (*Job, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, pollEvery) {
		j, found, err := q.ByID(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case !found:
			return nil, fault.New(fault.NotFound, "job.unknown").At("job")
		case j.State.Ended():
			return j, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

func scanJob(scan func(...any) error) (*Job, error) {
	var state, agency, made, began, ended int64
	j := &Job{}
	err := scan(&j.ID, &j.Kind, &state, &j.Done, &j.Total, &j.By.Role, &agency, &j.By.ID, &made, &began, &ended, &j.Result, &j.Fault)
	j.State, j.By.Agency = State(state), ids.LegalID(agency)
	j.Made, j.Began, j.Ended = store.Moment(made), store.Moment(began), store.Moment(ended)
	return j, err
}
