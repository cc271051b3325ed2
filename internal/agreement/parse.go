package agreement

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// maxJSON is the largest file that ParseJSON reads, in bytes.
const maxJSON = 1 << 20

// ParseJSON reads an agreement from a file:
//
//	{
//	  "agency": "14003552272",
//	  "service": "10031094100",
//	  "from": "1405-01-01",
//	  "until": "1405-12-29",
//	  "clauses": [
//	    {
//	      "no": 1,
//	      "service": "identity",
//	      "modes": ["verify"],
//	      "search_keys": ["national_number+birth_date"],
//	      "fields": ["given_name", "surname"],
//	      "processes": ["account-opening"],
//	      "purposes": ["kyc"],
//	      "daily_quota": 10000,
//	      "hours": "07:00-19:00",
//	      "days": ["sat", "sun", "mon", "tue", "wed"],
//	      "signature": true,
//	      "court_days": 180,
//	      "audit_days": 10,
//	      "silence": "end_clause",
//	      "misuse": "verify_only",
//	      "statement": "...",
//	      "risk": "..."
//	    }
//	  ]
//	}
//
// Of a clause all from processes on may be left out. from and until are
// Jalali days in Tehran, both included. Members that are unknown or stand
// twice are refused; all mistakes are reported at once, each with its path.
func ParseJSON(data []byte) (*Agreement, error) {
	if len(data) > maxJSON {
		return nil, fault.New(fault.TooLarge, "agreement.json.large")
	}
	r := reader{}
	a := r.agreement(data)
	if len(r.bad) > 0 {
		return nil, r.bad.Err()
	}
	a.check(&r.bad)
	if err := r.bad.Err(); err != nil {
		return nil, err
	}
	a.sort() // only now: paths of mistakes count as the file does
	return a, nil
}

// reader reads JSON values and gathers every mistake.
type reader struct{ bad fault.List }

func (r *reader) wrong(at, key string) { r.bad.When(true, at, key) }

// member is one name and value of an object.
type member struct {
	name  string
	value json.RawMessage
}

// object reads the members of an object and reports those that are unknown,
// stand twice, or are missing.
func (r *reader) object(data json.RawMessage, at string, must, may []string) map[string]json.RawMessage {
	members, err := membersOf(data)
	if err != nil {
		r.wrong(at, "agreement.json.form")
		return nil
	}
	all := map[string]json.RawMessage{}
	for _, m := range members {
		switch {
		case !slices.Contains(must, m.name) && !slices.Contains(may, m.name):
			r.wrong(at, "agreement.json.unknown") // its name may be anything, so it is not repeated
		case all[m.name] != nil:
			r.wrong(join(at, m.name), "agreement.json.twice")
		default:
			all[m.name] = m.value
		}
	}
	for _, name := range must {
		if all[name] == nil {
			r.wrong(join(at, name), "agreement.missing")
		}
	}
	return all
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

var errForm = errors.New("not an object")

// membersOf takes an object apart, repeated names included.
func membersOf(data []byte) (all []member, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errForm
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		all = append(all, member{name.(string), value}) // a name is always a string
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errForm
	}
	return all, nil
}

// value decodes one member; null counts as wrong, for it says nothing.
func value[T any](r *reader, m map[string]json.RawMessage, at, name string) (v T) {
	data := m[name]
	if data == nil {
		return v
	}
	if string(data) == "null" || json.Unmarshal(data, &v) != nil {
		r.wrong(join(at, name), "agreement.json.type")
	}
	return v
}

func (r *reader) agreement(data []byte) *Agreement {
	m := r.object(data, "", []string{"agency", "service", "from", "until", "clauses"}, nil)
	a := &Agreement{State: InForce, Service: value[string](r, m, "", "service")}
	var err error
	if s := value[string](r, m, "", "agency"); s != "" {
		if a.Agency, err = ids.ParseLegalID(s); err != nil {
			r.bad = append(r.bad, fault.Of(err).At("agency"))
		}
	}
	a.From = r.day(m, "from").Start()
	if until := r.day(m, "until"); !until.IsZero() {
		a.Until = until.AddDays(1).Start()
	}
	for i, c := range value[[]json.RawMessage](r, m, "", "clauses") {
		a.Clauses = append(a.Clauses, r.clause(c, "clauses."+strconv.Itoa(i)))
	}
	return a
}

func (r *reader) day(m map[string]json.RawMessage, name string) persian.Date {
	s := value[string](r, m, "", name)
	if s == "" {
		return persian.Date{}
	}
	d, err := persian.ParseDate(s)
	switch {
	case err != nil:
		r.bad = append(r.bad, fault.Of(err).At(name))
	case !d.Precise():
		r.wrong(name, "agreement.day")
	}
	return d
}

// may are the members that a clause need not have.
var may = []string{
	"processes", "purposes", "daily_quota", "hours", "days", "signature", "court_days", "audit_days",
	"silence", "misuse", "statement", "risk",
}

func (r *reader) clause(data json.RawMessage, at string) Clause {
	m := r.object(data, at, []string{"no", "service", "modes", "search_keys", "fields"}, may)
	return Clause{
		No:         value[int](r, m, at, "no"),
		Service:    value[string](r, m, at, "service"),
		Modes:      value[[]string](r, m, at, "modes"),
		SearchKeys: value[[]string](r, m, at, "search_keys"),
		Fields:     value[[]string](r, m, at, "fields"),
		Processes:  value[[]string](r, m, at, "processes"),
		Purposes:   value[[]string](r, m, at, "purposes"),
		DailyQuota: value[int64](r, m, at, "daily_quota"),
		Hours:      persian.ASCII(value[string](r, m, at, "hours")),
		Days:       value[[]string](r, m, at, "days"),
		Signature:  value[bool](r, m, at, "signature"),
		CourtDays:  value[int](r, m, at, "court_days"),
		AuditDays:  value[int](r, m, at, "audit_days"),
		Silence:    value[string](r, m, at, "silence"),
		Misuse:     value[string](r, m, at, "misuse"),
		Statement:  value[string](r, m, at, "statement"),
		Risk:       value[string](r, m, at, "risk"),
	}
}
