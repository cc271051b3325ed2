package board

import (
	"slices"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
)

// ruling is a decision on an appeal, and the appeal that it is about.
type ruling struct {
	compliance.Ruling
	Decision string `json:"decision"`

	of   *compliance.Appeal
	unit *compliance.Unit
	rule compliance.Criterion
}

// rule decides an agency's appeal against one criterion.
var rule = page.Form[ruling]{
	Path: "/board/evaluations/{evaluation}/appeals/{appeal}", Roles: both, Key: "console.board.rule.", Wide: true,
	Begin: func(v *page.Visit, in *ruling) error {
		id, err := v.Number("appeal")
		if err != nil {
			return err
		}
		found, err := evaluationIn(v, &compliance.OfEvaluation{})
		if err != nil {
			return err
		}
		i := slices.IndexFunc(found.Open, func(a compliance.Appeal) bool { return a.ID == id })
		if i < 0 {
			return page.NotFound()
		}
		in.Appeal, in.of = id, &found.Open[i]
		for _, u := range found.Units {
			if u.ID == in.of.Agency.String() {
				in.unit = u
			}
		}
		for _, c := range found.Formula.Criteria {
			if c.Code == in.of.Criterion {
				in.rule = c
			}
		}
		return nil
	},
	Above: func(v *page.Visit, in *ruling) *page.Link {
		return &page.Link{Path: at("/board/evaluations/", in.of.Evaluation), Text: v.T("console.board.evaluation.back")}
	},
	Around: func(v *page.Visit, in *ruling) ([]any, error) {
		a := in.of
		facts := []page.Fact{
			fact(v, "agency", v.AgencyName(a.Agency)), fact(v, "criterion", v.T("evaluation.criterion."+a.Criterion)), fact(v, "grounds", a.Grounds),
			fact(v, "document", a.Document), numberFact(v, "paper", page.Grouped(a.Paper)), fact(v, "at", v.Moment(a.At)), fact(v, "by", officerName(v, a.Agency, a.By)),
			stateFact(v, "outcome", "appeal", a.Outcome.String()),
		}
		all := []any{page.Facts{Title: v.T("console.board.rule.appeal"), List: facts}}
		if a.Outcome != compliance.Undecided {
			return append([]any{page.Note{Tone: page.Warn, Text: v.T("evaluation.appeal.decided")}}, all...), nil
		}
		var figures []page.Fact
		for _, name := range in.figures() {
			f := page.Fact{Label: v.T("evaluation.figure." + name), Value: v.T("evaluation.state.missing"), Tone: page.Bad}
			if n, ok := in.unit.Raw[name]; ok {
				f.Value, f.Tone = v.Count(n), page.Plain
			}
			figures = append(figures, f)
		}
		return append(all, page.Facts{Title: v.T("console.board.rule.figures"), List: figures}), nil
	},
	Controls: func(v *page.Visit, in *ruling) ([]page.Control, error) {
		return []page.Control{
			{Name: "decision", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "console.board.rule.decision.", "upheld", "rejected"))},
			{
				Name: "figure", Kind: page.Choose1, Optional: true,
				Options: page.Blank(v.T("console.board.rule.no_figure"), options(v, "evaluation.figure.", in.figures()...)),
			},
			{Name: "value", Kind: page.Number, Optional: true},
			{Name: "reason", Kind: page.LongText},
		}, nil
	},
	Do: func(v *page.Visit, in *ruling) (page.Done, error) {
		in.Uphold = in.Decision == "upheld"
		_, proven, err := v.Compliance.Rule(v.Context(), v.Journal, v.Actor(), &in.Ruling)
		return page.Done{Path: at("/board/evaluations/", in.of.Evaluation), Code: proven.Code}, err
	},
}

// figures are those that an appeal against the criterion can put right.
func (in *ruling) figures() (all []string) {
	for _, name := range slices.Concat(in.rule.Take, in.rule.Of) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
