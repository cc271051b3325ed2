package persian

import (
	"strings"
	"unicode/utf8"
)

// Phonetic is the form that only proposes candidates: letters that sound alike
// are one, doubled letters single, the alef that some spellings drop restored,
// and the title Sayyed before the name taken off. Equal sound is not equality:
// طاهره and تاهره share it.
func Phonetic(s string) string { return phonetic(s, Key(s)) }

func phonetic(text, key string) string {
	var buf [128]byte
	b := appendSound(buf[:0], withoutTitle(text, key))
	if string(b) == key {
		return key
	}
	return string(b)
}

// appendSound appends the sound of a key.
func appendSound(b []byte, key string) []byte {
	key = restoreAlef(key)
	var before rune
	for _, r := range key {
		if r >= block && r < block+256 {
			r = sounds[r-block]
		}
		if r != before {
			b = utf8.AppendRune(b, r)
		}
		before = r
	}
	return b
}

// Spellings with and without alef. Inside a word the short one is found
// anywhere; at its end only where no other name ends the same way.
var (
	shortAlef = [...][2]string{
		{"رحمن", "رحمان"}, {"سلیمن", "سلیمان"}, {"ابرهیم", "ابراهیم"}, {"اسحق", "اسحاق"},
		{"لقمن", "لقمان"}, {"عثمن", "عثمان"}, {"هرون", "هارون"},
	}
	finalYeh = [...]string{"مصطفی", "مرتضی", "مجتبی", "موسی", "عیسی", "یحیی", "طوبی"}
	wholeYeh = [...]string{"کبری", "صغری", "عظمی", "لیلی", "هدی", "سلمی", "بشری", "یسری", "ضحی", "کسری"}
)

// restoreAlef writes the alef that is heard: رحمن as رحمان, مصطفی as مصطفا.
func restoreAlef(key string) string {
	const yeh = "ی"
	if strings.HasSuffix(key, yeh) {
		for _, w := range finalYeh {
			if strings.HasSuffix(key, w) {
				return key[:len(key)-len(yeh)] + "ا"
			}
		}
		for _, w := range wholeYeh {
			if key == w {
				return key[:len(key)-len(yeh)] + "ا"
			}
		}
	}
	for _, w := range &shortAlef {
		if i := strings.Index(key, w[0]); i >= 0 {
			return key[:i] + w[1] + key[i+len(w[0]):]
		}
	}
	return key
}

const (
	sayyed  = "سید"
	sayyede = "سیده"
	sadat   = "سادات"
	alSadat = "السادات"
)

// withoutTitle takes Sayyed or Sayyede off the front of text's key. Only the
// text shows whether سیدهادی is سید هادی or سیده ادی; written in one word it is
// the former.
func withoutTitle(text, key string) string {
	if rest, ok := strings.CutPrefix(key, sayyede); ok && len(rest) >= 4 && breaks(text, len(sayyede)) {
		return rest
	}
	return withoutSayyed(key)
}

// withoutSayyed takes the title off the front of a key. What is left must be
// able to stand as a name: سیدی, سیدان and سیدزاده keep theirs.
func withoutSayyed(key string) string {
	rest, ok := strings.CutPrefix(key, sayyed)
	if !ok || len(rest) < 4 || rest == "ان" || isTail(rest) {
		return key
	}
	if r, ok := strings.CutPrefix(rest, "ی"); ok && (r == "" || isTail(r)) {
		return key
	}
	return rest
}
