// Package registry is the pages of those who keep the register of persons:
// clerks of the registry offices, and the supervisors who approve what takes two.
//
//	home.go        what waits
//	search.go      a person by his number; name.go by his name, which takes two
//	person.go      one person: record, story, family; story.go his moments;
//	               letter.go his letters
//	birth.go       a birth, twins too; event.go what befalls a record afterwards
//	proposals.go   what waits for a second person; proposal.go one of them
//	shenasnameh.go booklets; residence.go homes and the certificate of them
//	card.go        a person's cards; cards.go hours, blanks, batches and runs
//	access.go      the code with which a citizen looks at what is his
//	ref.go         references to persons in addresses; words.go, control.go
//
// A person's pages stand under a reference that only the officer for whom it
// was made can use, with the reason for which he opened the record: each look
// is an entry of the log.
package registry

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/register"
)

// staff are those for whom these pages are, seniors those who approve.
var (
	staff   = []string{register.Clerk, register.Supervisor}
	seniors = []string{register.Supervisor}
)

// Room is these pages.
func Room() page.Room {
	return page.Room{Name: "registry", Menu: menu(), Routes: slices.Concat(
		[]page.Route{get("/registry", home)},
		searchRoutes(), nameRoutes(), personRoutes(), birthRoutes(), eventRoutes(), proposalRoutes(),
		shenasnamehRoutes(), residenceRoutes(), cardRoutes(), calendarRoutes(), stockRoutes(), runRoutes(), accessRoutes(),
	)}
}

func get(path string, serve func(*page.Visit) error) page.Route {
	return page.Route{Method: http.MethodGet, Path: path, Roles: staff, Serve: serve}
}

func menu() []page.Item {
	item := func(group, path, key, icon string, count func(*page.Visit) int) page.Item {
		if group != "" {
			group = "console.registry.menu." + group
		}
		return page.Item{Path: path, Key: "console.registry.menu." + key, Icon: icon, Roles: staff, Group: group, Count: count}
	}
	return []page.Item{
		item("", "/registry", "home", "desk", nil),
		item("persons", "/registry/persons", "search", "search", nil),
		item("persons", "/registry/names", "names", "people", searchesToDecide),
		item("life", "/registry/births", "birth", "plus", nil),
		item("life", "/registry/proposals", "proposals", "check", proposalsToDecide),
		item("cards", "/registry/hours", "hours", "calendar", nil),
		item("cards", "/registry/timetables", "timetables", "clock", nil),
		item("cards", "/registry/stock", "stock", "box", nil),
		item("cards", "/registry/runs", "runs", "gear", nil),
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
