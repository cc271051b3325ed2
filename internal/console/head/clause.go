package head

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

// writing is one clause of a draft as it is written. Digest is that of the
// whole text that was shown.
type writing struct {
	Digest string `json:"digest"`
	agreement.Clause

	draft *agreement.Draft // nil: of an agreement that is not yet drafted
}

// clauseControls are the controls of a clause; which there are depends on its
// service.
func clauseControls(v *page.Visit, c *agreement.Clause) []page.Control {
	s := serviceOf(c.Service)
	fields := page.Control{Name: "fields", Kind: page.Ticks, Legend: "console.head.clause.legend.what", Options: options(v, "agreement.item.", s.Fields)}
	keys := page.Control{Name: "search_keys", Kind: page.Ticks}
	for _, k := range s.Keys {
		keys.Options = append(keys.Options, page.Option{Value: k, Text: memberWord(v, "search_keys", k)})
	}
	all := []page.Control{
		fields,
		{Name: "modes", Kind: page.Ticks, Options: options(v, "agreement.way.", s.Modes)},
		keys,
		processControl(v, c),
		{Name: "purposes", Kind: page.Lines, Optional: true},
		{Name: "statement", Kind: page.LongText, Optional: true, Legend: "console.head.clause.legend.why"},
		{Name: "risk", Kind: page.LongText, Optional: true},
		{Name: "daily_quota", Kind: page.Number, Optional: true, Legend: "console.head.clause.legend.limits"},
	}
	if conditional(c.Service) {
		all = append(all, page.Control{Name: "hours", Kind: page.Latin, Optional: true, Max: 20},
			page.Control{Name: "days", Kind: page.Ticks, Optional: true, Options: options(v, "agreement.weekday.", []string{"sat", "sun", "mon", "tue", "wed", "thu", "fri"})},
			page.Control{Name: "signature", Kind: page.Yes}, page.Control{Name: "court_days", Kind: page.Number, Optional: true})
	}
	term := func(name, usual string) page.Control {
		return page.Control{Name: name, Kind: page.Choose1, Optional: true, Options: page.Blank(
			v.T("console.head.clause.rule", v.T("agreement.comes."+usual)),
			options(v, "agreement.comes.", []string{agreement.VerifyOnly, agreement.HalveQuota, agreement.EndClause, agreement.SuspendAll}))}
	}
	misuse := term("misuse", agreement.VerifyOnly)
	misuse.Legend = "console.head.clause.legend.audit"
	return append(all, misuse, term("silence", agreement.EndClause), page.Control{Name: "audit_days", Kind: page.Number, Optional: true})
}

// conditional reports whether a clause about this service may have hours, days
// and the like: what answers files has none.
func conditional(name string) bool {
	return name == "deed" || !slices.ContainsFunc(agreement.Bulk, func(s agreement.Service) bool { return s.Name == name })
}

// processControl offers the agency's own catalogue; an agency without one
// writes the codes.
func processControl(v *page.Visit, c *agreement.Clause) page.Control {
	ticks := page.Control{Name: "processes", Kind: page.Ticks, Optional: true}
	for _, p := range v.Processes.Of(v.Asker.Agency.ID) {
		if !p.Ended || slices.Contains(c.Processes, p.Code) {
			ticks.Options = append(ticks.Options, page.Option{Value: p.Code, Text: p.Title})
		}
	}
	if len(ticks.Options) == 0 {
		return page.Control{Name: "processes", Kind: page.Lines, Optional: true, Label: "console.head.clause.process_codes"}
	}
	for _, code := range c.Processes {
		if !slices.ContainsFunc(ticks.Options, func(o page.Option) bool { return o.Value == code }) {
			ticks.Options = append(ticks.Options, page.Option{Value: code, Text: page.Isolated(code)})
		}
	}
	return ticks
}

// serviceOf is a service by its name, which has been checked.
func serviceOf(name string) agreement.Service {
	all := slices.Concat(agreement.Services, agreement.Bulk)
	if i := slices.IndexFunc(all, func(s agreement.Service) bool { return s.Name == name }); i >= 0 {
		return all[i]
	}
	return agreement.Service{}
}

// serviceNamed reads the service from the address.
func serviceNamed(v *page.Visit) (string, error) {
	name := v.R.PathValue("service")
	if serviceOf(name).Name == "" {
		return "", page.NotFound()
	}
	return name, nil
}

// tidy brings what is typed by hand into the form that clauses have: hours in
// ASCII digits with a plain dash.
func tidy(c *agreement.Clause) {
	c.Hours = strings.NewReplacer("\u2013", "-", "\u2014", "-", "\u2212", "-").Replace(strings.Join(strings.Fields(persian.ASCII(c.Hours)), ""))
}

