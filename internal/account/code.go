package account

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Wrong codes count per account, and only after the right password: an outsider
// never reaches this. After every five the attempt is over, the password is asked
// for again, and a wait begins that doubles: 1, 2, 4, 8 minutes. After 25 codes
// of the authenticator are refused altogether, until a recovery code, another
// password or a reset; passkeys and recovery codes go on all the time.
//
// A thief of the password has three of a million codes right at each try (the
// step and its neighbours), so 25 tries succeed with less than 1 in 13,000. The
// officer is told at his next sign-in that there were wrong codes, so that he
// changes the password, on which the count begins again.
const (
	wrongOnce = 5
	wrongMost = 25
)

// codes is the row of table account.
type codes struct {
	secret             []byte
	step, since, until int64
	wrong              int64
}

func readCodes(tx *store.Tx, w Who) (r codes, found bool, err error) {
	found, err = tx.One(accountOne, w.args(), &r.secret, &r.step, &r.since, &r.wrong, &r.until)
	return r, found, err
}

// Entered is a sign-in that is done.
type Entered struct {
	Method string
	Wrong  int // wrong codes since the last right one, these of somebody who knows the password
	Left   int // recovery codes, where one was used
}

var (
	errCode   = fault.New(fault.Unauthenticated, "account.code.wrong").At("code")
	errOver   = fault.New(fault.Unauthenticated, "account.code.over")
	errClosed = fault.New(fault.Forbidden, "account.code.closed").At("code")
)

// Code is the second step: a code of the authenticator, or a recovery code. At
// account.code.over the sign-in begins again with the password. Faults:
// account.code.wrong, account.code.over, account.code.wait, account.code.closed,
// account.stale.
func (b *Book) Code(ctx context.Context, j *journal.Journal, s *Signed, typed string) (Entered, error) {
	if s.Step != NeedsCode {
		return Entered{}, errStale
	}
	if len(typed) > 100 {
		return Entered{}, errCode
	}
	plain := strings.NewReplacer(" ", "", "-", "", "\u200c", "").Replace(persian.ASCII(typed))
	if number, err := strconv.ParseUint(plain, 10, 32); err == nil && len(plain) == digits {
		return b.totp(ctx, s.Who(), uint32(number))
	}
	return b.recover(ctx, j, s, typed)
}

// totp tries a code. The transaction stands whether the code is right or wrong:
// it counts.
func (b *Book) totp(ctx context.Context, w Who, code uint32) (in Entered, err error) {
	var said error
	err = b.db.Write(ctx, func(tx *store.Tx) error {
		in, said = Entered{}, nil
		r, found, err := readCodes(tx, w)
		if err != nil {
			return err
		}
		now := b.clock()
		switch {
		case !found || len(r.secret) == 0:
			said = fault.New(fault.Unauthenticated, "account.code.none").At("code")
			return nil
		case r.wrong >= wrongMost:
			said = errClosed
			return nil
		case r.until > now.UnixMicro():
			said = waiting(store.Moment(r.until).Sub(now))
			return nil
		}
		secret, err := b.key.open("totp", w, r.secret)
		if err != nil {
			return fault.New(fault.Unavailable, "account.key").Because(err)
		}
		if step := matchingStep(secret, code, now); step > r.step { // a step counts once
			in = Entered{Method: ByTOTP, Wrong: int(r.wrong)}
			_, err = tx.Exec(codeRight, step, int64(w.Agency), w.Login)
			return err
		}
		said, r.until = errCode, 0
		if r.wrong++; r.wrong%wrongOnce == 0 {
			said, r.until = errOver, now.Add(time.Minute<<(r.wrong/wrongOnce-1)).UnixMicro()
		}
		_, err = tx.Exec(codeWrong, r.wrong, r.until, int64(w.Agency), w.Login)
		return err
	})
	if err == nil {
		err = said
	}
	return in, err
}

func waiting(d time.Duration) error {
	minutes := int64((d + time.Minute - 1) / time.Minute)
	return fault.New(fault.TooMany, "account.code.wait", strconv.FormatInt(minutes, 10)).At("code")
}
