// Package account is how an officer proves to the console who he is: what he
// knows, what he holds, and how long he is believed.
//
//	signin.go      the steps of a sign-in, and what a session says of them
//	totp.go        codes of an authenticator, RFC 6238
//	code.go        the second step: codes, and what wrong ones cost
//	factor.go      an officer sets and changes his factors
//	recovery.go    codes for the day the authenticator is lost
//	passkey.go     passkeys, each of which is two factors by itself
//	ceremony.go    what is begun here and finished by a browser
//	activation.go  the first password; what is done for who lost his factors
//	session.go     sessions in rows
//	oidc.go        the sign-in service of somebody else
//	demo.go        the mark of registers whose people are invented
//	seal.go        the key file: a copied database alone gives no factor
//
// What is promised:
//
//   - Nobody is signed in with one factor: a password opens nothing but the way
//     to a second one.
//   - A code, a recovery code, an activation code and a ceremony count once,
//     also when two requests bring them at the same moment.
//   - Who does not know the password can lock nobody out: a wrong code counts
//     only after the right password, and a passkey is never locked.
//   - Every change of a factor is an entry of the log (kind key-event) by a named
//     officer. A sign-in is none: what an officer does is in the log by his name,
//     when he came is in the rows of his sessions, and leaves of the log are
//     public, from which the working hours of each office could be read.
package account

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Config names what a Book stands on.
type Config struct {
	DB       *store.DB
	Agencies *agency.Book
	KeyFile  string           // made if it is missing
	Clock    func() time.Time // nil: time.Now
}

// Book reads and changes accounts. It is safe for concurrent use.
type Book struct {
	db         *store.DB
	agencies   *agency.Book
	clock      func() time.Time
	key        *key
	passkeys   *relying // nil: At was not called, or passkeys do not work there
	oidc       *provider
	ceremonies *ceremonies
	demo       bool
}

// Open makes a Book. At and OIDC say more about it before it is used.
func Open(ctx context.Context, c Config) (*Book, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	k, err := loadKey(c.KeyFile)
	if err != nil {
		return nil, err
	}
	b := &Book{db: c.DB, agencies: c.Agencies, clock: c.Clock, key: k, ceremonies: newCeremonies()}
	b.demo, err = Demo(ctx, c.DB)
	return b, err
}

// Who names an officer.
type Who struct {
	Agency ids.LegalID
	Login  string
}

func (w Who) args() []any { return []any{int64(w.Agency), w.Login} }

// find is an officer who may act now, and his agency. Whatever is wrong, the
// fault is account.ended.
func (b *Book) find(w Who) (*agency.Agency, *agency.Officer, error) {
	a, err := b.agencies.ByID(w.Agency)
	if err != nil || a.State != agency.Active {
		return nil, nil, errEnded
	}
	o, err := b.agencies.Officer(w.Agency, w.Login)
	if err != nil || !o.ActiveAt(b.clock()) {
		return nil, nil, errEnded
	}
	return a, o, nil
}

var (
	errEnded = fault.New(fault.Forbidden, "account.ended")
	errStale = fault.New(fault.Conflict, "account.stale")
)

// event is what the log says of a change: whose factor, which and what became of
// it. No secret, no public key and no name a person gave stand in it.
type event struct {
	of     Who
	factor string // totp, recovery, passkey, activation, link, sessions
	state  string // set, used, removed, blocked, made, ended …
	id     string // of a passkey: the beginning of its SHA-256
}

func (e event) body() []byte {
	b := append([]byte(`"agency":"`), e.of.Agency.String()...)
	b = append(append(b, `","officer":"`...), e.of.Login...)
	b = append(append(b, `","key":{"factor":"`...), e.factor...)
	b = append(append(b, `","state":"`...), e.state...)
	if e.id != "" {
		b = append(append(b, `","id":"`...), e.id...)
	}
	return append(b, `"}`...)
}

// act is the frame of every change: why is a code word.
func (b *Book) act(actor journal.Actor, why string, of Who) register.Act {
	return register.Act{Kind: receipt.KeyEvent, Actor: actor, Why: why, Agency: of.Agency, Clock: b.clock}
}

// do performs one change as an act.
func (b *Book) do(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, e event, change func(*store.Tx, *register.Change) error) (journal.Proven, error) {
	return register.Do(ctx, b.db, j, b.act(actor, why, e.of), func(tx *store.Tx, c *register.Change) ([]byte, error) {
		return e.body(), change(tx, c)
	})
}
