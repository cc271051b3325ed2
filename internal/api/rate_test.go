package api

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
)

func TestVisitors(t *testing.T) {
	v := newVisitors(3, 2)
	now := time.Unix(1_800_000_000, 0)
	here := counted(remote("192.0.2.1:4711"))
	for want := 2; want >= 0; want-- {
		state, err := v.come(here, now)
		if err != nil || state[:len(`"address";r=0`)] != `"address";r=`+itoa(int64(want)) {
			t.Fatalf("%q, %v", state, err)
		}
	}
	_, err := v.come(here, now)
	if !fault.Is(err, fault.TooMany) || retryAfter(err) != 20 {
		t.Fatalf("%v after %d s", err, retryAfter(err))
	}
	if _, err := v.come(here, now.Add(20*time.Second)); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	if _, err := v.come(counted(remote("192.0.2.2:4711")), now); err != nil {
		t.Errorf("another address: %v", err)
	}
}

// A flood of addresses keeps the memory bounded, and who came lately is not
// forgotten by it.
func TestVisitorsBounded(t *testing.T) {
	v := newVisitors(1, 8)
	now := time.Unix(1_800_000_000, 0)
	busy := counted(remote("198.51.100.7:1"))
	_, _ = v.come(busy, now)
	for i := range 1000 {
		_, _ = v.come(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), now)
		if _, err := v.come(busy, now); err == nil {
			t.Fatal("the busy address was forgotten")
		}
		if len(v.young) > 8 || len(v.old) > 8 {
			t.Fatalf("%d and %d addresses are remembered", len(v.young), len(v.old))
		}
	}
}

func TestVisitorAddress(t *testing.T) {
	for from, want := range map[string]string{
		"192.0.2.1:80":              "192.0.2.1",
		"[::ffff:192.0.2.1]:80":     "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::",
		"[2001:db8:1:2:ffff::]:81":  "2001:db8:1:2::",
		"[fe80::1%eth0]:80":         "fe80::",
		"nonsense":                  "invalid IP",
	} {
		if got := counted(remote(from)).String(); got != want {
			t.Errorf("%s is counted as %s, want %s", from, got, want)
		}
	}
}

// Only what our own proxies add to X-Forwarded-For is believed.
func TestBehindProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}
	a := &API{proxies: proxies}
	for _, c := range []struct {
		from      string
		forwarded []string
		want      string
	}{
		{"192.0.2.1", []string{"198.51.100.1"}, "192.0.2.1"},
		{"10.0.0.1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.0.0.1", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1", []string{"203.0.113.9", "198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"10.0.0.1", nil, "10.0.0.1"},
		{"10.0.0.1", []string{"unknown"}, "10.0.0.1"},
	} {
		if got := behind(proxies, netip.MustParseAddr(c.from), c.forwarded).String(); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.from, c.forwarded, got, c.want)
		}
		r := &http.Request{RemoteAddr: c.from + ":4711", Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := a.direct(r).RemoteAddr; got != c.want {
			t.Errorf("%s with %q: pages see %s, want %s", c.from, c.forwarded, got, c.want)
		}
	}
}

// TestVisitorsAtOnce: of many acts at the same moment no more are begun than
// may, and what was given back may be taken again.
func TestVisitorsAtOnce(t *testing.T) {
	v := newVisitors(3, 8)
	now := time.Unix(1_800_000_000, 0)
	here := counted(remote("192.0.2.1:4711"))
	var backs []func()
	for range 10 {
		back, err := v.take(here, now)
		if err == nil {
			backs = append(backs, back)
		} else if retryAfter(err) < 1 {
			t.Errorf("wait %d s", retryAfter(err))
		}
	}
	if len(backs) != 3 {
		t.Fatalf("%d are begun", len(backs))
	}
	backs[0]()
	if _, err := v.take(here, now); err != nil {
		t.Errorf("what was given back: %v", err)
	}
	if _, err := v.take(here, now); err == nil {
		t.Error("one too many")
	}
}
