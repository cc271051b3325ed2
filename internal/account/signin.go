package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store"
)

// Step is how far a sign-in has come.
type Step string

// The steps. A page for officers opens at Done alone.
const (
	NeedsCode   Step = "code"   // the password was right; a second factor is asked for
	NeedsFactor Step = "factor" // the password was right; there is no second factor yet, and one is set before anything else
	Done        Step = "done"
)

// How somebody signed in.
const (
	ByPassword = "password" // and no more yet: of the steps before Done
	ByTOTP     = "totp"
	ByRecovery = "recovery"
	ByPasskey  = "passkey"
	ByOIDC     = "oidc"
	ByDemo     = "demo"
)

// stepFor is how long a sign-in may stay half done.
const stepFor = 15 * time.Minute

// What a session says of its officer. The store makes columns of it.
const (
	valueAgency = "agency"
	valueLogin  = "login"
	valueMark   = "mark" // of the password that held
	valueStep   = "step"
	valueMethod = "method"
	valueDevice = "device"
	valueSince  = "since" // second in which the step began
)

// Signed is who is behind a session.
type Signed struct {
	Agency  *agency.Agency
	Officer *agency.Officer
	Step    Step
	Method  string
	Since   time.Time // of the step; at Done, of the sign-in
}

// Who names him.
func (s *Signed) Who() Who { return Who{s.Officer.Agency, s.Officer.Login} }

// Actor is who he is in acts.
func (s *Signed) Actor() journal.Actor {
	return journal.Actor{Role: s.Officer.Role, Agency: s.Officer.Agency, ID: s.Officer.Login}
}

// Signed reads what a session says, by its get, and whether it still holds: an
// officer who was suspended a second ago, or whose password was changed
// elsewhere, is nobody now. nil: nobody.
func (b *Book) Signed(get func(name string) any) *Signed {
	of, _ := get(valueAgency).(int64)
	login, _ := get(valueLogin).(string)
	mark, _ := get(valueMark).(string)
	step, _ := get(valueStep).(string)
	method, _ := get(valueMethod).(string)
	since, _ := get(valueSince).(int64)
	if login == "" {
		return nil
	}
	a, o, err := b.find(Who{ids.LegalID(of), login})
	if err != nil || mark != markOf(o) {
		return nil
	}
	s := &Signed{a, o, Step(step), method, time.Unix(since, 0)}
	if s.Step != Done && b.clock().Sub(s.Since) > stepFor {
		return nil
	}
	return s
}

// markOf changes with the password, so that sessions of before are over whoever
// changed it and wherever.
func markOf(o *agency.Officer) string {
	sum := sha256.Sum256([]byte("session/" + o.PasswordHash))
	return hex.EncodeToString(sum[:8])
}

// Begin writes into a session, by its put, who has signed in and how far. The
// session's token must be a new one. browser is what the browser says of itself.
func (b *Book) Begin(put func(name string, value any), o *agency.Officer, step Step, method, browser string) {
	put(valueAgency, int64(o.Agency))
	put(valueLogin, o.Login)
	put(valueMark, markOf(o))
	put(valueStep, string(step))
	put(valueMethod, method)
	put(valueDevice, deviceOf(browser))
	put(valueSince, b.clock().Unix())
}

// Password is the first step. The fault of whatever is wrong is agency.signin,
// after the same work. Who calls it bounds how often it is called.
func (b *Book) Password(ctx context.Context, of ids.LegalID, login, password string) (*agency.Officer, Step, error) {
	o, err := b.agencies.CheckPassword(of, login, password)
	if err != nil {
		return nil, "", err
	}
	f, err := b.Factors(ctx, Who{o.Agency, o.Login})
	if err != nil {
		return nil, "", err
	}
	if f.any() {
		return o, NeedsCode, nil
	}
	return o, NeedsFactor, nil
}

// Factors is what an officer holds besides his password.
type Factors struct {
	Password bool
	TOTP     time.Time // since when he has an authenticator; zero: none
	Passkeys int       // that are not blocked
	Recovery int       // codes that are left
	Wrong    int       // wrong codes that somebody gave after the right password, since the last right one
	Closed   bool      // so many that codes of the authenticator are refused
}

func (f *Factors) any() bool { return !f.TOTP.IsZero() || f.Passkeys > 0 }

// Factors reads them.
func (b *Book) Factors(ctx context.Context, w Who) (f Factors, err error) {
	if o, err := b.agencies.Officer(w.Agency, w.Login); err == nil {
		f.Password = o.PasswordHash != ""
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		f, err = readFactors(tx, w, f.Password)
		return err
	})
	return f, err
}

func readFactors(tx *store.Tx, w Who, password bool) (Factors, error) {
	f := Factors{Password: password}
	r, _, err := readCodes(tx, w)
	if err != nil {
		return f, err
	}
	f.TOTP, f.Wrong, f.Closed = store.Moment(r.since), int(r.wrong), r.wrong >= wrongMost
	if _, err := tx.One(passkeyCount, w.args(), &f.Passkeys); err != nil {
		return f, err
	}
	_, err = tx.One(recoveryCount, w.args(), &f.Recovery)
	return f, err
}

// confirm is asked before a factor is changed: who finds a desk unattended has a
// session and not the password. Who has none must have signed in just now, and
// so must have, who sets his first factor. Faults: account.password,
// account.again.
func (b *Book) confirm(s *Signed, password string) error {
	switch {
	case s.Step == NeedsFactor:
		return nil
	case s.Step != Done:
		return errStale
	case s.Officer.PasswordHash == "":
		if b.clock().Sub(s.Since) > stepFor {
			return fault.New(fault.Forbidden, "account.again")
		}
		return nil
	}
	if _, err := b.agencies.CheckPassword(s.Officer.Agency, s.Officer.Login, password); err != nil {
		return fault.New(fault.Invalid, "account.password").At("password")
	}
	return nil
}

// first refuses one who came with the password alone when there is a factor by
// now: it was set elsewhere meanwhile, and is asked for.
func first(tx *store.Tx, s *Signed) error {
	if s.Step != NeedsFactor {
		return nil
	}
	f, err := readFactors(tx, s.Who(), true)
	if err == nil && f.any() {
		err = errStale
	}
	return err
}
