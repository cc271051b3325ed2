package console

import (
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/message"
)

// visit is one request to one page.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	lang  message.Lang
	asker *inquiry.Asker // nil: nobody is signed in
}

// maxBody bounds every form.
const maxBody = 64 << 10

// page wraps a page: who is visiting, may they, and what if it fails. Pages
// return errors; only here are they shown.
func (k *Console) page(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := &visit{w: w, r: req, lang: languageOf(req)}
		defer func() {
			if p := recover(); p != nil {
				k.problem(v, broken(p))
			}
		}()
		v.asker = k.signedIn(req)
		if r.Role != Public && v.asker == nil {
			k.sendToSignIn(v)
			return
		}
		if r.Role != Public && v.asker.Officer.Role != r.Role {
			k.problem(v, fault.New(fault.Forbidden, "console.problem.role"))
			return
		}
		if req.Method == http.MethodPost {
			req.Body = http.MaxBytesReader(w, req.Body, maxBody)
			if err := req.ParseForm(); err != nil {
				k.problem(v, badForm(err))
				return
			}
		}
		if err := r.serve(k, v); err != nil {
			k.problem(v, err)
		}
	})
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

// goTo sends the browser on to another page with GET.
func (v *visit) goTo(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
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
func (k *Console) language(v *visit) error {
	lang := message.Fa
	if v.r.PostFormValue("lang") == string(message.En) {
		lang = message.En
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: "lang", Value: string(lang), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: k.secure(), SameSite: http.SameSiteLaxMode,
	})
	return v.goTo(localPath(v.r.PostFormValue("back"), "/"))
}

// localPath is path if it is one of this site, else instead: a form never
// sends anybody to another site.
func localPath(path, instead string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || len(path) > 300 {
		return instead
	}
	return path
}

// nowhere answers addresses that no page has.
func (k *Console) nowhere(v *visit) error {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := v.r.Clone(v.r.Context())
		other.Method = method
		if _, pattern := k.mux.Handler(other); pattern != "/" {
			allow = append(allow, method)
		}
	}
	if len(allow) > 0 {
		v.w.Header().Set("Allow", strings.Join(allow, ", "))
		return fault.New(fault.Method, "console.problem.method")
	}
	return fault.New(fault.NotFound, "console.problem.not_found")
}

func (k *Console) crossSite(*visit) error {
	return fault.New(fault.Forbidden, "console.problem.cross_site")
}

// retryAfter says in a header how long to wait.
func (v *visit) retryAfter(seconds int) {
	v.w.Header().Set("Retry-After", strconv.Itoa(seconds))
}
