package linkage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind is how a column is read and compared.
type Kind string

// The kinds of columns.
const (
	Key     Kind = "key"     // the register's own number of the record, with check digit if Check says so
	Name    Kind = "name"    // given name or father's name
	Family  Kind = "surname" // surname
	Text    Kind = "text"    // a place, an address, an occupation
	Words   Kind = "words"   // several words in any order
	Number  Kind = "number"  // digits
	Code    Kind = "code"    // letters and digits
	DateOf  Kind = "date"    // a day, or a month or year
	Word    Kind = "word"    // one of a few words
	maxCols      = 16
)

// Column is one column of rows and records.
type Column struct {
	Name string  `json:"name"`
	Kind Kind    `json:"kind"`
	Dict string  `json:"dict,omitempty"` // columns of one dictionary can be mixed up; "": the column's own
	Kin  float64 `json:"kin,omitempty"`  // how often near relatives agree in it; 0: no more than others
	// SameAsKey: of some persons the column holds the key itself.
	SameAsKey bool `json:"same_as_key,omitempty"`
	// Vital: somebody with whom all vital columns disagree, or a relative who
	// shares all but the name, is never linked without a clerk.
	Vital bool `json:"vital,omitempty"`
	// Without names columns whose words the column repeats.
	Without []string `json:"without,omitempty"`
	// Swap names the columns with which people mix this one up.
	Swap []string `json:"swap,omitempty"`
}

// Profile says what rows and records look like.
type Profile struct {
	Name     string   `json:"name"`
	Calendar string   `json:"calendar"` // "jalali": Gregorian dates are turned into Jalali ones; "": dates stay as they are
	Script   string   `json:"script"`   // "persian" or "latin": how names are folded and sound
	Columns  []Column `json:"columns"`
	// Keys bring candidates. A part is a column's name: plain is the value, ~ the
	// sound, .year the year of a date, :3 the first three letters.
	Keys [][]string `json:"keys"`
	// Relatives is how many near relatives a person who is not in the register
	// has in it.
	Relatives float64 `json:"relatives,omitempty"`

	keys    [][]part
	without [][]int
	broad   []bool                  // by key: made of names alone
	pair    struct{ a, b, key int } // two names of which a key is made; key −1: none
	swaps   [][2]int                // pairs of columns that people mix up
}

// Columns of the register's profile, in the order of Values.
const (
	NumberColumn = iota
	GivenColumn
	SurnameColumn
	FatherColumn
	BirthColumn
	ShenasnamehColumn
	PlaceColumn
	SexColumn
	PostalColumn
)

// part is one part of a blocking key.
type part struct {
	column int
	what   partKind
	n      int
}

type partKind uint8

const (
	partValue partKind = iota
	partSound
	partYear
	partDay // month and day
	partPrefix
)

// Persian is the profile of the population register. How often relatives agree
// is taken from families, not from any file: siblings share surname and father,
// mostly the place where their shenasnamehs were issued, and one in fifty is a
// twin.
func Persian() *Profile {
	p := &Profile{
		Name: "population", Calendar: "jalali", Script: "persian", Relatives: 3,
		Columns: []Column{
			{Name: "national_number", Kind: Key, Kin: .01},
			{Name: "given_name", Kind: Name, Dict: "given", Kin: .002, Vital: true, Swap: []string{"surname", "father_name"}},
			{Name: "surname", Kind: Family, Dict: "surname", Kin: .9},
			{Name: "father_name", Kind: Name, Dict: "given", Kin: .8},
			{Name: "birth_date", Kind: DateOf, Kin: .008, Vital: true},
			{Name: "shenasnameh_number", Kind: Number, SameAsKey: true},
			{Name: "issue_place", Kind: Text, Kin: .7},
			{Name: "sex", Kind: Word},
			{Name: "postal_code", Kind: Number, Kin: .3},
		},
		Keys: [][]string{
			{"shenasnameh_number", "issue_place~"},
			{"birth_date", "surname~"},
			{"birth_date", "given_name~"},
			{"shenasnameh_number", "birth_date.year"},
			{"birth_date.year", "surname~", "father_name~"},
			{"birth_date.year", "given_name~", "surname~"},
			{"birth_date.year", "given_name~", "father_name~"},
			{"given_name~", "surname~", "father_name~"},
			{"given_name~", "surname~"},
		},
	}
	if err := p.check(); err != nil {
		panic(err) // a mistake in the table above
	}
	return p
}

