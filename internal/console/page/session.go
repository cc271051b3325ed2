package page

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/register"
)

// What a session holds: who signed in, and what to say on the next page; never
// whom or what an act was about.
const (
	sessionAgency = "agency"
	sessionLogin  = "login"
	sessionMark   = "mark"  // of the password at that time
	sessionFlash  = "flash" // key of a text
	sessionCode   = "code"  // tracking code of the act that it tells of
)

func newSessions(secure bool) *scs.SessionManager {
	s := scs.New() // in memory
	s.IdleTimeout = 30 * time.Minute
	s.Lifetime = 10 * time.Hour // a working day
	s.HashTokenInStore = true
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
	register.Printer: "/printer", register.Member: "/board", register.Inspector: "/inspector",
}

// SignIn opens a session for an officer who has proved who he is. No session
// of before sign-in lives on.
func (v *Visit) SignIn(who *inquiry.Asker) error {
	ctx := v.Context()
	if err := v.Sessions.RenewToken(ctx); err != nil {
		return err
	}
	v.Sessions.Put(ctx, sessionAgency, int64(who.Agency.ID))
	v.Sessions.Put(ctx, sessionLogin, who.Officer.Login)
	v.Sessions.Put(ctx, sessionMark, markOf(who.Officer))
	v.Asker = who
	return nil
}

// signedIn reads who is behind the session and whether they still may: an
// officer who was suspended a second ago is nobody now.
func (s *Site) signedIn(r *http.Request) *inquiry.Asker {
	login := s.Sessions.GetString(r.Context(), sessionLogin)
	if login == "" {
		return nil
	}
	who, err := s.AskerOf(ids.LegalID(s.Sessions.GetInt64(r.Context(), sessionAgency)), login)
	if err != nil || s.Sessions.GetString(r.Context(), sessionMark) != markOf(who.Officer) {
		return nil
	}
	return who
}

// AskerOf is an officer who may act now, of an agency that may.
func (s *Site) AskerOf(id ids.LegalID, login string) (*inquiry.Asker, error) {
	a, err := s.Agencies.ByID(id)
	if err != nil {
		return nil, err
	}
	o, err := s.Agencies.Officer(id, login)
	if err != nil {
		return nil, err
	}
	if a.State != agency.Active || !o.ActiveAt(s.Clock()) {
		return nil, ErrSignIn
	}
	return &inquiry.Asker{Agency: a, Officer: o}, nil
}

// ErrSignIn is said of every sign-in that fails, whatever is wrong: nobody
// learns which agencies or logins exist.
var ErrSignIn = fault.New(fault.Unauthenticated, "console.sign_in.wrong")

// markOf changes with the password: a session of before the change is over.
func markOf(o *agency.Officer) string {
	sum := sha256.Sum256([]byte("estelam/console/session/v1\x00" + o.PasswordHash))
	return hex.EncodeToString(sum[:16])
}

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
