package citizen

import (
	"sync"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

// tries counts wrong tries by number, of persons who exist and of others alike,
// in one hour. Its memory is bounded: when it is full it forgets.
type tries struct {
	mu   sync.Mutex
	hour int64
	n    map[ids.NationalNumber]int
}

const (
	mostTries = 20      // on a number in an hour
	mostTried = 1 << 17 // numbers remembered
)

// count counts one and gives the answer to it.
func (t *tries) count(n ids.NationalNumber, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if hour := now.Unix() / 3600; t.n == nil || t.hour != hour || len(t.n) >= mostTried {
		t.hour, t.n = hour, map[ids.NationalNumber]int{}
	}
	t.n[n]++
	if t.n[n] > mostTries {
		return fault.New(fault.TooMany, "citizen.tries")
	}
	return errAccess
}
