package agency

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/estelam/estelam/internal/fault"
)

// argon2id as OWASP recommends (19 MiB, 2 passes): about 15 ms.
const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
)

// hashing bounds how many passwords are hashed at once: each takes 19 MiB.
var hashing = make(chan struct{}, 4)

// HashPassword makes the stored form of a password, which has 10 to 256
// characters. Fault: agency.password.
func HashPassword(password string) (string, error) {
	if n := utf8.RuneCountInString(password); n < 10 || n > 256 || !utf8.ValidString(password) {
		return "", fault.New(fault.Invalid, "agency.password").At("password")
	}
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // crypto/rand.Read never fails
	return phc(salt[:], argon(password, salt[:])), nil
}

func argon(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, 32)
}

func phc(salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(hash))
}

// nobody is checked against where there is no officer or no password, so that
// the answer takes as long.
var nobody = phc(make([]byte, 16), make([]byte, 32))

// matches reports whether password is the one that stored was made of. It does
// the same work for every input.
func matches(stored, password string) bool {
	known := stored != ""
	if !known {
		stored = nobody
	}
	parts := strings.Split(stored, "$")
	if len(parts) != 6 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	hash, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(password) > 4*256 {
		password = "" // refused below, after the same work
		known = false
	}
	return subtle.ConstantTimeCompare(argon(password, salt), hash) == 1 && known
}
