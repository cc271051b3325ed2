package registry

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func shenasnamehRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/registry/persons/{ref}/booklets", booklets)},
		issueBooklet.Routes(), reissueBooklet.Routes(), annulBooklet.Routes())
}

// booklets lists the shenasnamehs that a person has or had, the newest first.
func booklets(v *page.Visit) error {
	r, err := refOf(v)
	if err != nil {
		return err
	}
	all, _, err := v.Persons.Shenasnamehs(v.Context(), v.Journal, v.Actor(), r.reading())
	if err != nil {
		return err
	}
	t := &page.Table{Title: v.T("console.registry.booklets.list"), Empty: v.T("console.registry.booklets.none"), Columns: page.Head(
		v.T("console.registry.field.booklet"), v.T("console.field.shenasnameh_number"), v.T("console.registry.field.issued"),
		v.T("console.field.issue_place"), v.T("console.registry.field.reason"), v.T("console.registry.field.standing"),
	)}
	current := false
	for _, b := range slices.Backward(all) {
		state := page.Cell{Text: v.T("console.registry.booklet." + b.State), Tone: page.Good}
		if b.State != "current" {
			state.Tone, state.Small = page.Bad, v.Day(b.EndedOn)
		} else {
			current = true
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Digits(string(b.Serie) + " " + string(b.Serial))}, {Text: dash(v.Digits(b.Number)), Number: true}, {Text: v.Day(b.IssuedOn)},
			{Text: dash(b.Place)}, {Text: dash(reasonOf(v, b.Reason))}, state,
		}})
	}
	at := personPath(v)
	buttons := []page.Button{{Path: at + "/booklets/issue", Text: v.T("console.registry.issue.title"), Icon: "plus"}}
	if current {
		buttons = []page.Button{
			{Path: at + "/booklets/reissue", Text: v.T("console.registry.reissue.title"), Icon: "plus"},
		}
		if v.Role() == register.Supervisor {
			buttons = append(buttons, page.Button{Path: at + "/booklets/annul", Text: v.T("console.registry.annul.title"), Ghost: true})
		}
	}
	return v.Show(page.Screen{
		Title: v.T("console.registry.booklets.title"), Lead: v.T("console.registry.booklets.lead"), Above: toPerson(v), Buttons: buttons,
		Blocks: []any{r.who(v), t},
	})
}

func atBooklet(in *person.BookletIssue) (*ids.NationalNumber, *int64) { return &in.Number, &in.Version }

// issueBooklet issues a first booklet, reissueBooklet one in the place of
// another, annulBooklet ends one without a new one.
var (
	issueBooklet = onPerson("console.registry.issue.", "booklets/issue", atBooklet,
		func(v *page.Visit) []page.Control {
			return append([]page.Control{office(v)}, grounds(v, "first-booklet", "own-request")...)
		}, alone((*person.Book).IssueShenasnameh))
	reissueBooklet = onPerson("console.registry.reissue.", "booklets/reissue", atBooklet,
		func(v *page.Visit) []page.Control {
			return append([]page.Control{office(v)}, grounds(v, "lost", "worn", "item-changed")...)
		}, alone((*person.Book).ReissueShenasnameh))
	annulBooklet = dangerous(onPerson("console.registry.annul.", "booklets/annul",
		func(in *person.BookletAnnulment) (*ids.NationalNumber, *int64) { return &in.Number, &in.Version },
		func(v *page.Visit) []page.Control {
			return grounds(v, "court-order", "fictitious-papers", "clerical-error")
		}, alone((*person.Book).AnnulShenasnameh)))
)

// dangerous is a form that one supervisor sends and that cannot be taken back.
func dangerous[In any](f page.Form[In]) page.Form[In] {
	f.Danger, f.Roles = true, seniors
	return f
}
