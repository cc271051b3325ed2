package letter

import (
	"io"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// Residence is a certificate of where a person has declared to live. Texts are
// in display form.
type Residence struct {
	Name    string
	Male    bool
	Female  bool
	Number  ids.NationalNumber
	Postal  ids.PostalCode
	Address string       // as the register has it, in Persian on an English paper too
	Since   persian.Date // zero: not on record
	Date    persian.Date // of issue
	Until   persian.Date // how long it may be relied upon
	Officer string       // who issued it

	Code ids.TrackingCode
	Page string // address where codes are checked, as printed
	Link string // the same with the code, for the QR symbol
	Demo bool
}

// WriteResidence writes a certificate of residence, a page of A4.
func WriteResidence(w io.Writer, lang message.Lang, r *Residence) error {
	d := newDocument(w, lang, message.Text(lang, "letter.residence.title"))
	p := d.newPage(a4Width, a4Height)
	width := p.width - 2*margin
	p.letterhead(margin, 24*mm, width, d.t("letter.date", d.date(r.Date)), d.t("letter.residence.officer", own(r.Officer)))
	y := 60 * mm
	if r.Demo {
		p.void(48 * mm)
	}
	p.text(p.width/2, y, pen{bold, 18, black}, middle, d.t("letter.residence.title"))
	name := own(r.Name)
	switch {
	case r.Male:
		name = d.t("letter.residence.male", name)
	case r.Female:
		name = d.t("letter.residence.female", name)
	}
	y = p.block(margin, y+44, width, 22, pen{regular, 12, black}, start, d.t("letter.residence.text", name, d.code(r.Number.String())))
	since, ink := d.date(r.Since), pen{bold, 12, black}
	sinceInk := ink
	if r.Since.IsZero() {
		since, sinceInk = d.t("letter.residence.unknown"), pen{regular, 12, grey}
	}
	p.rule(margin, y+4, width, 0.5, faint)
	y = p.row(margin, y+4, width, 0.26, 32, d.t("letter.residence.postal_code"), ink, d.code(r.Postal.Grouped()))
	y = p.row(margin, y, width, 0.26, 32, d.t("letter.residence.address"), ink, own(persian.Digits(r.Address)))
	y = p.row(margin, y, width, 0.26, 32, d.t("letter.residence.since"), sinceInk, since)
	y = p.block(margin, y+34, width, 20, pen{regular, 11, black}, start, d.t("letter.residence.validity", d.date(r.Until)))
	p.text(margin+width, y+34, pen{bold, 12, black}, end, d.t("letter.registry"))
	if err := p.proof(margin, p.height-62*mm, width, 11, r.Code, r.Page, r.Link, "letter.copies"); err != nil {
		return err
	}
	return d.end()
}