// ParseProfile reads a profile from JSON. What it does not know it refuses.
func ParseProfile(data []byte) (*Profile, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	p := new(Profile)
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return p, p.check()
}

// ColumnNamed is the index of a column, -1 if there is none of that name.
func (p *Profile) ColumnNamed(name string) int {
	for i := range p.Columns {
		if p.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

func (p *Profile) check() error {
	if len(p.Columns) == 0 || len(p.Columns) > maxCols {
		return fmt.Errorf("profile: between 1 and %d columns", maxCols)
	}
	if p.Script != "persian" && p.Script != "latin" || p.Calendar != "" && p.Calendar != "jalali" {
		return fmt.Errorf("profile: script is persian or latin, calendar empty or jalali")
	}
	for i := range p.Columns {
		c := &p.Columns[i]
		if c.Dict == "" {
			c.Dict = c.Name
		}
		switch c.Kind {
		case Key, Name, Family, Text, Words, Number, Code, DateOf, Word:
		default:
			return fmt.Errorf("profile: column %d has no known kind", i+1)
		}
		if c.Name == "" || p.ColumnNamed(c.Name) != i || c.Kind == Key && i != 0 {
			return fmt.Errorf("profile: column %d: names are unique, and a key stands first", i+1)
		}
	}
	p.keys, p.swaps, p.without = nil, nil, make([][]int, len(p.Columns))
	for i := range p.Columns {
		for _, name := range p.Columns[i].Without {
			o := p.ColumnNamed(name)
			if o < 0 || !p.Columns[o].textual() {
				return fmt.Errorf("profile: column %d repeats none that is a text", i+1)
			}
			p.without[i] = append(p.without[i], o)
		}
		for _, name := range p.Columns[i].Swap {
			o := p.ColumnNamed(name)
			if o < 0 || !p.Columns[o].textual() || !p.Columns[i].textual() {
				return fmt.Errorf("profile: column %d is mixed up with none that is a text", i+1)
			}
			p.swaps = append(p.swaps, [2]int{i, o})
		}
	}
	for _, k := range p.Keys {
		if len(k) == 0 || len(k) > maxParts {
			return fmt.Errorf("profile: a key has 1 to %d parts", maxParts)
		}
		parts := make([]part, len(k))
		for i, s := range k {
			var err error
			if parts[i], err = p.part(s); err != nil {
				return err
			}
		}
		p.keys = append(p.keys, parts)
	}
	p.broad = make([]bool, len(p.keys))
	for k, parts := range p.keys {
		p.broad[k] = !slices.ContainsFunc(parts, func(q part) bool { return q.what != partSound })
	}
	p.pair.key = -1
	for k, parts := range p.keys {
		if len(parts) == 2 && parts[0].what == partSound && parts[1].what == partSound &&
			p.Columns[parts[0].column].Kind == Name && p.Columns[parts[1].column].Kind == Family {
			p.pair.a, p.pair.b, p.pair.key = parts[0].column, parts[1].column, k
		}
	}
	return nil
}

func (p *Profile) part(s string) (part, error) {
	name, what, n := s, partValue, 0
	if before, ok := strings.CutSuffix(s, "~"); ok {
		name, what = before, partSound
	} else if before, ok := strings.CutSuffix(s, ".year"); ok {
		name, what = before, partYear
	} else if before, ok := strings.CutSuffix(s, ".day"); ok {
		name, what = before, partDay
	} else if before, after, ok := strings.Cut(s, ":"); ok {
		var err error
		if n, err = strconv.Atoi(after); err != nil || n < 1 || n > 8 {
			return part{}, fmt.Errorf("profile: %q: a prefix has 1 to 8 letters", s)
		}
		name, what = before, partPrefix
	}
	c := p.ColumnNamed(name)
	if c < 0 {
		return part{}, fmt.Errorf("profile: key names no column: %q", s)
	}
	switch column := &p.Columns[c]; what {
	case partSound, partPrefix:
		if !column.textual() {
			return part{}, fmt.Errorf("profile: %q: only texts have a sound and letters", s)
		}
	case partYear, partDay:
		if column.Kind != DateOf {
			return part{}, fmt.Errorf("profile: %q: only dates have years and days", s)
		}
	}
	return part{c, what, n}, nil
}

// textual reports whether the column's values stand in a dictionary.
func (c *Column) textual() bool {
	switch c.Kind {
	case Name, Family, Text, Words, Code, Word:
		return true
	}
	return false
}
