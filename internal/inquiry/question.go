package inquiry

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Form is a question as it came through a door: text, not yet believed.
type Form struct {
	Service           string // identity, shenasnameh, card, residence, place, predicate
	Mode              string // verify or disclose
	NationalNumber    string
	BirthDate         string
	ShenasnamehNumber string
	PostalCode        string      // the search key of service place; else what the person has declared
	Claims            []FormClaim // verify: what the agency believes
	Fields            []string    // disclose: what the agency asks to be told
	Predicates        []FormPredicate
	AsOf              string // Jalali date; empty: now
	Officer           string // login
	Purpose           string // code, as the agreement names it
	Process           string // code of the service process; may be empty
	File              string // the agency's own file number
	OnBehalfOf        string // legal id of the body in whose name it is asked; empty: the agency's own
	Court             *FormCourt
}

// FormCourt is the court's reference under which the person does not see the
// inquiry until a day is over.
type FormCourt struct {
	Reference string `json:"reference"`
	Until     string `json:"until"`
}

// FormClaim is one claimed value.
type FormClaim struct{ Field, Value string }

// FormPredicate is one yes-or-no question; Age goes with age_at_least.
type FormPredicate struct {
	Name string
	Age  int
}

// Question is a parsed question: every part of it is well-formed.
type Question struct {
	Service, Mode string
	Key           string // search key, as agreements name it
	Number        ids.NationalNumber
	Born          persian.Date          // with KeyBirthDate
	Shenasnameh   ids.ShenasnamehNumber // with KeyShenasnameh
	Postal        ids.PostalCode        // with KeyPostalCode
	Declared      ids.PostalCode        // beside a person's keys; 0: none
	Claims        []Claim
	Fields        []*field
	Predicates    []Predicate
	AsOf          persian.Date
	Officer       string
	Purpose       string
	Process       string
	File          string
	OnBehalf      ids.LegalID // 0: in its own name
	Court         *Court      // nil: the person sees the inquiry
	permitFields  []string    // names of all fields touched, for the agreement
}

// Court hides an inquiry from the person until a day; that there is one more is
// never hidden.
type Court struct {
	Reference string
	Until     persian.Date // the last day on which he does not see it
}

// Predicate is a parsed yes-or-no question.
type Predicate struct {
	Name string
	Age  int
}

// Services, modes, search keys and predicates, as agreements and records spell
// them.
const (
	Identity    = "identity"
	Shenasnameh = "shenasnameh"
	Card        = "card"
	Residence   = "residence"
	Place       = "place"
	Predicates  = "predicate"

	Verify   = "verify"
	Disclose = "disclose"

	KeyBirthDate   = "national_number+birth_date"
	KeyShenasnameh = "national_number+shenasnameh_number"
	KeyPostalCode  = "postal_code"

	Alive      = "alive"
	AgeAtLeast = "age_at_least"
)

// Services lists every service.
var Services = []string{Identity, Shenasnameh, Card, Residence, Place, Predicates}

// form is what Parse gathers: the question so far and every mistake found.
type form struct {
	*Form
	q     *Question
	today persian.Date
	bad   fault.List
}

// Parse turns a form into a question. All mistakes are reported at once, each
// with the name of its field; what was typed is never in them. today bounds
// dates: nobody is born tomorrow.
func (f *Form) Parse(today persian.Date) (*Question, error) {
	p := form{Form: f, q: &Question{Service: f.Service, Mode: f.Mode}, today: today}
	p.service()
	p.key()
	p.content()
	p.asOf()
	p.q.Officer = p.token("officer", f.Officer, true)
	p.q.Purpose = p.token("purpose", f.Purpose, true)
	p.q.Process = p.token("process", f.Process, false)
	p.q.File = p.file(f.File)
	p.q.OnBehalf = p.legal(f.OnBehalfOf)
	p.q.Court = p.court(f.Court)
	if err := p.bad.Err(); err != nil {
		return nil, err
	}
	return p.q, nil
}

func (p *form) wrong(field, key string, args ...string) {
	p.bad = append(p.bad, fault.New(fault.Invalid, key, args...).At(field))
}

func (p *form) failed(field string, err error) {
	p.bad = append(p.bad, fault.Of(err).At(field))
}

