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
