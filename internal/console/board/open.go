package board

import (
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

// opening names a case and the inquiry that it is about.
type opening struct {
	Audit int64            `json:"case"`
	Code  ids.TrackingCode `json:"code"`
}

// errCase is said of a number and a code that do not belong together, whichever
// of them is wrong.
var errCase = fault.New(fault.NotFound, "console.board.open.unknown").At("case")

// open goes to an inquiry's record. An inspector sees a record only as a part
// of a case: its number and the tracking code have to be known both, and the
// page that follows writes the entry.
var open = page.Form[opening]{
	Path: "/inspector/open", Roles: inspectors, Key: "console.board.open.",
	Controls: func(*page.Visit, *opening) ([]page.Control, error) {
		return []page.Control{{Name: "case", Kind: page.Digit}, {Name: "code", Kind: page.TrackCode}}, nil
	},
	Around: func(v *page.Visit, _ *opening) ([]any, error) {
		return []any{page.Note{Tone: page.Info, Title: v.T("console.board.open.note"), Text: v.T("console.board.open.note.text")}}, nil
	},
	Do: func(v *page.Visit, in *opening) (page.Done, error) {
		all, err := v.Audits.List(v.Context(), v.Actor(), &audit.Filter{After: in.Audit - 1, Limit: 1})
		if err != nil {
			return page.Done{}, err
		}
		if len(all) == 0 || all[0].ID != in.Audit || all[0].Code != in.Code {
			return page.Done{}, errCase
		}
		return page.Done{Path: at("/board/audits/", in.Audit)}, nil
	},
}
