package office

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

func agreementRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{
			page.Get("/office/agreements", staff, agreements), page.Get("/office/agreements/{agreement}", staff, showAgreement),
			page.Get("/office/agreements/{agreement}/pdf", staff, agreementPDF),
			page.Get("/office/drafts/{draft}", staff, showDraft), page.Get("/office/drafts/{draft}/pdf", staff, agreementPDF),
			page.Get("/office/delegations", staff, delegations),
		},
		reviewDraft.Routes(), returnDraft.Routes(), countersign.Routes(),
		turning("suspend", agreement.Suspended).Routes(), turning("resume", agreement.InForce).Routes(), turning("end", agreement.Ended).Routes(),
		confirmDelegation.Routes(), endDelegation.Routes(),
	)
}

// waitingStates are those in which a draft waits for the registry, or has it
// to thank for waiting.
var waitingStates = []agreement.DraftState{agreement.Requested, agreement.Reviewed, agreement.Signed}

// agreements lists drafts on their way through the registry, by how far they
// are, and all agreements.
func agreements(v *page.Visit) error {
	view := v.R.URL.Query().Get("view")
	if view == "all" {
		return allAgreements(v)
	}
	waits, err := v.Agreements.Waiting(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	state := agreement.Requested
	for _, s := range slices.Backward(waitingStates) { // what waits for the registry comes first
		if s.String() == view || view == "" && s != agreement.Reviewed && waits[s] > 0 {
			state = s
		}
	}
	_, drafts, err := v.Agreements.List(v.Context(), v.Actor(), &agreement.Filter{Drafts: true, State: state, After: v.Asked("after"), Limit: rowsAPage})
	if err != nil {
		return err
	}
	table := draftTable(v)
	for _, d := range drafts {
		table.Rows = append(table.Rows, draftRow(v, d))
	}
	if len(drafts) == rowsAPage {
		table.More = v.Next("after", strconv.FormatInt(drafts[rowsAPage-1].ID, 10))
	}
	var tiles page.Tiles
	for _, s := range waitingStates {
		tone := page.Warn
		if s == agreement.Reviewed {
			tone = page.Info
		}
		key := "console.office.agreements." + s.String()
		tiles = append(tiles, page.Tile{Label: v.T(key), Value: v.Count(waits[s]), Tone: tone, Note: v.T(key + ".text"), Path: "/office/agreements?view=" + s.String()})
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.agreements.title"), Lead: v.T("console.office.agreements.lead"),
		Blocks: []any{tiles, agreementTabs(v, state.String()), table},
	})
}

func agreementTabs(v *page.Visit, current string) (t page.Tabs) {
	for _, s := range waitingStates {
		t = append(t, page.Link{Path: "/office/agreements?view=" + s.String(), Text: v.T("console.office.draft_state." + s.String()), Current: current == s.String()})
	}
	return append(t, page.Link{Path: "/office/agreements?view=all", Text: v.T("console.office.agreements.all"), Current: current == "all"})
}

func draftTable(v *page.Visit) *page.Table {
	return &page.Table{
		Columns: page.Head(
			v.T("console.office.drafts.draft"), v.T("console.office.field.agency"), v.T("console.office.drafts.amends"), v.T("console.office.drafts.state"),
		),
		Empty: v.T("console.office.agreements.none"),
	}
}

func draftRow(v *page.Visit, d *agreement.Draft) page.Row {
	amends := v.T("console.office.drafts.new")
	if d.Agreement != 0 {
		amends = v.T("console.office.drafts.of", v.No(d.Agreement), v.No(int64(d.Version)))
	}
	return page.Row{Cells: []page.Cell{
		{Text: v.No(d.ID), Path: at("/office/drafts/", d.ID)},
		{Text: v.AgencyName(d.Agency)},
		{Text: amends},
		{Text: v.T("console.office.draft_state." + d.State.String()), Tone: draftTone(d.State)},
	}}
}

