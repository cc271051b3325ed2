package persian

import (
	"strings"
	"unicode"
)

// Flat spells a text for finding words and numbers in it: ASCII digits, small
// Latin letters, Persian letters for the Arabic ones that look the same, a plain
// space for every other; line ends stay. It keeps a letter a letter, and is for
// looking only.
func Flat(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ي', 'ى':
			return 'ی'
		case 'ك':
			return 'ک'
		case '\u200c', '\u00a0', '\u202f', '\t':
			return ' '
		}
		return unicode.ToLower(r)
	}, ASCII(s))
}
