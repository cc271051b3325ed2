package officer

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
)

// matching asks whether a code and a number belong together.
type matching struct {
	Code   ids.TrackingCode   `json:"code"`
	Number ids.NationalNumber `json:"national_number"`
}

// match is the page that tells whether the code on a paper is of an inquiry
// about the person who shows it. Asking is an entry, and wrong tries on a code
// are counted.
var match = page.Form[matching]{
	Path: "/officer/match", Roles: only, Key: "console.officer.match.",
	Controls: func(*page.Visit, *matching) ([]page.Control, error) {
		return []page.Control{{Name: "code", Kind: page.TrackCode}, {Name: "national_number", Kind: page.National}}, nil
	},
	Do: func(v *page.Visit, in *matching) (page.Done, error) {
		matches, proven, err := v.Desk.MatchCode(v.Context(), *v.Asker, in.Code, in.Number)
		if err != nil {
			return page.Done{}, err
		}
		note := page.Note{Tone: page.Bad, Title: v.T("console.officer.match.no"), Text: v.T("console.officer.match.no.text")}
		if matches {
			note = page.Note{Tone: page.Good, Title: v.T("console.officer.match.yes"), Text: v.T("console.officer.match.yes.text")}
		}
		return page.Done{Screen: &page.Screen{
			Title: v.T("console.officer.match.result"), Slim: true, Buttons: []page.Button{{Path: "/officer/match", Text: v.T("console.officer.match.again"), Ghost: true}},
			Blocks: []any{note, page.Code{Label: v.T("console.officer.match.entry"), Code: string(proven.Code), Text: v.T("console.officer.match.entry.text")}},
		}}, nil
	},
}
