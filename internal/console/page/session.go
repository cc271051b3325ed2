package page

import (
	"net/http"

	"github.com/alexedwards/scs/v2"

	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/register"
)

// What a session holds besides who signed in (package account): what to say on
// the next page; never whom or what an act was about.
const (
	sessionFlash = "flash" // key of a text
	sessionCode  = "code"  // tracking code of the act that it tells of
)

func newSessions(accounts *account.Book, secure bool) *scs.SessionManager {
	s := scs.New()
	s.Store, s.Codec = accounts.Store(), account.Codec{}
	s.IdleTimeout, s.Lifetime = account.Idle, account.Lifetime
	s.Cookie.Name = "estelam"
	if secure {
		s.Cookie.Name = "__Host-estelam"
	}
	s.Cookie.HttpOnly = true
	s.Cookie.Secure = secure
	s.Cookie.SameSite = http.SameSiteLaxMode
	s.Cookie.Persist = false
	return s
}

// homes are the first pages of the roles that come with an agency's kind.
var homes = map[string]string{
	register.Clerk: "/registry", register.Supervisor: "/registry", register.Post: "/post", register.Municipality: "/municipality",
	agency.RoleProgrammer: "/programmer", register.Printer: "/printer", register.Member: "/board", register.Inspector: "/inspector",
}

// SignIn opens a session for an officer who has proved who he is, as far as the
// step says. No session of before lives on.
func (v *Visit) SignIn(o *agency.Officer, step account.Step, method string) error {
	ctx := v.Context()
	if err := v.Sessions.RenewToken(ctx); err != nil {
		return err
	}
	if err := v.Sessions.Clear(ctx); err != nil {
		return err
	}
	v.Accounts.Begin(func(name string, value any) { v.Sessions.Put(ctx, name, value) }, o, step, method, v.R.UserAgent())
	v.Asker = askerOf(v.Signed())
	return nil
}

// Signed is who is behind the session, also half-way through a sign-in: who has
// given his password and not yet a second factor. nil: nobody.
func (v *Visit) Signed() *account.Signed { return v.signed(v.R) }

// signed reads who is behind the session and whether they still may: an officer
// who was suspended a second ago is nobody now.
func (s *Site) signed(r *http.Request) *account.Signed {
	return s.Accounts.Signed(func(name string) any { return s.Sessions.Get(r.Context(), name) })
}

// askerOf is who may act: nobody half-way.
func askerOf(s *account.Signed) *inquiry.Asker {
	if s == nil || s.Step != account.Done {
		return nil
	}
	return &inquiry.Asker{Agency: s.Agency, Officer: s.Officer}
}

// Say is said on the next page: the text of a key.
func (v *Visit) Say(key string) { v.flashed(key, "") }

// flash is said once, on the page after an act.
type flash struct {
	Text   string
	Groups []string
}

// flashed keeps what the next page says: the text of a key, and the tracking
// code of the act.
func (v *Visit) flashed(key string, code ids.TrackingCode) {
	v.Sessions.Put(v.Context(), sessionFlash, key)
	v.Sessions.Put(v.Context(), sessionCode, string(code))
}

func (v *Visit) takeFlash() *flash {
	if !v.Sessions.Exists(v.Context(), sessionFlash) {
		return nil
	}
	f := &flash{Text: v.T(v.Sessions.PopString(v.Context(), sessionFlash))}
	if code := v.Sessions.PopString(v.Context(), sessionCode); code != "" {
		f.Groups = Groups(code)
	}
	return f
}
