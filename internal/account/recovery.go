package account

import (
	"context"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// recoveryCodes is how many an officer is given at a time.
const recoveryCodes = 10

// newRecovery draws codes of three groups of four characters: 60 random bits
// each, which nobody guesses through a door.
func newRecovery() []string {
	all := make([]string, recoveryCodes)
	for i := range all {
		all[i] = ids.NewSecret()[:14]
	}
	return all
}

func (b *Book) recoveryHash(w Who, typed string) []byte {
	plain := ids.HashSecret("recovery", typed) // however it was typed
	return b.key.hash("recovery", w, plain[:])
}

// putRecovery puts codes in the place of those of before.
func (b *Book) putRecovery(tx *store.Tx, w Who, fresh []string) error {
	if _, err := tx.Exec(recoveryClear, w.args()...); err != nil {
		return err
	}
	for _, code := range fresh {
		if _, err := tx.Exec(recoveryInsert, int64(w.Agency), w.Login, b.recoveryHash(w, code)); err != nil {
			return err
		}
	}
	return nil
}

// NewRecovery gives the officer new recovery codes; those of before end. They
// are told once. Faults: account.password, account.again.
func (b *Book) NewRecovery(ctx context.Context, j *journal.Journal, s *Signed, password string) ([]string, journal.Proven, error) {
	if s.Step != Done {
		return nil, journal.Proven{}, errStale
	}
	if err := b.confirm(s, password); err != nil {
		return nil, journal.Proven{}, err
	}
	fresh, w := newRecovery(), s.Who()
	p, err := b.do(ctx, j, s.Actor(), "own", event{of: w, factor: "recovery", state: "set"}, func(tx *store.Tx, _ *register.Change) error {
		return b.putRecovery(tx, w, fresh)
	})
	return fresh, p, err
}

// recover is the second step by a recovery code. It is used up, and that is an
// entry of the log.
func (b *Book) recover(ctx context.Context, j *journal.Journal, s *Signed, typed string) (in Entered, err error) {
	w := s.Who()
	hash := b.recoveryHash(w, typed)
	_, err = b.do(ctx, j, s.Actor(), "own", event{of: w, factor: "recovery", state: "used"}, func(tx *store.Tx, c *register.Change) error {
		in = Entered{Method: ByRecovery}
		n, err := tx.Exec(recoveryUse, c.Micros(), int64(w.Agency), w.Login, hash)
		if err != nil {
			return err
		}
		if n != 1 {
			return errCode
		}
		r, _, err := readCodes(tx, w)
		if err != nil {
			return err
		}
		in.Wrong = int(r.wrong)
		if _, err := tx.Exec(codeForget, w.args()...); err != nil {
			return err
		}
		_, err = tx.One(recoveryCount, w.args(), &in.Left)
		return err
	})
	return in, err
}
