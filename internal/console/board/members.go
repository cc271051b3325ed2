package board

import (
	"slices"

	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
)

// memberList tells who sits in the board for which body, and who did.
func memberList(v *page.Visit) error {
	all, err := v.Board.Members(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	day := today(v)
	now := &page.Table{Title: v.T("console.board.members.now"), Columns: heads(v, "body", "member", "office", "from", "until")}
	past := &page.Table{
		Title: v.T("console.board.members.past"), Empty: v.T("console.board.members.past.none"), Columns: heads(v, "body", "member", "office", "from", "until"),
	}
	for _, body := range boards.Bodies {
		at := slices.IndexFunc(all, func(m boards.Member) bool {
			return m.Body == body && m.From.Compare(day) <= 0 && day.Compare(m.Until) <= 0
		})
		if at < 0 {
			now.Rows = append(now.Rows, page.Row{Tone: page.Warn, Cells: []page.Cell{{Text: bodyName(v, body)}, {Text: v.T("console.board.members.empty"), Tone: page.Warn}, {}, {}, {}}})
		}
	}
	for i := range all {
		m := &all[i]
		row := page.Row{Cells: []page.Cell{
			{Text: bodyName(v, m.Body), Small: v.AgencyName(m.Agency)},
			{Text: officerName(v, m.Agency, m.Login)},
			{Text: officeName(v, m.Office)},
			dayCell(v, m.From), dayCell(v, m.Until),
		}}
		if m.From.Compare(day) <= 0 && day.Compare(m.Until) <= 0 {
			now.Rows = append(now.Rows, row)
		} else {
			past.Rows = append(past.Rows, row)
		}
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.members.title"), Lead: v.T("console.board.members.lead"), Blocks: []any{now, past},
	})
}

// officeName is the office of a member; most have none.
func officeName(v *page.Visit, office string) string {
	if office == "" {
		return "–"
	}
	return v.T("console.board.office." + office)
}
