package console

import (
	"errors"
	"math"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
)

// signInView is the page where officers sign in.
type signInView struct {
	Next   string
	Ended  bool // a form was sent after the session had ended
	Inputs []input
	Wrong  string
}

func (k *Console) signIn(v *visit) error {
	q := v.r.URL.Query()
	if v.asker != nil {
		return v.goTo(nextPage(q.Get("next")))
	}
	return k.showSignIn(v, 200, signInView{Next: nextPage(q.Get("next")), Ended: q.Has("ended")}, "", "")
}

func (k *Console) showSignIn(v *visit, status int, body signInView, agency, login string) error {
	body.Inputs = []input{
		{Name: "agency", Help: v.text("console.sign_in.agency.help"), Value: agency, Ltr: true, Mode: "numeric", Fill: "organization", Max: pasted},
		{Name: "login", Value: login, Ltr: true, Fill: "username", Max: 64},
		{Name: "password", Secret: true, Ltr: true, Fill: "current-password", Max: 200},
	}
	for i := range body.Inputs {
		in := &body.Inputs[i]
		in.ID, in.Label = idOf(in.Name), v.text("console.sign_in."+in.Name)
	}
	title := v.text("console.sign_in.title")
	if body.Wrong != "" {
		title = v.text("console.form.wrong", title)
	}
	return k.show(v, status, "signin", title, body)
}

// signInPost tries a password. Whatever is wrong, the words are the same:
// nobody learns which agencies or logins exist.
func (k *Console) signInPost(v *visit) error {
	form := v.r.PostForm
	agency, login := bare(cleaned(form.Get("agency"))), cleaned(form.Get("login"))
	body := signInView{Next: nextPage(form.Get("next"))}
	asker, err := k.passwordHolds(v, agency, login, form.Get("password"))
	if err != nil {
		f := fault.Of(err)
		if f.Kind != fault.Unauthenticated && f.Kind != fault.TooMany {
			return err
		}
		body.Wrong = v.text(f.Key, f.Args...)
		return k.showSignIn(v, f.Kind.Status(), body, cut(agency, 20), cut(login, 64))
	}
	if err := k.sessions.RenewToken(v.r.Context()); err != nil { // no session of before sign-in lives on
		return err
	}
	k.sessions.Put(v.r.Context(), sessionAgency, int64(asker.Agency.ID))
	k.sessions.Put(v.r.Context(), sessionLogin, asker.Officer.Login)
	k.sessions.Put(v.r.Context(), sessionMark, markOf(asker.Officer))
	return v.goTo(body.Next)
}

// passwordHolds checks a password within the limits that keep guessing slow.
func (k *Console) passwordHolds(v *visit, agency, login, password string) (*inquiry.Asker, error) {
	now, from := k.Clock(), clientOf(v.r)
	if !k.signIns.allow(from, now) {
		v.retryAfter(60)
		return nil, fault.New(fault.TooMany, "console.sign_in.wait", v.count(1))
	}
	if len(agency) > 64 || len(login) > 256 || len(password) > 1024 {
		return nil, errWrongSignIn
	}
	try := attempt{from: from, login: agency + " " + login}
	if id, err := ids.ParseLegalID(agency); err == nil { // however its digits were written
		try.login = id.String() + " " + login
	}
	if wait := k.backoff.wait(try, now); wait > 0 {
		v.retryAfter(int(math.Ceil(wait.Seconds())))
		return nil, fault.New(fault.TooMany, "console.sign_in.wait", v.count(int64(math.Ceil(wait.Minutes()))))
	}
	asker, err := k.tryPassword(v, agency, login, password)
	if errors.Is(err, errWrongSignIn) {
		k.backoff.failed(try, now)
		return nil, err
	}
	if err == nil {
		k.backoff.succeeded(try)
	}
	return asker, err
}

var errWrongSignIn = fault.New(fault.Unauthenticated, "console.sign_in.wrong")

// tryPassword waits for a seat: each check costs memory by design, and a flood
// of them must not take it all.
func (k *Console) tryPassword(v *visit, agency, login, password string) (*inquiry.Asker, error) {
	select {
	case k.hashing <- struct{}{}:
		defer func() { <-k.hashing }()
	case <-time.After(3 * time.Second):
		v.retryAfter(5)
		return nil, fault.New(fault.TooMany, "console.sign_in.busy")
	case <-v.r.Context().Done():
		return nil, v.r.Context().Err()
	}
	id, err := ids.ParseLegalID(agency)
	if err != nil {
		return nil, errWrongSignIn
	}
	return k.officerOf(id, login, password)
}

// signOut ends the session.
func (k *Console) signOut(v *visit) error {
	if err := k.sessions.Destroy(v.r.Context()); err != nil {
		return err
	}
	return v.goTo("/")
}
