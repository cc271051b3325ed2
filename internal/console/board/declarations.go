package board

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

func declarationRoutes() []page.Route {
	return slices.Concat([]page.Route{
		page.Get("/board/declarations", both, declarations),
		page.Get("/board/declarations/{agency}/{clause}", both, declaration),
	}, judgeItem.Routes())
}

// declarations lists what agencies have declared and no inspector has judged,
// those that wait longest first; or all duties of one agency.
func declarations(v *page.Visit) error {
	q := v.R.URL.Query()
	var of ids.LegalID
	if text := q.Get("agency"); text != "" && of.UnmarshalText([]byte(page.Bare(text))) != nil {
		return page.NotFound()
	}
	all, more, err := declared(v, of)
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.board.declarations.list"), Empty: v.T("console.board.declarations.none"), More: more,
		Columns: heads(v, "duty", "agency", "state", "at", "proof", "*share", "due"),
		Filter: &page.Filter{
			Path:     "/board/declarations",
			Controls: []page.Input{v.Input("console.board.declarations.", agencyControl(v, "agency", "", true, nil), []string{q.Get("agency")}, page.Mistakes{})},
		},
	}
	if of != 0 {
		t.Title, t.Empty = v.T("console.board.declarations.of", v.AgencyName(of)), v.T("console.board.declarations.of.none")
	}
	for i := range all {
		t.Rows = append(t.Rows, declarationRow(v, &all[i]))
	}
	return v.Show(page.Screen{
		Title: v.T("console.board.declarations.title"), Lead: v.T("console.board.declarations.lead"), Blocks: []any{t},
	})
}

func declarationRow(v *page.Visit, s *compliance.Standing) page.Row {
	when := page.Cell{Text: "–"}
	if s.Version != 0 {
		when = page.Cell{Text: v.ShortDay(persian.DateOf(s.At)), Number: true, Small: roleName(v, s.Role)}
	}
	due := page.Cell{Text: v.T("console.board.declaration.undue")}
	switch {
	case !s.Due.IsZero() && s.State == compliance.Accepted:
		due = dayCell(v, s.Due)
	case !s.Due.IsZero():
		due = dueCell(v, s.Due)
	}
	return page.Row{Cells: []page.Cell{
		{Text: v.Either(s.Fa, s.En), Small: v.Law(s.Clause), Path: itemPath("board", s.Agency, s.Clause)},
		{Text: s.Name}, badge(v, "item", s.State.String()), when, {Text: page.OrDash(s.Document)}, {Text: v.Share(s.Share), Number: true}, due,
	}}
}

// declared are the lines of a page of the list, and where the next page is.
func declared(v *page.Visit, of ids.LegalID) ([]compliance.Standing, string, error) {
	if of != 0 {
		all, err := v.Compliance.List(v.Context(), v.Actor(), &compliance.Filter{Agency: of})
		return all, "", err
	}
	all, err := v.Compliance.Waiting(v.Context(), v.Actor(), lineAfter(v.R.URL.Query().Get("after")), pageRows)
	if err != nil || len(all) < pageRows {
		return all, "", err
	}
	last := &all[len(all)-1]
	return all, v.Next("after", itoa(last.At.UnixMicro())+"_"+last.Agency.String()+"_"+last.Clause), nil
}

// lineAfter reads the line after which a page begins; what is none is the
// beginning.
func lineAfter(text string) (at compliance.Place) {
	parts := strings.SplitN(text, "_", 3)
	if len(parts) != 3 {
		return at
	}
	micros, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || at.Agency.UnmarshalText([]byte(parts[1])) != nil {
		return compliance.Place{}
	}
	at.At, at.Clause = time.UnixMicro(micros), parts[2]
	return at
}

// itemPath is the page of one duty of an agency, in the part of the room that
// is for both or for inspectors.
func itemPath(part string, of ids.LegalID, clause string) string {
	return "/" + part + "/declarations/" + of.String() + "/" + clause
}

// declarationsToJudge counts what waits, for the menu.
func declarationsToJudge(v *page.Visit) int {
	all, _ := v.Compliance.Waiting(v.Context(), v.Actor(), compliance.Place{}, page.MostCounted+1)
	return len(all)
}
