package ids

import (
	"strings"

	"github.com/estelam/estelam/internal/persian"
)

// number reads a whole number in Persian, Arabic or ASCII digits, with space
// around it and dashes only where dashes says: all of them or none, each after
// that many digits. width is how many digits stood there; past 18 of them only
// width is meant.
func number(s string, dashes ...int) (n int64, width int, ok bool) {
	s = strings.TrimSpace(s)
	seen := 0
	for _, r := range s {
		c, digit := persian.Digit(r)
		switch {
		case digit:
			width++
			if width <= 18 {
				n = 10*n + int64(c-'0')
			}
		case r == '-' && seen < len(dashes) && width == dashes[seen]:
			seen++
		default:
			return 0, 0, false
		}
	}
	return n, width, seen == 0 || seen == len(dashes)
}

// decimal writes n with leading zeros.
func decimal(n int64, width int) string {
	var b [20]byte
	return string(appendDecimal(b[:0], uint64(n), width))
}

func appendDecimal(dst []byte, n uint64, width int) []byte {
	const zeros = "00000000000000000000"
	dst = append(dst, zeros[:width]...)
	for i := len(dst) - 1; n > 0 && i >= len(dst)-width; i-- {
		dst[i] = byte(n%10) + '0'
		n /= 10
	}
	return dst
}
