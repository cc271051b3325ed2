package page

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
)

// Visit is one request to one page.
type Visit struct {
	*Site
	W    http.ResponseWriter
	R    *http.Request
	Lang message.Lang

	// Asker is who is signed in, and may act now; nil: nobody.
	Asker *inquiry.Asker

	// Restored says that a form was sent before the session ended: it is to be
	// shown again as it was, and nothing done.
	Restored bool
}

// Context is the request's.
func (v *Visit) Context() context.Context { return v.R.Context() }

// Actor is who is signed in, as acts take him; nobody is in no role.
func (v *Visit) Actor() journal.Actor {
	if v.Asker == nil {
		return journal.Actor{}
	}
	return journal.Actor{Role: v.Asker.Officer.Role, Agency: v.Asker.Agency.ID, ID: v.Asker.Officer.Login}
}

// Role is the visitor's role; "": nobody is signed in.
func (v *Visit) Role() string {
	if v.Asker == nil {
		return ""
	}
	return v.Asker.Officer.Role
}

// maxBody bounds every form.
const maxBody = 64 << 10

// page wraps a page: who is visiting, may they, and what if it fails. Pages
// return errors; only here are they shown.
func (s *Site) page(r Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := &Visit{Site: s, W: w, R: req, Lang: languageOf(req), Restored: restored(req)}
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler: // an answer that broke off
				panic(p)
			default:
				v.problem(broken(p))
			}
		}()
		v.Asker = askerOf(s.signed(req))
		if v.Asker != nil && !r.lets(v.Role()) {
			v.problem(fault.New(fault.Forbidden, "console.problem.role"))
			return
		}
		if err := v.readForm(&r); err != nil {
			v.problem(err)
			return
		}
		if v.Asker == nil && !r.open() {
			if err := v.sendToSignIn(r.Restores); err != nil {
				v.problem(err)
			}
			return
		}
		if v.Restored && !r.Restores {
			v.problem(NotFound())
			return
		}
		if err := r.Serve(v); err != nil {
			v.problem(err)
		}
	})
}

// readForm reads a form, unless the page reads what was sent itself. Without a
// session nothing is read but what is kept: the typed values of a form that can
// be shown again.
func (v *Visit) readForm(r *Route) error {
	if v.R.Method != http.MethodPost || r.Most > 0 && (v.Asker != nil || r.open()) {
		return nil
	}
	if v.Asker == nil && !r.open() && !r.Restores {
		return nil
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, maxBody+r.Most)
	if r.Most > 0 && strings.HasPrefix(v.R.Header.Get("Content-Type"), "multipart/") {
		_, err := v.parts(0)
		return err
	}
	if err := v.R.ParseForm(); err != nil {
		return badForm(err)
	}
	return nil
}

// broken makes a fault of a panic. What was panicked with may hold personal
// data and is kept only if it comes from the run time; the stack holds none.
func broken(p any) error {
	cause := fmt.Errorf("panic of %T\n%s", p, debug.Stack())
	if err, ok := p.(runtime.Error); ok {
		cause = fmt.Errorf("panic: %w\n%s", err, debug.Stack())
	}
	return fault.New(fault.Internal, "fault.internal").Because(cause)
}

func badForm(err error) error {
	if _, ok := err.(*http.MaxBytesError); ok {
		return fault.New(fault.TooLarge, "console.form.large").Because(err)
	}
	return fault.New(fault.Malformed, "console.form.malformed").Because(err)
}

// GoTo sends the browser on to another page with GET.
func (v *Visit) GoTo(path string) error {
	http.Redirect(v.W, v.R, path, http.StatusSeeOther)
	return nil
}

// languageOf is Persian unless the visitor chose English here. The browser's
// own language is not asked: many a Persian reader's browser speaks English.
func languageOf(r *http.Request) message.Lang {
	if c, err := r.Cookie("lang"); err == nil && c.Value == string(message.En) {
		return message.En
	}
	return message.Fa
}

// language remembers the choice and goes back to where the visitor was.
func language(v *Visit) error {
	lang := message.Fa
	if v.R.PostFormValue("lang") == string(message.En) {
		lang = message.En
	}
	http.SetCookie(v.W, &http.Cookie{
		Name: "lang", Value: string(lang), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: v.Secure(), SameSite: http.SameSiteLaxMode,
	})
	return v.GoTo(LocalPath(v.R.PostFormValue("back"), "/"))
}

// LocalPath is path if it is one of this site, written as pages' addresses are,
// else instead: a form never sends anybody to another site, nor by a detour to
// another page.
func LocalPath(address, instead string) string {
	at, _, _ := strings.Cut(address, "?")
	if !strings.HasPrefix(at, "/") || path.Clean(at) != at || len(address) > 300 || strings.ContainsFunc(address, unfit) {
		return instead
	}
	return address
}

// unfit are the letters of which browsers make others, or nothing.
func unfit(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }

// nowhere answers addresses that no page has.
func nowhere(v *Visit) error {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := v.R.Clone(v.R.Context())
		other.Method = method
		if _, pattern := v.mux.Handler(other); pattern != "/" {
			allow = append(allow, method)
		}
	}
	if len(allow) > 0 {
		v.W.Header().Set("Allow", strings.Join(allow, ", "))
		return fault.New(fault.Method, "console.problem.method")
	}
	return NotFound()
}

// NotFound is what a page says of what does not exist, or is not the visitor's.
func NotFound() error { return fault.New(fault.NotFound, "console.problem.not_found") }

func crossSite(*Visit) error {
	return fault.New(fault.Forbidden, "console.problem.cross_site")
}

// RetryAfter says in a header how long to wait.
func (v *Visit) RetryAfter(seconds int) {
	v.W.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// Home is the first page of a role.
func Home(role string) string {
	switch role {
	case agency.RoleOfficer, agency.RoleHead:
		return "/" + role
	}
	if home, ok := homes[role]; ok {
		return home
	}
	return "/account"
}
