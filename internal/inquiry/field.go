package inquiry

import (
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
)

// field is one item of the register that an agency may verify or be told.
type field struct {
	name    string
	service string
	read    func(c *Claim, s string) error           // parses a claimed value
	value   func(s *seen) (string, bool)             // what is on record, as records spell it
	like    func(s *seen, c *Claim) persian.Likeness // asked only when a value is on record
}

// Claim is one claimed value, parsed.
type Claim struct {
	field *field
	text  string       // as records spell it
	name  persian.Name // for names

	shenasnameh ids.ShenasnamehNumber // for shenasnameh_number
}

// Text is the claimed value in the form that records keep.
func (c *Claim) Text() string { return c.text }

// seen is what the register held: a person or a place, never both.
type seen struct {
	person *person.Person // nil: number unknown or second key wrong
	now    *person.Person // with as_of: the person as registered today
	place  *place.Place
}

// fields lists every item of every service. The order is the order in which
// documentation and forms show them.
var fields = []field{
	{"given_name", Identity, readName, nameOf(givenName), likeName(givenName, persian.CompareGiven)},
	{"surname", Identity, readName, nameOf(surname), likeName(surname, persian.CompareSurname)},
	{"father_name", Identity, readName, nameOf(fatherName), likeName(fatherName, persian.CompareGiven)},
	{"sex", Identity, readWord("male", "female"), ofPerson(func(p *person.Person) string { return p.Sex.String() }), exact},
	{"birth_date", Identity, readDate, ofPerson(func(p *person.Person) string { return dateText(p.Born) }), likeBirth},
	{"life_status", Identity, readWord("alive", "deceased"), ofPerson(lifeStatus), exact},
	{"death_date", Identity, readDate, ofPerson(func(p *person.Person) string { return dateText(p.Died) }), exact},

	{"shenasnameh_number", Shenasnameh, readShenasnameh, ofPerson(shenasnamehNumber), likeShenasnameh},
	{"shenasnameh_serie", Shenasnameh, readSerie, ofPerson(func(p *person.Person) string { return string(p.Shenasnameh.Serie) }), exact},
	{"shenasnameh_serial", Shenasnameh, readSerial, ofPerson(func(p *person.Person) string { return string(p.Shenasnameh.Serial) }), exact},
	{"issue_place", Shenasnameh, readText, ofPerson(func(p *person.Person) string { return p.Shenasnameh.IssuePlace }), likeText},

	{"card_state", Card, readText, ofPerson(func(p *person.Person) string { return p.Card.State.String() }), exact},
	{"card_valid_until", Card, readDate, ofPerson(func(p *person.Person) string { return dateText(p.Card.Valid) }), exact},
	{"card_serial", Card, readText, ofPerson(func(p *person.Person) string { return p.Card.Serial }), exact},

	{"postal_code", Residence, readPostal, ofPerson(postalCode), exact},
	{"residence_since", Residence, readDate, ofPerson(func(p *person.Person) string { return dateText(p.ResidenceSince) }), exact},

	{"province", Place, readText, ofPlace(func(p *place.Place) string { return p.Province }), likeText},
	{"county", Place, readText, ofPlace(func(p *place.Place) string { return p.County }), likeText},
	{"district", Place, readText, ofPlace(func(p *place.Place) string { return p.District }), likeText},
	{"locality", Place, readText, ofPlace(func(p *place.Place) string { return p.Locality }), likeText},
	{"locality_kind", Place, readText, ofPlace(func(p *place.Place) string { return p.LocalityKind }), exact},
	{"sub_locality", Place, readText, ofPlace(func(p *place.Place) string { return p.SubLocality }), likeText},
	{"street", Place, readText, ofPlace(func(p *place.Place) string { return p.Street }), likeText},
	{"street2", Place, readText, ofPlace(func(p *place.Place) string { return p.Street2 }), likeText},
	{"house_number", Place, readText, ofPlace(func(p *place.Place) string { return p.House }), likeText},
	{"floor", Place, readText, ofPlace(func(p *place.Place) string { return p.Floor }), likeText},
	{"side", Place, readText, ofPlace(func(p *place.Place) string { return p.Side }), likeText},
	{"building", Place, readText, ofPlace(func(p *place.Place) string { return p.Building }), likeText},
	{"note", Place, readText, ofPlace(func(p *place.Place) string { return p.Note }), likeText},
	{"successors", Place, readText, ofPlace((*place.Place).SuccessorCodes), exact},
}

// FieldsOf lists the names of a service's fields.
func FieldsOf(service string) []string {
	switch service {
	case Predicates:
		return []string{Alive, AgeAtLeast}
	case Deed:
		return deedFields
	}
	var names []string
	for i := range fields {
		if fields[i].service == service {
			names = append(names, fields[i].name)
		}
	}
	return names
}

