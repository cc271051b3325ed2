package ids

import (
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
)

// TrackingCode names one entry of the journal: 20 ASCII digits whose check
// digits are right. It is text everywhere.
//
//	d0        epoch of the code key, 1–9
//	d1–d17    FF1-AES-256 of log number (3 digits) and index in it (14 digits)
//	d18–d19   ISO 7064 MOD 97-10 over d0–d17
//
// It reveals neither volume nor time, and it is an identifier, not a secret.
type TrackingCode string

const codeLength = 20

// ParseTrackingCode reads a code as people and programs bring it: Persian,
// Arabic or ASCII digits, spaces and dashes anywhere, and the direction marks
// that printed codes are wrapped in. The check digits catch every wrong digit
// and every swap of two neighbours. Faults: ids.code.digits, length, check, and
// ids.code.reversed when the five groups stand in reversed order (text that ran
// right to left); its first argument is then the right code, grouped.
func ParseTrackingCode(s string) (TrackingCode, error) {
	var b [codeLength]byte
	n, ok := codeDigits(&b, s)
	switch {
	case !ok:
		return "", invalid("ids.code.digits")
	case n != codeLength:
		return "", invalid("ids.code.length")
	case genuine(&b):
		return TrackingCode(b[:]), nil
	}
	if r, ok := TrackingCode(b[:]).Reversed(); ok {
		return "", fault.New(fault.Invalid, "ids.code.reversed", r.Grouped())
	}
	return "", invalid("ids.code.check")
}

// Reversed is the code with its five groups in reversed order, if its check
// digits are right too: one reversed code in 97 passes for a code itself.
func (c TrackingCode) Reversed() (TrackingCode, bool) {
	var r [codeLength]byte
	for i := 0; i < codeLength; i += 4 {
		copy(r[codeLength-4-i:], c[i:i+4])
	}
	return TrackingCode(r[:]), genuine(&r)
}

// codeDigits fills b with the digits of s and counts all there are.
func codeDigits(b *[codeLength]byte, s string) (n int, ok bool) {
	for _, r := range s {
		c, digit := persian.Digit(r)
		switch {
		case digit:
		case strings.ContainsRune(codeSpace, r):
			continue
		default:
			return 0, false
		}
		if n < codeLength {
			b[n] = c
		}
		n++
	}
	return n, true
}

// codeSpace: spaces, dashes, and direction marks.
const codeSpace = " \t\r\n\u00a0\u2007\u2009\u202f\u200b\u200c" +
	"-\u2010\u2011\u2012\u2013\u2014\u2212" +
	"\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"

// genuine: an epoch that exists, and check digits that are right.
func genuine(b *[codeLength]byte) bool {
	v := uint64(0)
	for _, c := range b[:18] {
		v = 10*v + uint64(c-'0')
	}
	return b[0] != '0' && mod97(v) == uint64(b[18]-'0')*10+uint64(b[19]-'0')
}

// mod97 gives the two check digits of ISO 7064 MOD 97-10: with them appended,
// v leaves 1 modulo 97.
func mod97(v uint64) uint64 { return 98 - v%97*100%97 }

// Valid reports whether c is a code with right check digits. A code that came
// from ParseTrackingCode or a CodeKey always is.
func (c TrackingCode) Valid() bool {
	var b [codeLength]byte
	if len(c) != codeLength {
		return false
	}
	for i := range len(c) {
		if c[i] < '0' || c[i] > '9' {
			return false
		}
		b[i] = c[i]
	}
	return genuine(&b)
}

// Grouped is the printed form: five groups of four digits. It runs left to
// right even in Persian text: wrap it in U+2066 … U+2069 there.
func (c TrackingCode) Grouped() string {
	if len(c) != codeLength {
		return string(c)
	}
	b := make([]byte, 0, codeLength+4)
	for i := 0; i < codeLength; i += 4 {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, c[i:i+4]...)
	}
	return string(b)
}

// Epoch is the epoch of the key that made the code.
func (c TrackingCode) Epoch() int {
	if c == "" {
		return 0
	}
	return int(c[0] - '0')
}

// UnmarshalText is ParseTrackingCode.
func (c *TrackingCode) UnmarshalText(b []byte) (err error) {
	*c, err = ParseTrackingCode(string(b))
	return err
}
