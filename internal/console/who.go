package console

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
)

// askerOf is an officer who may act now, of an agency that may.
func (k *Console) askerOf(id ids.LegalID, login string) (*inquiry.Asker, error) {
	a, err := k.Agencies.ByID(id)
	if err != nil {
		return nil, err
	}
	o, err := k.Agencies.Officer(id, login)
	if err != nil {
		return nil, err
	}
	if a.State != agency.Active || !o.ActiveAt(k.Clock()) {
		return nil, errWrongSignIn
	}
	return &inquiry.Asker{Agency: a, Officer: o}, nil
}

// officerOf is the officer with this password.
func (k *Console) officerOf(id ids.LegalID, login, password string) (*inquiry.Asker, error) {
	if _, err := k.Agencies.CheckPassword(id, login, password); err != nil {
		if fault.Is(err, fault.Unauthenticated) {
			return nil, errWrongSignIn
		}
		return nil, err
	}
	return k.askerOf(id, login)
}

// markOf changes with the password: a session of before the change is over.
func markOf(o *agency.Officer) string {
	sum := sha256.Sum256([]byte("estelam/console/session/v1\x00" + o.PasswordHash))
	return hex.EncodeToString(sum[:16])
}
