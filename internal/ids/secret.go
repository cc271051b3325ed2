package ids

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"github.com/estelam/estelam/internal/persian"
)

// secretLetters leaves out I, L, O and U.
const secretLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewSecret draws a secret for paper and eyes: five groups of four characters
// that cannot be taken for one another, 100 random bits. Nobody guesses one, so
// no wrong try needs to close the door on the right one.
func NewSecret() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = secretLetters[b[i]%32]
	}
	return string(b[:4]) + "-" + string(b[4:8]) + "-" + string(b[8:12]) + "-" + string(b[12:16]) + "-" + string(b[16:])
}

var asTyped = strings.NewReplacer(" ", "", "-", "", "\u200c", "", "I", "1", "L", "1", "O", "0")

// HashSecret is what is kept of a secret, however it was typed: digits of any
// script, small letters, spaces and dashes; I and L for 1, O for 0. What is no
// secret has a hash too, which is nobody's. use keeps the uses of secrets apart.
func HashSecret(use, typed string) [sha256.Size]byte {
	return sha256.Sum256([]byte("estelam/" + use + "/" + asTyped.Replace(strings.ToUpper(persian.ASCII(typed)))))
}

// IsToken reports whether s is a code word as agreements, processes and
// purposes are called: 1 to 64 Latin letters, digits, dots, dashes, underscores.
func IsToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
