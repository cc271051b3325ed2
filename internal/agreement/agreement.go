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
	"strconv"
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

// Service names what can be asked and by which keys. The lists stand in the
// order in which documents show them.
type Service struct {
	Name   string
	Modes  []string
	Keys   []string
	Fields []string
}

var (
	personKeys = []string{"national_number+birth_date", "national_number+shenasnameh_number"}
	bothModes  = []string{"verify", "disclose"}
)

// Services lists every service that an inquiry can ask for.
var Services = []Service{
	{"identity", bothModes, personKeys, []string{
		"given_name", "surname", "father_name", "sex", "birth_date", "life_status", "death_date",
	}},
	{"shenasnameh", bothModes, personKeys, []string{
		"shenasnameh_number", "shenasnameh_serie", "shenasnameh_serial", "issue_place",
	}},
	{"card", bothModes, personKeys, []string{"card_state", "card_valid_until", "card_serial"}},
	{"residence", bothModes, personKeys, []string{"postal_code", "residence_since"}},
	{"place", bothModes, []string{"postal_code"}, []string{
		"province", "county", "district", "locality", "locality_kind", "sub_locality",
		"street", "street2", "house_number", "floor", "side", "building", "note", "successors",
	}},
	{"predicate", []string{"verify"}, personKeys, []string{"alive", "age_at_least"}},
}

// Bulk lists the services that an agreement can permit besides: those that
// answer files and lists, not inquiries.
var Bulk = []Service{
	{"delivery", []string{"disclose"}, []string{"file"}, []string{ // nine items (law B.5)
		"given_name", "surname", "father_name", "shenasnameh_number", "issue_place",
		"birth_date", "shenasnameh_serial", "national_number", "postal_code",
	}},
	{"follow", []string{"disclose"}, []string{"national_number"}, []string{ // marks and feeds
		"given_name", "surname", "father_name", "sex", "birth_date", "life_status", "death_date",
		"shenasnameh_number", "shenasnameh_serie", "shenasnameh_serial", "issue_place",
		"card_state", "card_valid_until", "card_serial", "postal_code", "residence_since",
	}},
	{"deed", []string{"verify"}, personKeys, []string{"given_name", "surname", "father_name", "postal_code"}}, // law B.11
	{"property", []string{"verify"}, []string{"file"}, []string{ // law B.12
		"national_number", "postal_code", "successors", "residence",
	}},
}

func serviceOf(name string) *Service {
	for _, all := range [][]Service{Services, Bulk} {
		for i := range all {
			if all[i].Name == name {
				return &all[i]
			}
		}
	}
	return nil
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
}

// Clause is what a question must fit whole.
type Clause struct {
	No         int    // what answers cite: 1 … 999
	Service    string // one of Services or Bulk
	Modes      []string
	SearchKeys []string
	Fields     []string
	Processes  []string // codes of the agency's service processes; empty: any
	Purposes   []string // codes; empty: any
	DailyQuota int64    // inquiries a Tehran day; 0: no limit
}

// Asked is a question as far as an agreement is concerned.
type Asked struct {
	Service string
	Mode    string
	Key     string
	Fields  []string
	Process string
	Purpose string
}

// Refusal says which clause refuses a question, and why. Clause is 0 if no
// clause is about the service at all.
type Refusal struct {
	Clause int
	Reason string // message key
	Field  string // the field that is not permitted, if it is a field
}

// The steps in which a clause is held against a question; a refusal names the
// step at which the clause that got farthest stopped.
const (
	stepService = iota
	stepMode
	stepKey
	stepField
	stepProcess
	stepPurpose
	stepAll
)

var reasons = [...]string{
	stepService: "agreement.service",
	stepMode:    "agreement.mode",
	stepKey:     "agreement.key",
	stepField:   "agreement.field",
	stepProcess: "agreement.process",
	stepPurpose: "agreement.purpose",
}

// Permit finds the first clause that permits a question whole, or what refuses
// it: the clause that comes closest, in the order service, mode, search key,
// fields, process, purpose.
func (a *Agreement) Permit(q Asked) (*Clause, *Refusal) {
	best, closest, field := -1, (*Clause)(nil), ""
	for i := range a.Clauses {
		c := &a.Clauses[i]
		step, f := c.fits(&q)
		if step == stepAll {
			return c, nil
		}
		if step > best && step > stepService {
			best, closest, field = step, c, f
		}
	}
	if closest == nil {
		return nil, &Refusal{Reason: reasons[stepService]}
	}
	return nil, &Refusal{Clause: closest.No, Reason: reasons[best], Field: field}
}

// fits tells at which step a question fails, and on which field.
func (c *Clause) fits(q *Asked) (step int, field string) {
	switch {
	case c.Service != q.Service:
		return stepService, ""
	case !slices.Contains(c.Modes, q.Mode):
		return stepMode, ""
	case !slices.Contains(c.SearchKeys, q.Key):
		return stepKey, ""
	}
	for _, f := range q.Fields {
		if !slices.Contains(c.Fields, f) {
			return stepField, f
		}
	}
	switch {
	case len(c.Processes) > 0 && !slices.Contains(c.Processes, q.Process):
		return stepProcess, ""
	case len(c.Purposes) > 0 && !slices.Contains(c.Purposes, q.Purpose):
		return stepPurpose, ""
	}
	return stepAll, ""
}

const (
	maxClauses = 999
	maxQuota   = 1_000_000_000
)

// check finds everything that is wrong with an agreement.
func (a *Agreement) check(m *fault.List) {
	m.When(a.Agency == 0, "agency", "agreement.missing")
	m.When(!a.From.Before(a.Until), "until", "agreement.order")
	m.When(!token(a.Service), "service", "agreement.token")
	m.When(len(a.Clauses) == 0 || len(a.Clauses) > maxClauses, "clauses", "agreement.clauses")
	seen := map[int]bool{}
	for i := range a.Clauses {
		c := &a.Clauses[i]
		at := "clauses." + strconv.Itoa(i)
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

func (c *Clause) check(m *fault.List, at string) {
	s := serviceOf(c.Service)
	m.When(s == nil, at+".service", "agreement.service.unknown")
	if s != nil {
		list(m, at+".modes", c.Modes, s.Modes, true)
		list(m, at+".search_keys", c.SearchKeys, s.Keys, true)
		list(m, at+".fields", c.Fields, s.Fields, true)
	}
	list(m, at+".processes", c.Processes, nil, false)
	list(m, at+".purposes", c.Purposes, nil, false)
	m.When(c.DailyQuota < 0 || c.DailyQuota > maxQuota, at+".daily_quota", "agreement.daily_quota")
}

// list checks a list of words: none twice, each among known (nil: any token).
func list(m *fault.List, at string, all, known []string, must bool) {
	m.When(must && len(all) == 0, at, "agreement.missing")
	m.When(len(all) > 1000, at, "agreement.long")
	for i, w := range all {
		here := at + "." + strconv.Itoa(i)
		m.When(slices.Contains(all[:i], w), here, "agreement.twice")
		if known != nil {
			m.When(!slices.Contains(known, w), here, "agreement.word")
		} else {
			m.When(!token(w), here, "agreement.token")
		}
	}
}

// token: a code word of 1 to 64 Latin letters, digits, dots, dashes,
// underscores.
func token(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
