package head

import (
	"fmt"
	"strings"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
)

// terms is what an agreement says beside its clauses.
type terms struct {
	ServiceID string       `json:"service_id"`
	From      persian.Date `json:"from"`
	Until     persian.Date `json:"until"`
}

func termControls() []page.Control {
	return []page.Control{
		{Name: "from", Kind: page.Date, Label: "agreement.member.from", Legend: "console.head.terms.legend"},
		{Name: "until", Kind: page.Date, Label: "agreement.member.until"},
		{Name: "service_id", Kind: page.Digit, Label: "agreement.member.service_id"},
	}
}

// named gives the registry's identifier the name that it has in the form.
func named(err error) error {
	f := fault.Of(err)
	if f == nil {
		return nil
	}
	rename := func(e *fault.Error) *fault.Error {
		c := *e
		switch c.Field {
		case "text.service":
			c.Field = "service_id"
		case "text.from", "text.until":
			c.Field = strings.TrimPrefix(c.Field, "text.")
		}
		c.More = nil
		return &c
	}
	out := rename(f)
	for _, one := range f.More {
		out.More = append(out.More, rename(one))
	}
	return out
}

// retermed is a draft with other terms.
type retermed struct {
	terms
	Digest string `json:"digest"`

	draft *agreement.Draft
}

var editTerms = page.Form[retermed]{
	Path: "/head/agreements/draft/{id}/terms", Roles: only, Key: "console.head.terms.edit.",
	Begin: func(v *page.Visit, in *retermed) error {
		w := writing{}
		if err := w.open(v); err != nil {
			return err
		}
		if in.draft = w.draft; asking(v) {
			f := in.draft.Form
			in.Digest, in.terms = w.Digest, terms{ServiceID: f.Service, From: f.From, Until: f.Until}
		}
		return nil
	},
	Above: func(v *page.Visit, in *retermed) *page.Link { return draftLink(v, in.draft.ID) },
	Controls: func(*page.Visit, *retermed) ([]page.Control, error) {
		return append(termControls(), page.Control{Name: "digest", Kind: page.Carried}), nil
	},
	Do: func(v *page.Visit, in *retermed) (page.Done, error) {
		text := *in.draft.Form
		text.Service, text.From, text.Until = persian.ASCII(in.ServiceID), in.From, in.Until
		_, proven, err := v.Agreements.Draft(v.Context(), v.Journal, v.Actor(), &agreement.Drafting{Draft: in.draft.ID, Digest: in.Digest, Text: text})
		return page.Done{Path: fmt.Sprintf("/head/agreements/draft/%d", in.draft.ID), Code: proven.Code}, named(err)
	},
}

// opening is a new agreement with its first clause.
type opening struct {
	terms
	agreement.Clause
}

var newAgreement = page.Form[opening]{
	Path: "/head/agreements/new/{service}", Roles: only, Key: "console.head.clause.",
	Begin: func(v *page.Visit, in *opening) error {
		name, err := serviceNamed(v)
		if err != nil {
			return err
		}
		in.Service, in.No = name, 1
		if !asking(v) {
			return nil
		}
		today := persian.DateOf(v.Clock())
		in.From, in.Until = today, today.AddYears(1).AddDays(-1)
		if all := v.Agreements.Of(v.Asker.Agency.ID); len(all) > 0 {
			in.ServiceID = all[len(all)-1].Service
		}
		return nil
	},
	Above: func(v *page.Visit, _ *opening) *page.Link {
		return &page.Link{Path: "/head/agreements/new", Text: v.T("console.head.new.title")}
	},
	Around: func(v *page.Visit, in *opening) ([]any, error) {
		return []any{page.Note{Tone: page.Info, Title: v.T("console.head.new.first", service(v, in.Service)), Text: v.T("console.head.clause.about")}}, nil
	},
	Controls: func(v *page.Visit, in *opening) ([]page.Control, error) {
		return append(termControls(), clauseControls(v, &in.Clause)...), nil
	},
	Do: func(v *page.Visit, in *opening) (page.Done, error) {
		tidy(&in.Clause)
		d, proven, err := v.Agreements.Draft(v.Context(), v.Journal, v.Actor(), &agreement.Drafting{Text: agreement.Form{
			Service: persian.ASCII(in.ServiceID), From: in.From, Until: in.Until, Clauses: []agreement.Clause{in.Clause},
		}})
		if err != nil {
			return page.Done{}, named(page.Moved(err, "text.clauses.0", ""))
		}
		return page.Done{Path: fmt.Sprintf("/head/agreements/draft/%d", d.ID), Code: proven.Code}, nil
	},
}
