package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// NewAuthenticator draws the secret of an authenticator. Nothing is kept until
// its first code comes back with the offer: an authenticator that was set wrong
// locks nobody out. site is the service's name, as authenticators show it.
func (b *Book) NewAuthenticator(s *Signed, site string) Authenticator {
	var secret [secretBytes]byte
	_, _ = rand.Read(secret[:]) // never fails
	offer := b.key.seal("offer", s.Who(), binary.BigEndian.AppendUint64(secret[:], uint64(b.clock().Unix())))
	return b.authenticator(s, site, secret[:], base64.RawURLEncoding.EncodeToString(offer))
}

// SameAuthenticator shows an offer again, after a wrong code. Fault: account.stale.
func (b *Book) SameAuthenticator(s *Signed, site, offer string) (Authenticator, error) {
	secret, err := b.offered(s, offer)
	if err != nil {
		return Authenticator{}, err
	}
	return b.authenticator(s, site, secret, offer), nil
}

func (b *Book) authenticator(s *Signed, site string, secret []byte, offer string) Authenticator {
	return Authenticator{
		URI:    otpauth(site, s.Officer.Login+"@"+s.Officer.Agency.String(), secret),
		Secret: inFours(base32Text.EncodeToString(secret)), Offer: offer,
	}
}

// offered opens an offer, which holds for a quarter of an hour.
func (b *Book) offered(s *Signed, offer string) ([]byte, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(offer)
	if err != nil {
		return nil, errStale.Because(err)
	}
	plain, err := b.key.open("offer", s.Who(), sealed)
	if err != nil || len(plain) != secretBytes+8 {
		return nil, errStale.Because(err)
	}
	if b.clock().Sub(time.Unix(int64(binary.BigEndian.Uint64(plain[secretBytes:])), 0)) > stepFor {
		return nil, errStale
	}
	return plain[:secretBytes], nil
}

// SetTOTP makes an offered authenticator the officer's, in place of one that he
// had, and gives him new recovery codes. Faults: account.code.wrong,
// account.stale, account.password, account.again.
func (b *Book) SetTOTP(ctx context.Context, j *journal.Journal, s *Signed, offer, typed, password string) ([]string, journal.Proven, error) {
	secret, err := b.offered(s, offer)
	if err == nil {
		err = b.confirm(s, password)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	code, err := strconv.ParseUint(strings.ReplaceAll(persian.ASCII(typed), " ", ""), 10, 32)
	step := matchingStep(secret, uint32(code), b.clock())
	if err != nil || step == 0 {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "account.code.first").At("code")
	}
	recovery := newRecovery()
	w := s.Who()
	p, err := b.do(ctx, j, s.Actor(), "own", event{of: w, factor: "totp", state: "set"}, func(tx *store.Tx, c *register.Change) error {
		if err := first(tx, s); err != nil {
			return err
		}
		if err := opened(tx, w); err != nil {
			return err
		}
		if _, err := tx.Exec(codeSet, b.key.seal("totp", w, secret), step, c.Micros(), int64(w.Agency), w.Login); err != nil {
			return err
		}
		return b.putRecovery(tx, w, recovery)
	})
	return recovery, p, err
}

// opened makes the officer's row if he has none.
func opened(tx *store.Tx, w Who) error {
	var handle [32]byte
	_, _ = rand.Read(handle[:]) // never fails
	_, err := tx.Exec(accountOpen, int64(w.Agency), w.Login, handle[:], []byte{})
	return err
}

// ChangePassword changes an officer's own password and ends all his sessions; the
// one that he does it in must begin anew. Faults: account.password,
// agency.password, account.password.same.
func (b *Book) ChangePassword(ctx context.Context, j *journal.Journal, s *Signed, old, fresh string) (journal.Proven, error) {
	if s.Step != Done || s.Officer.PasswordHash == "" {
		return journal.Proven{}, errStale
	}
	if err := b.confirm(s, old); err != nil {
		return journal.Proven{}, fault.Of(err)
	}
	if old == fresh {
		return journal.Proven{}, fault.New(fault.Invalid, "account.password.same").At("fresh")
	}
	w := s.Who()
	p, err := b.agencies.SetPassword(ctx, j, s.Actor(), w.Agency, w.Login, fresh)
	if err != nil {
		var f *fault.Error
		if errors.As(err, &f) && f.Field == "password" {
			again := *f
			again.Field = "fresh"
			err = &again
		}
		return p, err
	}
	// Sessions of before are over already, by their mark. Their rows end so that
	// lists say so, and whoever tried codes with the old password is forgotten.
	return p, b.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(codeForget, w.args()...); err != nil {
			return err
		}
		return b.endAll(tx, w)
	})
}
