package linkage

import (
	"strings"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Values are integers; 0 is "not given". A text's value is its place in the
// dictionary, a number's the number, a date's YYYYMMDD with 00 for what is not
// known. Days and months that do not exist stay as they were written: a slip
// of one digit is recognised in them.

const (
	yearUnit   = 10000
	longNumber = 17 // digits
)

// parseNumber reads digits of any script, spaces and dashes apart.
func parseNumber(s string) (v uint64, digits int) {
	for _, r := range s {
		d, ok := persian.Digit(r)
		switch {
		case ok:
			v = v*10 + uint64(d-'0')
			digits++
		case r == ' ', r == '-', r == '\u200c', r == '/', r == '\'', r == '\u200f', r == '\u200e':
		default:
			return 0, 0
		}
		if digits > longNumber {
			return 0, 0
		}
	}
	return v, digits
}

// parseKey reads a national number. One that has lost its leading zeros is
// the number that it was, if the check digit says so.
func parseKey(s string) (v uint64, padded bool) {
	v, digits := parseNumber(s)
	if v == 0 || digits > 10 || digits < 7 {
		return 0, false
	}
	return v, digits < 10 && validKey(v)
}

// validKey reports whether a number's check digit fits.
func validKey(v uint64) bool {
	return v < 1e10 && ids.CheckDigit(int64(v/10)) == int64(v%10)
}

// parseDate reads a date as agencies write them.
func (p *Profile) parseDate(s string) uint32 {
	if s == "" {
		return 0
	}
	y, m, d, ok := dateGroups(s)
	if !ok {
		if p.Calendar != "jalali" {
			return 0
		}
		on, err := persian.ParseDate(s)
		if err != nil {
			return 0
		}
		return uint32(on.Pack())
	}
	if p.Calendar == "jalali" {
		return jalali(y, m, d)
	}
	return uint32(y*yearUnit + m*100 + d)
}

// jalali settles the century and the calendar.
func jalali(y, m, d int) uint32 {
	switch {
	case y < 100 && y <= int(thisYear%100):
		y += 1400
	case y < 100:
		y += 1300
	case y >= 1700:
		if m == 0 || d == 0 { // a year of the other calendar is one of two
			return uint32((y - 621) * yearUnit)
		}
		on, err := persian.ParseDate(dateText(y, m, d))
		if err != nil {
			return 0
		}
		return uint32(on.Pack())
	case y < 1000:
		return 0
	}
	return uint32(y*yearUnit + m*100 + d)
}

// thisYear bounds what two digits can mean. A year later is nobody's birth
// year in files that are being linked while this is in use; it is not the
// clock's, so that a file gives the same answer on any day.
const thisYear = 1405

// dateGroups takes a date apart: three groups of digits with the year first or
// last, or one of eight, six, four or two.
func dateGroups(s string) (y, m, d int, ok bool) {
	var group, size [4]int
	n, in := 0, false
	for _, r := range s {
		digit, isDigit := persian.Digit(r)
		switch {
		case isDigit:
			if !in {
				n++
			}
			if in = true; n > 3 || size[n] >= 8 {
				return 0, 0, 0, false
			}
			group[n] = group[n]*10 + int(digit-'0')
			size[n]++
		case r == '/' || r == '-' || r == '.' || r == ' ' || r == ',' || r == '\u200f' || r == '\u200e':
			in = false
		case r == 'T' && n == 3: // a moment: the rest is the time of day
			return yearFirst(group, size)
		default:
			return 0, 0, 0, false
		}
	}
	switch n {
	case 3:
		return yearFirst(group, size)
	case 2:
		if size[1] == 4 {
			return group[1], group[2], 0, true
		}
		return group[2], group[1], 0, size[2] == 4
	case 1:
		return packed(group[1], size[1])
	}
	return 0, 0, 0, false
}

func yearFirst(g, size [4]int) (y, m, d int, ok bool) {
	switch {
	case size[1] > 2:
		return g[1], g[2], g[3], size[1] == 4 && size[2] <= 2 && size[3] <= 2
	case size[3] > 2 || g[3] > 31:
		return g[3], g[2], g[1], size[3] <= 4 && size[2] <= 2
	}
	return g[1], g[2], g[3], size[2] <= 2 && size[3] <= 2
}

func packed(v, digits int) (y, m, d int, ok bool) {
	switch digits {
	case 8:
		if y = v / yearUnit; y >= 1000 && v/100%100 <= 12 || v%yearUnit < 1000 {
			return y, v / 100 % 100, v % 100, true
		}
		if last := v % yearUnit; last >= 1200 && last < 2100 && v/yearUnit%100 <= 12 { // day and month first
			return last, v / yearUnit % 100, v / 1000000, true
		}
		return y, v / 100 % 100, v % 100, true
	case 6:
		return v / yearUnit, v / 100 % 100, v % 100, true
	case 4, 2:
		return v, 0, 0, true
	}
	return 0, 0, 0, false
}

func dateText(y, m, d int) string {
	b := make([]byte, 0, 10)
	for _, f := range [...][2]int{{y, 1000}, {m, 10}, {d, 10}} {
		if len(b) > 0 {
			b = append(b, '-')
		}
		for unit := f[1]; unit > 0; unit /= 10 {
			b = append(b, byte('0'+f[0]/unit%10))
		}
	}
	return string(b)
}

// spelling is a text in the forms in which it is compared.
type spelling struct {
	display string // as cleaned
	key     string // equality
	plain   uint32 // hash of the key without titles
	sound   uint32 // hash of the sound
	codes   string // one byte a letter, for distances
	heard   string // the sound, one byte a letter
}

func (p *Profile) spell(kind Kind, s string) (sp spelling, ok bool) {
	if s = strings.TrimSpace(s); s == "" || len(s) > 2000 {
		return sp, false
	}
	if p.Script == "latin" {
		return spellLatin(kind, s)
	}
	s = lostLetters.Replace(s)
	switch kind {
	case Name, Family:
		n, err := persian.ParseName(s)
		if err != nil {
			return sp, false
		}
		sp = spelling{display: n.Display, key: n.Key}
		sp.heard = letterCodes(n.Phonetic)
		if kind == Name {
			plain := persian.Plain(n)
			sp.plain, sp.heard = uint32(hashText(plain)), letterCodes(persian.Phonetic(plain))
		}
	default:
		display, err := persian.Display(s)
		if err != nil {
			return sp, false
		}
		sp = spelling{display: display, key: persian.Key(display)}
		if sp.key == "" {
			return sp, false
		}
		sp.heard = letterCodes(persian.Phonetic(display))
	}
	sp.codes, sp.sound = letterCodes(sp.key), uint32(hashText(sp.heard))
	if sp.plain == 0 {
		sp.plain = uint32(hashText(sp.key))
	}
	return sp, true
}

// lostLetters takes out what stands where a conversion between encodings has lost
// a letter: the name is then one slip away.
var lostLetters = strings.NewReplacer("?", "", "\ufffd", "")

// letterCodes writes each letter as one byte: letters of one block differ in
// their last byte.
func letterCodes(s string) string {
	b := make([]byte, 0, utf8.RuneCountInString(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}