func draftTone(s agreement.DraftState) string {
	switch s {
	case agreement.Requested, agreement.Signed:
		return page.Warn
	case agreement.Returned:
		return page.Bad
	case agreement.Effective:
		return page.Good
	}
	return page.Info
}

func allAgreements(v *page.Visit) error {
	f := agreement.Filter{After: v.Asked("after"), Limit: rowsAPage}
	if of := v.R.URL.Query().Get("agency"); of != "" {
		id, err := ids.ParseLegalID(of)
		if err != nil {
			return page.NotFound()
		}
		f.Agency = id
	}
	all, _, err := v.Agreements.List(v.Context(), v.Actor(), &f)
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.agreement.number"), v.T("console.office.field.agency"), v.T("console.office.agreement.version"),
			v.T("console.office.agreement.days"), v.T("console.office.agreement.state"),
		),
		Empty: v.T("console.office.agreements.no_agreement"),
	}
	for _, a := range all {
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: v.No(a.ID), Path: at("/office/agreements/", a.ID)},
			{Text: v.AgencyName(a.Agency)},
			{Text: v.No(int64(a.Version))},
			{Text: span(v, a)},
			agreementState(v, a),
		}})
	}
	if len(all) == rowsAPage {
		table.More = v.Next("after", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.agreements.title"), Lead: v.T("console.office.agreements.lead"), Blocks: []any{agreementTabs(v, "all"), table},
	})
}

// span is from which day to which an agreement holds.
func span(v *page.Visit, a *agreement.Agreement) string {
	return v.T("console.office.agreement.span", v.Day(persian.DateOf(a.From)), v.Day(persian.DateOf(a.Until.Add(-time.Second))))
}

func agreementState(v *page.Visit, a *agreement.Agreement) page.Cell {
	cell := page.Cell{Text: v.T("console.office.agreement_state." + a.State.String()), Tone: page.Good}
	switch {
	case a.State == agreement.Suspended:
		cell.Tone = page.Warn
	case a.State == agreement.Ended:
		cell.Tone = page.Bad
	case v.Clock().After(a.Until):
		cell.Text, cell.Tone = v.T("console.office.agreement_state.over"), page.Bad
	}
	return cell
}

// clauses are what a text permits, a card each.
func clauses(v *page.Visit, all []agreement.Clause) (blocks []any) {
	for i := range all {
		f := page.Facts{Title: v.T("console.office.agreement.clause", v.No(int64(all[i].No)))}
		for _, w := range all[i].Words(v.Lang) {
			f.List = append(f.List, page.Fact{Label: w.Member, Value: w.Text})
		}
		blocks = append(blocks, f)
	}
	return blocks
}

// showAgreement shows the version in force, and how it came about.
func showAgreement(v *page.Visit) error {
	id, err := v.Number("agreement")
	if err != nil {
		return err
	}
	pick := agreement.Picking{Agreement: id, Version: int(v.Asked("version"))}
	f, err := v.Agreements.Find(v.Context(), v.Actor(), &pick)
	if err != nil {
		return err
	}
	a := f.Version
	state := agreementState(v, a)
	path := at("/office/agreements/", id)
	s := page.Screen{
		Title: v.T("console.office.agreement.title", v.No(id)), Lead: v.AgencyName(a.Agency),
		Above:   &page.Link{Path: "/office/agreements?view=all", Text: v.T("console.office.agreements.all")},
		Buttons: []page.Button{{Path: path + "/pdf?version=" + strconv.Itoa(a.Version), Text: v.T("console.office.agreement.pdf"), Icon: "print", Ghost: true}},
	}
	if chief(v) && a.State != agreement.Ended {
		if a.State == agreement.Suspended {
			s.Buttons = append(s.Buttons, page.Button{Path: path + "/resume", Text: v.T("console.office.agreement.resume.button")})
		} else {
			s.Buttons = append(s.Buttons, page.Button{Path: path + "/suspend", Text: v.T("console.office.agreement.suspend.button"), Ghost: true})
		}
		s.Buttons = append(s.Buttons, page.Button{Path: path + "/end", Text: v.T("console.office.agreement.end.button"), Ghost: true})
	}
	facts := page.Facts{List: []page.Fact{
		{Label: v.T("console.office.agreement.state"), Value: state.Text, Tone: state.Tone},
		{Label: v.T("console.office.agreement.version"), Value: v.No(int64(a.Version))},
		{Label: v.T("console.office.agreement.days"), Value: span(v, a)},
		{Label: v.T("console.office.agreement.service"), Value: v.Digits(a.Service), Number: true},
		{Label: v.T("console.office.agreement.why"), Value: v.Known("console.office.why.", a.Why), Small: v.Moment(a.Made)},
	}}
	if a.Draft != 0 {
		facts.List = append(facts.List, page.Fact{Label: v.T("console.office.drafts.draft"), Value: v.No(a.Draft), Path: at("/office/drafts/", a.Draft)})
	}
	s.Blocks = []any{page.Pair{Main: clauses(v, a.Clauses), Side: []any{facts, versions(v, f, path)}}}
	return v.Show(s)
}

