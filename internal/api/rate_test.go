package api

import (
	"net/netip"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
)

func TestVisitors(t *testing.T) {
	v := newVisitors(3, 2)
	now := time.Unix(1_800_000_000, 0)
	here := visitor("192.0.2.1:4711")
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
	if _, err := v.come(visitor("192.0.2.2:4711"), now); err != nil {
		t.Errorf("another address: %v", err)
	}
}

// A flood of addresses keeps the memory bounded, and who came lately is not
// forgotten by it.
func TestVisitorsBounded(t *testing.T) {
	v := newVisitors(1, 8)
	now := time.Unix(1_800_000_000, 0)
	busy := visitor("198.51.100.7:1")
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
	for remote, want := range map[string]string{
		"192.0.2.1:80":              "192.0.2.1",
		"[::ffff:192.0.2.1]:80":     "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::",
		"[2001:db8:1:2:ffff::]:81":  "2001:db8:1:2::",
		"[fe80::1%eth0]:80":         "fe80::",
		"nonsense":                  "invalid IP",
	} {
		if got := visitor(remote).String(); got != want {
			t.Errorf("%s is counted as %s, want %s", remote, got, want)
		}
	}
}
