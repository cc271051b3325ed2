package office

import (
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

// showAgency shows a body, who acts for it, and by what it asks.
func showAgency(v *page.Visit) error {
	of, err := agencyIn(v)
	if err != nil {
		return err
	}
	a, err := v.Agencies.See(v.Actor(), &agency.One{Agency: of.ID})
	if err != nil {
		return err
	}
	path := "/office/agencies/" + a.ID.String()
	s := page.Screen{
		Title: a.Name, Lead: v.T("console.office.agency_page.id", v.Digits(a.ID.String())),
		Above: &page.Link{Path: "/office/agencies", Text: v.T("console.office.agencies.title")},
	}
	if chief(v) {
		s.Buttons = []page.Button{
			{Path: path + "/invite", Text: v.T("console.office.invite.link")},
			{Path: path + "/change", Text: v.T("console.office.changeagency.link"), Ghost: true},
			{Path: path + "/state", Text: v.T("console.office.turnagency.link"), Ghost: true},
			{Path: path + "/accountable", Text: v.T("console.office.accountable.link"), Ghost: true},
		}
	}
	if a.Accountable == "" {
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Warn, Title: v.T("console.office.agencies.nobody"), Text: v.T("console.office.agency_page.nobody")})
	}
	side := []any{agencyFacts(v, a), agencyAgreements(v, of)}
	if below := v.Agencies.Children(of.ID); len(below) > 0 {
		side = append(side, belowTable(v, below))
	}
	var main []any
	if chief(v) {
		people, err := v.Agencies.Staff(v.Actor(), &agency.One{Agency: of.ID})
		if err != nil {
			return err
		}
		main = []any{officers(v, people), certificates(v, people)}
		hook, err := webhook(v, of)
		if err != nil {
			return err
		}
		side = append(side, hook)
	}
	if len(main) == 0 {
		s.Blocks = append(s.Blocks, side...)
		return v.Show(s)
	}
	s.Blocks = append(s.Blocks, page.Pair{Main: main, Side: side})
	return v.Show(s)
}

func agencyFacts(v *page.Visit, a *agency.Listed) page.Facts {
	f := page.Facts{List: []page.Fact{
		{Label: v.T("console.office.agencies.state"), Value: v.T("console.office.agency_state." + a.State), Tone: agencyTone(a.State)},
		{Label: v.T("console.office.agencies.kind"), Value: kind(v, a.Kind)},
		{Label: v.T("console.office.agencies.accountable"), Value: a.Accountable, Number: true},
		{Label: v.T("console.office.agencies.bound"), Value: v.Yes(a.Bound)},
	}}
	if a.Accountable == "" {
		f.List[2] = page.Fact{Label: f.List[2].Label, Value: v.T("console.office.agencies.nobody"), Tone: page.Warn}
	}
	if a.Province != "" {
		seat := slices.DeleteFunc([]string{a.Province, a.County, a.Locality}, func(s string) bool { return s == "" })
		f.List = append(f.List, page.Fact{Label: v.T("console.office.agencies.seat"), Value: strings.Join(seat, " · ")})
	}
	if a.Parent != 0 {
		f.List = append(f.List, page.Fact{Label: v.T("console.office.agencies.parent"), Value: v.AgencyName(a.Parent), Path: "/office/agencies/" + a.Parent.String()})
	}
	return f
}

func agencyAgreements(v *page.Visit, of *agency.Agency) *page.Table {
	t := &page.Table{
		Title: v.T("console.office.agency_page.agreements"), Empty: v.T("console.office.agreements.no_agreement"),
		Columns: page.Head(v.T("console.office.agreement.number"), v.T("console.office.agreement.days"), v.T("console.office.agreement.state")),
	}
	all, _, err := v.Agreements.List(v.Context(), v.Actor(), &agreement.Filter{Agency: of.ID})
	if err != nil {
		v.Logger.Warn("console: agreements of an agency", "error", err)
	}
	for _, a := range all {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.No(a.ID), Path: at("/office/agreements/", a.ID)}, {Text: span(v, a)}, agreementState(v, a),
		}})
	}
	return t
}

