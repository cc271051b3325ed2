package head

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

func draftRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/head/agreements/new", chooseFirst),
		get("/head/agreements/draft/{id}", draftPage),
		get("/head/agreements/draft/{id}/paper", draftPaper),
		get("/head/agreements/draft/{id}/new-clause", chooseClause),
	}, newAgreement.Routes(), editTerms.Routes(), newClause.Routes(), editClause.Routes(), removeClause.Routes(), request.Routes(), sign.Routes())
}

// draftPage shows a text on its way, what it lacks, and what to do next.
func draftPage(v *page.Visit) error {
	d, err := draftOf(v)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("/head/agreements/draft/%d", d.ID)
	edit := ""
	if editable(d) {
		edit = at + "/clauses"
	}
	blocks := []any{signer(v), nextStep(v, d)}
	if d.Agreement != 0 && d.State != agreement.Effective {
		diff, err := v.Agreements.Diff(v.Context(), v.Actor(), &agreement.Comparing{Draft: d.ID})
		if err != nil {
			return err
		}
		blocks = append(blocks, page.Note{Tone: page.Info, Title: v.T("console.head.draft.differs", v.Count(d.Agreement), v.Count(int64(d.Version))), Lines: differences(v, diff)})
	}
	facts := page.Facts{List: []page.Fact{
		stateFact(v, "console.head.column.state", "draft", d.State.String()),
		fact(v, "from", v.Day(d.Form.From)), fact(v, "until", v.Day(d.Form.Until)),
		{Label: v.T("console.head.fact.service_id"), Value: v.Digits(d.Form.Service), Number: true},
		{Label: v.T("console.head.fact.digest"), Value: page.Grouped(d.Digest), Number: true},
	}}
	blocks = append(blocks, facts, clauseTable(v, d.Form.Clauses, edit), termTable(v, d.Form.Clauses), stepLine(v, d))
	return v.Show(page.Screen{
		Title: v.T("console.head.draft.title", v.Count(d.ID)), Above: above(v, "/head/agreements", "agreements"),
		Buttons: draftButtons(v, d, at), Blocks: blocks,
	})
}

func draftOf(v *page.Visit) (*agreement.Draft, error) {
	id, err := v.Number("id")
	if err != nil {
		return nil, err
	}
	f, err := v.Agreements.Find(v.Context(), v.Actor(), &agreement.Picking{Draft: id})
	if err != nil {
		return nil, err
	}
	return f.Draft, nil
}

// editable reports whether the text may still be changed.
func editable(d *agreement.Draft) bool {
	return d.State == agreement.Drafted || d.State == agreement.Returned
}

// lacking are the clauses that do not say why they are needed and what could
// go wrong: with them nothing can be requested.
func lacking(d *agreement.Draft) (nos []string) {
	for i := range d.Form.Clauses {
		if c := &d.Form.Clauses[i]; c.Statement == "" || c.Risk == "" {
			nos = append(nos, strconv.Itoa(c.No))
		}
	}
	return nos
}

// nextStep says what has to be done now, and by whom.
func nextStep(v *page.Visit, d *agreement.Draft) page.Note {
	n := page.Note{Tone: page.Info, Title: v.T("console.head.state.draft." + d.State.String()), Text: v.T("console.head.next." + d.State.String())}
	switch d.State {
	case agreement.Drafted, agreement.Returned:
		if d.State == agreement.Returned {
			n.Tone = page.Warn
			for _, s := range d.Steps {
				if s.State == agreement.Returned {
					n.Lines = []string{v.T("console.head.next.because", s.Note)}
				}
			}
		}
		if nos := lacking(d); len(nos) > 0 {
			n.Tone = page.Warn
			n.Lines = append(n.Lines, v.T("console.head.next.lacking", v.Digits(v.List(nos))))
		}
	case agreement.Reviewed:
		n.Tone = page.Warn
	case agreement.Effective:
		n.Tone = page.Good
		n.Links = []page.Link{{Path: fmt.Sprintf("/head/agreements/no/%d", d.Agreement), Text: v.T("console.head.agreement.title", v.Count(d.Agreement))}}
	}
	return n
}

func draftButtons(v *page.Visit, d *agreement.Draft, at string) []page.Button {
	all := []page.Button{{Path: at + "/paper", Text: v.T("console.head.paper"), Icon: "down", Ghost: true}}
	if editable(d) {
		all = append(all,
			page.Button{Path: at + "/terms", Text: v.T("console.head.draft.terms"), Ghost: true},
			page.Button{Path: at + "/new-clause", Text: v.T("console.head.draft.clause"), Ghost: true},
			page.Button{Path: at + "/request", Text: v.T("console.head.draft.request"), Icon: "pen"})
	}
	if d.State == agreement.Reviewed {
		all = append(all, page.Button{Path: at + "/sign", Text: v.T("console.head.draft.sign"), Icon: "pen"})
	}
	return all
}

