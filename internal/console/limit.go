package console

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// clients holds a token bucket for each client address. It remembers at most
// max of them; when full it forgets those whose bucket is full again, and if
// none is, all of them: memory stays bounded whatever is sent.
type clients struct {
	mu    sync.Mutex
	every rate.Limit
	burst int
	max   int
	by    map[netip.Prefix]*rate.Limiter
}

func newClients(every rate.Limit, burst int) *clients {
	return &clients{every: every, burst: burst, max: 1 << 16, by: map[netip.Prefix]*rate.Limiter{}}
}

// allow takes one token of the client; false means too many requests.
func (c *clients) allow(from netip.Prefix, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.by[from]
	if l == nil {
		if len(c.by) >= c.max {
			c.forget(now)
		}
		l = rate.NewLimiter(c.every, c.burst)
		c.by[from] = l
	}
	return l.AllowN(now, 1)
}

func (c *clients) forget(now time.Time) {
	for k, l := range c.by {
		if l.TokensAt(now) >= float64(c.burst) {
			delete(c.by, k)
		}
	}
	if len(c.by) >= c.max {
		clear(c.by)
	}
}

// clientOf is the network a request comes from: the IPv4 address, or the /64
// of an IPv6 address, since one household holds a whole /64. The public door
// has seen through our own proxies.
func clientOf(r *http.Request) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the length always fits
	return p
}

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