func belowTable(v *page.Visit, all []*agency.Agency) *page.Table {
	t := &page.Table{
		Title: v.T("console.office.agency_page.below"), Columns: page.Head(v.T("console.office.agencies.name"), v.T("console.office.agencies.state")),
	}
	for _, a := range all {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: a.Name, Path: "/office/agencies/" + a.ID.String()},
			{Text: v.T("console.office.agency_state." + a.State.String()), Tone: agencyTone(a.State.String())},
		}})
	}
	return t
}

func officers(v *page.Visit, people *agency.People) *page.Table {
	t := &page.Table{
		Title: v.T("console.office.staff.title"), Empty: v.T("console.office.staff.none"),
		Columns: page.Head(v.T("console.office.staff.name"), v.T("console.office.staff.role"), v.T("console.office.staff.until"), v.T("console.office.agencies.state")),
	}
	for _, o := range people.Officers {
		left, tone := days(v, o.Until)
		if tone == page.Good {
			left = ""
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: o.Name, Small: o.Login},
			{Text: v.T("register.role." + o.Role)},
			{Text: v.Day(o.Until), Small: left},
			{Text: v.T("console.office.agency_state." + o.State), Tone: agencyTone(o.State)},
		}})
	}
	return t
}

// certificates lists an agency's, each with a way to end it.
func certificates(v *page.Visit, people *agency.People) *page.Table {
	t := &page.Table{
		Title: v.T("console.office.certificate.list"), Empty: v.T("console.office.certificate.none"),
		Columns: page.Head(
			v.T("console.office.certificate.fingerprint"), v.T("console.office.certificate.of"), v.T("console.office.certificate.until"),
			v.T("console.office.agencies.state"), v.T("console.office.cases.act"),
		),
	}
	for _, c := range people.Certificates {
		t.Rows = append(t.Rows, certificateRow(v, c))
	}
	return t
}

func certificateRow(v *page.Visit, c *agency.ListedCertificate) page.Row {
	of := c.Login
	if of == "" {
		of = v.T("console.office.certificate.program")
	}
	row := page.Row{Cells: []page.Cell{
		{Text: short(c.Fingerprint), Number: true},
		{Text: of},
		{Text: v.Day(persian.DateOf(c.Until))},
		{Text: v.T("console.office.certificate_state." + c.State), Tone: agencyTone(c.State)},
		{},
	}}
	if !c.Revoked.IsZero() {
		row.Cells[3].Text, row.Cells[3].Small = v.T("console.office.certificate_state.revoked"), v.Moment(c.Revoked)
	}
	if c.State == agency.Active.String() {
		row.Cells[4] = page.Cell{Text: v.T("console.office.revoke.link"), Path: "/office/certificates/" + c.Fingerprint + "/revoke"}
	}
	return row
}

// webhook says how it stands with telling the agency of news.
func webhook(v *page.Visit, of *agency.Agency) (any, error) {
	w, dead, err := v.Feeds.Webhook(v.Context(), of.ID)
	if err != nil {
		return nil, err
	}
	f := page.Facts{Title: v.T("console.office.webhook.title")}
	if w == nil {
		f.List = []page.Fact{{Label: v.T("console.office.webhook.state"), Value: v.T("console.office.webhook.none")}}
		return f, nil
	}
	state, _ := w.State.MarshalText() // it always can
	f.List = []page.Fact{
		{Label: v.T("console.office.webhook.state"), Value: v.T("console.office.webhook_state." + string(state)), Tone: agencyTone(string(state))},
		{Label: v.T("console.office.webhook.told"), Value: v.Count(w.Told)},
	}
	if w.Attempts > 0 {
		f.List[0].Tone = page.Warn
		f.List = append(f.List,
			page.Fact{Label: v.T("console.office.webhook.failing"), Value: v.Moment(w.Failing), Small: v.T("console.office.webhook.attempts", v.Count(int64(w.Attempts)))},
			page.Fact{Label: v.T("console.office.webhook.fault"), Value: v.T(w.Fault)})
	}
	if len(dead) > 0 {
		f.List = append(f.List, page.Fact{Label: v.T("console.office.webhook.dead"), Value: v.Count(int64(len(dead)))})
	}
	return f, nil
}
