package persian

import (
	"strings"
	"unicode/utf8"
)

// Likeness is how far a claimed name agrees with the one on record.
type Likeness uint8

// Same is equality of keys, titles apart. Variant is another spelling, half of
// a compound or a missing tail: weaker, for a person to judge. Different is
// everything else.
const (
	Same Likeness = iota + 1
	Variant
	Different
)

// CompareGiven compares given names (and fathers' names). Sayyed, Sayyede and
// Sadat are titles and do not count. Compounds joined, apart or with ZWNJ have
// one key and are the same; half of a compound, another spelling of the same
// sound and a name without its عبد, غلام or قلی are variants.
func CompareGiven(onRecord, claimed Name) Likeness {
	if onRecord.Key == "" || claimed.Key == "" {
		return Different
	}
	if onRecord.Key == claimed.Key {
		return Same
	}
	r, c := Untitled(onRecord), Untitled(claimed)
	switch {
	case r == c:
		return Same
	case sameSound(r, c), freed(r, c), freed(c, r), half(onRecord, r, c), half(claimed, c, r):
		return Variant
	}
	return Different
}

// CompareSurname compares surnames. One that lacks the other's tail (زاده,
// تهرانی, or any separate last word) is a variant, and so is another spelling
// of the same sound.
func CompareSurname(onRecord, claimed Name) Likeness {
	r, c := onRecord.Key, claimed.Key
	switch {
	case r == "" || c == "":
		return Different
	case r == c:
		return Same
	case sameSound(r, c), freed(r, c), freed(c, r), tailed(onRecord, claimed), tailed(claimed, onRecord):
		return Variant
	}
	return Different
}

// Plain is a given name's key without the titles Sayyed, Sayyede and Sadat, and
// without what people are called by, such as Haj: for finding persons, not for
// saying that names are the same.
func Plain(n Name) string {
	words := strings.FieldsFunc(n.Display, func(r rune) bool { return classOf(r) == blank || classOf(r) == joiner })
	from, to := 0, len(words)
	for to-from > 1 && honorifics[Key(words[from])] {
		from++
	}
	for to-from > 1 && honorifics[Key(words[to-1])] {
		to--
	}
	if from == 0 && to == len(words) {
		return Untitled(n)
	}
	rest := strings.Join(words[from:to], " ")
	return Untitled(Name{Display: rest, Key: Key(rest)})
}

// Untitled is a given name's key without the titles Sayyed, Sayyede and Sadat.
func Untitled(n Name) string {
	key := withoutTitle(n.Display, n.Key)
	for _, w := range [...]string{alSadat, sadat} {
		if rest, ok := strings.CutSuffix(key, w); ok && len(rest) >= 4 {
			return rest
		}
	}
	return key
}

// sameSound compares by sound, strictly enough to tell names apart: an alef
// beside an ain (اسمعیل, اسماعیل) may be missing only in a long word, since
// عمر and عامر, سعد and ساعد are different names.
func sameSound(x, y string) bool {
	var bx, by [128]byte
	x, y = withoutSayyed(x), withoutSayyed(y)
	if string(appendSound(bx[:0], x)) != string(appendSound(by[:0], y)) {
		return false
	}
	const long = 2 * 5 // bytes of five letters
	return min(len(x), len(y)) >= long || alefs(restoreAlef(x)) == alefs(restoreAlef(y))
}

func alefs(key string) int { return strings.Count(key, "ا") + strings.Count(key, "ع") }

// servile are the parts that a legal change of name may have removed.
var servile = [...]string{"عبدال", "عبد", "غلام", "قلی"}

// freed reports whether short is long without one of them.
func freed(long, short string) bool {
	if letterCount(short) < 3 {
		return false
	}
	for _, w := range &servile {
		if len(long) != len(short)+len(w) {
			continue
		}
		if i := strings.Index(long, w); i >= 0 && long[:i] == short[:i] && long[i+len(w):] == short[i:] {
			return true
		}
	}
	return false
}

// half reports whether short is half of the compound long (the bare key of n):
// what is missing is a name that compounds are made of, or a word of its own.
func half(n Name, long, short string) bool {
	if len(short) >= len(long) || letterCount(short) < 3 && !elements[short] {
		return false
	}
	start := strings.Index(n.Key, long)
	if rest, ok := strings.CutPrefix(long, short); ok && (elements[rest] || breaks(n.Display, start+len(short))) {
		return true
	}
	rest, ok := strings.CutSuffix(long, short)
	return ok && (elements[rest] || breaks(n.Display, start+len(rest)))
}

// tailed reports whether short is long without its tail.
func tailed(long, short Name) bool {
	if len(short.Key) >= len(long.Key) || letterCount(short.Key) < 3 {
		return false
	}
	if rest, ok := strings.CutPrefix(long.Key, short.Key); ok && (isTail(rest) || breaks(long.Display, len(short.Key))) {
		return true
	}
	if sound := short.sound(); sound == "" || !strings.HasPrefix(long.sound(), sound) {
		return false
	}
	for i := range long.Key { // tail and spelling at once: rare, so this may take its time
		if i > 0 && isTail(long.Key[i:]) && sameSound(long.Key[:i], short.Key) {
			return true
		}
	}
	return false
}

// sound is the phonetic form, also of a claim.
func (n *Name) sound() string {
	if n.Phonetic == "" {
		return phonetic(n.Display, n.Key)
	}
	return n.Phonetic
}

// breaks reports whether the display form has a space, ZWNJ or hyphen where its
// key has come to n bytes.
func breaks(display string, n int) bool {
	var buf [8]byte
	size := 0
	for i, r := range display {
		switch c := classOf(r); {
		case c == blank, c == joiner, c == sign:
			if size == n {
				return true
			}
		case c == letter:
			size += len(appendKey(buf[:0], display[i:i+utf8.RuneLen(r)]))
		default:
			size += len(Key(string(r)))
		}
		if size > n {
			return false
		}
	}
	return false
}

func letterCount(s string) int { return utf8.RuneCountInString(s) }
