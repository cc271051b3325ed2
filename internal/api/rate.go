package api

import (
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/estelam/estelam/internal/fault"
)

// visitors limits anonymous requests by client address: an IPv4 address or an
// IPv6 /64. Its memory is bounded by two generations of a map: a visitor who
// comes back moves into the young one, and when that is full the old one goes.
type visitors struct {
	n      int // within per
	per    time.Duration
	most   int
	policy []string // the RateLimit-Policy header, made once

	mu         sync.Mutex
	young, old map[netip.Addr]*rate.Limiter
}

func newVisitors(perMinute, most int) *visitors { return newBudget(perMinute, time.Minute, most) }

// newBudget lets n come from an address within a time.
func newBudget(n int, per time.Duration, most int) *visitors {
	return &visitors{
		n: n, per: per,
		most:   most,
		policy: []string{`"address";q=` + strconv.Itoa(n) + `;w=` + strconv.Itoa(int(per.Seconds()))},
		young:  map[netip.Addr]*rate.Limiter{},
	}
}

// come counts one request. It returns the value of the RateLimit header and,
// where the visitor must wait, the fault that says so.
func (v *visitors) come(from netip.Addr, now time.Time) (string, error) {
	l := v.limiter(from)
	ok := l.AllowN(now, 1)
	left := max(0, l.TokensAt(now))
	whole := strconv.Itoa(int(math.Ceil((float64(v.n) - left) / v.perSecond())))
	state := `"address";r=` + strconv.Itoa(int(left)) + `;t=` + whole
	if ok {
		return state, nil
	}
	return state, v.wait(left)
}

// spent is the fault of an address that has used up what it may, and nil for
// any other. It counts nothing.
func (v *visitors) spent(from netip.Addr, now time.Time) error {
	if left := v.limiter(from).TokensAt(now); left < 1 {
		return v.wait(left)
	}
	return nil
}

// take counts one act, which back uncounts again: of many that come at the same
// moment no more than may are begun.
func (v *visitors) take(from netip.Addr, now time.Time) (back func(), err error) {
	l := v.limiter(from)
	r := l.ReserveN(now, 1)
	if r.DelayFrom(now) > 0 {
		r.CancelAt(now)
		return nil, v.wait(l.TokensAt(now))
	}
	return func() { r.CancelAt(now) }, nil
}

func (v *visitors) wait(left float64) error {
	return later{fault.New(fault.TooMany, "api.visitor"), max(1, int(math.Ceil((1-left)/v.perSecond())))}
}

func (v *visitors) perSecond() float64 { return float64(v.n) / v.per.Seconds() }

func (v *visitors) limiter(from netip.Addr) *rate.Limiter {
	v.mu.Lock()
	defer v.mu.Unlock()
	if l := v.young[from]; l != nil {
		return l
	}
	l := v.old[from]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(v.perSecond()), v.n)
	}
	if len(v.young) >= v.most {
		v.young, v.old = map[netip.Addr]*rate.Limiter{}, v.young
	}
	v.young[from] = l
	return l
}

// counted is what a client is counted under: its IPv4 address, or the /64 of its
// IPv6 address, which is what one subscriber gets.
func counted(ip netip.Addr) netip.Addr {
	if ip.Is6() {
		p, _ := ip.Prefix(64) // 64 is in range for IPv6
		return p.Addr()
	}
	return ip
}

// remote is the address of the other side of a connection.
func remote(hostPort string) netip.Addr {
	ap, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// behind is the client behind our own proxies: the last address of
// X-Forwarded-For that is none of them. What a client itself writes into that
// header stands further left and is never believed.
func behind(proxies []netip.Prefix, from netip.Addr, forwarded []string) netip.Addr {
	ours := func(ip netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
	}
	list := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(list) - 1; i >= 0 && ours(from); i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(list[i]))
		if err != nil {
			break
		}
		from = ip.Unmap().WithZone("")
	}
	return from
}

// direct is r as it would be if its client had come to us without our proxies.
func (a *API) direct(r *http.Request) *http.Request {
	if len(a.proxies) == 0 {
		return r
	}
	from := behind(a.proxies, remote(r.RemoteAddr), r.Header["X-Forwarded-For"])
	r = r.WithContext(r.Context()) // a copy: the server goes on with its own
	r.RemoteAddr = from.String()
	return r
}
