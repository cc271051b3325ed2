package citizen

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

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

// use is what an access code is for, among secrets.
const use = "access"

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
	shown := ids.HashSecret(use, k.Access)
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
