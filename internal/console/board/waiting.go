package board

import (
	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
)

// awaiting are the drafts that the visitor can sign: he was in the session, and
// nobody has signed for his body. They are as many as a page shows.
func awaiting(v *page.Visit) ([]boards.Decision, error) {
	return v.Board.Decisions(v.Context(), v.Actor(), &boards.Filter{ToSign: true, Page: boards.Page{Limit: pageRows}})
}

// signNote leads to the drafts that wait for the visitor's signature.
func signNote(v *page.Visit, waiting []boards.Decision) *page.Note {
	if len(waiting) == 0 {
		return nil
	}
	n := &page.Note{Tone: page.Warn, Title: v.T("console.board.dashboard.sign"), Text: v.T("console.board.dashboard.sign.text")}
	for _, d := range waiting {
		n.Links = append(n.Links, page.Link{Path: at("/board/decisions/", d.ID), Text: v.T("console.board.decision.named", v.No(d.ID), excerpt(d.Text, 60))})
	}
	return n
}

// mine is the visitor's membership today; nil: he has none.
func mine(v *page.Visit) (*boards.Member, error) { return v.Board.Seat(v.Context(), v.Actor()) }