// stepLine is what everybody has done with a draft, the newest first.
func stepLine(v *page.Visit, d *agreement.Draft) page.Timeline {
	t := page.Timeline{Title: v.T("console.head.draft.steps")}
	for _, s := range slices.Backward(d.Steps) {
		t.Events = append(t.Events, page.Event{
			When: v.Moment(s.At), Title: v.T("agreement.step." + s.State.String()), Text: s.Note, Tone: tones["draft"][s.State.String()], Icon: "pen",
			By:    v.T("console.head.by", officerName(v, s.Agency, s.Officer), v.AgencyName(s.Agency)),
			Facts: []page.Fact{{Label: v.T("console.head.fact.digest.short"), Value: s.Digest[:min(16, len(s.Digest))], Number: true}},
		})
	}
	return t
}

func draftPaper(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	return paper(v, &agreement.Picking{Draft: id}, fmt.Sprintf("agreement-draft-%d", id))
}

// chooseFirst begins a new agreement: with its first clause.
func chooseFirst(v *page.Visit) error {
	return v.Show(page.Screen{
		Title: v.T("console.head.new.title"), Lead: v.T("console.head.new.lead"), Above: above(v, "/head/agreements", "agreements"),
		Blocks: []any{serviceChoices(v, "/head/agreements/new/")},
	})
}

// chooseClause begins another clause of a draft.
func chooseClause(v *page.Visit) error {
	d, err := draftOf(v)
	if err != nil {
		return err
	}
	if !editable(d) {
		return errFixed
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.choose.title"), Lead: v.T("console.head.choose.lead"), Above: draftLink(v, d.ID),
		Blocks: []any{serviceChoices(v, fmt.Sprintf("/head/agreements/draft/%d/new-clause/", d.ID))},
	})
}

var errFixed = fault.New(fault.Conflict, "agreement.draft.state")

func draftLink(v *page.Visit, id int64) *page.Link {
	return &page.Link{Path: fmt.Sprintf("/head/agreements/draft/%d", id), Text: v.T("console.head.draft.title", v.Count(id))}
}

// serviceChoices are the services that a clause can be about.
func serviceChoices(v *page.Visit, to string) page.Choices {
	var all page.Choices
	for _, s := range slices.Concat(agreement.Services, agreement.Bulk) {
		all = append(all, page.Choice{
			Title: service(v, s.Name), Text: words(v, "agreement.item.", s.Fields), Icon: icons[s.Name],
			Links: []page.Link{{Path: to + s.Name, Text: v.T("console.head.choose.this")}},
		})
	}
	return all
}

var icons = map[string]string{
	"identity": "identity", "shenasnameh": "shenasnameh", "card": "card", "residence": "residence", "place": "place", "predicate": "predicate",
	"delivery": "list", "follow": "map", "deed": "pen", "property": "place",
}

// word is what the head says of a draft whose text he has read: the digest
// that was shown names it.
type word struct {
	agreement.Word
	Read bool `json:"read"`
}

// wording is a form by which he says it.
func wording(path, key string, state func(*agreement.Draft) bool, act func(*page.Visit, *agreement.Word) (page.Done, error)) page.Form[word] {
	return page.Form[word]{
		Path: path, Roles: only, Key: key, Danger: true, Wide: true,
		Begin: func(v *page.Visit, in *word) error {
			d, err := draftOf(v)
			if err != nil {
				return err
			}
			if in.Draft = d.ID; asking(v) {
				if !state(d) {
					return errFixed
				}
				in.Digest = d.Digest
			}
			return nil
		},
		Above: func(v *page.Visit, in *word) *page.Link { return draftLink(v, in.Draft) },
		Around: func(v *page.Visit, in *word) ([]any, error) {
			d, err := draftOf(v)
			if err != nil {
				return nil, err
			}
			return []any{
				page.Note{Tone: page.Warn, Title: v.T(key + "means"), Lines: strings.Split(v.T(key+"means.text"), "|")},
				page.Facts{List: []page.Fact{
					{Label: v.T("console.head.fact.digest"), Value: page.Grouped(d.Digest), Number: true, Small: v.T("console.head.digest.text")},
					fact(v, "clauses", v.Count(int64(len(d.Form.Clauses)))), fact(v, "from", v.Day(d.Form.From)), fact(v, "until", v.Day(d.Form.Until)),
				}},
				clauseTable(v, d.Form.Clauses, ""), termTable(v, d.Form.Clauses),
			}, nil
		},
		Controls: func(*page.Visit, *word) ([]page.Control, error) {
			return []page.Control{{Name: "read", Kind: page.Yes}, {Name: "digest", Kind: page.Carried}}, nil
		},
		Do: func(v *page.Visit, in *word) (page.Done, error) {
			if !in.Read {
				return page.Done{}, fault.New(fault.Invalid, "console.head.read").At("read")
			}
			return act(v, &in.Word)
		},
	}
}

var request = wording("/head/agreements/draft/{id}/request", "console.head.request.", editable, func(v *page.Visit, in *agreement.Word) (page.Done, error) {
	_, proven, err := v.Agreements.Request(v.Context(), v.Journal, v.Actor(), in)
	return page.Done{Path: fmt.Sprintf("/head/agreements/draft/%d", in.Draft), Code: proven.Code}, err
})

var sign = wording("/head/agreements/draft/{id}/sign", "console.head.sign.", func(d *agreement.Draft) bool { return d.State == agreement.Reviewed },
	func(v *page.Visit, in *agreement.Word) (page.Done, error) {
		_, proven, err := v.Agreements.Sign(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: fmt.Sprintf("/head/agreements/draft/%d", in.Draft), Code: proven.Code}, err
	})
