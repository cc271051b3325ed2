package board

import (
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
)

// aboveAudit leads back to the case.
func aboveAudit(v *page.Visit, id int64) *page.Link {
	return &page.Link{Path: at("/board/audits/", id), Text: v.T("console.board.audit.title", v.No(id))}
}

// briefly is what a case is about, for who decides it. The record is on the
// case's own page, where reading it is an entry.
func briefly(v *page.Visit, id int64) ([]any, error) {
	all, err := v.Audits.List(v.Context(), v.Actor(), &audit.Filter{After: id - 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].ID != id {
		return nil, page.NotFound()
	}
	return []any{dossier(v, &all[0]), caseFacts(v, &all[0])}, nil
}

// judge closes a case whose dossier was shown.
var judge = page.Form[audit.Judgement]{
	Path: "/inspector/audits/{audit}/judge", Roles: inspectors, Key: "console.board.judge.", Danger: true, Wide: true,
	Begin: func(v *page.Visit, in *audit.Judgement) (err error) {
		in.Audit, err = v.Number("audit")
		return err
	},
	Above:  func(v *page.Visit, in *audit.Judgement) *page.Link { return aboveAudit(v, in.Audit) },
	Around: func(v *page.Visit, in *audit.Judgement) ([]any, error) { return briefly(v, in.Audit) },
	Controls: func(v *page.Visit, _ *audit.Judgement) ([]page.Control, error) {
		return []page.Control{
			{Name: "outcome", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "console.board.judge.outcome.", "justified", "misuse"))},
			{Name: "reason", Kind: page.LongText},
		}, nil
	},
	Do: func(v *page.Visit, in *audit.Judgement) (page.Done, error) {
		_, proven, err := v.Audits.Judge(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/board/audits?state=shown", Code: proven.Code}, err
	},
}

// decide ends an agency's appeal against a judgement.
var decide = page.Form[audit.Decision]{
	Path: "/board/audits/{audit}/decide", Roles: both, Key: "console.board.decide.", Danger: true, Wide: true,
	Begin: func(v *page.Visit, in *audit.Decision) (err error) {
		in.Audit, err = v.Number("audit")
		return err
	},
	Above:  func(v *page.Visit, in *audit.Decision) *page.Link { return aboveAudit(v, in.Audit) },
	Around: func(v *page.Visit, in *audit.Decision) ([]any, error) { return briefly(v, in.Audit) },
	Controls: func(v *page.Visit, _ *audit.Decision) ([]page.Control, error) {
		return []page.Control{
			{Name: "decision", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "console.board.decide.decision.", "upheld", "rejected"))},
			{Name: "reason", Kind: page.LongText},
		}, nil
	},
	Do: func(v *page.Visit, in *audit.Decision) (page.Done, error) {
		_, proven, err := v.Audits.Decide(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/board/audits?state=appealed", Code: proven.Code}, err
	},
}
