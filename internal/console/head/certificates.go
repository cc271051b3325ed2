package head

import (
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

// certificates lists the certificates of the agency's program and people.
func certificates(v *page.Visit) error {
	people, err := v.Agencies.Staff(v.Actor(), &agency.One{})
	if err != nil {
		return err
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.certificates.title"), Lead: v.T("console.head.certificates.lead"),
		Blocks: []any{
			certificateTable(v, people, true),
			page.Note{
				Tone: page.Info, Title: v.T("console.head.certificates.how"),
				Lines: []string{v.T("console.head.certificates.how1"), v.T("console.head.certificates.how2"), v.T("console.head.certificates.how3")},
				Links: []page.Link{{Path: "/docs/", Text: v.T("console.footer.api")}},
			},
		},
	})
}

// certificateTable lists certificates, those that count first.
func certificateTable(v *page.Visit, people *agency.People, holders bool) *page.Table {
	t := &page.Table{Title: v.T("console.head.certificates.list"), Empty: v.T("console.head.certificates.none")}
	if holders {
		t.Columns = page.Head(v.T("console.head.column.holder"))
	}
	t.Columns = append(t.Columns, page.Head(v.T("console.head.column.fingerprint"), v.T("console.head.column.from"), v.T("console.head.column.until"),
		v.T("console.head.column.state"), v.T("console.head.column.act"))...)
	var gone []page.Row
	for _, c := range people.Certificates {
		var cells []page.Cell
		if holders {
			holder := page.Cell{Text: v.T("console.head.certificate.program")}
			if c.Login != "" {
				holder = page.Cell{Text: officerName(v, v.Asker.Agency.ID, c.Login), Path: "/head/staff/of/" + c.Login}
			}
			cells = append(cells, holder)
		}
		cells = append(cells, page.Cell{Text: c.Fingerprint[:16], Number: true}, page.Cell{Text: v.ShortDay(persian.DateOf(c.From)), Number: true})
		until := persian.DateOf(c.Until)
		switch {
		case !c.Revoked.IsZero():
			cells = append(cells, page.Cell{Text: v.ShortDay(until), Number: true}, page.Cell{Text: v.T("console.head.certificate.revoked"), Tone: page.Bad, Small: v.ShortDay(persian.DateOf(c.Revoked))}, page.Cell{})
		case c.State != agency.Active.String():
			cells = append(cells, page.Cell{Text: v.ShortDay(until), Number: true}, page.Cell{Text: v.T("console.head.certificate.over")}, page.Cell{})
		default:
			cells = append(cells, untilCell(v, until), page.Cell{Text: v.T("console.head.certificate.good"), Tone: page.Good},
				page.Cell{Text: v.T("console.head.certificate.revoke"), Path: "/head/certificates/" + c.Fingerprint + "/revoke"})
			t.Rows = append(t.Rows, page.Row{Cells: cells})
			continue
		}
		gone = append(gone, page.Row{Cells: cells})
	}
	t.Rows = append(t.Rows, gone...)
	return t
}

var revoke = page.Form[agency.Revocation]{
	Path: "/head/certificates/{fingerprint}/revoke", Roles: only, Key: "console.head.revoke.", Danger: true,
	Begin: func(v *page.Visit, in *agency.Revocation) error {
		c, err := certificateOf(v)
		if err == nil {
			in.Certificate = c.Fingerprint
		}
		return err
	},
	Above: func(v *page.Visit, _ *agency.Revocation) *page.Link {
		return above(v, "/head/certificates", "certificates")
	},
	Around: func(v *page.Visit, _ *agency.Revocation) ([]any, error) {
		c, err := certificateOf(v)
		if err != nil {
			return nil, err
		}
		holder := v.T("console.head.certificate.program")
		if c.Login != "" {
			holder = officerName(v, v.Asker.Agency.ID, c.Login)
		}
		return []any{
			page.Note{Tone: page.Warn, Text: v.T("console.head.revoke.warn")},
			page.Facts{List: []page.Fact{
				fact(v, "holder", holder),
				{Label: v.T("console.head.column.fingerprint"), Value: page.Grouped(c.Fingerprint), Number: true},
				fact(v, "until", v.Day(persian.DateOf(c.Until))),
			}},
		}, nil
	},
	Controls: func(v *page.Visit, _ *agency.Revocation) ([]page.Control, error) {
		return []page.Control{reason(v, "certificate", "replaced", "key-lost", "key-stolen", "officer-left", "other")}, nil
	},
	Do: func(v *page.Visit, in *agency.Revocation) (page.Done, error) {
		_, proven, err := v.Agencies.Revoke(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/head/certificates", Code: proven.Code}, err
	},
}

// certificateOf is the agency's certificate that the address names.
func certificateOf(v *page.Visit) (*agency.ListedCertificate, error) {
	people, err := v.Agencies.Staff(v.Actor(), &agency.One{})
	if err != nil {
		return nil, err
	}
	for _, c := range people.Certificates {
		if c.Fingerprint == v.R.PathValue("fingerprint") {
			return c, nil
		}
	}
	return nil, page.NotFound()
}
