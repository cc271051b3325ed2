package feed

import (
	"context"
	"sync"
	"time"
)

// pause is how long Run rests between two looks. A look costs a few point reads.
const pause = 500 * time.Millisecond

// Run makes events and corrections and calls webhooks until ctx ends. Several
// nodes may run it: what one has done the others find done.
func (b *Book) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, work := range []struct {
		name string
		do   func(context.Context) error
	}{{"events", b.Distribute}, {"corrections", b.Correct}, {"webhooks", b.Ring}} {
		all.Go(func() { b.keep(ctx, work.name, work.do) })
	}
	all.Wait()
}

// keep does one work again and again. What fails is tried again later, and said
// once, until it has worked in between.
func (b *Book) keep(ctx context.Context, name string, do func(context.Context) error) {
	failing := false
	for wait := pause; ; {
		err := do(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			wait, failing = pause, false
		default:
			if !failing {
				b.Logger.Warn("feeds: this fails and is tried again", "work", name, "error", err)
			}
			wait, failing = min(2*wait, time.Minute), true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
