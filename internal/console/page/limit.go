package page

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Clients holds a token bucket for each client address. It remembers at most
// max of them; when full it forgets those whose bucket is full again, and if
// none is, all of them: memory stays bounded whatever is sent.
type Clients struct {
	mu    sync.Mutex
	every rate.Limit
	burst int
	max   int
	by    map[netip.Prefix]*rate.Limiter
}

// NewClients makes buckets that fill by every a second up to burst.
func NewClients(every rate.Limit, burst int) *Clients {
	return &Clients{every: every, burst: burst, max: 1 << 16, by: map[netip.Prefix]*rate.Limiter{}}
}

// Allow takes one token of the client; false means too many requests.
func (c *Clients) Allow(from netip.Prefix, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(from, now).AllowN(now, 1)
}

// Spent reports whether a client has used up its tokens, and takes none: for
// acts of which only some are counted.
func (c *Clients) Spent(from netip.Prefix, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(from, now).TokensAt(now) < 1
}

// Take takes one token of the client, which back returns: for acts of which
// only some are counted, however many of them come at the same moment.
func (c *Clients) Take(from netip.Prefix, now time.Time) (back func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.of(from, now).ReserveN(now, 1)
	if r.DelayFrom(now) > 0 {
		r.CancelAt(now)
		return nil, false
	}
	return func() { r.CancelAt(now) }, true
}

func (c *Clients) of(from netip.Prefix, now time.Time) *rate.Limiter {
	l := c.by[from]
	if l == nil {
		if len(c.by) >= c.max {
			c.forget(now)
		}
		l = rate.NewLimiter(c.every, c.burst)
		c.by[from] = l
	}
	return l
}

func (c *Clients) forget(now time.Time) {
	for k, l := range c.by {
		if l.TokensAt(now) >= float64(c.burst) {
			delete(c.by, k)
		}
	}
	if len(c.by) >= c.max {
		clear(c.by)
	}
}

// ClientOf is the network a request comes from: the IPv4 address, or the /64
// of an IPv6 address, since one household holds a whole /64. The public door
// has seen through our own proxies.
func ClientOf(r *http.Request) netip.Prefix {
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
