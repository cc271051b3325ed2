package office

import (
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
)

func agencyRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{
			page.Get("/office/agencies", staff, agencies), page.Get("/office/agencies/{agency}", staff, showAgency), page.Get("/office/endings", chiefs, endings),
		},
		newAgency.Routes(), changeAgency.Routes(), turnAgency.Routes(), inviteHead.Routes(), setAccountable.Routes(),
		findCertificate.Routes(), revokeCertificate.Routes(),
	)
}

// agenciesAPage is how many bodies of the tree a page shows.
const agenciesAPage = 100

// agencies shows the tree of all bodies, or those of a province or a state.
func agencies(v *page.Visit) error {
	q := v.R.URL.Query()
	province, state, from := q.Get("province"), q.Get("state"), int(v.Asked("from"))
	all, err := v.Agencies.Tree(v.Actor(), &agency.One{})
	if err != nil {
		return err
	}
	counts := map[string]int64{}
	var chosen []agency.Branch
	joined := int64(0)
	for _, b := range all {
		counts[b.State]++
		if b.Accountable != "" {
			joined++
		}
		if (province == "" || b.Province == province) && (state == "" || b.State == state) {
			chosen = append(chosen, b)
		}
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.agencies.name"), v.T("console.office.agencies.kind"), v.T("console.office.agencies.seat"),
			v.T("console.office.agencies.accountable"), v.T("console.office.agencies.state"),
		),
		Empty: v.T("console.office.agencies.none"), Filter: agencyFilter(v, province, state),
	}
	plain := province == "" && state == ""
	for i := from; i < len(chosen) && i < from+agenciesAPage; i++ {
		table.Rows = append(table.Rows, branchRow(v, &chosen[i], plain))
	}
	if from+agenciesAPage < len(chosen) {
		table.More = v.Next("from", strconv.Itoa(from+agenciesAPage))
	}
	s := page.Screen{
		Title: v.T("console.office.agencies.title"), Lead: v.T("console.office.agencies.lead"),
		Blocks: []any{
			page.Tiles{
				{Label: v.T("console.office.agencies.all"), Value: v.Count(int64(len(all)))},
				{Label: v.T("console.office.agencies.joined"), Value: v.Count(joined), Tone: page.Good},
				{Label: v.T("console.office.agency_state.suspended"), Value: v.Count(counts["suspended"]), Tone: page.Warn, Path: "/office/agencies?state=suspended"},
				{Label: v.T("console.office.agency_state.closed"), Value: v.Count(counts["closed"]), Path: "/office/agencies?state=closed"},
			},
			table,
		},
	}
	if chief(v) {
		s.Buttons = []page.Button{
			{Path: "/office/agencies/new", Text: v.T("console.office.newagency.link")},
			{Path: "/office/certificates", Text: v.T("console.office.certificate.link"), Icon: "search", Ghost: true},
		}
	}
	return v.Show(s)
}

func branchRow(v *page.Visit, b *agency.Branch, tree bool) page.Row {
	name := b.Name
	if tree {
		name = strings.Repeat("— ", b.Depth) + name
	}
	seat := v.T("console.office.agencies.national")
	if b.Province != "" {
		seat = strings.Join(slices.DeleteFunc([]string{b.Province, b.County, b.Locality}, func(s string) bool { return s == "" }), " · ")
	}
	accountable := page.Cell{Text: b.Accountable, Number: true}
	if b.Accountable == "" {
		accountable = page.Cell{Text: v.T("console.office.agencies.nobody"), Tone: page.Warn}
	}
	return page.Row{Cells: []page.Cell{
		{Text: name, Path: "/office/agencies/" + b.ID.String(), Small: v.Digits(b.ID.String())},
		{Text: kind(v, b.Kind)},
		{Text: seat},
		accountable,
		{Text: v.T("console.office.agency_state." + b.State), Tone: agencyTone(b.State)},
	}}
}

func kind(v *page.Visit, word string) string {
	if word == "" {
		return v.T("console.office.kind.none")
	}
	return v.T("console.office.kind." + word)
}

func agencyTone(state string) string {
	switch state {
	case agency.Suspended.String():
		return page.Warn
	case agency.Closed.String():
		return page.Bad
	}
	return page.Good
}

func agencyFilter(v *page.Visit, province, state string) *page.Filter {
	states := page.Choose([]string{"active", "suspended", "closed"}, "", func(s string) string { return v.T("console.office.agency_state." + s) })
	return &page.Filter{Path: "/office/agencies", Controls: []page.Input{
		v.Input("console.office.agencies.", page.Control{Name: "province", Kind: page.Choose1, Optional: true, Options: provinces(v)}, []string{province}, page.Mistakes{}),
		v.Input("console.office.agencies.", page.Control{Name: "state", Kind: page.Choose1, Optional: true, Options: page.Blank(v.T("console.office.any"), states)}, []string{state}, page.Mistakes{}),
	}}
}

// endings lists what ends soon, so that nobody falls back to copies because a
// certificate ran out.
func endings(v *page.Visit) error {
	in := agency.Horizon{Days: int(min(v.Asked("days"), 400))}
	all, err := v.Agencies.Expiring(v.Actor(), &in)
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.field.agency"), v.T("console.office.endings.what"), v.T("console.office.endings.id"), v.T("console.office.endings.last"),
		),
		Empty: v.T("console.office.endings.none"),
	}
	count := map[string]int64{}
	for i, e := range all {
		count[e.What]++
		if i >= 200 {
			continue
		}
		left, tone := days(v, e.Last)
		id := page.Cell{Text: short(e.ID), Number: true, Small: e.Login}
		if e.What == agency.EndingAgreement {
			id = page.Cell{Text: v.Digits(e.ID), Path: "/office/agreements/" + e.ID}
		}
		table.Rows = append(table.Rows, page.Row{Tone: map[bool]string{true: page.Bad}[tone == page.Bad], Cells: []page.Cell{
			{Text: v.AgencyName(e.Agency), Path: "/office/agencies/" + e.Agency.String()},
			{Text: v.T("console.office.ending." + e.What)},
			id,
			{Text: v.Day(e.Last), Small: left},
		}})
	}
	if len(all) > 200 {
		table.Note = v.T("console.office.endings.cut", v.Count(200))
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.endings.title"), Lead: v.T("console.office.endings.lead"),
		Blocks: []any{
			page.Tiles{
				{Label: v.T("console.office.ending.certificate"), Value: v.Count(count[agency.EndingCertificate]), Tone: page.Warn},
				{Label: v.T("console.office.ending.officer"), Value: v.Count(count[agency.EndingOfficer]), Tone: page.Warn},
				{Label: v.T("console.office.ending.agreement"), Value: v.Count(count[agency.EndingAgreement]), Tone: page.Warn},
			},
			v.Tabs("/office/endings", "days", "console.office.horizon.", "", "90", "365"), table,
		},
	})
}
