package head

import (
	"fmt"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
)

var appeal = page.Form[compliance.Appealing]{
	Path: "/head/evaluations/{id}/appeal", Roles: only, Key: "console.head.appeal.", Files: maxPaper,
	Begin: func(v *page.Visit, in *compliance.Appealing) (err error) {
		if in.ID, err = v.Number("id"); err == nil {
			_, err = unitOf(v, in.ID)
		}
		return err
	},
	Above: func(v *page.Visit, in *compliance.Appealing) *page.Link {
		return &page.Link{Path: fmt.Sprintf("/head/evaluations/%d", in.ID), Text: v.T("console.head.evaluation.back")}
	},
	Controls: func(v *page.Visit, in *compliance.Appealing) ([]page.Control, error) {
		u, err := unitOf(v, in.ID)
		if err != nil {
			return nil, err
		}
		of := page.Control{Name: "criterion", Kind: page.Choose1, Options: []page.Option{{Text: v.T("console.form.choose")}}}
		if u != nil {
			for _, c := range u.Whole.Criteria {
				of.Options = append(of.Options, page.Option{
					Value: c.Criterion, Text: v.T("console.head.appeal.option", v.T("evaluation.criterion."+c.Criterion), points(v, c.Points), v.Count(c.Weight)),
				})
			}
		}
		return []page.Control{of, {Name: "grounds", Kind: page.LongText}, document(), paperFile("sha256")}, nil
	},
	Do: func(v *page.Visit, in *compliance.Appealing) (page.Done, error) {
		in.Paper = digest(in.Paper)
		_, proven, err := v.Compliance.Appeal(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: fmt.Sprintf("/head/evaluations/%d", in.ID), Code: proven.Code}, reworded(err)
	},
}
