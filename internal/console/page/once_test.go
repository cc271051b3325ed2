package page

import (
	"encoding/binary"
	"testing"
	"time"
)

// TestOnceIsBounded: whoever sends very many forms fills no memory, and a result
// that is shown once is forgotten with its form.
func TestOnceIsBounded(t *testing.T) {
	now := time.Date(2026, 8, 23, 9, 0, 0, 0, time.UTC)
	key := func(n int) (k [32]byte) {
		binary.BigEndian.PutUint64(k[:], uint64(n))
		return k
	}
	shown := func() (Done, error) { return Done{Screen: &Screen{Title: "secret"}}, nil }
	gone := func() (Done, error) { return Done{Path: "/"}, nil }
	failed := func() (Done, error) { return Done{}, NotFound() }
	for name, c := range map[string]struct {
		f    func() (Done, error)
		most int
	}{"results": {shown, onceMost/screenWeighs + 1}, "others": {gone, onceMost}, "failed": {failed, 0}} {
		o := newOnceTable()
		for n := range 3 * onceMost {
			p, mine := o.take(key(n), now)
			if !mine {
				t.Fatalf("%s: form %d counts as sent before", name, n)
			}
			o.perform(p, c.f)
		}
		if len(o.by) > c.most || len(o.order) > onceMost {
			t.Errorf("%s: %d are kept, %d in order", name, len(o.by), len(o.order))
		}
		if _, mine := o.take(key(3*onceMost-1), now); mine != (name == "failed") {
			t.Errorf("%s: the newest form is not known again", name)
		}
		o.take(key(-1), now.Add(onceFor))
		if len(o.by) != 1 || len(o.order) != 1 || o.weight != 1 {
			t.Errorf("%s: after its time %d are kept, weight %d", name, len(o.by), o.weight)
		}
	}
}
