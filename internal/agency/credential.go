package agency

import (
	"context"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
)

// PutPassword writes an officer's password, hashed, as a part of another noun's
// act, and gives what the log says of him (kind officer-change); "" takes it
// away. After the transaction Reload. Fault: agency.officer.unknown.
func PutPassword(tx *store.Tx, agency ids.LegalID, login, hash string) ([]byte, error) {
	body, err := putOfficer(tx, agency, login, func(old *Officer) (*Officer, error) {
		if old == nil {
			return nil, errOfficer
		}
		changed := *old
		changed.PasswordHash = hash
		return &changed, nil
	})
	if err != nil {
		return nil, err
	}
	return body, store.Bump(tx, noun)
}

// Reload takes in all changes committed so far.
func (b *Book) Reload(ctx context.Context) error { return b.all.Reload(ctx) }
