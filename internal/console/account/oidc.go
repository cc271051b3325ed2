package account

import (
	"net/http"

	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

// tieCookie ties a visit to the sign-in service to the browser that began it.
const tieCookie = "estelam-tie"

func setTie(v *page.Visit, tie string) {
	age := 300
	if tie == "" {
		age = -1
	}
	http.SetCookie(v.W, &http.Cookie{
		Name: tieCookie, Value: tie, Path: "/sign-in/oidc", MaxAge: age, HttpOnly: true, Secure: v.Secure(), SameSite: http.SameSiteLaxMode,
	})
}

// away makes a service that cannot be reached a mistake of the sheet, beside the
// other ways to sign in.
func away(err error) error {
	if f := fault.Of(err); f != nil && f.Kind == fault.Unavailable {
		return fault.New(fault.Conflict, f.Key).Because(err)
	}
	return err
}

// oidcBegin sends the browser to the sign-in service. It is a link and no form: a
// form may lead to no other site.
func (r *room) oidcBegin(v *page.Visit) error {
	err := r.mayBegin(v)
	if err != nil {
		return showSignIn(v, "", "", err)
	}
	address, tie, err := v.Accounts.BeginOIDC(v.Context(), nil, "")
	if err != nil {
		return showSignIn(v, "", "", away(err))
	}
	setTie(v, tie)
	return v.GoTo(address)
}

// oidcBack is where the sign-in service sends the browser.
func oidcBack(v *page.Visit) error {
	tie := ""
	if c, err := v.R.Cookie(tieCookie); err == nil {
		tie = c.Value
	}
	setTie(v, "")
	q := v.R.URL.Query()
	o, linked, err := v.Accounts.FinishOIDC(v.Context(), v.Journal, v.Signed(), tie, q.Get("state"), q.Get("code"))
	switch {
	case err != nil && v.Asker != nil:
		return showLink(v, away(err))
	case err != nil:
		return showSignIn(v, "", "", away(err))
	case linked:
		v.Say("console.account.link.done")
		return v.GoTo("/account")
	}
	if err := v.SignIn(o, accounts.Done, accounts.ByOIDC); err != nil {
		return err
	}
	return v.GoTo(page.Home(v.Role()))
}

// showLink is the page on which an officer links his account, or ends the link.
func showLink(v *page.Visit, err error) error {
	since, failed := v.Accounts.Linked(v.Context(), v.Signed().Who())
	if failed != nil {
		return failed
	}
	f := form{Path: "/account/link", Button: v.T("console.account.link.button"), Icon: "chain"}
	if !since.IsZero() {
		f.Path, f.Button, f.Danger = "/account/unlink", v.T("console.account.unlink.button"), true
	}
	f.confirmed(v)
	return show(v, sheet{
		Title: v.T("console.account.link"), Lead: v.T("console.account.link.lead"), Above: above[any](v, nil), Forms: []form{f},
	}, err)
}

// linkPost begins the visit that links; the way there is a link, as above.
func (r *room) linkPost(v *page.Visit) error {
	err := r.mayConfirm(v)
	if err != nil {
		return showLink(v, err)
	}
	address, tie, err := v.Accounts.BeginOIDC(v.Context(), v.Signed(), v.R.PostForm.Get("password"))
	if err != nil {
		return showLink(v, away(err))
	}
	setTie(v, tie)
	return show(v, sheet{
		Title: v.T("console.account.link"), Lead: v.T("console.account.link.on"), Above: above[any](v, nil),
		Links: []page.Link{{Path: address, Text: v.T("console.account.in.oidc")}},
	}, nil)
}

func (r *room) unlinkPost(v *page.Visit) error {
	err := r.mayConfirm(v)
	if err == nil {
		_, err = v.Accounts.Unlink(v.Context(), v.Journal, v.Signed(), v.R.PostForm.Get("password"))
	}
	if err != nil {
		return showLink(v, err)
	}
	v.Say("console.account.unlink.done")
	return v.GoTo("/account")
}
