package ids

import "strings"

// number reads a whole number in Persian, Arabic or ASCII digits, with space
// around it and dashes only where dashes says: all of them or none, each after
// that many digits. width is how many digits stood there; past 18 of them only
// width is meant.
func number(s string, dashes ...int) (n int64, width int, ok bool) {
	s = strings.TrimSpace(s)
	seen := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			if c, ok = wide(s, i); !ok {
				return 0, 0, false
			}
			i++
		}
		switch {
		case c >= '0' && c <= '9':
			width++
			if width <= 18 {
				n = 10*n + int64(c-'0')
			}
		case c == '-' && seen < len(dashes) && width == dashes[seen]:
			seen++
		default:
			return 0, 0, false
		}
	}
	return n, width, seen == 0 || seen == len(dashes)
}

// wide reads the two bytes of a Persian or Arabic digit at s[i].
func wide(s string, i int) (byte, bool) {
	if i+1 >= len(s) {
		return 0, false
	}
	switch c := s[i+1]; {
	case s[i] == 0xDB && c >= 0xB0 && c <= 0xB9: // ۰–۹
		return c - 0xB0 + '0', true
	case s[i] == 0xD9 && c >= 0xA0 && c <= 0xA9: // ٠–٩
		return c - 0xA0 + '0', true
	}
	return 0, false
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
