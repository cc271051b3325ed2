// Package agreement keeps what each agency may ask (circular of 1399/06/17,
// art. 1a): services, modes, search keys, fields, processes, purposes and
// daily quotas, in numbered clauses that every answer cites.
//
// Agreements are versioned and no version ever changes: suspending, resuming
// and ending make a version too. Of an agreement the version that holds at a
// moment is the highest one that has begun; it is in force if its state says
// so and it has not ended. An agency has at most one agreement in force at a
// moment; Put refuses one that would overlap another.
//
// All of it is small and asked on every inquiry, so the Book holds it in
// memory: InForce and a Permit that permits take no lock and no allocation.
package agreement

import (
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

// State is what a version says of the agreement.
type State uint8

// The states; rows store these numbers.
const (
	InForce   State = 1
	Suspended State = 2 // may be resumed
	Ended     State = 3 // for good
)

var states = [...]string{InForce: "in_force", Suspended: "suspended", Ended: "ended"}

// String is the state's name in files and records.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// Agreement is one version of one agreement.
type Agreement struct {
	ID      int64 // 1, 2, 3 …; 0: not yet in the register
	Version int   // 1, 2, 3 … within the agreement
	Agency  ids.LegalID
	State   State
	From    time.Time // this version holds from here on
	Until   time.Time // and ends here
	Service string    // the registry's service identifier, digits: data, not a constant
	Clauses []Clause  // by No

	// How this version came about.
	Why      string    // code word of the act: signed, amended, audit-12 …
	Draft    int64     // the signed draft that it was made of; 0: none
	Narrowed int       // the clause that it narrows, or with a minus gives back; 0: neither
	Made     time.Time // when
}

const (
	maxClauses = 999
	maxQuota   = 1_000_000_000
)

// check finds everything that is wrong with an agreement.
func (a *Agreement) check(m *fault.List) {
	m.When(a.Agency == 0, "agency", "agreement.missing")
	m.When(!a.From.Before(a.Until), "until", "agreement.order")
	m.When(!ids.IsToken(a.Service), "service", "agreement.token")
	m.When(len(a.Clauses) == 0 || len(a.Clauses) > maxClauses, "clauses", "agreement.clauses")
	seen := map[int]bool{}
	for i := range a.Clauses {
		c := &a.Clauses[i]
		at := clauseAt(i)
		m.When(c.No < 1 || c.No > maxClauses, at+".no", "agreement.no")
		m.When(seen[c.No], at+".no", "agreement.no.twice")
		seen[c.No] = true
		c.check(m, at)
	}
}

// sort brings the clauses into the order of their numbers.
func (a *Agreement) sort() {
	a.Clauses = slices.SortedStableFunc(slices.Values(a.Clauses), func(x, y Clause) int { return x.No - y.No })
}
