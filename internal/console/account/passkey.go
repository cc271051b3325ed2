package account

import (
	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

// passkeyForm signs in with a passkey; the script shows it where the browser can.
func passkeyForm(v *page.Visit) form {
	return form{
		Path: "/sign-in/passkey", Passkey: "/sign-in/passkey/begin", Button: v.T("console.account.in.passkey"), Icon: "shield", Ghost: true,
		Lead: v.T("console.account.in.passkey.lead"), Hidden: carry(v),
	}
}

func passkeyName(v *page.Visit, value string) page.Input {
	return page.Input{ID: "f-name", Name: "name", Label: v.T("console.account.passkey.name"), Help: v.T("console.account.passkey.name.help"), Value: value, Max: 60}
}

// mayBegin bounds how many ceremonies a network begins.
func (r *room) mayBegin(v *page.Visit) error {
	if !r.begins.Allow(page.ClientOf(v.R), v.Clock()) {
		return fault.New(fault.TooMany, "console.sign_in.wait", "1")
	}
	return nil
}

func (r *room) passkeyBegin(v *page.Visit) error {
	err := r.mayBegin(v)
	if err != nil {
		return answer(v, "", nil, err)
	}
	id, options, err := v.Accounts.BeginSignIn()
	return answer(v, id, options, err)
}

// passkeyPost signs in whose passkey answered.
func passkeyPost(v *page.Visit) error {
	o, err := v.Accounts.FinishSignIn(v.Context(), v.Journal, v.R.PostForm.Get("ceremony"), []byte(v.R.PostForm.Get("answer")))
	if err != nil {
		return showSignIn(v, "", "", err)
	}
	if err := v.SignIn(o, accounts.Done, accounts.ByPasskey); err != nil {
		return err
	}
	return goOn(v)
}

func (r *room) firstPasskeyBegin(v *page.Visit) error {
	who := at(v, accounts.NeedsFactor)
	if who == nil {
		return answer(v, "", nil, fault.New(fault.Conflict, "account.stale"))
	}
	return r.newPasskeyBegin(v, who)
}

func (r *room) newPasskeyBegin(v *page.Visit, who *accounts.Signed) error {
	err := r.mayBegin(v)
	if err == nil && v.R.PostForm.Get("password") != "" {
		err = r.mayConfirm(v)
	}
	if err != nil {
		return answer(v, "", nil, err)
	}
	id, options, err := v.Accounts.BeginPasskey(v.Context(), who, v.R.PostForm.Get("password"))
	return answer(v, id, options, err)
}

// newPasskey takes a passkey that the browser made.
func newPasskey(v *page.Visit, who *accounts.Signed) (err error) {
	sent := v.R.PostForm
	_, _, err = v.Accounts.FinishPasskey(v.Context(), v.Journal, who, sent.Get("ceremony"), sent.Get("name"), []byte(sent.Get("answer")))
	return err
}

func firstPasskeyPost(v *page.Visit) error {
	who := at(v, accounts.NeedsFactor)
	if who == nil {
		return showSignIn(v, "", "", fault.New(fault.Conflict, "account.stale"))
	}
	if err := newPasskey(v, who); err != nil {
		return showFactor(v, "", err)
	}
	if err := v.SignIn(who.Officer, accounts.Done, accounts.ByPasskey); err != nil {
		return err
	}
	return goOn(v)
}

// passkeyRoutes are the pages of one's own passkeys.
func (r *room) passkeyRoutes() []page.Route {
	rename := page.Form[renaming]{
		Path: "/account/passkeys/{passkey}", Roles: everyone, Key: "console.account.rename.", Above: above[renaming],
		Controls: func(*page.Visit, *renaming) ([]page.Control, error) {
			return []page.Control{{Name: "name", Kind: page.Words, Max: 60}}, nil
		},
		Begin: func(v *page.Visit, in *renaming) error {
			all, err := v.Accounts.Passkeys(v.Context(), v.Signed().Who())
			if err != nil {
				return err
			}
			for _, p := range all {
				if p.ID == v.R.PathValue("passkey") {
					in.Name = p.Name
					return nil
				}
			}
			return page.NotFound()
		},
		Do: func(v *page.Visit, in *renaming) (page.Done, error) {
			return page.Done{Path: "/account"}, v.Accounts.RenamePasskey(v.Context(), v.Signed(), v.R.PathValue("passkey"), in.Name)
		},
	}
	return append(rename.Routes(),
		page.Route{Method: "GET", Path: "/account/passkeys", Roles: everyone, Serve: func(v *page.Visit) error { return showNewPasskey(v, nil) }},
		page.Route{Method: "POST", Path: "/account/passkeys", Roles: everyone, Serve: addPasskey},
		page.Route{Method: "POST", Path: "/account/passkeys/begin", Roles: everyone, Serve: func(v *page.Visit) error { return r.newPasskeyBegin(v, v.Signed()) }},
		page.Route{Method: "GET", Path: "/account/passkeys/{passkey}/remove", Roles: everyone, Serve: func(v *page.Visit) error { return showRemove(v, nil) }},
		page.Route{Method: "POST", Path: "/account/passkeys/{passkey}/remove", Roles: everyone, Serve: r.removePasskey},
	)
}

type renaming struct {
	Name string `json:"name"`
}

func showNewPasskey(v *page.Visit, err error) error {
	s := sheet{Title: v.T("console.account.passkey.add"), Lead: v.T("console.account.passkey.lead"), Above: above[any](v, nil)}
	if !v.Accounts.PasskeysWork(v.R.Host) {
		s.Notes = []page.Note{{Tone: page.Warn, Text: v.T("account.passkey.address")}}
		return show(v, s, err)
	}
	f := form{
		Path: "/account/passkeys", Passkey: "/account/passkeys/begin", Make: true, Button: v.T("console.account.passkey.add.button"), Icon: "shield",
		Inputs: []page.Input{passkeyName(v, "")},
	}
	f.confirmed(v)
	s.Forms = []form{f}
	return show(v, s, err, "passkey.js")
}

func addPasskey(v *page.Visit) error {
	if err := newPasskey(v, v.Signed()); err != nil {
		return showNewPasskey(v, err)
	}
	v.Say("console.account.passkey.added")
	return v.GoTo("/account")
}

func showRemove(v *page.Visit, err error) error {
	f := form{Path: "/account/passkeys/" + v.R.PathValue("passkey") + "/remove", Button: v.T("console.account.passkey.remove.button"), Danger: true}
	f.confirmed(v)
	return show(v, sheet{
		Title: v.T("console.account.passkey.remove"), Lead: v.T("console.account.passkey.remove.lead"), Above: above[any](v, nil), Forms: []form{f},
	}, err)
}

func (r *room) removePasskey(v *page.Visit) error {
	err := r.mayConfirm(v)
	if err == nil {
		_, err = v.Accounts.RemovePasskey(v.Context(), v.Journal, v.Signed(), v.R.PathValue("passkey"), v.R.PostForm.Get("password"))
	}
	if err != nil {
		return showRemove(v, err)
	}
	v.Say("console.account.passkey.removed")
	return v.GoTo("/account")
}
