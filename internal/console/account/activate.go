package account

import (
	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

func activate(v *page.Visit) error { return showActivate(v, nil) }

func showActivate(v *page.Visit, err error) error {
	in := page.Input{ID: "f-code", Name: "code", Label: v.T("console.account.activate.code"), Help: v.T("console.account.activate.code.help"), Ltr: true, Max: 60}
	return show(v, sheet{
		Title: v.T("console.account.activate.title"), Lead: v.T("console.account.activate.lead"),
		Forms: []form{{Path: "/activate", Button: v.T("console.account.activate.button"), Icon: "person", Inputs: []page.Input{in}}},
	}, err)
}

// activatePost takes the code, shows whose it is, and then takes the password.
func (r *room) activatePost(v *page.Visit) error {
	sent := v.R.PostForm
	if err := r.mayConfirm(v); err != nil {
		return showActivate(v, err)
	}
	code := page.Cleaned(sent.Get("code"))
	if !sent.Has("fresh") {
		return showChoose(v, code, nil)
	}
	if sent.Get("fresh") != sent.Get("repeat") {
		return showChoose(v, code, errRepeat)
	}
	o, _, err := v.Accounts.Activate(v.Context(), v.Journal, code, sent.Get("fresh"))
	if err != nil {
		return showChoose(v, code, moved(err, "password", "fresh"))
	}
	if err := v.SignIn(o, accounts.NeedsFactor, accounts.ByPassword); err != nil {
		return err
	}
	return showFactor(v, "", nil)
}

// showChoose has the holder of a code choose his password.
func showChoose(v *page.Visit, code string, err error) error {
	a, o, wrong := v.Accounts.Invited(v.Context(), code)
	if wrong != nil {
		return showActivate(v, wrong)
	}
	return show(v, sheet{
		Title: v.T("console.account.choose.title"), Lead: v.T("console.account.choose.lead"), Who: whoIs(v, a, o),
		Forms: []form{{
			Path: "/activate", Button: v.T("console.account.choose.button"), Icon: "shield",
			Hidden: []page.Hidden{{Name: "code", Value: code}}, Inputs: freshInputs(v),
		}},
	}, err)
}

// freshInputs take a new password, twice.
func freshInputs(v *page.Visit) []page.Input {
	fresh, repeat := secretInput(v, "fresh", "new-password"), secretInput(v, "repeat", "new-password")
	fresh.Help = v.T("console.account.fresh.help")
	return []page.Input{fresh, repeat}
}

var errRepeat = fault.New(fault.Invalid, "console.account.repeat.wrong").At("repeat")

// moved names the control that shows a fault.
func moved(err error, from, to string) error {
	if f := fault.Of(err); f.Field == from {
		c := *f
		c.Field = to
		return &c
	}
	return err
}
