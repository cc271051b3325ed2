package api

import (
	"bytes"
	"io"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/person"
)

// paperRoutes are the routes whose answer is a paper.
func (a *API) paperRoutes() []*route {
	return []*route{
		ask("/v1/residences/certificate", a.certifyResidence),
	}
}

// certificateInput orders a certificate; what an office hands out is Persian
// unless English is asked for, whatever the officer's program speaks.
type certificateInput struct {
	person.CertificateOrder
	Language string `json:"language,omitempty"` // fa or en
}

// certifyResidence is an act whose answer is the certificate alone.
func (a *API) certifyResidence(c *call, who journal.Actor, in *certificateInput) (struct{}, error) {
	lang := message.Fa
	switch in.Language {
	case "", "fa":
	case "en":
		lang = message.En
	default:
		return struct{}{}, fault.New(fault.Invalid, "api.language").At("language")
	}
	r, proven, err := a.persons.CertifyResidence(c.r.Context(), a.journal, who, &in.CertificateOrder)
	if err != nil {
		return struct{}{}, err
	}
	c.proves(&proven)
	p := &r.Person
	return struct{}{}, c.paper(func(w io.Writer) error {
		return letter.WriteResidence(w, lang, &letter.Residence{
			Name: p.Given.Display + " " + p.Surname.Display, Number: p.Number,
			Male: p.Sex == person.Male, Female: p.Sex == person.Female,
			Postal: r.Place.Code, Address: r.Place.OneLine(message.Fa), Since: p.ResidenceSince,
			Date: r.Issued, Until: r.Until, Officer: c.bearer.Name,
			Code: proven.Code, Page: a.site + "/check", Link: a.site + "/check?code=" + string(proven.Code), Demo: a.demo,
		})
	})
}

// ownSlip serves POST /v1/receipts/slip: the sheet for the dossier, which an
// agency gets of its own inquiries.
func (a *API) ownSlip(c *call) error {
	officer, s, paper := "", "", ""
	if err := decode(c.body, func(d *reader) error {
		return d.strings([]string{"officer", "code", "paper"}, &officer, &s, &paper)
	}); err != nil {
		return err
	}
	if paper != "a4" && paper != "a5" {
		return fault.New(fault.Invalid, "api.paper").At("paper")
	}
	p, err := a.own(c, officer, s)
	if err != nil {
		return err
	}
	lang := message.Prefer(c.r.Header.Get("Accept-Language"))
	return c.paper(func(w io.Writer) error {
		slip, err := inquiry.Slip(lang, p.Record, a.site)
		if err != nil {
			return err
		}
		slip.A4, slip.Demo = paper == "a4", a.demo
		return letter.WriteSlip(w, lang, slip)
	})
}

// paper answers with a PDF of a few sheets.
func (c *call) paper(write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return c.stream(pdf, func(w io.Writer) error {
		_, err := b.WriteTo(w)
		return err
	})
}
