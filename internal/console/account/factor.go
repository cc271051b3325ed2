package account

import (
	accounts "github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

func factor(v *page.Visit) error {
	if at(v, accounts.NeedsFactor) == nil {
		return v.GoTo("/sign-in")
	}
	return showFactor(v, "", nil)
}

// showFactor has an officer set his first second factor. offer is of an
// authenticator that was shown before; "": a new one.
func showFactor(v *page.Visit, offer string, err error) error {
	who := v.Signed()
	s := sheet{Title: v.T("console.account.factor.title"), Lead: v.T("console.account.factor.lead")}
	f, drawn := authenticatorForm(v, who, &s, offer)
	if drawn != nil {
		return drawn
	}
	f.Path, f.Title = "/sign-in/factor", v.T("console.account.factor.totp")
	f.Hidden = append(f.Hidden, carry(v)...)
	s.Forms = append(s.Forms, f)
	if v.Accounts.PasskeysWork(v.R.Host) {
		s.Forms = append(s.Forms, form{
			Path: "/sign-in/factor/passkey", Passkey: "/sign-in/factor/passkey/begin", Make: true, Title: v.T("console.account.factor.passkey"),
			Lead: v.T("console.account.passkey.lead"), Button: v.T("console.account.passkey.add.button"), Icon: "shield", Ghost: true,
			Inputs: []page.Input{passkeyName(v, v.T("console.account.passkey.first"))}, Hidden: carry(v),
		})
	}
	return show(v, s, err, "passkey.js")
}

// authenticatorForm draws the symbol and the form for its first code.
func authenticatorForm(v *page.Visit, who *accounts.Signed, s *sheet, offer string) (form, error) {
	made, err := v.Accounts.SameAuthenticator(who, v.T("console.name"), offer)
	if err != nil {
		made = v.Accounts.NewAuthenticator(who, v.T("console.name"))
	}
	qr, err := page.NewQR(made.URI)
	if err != nil {
		return form{}, err
	}
	s.QR, s.Secret = &qr, made.Secret
	return form{
		Button: v.T("console.account.totp.button"), Icon: "shield", Hidden: []page.Hidden{{Name: "offer", Value: made.Offer}},
		Inputs: []page.Input{codeInput(v, "console.account.totp.code")},
	}, nil
}

func factorPost(v *page.Visit) error {
	who := at(v, accounts.NeedsFactor)
	if who == nil {
		return showSignIn(v, "", "", fault.New(fault.Conflict, "account.stale"))
	}
	offer := v.R.PostForm.Get("offer")
	recovery, _, err := v.Accounts.SetTOTP(v.Context(), v.Journal, who, offer, v.R.PostForm.Get("code"), "")
	if err != nil {
		return showFactor(v, offer, err)
	}
	if err := v.SignIn(who.Officer, accounts.Done, accounts.ByTOTP); err != nil {
		return err
	}
	return showCodes(v, recovery, form{Path: "/sign-in/on", Button: v.T("console.account.codes.on"), Hidden: carry(v)})
}

// showCodes shows recovery codes, this once, and the way on.
func showCodes(v *page.Visit, recovery []string, next form) error {
	return show(v, sheet{
		Title: v.T("console.account.codes.title"), Lead: v.T("console.account.codes.lead"), Codes: recovery, Forms: []form{next},
	}, nil)
}
