package console

import (
	"net/http"
	"slices"

	"github.com/estelam/estelam/internal/inquiry"
)

// slipView is the sheet that goes into the dossier instead of a copy.
type slipView struct {
	answerView
	Agency, Time string
	Sheet        string // what the sheet is called
	Officer      string
	QR           qr
	Check        string // the address in the QR
	Demo         bool   // the slip says that it counts for nothing
}

// Dense names how close the lines must stand for the code and its QR to stay on
// the same sheet as the answer.
func (s slipView) Dense() string {
	lines := len(s.About) + len(s.Results) + len(s.Values) + len(s.Warnings)
	switch {
	case lines > 13:
		return "denser"
	case lines > 7:
		return "dense"
	}
	return ""
}

// slip shows the sheet to print.
func (k *Console) slip(v *visit) error {
	_, r, err := k.own(v)
	if err != nil {
		return err
	}
	body := slipView{answerView: v.answerOf(r), Agency: r.Agency.Name, Officer: r.Officer, Time: v.moment(r.Time), Demo: k.Demo, Sheet: v.text("console.slip.title")}
	if r.Service == inquiry.Place {
		body.Sheet = v.text("console.slip.title.place")
	}
	body.Warnings = slices.DeleteFunc(body.Warnings, func(w warningView) bool { return w.Same }) // a sheet has room for it once
	body.Check = k.address(v.r) + "/check"
	if body.QR, err = newQR(body.Check + "?code=" + r.Code); err != nil {
		return err
	}
	return k.show(v, 200, "slip", body.Sheet, body)
}

// address is where the public reaches this server.
func (k *Console) address(r *http.Request) string {
	if k.URL != "" {
		return k.URL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