// keep puts a clause into the draft's text, at its number or at the end.
func (in *writing) keep(v *page.Visit) (page.Done, error) {
	tidy(&in.Clause)
	text := *in.draft.Form
	text.Clauses = slices.Clone(text.Clauses)
	at := slices.IndexFunc(text.Clauses, func(c agreement.Clause) bool { return c.No == in.No })
	if at < 0 {
		at, text.Clauses = len(text.Clauses), append(text.Clauses, in.Clause)
	} else {
		text.Clauses[at] = in.Clause
	}
	_, proven, err := v.Agreements.Draft(v.Context(), v.Journal, v.Actor(), &agreement.Drafting{Draft: in.draft.ID, Digest: in.Digest, Text: text})
	if err != nil {
		return page.Done{}, page.Moved(err, "text.clauses."+strconv.Itoa(at), "")
	}
	return page.Done{Path: fmt.Sprintf("/head/agreements/draft/%d", in.draft.ID), Code: proven.Code}, nil
}

// open reads the draft that is written on.
func (in *writing) open(v *page.Visit) (err error) {
	if in.draft, err = draftOf(v); err != nil {
		return err
	}
	if asking(v) {
		if !editable(in.draft) {
			return errFixed
		}
		in.Digest = in.draft.Digest
	}
	return nil
}

func writingControls(v *page.Visit, in *writing) ([]page.Control, error) {
	return append(clauseControls(v, &in.Clause), page.Control{Name: "digest", Kind: page.Carried}), nil
}

func writingAbove(v *page.Visit, in *writing) *page.Link { return draftLink(v, in.draft.ID) }

func aboutClause(v *page.Visit, in *writing) ([]any, error) {
	return []any{page.Note{
		Tone: page.Info, Title: v.T("console.head.clause.is", v.Digits(strconv.Itoa(in.No)), service(v, in.Service)), Text: v.T("console.head.clause.about"),
	}}, nil
}

var newClause = page.Form[writing]{
	Path: "/head/agreements/draft/{id}/new-clause/{service}", Roles: only, Key: "console.head.clause.", Above: writingAbove, Around: aboutClause,
	Begin: func(v *page.Visit, in *writing) error {
		name, err := serviceNamed(v)
		if err != nil {
			return err
		}
		if err := in.open(v); err != nil {
			return err
		}
		in.Service, in.No = name, 1
		for i := range in.draft.Form.Clauses {
			in.No = max(in.No, in.draft.Form.Clauses[i].No+1)
		}
		return nil
	},
	Controls: writingControls,
	Do:       func(v *page.Visit, in *writing) (page.Done, error) { return in.keep(v) },
}

// clauseNo is the clause of the draft that the address names.
func (in *writing) clauseNo(v *page.Visit) (*agreement.Clause, error) {
	no, err := v.Number("no")
	if err != nil {
		return nil, err
	}
	for i := range in.draft.Form.Clauses {
		if c := &in.draft.Form.Clauses[i]; int64(c.No) == no {
			return c, nil
		}
	}
	return nil, page.NotFound()
}

var editClause = page.Form[writing]{
	Path: "/head/agreements/draft/{id}/clauses/{no}", Roles: only, Key: "console.head.clause.", Above: writingAbove,
	Begin: func(v *page.Visit, in *writing) error {
		if err := in.open(v); err != nil {
			return err
		}
		c, err := in.clauseNo(v)
		if err != nil {
			return err
		}
		if in.No, in.Service = c.No, c.Service; asking(v) {
			in.Clause = *c
		}
		return nil
	},
	Around: func(v *page.Visit, in *writing) ([]any, error) {
		blocks, err := aboutClause(v, in)
		if len(in.draft.Form.Clauses) > 1 {
			blocks = append(blocks, page.Press{
				Path: fmt.Sprintf("/head/agreements/draft/%d/clauses/%d/remove", in.draft.ID, in.No), Text: v.T("console.head.clause.remove"), Ghost: true,
				Hidden: []page.Hidden{{Name: "digest", Value: in.draft.Digest}}, Once: page.NewOnce(), Ask: v.T("console.head.clause.remove.ask"),
			})
		}
		return blocks, err
	},
	Controls: writingControls,
	Do:       func(v *page.Visit, in *writing) (page.Done, error) { return in.keep(v) },
}

// removeClause takes a clause out of a draft: a button.
var removeClause = page.Form[writing]{
	Path: "/head/agreements/draft/{id}/clauses/{no}/remove", Roles: only, Key: "console.head.clause.removed.",
	Begin: func(v *page.Visit, in *writing) error {
		if err := in.open(v); err != nil {
			return err
		}
		c, err := in.clauseNo(v)
		if err == nil {
			in.No, in.Digest = c.No, v.R.PostFormValue("digest")
		}
		return err
	},
	Do: func(v *page.Visit, in *writing) (page.Done, error) {
		text := *in.draft.Form
		text.Clauses = slices.DeleteFunc(slices.Clone(text.Clauses), func(c agreement.Clause) bool { return c.No == in.No })
		_, proven, err := v.Agreements.Draft(v.Context(), v.Journal, v.Actor(), &agreement.Drafting{Draft: in.draft.ID, Digest: in.Digest, Text: text})
		return page.Done{Path: fmt.Sprintf("/head/agreements/draft/%d", in.draft.ID), Code: proven.Code}, err
	},
}
