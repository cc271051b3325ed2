package sheet

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// What the cells of a column can look like.
const (
	KindNumber    = "national_number"
	KindPostal    = "postal_code"
	KindJalali    = "date_jalali"
	KindGregorian = "date_gregorian"
	KindYear      = "year"
	KindSex       = "sex"
	KindName      = "name"
	KindDigits    = "digits"
	KindText      = "text"
	KindEmpty     = "empty"
)

// What a Column can ask for besides: kinds of dates and names that only the
// whole column tells apart.
const (
	KindDate    = "date"
	KindGiven   = "given_name"
	KindSurname = "surname"
	KindFather  = "father_name"
	KindPlace   = "place"
)

// cells is what was seen of a column.
type cells struct {
	filled int
	first  []string

	number, postal, digits, sex, name int
	male, female, family, place       int // of the names: how many are known as such
	dates                             dates

	last, counted int // how many are one more than the cell before
}

// look counts what the cells of column j look like.
func look(rows []*Row, j int) *cells {
	s := &cells{}
	for _, r := range rows {
		if r.Fault != nil || j >= len(r.cells) || r.cells[j] == "" {
			continue
		}
		s.add(r.cells[j])
	}
	return s
}

const (
	shown    = 5  // values in a preview
	longCell = 60 // letters; nothing of ours is longer
)

func (s *cells) add(cell string) {
	s.filled++
	if len(s.first) < shown {
		s.first = append(s.first, clip(cell))
	}
	if len(cell) > 4*longCell {
		return
	}
	cell = persian.ASCII(cell)
	s.dates.add(cell)
	if _, ok := sexes().Find(cell); ok {
		s.sex++
	}
	digits := strings.NewReplacer(" ", "", "-", "").Replace(cell)
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		s.digits++
		n, _ := strconv.Atoi(digits)
		if n == s.last+1 {
			s.counted++
		}
		s.last = n
		if _, _, err := ids.RestoreNationalNumber(digits); err == nil {
			s.number++
		}
		if _, err := ids.ParsePostalCode(digits); err == nil {
			s.postal++
		}
		return
	}
	s.addName(cell)
}

func (s *cells) addName(cell string) {
	if hasDigit(cell) || len(strings.Fields(cell)) > 4 {
		return
	}
	n, err := persian.ParseClaim(cell)
	if err != nil {
		return
	}
	s.name++
	known := knownNames()
	first, _, _ := strings.Cut(n.Display, " ")
	switch part := persian.Key(first); {
	case known.male[n.Key] || known.male[part]:
		s.male++
	case known.female[n.Key] || known.female[part]:
		s.female++
	}
	if known.place[n.Key] {
		s.place++
	}
	if known.isFamily(n.Key) {
		s.family++
	}
}

// clip keeps a value of the preview short.
func clip(s string) string {
	if utf8.RuneCountInString(s) <= longCell {
		return s
	}
	return string([]rune(s)[:longCell]) + "…"
}

func hasDigit(s string) bool { return strings.ContainsAny(persian.ASCII(s), "0123456789") }

// counter reports whether the cells only number the rows.
func (s *cells) counter() bool { return s.filled > 2 && s.share(s.counted) >= mostCells }

// share of the cells that are something.
func (s *cells) share(n int) float64 {
	if s.filled == 0 {
		return 0
	}
	return float64(n) / float64(s.filled)
}

// From which share of the cells on a column counts as something. A tenth of all
// ten-digit numbers has the right check digit, a third the digits of a postal
// code; agencies' files have up to a few wrong ones in a hundred.
const (
	mostNumbers = 0.6
	mostPostal  = 0.9
	mostCells   = 0.9
)

