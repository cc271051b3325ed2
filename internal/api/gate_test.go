package api

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

func TestGateFullSheds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, 1, time.Millisecond, time.Second)
		ctx := t.Context()
		for range 2 {
			if err := g.enter(ctx, 1); err != nil {
				t.Fatal(err)
			}
		}
		waits := make(chan error, 1)
		go func() { waits <- g.enter(ctx, 1) }()
		synctest.Wait()
		if err := g.enter(ctx, 1); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a full queue says %v", err)
		}
		if err := <-waits; !fault.Is(err, fault.Unavailable) { // patience ends by the fake clock
			t.Errorf("who waits too long gets %v", err)
		}
		g.leave(1)
		g.leave(1)
		if err := g.enter(ctx, 2); err != nil {
			t.Errorf("an empty gate says %v", err)
		}
		g.leave(2)
		if g.inside != 0 || g.waiting != 0 || len(g.lines) != 0 {
			t.Errorf("left over: %d inside, %d waiting, %d lines", g.inside, g.waiting, len(g.lines))
		}
	})
}

// One agency floods; another one's single request is next in all the same, and
// the flood's newest goes first among its own.
func TestGateIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, 8, time.Minute, time.Hour)
		ctx := t.Context()
		const flood, other ids.LegalID = 1, 2
		for range 2 {
			_ = g.enter(ctx, flood)
		}
		var mu sync.Mutex
		var order []string
		come := func(id ids.LegalID, name string) {
			go func() {
				err := g.enter(ctx, id)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					name += ": " + fault.Of(err).Key
				}
				order = append(order, name)
			}()
			synctest.Wait()
		}
		for _, name := range []string{"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"} {
			come(flood, name)
		}
		come(other, "b1") // the queue is full: the flood's oldest makes room
		for range 3 {
			g.leave(flood)
			synctest.Wait()
		}
		want := []string{"a1: api.busy", "b1", "a8", "a7"}
		mu.Lock()
		defer mu.Unlock()
		for i := range want {
			if i >= len(order) || order[i] != want[i] {
				t.Fatalf("order %q, want %q first", order, want)
			}
		}
		for range 5 {
			go func() { g.leave(flood) }()
		}
	})
}

// A stale waiter yields to a fresh one, and gets in when half of the gate is
// empty.
func TestGateStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4, 8, time.Millisecond, time.Hour)
		for range 4 {
			_ = g.enter(t.Context(), 1)
		}
		in := make(chan string, 2)
		come := func(name string) {
			go func() {
				if g.enter(t.Context(), 1) == nil {
					in <- name
				}
			}()
			synctest.Wait()
		}
		come("stale")
		time.Sleep(time.Second)
		come("fresh")
		g.leave(1)
		if who := <-in; who != "fresh" {
			t.Errorf("%s is first", who)
		}
		g.leave(1)
		g.leave(1)
		synctest.Wait()
		if len(in) != 0 {
			t.Error("a stale one got in where half is full")
		}
		g.leave(1)
		if who := <-in; who != "stale" {
			t.Errorf("%s is next", who)
		}
	})
}

// Who holds more than a share while another is there is told so.
func TestGateShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4, 4, time.Millisecond, time.Second)
		for _, id := range []ids.LegalID{1, 1, 1, 2} {
			_ = g.enter(t.Context(), id)
		}
		if err := g.enter(t.Context(), 1); fault.Of(err).Key != "api.busy.share" {
			t.Errorf("the larger holder gets %v", err)
		}
		if err := g.enter(t.Context(), 2); fault.Of(err).Key != "api.busy" {
			t.Errorf("the smaller holder gets %v", err)
		}
	})
}

func TestGateCallerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 4, time.Minute, time.Hour)
		_ = g.enter(t.Context(), 1)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- g.enter(ctx, 1) }()
		synctest.Wait()
		cancel()
		if err := <-done; err == nil {
			t.Error("a caller that is gone got in")
		}
		if g.waiting != 0 {
			t.Error("it still waits")
		}
	})
}

// Many enter and leave at once: never more inside than there are slots, and
// nothing is left over.
func TestGateUnderLoad(t *testing.T) {
	g := newGate(4, 16, time.Millisecond, 5*time.Millisecond)
	var mu sync.Mutex
	inside, most := 0, 0
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			id := ids.LegalID(i % 3)
			for range 200 {
				if err := g.enter(t.Context(), id); err != nil {
					var l later
					if !errors.As(err, &l) || l.seconds < 1 {
						t.Errorf("shed without a time: %v", err)
					}
					continue
				}
				mu.Lock()
				inside++
				most = max(most, inside)
				mu.Unlock()
				mu.Lock()
				inside--
				mu.Unlock()
				g.leave(id)
			}
		})
	}
	all.Wait()
	if most > 4 {
		t.Errorf("%d were inside", most)
	}
	if g.inside != 0 || g.waiting != 0 || len(g.lines) != 0 {
		t.Errorf("left over: %d inside, %d waiting, %d lines", g.inside, g.waiting, len(g.lines))
	}
}

// One agency's long downloads leave slots for the others, who do not wait.
func TestGateKeepsSlotsForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4, 8, time.Millisecond, time.Second)
		g.each = 1
		ctx := t.Context()
		const slow, other ids.LegalID = 1, 2
		if err := g.enter(ctx, slow); err != nil {
			t.Fatal(err)
		}
		if err := g.enter(ctx, slow); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a second download of the same agency: %v", err)
		}
		waits := make(chan error, 1)
		go func() { waits <- g.enter(ctx, slow) }()
		synctest.Wait()
		if err := g.enter(ctx, other); err != nil {
			t.Errorf("another agency: %v", err)
		}
		g.leave(slow)
		if err := <-waits; err != nil {
			t.Errorf("the next one of its own: %v", err)
		}
		g.leave(slow)
		g.leave(other)
		if g.inside != 0 || g.waiting != 0 || len(g.lines) != 0 {
			t.Errorf("left over: %d inside, %d waiting, %d lines", g.inside, g.waiting, len(g.lines))
		}
	})
}
