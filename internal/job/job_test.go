package job

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv("JOB_CHILD"); url != "" {
		child(url)
	}
	storetest.Main(m)
}

var (
	ctx   = context.Background()
	clerk = journal.Actor{Role: "supervisor", Agency: 14003552272, ID: "s1"}
)

const shortLease = 400 * time.Millisecond

// queue opens one as another process would, with a lease that tests can wait for.
func queue(url string) (*Queue, error) {
	db, err := store.Open(ctx, url, store.Register)
	if err != nil {
		return nil, err
	}
	q, err := Open(ctx, db)
	if err == nil {
		q.lease = shortLease
	}
	return q, err
}

func open(t *testing.T, url string) *Queue {
	t.Helper()
	q, err := queue(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.db.Close() })
	return q
}

func enqueue(t *testing.T, q *Queue, kind, args string) (id int64) {
	t.Helper()
	if err := q.db.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = Enqueue(tx, clerk, kind, []byte(args), time.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

// start works until the test, or the returned function, ends it.
func start(t *testing.T, q *Queue) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		if err := q.Work(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); done.Wait() })
	t.Cleanup(stop)
	return stop
}

func wait(t *testing.T, q *Queue, id int64) *Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	j, err := q.Wait(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key || !message.Known(key) {
		t.Errorf("got %v, want %v %s", err, kind, key)
	}
}

func TestDone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		q := open(t, url)
		q.Handle("count", func(ctx context.Context, r *Run) ([]byte, error) {
			if string(r.Args()) != `{"to":3}` || len(r.Mark()) != 0 {
				t.Errorf("args %s, mark %s", r.Args(), r.Mark())
			}
			return []byte(`{"counted":3}`), r.Step(ctx, 3, 3, []byte("3"))
		})
		id := enqueue(t, q, "count", `{"to":3}`)
		if j, found, err := q.ByID(ctx, id); err != nil || !found || j.State != Waiting || !j.Began.IsZero() || j.By != clerk {
			t.Errorf("%+v %v %v", j, found, err)
		}
		start(t, q)
		j := wait(t, q, id)
		if j.State != Done || j.Done != 3 || j.Total != 3 || string(j.Result) != `{"counted":3}` || j.Ended.Before(j.Began) || j.Fault != "" {
			t.Errorf("%+v", j)
		}
		second := enqueue(t, q, "nobody does this", "")
		list, err := q.List(ctx, 0, 10)
		if err != nil || len(list) != 2 || list[0].ID != second || list[1].ID != id {
			t.Error(list, err)
		}
		if list, err = q.List(ctx, second, 10); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		if n, err := q.Counts(ctx); err != nil || n[Done] != 1 || n[Waiting] != 1 {
			t.Error(n, err)
		}
		if _, found, err := q.ByID(ctx, 99); found || err != nil {
			t.Error(found, err)
		}
	})
}

// A transaction that fails leaves no job.
func TestEnqueueIsPartOfTheAct(t *testing.T) {
	q := open(t, storetest.SQLite(t))
	broken := errors.New("broken")
	err := q.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := Enqueue(tx, clerk, "count", nil, time.Now()); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if list, err := q.List(ctx, 0, 10); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
}

// What a handler returns decides: a fault of the input fails at once, one that
// passes is tried again, a panic fails the job and not the worker.
// TestMany: one person's jobs do not fill the queue for the others.
func TestMany(t *testing.T) {
	q := open(t, storetest.SQLite(t))
	first := enqueue(t, q, "count", "")
	for range mostOpen - 1 {
		enqueue(t, q, "count", "")
	}
	order := func(by journal.Actor) error {
		return q.db.Write(ctx, func(tx *store.Tx) error {
			_, err := Enqueue(tx, by, "count", nil, time.Now())
			return err
		})
	}
	wantFault(t, order(clerk), fault.Conflict, "job.many")
	other := clerk
	other.ID += "x"
	if err := order(other); err != nil {
		t.Error(err)
	}
	if err := q.Cancel(ctx, clerk, first); err != nil {
		t.Fatal(err)
	}
	if err := order(clerk); err != nil {
		t.Error(err)
	}
}

