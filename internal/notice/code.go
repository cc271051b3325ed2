package notice

import (
	"crypto/rand"
	"math/big"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
)

// Code is an objection code: 14 random digits, the first of them not 0, and two
// check digits (ISO 7064 MOD 97-10).
type Code int64

const (
	codeDigits = 16
	codeFirst  = 10_000_000_000_000 // the smallest number of 14 digits
)

// newCode draws a code.
func newCode() Code {
	n, _ := rand.Int(rand.Reader, big.NewInt(9*codeFirst)) // crypto/rand never fails
	v := codeFirst + n.Int64()
	return Code(v*100 + 98 - v%97*100%97)
}

// ParseCode reads a code as people write it: Persian, Arabic or ASCII digits,
// spaces and dashes anywhere. Fault: notice.code.
func ParseCode(s string) (Code, error) {
	n, width := int64(0), 0
	for _, r := range s {
		d, digit := persian.Digit(r)
		switch {
		case digit && width < codeDigits:
			n, width = 10*n+int64(d-'0'), width+1
		case !digit && (r == ' ' || r == '-' || r == 0x200C):
		default:
			return 0, errCode
		}
	}
	if width != codeDigits || n < 100*codeFirst || n%97 != 1 {
		return 0, errCode
	}
	return Code(n), nil
}

var errCode = fault.New(fault.Invalid, "notice.code")

// String is the sixteen digits.
func (c Code) String() string { return strconv.FormatInt(int64(c), 10) }

// Grouped is the printed form: four groups of four.
func (c Code) Grouped() string {
	s := c.String()
	return strings.Join([]string{s[:4], s[4:8], s[8:12], s[12:]}, " ")
}

// UnmarshalText is ParseCode.
func (c *Code) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCode(string(b))
	return err
}
