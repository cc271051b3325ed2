package post

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// plate is one entrance: its plate, and the places behind it.
func plate(v *page.Visit) error {
	e, err := entrance(v)
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.post.plate.title", v.Digits(itoa(e.ID))), Lead: at(v, e),
		Above: &page.Link{Path: base(v) + "/plates", Text: v.T("console.post.menu.plates")},
	}
	here := base(v) + "/plates/" + itoa(e.ID)
	if e.State == place.Installed {
		s.Buttons = []page.Button{{Path: here + "/lost", Text: v.T("console.post.lose.link"), Icon: "warn", Ghost: true}}
	} else {
		s.Buttons = []page.Button{{Path: here + "/installed", Text: v.T("console.post.install.link"), Icon: "check"}}
		if e.State != place.Ordered && len(e.Codes) > 0 {
			s.Buttons = append(s.Buttons, page.Button{Path: pathOf(v, e.Codes[0]) + "/plate", Text: v.T("console.post.order.again"), Ghost: true})
		}
	}
	t := &page.Table{Title: v.T("console.post.plate.behind"), Columns: page.Head(v.T("console.field.postal_code")), Empty: v.T("console.post.plate.none")}
	for _, c := range e.Codes {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: code(v, c), Number: true, Path: pathOf(v, c)}}})
	}
	s.Blocks = []any{page.Pair{Main: []any{page.Facts{List: entranceFacts(v, e)}}, Side: []any{t}}}
	return v.Show(s)
}

// entrance is the one that the address names.
func entrance(v *page.Visit) (*place.Entrance, error) {
	id, err := v.Number("id")
	if err != nil {
		return nil, err
	}
	return v.Places.Entrance(v.Context(), v.Actor(), id, area(v))
}

func entranceFacts(v *page.Visit, e *place.Entrance) []page.Fact {
	text, tone := plateState(v, e.State)
	return []page.Fact{
		{Label: v.T("console.post.plate.state"), Value: text, Tone: tone},
		{Label: v.T("console.post.plate.since"), Value: v.Day(e.Since)},
		{Label: v.T("console.post.plate.installer"), Value: dash(e.Installer)},
		{Label: v.T("console.post.plate.at"), Value: at(v, e)},
		{Label: v.T("console.post.plate.codes"), Value: v.Count(int64(len(e.Codes))), Number: true},
	}
}
