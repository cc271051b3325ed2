package journal

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// request is a caller of Commit or CommitAll that waits for its proof.
type request struct {
	entries     []Entry
	alone       [1]Entry // room for entries of Commit
	unit        bool     // CommitAll
	key, digest [16]byte
	act         ActID
	drops       uint64 // tail.drops before the caller looked for its key

	// The answer.
	err   error
	again bool // look for the key again, then come back
	batch *batch
	at    int         // of the first entry in the batch
	path  []tlog.Hash // Commit
	left  []tlog.Hash // CommitAll
	right []tlog.Hash
	twin  *request // the request of the same batch that had the key first
	done  chan struct{}
}

func (r *request) keyed() bool { return r.key != [16]byte{} }

// queue is where requests gather while a batch is being made durable.
type queue struct {
	mu      sync.Mutex
	waiting []*request
	entries int
	bytes   int
	closed  bool
	wake    chan struct{}

	gather time.Duration
	recent int // callers that the last batches have shown to be about
}

func (q *queue) init(gather time.Duration) {
	q.wake = make(chan struct{}, 1)
	q.gather = gather
}

// add puts a request in line; false when the journal is closed.
func (q *queue) add(r *request) bool {
	bytes := 0
	for i := range r.entries {
		bytes += len(r.entries[i].Body)
	}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return false
	}
	q.waiting = append(q.waiting, r)
	q.entries += len(r.entries)
	q.bytes += bytes
	first := len(q.waiting) == 1
	q.mu.Unlock()
	if first {
		q.ring()
	}
	return true
}

func (q *queue) ring() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.ring()
}

// next waits for requests and takes a batch of them; nil when the journal is
// closed and nobody waits any more.
func (q *queue) next() []*request {
	for {
		q.mu.Lock()
		n, closed := len(q.waiting), q.closed
		q.mu.Unlock()
		if n > 0 {
			break
		}
		if closed {
			return nil
		}
		<-q.wake
	}
	q.settle()
	return q.take()
}

// settle lets the callers that are about to come come: the more of them share
// a commit, a signature and a wake-up, the less each costs. With one processor a
// batch would otherwise be cut as soon as the first of them is in line, and
// batches of one would last for ever.
//
// It yields until the line stops growing. A few callers are not held further
// if they are as many as lately; else it waits until nobody has come for an
// eighth of gather, at most gather in all.
func (q *queue) settle() {
	const (
		quiet = 4 // yields without a newcomer
		few   = 8 // callers for whom waiting does not pay
	)
	var start, grown time.Time
	for seen, still := 0, 0; ; {
		runtime.Gosched()
		q.mu.Lock()
		n, full, closed := len(q.waiting), q.entries >= maxBatch || q.bytes >= maxBytes, q.closed
		q.mu.Unlock()
		if full || closed {
			return
		}
		if n > seen {
			seen, still, grown = n, 0, time.Time{}
			continue
		}
		if still++; still < quiet {
			continue
		}
		if n < few && 4*n >= 3*q.recent {
			break
		}
		now := time.Now()
		if start.IsZero() {
			start = now
		}
		if grown.IsZero() {
			grown = now
		}
		if now.Sub(grown) > q.gather/8 || now.Sub(start) > q.gather {
			break
		}
		time.Sleep(q.gather / 32) // others have the processor
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.recent = max(len(q.waiting), q.recent-q.recent/8-1)
}

// take cuts a batch off the front of the line.
func (q *queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	entries, bytes, n := 0, 0, 0
	for n < len(q.waiting) && (n == 0 || entries < maxBatch && bytes < maxBytes) {
		for _, e := range q.waiting[n].entries {
			bytes += len(e.Body)
		}
		entries += len(q.waiting[n].entries)
		n++
	}
	taken := q.waiting[:n:n]
	q.waiting = append([]*request(nil), q.waiting[n:]...)
	q.entries -= entries
	q.bytes -= bytes
	return taken
}
