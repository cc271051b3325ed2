package inquiry

import (
	"slices"
	"sync"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// guard stops a credential that probes blindly (promise P14). For each agency it
// keeps a cumulative sum of log-likelihood ratios between "guesses" (99 % of
// questions find nobody) and "asks honestly" (at most 20 % do): a miss adds
// ln(0.99/0.20), a hit takes off ln(0.80/0.01), never below zero. At the limit
// the agency is stopped until the registry acts on it (estelam agency state …
// active, even if it is active: the row's version moves) or the node restarts.
//
// Who knows some numbers could wash his guesses clean by asking for them again
// and again, or by asking for addresses that everybody knows: finding again what
// was found on the same day takes nothing off, and places have a sum of their own.
// A new day counts anew, for many an agency asks about the same people each day.
//
// Blind probing misses always, so it is stopped after ceil(38/1.6) = 24
// inquiries. An honest agency that misses 20 % of the time needs an excursion
// of probability e^-38 an inquiry; at 50 % misses the drift is still downwards.
type guard struct {
	mu sync.Mutex
	of map[ids.LegalID]*watched
}

// watched is what the guard knows of one agency, as of one version of its row.
type watched struct {
	version         int64
	persons, places suspicion
}

// suspicion is one sum, and what was found lately on one day.
type suspicion struct {
	sum   float64
	day   persian.Date
	found [256]uint64 // numbers or postal codes; 0: none
	next  int
}

const (
	missWeight = 1.6  // ln(0.99/0.20)
	hitWeight  = 4.38 // ln(0.80/0.01)
	guardLimit = 38.0
)

// saw counts one looked-up inquiry. It is false if the agency was stopped
// meanwhile: then the answer must not leave.
func (g *guard) saw(who *agency.Agency, today persian.Date, q *Question, a *answer) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	w := g.watch(who)
	if w.over() {
		return false // stopped stays stopped
	}
	s, subject := &w.persons, uint64(q.Number)
	if q.Service == Place {
		s, subject = &w.places, uint64(q.Postal)
	}
	if s.day != today {
		*s = suspicion{sum: s.sum, day: today}
	}
	switch {
	case a.outcome == NotFound:
		s.sum += missWeight
	case !slices.Contains(s.found[:], subject):
		s.sum = max(0, s.sum-hitWeight)
		s.found[s.next] = subject
		s.next = (s.next + 1) % len(s.found)
	}
	return true
}

// watch finds what is known of an agency. When the registry has acted on it
// since, that is forgotten.
func (g *guard) watch(who *agency.Agency) *watched {
	w := g.of[who.ID]
	if w == nil || w.version < who.Version {
		if g.of == nil {
			g.of = map[ids.LegalID]*watched{}
		}
		w = &watched{version: who.Version}
		g.of[who.ID] = w
	}
	return w
}

func (w *watched) over() bool { return w.persons.sum >= guardLimit || w.places.sum >= guardLimit }

func (g *guard) stopped(who *agency.Agency) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.watch(who).over()
}
