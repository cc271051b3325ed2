package page

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

// TestBoundedClients: whoever sends from ever new addresses fills no memory.
func TestBoundedClients(t *testing.T) {
	now, c := time.Now(), NewClients(1, 3)
	c.max = 100
	for i := range 1000 {
		c.Allow(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32), now)
	}
	if len(c.by) > 100 {
		t.Errorf("%d buckets", len(c.by))
	}
}

// TestTake: of many acts at the same moment no more pass than may; those that
// are not counted give their tokens back.
func TestTake(t *testing.T) {
	now, c, from := time.Now(), NewClients(1, 3), netip.MustParsePrefix("192.0.2.1/32")
	var backs []func()
	for range 10 {
		if back, ok := c.Take(from, now); ok {
			backs = append(backs, back)
		}
	}
	if len(backs) != 3 {
		t.Fatalf("%d passed", len(backs))
	}
	backs[0]()
	if _, ok := c.Take(from, now); !ok {
		t.Error("what was given back is not there")
	}
	if _, ok := c.Take(from, now); ok {
		t.Error("what was not given back is there")
	}
	if _, ok := c.Take(from, now.Add(time.Second)); !ok {
		t.Error("the bucket does not fill")
	}
}

func TestClientOf(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:80":           "192.0.2.1/32",
		"192.0.2.1":              "192.0.2.1/32", // as the public door writes it behind a proxy
		"[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64",
		"[::ffff:192.0.2.1]:80":  "192.0.2.1/32",
		"@":                      "invalid Prefix",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		r.Header.Set("X-Forwarded-For", "198.51.100.9") // anybody can write that header
		if got := ClientOf(r).String(); got != want {
			t.Errorf("%s: %s", remote, got)
		}
	}
}
