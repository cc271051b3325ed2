package account

import (
	"net/netip"
	"sync"
	"time"
)

// backoff slows down guessing of passwords. It counts failures per client
// address and login together: whoever guesses from elsewhere delays only
// himself and can never lock the officer out.
type backoff struct {
	mu  sync.Mutex
	max int
	by  map[attempt]*failures
}

type attempt struct {
	from  netip.Prefix
	login string // agency and login as typed
}

type failures struct {
	n     int
	last  time.Time
	until time.Time
}

const (
	freeTries  = 5                // wrong passwords before the first wait
	longestTry = 15 * time.Minute // the wait doubles up to this
	forgetTry  = time.Hour        // a count without failures for this long is dropped
)

func newBackoff() *backoff {
	return &backoff{max: 1 << 16, by: map[attempt]*failures{}}
}

// wait says how long this client must still wait with this login.
func (b *backoff) wait(a attempt, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.by[a]
	if f == nil {
		return 0
	}
	return max(0, f.until.Sub(now))
}

// failed counts a wrong password.
func (b *backoff) failed(a attempt, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.by[a]
	if f == nil || now.Sub(f.last) > forgetTry {
		if len(b.by) >= b.max {
			b.forget(now)
		}
		f = &failures{}
		b.by[a] = f
	}
	f.n, f.last = f.n+1, now
	if over := f.n - freeTries; over >= 0 {
		f.until = now.Add(min(longestTry, 5*time.Second<<min(over, 10)))
	}
}

// succeeded drops the count.
func (b *backoff) succeeded(a attempt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.by, a)
}

func (b *backoff) forget(now time.Time) {
	for k, f := range b.by {
		if now.Sub(f.last) > forgetTry {
			delete(b.by, k)
		}
	}
	if len(b.by) >= b.max {
		clear(b.by)
	}
}