func versions(v *page.Visit, f *agreement.Found, path string) *page.Table {
	t := &page.Table{
		Title:   v.T("console.office.agreement.versions"),
		Columns: page.Head(v.T("console.office.agreement.version"), v.T("console.office.agreement.state"), v.T("console.office.agreement.why")),
	}
	for _, a := range f.Versions {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.No(int64(a.Version)), Path: path + "?version=" + strconv.Itoa(a.Version)},
			agreementState(v, a),
			{Text: v.Known("console.office.why.", a.Why), Small: v.Moment(a.Made)},
		}})
	}
	return t
}

// agreementPDF sends a text as it is signed, in Persian.
func agreementPDF(v *page.Visit) error {
	pick := agreement.Picking{Version: int(v.Asked("version"))}
	var err error
	name := "draft-"
	if v.R.PathValue("draft") != "" {
		pick.Draft, err = v.Number("draft")
	} else {
		name = "agreement-"
		pick.Agreement, err = v.Number("agreement")
	}
	if err != nil {
		return err
	}
	p, err := v.Agreements.Paper(v.Context(), v.Journal, v.Actor(), &pick)
	if err != nil {
		return err
	}
	here := v.URL
	if here == "" { // a trial on one's own machine
		here = "http://" + v.R.Host
	}
	p.Name, p.Page, p.Link, p.Demo = v.AgencyName(p.Form.Agency), here+"/check", here+"/check?code="+string(p.Code), v.Demo
	var out bytes.Buffer
	if err := p.Write(&out, message.Fa); err != nil {
		return err
	}
	return v.Send("application/pdf", at(name, pick.Draft+pick.Agreement)+".pdf", out.Bytes())
}

// turning suspends, resumes or ends an agreement.
func turning(word string, to agreement.State) page.Form[agreement.Order] {
	return page.Form[agreement.Order]{
		Path: "/office/agreements/{agreement}/" + word, Roles: chiefs, Key: "console.office.agreement." + word + ".", Danger: to != agreement.InForce,
		Begin: func(v *page.Visit, in *agreement.Order) (err error) {
			in.ID, err = v.Number("agreement")
			return err
		},
		Above: func(v *page.Visit, in *agreement.Order) *page.Link {
			return &page.Link{Path: at("/office/agreements/", in.ID), Text: v.T("console.office.agreement.title", v.No(in.ID))}
		},
		Controls: func(v *page.Visit, _ *agreement.Order) ([]page.Control, error) {
			return grounds(v, "board-decision", "request", "misuse", "court-order", "dissolved"), nil
		},
		Do: func(v *page.Visit, in *agreement.Order) (page.Done, error) {
			_, proven, err := v.Agreements.Turn(v.Context(), v.Journal, v.Actor(), to, in)
			return page.Done{Path: at("/office/agreements/", in.ID), Code: proven.Code}, err
		},
	}
}
