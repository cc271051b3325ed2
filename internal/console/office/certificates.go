package office

import (
	"encoding/hex"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

// fingerprinted is a fingerprint, as a tool prints it.
type fingerprinted struct {
	Fingerprint string `json:"fingerprint"`
}

// findCertificate finds whose certificate has a fingerprint.
var findCertificate = page.Form[fingerprinted]{
	Path: "/office/certificates", Roles: chiefs, Key: "console.office.certificate.",
	Above: func(v *page.Visit, _ *fingerprinted) *page.Link {
		return &page.Link{Path: "/office/agencies", Text: v.T("console.office.agencies.title")}
	},
	Controls: func(*page.Visit, *fingerprinted) ([]page.Control, error) {
		return []page.Control{{Name: "fingerprint", Kind: page.Latin, Max: 120}}, nil
	},
	Do: func(v *page.Visit, in *fingerprinted) (page.Done, error) {
		of, c, err := holder(v, in.Fingerprint)
		if err != nil {
			return page.Done{}, err
		}
		table := &page.Table{
			Columns: page.Head(
				v.T("console.office.certificate.fingerprint"), v.T("console.office.certificate.of"), v.T("console.office.certificate.until"),
				v.T("console.office.agencies.state"), v.T("console.office.cases.act"),
			),
			Rows: []page.Row{certificateRow(v, c)},
		}
		return page.Done{Screen: &page.Screen{
			Title: v.T("console.office.certificate.found"), Lead: v.AgencyName(of), Above: toAgency(v, of),
			Blocks: []any{page.Facts{List: []page.Fact{{Label: v.T("console.office.certificate.fingerprint"), Value: c.Fingerprint, Number: true}}}, table},
		}}, nil
	},
}

// holder finds the certificate with a fingerprint among those of all bodies.
func holder(v *page.Visit, typed string) (ids.LegalID, *agency.ListedCertificate, error) {
	clean := strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(typed))
	if raw, err := hex.DecodeString(clean); err != nil || len(raw) != 32 {
		return 0, nil, fault.New(fault.Invalid, "agency.fingerprint").At("fingerprint")
	}
	for _, a := range v.Agencies.Agencies() {
		people, err := v.Agencies.Staff(v.Actor(), &agency.One{Agency: a.ID})
		if err != nil {
			return 0, nil, err
		}
		for _, c := range people.Certificates {
			if c.Fingerprint == clean {
				return a.ID, c, nil
			}
		}
	}
	return 0, nil, fault.New(fault.NotFound, "agency.certificate.none").At("fingerprint")
}

// revokeCertificate ends one at once.
var revokeCertificate = page.Form[agency.Revocation]{
	Path: "/office/certificates/{fingerprint}/revoke", Roles: chiefs, Key: "console.office.revoke.", Danger: true,
	Begin: func(v *page.Visit, in *agency.Revocation) error {
		_, c, err := holder(v, v.R.PathValue("fingerprint"))
		if err != nil {
			return page.NotFound()
		}
		in.Certificate = c.Fingerprint
		return nil
	},
	Around: func(v *page.Visit, in *agency.Revocation) ([]any, error) {
		of, c, err := holder(v, in.Certificate)
		if err != nil {
			return nil, err
		}
		owner := c.Login
		if owner == "" {
			owner = v.T("console.office.certificate.program")
		}
		return []any{page.Facts{List: []page.Fact{
			{Label: v.T("console.office.field.agency"), Value: v.AgencyName(of)},
			{Label: v.T("console.office.certificate.of"), Value: owner},
			{Label: v.T("console.office.certificate.fingerprint"), Value: short(c.Fingerprint), Number: true},
		}}}, nil
	},
	Controls: func(v *page.Visit, _ *agency.Revocation) ([]page.Control, error) {
		return []page.Control{{
			Name: "reason", Kind: page.Choose1, Label: "console.office.field.reason",
			Options: page.Choose([]string{"stolen", "lost", "left", "misuse", "request"}, "", func(w string) string { return reason(v, w) }),
		}}, nil
	},
	Do: func(v *page.Visit, in *agency.Revocation) (page.Done, error) {
		of, _, err := holder(v, in.Certificate)
		if err != nil {
			return page.Done{}, err
		}
		_, proven, err := v.Agencies.Revoke(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/office/agencies/" + of.String(), Code: proven.Code}, err
	},
}
