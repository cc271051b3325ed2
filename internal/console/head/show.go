package head

import (
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
)

var show = page.Form[audit.Showing]{
	Path: "/head/audits/{id}/show", Roles: only, Key: "console.head.show.", Files: maxPaper,
	Begin: func(v *page.Visit, in *audit.Showing) error {
		c, err := caseOf(v)
		if err == nil {
			in.Audit = c.ID
		}
		return err
	},
	Above: func(v *page.Visit, in *audit.Showing) *page.Link { return caseLink(v, in.Audit) },
	Around: func(v *page.Visit, _ *audit.Showing) ([]any, error) {
		c, err := caseOf(v)
		if err != nil {
			return nil, err
		}
		return []any{caseNote(v, c), caseFacts(v, c)}, nil
	},
	Controls: func(v *page.Visit, _ *audit.Showing) ([]page.Control, error) {
		c, err := caseOf(v)
		if err != nil {
			return nil, err
		}
		paper := paperFile("document_sha256")
		paper.Optional = true
		return []page.Control{
			{Name: "file", Kind: page.Words}, purposeControl(v, c), {Name: "words", Kind: page.Words}, {Name: "ground", Kind: page.LongText}, paper,
		}, nil
	},
	Do: func(v *page.Visit, in *audit.Showing) (page.Done, error) {
		in.Paper = digest(in.Paper)
		_, proven, err := v.Audits.Show(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: fmt.Sprintf("/head/audits/%d", in.Audit), Code: proven.Code}, err
	},
}

// purposeControl offers the purposes of the clause that permitted the inquiry;
// where it names none the code is typed.
func purposeControl(v *page.Visit, c *audit.Case) page.Control {
	control := page.Control{Name: "purpose", Kind: page.Latin}
	a, ok := v.Agreements.Version(c.Agreement, c.Version)
	if !ok {
		return control
	}
	at := slices.IndexFunc(a.Clauses, func(one agreement.Clause) bool { return one.No == c.Clause })
	if at < 0 || len(a.Clauses[at].Purposes) == 0 {
		return control
	}
	control.Kind = page.Choose1
	control.Options = page.Blank(v.T("console.form.choose"), page.Choose(a.Clauses[at].Purposes, "", v.Word))
	return control
}

var protest = page.Form[audit.Protest]{
	Path: "/head/audits/{id}/appeal", Roles: only, Key: "console.head.protest.",
	Begin: func(v *page.Visit, in *audit.Protest) error {
		c, err := caseOf(v)
		if err == nil {
			in.Audit = c.ID
		}
		return err
	},
	Above: func(v *page.Visit, in *audit.Protest) *page.Link { return caseLink(v, in.Audit) },
	Around: func(v *page.Visit, _ *audit.Protest) ([]any, error) {
		c, err := caseOf(v)
		if err != nil {
			return nil, err
		}
		return []any{caseNote(v, c), narrowed(v, c), dossier(v, c)}, nil
	},
	Controls: func(*page.Visit, *audit.Protest) ([]page.Control, error) {
		return []page.Control{{Name: "text", Kind: page.LongText}}, nil
	},
	Do: func(v *page.Visit, in *audit.Protest) (page.Done, error) {
		_, proven, err := v.Audits.Appeal(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: fmt.Sprintf("/head/audits/%d", in.Audit), Code: proven.Code}, err
	},
}
