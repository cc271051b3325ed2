package head

import (
	"fmt"
	"strconv"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
)

// ending is the end of an agreement, of the version that was shown.
type ending struct {
	agreement.Order
	Version string `json:"was"`
}

var endAgreement = page.Form[ending]{
	Path: "/head/agreements/no/{id}/end", Roles: only, Key: "console.head.end.", Danger: true,
	Begin: func(v *page.Visit, in *ending) (err error) {
		if in.ID, err = v.Number("id"); err != nil || !asking(v) {
			return err
		}
		a, err := ownAgreement(v, in.ID)
		if err == nil {
			in.Version = strconv.Itoa(a.Version)
		}
		return err
	},
	Around: func(v *page.Visit, in *ending) ([]any, error) {
		return []any{page.Note{Tone: page.Warn, Title: v.T("console.head.agreement.title", v.Count(in.ID)), Text: v.T("console.head.end.warn")}}, nil
	},
	Controls: func(v *page.Visit, _ *ending) ([]page.Control, error) {
		return []page.Control{
			reason(v, "agreement", "no-longer-needed", "task-moved", "replaced", "other"), document(),
			{Name: "was", Kind: page.Carried},
		}, nil
	},
	Do: func(v *page.Visit, in *ending) (page.Done, error) {
		a, err := ownAgreement(v, in.ID)
		if err != nil {
			return page.Done{}, err
		}
		if strconv.Itoa(a.Version) != in.Version {
			return page.Done{}, page.ErrChanged
		}
		_, proven, err := v.Agreements.Turn(v.Context(), v.Journal, v.Actor(), agreement.Ended, &in.Order)
		return page.Done{Path: fmt.Sprintf("/head/agreements/no/%d", in.ID), Code: proven.Code}, err
	},
}

// ownAgreement is the newest version of one that the visitor may see.
func ownAgreement(v *page.Visit, id int64) (*agreement.Agreement, error) {
	all, err := v.Agreements.Versions(v.Context(), v.Actor(), id)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// amending asks for a draft of the next version.
type amending struct {
	ID int64 `json:"agreement"`
}

var amend = page.Form[amending]{
	Path: "/head/agreements/no/{id}/amend", Roles: only, Key: "console.head.amend.",
	Begin: func(v *page.Visit, in *amending) (err error) {
		in.ID, err = v.Number("id")
		return err
	},
	Controls: func(v *page.Visit, in *amending) ([]page.Control, error) {
		_, err := ownAgreement(v, in.ID)
		return []page.Control{}, err
	},
	Around: func(v *page.Visit, in *amending) ([]any, error) {
		blocks := []any{page.Text{v.T("console.head.amend.text")}}
		_, drafts, err := v.Agreements.List(v.Context(), v.Actor(), &agreement.Filter{Drafts: true, Open: true, Newest: true})
		for _, d := range drafts {
			if d.Agreement == in.ID {
				blocks = append(blocks, page.Note{
					Tone: page.Warn, Text: v.T("console.head.amend.there", v.Count(d.ID)),
					Links: []page.Link{{Path: fmt.Sprintf("/head/agreements/draft/%d", d.ID), Text: v.T("console.head.draft.no", v.Count(d.ID))}},
				})
			}
		}
		return blocks, err
	},
	Do: func(v *page.Visit, in *amending) (page.Done, error) {
		d, proven, err := v.Agreements.Amend(v.Context(), v.Journal, v.Actor(), in.ID)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: fmt.Sprintf("/head/agreements/draft/%d", d.ID), Code: proven.Code}, nil
	},
}
