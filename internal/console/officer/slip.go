package officer

import (
	"io"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/letter"
)

// slipView is the sheet that goes into the dossier instead of a copy.
type slipView struct {
	*letter.Slip
	Plain  string   // the code in one piece
	Groups []string // the same in fours
	When   string
	QR     page.QR
}

// Class names how a tone looks.
func (slipView) Class(t letter.Tone) string {
	return [...]string{letter.Plain: toneInfo, letter.Good: toneOK, letter.Warn: toneWarn, letter.Bad: toneBad}[t]
}

// Dense names how close the lines must stand for the code and its QR to stay on
// the same sheet as the answer.
func (s slipView) Dense() string {
	lines := len(s.Lines) + len(s.Warnings)
	switch {
	case lines > 16:
		return "denser"
	case lines > 10:
		return "dense"
	}
	return ""
}

// slipOf is the sheet of an own inquiry.
func (o *room) slipOf(v *page.Visit) (*letter.Slip, error) {
	p, _, err := o.own(v)
	if err != nil {
		return nil, err
	}
	s, err := inquiry.Slip(v.Lang, p.Record, v.Address())
	if err == nil {
		s.Demo = v.Demo
	}
	return s, err
}

// slip shows the sheet to print.
func (o *room) slip(v *page.Visit) error {
	s, err := o.slipOf(v)
	if err != nil {
		return err
	}
	body := slipView{Slip: s, Plain: string(s.Code), Groups: page.Groups(string(s.Code)), When: v.Moment(s.Time)}
	if body.QR, err = page.NewQR(s.Link); err != nil {
		return err
	}
	return v.Page(200, "officer/slip", s.Title, body)
}

// slipPDF gives the sheet as a file, A5, or A4 where the address asks for it.
func (o *room) slipPDF(v *page.Visit) error {
	s, err := o.slipOf(v)
	if err != nil {
		return err
	}
	s.A4 = v.R.URL.Query().Get("paper") == "a4"
	return v.SendMade("application/pdf", "estelam-"+string(s.Code)+".pdf", func(w io.Writer) error { return letter.WriteSlip(w, v.Lang, s) })
}
