package registry

import (
	"cmp"
	"maps"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

// home is what waits, and the ways to the daily work.
func home(v *page.Visit) error {
	tiles, queue, err := waiting(v)
	if err != nil {
		return err
	}
	chart, err := recent(v)
	if err != nil {
		return err
	}
	return v.Show(page.Screen{
		Title: v.T("console.registry.home.title"), Lead: v.Today(),
		Buttons: []page.Button{
			{Path: "/registry/persons", Text: v.T("console.registry.search.title"), Icon: "search"},
			{Path: "/registry/births", Text: v.T("console.registry.birth.title"), Icon: "plus", Ghost: true},
		},
		Blocks: []any{tiles, queue, chart, shortCuts(v)},
	})
}

// waiting is what waits: for a supervisor others' proposals, for a clerk his
// own.
func waiting(v *page.Visit) (page.Tiles, *page.Table, error) {
	all, more, err := v.Persons.Proposals(v.Context(), v.Actor(), &person.Proposals{State: "waiting"})
	if err != nil {
		return nil, nil, err
	}
	senior := v.Role() == register.Supervisor
	mine := slices.DeleteFunc(slices.Clone(all), func(p person.Proposal) bool { return !same(p.By, v.Actor()) })
	others := slices.DeleteFunc(all, func(p person.Proposal) bool { return same(p.By, v.Actor()) })
	many := func(n int) string {
		if more {
			return v.T("console.registry.home.more", v.Count(int64(n)))
		}
		return v.Count(int64(n))
	}
	tile := func(key, value, path string, n int64) page.Tile {
		return page.Tile{Label: v.T("console.registry.home." + key), Value: value, Note: v.T("console.registry.home." + key + ".note"), Tone: toneOfCount(n), Path: path}
	}
	tiles := page.Tiles{tile("mine", many(len(mine)), "/registry/proposals?view=mine", int64(len(mine)))}
	shown := mine
	if senior {
		shown = others
		tiles = slices.Insert(tiles, 0, tile("approve", many(len(others)), "/registry/proposals", int64(len(others))))
		n := searchesToDecide(v)
		tiles = append(tiles, tile("searches", v.Count(int64(n)), "/registry/names", int64(n)))
		blanks, err := blankCards(v)
		if err != nil {
			return nil, nil, err
		}
		tiles = append(tiles, page.Tile{Label: v.T("console.registry.stock.blanks"), Value: v.Count(blanks), Path: "/registry/stock"})
	}
	short, err := v.Persons.BookletStocks(v.Context(), v.Actor(), &person.StockQuery{Below: low})
	if err != nil {
		return nil, nil, err
	}
	tiles = append(tiles, tile("short", v.Count(int64(len(short))), "/registry/stock", int64(len(short))))
	t := proposalTable(v, shown[:min(len(shown), 8)])
	t.Title, t.Empty = v.T("console.registry.home.queue"), v.T("console.registry.home.queue.none")
	if !senior {
		t.Title = v.T("console.registry.home.queue.mine")
	}
	return tiles, t, nil
}

// lately is how many of the last changes the picture counts at most, and pictured
// how many days it shows.
const (
	lately   = 2000
	pictured = 14
)

// recent pictures the last days' changes of the register. It counts changes, and
// names nobody.
func recent(v *page.Visit) (*page.Chart, error) {
	counts, err := countChanges(v)
	if err != nil || len(counts) == 0 {
		return nil, err
	}
	kinds := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(sum(counts[b]), sum(counts[a])), cmp.Compare(a, b)) })
	kinds = kinds[:min(len(kinds), 3)]
	c := page.Chart{Title: v.T("console.registry.home.chart"), Kind: page.Columns, Label: v.T("console.registry.field.day")}
	for _, k := range kinds {
		c.Series = append(c.Series, v.Known("console.registry.event.", k))
	}
	today := persian.DateOf(v.Clock())
	for back := pictured - 1; back >= 0; back-- {
		day := today.AddDays(-back)
		p := page.Point{Label: short(v, day)}
		for _, k := range kinds {
			p.Values = append(p.Values, float64(counts[k][day]))
		}
		c.Points = append(c.Points, p)
	}
	return v.Chart(c), nil
}

func sum(days map[persian.Date]int) (n int) {
	for _, d := range days {
		n += d
	}
	return n
}

// countChanges counts the last changes of those days, by their kind.
func countChanges(v *page.Visit) (map[string]map[persian.Date]int, error) {
	head, err := v.Persons.ChangeHead(v.Context())
	if err != nil {
		return nil, err
	}
	all, err := v.Persons.Changes(v.Context(), max(head-lately, 0), lately)
	if err != nil {
		return nil, err
	}
	first := persian.DateOf(v.Clock()).AddDays(1 - pictured)
	by := map[string]map[persian.Date]int{}
	for i := range all {
		day := persian.DateOf(all[i].At)
		if day.Compare(first) < 0 || all[i].Kind == "import" {
			continue
		}
		if by[all[i].Kind] == nil {
			by[all[i].Kind] = map[persian.Date]int{}
		}
		by[all[i].Kind][day]++
	}
	return by, nil
}

// shortCuts are the ways to the rest.
func shortCuts(v *page.Visit) page.Choices {
	var all page.Choices
	for _, c := range []struct{ key, icon, path string }{
		{"names", "people", "/registry/names"}, {"hours", "calendar", "/registry/hours"}, {"stock", "box", "/registry/stock"}, {"runs", "gear", "/registry/runs"},
	} {
		all = append(all, page.Choice{
			Title: v.T("console.registry." + c.key + ".title"), Text: v.T("console.registry." + c.key + ".lead"), Icon: c.icon,
			Links: []page.Link{{Path: c.path, Text: v.T("console.registry.home.go")}},
		})
	}
	return all
}
