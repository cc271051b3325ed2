// Package persian knows Persian writing: letters and their spellings, digits,
// names and how far two of them agree, Jalali dates, and sort keys.
//
// Text has up to four forms. The original is whatever somebody sent. Display is
// safe to store and show. Key is for equality and blocking: spellings that a
// keyboard or an old program mixes up have one key. Phonetic only proposes
// candidates: names that sound alike share it and are still different names.
package persian

import "strconv"

const (
	persianZero = '۰' // U+06F0
	arabicZero  = '٠' // U+0660
	groupMark   = '٬' // U+066C
	zwnj        = '\u200c'
)

// Digits writes ASCII digits as Persian ones, for people.
func Digits(s string) string {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+n)
	for i := range len(s) {
		b = appendPersian(b, s[i])
	}
	return string(b)
}

// ASCII writes Persian and Arabic digits as ASCII ones, for programs.
func ASCII(s string) string {
	for i := range len(s) {
		if s[i] == 0xDB || s[i] == 0xD9 { // lead bytes of the two blocks of digits
			return foldDigits(s)
		}
	}
	return s
}

func foldDigits(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if d, ok := digitAt(s, i); ok {
			b = append(b, d)
			i += 2
			continue
		}
		b = append(b, s[i])
		i++
	}
	return string(b)
}

// Digit is the ASCII form of an ASCII, Persian or Arabic digit.
func Digit(r rune) (byte, bool) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r), true
	case r >= persianZero && r <= persianZero+9:
		return byte(r-persianZero) + '0', true
	case r >= arabicZero && r <= arabicZero+9:
		return byte(r-arabicZero) + '0', true
	}
	return 0, false
}

// digitAt reads the two bytes of a Persian or Arabic digit at s[i].
func digitAt(s string, i int) (byte, bool) {
	if i+1 >= len(s) {
		return 0, false
	}
	switch c := s[i+1]; {
	case s[i] == 0xDB && c >= 0xB0 && c <= 0xB9: // ۰–۹
		return c - 0xB0 + '0', true
	case s[i] == 0xD9 && c >= 0xA0 && c <= 0xA9: // ٠–٩
		return c - 0xA0 + '0', true
	}
	return 0, false
}

// Number writes n for people: Persian digits in groups of three. The minus
// sign stands first in the text and is U+2212.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	b := make([]byte, 0, 3*len(s))
	if n < 0 {
		b, s = append(b, "\u2212"...), s[1:]
	}
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b = append(b, string(groupMark)...)
		}
		b = appendPersian(b, s[i])
	}
	return string(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// appendPersian appends c, an ASCII digit as its Persian one.
func appendPersian(b []byte, c byte) []byte {
	if isDigit(c) {
		return append(b, 0xDB, 0xB0+c-'0')
	}
	return append(b, c)
}
