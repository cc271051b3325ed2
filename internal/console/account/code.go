package account

import (
	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

// at is who is at a step of a sign-in. Others are sent to its beginning.
func at(v *page.Visit, step accounts.Step) *accounts.Signed {
	if s := v.Signed(); s != nil && s.Step == step {
		return s
	}
	return nil
}

func code(v *page.Visit) error {
	if at(v, accounts.NeedsCode) == nil {
		return v.GoTo("/sign-in")
	}
	return showCode(v, nil)
}

func showCode(v *page.Visit, err error) error {
	in := codeInput(v, "console.account.in.code")
	in.Help = v.T("console.account.in.code.help")
	s := sheet{Title: v.T("console.account.in.code.title"), Lead: v.T("console.account.in.code.lead"), Foot: v.T("console.account.in.code.note")}
	s.Forms = []form{{Path: "/sign-in/code", Button: v.T("console.sign_in.button"), Icon: "shield", Inputs: []page.Input{in}, Hidden: carry(v)}}
	if v.Accounts.PasskeysWork(v.R.Host) {
		s.Forms = append(s.Forms, passkeyForm(v))
	}
	return show(v, s, err, "passkey.js")
}

// codePost tries a code.
func (r *room) codePost(v *page.Visit) error {
	s := at(v, accounts.NeedsCode)
	if s == nil {
		return showSignIn(v, "", "", fault.New(fault.Conflict, "account.stale"))
	}
	if err := r.mayConfirm(v); err != nil {
		return showCode(v, err)
	}
	in, err := v.Accounts.Code(v.Context(), v.Journal, s, v.R.PostForm.Get("code"))
	switch {
	case err != nil && fault.Of(err).Key == "account.code.over":
		if destroyed := v.Sessions.Destroy(v.Context()); destroyed != nil {
			return destroyed
		}
		return showSignIn(v, "", "", err)
	case err != nil:
		return showCode(v, err)
	}
	if err := v.SignIn(s.Officer, accounts.Done, in.Method); err != nil {
		return err
	}
	switch {
	case in.Method == accounts.ByRecovery:
		v.Say("console.account.recovery.used")
	case in.Wrong >= 3: // one's own slips are fewer
		v.Say("console.account.tries")
	}
	return goOn(v)
}
