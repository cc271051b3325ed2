package persian

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/estelam/estelam/internal/fault"
)

// Display is the form that is safe to store and show: NFC, Persian ی and ک, no
// tashkil or tatweel, single spaces, ZWNJ only between letters. The marks that
// keyboards leave behind (LRM, RLM, ALM, ZWJ, BOM) are taken out. Refused are
// control characters and everything that reorders text (persian.text.control),
// and what is not UTF-8 (persian.text.encoding).
func Display(s string) (string, error) {
	if clean(s) {
		return s, nil
	}
	if !utf8.ValidString(s) {
		return "", fault.New(fault.Invalid, "persian.text.encoding")
	}
	b := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case refused(r):
			return "", fault.New(fault.Invalid, "persian.text.control")
		case !invisible(r) && !isMark(r):
			b = append(b, r)
		}
	}
	text := norm.NFC.String(string(b))
	text = tidy(recompose(text))
	if !norm.NFC.IsNormalString(text) { // a dropped mark stood between two others
		text = norm.NFC.String(text)
	}
	return text, nil
}

// clean reports whether s is its own display form, without looking anything up
// in Unicode's tables. It may say no to text that is.
func clean(s string) bool {
	before := blank // no space or ZWNJ at the start
	for _, r := range s {
		c := classOf(r)
		switch c {
		case letter, digit, sign, plain:
		case blank:
			if before == blank || before == joiner {
				return false
			}
		case joiner:
			if before != letter {
				return false
			}
		default:
			return false
		}
		if before == joiner && c != letter {
			return false
		}
		before = c
	}
	return before != blank && before != joiner || s == ""
}

// refused: C0 and C1 controls, line and paragraph separators, embeddings,
// overrides and isolates, private use, noncharacters.
func refused(r rune) bool {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x206F, r == 0x2028, r == 0x2029:
		return true
	case r >= 0xFFF0 && r <= 0xFFFF, r >= 0xE0000 && r <= 0xE0FFF: // specials and tags
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Co, r)
}

// invisible: marks without a shape that keyboards and editors leave behind.
func invisible(r rune) bool {
	switch r {
	case 0x200B, 0x200D, 0x200E, 0x200F, 0x061C, 0x2060, 0xFEFF, 0x00AD:
		return true
	}
	return false
}

// recompose replaces Arabic letters by Persian ones. NFC knows ي+hamza but not
// ی+hamza, and composes ه+hamza never; both are joined here.
func recompose(s string) string {
	b := make([]rune, 0, len(s))
	for _, r := range s {
		last := len(b) - 1
		switch p, found := display[r]; {
		case found:
			b = append(b, p)
		case r == 0x654 && last >= 0 && b[last] == 'ی':
			b[last] = 'ئ'
		case r == 0x654 && last >= 0 && b[last] == 'ه':
			b[last] = 'ۀ'
		case isHamzaMark(r):
		default:
			b = append(b, r)
		}
	}
	return string(b)
}

// tidy makes every run of white space one space, trims, and keeps ZWNJ only
// between letters.
func tidy(s string) string {
	in := []rune(s)
	b := make([]rune, 0, len(in))
	for i, r := range in {
		switch {
		case unicode.IsSpace(r):
			if len(b) > 0 && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
		case r == zwnj:
			if len(b) > 0 && unicode.IsLetter(b[len(b)-1]) && i+1 < len(in) && unicode.IsLetter(in[i+1]) {
				b = append(b, r)
			}
		default:
			b = append(b, r)
		}
	}
	return strings.TrimSuffix(string(b), " ")
}

// Key is the form for equality and blocking: compatibility forms resolved, all
// spellings of a letter as one, digits in ASCII; hamza, tashkil, spaces, ZWNJ,
// hyphens, dots and parentheses dropped. It decomposes (NFKD) where it needs
// Unicode's tables at all: every mark is dropped anyway, so for Persian that is
// NFKC, and no order of marks makes a difference.
func Key(s string) string {
	if !inBlock(s) {
		s = norm.NFKD.String(s)
	}
	var buf [128]byte
	b := appendKey(buf[:0], s)
	if string(b) == s { // most names: no copy
		return s
	}
	return string(b)
}

// inBlock reports whether the table alone can fold s.
func inBlock(s string) bool {
	for _, r := range s {
		if r >= 128 && (r < block || r > block+255 || r >= 0x675 && r <= 0x678) && r != zwnj {
			return false
		}
	}
	return true
}

func appendKey(b []byte, s string) []byte {
	for _, r := range s {
		switch c := classOf(r); {
		case c == blank, c == sign, c == joiner, c == mark, isHamzaMark(r):
		case r >= block && r < block+256:
			if k := keys[r-block]; k != 0 {
				b = utf8.AppendRune(b, k)
			}
		case c == other && dropped(r):
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// dropped: what has no place in a key though it is outside the tables.
func dropped(r rune) bool {
	return invisible(r) || refused(r) || unicode.In(r, unicode.Mn, unicode.Zs, unicode.Pd, unicode.Cf)
}