func TestFaults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		q := open(t, url)
		var ahead atomic.Int64
		q.now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		var tries atomic.Int64
		q.Handle("bad", func(context.Context, *Run) ([]byte, error) {
			return nil, fault.New(fault.Invalid, "job.tries").At("x")
		})
		q.Handle("panics", func(context.Context, *Run) ([]byte, error) { panic("on purpose") })
		q.Handle("later", func(context.Context, *Run) ([]byte, error) {
			if tries.Add(1) < 4 {
				ahead.Add(int64(time.Hour))
				return nil, fault.New(fault.Unavailable, "store.busy")
			}
			return nil, nil
		})
		bad, panics, later := enqueue(t, q, "bad", ""), enqueue(t, q, "panics", ""), enqueue(t, q, "later", "")
		start(t, q)
		if j := wait(t, q, bad); j.State != Failed || j.Fault != "job.tries" {
			t.Errorf("%+v", j)
		}
		if j := wait(t, q, panics); j.State != Failed || j.Fault != "fault.internal" {
			t.Errorf("%+v", j)
		}
		go func() { // time passes, so that what waits for its next try becomes due
			for range 600 {
				ahead.Add(int64(time.Second))
				time.Sleep(10 * time.Millisecond)
			}
		}()
		if j := wait(t, q, later); j.State != Done || string(j.Result) != "{}" || tries.Load() != 4 {
			t.Errorf("%+v after %d tries", j, tries.Load())
		}
	})
}

// A step that did not become durable is not getting on: such a job fails after
// all its tries, too.
func TestStepLost(t *testing.T) {
	q := open(t, storetest.SQLite(t))
	q.Handle("step", func(context.Context, *Run) ([]byte, error) { return nil, nil })
	enqueue(t, q, "step", "")
	away := fault.New(fault.Unavailable, "job.lost")
	for try := int64(1); try <= 3; try++ {
		r, err := q.take(ctx)
		if err != nil || r == nil || r.tries != try {
			t.Fatal(try, r, err)
		}
		_, r.stop = context.WithCancelCause(ctx)
		if err := q.db.Write(ctx, func(tx *store.Tx) error {
			if err := r.StepIn(tx, 1, 2, nil); err != nil {
				return err
			}
			return away
		}); !errors.Is(err, away) {
			t.Fatal(err)
		}
		if err := r.end(ctx, nil, away); err != nil {
			t.Fatal(err)
		}
		late := time.Now().Add(time.Duration(try) * time.Hour)
		q.now = func() time.Time { return late }
	}
}

// Jobs that ended long ago go, but for the newest, whose number must not be
// given again; one that waits stays however old it is.
func TestForget(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		q := open(t, url)
		q.Handle("short", func(context.Context, *Run) ([]byte, error) { return nil, nil })
		waits := enqueue(t, q, "nobody's", "")
		old, newest := enqueue(t, q, "short", ""), enqueue(t, q, "short", "")
		stop := start(t, q)
		wait(t, q, old)
		wait(t, q, newest)
		stop()
		if err := q.forget(ctx); err != nil {
			t.Fatal(err)
		}
		there := func(id int64) bool {
			_, found, err := q.ByID(ctx, id)
			return found && err == nil
		}
		if !there(old) {
			t.Error("forgotten too soon")
		}
		q.now = func() time.Time { return time.Now().Add(keepFor + time.Minute) }
		if err := q.forget(ctx); err != nil {
			t.Fatal(err)
		}
		if there(old) || !there(newest) || !there(waits) {
			t.Error(there(old), there(newest), there(waits))
		}
	})
}

// A waiting job is cancelled at once, a running one stops at its next step.
func TestCancel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		q := open(t, url)
		reached, stopped := make(chan struct{}), make(chan error, 1)
		q.Handle("long", func(ctx context.Context, r *Run) ([]byte, error) {
			for n := int64(1); ; n++ {
				err := r.Step(ctx, n, 0, nil)
				if n == 1 {
					close(reached)
				}
				if err != nil {
					stopped <- err
					return nil, err
				}
				time.Sleep(time.Millisecond)
			}
		})
		running := enqueue(t, q, "long", "")
		start(t, q)
		<-reached
		waiting := enqueue(t, q, "long", "")
		for _, id := range []int64{waiting, running} {
			if err := q.Cancel(ctx, clerk, id); err != nil {
				t.Fatal(err)
			}
			wantFault(t, q.Cancel(ctx, clerk, id), fault.Conflict, "job.ended")
		}
		if err := <-stopped; err == nil {
			t.Error("it went on")
		}
		for _, id := range []int64{waiting, running} {
			if j := wait(t, q, id); j.State != Cancelled || j.Ended.IsZero() {
				t.Errorf("%+v", j)
			}
		}
		wantFault(t, q.Cancel(ctx, clerk, 99), fault.NotFound, "job.unknown")
	})
}

