package account

import (
	"crypto/rand"
	"sync"
	"time"
)

// ceremonies keeps what was begun here until the browser brings its end: the
// challenge of a passkey, the state of a visit to the sign-in service. In memory:
// a restart asks people to begin again, and with several nodes an officer must
// stay on one. Each is taken once. There are at most ceremonyMost of them, the
// oldest goes first, so whoever begins many of them takes no memory.
type ceremonies struct {
	mu    sync.Mutex
	by    map[string]ceremony
	order []string // oldest first; may name some that were taken
}

type ceremony struct {
	what  any
	until time.Time
}

const (
	ceremonyFor  = 5 * time.Minute
	ceremonyMost = 1 << 14
)

func newCeremonies() *ceremonies { return &ceremonies{by: map[string]ceremony{}} }

// begin keeps what and gives the name to ask for it by.
func (c *ceremonies) begin(what any, now time.Time) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.order) > 0 {
		oldest, there := c.by[c.order[0]]
		if there && len(c.order) < ceremonyMost && now.Before(oldest.until) {
			break
		}
		delete(c.by, c.order[0])
		c.order = c.order[1:]
	}
	id := rand.Text()
	c.by[id] = ceremony{what, now.Add(ceremonyFor)}
	c.order = append(c.order, id)
	return id
}

// taken gives what was begun under this name, once; false if it is over.
func taken[T any](c *ceremonies, id string, now time.Time) (what T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, there := c.by[id]
	what, ok = found.what.(T)
	if !there || !ok {
		return what, false
	}
	delete(c.by, id)
	return what, now.Before(found.until)
}