func (p *form) service() {
	if !slices.Contains(Services, p.Service) {
		p.wrong("service", "inquiry.service.unknown")
		return
	}
	if p.Mode != Verify && p.Mode != Disclose {
		p.wrong("mode", "inquiry.mode.unknown")
	} else if p.Service == Predicates && p.Mode != Verify {
		p.wrong("mode", "inquiry.mode.predicate")
	}
}

// key reads the search key: a place by its postal code, everything else by the
// national number and exactly one second key, for a number alone never
// identifies (domain.md §1).
func (p *form) key() {
	if p.Service == Place {
		p.placeKey()
		return
	}
	var err error
	if p.PostalCode != "" {
		if p.q.Declared, err = ids.ParsePostalCode(p.PostalCode); err != nil {
			p.failed("postal_code", err)
		}
	}
	if p.NationalNumber == "" {
		p.wrong("national_number", "inquiry.missing")
	} else if p.q.Number, err = ids.ParseNationalNumber(p.NationalNumber); err != nil {
		p.failed("national_number", err)
	}
	switch {
	case p.BirthDate != "" && p.ShenasnamehNumber != "":
		p.wrong("shenasnameh_number", "inquiry.key.both")
	case p.BirthDate != "":
		p.q.Key = KeyBirthDate
		p.q.Born = p.date("birth_date", p.BirthDate)
	case p.ShenasnamehNumber != "":
		p.q.Key = KeyShenasnameh
		if p.q.Shenasnameh, err = ids.ParseShenasnamehNumber(p.ShenasnamehNumber, p.q.Number, persian.Date{}); err != nil {
			p.failed("shenasnameh_number", err)
		} else if p.q.Shenasnameh == 0 || int64(p.q.Shenasnameh) == int64(p.q.Number) {
			p.wrong("shenasnameh_number", "inquiry.key.shenasnameh") // says nothing that the number does not say
		}
	default:
		p.wrong("birth_date", "inquiry.key.second")
	}
}

func (p *form) placeKey() {
	p.q.Key = KeyPostalCode
	var err error
	if p.PostalCode == "" {
		p.wrong("postal_code", "inquiry.missing")
	} else if p.q.Postal, err = ids.ParsePostalCode(p.PostalCode); err != nil {
		p.failed("postal_code", err)
	}
	if p.NationalNumber != "" {
		p.wrong("national_number", "inquiry.key.person")
	}
	if p.BirthDate != "" {
		p.wrong("birth_date", "inquiry.key.person")
	}
	if p.ShenasnamehNumber != "" {
		p.wrong("shenasnameh_number", "inquiry.key.person")
	}
}

// date reads a day that has come: a future one is refused.
func (p *form) date(field, s string) persian.Date {
	d, err := persian.ParseDate(s)
	if err != nil {
		p.failed(field, err)
	} else if d.Compare(p.today) > 0 {
		p.wrong(field, "inquiry.date.future")
	}
	return d
}

func (p *form) asOf() {
	if p.AsOf == "" {
		return
	}
	p.q.AsOf = p.date("as_of", p.AsOf)
	if !p.q.AsOf.IsZero() && !p.q.AsOf.Precise() {
		p.wrong("as_of", "inquiry.date.precise")
	}
}

// content reads what is asked: claims to verify, fields to disclose, or
// predicates; one of the three, as mode and service say.
func (p *form) content() {
	want := "claims"
	switch {
	case p.Service == Predicates:
		want = "predicates"
	case p.Mode == Disclose:
		want = "fields"
	}
	for _, part := range []struct {
		name string
		n    int
	}{{"claims", len(p.Claims)}, {"fields", len(p.Form.Fields)}, {"predicates", len(p.Form.Predicates)}} {
		switch {
		case part.name == want && part.n == 0:
			p.wrong(part.name, "inquiry.missing")
		case part.name == want && part.n > maxItems:
			p.wrong(part.name, "inquiry.items", strconv.Itoa(maxItems))
		case part.name != want && part.n > 0:
			p.wrong(part.name, "inquiry.content."+want)
		}
	}
	if len(p.bad) > 0 && (len(p.Claims) > maxItems || len(p.Form.Fields) > maxItems || len(p.Form.Predicates) > maxItems) {
		return
	}
	switch want {
	case "claims":
		p.claims()
	case "fields":
		p.fields()
	case "predicates":
		p.predicates()
	}
}

const maxItems = 20 // more than any service has fields

