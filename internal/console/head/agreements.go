package head

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

func agreementRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/head/agreements", agreements),
		get("/head/agreements/no/{id}", agreementPage),
		get("/head/agreements/no/{id}/compare", comparePage),
		get("/head/agreements/no/{id}/paper", agreementPaper),
	}, amend.Routes(), endAgreement.Routes())
}

// agreements lists what the agency may ask, and what is on its way.
func agreements(v *page.Visit) error {
	all, _, err := v.Agreements.List(v.Context(), v.Actor(), &agreement.Filter{Newest: true, After: v.Asked("before"), Limit: pageRows})
	if err != nil {
		return err
	}
	_, drafts, err := v.Agreements.List(v.Context(), v.Actor(), &agreement.Filter{Drafts: true, Open: true, Newest: true, After: v.Asked("draft"), Limit: pageRows})
	if err != nil {
		return err
	}
	_, reviewed, err := v.Agreements.List(v.Context(), v.Actor(), &agreement.Filter{Drafts: true, State: agreement.Reviewed})
	if err != nil {
		return err
	}
	blocks := []any{signer(v)}
	for _, d := range reviewed {
		blocks = append(blocks, page.Note{
			Tone: page.Warn, Title: v.T("console.head.agreements.sign", v.Count(d.ID)), Text: v.T("console.head.agreements.sign.text"),
			Links: []page.Link{{Path: fmt.Sprintf("/head/agreements/draft/%d", d.ID), Text: v.T("console.head.agreements.read")}},
		})
	}
	inForce := &page.Table{
		Title: v.T("console.head.agreements.list"), Empty: v.T("console.head.agreements.none"),
		Columns: page.Head(v.T("console.head.column.agreement"), v.T("console.head.column.state"), v.T("console.head.column.services"),
			v.T("console.head.column.from"), v.T("console.head.column.until")),
	}
	for _, a := range all {
		inForce.Rows = append(inForce.Rows, page.Row{Cells: []page.Cell{
			{
				Text: v.T("console.head.agreement.no", v.Count(a.ID)), Path: fmt.Sprintf("/head/agreements/no/%d", a.ID),
				Small: v.T("console.head.version.no", v.Count(int64(a.Version))),
			},
			badge(v, "agreement", a.State.String()),
			{Text: servicesOf(v, a.Clauses)},
			{Text: v.ShortDay(persian.DateOf(a.From)), Number: true},
			{Text: v.ShortDay(lastDay(a)), Number: true},
		}})
	}
	if n := len(all); n == pageRows {
		inForce.More = v.Next("before", strconv.FormatInt(all[n-1].ID, 10))
	}
	blocks = append(blocks, inForce, draftTable(v, drafts))
	return v.Show(page.Screen{
		Title: v.T("console.head.agreements.title"), Lead: v.T("console.head.agreements.lead"), Blocks: blocks,
		Buttons: []page.Button{{Path: "/head/agreements/new", Text: v.T("console.head.agreements.new"), Icon: "pen"}},
	})
}

// draftTable lists drafts, the newest first; those in force are agreements now.
func draftTable(v *page.Visit, drafts []*agreement.Draft) *page.Table {
	t := &page.Table{
		Title: v.T("console.head.drafts.list"), Note: v.T("console.head.drafts.note"), Empty: v.T("console.head.drafts.none"),
		Columns: page.Head(v.T("console.head.column.draft"), v.T("console.head.column.state"), v.T("console.head.column.about")),
	}
	for _, d := range drafts {
		about := v.T("console.head.drafts.new")
		if d.Agreement != 0 {
			about = v.T("console.head.drafts.amends", v.Count(d.Agreement), v.Count(int64(d.Version)))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.head.draft.no", v.Count(d.ID)), Path: fmt.Sprintf("/head/agreements/draft/%d", d.ID)},
			badge(v, "draft", d.State.String()),
			{Text: about},
		}})
	}
	if n := len(drafts); n == pageRows {
		t.More = v.Next("draft", strconv.FormatInt(drafts[n-1].ID, 10))
	}
	return t
}

// signer says who signs, to a highest officer who is not the one.
func signer(v *page.Visit) *page.Note {
	a := v.Asker.Agency
	if a.Accountable == "" || a.Accountable == v.Asker.Officer.Login {
		return nil
	}
	return &page.Note{Tone: page.Info, Text: v.T("console.head.signer", officerName(v, a.ID, a.Accountable))}
}

func servicesOf(v *page.Visit, clauses []agreement.Clause) string {
	var names []string
	for i := range clauses {
		if !slices.Contains(names, clauses[i].Service) {
			names = append(names, clauses[i].Service)
		}
	}
	return words(v, "agreement.asks.", names)
}

// lastDay is the last whole day of an agreement.
func lastDay(a *agreement.Agreement) persian.Date { return agreement.FormOf(a).Until }
