package account

import (
	"net/netip"
	"testing"
	"time"
)

// TestBounded: whoever sends from ever new addresses fills no memory.
func TestBounded(t *testing.T) {
	now := time.Now()
	b := newBackoff()
	b.max = 100
	for i := range 1000 {
		from := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32)
		b.failed(attempt{from, "x"}, now)
	}
	if len(b.by) > 100 {
		t.Errorf("%d counts", len(b.by))
	}
}

func TestBackoff(t *testing.T) {
	now := time.Now()
	b, a := newBackoff(), attempt{login: "x"}
	last := time.Duration(0)
	for i := range 30 {
		b.failed(a, now)
		wait := b.wait(a, now)
		if i+1 < freeTries && wait != 0 || i+1 >= freeTries && (wait <= 0 || wait < last) || wait > longestTry {
			t.Errorf("after %d failures the wait is %v", i+1, wait)
		}
		last = wait
	}
	if last != longestTry {
		t.Errorf("the longest wait is %v", last)
	}
	if b.wait(a, now.Add(longestTry)) != 0 {
		t.Error("the wait does not end")
	}
	b.failed(a, now.Add(longestTry+forgetTry+time.Second))
	if b.by[a].n != 1 {
		t.Error("old failures still count")
	}
	b.succeeded(a)
	if len(b.by) != 0 {
		t.Error("a success leaves a count")
	}
}
