package account

import (
	"errors"
	"math"
	"time"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
)

// signInView is the page where officers sign in.
type signInView struct {
	Next   string
	Kept   []page.Hidden // a form to go on with
	Ended  bool          // a form was sent after the session had ended
	Inputs []page.Input
	Wrong  string
}

func signIn(v *page.Visit) error {
	q := v.R.URL.Query()
	if v.Asker != nil {
		return v.GoTo(page.LocalPath(q.Get("next"), page.Home(v.Role())))
	}
	return showSignIn(v, 200, signInView{Next: page.LocalPath(q.Get("next"), ""), Ended: q.Has("ended")}, "", "")
}

func showSignIn(v *page.Visit, status int, body signInView, agency, login string) error {
	body.Inputs = []page.Input{
		{Name: "agency", Help: v.T("console.sign_in.agency.help"), Value: agency, Ltr: true, Mode: "numeric", Fill: "organization", Max: 40},
		{Name: "login", Value: login, Ltr: true, Fill: "username", Max: 64},
		{Name: "password", Type: "password", Ltr: true, Fill: "current-password", Max: 200},
	}
	body.Kept = v.Kept()
	for i := range body.Inputs {
		in := &body.Inputs[i]
		in.ID, in.Label = page.IDOf(in.Name), v.T("console.sign_in."+in.Name)
	}
	title := v.T("console.sign_in.title")
	if body.Wrong != "" {
		title = v.T("console.form.wrong", title)
	}
	return v.Page(status, "account/signin", title, body)
}

// signInPost tries a password. Whatever is wrong, the words are the same:
// nobody learns which agencies or logins exist.
func (r *room) signInPost(v *page.Visit) error {
	form := v.R.PostForm
	agency, login := page.Bare(page.Cleaned(form.Get("agency"))), page.Cleaned(form.Get("login"))
	body := signInView{Next: page.LocalPath(form.Get("next"), "")}
	asker, err := r.passwordHolds(v, agency, login, form.Get("password"))
	if err != nil {
		f := fault.Of(err)
		if f.Kind != fault.Unauthenticated && f.Kind != fault.TooMany {
			return err
		}
		body.Wrong = v.T(f.Key, f.Args...)
		return showSignIn(v, f.Kind.Status(), body, page.Cut(agency, 20), page.Cut(login, 64))
	}
	if err := v.SignIn(asker); err != nil {
		return err
	}
	return v.GoOn(body.Next)
}

// passwordHolds checks a password within the limits that keep guessing slow.
func (r *room) passwordHolds(v *page.Visit, agency, login, password string) (*inquiry.Asker, error) {
	now, from := v.Clock(), page.ClientOf(v.R)
	if !r.signIns.Allow(from, now) {
		v.RetryAfter(60)
		return nil, fault.New(fault.TooMany, "console.sign_in.wait", v.Count(1))
	}
	if len(agency) > 64 || len(login) > 256 || len(password) > 1024 {
		return nil, page.ErrSignIn
	}
	try := attempt{from: from, login: agency + " " + login}
	if id, err := ids.ParseLegalID(agency); err == nil { // however its digits were written
		try.login = id.String() + " " + login
	}
	if wait := r.backoff.wait(try, now); wait > 0 {
		v.RetryAfter(int(math.Ceil(wait.Seconds())))
		return nil, fault.New(fault.TooMany, "console.sign_in.wait", v.Count(int64(math.Ceil(wait.Minutes()))))
	}
	asker, err := r.tryPassword(v, agency, login, password)
	if errors.Is(err, page.ErrSignIn) {
		r.backoff.failed(try, now)
		return nil, err
	}
	if err == nil {
		r.backoff.succeeded(try)
	}
	return asker, err
}

// tryPassword waits for a seat: each check costs memory by design, and a flood
// of them must not take it all.
func (r *room) tryPassword(v *page.Visit, agency, login, password string) (*inquiry.Asker, error) {
	select {
	case r.hashing <- struct{}{}:
		defer func() { <-r.hashing }()
	case <-time.After(3 * time.Second):
		v.RetryAfter(5)
		return nil, fault.New(fault.TooMany, "console.sign_in.busy")
	case <-v.R.Context().Done():
		return nil, v.R.Context().Err()
	}
	id, err := ids.ParseLegalID(agency)
	if err != nil {
		return nil, page.ErrSignIn
	}
	if _, err := v.Agencies.CheckPassword(id, login, password); err != nil {
		if fault.Is(err, fault.Unauthenticated) {
			return nil, page.ErrSignIn
		}
		return nil, err
	}
	return v.AskerOf(id, login)
}

// signOut ends the session.
func signOut(v *page.Visit) error {
	if err := v.Sessions.Destroy(v.R.Context()); err != nil {
		return err
	}
	return v.GoTo("/")
}
