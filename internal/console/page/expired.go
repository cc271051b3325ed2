package page

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A form that was sent after the session had ended is not lost: the sign-in
// page carries what was typed, as hidden values in the visitor's own browser;
// after sign-in the form is shown again as it was, and nothing has been done.
// Nothing of it is kept here meanwhile. Files and secrets are not carried.

// keptPrefix begins the names of what a sign-in page carries along.
const keptPrefix = "kept."

// keptPath is the address of the form.
const keptPath = "kept"

// sendToSignIn remembers which page was wanted, and what was sent there.
func (v *Visit) sendToSignIn(keep bool) error {
	if v.R.Method == http.MethodGet || v.R.Method == http.MethodHead {
		return v.GoTo("/sign-in?next=" + url.QueryEscape(v.R.URL.RequestURI()))
	}
	if !keep {
		return v.GoTo("/sign-in?ended=1")
	}
	form := url.Values{keptPath: {v.R.URL.RequestURI()}}
	for name, values := range v.R.PostForm {
		if !secret(name) {
			form[keptPrefix+name] = values
		}
	}
	return v.dispatch(http.MethodGet, "/sign-in?ended=1", form, nil)
}

func secret(name string) bool {
	return strings.Contains(name, "password") || strings.Contains(name, "secret")
}

// Kept is what a sign-in page must carry along in its own form.
func (v *Visit) Kept() (all []Hidden) {
	for name, values := range v.R.PostForm {
		if name != keptPath && !strings.HasPrefix(name, keptPrefix) {
			continue
		}
		for _, value := range values {
			all = append(all, Hidden{name, value})
		}
	}
	slices.SortFunc(all, func(a, b Hidden) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// GoOn is the way on after sign-in: the form that was kept, shown again as it
// was; else the page that was wanted; else the role's own.
func (v *Visit) GoOn(next string) error {
	to := LocalPath(v.R.PostForm.Get(keptPath), "")
	if to == "" {
		return v.GoTo(LocalPath(next, Home(v.Role())))
	}
	form := url.Values{}
	for name, values := range v.R.PostForm {
		if name, ok := strings.CutPrefix(name, keptPrefix); ok {
			form[name] = values
		}
	}
	return v.dispatch(http.MethodPost, to, form, restoring{})
}

// restoring marks a request whose form is to be shown, not obeyed.
type restoring struct{}

func restored(r *http.Request) bool { return r.Context().Value(restoring{}) != nil }

// dispatch serves another page within this request.
func (v *Visit) dispatch(method, path string, form url.Values, mark any) error {
	to, err := url.Parse(path)
	if err != nil {
		return NotFound()
	}
	ctx := v.Context()
	if mark != nil {
		ctx = context.WithValue(ctx, mark, true)
	}
	r := v.R.Clone(ctx)
	r.Method, r.URL, r.RequestURI, r.Body = method, to, path, http.NoBody
	r.Form, r.PostForm, r.Header = form, form, v.R.Header.Clone()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v.mux.ServeHTTP(v.W, r)
	return nil
}
