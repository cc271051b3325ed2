package agreement

import (
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Clause is what a question must fit whole. In JSON it has the form of the
// operator's file and of drafts.
type Clause struct {
	No         int      `json:"no"`      // what answers cite: 1 … 999
	Service    string   `json:"service"` // one of Services or Bulk
	Modes      []string `json:"modes"`
	SearchKeys []string `json:"search_keys"`
	Fields     []string `json:"fields"`
	Processes  []string `json:"processes,omitempty"` // codes of the agency's service processes; empty: any
	Purposes   []string `json:"purposes,omitempty"`  // codes; empty: any
	DailyQuota int64    `json:"daily_quota"`         // inquiries a Tehran day; 0: no limit

	Hours     string   `json:"hours,omitempty"`     // when it may be used, in Tehran: "07:00-19:00"; "": at any hour
	Days      []string `json:"days,omitempty"`      // of sat sun mon tue wed thu fri; empty: any
	Signature bool     `json:"signature,omitzero"`  // the request must be signed (RFC 9421)
	CourtDays int      `json:"court_days,omitzero"` // days that an inquiry under a court reference may stay hidden from the person at most; 0: no such inquiries

	AuditDays int    `json:"audit_days,omitzero"` // days in which the dossier of a sampled inquiry is to be shown; 0: 10
	Silence   string `json:"silence,omitempty"`   // what it comes to if none is shown, one of terms; "": end_clause
	Misuse    string `json:"misuse,omitempty"`    // what a misuse comes to, one of terms; "": verify_only

	Statement string `json:"statement,omitempty"` // why it is needed, in words
	Risk      string `json:"risk,omitempty"`      // what could go wrong, in words
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

// The codes of the days of the week, by time.Weekday.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// OpenAt reports whether the clause may be used at a moment: it has no hours or
// days, or the moment is within them in Tehran.
func (c *Clause) OpenAt(t time.Time) bool {
	t = t.In(persian.Tehran)
	if len(c.Days) > 0 && !slices.Contains(c.Days, weekdays[t.Weekday()]) {
		return false
	}
	if c.Hours == "" {
		return true
	}
	from, until, ok := hours(c.Hours)
	now := t.Hour()*60 + t.Minute()
	return ok && from <= now && now < until
}

// hours reads "07:00-19:00" as minutes of the day; the end is not included and
// may be 24:00.
func hours(s string) (from, until int, ok bool) {
	if len(s) != 11 || s[5] != '-' {
		return 0, 0, false
	}
	from, until = minute(s[:5]), minute(s[6:])
	return from, until, from >= 0 && from < until
}

// minute is the minute of the day of "hh:mm", -1 if it is none.
func minute(s string) int {
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') != (i == 2) || i == 2 && s[i] != ':' {
			return -1
		}
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	if m > 59 || h*60+m > 24*60 {
		return -1
	}
	return h*60 + m
}

// DossierDays is in how many days the dossier of a sampled inquiry is to be
// shown.
func (c *Clause) DossierDays() int {
	if c.AuditDays == 0 {
		return 10
	}
	return c.AuditDays
}

const (
	maxCourtDays = 3650
	maxAuditDays = 90
	maxWords     = 4000 // bytes of a statement or a risk note
)

func (c *Clause) check(m *fault.List, at string) {
	s := serviceOf(c.Service)
	m.When(s == nil, at+".service", "agreement.service.unknown")
	if s != nil {
		list(m, at+".modes", c.Modes, s.Modes, true)
		list(m, at+".search_keys", c.SearchKeys, s.Keys, true)
		list(m, at+".fields", c.Fields, s.Fields, true)
	}
	if slices.Contains(unconditional, c.Service) {
		m.When(c.Hours != "", at+".hours", "agreement.unconditional")
		m.When(len(c.Days) > 0, at+".days", "agreement.unconditional")
		m.When(c.Signature, at+".signature", "agreement.unconditional")
		m.When(c.CourtDays != 0, at+".court_days", "agreement.unconditional")
	}
	list(m, at+".processes", c.Processes, nil, false)
	list(m, at+".purposes", c.Purposes, nil, false)
	list(m, at+".days", c.Days, weekdays[:], false)
	m.When(c.DailyQuota < 0 || c.DailyQuota > maxQuota, at+".daily_quota", "agreement.daily_quota")
	_, _, ok := hours(c.Hours)
	m.When(c.Hours != "" && !ok, at+".hours", "agreement.hours.form")
	m.When(c.CourtDays < 0 || c.CourtDays > maxCourtDays, at+".court_days", "agreement.days.range", strconv.Itoa(maxCourtDays))
	m.When(c.AuditDays < 0 || c.AuditDays > maxAuditDays, at+".audit_days", "agreement.days.range", strconv.Itoa(maxAuditDays))
	c.checkTerm(m, at+".silence", c.Silence)
	c.checkTerm(m, at+".misuse", c.Misuse)
	words(m, at+".statement", &c.Statement)
	words(m, at+".risk", &c.Risk)
}

// words brings what is said in words into its display form.
func words(m *fault.List, at string, s *string) {
	m.When(len(*s) > maxWords, at, "agreement.words.long")
	if len(*s) > maxWords || *s == "" {
		return
	}
	shown, err := persian.Display(*s)
	m.Add(at, err)
	*s = shown
}

// list checks a list of words: none twice, each among known (nil: any token).
func list(m *fault.List, at string, all, known []string, must bool) {
	m.When(must && len(all) == 0, at, "agreement.missing")
	if len(all) > 1000 {
		m.When(true, at, "agreement.long")
		return
	}
	for i, w := range all {
		here := at + "." + strconv.Itoa(i)
		m.When(slices.Contains(all[:i], w), here, "agreement.twice")
		if known != nil {
			m.When(!slices.Contains(known, w), here, "agreement.word")
		} else {
			m.When(!ids.IsToken(w), here, "agreement.token")
		}
	}
}