func (p *form) claims() {
	p.q.Claims = make([]Claim, 0, len(p.Claims))
	p.q.permitFields = make([]string, 0, len(p.Claims))
	for _, c := range p.Claims {
		f := fieldOf(p.Service, c.Field)
		if f == nil {
			p.wrong("claims", "inquiry.field.unknown")
			continue
		}
		if slices.Contains(p.q.permitFields, f.name) {
			p.wrong("claims."+c.Field, "inquiry.twice")
			continue
		}
		n := len(p.q.Claims)
		p.q.Claims = append(p.q.Claims, Claim{field: f})
		if err := f.read(&p.q.Claims[n], c.Value); err != nil {
			p.failed("claims."+c.Field, err)
			p.q.Claims = p.q.Claims[:n]
			continue
		}
		p.q.permitFields = append(p.q.permitFields, f.name)
	}
}

func (p *form) fields() {
	p.q.Fields = make([]*field, 0, len(p.Form.Fields))
	p.q.permitFields = make([]string, 0, len(p.Form.Fields))
	for i, name := range p.Form.Fields {
		f := fieldOf(p.Service, name)
		switch {
		case f == nil:
			p.wrong("fields."+strconv.Itoa(i), "inquiry.field.unknown")
		case slices.Contains(p.q.permitFields, f.name):
			p.wrong("fields."+strconv.Itoa(i), "inquiry.twice")
		default:
			p.q.Fields = append(p.q.Fields, f)
			p.q.permitFields = append(p.q.permitFields, f.name)
		}
	}
}

func (p *form) predicates() {
	for i, f := range p.Form.Predicates {
		at := "predicates." + strconv.Itoa(i)
		switch {
		case f.Name != Alive && f.Name != AgeAtLeast:
			p.wrong(at, "inquiry.predicate.unknown")
		case f.Name == Alive && f.Age != 0, f.Name == AgeAtLeast && (f.Age < 1 || f.Age > 150):
			p.wrong(at, "inquiry.predicate.age")
		case slices.Contains(p.q.permitFields, f.Name):
			p.wrong(at, "inquiry.twice")
		default:
			p.q.Predicates = append(p.q.Predicates, Predicate(f))
			p.q.permitFields = append(p.q.permitFields, f.Name)
		}
	}
}

// token reads a code word: Latin letters, digits, dot, dash, underscore.
func (p *form) token(field, s string, must bool) string {
	if s == "" {
		if must {
			p.wrong(field, "inquiry.missing")
		}
		return ""
	}
	if len(s) > 64 {
		p.wrong(field, "inquiry.token")
		return ""
	}
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_' || c == '@') {
			p.wrong(field, "inquiry.token")
			return ""
		}
	}
	return s
}

// file reads the agency's file number: any short printable text.
func (p *form) file(s string) string {
	if s == "" {
		p.wrong("file", "inquiry.missing")
		return ""
	}
	if utf8.RuneCountInString(s) > 64 {
		p.wrong("file", "inquiry.file")
		return ""
	}
	d, err := persian.Display(s)
	if err != nil {
		p.failed("file", err)
	} else if d == "" { // of what nobody sees
		p.wrong("file", "inquiry.missing")
	}
	return d
}

// legal reads the body in whose name is asked.
func (p *form) legal(s string) ids.LegalID {
	if s == "" {
		return 0
	}
	id, err := ids.ParseLegalID(s)
	if err != nil {
		p.failed("on_behalf_of", err)
	}
	return id
}

const maxReference = 100 // bytes

// court reads a court's reference and the day until which it hides.
func (p *form) court(f *FormCourt) *Court {
	if f == nil {
		return nil
	}
	c := &Court{}
	var err error
	if len(f.Reference) > maxReference {
		p.wrong("court.reference", "inquiry.court.reference", strconv.Itoa(maxReference))
	} else if c.Reference, err = persian.Display(f.Reference); err != nil {
		p.failed("court.reference", err)
	} else if c.Reference == "" {
		p.wrong("court.reference", "inquiry.missing")
	}
	if f.Until == "" {
		p.wrong("court.until", "inquiry.missing")
	} else if c.Until, err = persian.ParseDate(f.Until); err != nil {
		p.failed("court.until", err)
	} else if !c.Until.Precise() {
		p.wrong("court.until", "inquiry.date.precise")
	} else if c.Until.Compare(p.today) <= 0 {
		p.wrong("court.until", "inquiry.court.until")
	}
	return c
}
