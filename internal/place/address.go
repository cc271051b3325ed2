package place

import (
	"strconv"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Address is parts of an address as somebody states them. A part that is
// absent stays as it is; one that is empty is taken off the record.
type Address struct {
	Province     *string `json:"province,omitempty"`
	County       *string `json:"county,omitempty"`
	District     *string `json:"district,omitempty"`
	Locality     *string `json:"locality,omitempty"`
	LocalityKind *string `json:"locality_kind,omitempty"`
	SubLocality  *string `json:"sub_locality,omitempty"`
	Street       *string `json:"street,omitempty"`
	Street2      *string `json:"street2,omitempty"`
	House        *string `json:"house_number,omitempty"`
	Floor        *string `json:"floor,omitempty"`
	Side         *string `json:"side,omitempty"`
	Building     *string `json:"building,omitempty"`
	Note         *string `json:"note,omitempty"`
}

// parts are the parts in the order of Place.all.
func (a *Address) parts() [13]**string {
	return [...]**string{
		&a.Province, &a.County, &a.District, &a.Locality, &a.LocalityKind, &a.SubLocality,
		&a.Street, &a.Street2, &a.House, &a.Floor, &a.Side, &a.Building, &a.Note,
	}
}

// below are the parts below the area.
func (a *Address) below() [7]*string {
	return [...]*string{a.Street, a.Street2, a.House, a.Floor, a.Side, a.Building, a.Note}
}

// onto puts what is stated over p.
func (a *Address) onto(p *Place) {
	to := p.all()
	for i, part := range a.parts() {
		if *part != nil {
			*to[i] = **part
		}
	}
}

// isZero reports whether nothing is stated.
func (a *Address) isZero() bool { return *a == Address{} }

// place is the address alone, absent parts empty.
func (a *Address) place() (p Place) {
	a.onto(&p)
	return p
}

// check brings the texts into their display form and refuses those that
// cannot be stored.
func (a *Address) check() error {
	var bad fault.List
	for i, part := range a.parts() {
		if *part == nil {
			continue
		}
		field := columnNames[colTexts+i]
		text, err := persian.Display(**part)
		switch {
		case err != nil:
			bad.Add(field, err)
		case utf8.RuneCountInString(text) > maxText:
			bad.Add(field, fault.New(fault.Invalid, "place.long"))
		}
		*part = &text
	}
	return bad.Err()
}

// matches reports whether p says what a states, in whatever spelling.
func (a *Address) matches(p *Place) bool {
	have := p.all()
	for i, part := range a.parts() {
		if *part != nil && !alike(**part, *have[i]) {
			return false
		}
	}
	return true
}

func alike(x, y string) bool { return x == y || persian.Key(x) == persian.Key(y) }

// Area is the part of the country that a municipality answers for. An empty
// County means the whole province, an empty Locality the whole county.
type Area struct{ Province, County, Locality string }

// holds reports whether a place lies in the area. The zero area holds none.
func (a *Area) holds(p *Place) bool {
	return a.Province != "" && alike(a.Province, p.Province) &&
		(a.County == "" || alike(a.County, p.County)) && (a.Locality == "" || alike(a.Locality, p.Locality))
}

// within fills in the upper parts that an address leaves out.
func (a *Area) within(addr *Address) {
	for part, value := range map[**string]string{&addr.Province: a.Province, &addr.County: a.County, &addr.Locality: a.Locality} {
		if *part == nil && value != "" {
			*part = &value
		}
	}
}

// AreaCode is the first five digits of postal codes: the Post's distribution
// area. 0 is none.
type AreaCode int32

// UnmarshalText reads five digits, none of them 0 or 2.
func (c *AreaCode) UnmarshalText(text []byte) error {
	code, err := ids.ParsePostalCode(string(text) + "00000")
	if err != nil {
		return fault.New(fault.Invalid, "place.area.code")
	}
	*c = AreaCode(code / areaSize)
	return nil
}

// MarshalText is the five digits.
func (c AreaCode) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(c), 10), nil }

// areaSize is how many place numbers an area has.
const areaSize = 100_000
