package api

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

// gate admits work before anything of it is parsed (promise P7). At most slots
// requests are inside; the rest wait, each agency in a line of its own. A slot
// that gets free goes to the agency that holds the fewest, and there to the
// newest: under overload the old ones have callers that gave up, and serving
// them first would make everybody late.
//
// Who has waited longer than patience is stale: it is served only while half of
// the slots are empty, that is after a burst, not in a flood. So what is
// accepted is accepted soon. Who has waited for hold is shed. To let the
// others wait before they are told so costs nothing, and slows a flood down: a
// refusal costs the server a third of an answer, and the next request comes at
// once.
//
// The queue is bounded; when it is full, the oldest of the longest line makes
// room, so that one agency's flood never keeps another out.
type gate struct {
	slots    int
	each     int // that one agency may hold; 0: all
	queue    int
	patience time.Duration
	hold     time.Duration

	mu      sync.Mutex
	inside  int
	waiting int
	parties map[ids.LegalID]*party
	lines   []*party // parties that have somebody waiting
}

// party is one agency at the gate; anonymous callers together are party 0.
type party struct {
	held int
	line []*waiter // oldest first
}

type waiter struct {
	since time.Time
	turn  chan error
}

func newGate(slots, queue int, patience, hold time.Duration) *gate {
	return &gate{slots: slots, queue: queue, patience: patience, hold: hold, parties: map[ids.LegalID]*party{}}
}

// enter waits for a slot; each nil answer must be followed by one leave.
func (g *gate) enter(ctx context.Context, id ids.LegalID) error {
	g.mu.Lock()
	p := g.parties[id]
	if p == nil {
		p = &party{}
		g.parties[id] = p
	}
	if g.inside < g.slots && g.admits(p) {
		g.inside++
		p.held++
		g.mu.Unlock()
		return nil
	}
	if g.waiting >= g.queue && !g.makeRoom(p) {
		err := g.shed(p)
		g.mu.Unlock()
		return err
	}
	w := g.join(p)
	g.mu.Unlock()

	timer := time.NewTimer(g.hold)
	defer timer.Stop()
	select {
	case err := <-w.turn:
		return err
	case <-timer.C:
	case <-ctx.Done():
	}
	return g.giveUp(p, w)
}

// admits reports whether an agency may hold another slot. What lasts as long as
// the caller likes, such as a download that he reads slowly, is limited by it.
func (g *gate) admits(p *party) bool { return g.each == 0 || p.held < g.each }

// full says early that enter would turn id away at once.
func (g *gate) full(id ids.LegalID) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting < g.queue {
		return nil
	}
	p := g.parties[id]
	if p == nil {
		p = &party{}
	}
	if g.longer(p) != nil {
		return nil
	}
	return g.shed(p)
}

// leave frees a slot, or hands it on.
func (g *gate) leave(id ids.LegalID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.parties[id].held--
	g.inside--
	for len(g.lines) > 0 && g.inside < g.slots {
		p, w := g.next(time.Now())
		if w == nil {
			return
		}
		g.part(p, w)
		g.inside++
		p.held++
		w.turn <- nil
	}
}

// next is whose turn it is: the newest of the party that holds the fewest, a
// fresh one before a stale one; nobody if only stale ones wait and more than
// half of the slots are taken.
func (g *gate) next(now time.Time) (who *party, w *waiter) {
	fresh := false
	for _, p := range g.lines {
		if !g.admits(p) {
			continue
		}
		newest := p.line[len(p.line)-1]
		is := now.Sub(newest.since) <= g.patience
		if w == nil || is && !fresh || is == fresh && p.held < who.held {
			who, w, fresh = p, newest, is
		}
	}
	if !fresh && g.inside >= (g.slots+1)/2 {
		return nil, nil
	}
	return who, w
}

func (g *gate) join(p *party) *waiter {
	w := &waiter{time.Now(), make(chan error, 1)}
	if len(p.line) == 0 {
		g.lines = append(g.lines, p)
	}
	p.line = append(p.line, w)
	g.waiting++
	return w
}

// part takes a waiter out of its line.
func (g *gate) part(p *party, w *waiter) {
	i := slices.Index(p.line, w)
	p.line = slices.Delete(p.line, i, i+1)
	g.waiting--
	if len(p.line) == 0 {
		j := slices.Index(g.lines, p)
		g.lines = slices.Delete(g.lines, j, j+1)
	}
}

// giveUp ends a wait whose time is over, unless the turn came in the meantime.
func (g *gate) giveUp(p *party, w *waiter) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case err := <-w.turn:
		return err
	default:
	}
	err := g.shed(p)
	g.part(p, w)
	return err
}

// makeRoom sheds the oldest of the longest line, if that line is longer than
// p's will be.
func (g *gate) makeRoom(p *party) bool {
	longest := g.longer(p)
	if longest == nil {
		return false
	}
	w := longest.line[0]
	err := g.shed(longest)
	g.part(longest, w)
	w.turn <- err
	return true
}

// longer is the party with the longest line, if that is longer than p's will be.
func (g *gate) longer(p *party) (longest *party) {
	most := len(p.line) + 1
	for _, o := range g.lines {
		if len(o.line) > most {
			longest, most = o, len(o.line)
		}
	}
	return longest
}

// shed says why: too many of its own while others want in too, or simply too
// much work for the node.
func (g *gate) shed(p *party) error {
	others := 0
	for _, o := range g.parties {
		if o != p && (o.held > 0 || len(o.line) > 0) {
			others++
		}
	}
	if others > 0 && p.held > g.slots/(others+1) {
		return later{fault.New(fault.TooMany, "api.busy.share"), 1}
	}
	return later{fault.New(fault.Unavailable, "api.busy"), 1}
}
