package citizen

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Code is an access code: 20 characters that cannot be taken for one another,
// which is 100 random bits. Nobody guesses one, so no wrong try needs to close
// the door on the right one.
type Code string

// codeLetters leaves out I, L, O and U.
const (
	codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 20
)

// newCode draws a code.
func newCode() Code {
	var b [codeLength]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return Code(b[:])
}

// Grouped is the form for paper and eyes: five groups of four.
func (c Code) Grouped() string {
	var groups []string
	for s := string(c); s != ""; s = s[4:] {
		groups = append(groups, s[:4])
	}
	return strings.Join(groups, "-")
}

// hash is what is kept of a code, however it was typed: digits of any script,
// small letters, spaces and dashes; I and L for 1, O for 0. What is no code has
// a hash too, which is nobody's.
func hash(typed string) [sha256.Size]byte {
	var b strings.Builder
	for _, r := range strings.ToUpper(persian.ASCII(typed)) {
		switch r {
		case ' ', '-', '\u200c':
			continue
		case 'I', 'L':
			r = '1'
		case 'O':
			r = '0'
		}
		b.WriteRune(r)
	}
	return sha256.Sum256([]byte("estelam/access/" + b.String()))
}

// Key is what a person shows of himself.
type Key struct {
	Number ids.NationalNumber `json:"national_number"`
	Access string             `json:"access"` // his access code
}

// Who is a person who has been let in.
type Who struct {
	Number ids.NationalNumber
	actor  journal.Actor
}

// errAccess is the one answer to whoever is not let in.
var errAccess = fault.New(fault.Forbidden, "citizen.access")

// longest is as much of what was typed as can be a code.
const longest = 60

// Admit lets a person in. Whether the number exists, has a code or has another
// one changes neither the answer nor what is done to find it. Faults:
// citizen.missing, citizen.access.
func (b *Book) Admit(ctx context.Context, k *Key) (*Who, error) {
	var bad fault.List
	bad.When(k.Number == 0, "national_number", errMissing.Key)
	bad.When(k.Access == "", "access", errMissing.Key)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if len(k.Access) > longest {
		return nil, errAccess
	}
	shown := hash(k.Access)
	id, until, kept := int64(0), int64(0), []byte(nil)
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(accessValid, []any{int64(k.Number)}, &id, &kept, &until)
		return err
	})
	if err != nil {
		return nil, err
	}
	var held [sha256.Size]byte
	copy(held[:], kept)
	right := subtle.ConstantTimeCompare(shown[:], held[:])
	inTime := persian.DateOf(b.Clock()).Compare(persian.UnpackDate(int32(until))) <= 0
	if right != 1 || id == 0 || !inTime {
		return nil, b.wrong.count(k.Number, b.Clock())
	}
	return &Who{k.Number, journal.Actor{Role: register.Citizen, ID: "access-" + strconv.FormatInt(id, 10)}}, nil
}
