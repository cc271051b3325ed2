package registry

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func stockRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/registry/stock", stock)}, receiveBooklets.Routes(), receiveCards.Routes())
}

// low is how few booklets an office has left before it is told.
const low = 200

// stock is how many booklets the offices have left, and how many blank cards
// there are.
func stock(v *page.Visit) error {
	levels, err := v.Persons.BookletStocks(v.Context(), v.Actor(), &person.StockQuery{})
	if err != nil {
		return err
	}
	var total, short int64
	t := &page.Table{
		Title: v.T("console.registry.stock.booklets"), Note: v.T("console.registry.stock.booklets.note"), Empty: v.T("console.registry.stock.none"),
		Columns: []page.Column{
			{Title: v.T("console.registry.field.office")}, {Title: v.T("console.registry.field.remaining"), Number: true}, {Title: v.T("console.registry.field.standing")},
		},
	}
	for _, l := range levels {
		total += l.Remaining
		state := page.Cell{Text: v.T("console.registry.stock.enough"), Tone: page.Good}
		switch {
		case l.Remaining == 0:
			state = page.Cell{Text: v.T("console.registry.stock.empty"), Tone: page.Bad}
			short++
		case l.Remaining < low:
			state = page.Cell{Text: v.T("console.registry.stock.low"), Tone: page.Warn}
			short++
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: officeOf(v, l.Office)}, {Text: v.Count(l.Remaining), Number: true}, state}})
	}
	tiles := page.Tiles{
		{Label: v.T("console.registry.stock.total"), Value: v.Count(total)},
		{Label: v.T("console.registry.stock.short"), Value: v.Count(short), Tone: toneOfCount(short)},
	}
	screen := page.Screen{Title: v.T("console.registry.stock.title"), Lead: v.T("console.registry.stock.lead")}
	if v.Role() == register.Supervisor {
		blanks, err := blankCards(v)
		if err != nil {
			return err
		}
		tiles = append(tiles, page.Tile{Label: v.T("console.registry.stock.blanks"), Value: v.Count(blanks), Note: v.T("console.registry.stock.blanks.note")})
		screen.Buttons = []page.Button{
			{Path: "/registry/stock/booklets", Text: v.T("console.registry.receive_booklets.title"), Icon: "plus"},
			{Path: "/registry/stock/cards", Text: v.T("console.registry.receive_cards.title"), Icon: "plus", Ghost: true},
		}
	}
	screen.Blocks = []any{tiles, t}
	return v.Show(screen)
}

// blankCards is how many cards can still be personalised.
func blankCards(v *page.Visit) (n int64, err error) {
	levels, err := v.Persons.CardStocks(v.Context(), v.Actor())
	for _, l := range levels {
		n += l.Remaining
	}
	return n, err
}

func toneOfCount(n int64) string {
	if n > 0 {
		return page.Warn
	}
	return page.Good
}

// receiveBooklets and receiveCards register what came in.
var (
	receiveBooklets = page.Form[person.BookletStock]{
		Path: "/registry/stock/booklets", Roles: seniors, Key: "console.registry.receive_booklets.", Above: toStock[person.BookletStock],
		Controls: func(v *page.Visit, _ *person.BookletStock) ([]page.Control, error) {
			return append([]page.Control{
				office(v), own("serie", page.Words), own("first", page.Digit), own("last", page.Digit),
			}, grounds(v, "delivery-note", "transfer")...), nil
		},
		Do: func(v *page.Visit, in *person.BookletStock) (page.Done, error) {
			_, proven, err := v.Persons.ReceiveBooklets(v.Context(), v.Journal, v.Actor(), in)
			return page.Done{Path: "/registry/stock", Code: proven.Code}, err
		},
	}
	receiveCards = page.Form[person.CardStock]{
		Path: "/registry/stock/cards", Roles: seniors, Key: "console.registry.receive_cards.", Above: toStock[person.CardStock],
		Controls: func(v *page.Visit, _ *person.CardStock) ([]page.Control, error) {
			return append([]page.Control{
				own("prefix", page.Latin), own("first", page.Digit), own("last", page.Digit),
			}, grounds(v, "delivery-note", "transfer")...), nil
		},
		Do: func(v *page.Visit, in *person.CardStock) (page.Done, error) {
			_, proven, err := v.Persons.ReceiveCards(v.Context(), v.Journal, v.Actor(), in)
			return page.Done{Path: "/registry/stock", Code: proven.Code}, err
		},
	}
)

func toStock[In any](v *page.Visit, _ *In) *page.Link {
	return &page.Link{Path: "/registry/stock", Text: v.T("console.registry.stock.title")}
}
