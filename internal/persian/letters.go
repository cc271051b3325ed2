package persian

// A letter's part in names and folding. The tables hold the block U+0600–06FF;
// everything else goes the long way through Unicode normalisation.

type class uint8

const (
	other  class = iota // long way
	letter              // stands for itself, in NFC and without marks
	folded              // a letter that Display writes differently
	digit               // ASCII, Persian or Arabic
	mark                // tashkil, superscript alef, tatweel: Display drops it
	joiner              // ZWNJ
	blank               // the plain space
	sign                // hyphen, dot, parentheses
	plain               // other printable ASCII
)

const block = 0x600

// classes, keys and sounds are indexed by rune − U+0600.
var (
	classes [256]class
	ascii   [128]class
	keys    [256]rune // the letter in Key; 0: dropped
	sounds  [256]rune // the letter in Phonetic, of a letter in Key
)

// letters are those that Persian and its neighbours write names with. Each row
// is folded in Key to its first letter.
var letters = []string{
	"اآأإٱ", "ب", "پ", "ت", "ث", "ج", "چ", "ح", "خ", "د", "ذ", "ر", "ز", "ژ",
	"س", "ش", "ص", "ض", "ط", "ظ", "ع", "غ", "ف", "ق", "کكڪګ", "گ", "ل", "م",
	"ن", "وؤ", "هةۀہھەۃۂ", "یيىئېێۍےۓ", "ڤ", "ڕ", "ڵ", "ۆ", "ڎ", "ڈ", "ٹ", "ړ",
}

// alike are the classes of letters that sound alike; each sounds as its first.
var alike = []string{"تط", "سصث", "زذضظ", "هح", "قغ", "اع"}

// display are the letters that Display replaces.
var display = map[rune]rune{'ي': 'ی', 'ى': 'ی', 'ك': 'ک', 'ة': 'ه'}

const (
	hamza      = 'ء'
	letterMark = '\u061c' // Arabic letter mark, a direction mark inside the block
)

func init() {
	for i := range keys {
		keys[i], sounds[i] = rune(block+i), rune(block+i)
	}
	for _, row := range letters {
		base := []rune(row)[0]
		for _, r := range row {
			classes[r-block], keys[r-block] = letter, base
		}
	}
	for r := range display {
		classes[r-block] = folded
	}
	classes[hamza-block], keys[hamza-block] = letter, 0
	keys[letterMark-block] = 0
	for _, row := range alike {
		for _, r := range row {
			sounds[r-block] = []rune(row)[0]
		}
	}
	for i := range rune(10) {
		classes[persianZero+i-block], keys[persianZero+i-block] = digit, '0'+i
		classes[arabicZero+i-block], keys[arabicZero+i-block] = digit, '0'+i
	}
	initMarks()
	initASCII()
}

func initMarks() {
	for r := range rune(256) {
		if isMark(block + r) {
			classes[r], keys[r] = mark, 0
		}
	}
}

// isMark: tatweel, tashkil, superscript alef and the Quranic signs.
func isMark(r rune) bool {
	return r == 0x640 || r >= 0x64B && r <= 0x652 || r >= 0x656 && r <= 0x65F || r == 0x670 ||
		r >= 0x610 && r <= 0x61A || r >= 0x6D6 && r <= 0x6DC || r >= 0x6DF && r <= 0x6E4 ||
		r == 0x6E7 || r == 0x6E8 || r >= 0x6EA && r <= 0x6ED
}

// isHamzaMark: madda and hamza as combining marks; NFC joins some to their
// letter, the rest is dropped.
func isHamzaMark(r rune) bool { return r >= 0x653 && r <= 0x655 }

func initASCII() {
	for c := byte(' '); c < 0x7F; c++ {
		switch {
		case c == ' ':
			ascii[c] = blank
		case isDigit(c):
			ascii[c] = digit
		case c == '-' || c == '.' || c == '(' || c == ')':
			ascii[c] = sign
		default:
			ascii[c] = plain
		}
	}
}

func classOf(r rune) class {
	switch {
	case r < 128:
		return ascii[r]
	case r >= block && r < block+256:
		return classes[r-block]
	case r == zwnj:
		return joiner
	}
	return other
}
