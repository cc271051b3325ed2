package notice

import (
	"strconv"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
)

// Choice says who gets a letter: everybody to whom all of it applies, or the
// persons of a list. Only persons who live and whose record is active get one.
//
// Who has no address in the place register lives in no province: a choice by
// province or county passes him over, any other lists him as without address.
type Choice struct {
	Province  string               `json:"province,omitempty"`
	County    string               `json:"county,omitempty"`
	BornFrom  int                  `json:"born_from,omitzero"`  // year; 0: any
	BornUntil int                  `json:"born_until,omitzero"` // year; 0: any
	BornSince persian.Date         `json:"born_since,omitzero"` // the new-born from this day on
	Numbers   []ids.NationalNumber `json:"persons,omitempty"`   // these persons and nobody else
}

// mostNumbers is how long a list of persons may be.
const mostNumbers = 1000

// check refuses a choice that says nothing or contradicts itself. Names are
// cleaned first: one of nothing but blanks is none, and chooses nobody less.
func (c *Choice) check() error {
	var bad fault.List
	for _, area := range []struct {
		field string
		name  *string
	}{{"choice.province", &c.Province}, {"choice.county", &c.County}} {
		clean, err := persian.Display(*area.name)
		bad.Add(area.field, err)
		bad.When(utf8.RuneCountInString(clean) > maxName, area.field, "notice.choice.area")
		*area.name = clean
	}
	others := c.Province != "" || c.County != "" || c.BornFrom != 0 || c.BornUntil != 0 || !c.BornSince.IsZero()
	bad.When(!others && len(c.Numbers) == 0, "choice", "notice.choice.empty")
	bad.When(others && len(c.Numbers) > 0, "choice.persons", "notice.choice.list")
	bad.When(len(c.Numbers) > mostNumbers, "choice.persons", "notice.choice.long")
	bad.When(c.County != "" && c.Province == "", "choice.county", "notice.choice.county")
	for _, year := range []struct {
		field string
		value int
	}{{"choice.born_from", c.BornFrom}, {"choice.born_until", c.BornUntil}} {
		bad.When(year.value != 0 && (year.value < persian.FirstYear || year.value > persian.LastYear), year.field, "notice.choice.year")
	}
	bad.When(c.BornFrom != 0 && c.BornUntil != 0 && c.BornFrom > c.BornUntil, "choice.born_until", "notice.choice.years")
	bad.When(!c.BornSince.IsZero() && !c.BornSince.Precise(), "choice.born_since", "notice.choice.day")
	return bad.Err()
}

// person reports whether a person is chosen, as far as his record tells.
func (c *Choice) person(p *person.Person) bool {
	year := int(p.Born.Year)
	return living(p) &&
		(c.BornFrom == 0 || year >= c.BornFrom) &&
		(c.BornUntil == 0 || p.Born.Year != 0 && year <= c.BornUntil) &&
		(c.BornSince.IsZero() || p.Born.Compare(c.BornSince) >= 0)
}

func living(p *person.Person) bool { return p.State == person.Active && p.Alive() }

// place reports whether who lives at a place is chosen; nil is no place.
func (c *Choice) place(p *place.Place) bool {
	if c.Province == "" {
		return true
	}
	return p != nil && persian.Key(p.Province) == persian.Key(c.Province) &&
		(c.County == "" || persian.Key(p.County) == persian.Key(c.County))
}

// lack tells why no letter can go to a place, 0 if one can. code is the
// residence on record.
func lack(code ids.PostalCode, p *place.Place) Lack {
	switch {
	case code == 0:
		return NoCode
	case p == nil:
		return NoPlace
	case p.State != place.Active:
		return Gone
	}
	return 0
}

// listed refuses a list that names somebody to whom no letter can go: each by
// his place in the list, all at once.
func listed(persons []*person.Person, places []*place.Place) error {
	var bad fault.List
	for i, p := range persons {
		key := ""
		switch {
		case p == nil:
			key = "notice.person.unknown"
		case !living(p):
			key = "notice.person.state"
		case lack(p.Postal, places[i]) != 0:
			key = "notice.person.address"
		}
		if key != "" {
			bad.Add("choice.persons."+strconv.Itoa(i), fault.New(fault.Invalid, key))
		}
	}
	return bad.Err()
}
