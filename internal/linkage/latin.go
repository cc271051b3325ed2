package linkage

import "strings"

// spellLatin folds a text of other people's tables: small letters and digits,
// one space between words.
func spellLatin(kind Kind, s string) (sp spelling, ok bool) {
	b := make([]byte, 0, len(s))
	gap := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 0x80:
		case c == '\'' || c == '.':
			continue
		default:
			gap = len(b) > 0 && kind != Code
			continue
		}
		if gap {
			b, gap = append(b, ' '), false
		}
		b = append(b, c)
	}
	if len(b) == 0 {
		return sp, false
	}
	sp = spelling{display: s, key: string(b), codes: string(b)}
	sp.heard = sp.codes
	if kind == Name || kind == Family {
		sp.heard = latinSound(sp.key)
	}
	sp.plain, sp.sound = uint32(hashText(sp.key)), uint32(hashText(sp.heard))
	return sp, true
}

// latinClass are the classes of consonants that are heard alike; vowels and h,
// w, y are 0.
const latinClass = "01230120022455012623010202"

// latinSound is a name's first letter and the classes of its consonants.
func latinSound(s string) string {
	var b strings.Builder
	last := byte('0')
	for i := range len(s) {
		c := s[i]
		if c < 'a' || c > 'z' {
			last = '0'
			continue
		}
		class := latinClass[c-'a']
		switch {
		case b.Len() == 0 && class == '0':
			b.WriteByte('a')
		case class != '0' && class != last:
			b.WriteByte(class)
		}
		last = class
	}
	return b.String()
}
