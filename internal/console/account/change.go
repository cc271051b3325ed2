package account

import (
	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/page"
)

// changeRoutes are the pages that change what one signs in with.
func (r *room) changeRoutes() []page.Route {
	return []page.Route{
		{Method: "GET", Path: "/account/password", Roles: everyone, Serve: func(v *page.Visit) error { return showPassword(v, nil) }},
		{Method: "POST", Path: "/account/password", Roles: everyone, Serve: r.passwordPost},
		{Method: "GET", Path: "/account/authenticator", Roles: everyone, Serve: func(v *page.Visit) error { return showAuthenticator(v, "", nil) }},
		{Method: "POST", Path: "/account/authenticator", Roles: everyone, Serve: r.authenticatorPost},
		{Method: "GET", Path: "/account/recovery", Roles: everyone, Serve: func(v *page.Visit) error { return showRecovery(v, nil) }},
		{Method: "POST", Path: "/account/recovery", Roles: everyone, Serve: r.recoveryPost},
		{Method: "GET", Path: "/account/link", Roles: everyone, Serve: func(v *page.Visit) error { return showLink(v, nil) }},
		{Method: "POST", Path: "/account/link", Roles: everyone, Serve: r.linkPost},
		{Method: "POST", Path: "/account/unlink", Roles: everyone, Serve: r.unlinkPost},
	}
}

// confirmed asks for the password of whoever has one.
func (f *form) confirmed(v *page.Visit) {
	if v.Signed().Officer.PasswordHash != "" {
		f.Inputs = append(f.Inputs, secretInput(v, "password", "current-password"))
	}
}

// above leads back to one's account.
func above[In any](v *page.Visit, _ *In) *page.Link {
	return &page.Link{Path: "/account", Text: v.T("console.account.title")}
}

func showPassword(v *page.Visit, err error) error {
	s := sheet{Title: v.T("console.account.password.title"), Lead: v.T("console.account.password.lead"), Above: above[any](v, nil)}
	s.Forms = []form{{
		Path: "/account/password", Button: v.T("console.account.password.button"), Icon: "shield",
		Inputs: append([]page.Input{secretInput(v, "password", "current-password")}, freshInputs(v)...),
	}}
	return show(v, s, err)
}

// passwordPost changes the password. All sessions are over then; this one begins
// anew.
func (r *room) passwordPost(v *page.Visit) error {
	sent, who := v.R.PostForm, v.Signed()
	err := r.mayConfirm(v)
	if err == nil && sent.Get("fresh") != sent.Get("repeat") {
		err = errRepeat
	}
	if err == nil {
		_, err = v.Accounts.ChangePassword(v.Context(), v.Journal, who, sent.Get("password"), sent.Get("fresh"))
	}
	if err != nil {
		return showPassword(v, err)
	}
	o, err := v.Agencies.Officer(who.Officer.Agency, who.Officer.Login)
	if err != nil {
		return err
	}
	if err := v.SignIn(o, accounts.Done, who.Method); err != nil {
		return err
	}
	v.Say("console.account.password.done")
	return v.GoTo("/account")
}

func showAuthenticator(v *page.Visit, offer string, err error) error {
	s := sheet{Title: v.T("console.account.totp.title"), Lead: v.T("console.account.totp.lead"), Above: above[any](v, nil)}
	f, drawn := authenticatorForm(v, v.Signed(), &s, offer)
	if drawn != nil {
		return drawn
	}
	f.Path = "/account/authenticator"
	f.confirmed(v)
	s.Forms = []form{f}
	return show(v, s, err)
}

func (r *room) authenticatorPost(v *page.Visit) error {
	sent := v.R.PostForm
	var recovery []string
	err := r.mayConfirm(v)
	if err == nil {
		recovery, _, err = v.Accounts.SetTOTP(v.Context(), v.Journal, v.Signed(), sent.Get("offer"), sent.Get("code"), sent.Get("password"))
	}
	if err != nil {
		return showAuthenticator(v, sent.Get("offer"), err)
	}
	return showCodes(v, recovery, back(v))
}

// back is the way to one's account when codes have been kept.
func back(v *page.Visit) form {
	return form{Path: "/sign-in/on", Button: v.T("console.account.codes.on"), Hidden: []page.Hidden{{Name: "next", Value: "/account"}}}
}

func showRecovery(v *page.Visit, err error) error {
	f := form{Path: "/account/recovery", Button: v.T("console.account.recovery.button"), Icon: "shield"}
	f.confirmed(v)
	return show(v, sheet{
		Title: v.T("console.account.recovery.title"), Lead: v.T("console.account.recovery.lead"), Above: above[any](v, nil), Forms: []form{f},
	}, err)
}

func (r *room) recoveryPost(v *page.Visit) error {
	var recovery []string
	err := r.mayConfirm(v)
	if err == nil {
		recovery, _, err = v.Accounts.NewRecovery(v.Context(), v.Journal, v.Signed(), v.R.PostForm.Get("password"))
	}
	if err != nil {
		return showRecovery(v, err)
	}
	return showCodes(v, recovery, back(v))
}
