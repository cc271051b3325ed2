package board

import (
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
)

// patternAt is the pattern of a number.
func patternAt(v *page.Visit, id int64) (*audit.Pattern, error) {
	all, err := v.Audits.Patterns(v.Context(), v.Actor(), &audit.PatternFilter{After: id - 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].ID != id {
		return nil, page.NotFound()
	}
	return &all[0], nil
}

// examine shows a pattern, and takes what the inspector makes of it.
var examine = page.Form[audit.Finding]{
	Path: "/inspector/patterns/{pattern}", Roles: inspectors, Key: "console.board.examine.", Wide: true,
	Begin: func(v *page.Visit, in *audit.Finding) (err error) {
		in.Pattern, err = v.Number("pattern")
		return err
	},
	Above: func(v *page.Visit, _ *audit.Finding) *page.Link {
		return &page.Link{Path: "/inspector/patterns", Text: v.T("console.board.patterns.title")}
	},
	Around: func(v *page.Visit, in *audit.Finding) ([]any, error) {
		p, err := patternAt(v, in.Pattern)
		if err != nil {
			return nil, err
		}
		const key = "console.board.pattern.tile."
		facts := []page.Fact{
			fact(v, "agency", v.AgencyName(p.Agency)), fact(v, "officer", page.Isolated(p.Officer)),
			{Label: v.T("console.board.fact.draw"), Value: v.No(p.Draw), Path: at("/inspector/draws/", p.Draw)},
			fact(v, "found", v.Moment(p.Found)), stateFact(v, "state", "pattern", p.State.String()),
		}
		if p.State != audit.New {
			facts = append(facts, fact(v, "decided_by", page.Isolated(p.Decider)), fact(v, "ended", v.Moment(p.Decided)), fact(v, "reason", p.Reason))
		}
		return []any{
			page.Note{Tone: page.Info, Title: patternName(v, p), Text: v.T("console.board.pattern_text." + p.Kind)},
			page.Tiles{
				{Label: v.T(key + "observed"), Value: v.Count(p.Observed), Note: v.T(key+"observed.note", v.Count(p.Asked)), Tone: page.Warn},
				{Label: v.T(key + "expected"), Value: expectedText(v, p), Note: v.T(key + "expected.note")},
				{Label: v.T(key + "chance"), Value: chanceText(v, p.Chance), Note: v.T(key + "chance.note"), Tone: page.Bad, Words: true},
			},
			page.Pair{
				Main: []any{rateChart(v, p), page.Note{Title: v.T("console.board.pattern.codes"), Text: v.T("console.board.pattern.codes.text"), Lines: codeLines(p.Codes)}},
				Side: []any{page.Facts{Title: v.T("console.board.pattern.facts"), List: facts}},
			},
		}, nil
	},
	Controls: func(v *page.Visit, _ *audit.Finding) ([]page.Control, error) {
		return []page.Control{
			{Name: "decision", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "console.board.examine.decision.", "explained", "audited"))},
			{Name: "reason", Kind: page.LongText},
		}, nil
	},
	Do: func(v *page.Visit, in *audit.Finding) (page.Done, error) {
		_, proven, err := v.Audits.Examine(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/inspector/patterns?state=new", Code: proven.Code}, err
	},
}
