package synth

import (
	"iter"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
)

// Persons makes all persons, in ascending order of their national numbers.
func (p *Population) Persons() iter.Seq[person.Person] {
	return func(yield func(person.Person) bool) {
		c := converter{names: map[string]persian.Name{}}
		for r := range p.all() {
			if !yield(c.person(r)) {
				return
			}
		}
	}
}

// Person is the i-th of Persons, without making those before it.
func (p *Population) Person(i int) person.Person {
	m := maker{Population: p}
	block := p.blockOf(i)
	m.fill(block)
	c := converter{names: map[string]persian.Name{}}
	var r record
	for _, k := range m.order[:i-p.first(block)+1] {
		m.record(&r, k) // each draws from the block's dice
	}
	return c.person(&r)
}

// Places makes all places, in ascending order of their postal codes.
func (p *Population) Places() iter.Seq[place.Place] {
	return func(yield func(place.Place) bool) {
		for s := range p.allPlaces() {
			if !yield(p.place(s)) {
				return
			}
		}
	}
}

func (p *Population) place(s *spot) place.Place {
	return place.Place{
		Code: ids.PostalCode(s.code), Province: s.province, County: s.county, District: s.district,
		Locality: s.locality, LocalityKind: s.kind(), SubLocality: s.subLocality,
		Street: s.street, Street2: s.street2, House: s.house, Floor: s.floor, Side: s.side, Building: s.building,
		Note: p.words.one("mark"), State: place.Active,
	}
}

// converter makes records into persons.
type converter struct {
	names map[string]persian.Name
}

// mostNames bounds the names that a converter remembers.
const mostNames = 100_000

func (c *converter) name(s string) persian.Name {
	name, ok := c.names[s]
	if !ok {
		var err error
		if name, err = persian.ParseName(s); err != nil {
			panic("synth: a name that is none") // TestNames holds that there is none
		}
		if len(c.names) >= mostNames {
			clear(c.names)
		}
		c.names[s] = name
	}
	return name
}

func (c *converter) person(r *record) person.Person {
	p := person.Person{
		Number: ids.NationalNumber(r.number), Given: c.name(r.given), Surname: c.name(r.surname), Father: c.name(r.father),
		Born: r.born, Died: r.died, Sex: person.Sex(r.sex), State: person.State(r.state), Sayyed: r.sayyed,
		Successor: ids.NationalNumber(r.successor), Postal: ids.PostalCode(r.postal), ResidenceSince: r.since,
	}
	p.Shenasnameh = person.Shenasnameh{
		Number: ids.ShenasnamehNumber(r.booklet), Serie: ids.Serie(r.serie), Serial: ids.Serial(digits(nil, int64(r.serial), 6)),
		Office: r.office, IssuePlace: r.issuePlace,
	}
	p.Card = person.Card{State: person.CardState(r.card), Reason: person.CardReason(r.cardReason), Valid: r.cardValid}
	if r.cardSerial != 0 {
		p.Card.Serial = string(cardSerial(nil, r.cardSerial))
	}
	return p
}
