package inquiry

import (
	"sync"

	"github.com/estelam/estelam/internal/ids"
)

// guard stops a credential that probes blindly (promise P14). For each agency it
// keeps a cumulative sum of log-likelihood ratios between "guesses" (99 % of
// questions find nobody) and "asks honestly" (at most 20 % do): a miss adds
// ln(0.99/0.20), a hit takes off ln(0.80/0.01), never below zero. At the limit
// the agency is stopped until an operator resumes it or the node restarts.
//
// Blind probing misses always, so it is stopped after ceil(38/1.6) = 24
// inquiries. An honest agency that misses 20 % of the time needs an excursion
// of probability e^-38 an inquiry; at 50 % misses the drift is still downwards.
type guard struct {
	mu   sync.Mutex
	sums map[ids.LegalID]float64
}

const (
	missWeight = 1.6  // ln(0.99/0.20)
	hitWeight  = 4.38 // ln(0.80/0.01)
	guardLimit = 38.0
)

// saw counts one looked-up inquiry.
func (g *guard) saw(agency ids.LegalID, a *answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sum := g.sums[agency]
	switch {
	case sum >= guardLimit:
		return // stopped stays stopped
	case a.outcome == NotFound:
		sum += missWeight
	default:
		sum = max(0, sum-hitWeight)
	}
	if g.sums == nil {
		g.sums = map[ids.LegalID]float64{}
	}
	g.sums[agency] = sum
}

func (g *guard) stopped(agency ids.LegalID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sums[agency] >= guardLimit
}

// Resume lets an agency that was stopped for probing ask again.
func (d *Desk) Resume(agency ids.LegalID) {
	d.guard.mu.Lock()
	defer d.guard.mu.Unlock()
	delete(d.guard.sums, agency)
}
