package office

import (
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
)

// draftIn is the draft in the page's path.
func draftIn(v *page.Visit) (*agreement.Draft, error) {
	id, err := v.Number("draft")
	if err != nil {
		return nil, err
	}
	f, err := v.Agreements.Find(v.Context(), v.Actor(), &agreement.Picking{Draft: id})
	if err != nil {
		return nil, err
	}
	return f.Draft, nil
}

// showDraft shows a text on its way: what it says, what it changes, who did
// what, and what the visitor may do now.
func showDraft(v *page.Visit) error {
	d, err := draftIn(v)
	if err != nil {
		return err
	}
	path := at("/office/drafts/", d.ID)
	s := page.Screen{
		Title: v.T("console.office.draft.title", v.No(d.ID)), Lead: v.AgencyName(d.Agency),
		Above:   &page.Link{Path: "/office/agreements", Text: v.T("console.office.agreements.title")},
		Buttons: []page.Button{{Path: path + "/pdf", Text: v.T("console.office.agreement.pdf"), Icon: "print", Ghost: true}},
	}
	if chief(v) {
		switch d.State {
		case agreement.Requested:
			s.Buttons = append(s.Buttons, page.Button{Path: path + "/review", Text: v.T("console.office.reviewdraft.link")},
				page.Button{Path: path + "/return", Text: v.T("console.office.returndraft.link"), Ghost: true})
		case agreement.Reviewed:
			s.Buttons = append(s.Buttons, page.Button{Path: path + "/return", Text: v.T("console.office.returndraft.link"), Ghost: true})
		case agreement.Signed:
			s.Buttons = append(s.Buttons, page.Button{Path: path + "/countersign", Text: v.T("console.office.countersign.link")},
				page.Button{Path: path + "/return", Text: v.T("console.office.returndraft.link"), Ghost: true})
		}
	}
	changes, err := difference(v, d)
	if err != nil {
		return err
	}
	facts := page.Facts{List: []page.Fact{
		{Label: v.T("console.office.drafts.state"), Value: v.T("console.office.draft_state." + d.State.String()), Tone: draftTone(d.State)},
		{Label: v.T("console.office.agreement.days"), Value: v.T("console.office.agreement.span", v.Day(d.Form.From), v.Day(d.Form.Until))},
		{Label: v.T("console.office.agreement.service"), Value: v.Digits(d.Form.Service), Number: true},
		{Label: v.T("console.office.draft.digest"), Value: short(d.Digest), Number: true},
	}}
	s.Blocks = []any{
		page.Note{Tone: draftTone(d.State), Text: v.T("console.office.draft.next." + d.State.String())},
		changes,
		page.Pair{Main: clauses(v, d.Form.Clauses), Side: []any{facts, draftSteps(v, d)}},
	}
	return v.Show(s)
}

// difference is what a draft changes, in words.
func difference(v *page.Visit, d *agreement.Draft) (page.Note, error) {
	if d.Agreement == 0 {
		return page.Note{Tone: page.Info, Title: v.T("console.office.draft.new")}, nil
	}
	x, err := v.Agreements.Diff(v.Context(), v.Actor(), &agreement.Comparing{Draft: d.ID})
	if err != nil {
		return page.Note{}, err
	}
	n := page.Note{Tone: page.Info, Title: v.T("console.office.draft.changes", v.No(d.Agreement)), Lines: x.Persian}
	if v.Lang == "en" {
		n.Lines = x.English
	}
	return n, nil
}

func draftSteps(v *page.Visit, d *agreement.Draft) page.Timeline {
	line := page.Timeline{Title: v.T("console.office.case.steps")}
	for i := len(d.Steps) - 1; i >= 0; i-- {
		s := d.Steps[i]
		tone := draftTone(s.State)
		if s.State != agreement.Returned {
			tone = page.Good
		}
		line.Events = append(line.Events, page.Event{
			When: v.Moment(s.At), Title: v.T("console.office.draft_step." + s.State.String()), Text: s.Note, Tone: tone, Icon: "ok",
			By: role(v, s.Role) + " · " + officer(v, s.Agency, s.Officer),
		})
	}
	return line
}

// wording is a word about a draft's text, which it names by its digest: what
// another has changed meanwhile is refused.
type wording struct {
	agreement.Returning
	of *agreement.Draft
}

func beginWord(v *page.Visit, in *wording) (err error) {
	if in.of, err = draftIn(v); err != nil {
		return err
	}
	in.Draft, in.Digest = in.of.ID, in.of.Digest
	return nil
}

func aroundWord(v *page.Visit, in *wording) ([]any, error) {
	changes, err := difference(v, in.of)
	if err != nil {
		return nil, err
	}
	return append([]any{page.Facts{List: []page.Fact{
		{Label: v.T("console.office.field.agency"), Value: v.AgencyName(in.of.Agency)},
		{Label: v.T("console.office.agreement.days"), Value: v.T("console.office.agreement.span", v.Day(in.of.Form.From), v.Day(in.of.Form.Until))},
		{Label: v.T("console.office.draft.digest"), Value: short(in.of.Digest), Number: true},
	}}, changes}, clauses(v, in.of.Form.Clauses)...), nil
}

func aboveWord(v *page.Visit, in *wording) *page.Link {
	return &page.Link{Path: at("/office/drafts/", in.Draft), Text: v.T("console.office.draft.title", v.No(in.Draft))}
}

func onlyDigest(*page.Visit, *wording) ([]page.Control, error) {
	return []page.Control{{Name: "digest", Kind: page.Carried}}, nil
}

// reviewDraft says that the text may be signed.
var reviewDraft = page.Form[wording]{
	Path: "/office/drafts/{draft}/review", Roles: chiefs, Key: "console.office.reviewdraft.", Wide: true,
	Begin: beginWord, Around: aroundWord, Above: aboveWord, Controls: onlyDigest,
	Do: func(v *page.Visit, in *wording) (page.Done, error) {
		_, proven, err := v.Agreements.Review(v.Context(), v.Journal, v.Actor(), &in.Word)
		return page.Done{Path: at("/office/drafts/", in.Draft), Code: proven.Code}, err
	},
}

// countersign puts a signed text in force; another supervisor reviewed it.
var countersign = page.Form[wording]{
	Path: "/office/drafts/{draft}/countersign", Roles: chiefs, Key: "console.office.countersign.", Wide: true,
	Begin: beginWord, Around: aroundWord, Above: aboveWord, Controls: onlyDigest,
	Do: func(v *page.Visit, in *wording) (page.Done, error) {
		_, proven, err := v.Agreements.Countersign(v.Context(), v.Journal, v.Actor(), &in.Word)
		return page.Done{Path: at("/office/drafts/", in.Draft), Code: proven.Code}, err
	},
}

// returnDraft gives a text back with what is to be changed.
var returnDraft = page.Form[wording]{
	Path: "/office/drafts/{draft}/return", Roles: chiefs, Key: "console.office.returndraft.",
	Begin: beginWord, Above: aboveWord,
	Controls: func(*page.Visit, *wording) ([]page.Control, error) {
		return []page.Control{{Name: "digest", Kind: page.Carried}, {Name: "note", Kind: page.LongText, Max: 1000}}, nil
	},
	Do: func(v *page.Visit, in *wording) (page.Done, error) {
		_, proven, err := v.Agreements.Return(v.Context(), v.Journal, v.Actor(), &in.Returning)
		return page.Done{Path: at("/office/drafts/", in.Draft), Code: proven.Code}, err
	},
}