// Two workers never do one job at a time, and each job is done once.
func TestTwoWorkers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const jobs = 20
		var mu sync.Mutex
		inside, times := map[int64]int{}, map[int64]int{}
		handler := func(ctx context.Context, r *Run) ([]byte, error) {
			mu.Lock()
			inside[r.ID()]++
			times[r.ID()]++
			if inside[r.ID()] > 1 {
				t.Errorf("job %d runs twice at a time", r.ID())
			}
			mu.Unlock()
			err := r.Step(ctx, 1, 1, nil)
			mu.Lock()
			inside[r.ID()]--
			mu.Unlock()
			return nil, err
		}
		var all []*Queue
		for range 3 {
			q := open(t, url)
			q.Handle("short", handler)
			all = append(all, q)
		}
		for range jobs {
			enqueue(t, all[0], "short", "")
		}
		for _, q := range all {
			start(t, q)
		}
		for id := int64(1); id <= jobs; id++ {
			if j := wait(t, all[0], id); j.State != Done || times[id] != 1 {
				t.Errorf("job %d: %s, done %d times", id, j.State, times[id])
			}
		}
	})
}

// A worker that lost its lease can write nothing more.
func TestLostLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		q, other := open(t, url), open(t, url)
		for _, q := range []*Queue{q, other} {
			q.Handle("count", func(context.Context, *Run) ([]byte, error) { return nil, nil })
		}
		id := enqueue(t, q, "count", "")
		stale, err := q.take(ctx)
		if err != nil || stale == nil {
			t.Fatal(stale, err)
		}
		stale.stop = func(error) {}
		if err := stale.Step(ctx, 1, 9, []byte("one")); err != nil {
			t.Fatal(err)
		}
		if r, err := other.take(ctx); r != nil || err != nil {
			t.Fatal("taken while it is another's", r, err)
		}
		other.now = func() time.Time { return time.Now().Add(2 * shortLease) }
		r, err := other.take(ctx)
		if err != nil || r == nil || r.ID() != id || string(r.Mark()) != "one" || r.Done() != 1 {
			t.Fatalf("%+v %v", r, err)
		}
		wantFault(t, stale.Step(ctx, 2, 9, nil), fault.Conflict, "job.lost")
		if err := stale.end(ctx, []byte(`{"by":"stale"}`), nil); err != nil {
			t.Error(err)
		}
		if err := r.end(ctx, nil, nil); err != nil {
			t.Error(err)
		}
		if j := wait(t, q, id); string(j.Result) != "{}" || j.Done != 1 {
			t.Errorf("%+v", j)
		}
	})
}

// A worker that is asked to stop hands its job back, and the next goes on from
// the last step at once.
func TestStop(t *testing.T) {
	q := open(t, storetest.SQLite(t))
	q.lease = time.Hour
	reached := make(chan struct{})
	q.Handle("long", func(ctx context.Context, r *Run) ([]byte, error) {
		if len(r.Mark()) > 0 {
			return r.Mark(), nil
		}
		if err := r.Step(ctx, 1, 2, []byte(`{"half":1}`)); err != nil {
			return nil, err
		}
		close(reached)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	id := enqueue(t, q, "long", "")
	stop := start(t, q)
	<-reached
	stop()
	if j, _, err := q.ByID(ctx, id); err != nil || j.State != Waiting {
		t.Fatal(j, err)
	}
	start(t, q)
	if j := wait(t, q, id); j.State != Done || string(j.Result) != `{"half":1}` {
		t.Errorf("%+v", j)
	}
}

// child is the process that TestKill kills: it counts to five in steps and
// then neither ends nor steps.
func child(url string) {
	q, err := queue(url)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	q.Handle("count", func(ctx context.Context, r *Run) ([]byte, error) {
		for n := 1; n <= 5; n++ {
			if err := r.Step(ctx, int64(n), 10, fmt.Append(nil, n)); err != nil {
				return nil, err
			}
		}
		fmt.Println("five")
		select {}
	})
	_ = q.Work(ctx)
}

// A killed worker's job is taken up after its lease, from its last step.
func TestKill(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		q := open(t, url)
		id := enqueue(t, q, "count", "")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "JOB_CHILD="+url)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if line != "five\n" {
			t.Fatal(line, err)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		from := ""
		q.Handle("count", func(ctx context.Context, r *Run) ([]byte, error) {
			from = string(r.Mark())
			return json.Marshal(map[string]int{"to": 10})
		})
		start(t, q)
		if j := wait(t, q, id); j.State != Done || from != "5" || j.Done != 5 || string(j.Result) != `{"to":10}` {
			t.Errorf("%+v from %q", j, from)
		}
	})
}

func TestRest(t *testing.T) {
	now := time.Now()
	j := Job{State: Running, Done: 25, Total: 100, Began: now.Add(-10 * time.Second)}
	if rest := j.Rest(now); rest != 30*time.Second {
		t.Error(rest)
	}
	for _, j := range []Job{{State: Running, Total: 100}, {State: Running, Done: 5}, {State: Done, Done: 5, Total: 10}} {
		if j.Rest(now) != 0 {
			t.Errorf("%+v", j)
		}
	}
}