func fieldOf(service, name string) *field {
	for i := range fields {
		if fields[i].name == name && fields[i].service == service {
			return &fields[i]
		}
	}
	return nil
}

// What is on record.

func givenName(p *person.Person) *persian.Name  { return &p.Given }
func surname(p *person.Person) *persian.Name    { return &p.Surname }
func fatherName(p *person.Person) *persian.Name { return &p.Father }

func nameOf(pick func(*person.Person) *persian.Name) func(*seen) (string, bool) {
	return func(s *seen) (string, bool) {
		n := pick(s.person)
		return n.Display, n.Key != ""
	}
}

func ofPerson(f func(*person.Person) string) func(*seen) (string, bool) {
	return func(s *seen) (string, bool) {
		v := f(s.person)
		return v, v != ""
	}
}

func ofPlace(f func(*place.Place) string) func(*seen) (string, bool) {
	return func(s *seen) (string, bool) {
		v := f(s.place)
		return v, v != ""
	}
}

func dateText(d persian.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func lifeStatus(p *person.Person) string {
	if p.Alive() {
		return "alive"
	}
	return "deceased"
}

func shenasnamehNumber(p *person.Person) string {
	if !p.Shenasnameh.Number.Known(p.Born) {
		return ""
	}
	return p.Shenasnameh.Number.String()
}

func postalCode(p *person.Person) string {
	if p.Postal == 0 {
		return ""
	}
	return p.Postal.String()
}

// How claims are read.

func readName(c *Claim, s string) (err error) {
	c.name, err = persian.ParseClaim(s)
	c.text = c.name.Display
	return err
}

func readText(c *Claim, s string) (err error) {
	if s == "" {
		return fault.New(fault.Invalid, "inquiry.missing")
	}
	if len(s) > 400 {
		return fault.New(fault.Invalid, "inquiry.text.long")
	}
	if c.text, err = persian.Display(s); err == nil && c.text == "" { // of what nobody sees
		err = fault.New(fault.Invalid, "inquiry.missing")
	}
	return err
}

func readDate(c *Claim, s string) error {
	d, err := persian.ParseDate(s)
	c.text = dateText(d)
	return err
}

func readWord(words ...string) func(*Claim, string) error {
	return func(c *Claim, s string) error {
		for _, w := range words {
			if s == w {
				c.text = s
				return nil
			}
		}
		return fault.New(fault.Invalid, "inquiry.word", words...)
	}
}

func readShenasnameh(c *Claim, s string) error {
	var err error
	c.shenasnameh, err = ids.ParseShenasnamehNumber(s, 0, persian.Date{})
	c.text = c.shenasnameh.String()
	return err
}

func readSerie(c *Claim, s string) error {
	v, err := ids.ParseSerie(s)
	c.text = string(v)
	return err
}

func readSerial(c *Claim, s string) error {
	v, err := ids.ParseSerial(s)
	c.text = string(v)
	return err
}

func readPostal(c *Claim, s string) error {
	v, err := ids.ParsePostalCode(s)
	if err == nil {
		c.text = v.String()
	}
	return err
}

// How claims are compared.

func exact(s *seen, c *Claim) persian.Likeness {
	if v, _ := c.field.value(s); v == c.text {
		return persian.Same
	}
	return persian.Different
}

func likeName(pick func(*person.Person) *persian.Name, like func(a, b persian.Name) persian.Likeness) func(*seen, *Claim) persian.Likeness {
	return func(s *seen, c *Claim) persian.Likeness { return like(*pick(s.person), c.name) }
}

// likeBirth holds a claimed day against a record that knows only the year: the
// year agrees, so it is a variant, not a match.
func likeBirth(s *seen, c *Claim) persian.Likeness {
	born := s.person.Born
	if exact(s, c) == persian.Same {
		return persian.Same
	}
	claimed, err := persian.ParseDate(c.text)
	if err == nil && (!born.Precise() || !claimed.Precise()) && born.Year == claimed.Year {
		return persian.Variant
	}
	return persian.Different
}

// likeShenasnameh knows the rule of 1368 (domain.md §1).
func likeShenasnameh(s *seen, c *Claim) persian.Likeness {
	if s.person.Shenasnameh.Number.Matches(c.shenasnameh, s.person.Number, s.person.Born) {
		return persian.Same
	}
	return persian.Different
}

// likeText takes spelling variants of places and streets for what they are.
func likeText(s *seen, c *Claim) persian.Likeness {
	v, _ := c.field.value(s)
	switch {
	case v == c.text, persian.Key(v) == persian.Key(c.text):
		return persian.Same
	case persian.Phonetic(v) == persian.Phonetic(c.text):
		return persian.Variant
	}
	return persian.Different
}
