package account

import (
	"errors"
	"math"
	"time"

	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

func signIn(v *page.Visit) error {
	if v.Asker != nil {
		return v.GoTo(page.LocalPath(v.R.URL.Query().Get("next"), page.Home(v.Role())))
	}
	return showSignIn(v, "", "", nil)
}

func showSignIn(v *page.Visit, of, login string, err error) error {
	s := sheet{Title: v.T("console.sign_in.title"), Lead: v.T("console.sign_in.lead"), Foot: v.T("console.sign_in.note")}
	if v.R.URL.Query().Has("ended") {
		key := "console.sign_in.ended"
		if len(v.Kept()) > 0 {
			key = "console.account.in.kept"
		}
		s.Notes = append(s.Notes, page.Note{Tone: page.Info, Text: v.T(key)})
	}
	s.Demo = demoOf(v)
	s.Forms = append(s.Forms, form{
		Path: "/sign-in", Button: v.T("console.sign_in.button"), Icon: "person", Hidden: carry(v), Inputs: []page.Input{
			{ID: "f-agency", Name: "agency", Label: v.T("console.sign_in.agency"), Help: v.T("console.sign_in.agency.help"), Value: of, Ltr: true, Mode: "numeric", Fill: "organization", Max: 40},
			{ID: "f-login", Name: "login", Label: v.T("console.sign_in.login"), Value: login, Ltr: true, Fill: "username", Max: 64},
			secretInput(v, "password", "current-password"),
		},
	})
	if v.Accounts.PasskeysWork(v.R.Host) {
		s.Forms = append(s.Forms, passkeyForm(v))
	}
	s.Links = []page.Link{{Path: "/activate", Text: v.T("console.account.in.activate")}}
	if v.Accounts.OIDCWorks() {
		s.Links = append(s.Links, page.Link{Path: "/sign-in/oidc", Text: v.T("console.account.in.oidc")})
	}
	return show(v, s, err, "passkey.js")
}

// errSignIn is said of every password that fails, whatever is wrong: nobody
// learns which agencies or logins exist.
var errSignIn = fault.New(fault.Unauthenticated, "console.sign_in.wrong")

// signInPost tries a password. What comes next depends on what else the officer
// holds.
func (r *room) signInPost(v *page.Visit) error {
	sent := v.R.PostForm
	of, login := page.Bare(page.Cleaned(sent.Get("agency"))), page.Cleaned(sent.Get("login"))
	o, step, err := r.passwordHolds(v, of, login, sent.Get("password"))
	if err != nil {
		if f := fault.Of(err); f.Kind != fault.Unauthenticated && f.Kind != fault.TooMany {
			return err
		}
		return showSignIn(v, page.Cut(of, 20), page.Cut(login, 64), err)
	}
	if err := v.SignIn(o, step, accounts.ByPassword); err != nil {
		return err
	}
	if step == accounts.NeedsCode {
		return showCode(v, nil)
	}
	return showFactor(v, "", nil)
}

// passwordHolds checks a password within the limits that keep guessing slow.
func (r *room) passwordHolds(v *page.Visit, of, login, password string) (*agency.Officer, accounts.Step, error) {
	now, from := v.Clock(), page.ClientOf(v.R)
	if !r.signIns.Allow(from, now) {
		return nil, "", fault.New(fault.TooMany, "console.sign_in.wait", "1")
	}
	if len(of) > 64 || len(login) > 256 || len(password) > 1024 {
		return nil, "", errSignIn
	}
	try := attempt{from: from, login: of + " " + login}
	if id, err := ids.ParseLegalID(of); err == nil { // however its digits were written
		try.login = id.String() + " " + login
	}
	if wait := r.backoff.wait(try, now); wait > 0 {
		return nil, "", fault.New(fault.TooMany, "console.sign_in.wait", v.Count(int64(math.Ceil(wait.Minutes()))))
	}
	o, step, err := r.tryPassword(v, of, login, password)
	if errors.Is(err, errSignIn) {
		r.backoff.failed(try, now)
		return nil, "", err
	}
	if err == nil {
		r.backoff.succeeded(try)
	}
	return o, step, err
}

// tryPassword waits for a seat: each check costs memory by design, and a flood
// of them must not take it all.
func (r *room) tryPassword(v *page.Visit, of, login, password string) (*agency.Officer, accounts.Step, error) {
	select {
	case r.hashing <- struct{}{}:
		defer func() { <-r.hashing }()
	case <-time.After(3 * time.Second):
		return nil, "", fault.New(fault.TooMany, "console.sign_in.busy")
	case <-v.Context().Done():
		return nil, "", v.Context().Err()
	}
	id, err := ids.ParseLegalID(of)
	if err != nil {
		return nil, "", errSignIn
	}
	o, step, err := v.Accounts.Password(v.Context(), id, login, password)
	if fault.Is(err, fault.Unauthenticated) {
		err = errSignIn
	}
	return o, step, err
}

// mayConfirm bounds how often somebody who is signed in may try his password:
// who finds a desk unattended guesses no faster than at the door.
func (r *room) mayConfirm(v *page.Visit) error {
	if !r.signIns.Allow(page.ClientOf(v.R), v.Clock()) {
		return fault.New(fault.TooMany, "console.sign_in.wait", "1")
	}
	return nil
}

// signOut ends the session.
func signOut(v *page.Visit) error {
	if err := v.Sessions.Destroy(v.Context()); err != nil {
		return err
	}
	return v.GoTo("/")
}

// on is the way on after codes were shown that are to be kept.
func on(v *page.Visit) error {
	if v.Asker == nil {
		return v.GoTo("/sign-in")
	}
	return goOn(v)
}
