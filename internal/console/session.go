package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
)

// What a session holds: who signed in, and the codes of the last answers; never
// whom or what they were about.
const (
	sessionAgency = "agency"
	sessionLogin  = "login"
	sessionMark   = "mark"   // of the password that was given
	sessionRecent = "recent" // codes of the last answers
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

// signedIn reads who is behind the session and whether they still may: an
// officer who was suspended a second ago is nobody now.
func (k *Console) signedIn(r *http.Request) *inquiry.Asker {
	login := k.sessions.GetString(r.Context(), sessionLogin)
	if login == "" {
		return nil
	}
	id := ids.LegalID(k.sessions.GetInt64(r.Context(), sessionAgency))
	asker, err := k.askerOf(id, login)
	if err != nil || k.sessions.GetString(r.Context(), sessionMark) != markOf(asker.Officer) {
		return nil
	}
	return asker
}

// sendToSignIn remembers which page was wanted. A form that was sent without a
// session cannot be kept.
func (k *Console) sendToSignIn(v *visit) {
	path := "/officer/sign-in"
	if v.r.Method == http.MethodGet {
		path += "?next=" + url.QueryEscape(v.r.URL.RequestURI())
	} else {
		path += "?ended=1"
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
}

// nextPage is the officers' page to open after sign-in.
func nextPage(next string) string {
	p := localPath(next, "/officer")
	if p != "/officer" && !strings.HasPrefix(p, "/officer/") && !strings.HasPrefix(p, "/officer?") {
		return "/officer"
	}
	return p
}
