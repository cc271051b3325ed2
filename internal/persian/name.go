package persian

import (
	"unicode"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
)

// maxName is the most runes a name may have.
const maxName = 100

// Name is a name in its three forms, made once where it enters.
type Name struct{ Display, Key, Phonetic string }

// ParseName reads a given name, surname or father's name: letters, spaces,
// ZWNJ, hyphen, dot and parentheses, at most 100 of them, at least one of them
// a Persian letter. Faults: persian.name.empty, persian.name.long,
// persian.name.letter, and those of Display.
func ParseName(s string) (Name, error) {
	n, err := ParseClaim(s)
	if err != nil {
		return Name{}, err
	}
	n.Phonetic = phonetic(n.Display, n.Key)
	return n, nil
}

// MarshalText is the display form.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.Display), nil }

// UnmarshalText is ParseName.
func (n *Name) UnmarshalText(b []byte) (err error) {
	*n, err = ParseName(string(b))
	return err
}

// ParseClaim is ParseName without the phonetic form, which comparing needs only
// for the rare claim that nearly fits.
func ParseClaim(s string) (Name, error) {
	if len(s) > 20*maxName { // before any work is done on it
		return Name{}, fault.New(fault.Invalid, "persian.name.long")
	}
	text, err := Display(s)
	if err != nil {
		return Name{}, err
	}
	switch {
	case text == "":
		return Name{}, fault.New(fault.Invalid, "persian.name.empty")
	case utf8.RuneCountInString(text) > maxName:
		return Name{}, fault.New(fault.Invalid, "persian.name.long")
	case !isName(text):
		return Name{}, fault.New(fault.Invalid, "persian.name.letter")
	}
	key := Key(text)
	if key == "" { // a lone hamza
		return Name{}, fault.New(fault.Invalid, "persian.name.letter")
	}
	return Name{Display: text, Key: key}, nil
}

// isName: only what a name is written with, and a Persian letter among it.
func isName(s string) bool {
	found := false
	for _, r := range s {
		switch c := classOf(r); {
		case c == letter || c == other && unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r):
			found = true
		case c == blank, c == joiner, c == sign:
		case unicode.IsLetter(r):
		default:
			return false
		}
	}
	return found
}
