// Package place keeps the place register of the Post: dwellings and units by
// postal code, with their addresses.
//
// A postal code names one place for ever (bylaw of 1378, art. 1). A place may
// be retired, split or merged; then it names its successors and its address
// stays readable. Rows have versions: Put, the one way to change a row (Load,
// for empty registers, apart), copies what it replaces into the history with
// who, why and when.
//
// The upper part of an address, from province to quarter, is shared by many
// places and stands once in the table area; a row holds its id, which the Book
// resolves from memory without a lock. So an inquiry about a place costs one
// point read.
package place

import (
	"strings"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// State is whether a place exists.
type State uint8

// The states; rows store these numbers.
const (
	Active  State = 1
	Retired State = 2
	Split   State = 3 // into its successors
	Merged  State = 4 // into its successor
)

var states = [...]string{Active: "active", Retired: "retired", Split: "split", Merged: "merged"}

// String is the state's name in files and records.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// MarshalText is String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Place is one version of one place. Empty texts are not on record.
type Place struct {
	Code         ids.PostalCode   `json:"postal_code"`
	Province     string           `json:"province"`                // ostan
	County       string           `json:"county,omitempty"`        // shahrestan
	District     string           `json:"district,omitempty"`      // bakhsh
	Locality     string           `json:"locality,omitempty"`      // city or village
	LocalityKind string           `json:"locality_kind,omitempty"` // city, village, or another word of the Post's
	SubLocality  string           `json:"sub_locality,omitempty"`  // quarter
	Street       string           `json:"street,omitempty"`
	Street2      string           `json:"street2,omitempty"`
	House        string           `json:"house_number,omitempty"` // number on the plate
	Floor        string           `json:"floor,omitempty"`        // in words, as the Post writes it
	Side         string           `json:"side,omitempty"`         // side of the floor
	Building     string           `json:"building,omitempty"`
	Note         string           `json:"note,omitempty"`
	State        State            `json:"state"`
	Successors   []ids.PostalCode `json:"successors,omitempty"` // if split, merged or retired
	Version      int64            `json:"version"`              // 1, 2, 3 …; 0: not yet in the register
}

// area is what many places share. It is the key of its own dictionary.
type area struct{ province, county, district, locality, kind, sub string }

func (p *Place) area() area {
	return area{p.Province, p.County, p.District, p.Locality, p.LocalityKind, p.SubLocality}
}

func (p *Place) setArea(a *area) {
	p.Province, p.County, p.District, p.Locality, p.LocalityKind, p.SubLocality = a.province, a.county, a.district, a.locality, a.kind, a.sub
}

// same reports whether two versions say the same.
func (p *Place) same(o *Place) bool {
	return p.area() == o.area() && p.texts() == o.texts() && p.State == o.State && packCodes(p.Successors) == packCodes(o.Successors)
}

func (p *Place) texts() [7]string {
	return [7]string{p.Street, p.Street2, p.House, p.Floor, p.Side, p.Building, p.Note}
}

// maxText is the longest text of an address, in runes.
const maxText = 200

// check refuses what cannot be, all of it at once.
func (p *Place) check() error {
	var bad fault.List
	bad.When(p.Code == 0, "postal_code", "place.missing")
	bad.When(p.Province == "", "province", "place.missing")
	bad.When(p.State < Active || p.State > Merged, "state", "place.word")
	bad.When(p.State == Active && len(p.Successors) > 0, "successors", "place.successors.active")
	bad.When(p.State == Split && len(p.Successors) < 2, "successors", "place.successors.split")
	bad.When(p.State == Merged && len(p.Successors) != 1, "successors", "place.successors.merged")
	bad.When(len(p.Successors) > 1000, "successors", "place.successors.many")
	for _, s := range p.Successors {
		bad.When(s == p.Code, "successors", "place.successors.self")
	}
	for _, text := range p.all() {
		bad.When(utf8.RuneCountInString(*text) > maxText, "address", "place.long")
	}
	return bad.Err()
}

// clean brings all texts into the form that is safe to store and show.
func (p *Place) clean() error {
	for _, text := range p.all() {
		if *text == "" {
			continue
		}
		shown, err := persian.Display(*text)
		if err != nil {
			return fault.Of(err).At("address")
		}
		*text = shown
	}
	return nil
}

// all are the places of all texts, in the order of address and import columns.
func (p *Place) all() [13]*string {
	return [...]*string{
		&p.Province, &p.County, &p.District, &p.Locality, &p.LocalityKind, &p.SubLocality,
		&p.Street, &p.Street2, &p.House, &p.Floor, &p.Side, &p.Building, &p.Note,
	}
}

// SuccessorCodes are the successors in one text, with spaces between.
func (p *Place) SuccessorCodes() string { return packCodes(p.Successors) }

// packCodes is the stored form of successors: codes with spaces between.
func packCodes(codes []ids.PostalCode) string {
	if len(codes) == 0 {
		return ""
	}
	b := make([]byte, 0, 11*len(codes))
	for i, c := range codes {
		if i > 0 {
			b = append(b, ' ')
		}
		b = c.AppendTo(b)
	}
	return string(b)
}

// parseCodes reads the stored form, or a list with other separators.
func parseCodes(s string) ([]ids.PostalCode, error) {
	var codes []ids.PostalCode
	for _, one := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '/' || r == 0x060C }) {
		c, err := ids.ParsePostalCode(one)
		if err != nil {
			return nil, err
		}
		codes = append(codes, c)
	}
	return codes, nil
}