// kind names what most cells look like.
func (s *cells) kind() string {
	switch {
	case s.filled == 0:
		return KindEmpty
	case s.share(s.sex) >= mostCells && s.filled >= 2 && s.share(s.digits) < mostCells:
		return KindSex
	case s.share(s.number) >= mostNumbers && s.number > s.postal:
		return KindNumber
	case s.share(s.postal) >= mostPostal:
		return KindPostal
	case s.share(s.dates.best()) >= mostCells:
		return s.dates.kind()
	case s.share(s.digits) >= mostCells:
		return KindDigits
	case s.share(s.name) >= mostCells:
		return KindName
	}
	return KindText
}

// form is the order of year, month and day; "" where it is none.
func (s *cells) form() string {
	if s.share(s.dates.best()) < mostCells/2 {
		return ""
	}
	return s.dates.form()
}

// fits is how well the cells agree with what a header says they are.
func (s *cells) fits(kind string) float64 {
	if s.filled == 0 {
		return 1
	}
	n := s.filled
	switch kind {
	case KindNumber:
		n = max(s.number, min(s.digits, s.filled)*9/10)
	case KindPostal, KindDigits:
		n = s.digits
	case KindDate:
		n = s.dates.best()
		if s.dates.unclear() {
			n /= 2
		}
	case KindSex:
		n = s.sex
	case KindGiven, KindSurname, KindFather, KindPlace:
		n = s.filled - s.digits
	}
	return s.share(n)
}

// reading gives the way to read cells of a column that is of a kind; nil: as
// they are written.
func (s *cells) reading(kind string) func(string) string {
	switch kind {
	case KindDate:
		return s.dates.reading()
	case KindSex:
		return readSex
	case KindNumber, KindPostal, KindDigits:
		return readDigits
	}
	return nil
}

// Sexes, as PersonColumns tell them.
const (
	Male   = "male"
	Female = "female"
)

var sexes = sync.OnceValue(func() persian.Words {
	words := persian.Words{}
	for i, name := range []string{Male, Female} {
		for _, lang := range []message.Lang{message.Fa, message.En} {
			for word := range strings.SplitSeq(message.Text(lang, "sheet.sex."+name), "|") {
				words[persian.Key(strings.ToLower(word))] = i
			}
		}
	}
	return words
})

func readSex(cell string) string {
	switch i, ok := sexes().Find(strings.ToLower(cell)); {
	case !ok:
		return cell
	case i == 0:
		return Male
	}
	return Female
}

// readDigits undoes what programs make of digits that they take for a number:
// 1234567890.0 and 1.234567890E9. 1.23457E+09 has lost its digits and stays as
// it is, so that nobody takes it for a number.
func readDigits(cell string) string {
	s := persian.ASCII(cell)
	if mantissa, power, found := strings.Cut(strings.ToUpper(s), "E"); found {
		_, fraction, _ := strings.Cut(mantissa, ".")
		if n, err := strconv.Atoi(power); err != nil || n > len(fraction) {
			return cell
		}
	}
	if whole, ok := whole64(s); ok {
		return whole
	}
	return cell
}

//go:embed known.txt
var knownText string

// known are names that are frequent in Iran, so that columns of names can be
// told apart by what stands in them.
type known struct {
	male, female, family, place map[string]bool
	tails                       []string
}

func (k *known) isFamily(key string) bool {
	if k.family[key] {
		return true
	}
	for _, tail := range k.tails {
		if len(key) > len(tail)+2 && strings.HasSuffix(key, tail) {
			return true
		}
	}
	return false
}

var knownNames = sync.OnceValue(func() *known {
	lists := map[string]map[string]bool{}
	k := &known{}
	section := ""
	for line := range strings.Lines(knownText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
			lists[section] = map[string]bool{}
		default:
			for word := range strings.SplitSeq(line, "،") {
				key := persian.Key(word)
				lists[section][key] = true
				if section == "tails" {
					k.tails = append(k.tails, key)
				}
			}
		}
	}
	k.male, k.female, k.family, k.place = lists["male"], lists["female"], lists["family"], lists["place"]
	return k
})
