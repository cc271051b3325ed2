package discrepancy

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
)

// Claim is one value that somebody says should stand in a record.
type Claim struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// item is what a case may be about: how a claim is read into the form that
// programs read, and what a record says.
type item struct {
	field string
	read  func(string) (string, error)
	of    func(*person.Person) string
}

// items are what a letter shows, and what a person may see on it is wrong.
var items = []item{
	{"given_name", name, func(p *person.Person) string { return p.Given.Display }},
	{"surname", name, func(p *person.Person) string { return p.Surname.Display }},
	{"father_name", name, func(p *person.Person) string { return p.Father.Display }},
	{"birth_date", date, func(p *person.Person) string { return p.Born.String() }},
	{"sex", sex, func(p *person.Person) string { return p.Sex.String() }},
	{"postal_code", postal, func(p *person.Person) string {
		if p.Postal == 0 {
			return ""
		}
		return p.Postal.String()
	}},
}

func find(field string) *item {
	if i := slices.IndexFunc(items, func(i item) bool { return i.field == field }); i >= 0 {
		return &items[i]
	}
	return nil
}

func name(s string) (string, error) {
	n, err := persian.ParseName(s)
	return n.Display, err
}

func date(s string) (string, error) {
	d, err := persian.ParseDate(s)
	return d.String(), err
}

func sex(s string) (string, error) {
	if s != person.Male.String() && s != person.Female.String() {
		return "", fault.New(fault.Invalid, "discrepancy.word")
	}
	return s, nil
}

func postal(s string) (string, error) {
	c, err := ids.ParsePostalCode(s)
	return c.String(), err
}

// MaxText is the longest text of a person, in letters.
const MaxText = 500

// Check reads all claims and brings them into the form that programs read. All
// mistakes are told at once, each at its place in items.
func Check(claims []Claim) error {
	var bad fault.List
	seen := map[string]bool{}
	for i := range claims {
		c := &claims[i]
		at := "items." + strconv.Itoa(i)
		kind := find(c.Field)
		switch {
		case kind == nil:
			bad.Add(at+".field", fault.New(fault.Invalid, "discrepancy.field"))
			continue
		case seen[c.Field]:
			bad.Add(at+".field", fault.New(fault.Invalid, "discrepancy.twice"))
			continue
		}
		seen[c.Field] = true
		value, err := kind.read(c.Value)
		if err != nil {
			bad.Add(at+".value", err)
		}
		c.Value = value
	}
	return bad.Err()
}

// text checks what a person or a clerk wrote and cleans it.
func text(s *string, field string) (err error) {
	if utf8.RuneCountInString(*s) > MaxText {
		return fault.New(fault.Invalid, "discrepancy.text").At(field)
	}
	if *s, err = persian.Display(*s); err != nil {
		return fault.Of(err).At(field)
	}
	return nil
}

func index(words []string, s string) (int, error) {
	if i := slices.Index(words, s); i > 0 && s != "" {
		return i, nil
	}
	return 0, fault.New(fault.Invalid, "discrepancy.word")
}
