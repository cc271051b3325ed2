package letter

import (
	"math"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

func decimal(n int) string { return strconv.Itoa(n) }

func (d *document) count(n int64) string { return Count(d.lang, n) }

// Count writes a number in groups of three.
func Count(lang message.Lang, n int64) string {
	if lang == message.Fa {
		return persian.Number(n)
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Fraction writes a number with so many digits behind the point.
func Fraction(lang message.Lang, v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if lang == message.Fa {
		s = strings.Replace(persian.Digits(s), ".", "\u066b", 1)
	}
	return s
}

// Signed writes a number with its sign, which stands before it in any language.
func Signed(lang message.Lang, v float64, digits int) string {
	s := Fraction(lang, math.Abs(v), digits)
	switch {
	case s == Fraction(lang, 0, digits):
	case v < 0:
		s = "\u2212" + s
	default:
		s = "+" + s
	}
	return ltr(s)
}

// Percent writes a share with as many digits as tell it from none and from all,
// at most four behind the point; beyond that it says more than, or less.
func Percent(lang message.Lang, p float64) string {
	digits := 1
	if rest := 100 * min(p, 1-p); rest > 0 {
		digits = min(max(1, 1-int(math.Floor(math.Log10(rest)))), 4)
	}
	beyond := ""
	switch least := 1e-6; {
	case p > 0 && p < least:
		p, beyond = least, "<"
	case p < 1 && p > 1-least:
		p, beyond = 1-least, ">"
	}
	s := strconv.FormatFloat(100*p, 'f', digits, 64)
	s = beyond + strings.TrimSuffix(strings.TrimRight(s, "0"), ".") // there is a point

	if lang == message.Fa {
		return ltr(strings.Replace(persian.Digits(s), ".", "\u066b", 1) + "\u066a")
	}
	return ltr(s + "%")
}

// Isolate keeps a code in its own order, from left to right, among other text.
func Isolate(code string) string { return ltr(code) }

// Own keeps a name in its own order among text of another language.
func Own(name string) string { return own(name) }
