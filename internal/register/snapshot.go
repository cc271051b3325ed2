package register

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/estelam/estelam/internal/store"
)

// Snapshot keeps a small register in memory as an immutable value. Get costs
// two atomic loads. What other processes change is seen at most about a second
// later, what this process changes when Reload has returned.
type Snapshot[T any] struct {
	db   *store.DB
	noun string // as in store.Bump
	load func(context.Context) (*T, error)

	value   atomic.Pointer[T]
	checked atomic.Int64 // when the generation was last compared: nanoseconds since began
	began   time.Time    // monotonic: jumps of the clock do no harm

	mu         sync.Mutex
	generation int64 // of value; guarded by mu
}

const (
	checkEvery   = time.Second
	checkAtLast  = 3 * time.Second // from then on callers wait for the check
	checkPatient = 2 * time.Second // how long a check may take
)

// NewSnapshot loads the register.
func NewSnapshot[T any](ctx context.Context, db *store.DB, noun string, load func(context.Context) (*T, error)) (*Snapshot[T], error) {
	s := &Snapshot[T]{db: db, noun: noun, load: load, began: time.Now(), generation: -1}
	if err := s.Reload(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Get is the register as of about a second ago or later. One caller a second
// pays for the comparison; the others go on with what is there.
func (s *Snapshot[T]) Get() *T {
	age := time.Since(s.began) - time.Duration(s.checked.Load())
	if age >= checkEvery {
		s.check(age)
	}
	return s.value.Load()
}

func (s *Snapshot[T]) check(age time.Duration) {
	switch {
	case age >= checkAtLast:
		s.mu.Lock()
		if time.Since(s.began)-time.Duration(s.checked.Load()) < checkEvery {
			s.mu.Unlock()
			return // another caller has done it meanwhile
		}
	case !s.mu.TryLock():
		return
	}
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), checkPatient)
	defer cancel()
	// With the database away the last known value serves on: without it no act
	// can be recorded anyway, so nothing is answered from a stale value.
	_ = s.reload(ctx)
	s.checked.Store(int64(time.Since(s.began)))
}

// Reload takes in all changes committed so far.
func (s *Snapshot[T]) Reload(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.reload(ctx)
	s.checked.Store(int64(time.Since(s.began)))
	return err
}

// reload reads the generation first: the value is then of this one or later.
func (s *Snapshot[T]) reload(ctx context.Context) error {
	n, err := s.db.Generation(ctx, s.noun)
	if err != nil || n == s.generation {
		return err
	}
	value, err := s.load(ctx)
	if err != nil {
		return err
	}
	s.value.Store(value)
	s.generation = n
	return nil
}
