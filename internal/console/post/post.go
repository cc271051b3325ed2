// Package post is the pages of those who keep the register of places: the
// Post's officers, and those of the municipalities, who see and report their
// own area only.
//
//	home.go       what waits, and how far the plates are
//	progress.go   plates by province, county, locality and quarter
//	places.go     a place found by code or address; place.go one place
//	assign.go     a new code; change.go, split.go, merge.go, retire.go what befalls
//	              places; intake.go many places by a file; changes.go the feed
//	plates.go     entrances and their plates; plate.go one of them; order.go,
//	              plateform.go what is done; platefile.go the same by a file
//	reports.go    monthly reports; submit.go a report of a municipality; report.go
//	              one report; review.go the Post's decision on it; overdue.go who
//	              is late
//	letters.go    letters that the Post delivers; delivery.go what became of them
//	control.go, words.go
//
// Most pages are for both, under /post and under /municipality.
package post

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
)

// side is one of the two kinds of visitors: where their pages stand, and who
// they are.
type side struct {
	base  string
	roles []string
}

var (
	posts = side{"/post", []string{register.Post}}
	towns = side{"/municipality", []string{register.Municipality}}
)

// Room is these pages.
func Room() page.Room {
	room := page.Room{Name: "post", Menu: append(posts.menu(), towns.menu()...)}
	for _, s := range []side{posts, towns} {
		room.Routes = append(room.Routes, slices.Concat(
			[]page.Route{
				s.get("", home), s.get("/progress", progress), s.get("/places/{ref}", onePlace), s.get("/plates", plates),
				s.get("/plates/{id}", plate), s.get("/reports", reports), s.get("/reports/{id}", report),
			},
			s.find().Routes(), s.findAddress().Routes(), s.order().Routes(), s.install().Routes(), s.lose().Routes(), s.plateFile().Routes(),
		)...)
	}
	room.Routes = append(room.Routes, posts.get("/overdue", overdue), posts.get("/changes", changes), posts.get("/changes/file", placesFile),
		posts.get("/letters", campaigns), posts.get("/letters/{id}", campaign), posts.get("/letters/batches/{id}/cover", cover))
	room.Routes = append(room.Routes, slices.Concat(
		assign.Routes(), change.Routes(), split.Routes(), merge.Routes(), retire.Routes(), intake.Routes(), review.Routes(),
		handOver.Routes(), delivered.Routes(), returned.Routes(), deliveredFile.Routes(), returnedFile.Routes(),
		submit.Routes(), submitFile.Routes(),
	)...)
	return room
}

func (s side) get(path string, serve func(*page.Visit) error) page.Route {
	return page.Route{Method: http.MethodGet, Path: s.base + path, Roles: s.roles, Serve: serve}
}

func (s side) menu() []page.Item {
	item := func(group, path, key, icon string) page.Item {
		if group != "" {
			group = "console.post.menu." + group
		}
		return page.Item{Path: s.base + path, Key: "console.post.menu." + key, Icon: icon, Roles: s.roles, Group: group}
	}
	all := []page.Item{item("", "", "home", "desk"), item("places", "/places", "find", "search")}
	if s.base == posts.base {
		all = append(all, item("places", "/assign", "assign", "plus"), item("places", "/merge", "merge", "chain"),
			item("places", "/intake", "intake", "up"), item("places", "/changes", "changes", "clock"))
	}
	all = append(all, item("plates", "/plates", "plates", "place"), item("plates", "/progress", "progress", "chart"),
		item("plates", "/plates/file", "plate_file", "up"))
	waiting := item("reports", "/reports", "reports", "list")
	if s.base == posts.base {
		waiting.Count = reportsWaiting
		return append(all, waiting, item("reports", "/overdue", "overdue", "bell"), item("letters", "/letters", "letters", "letter"))
	}
	return append(all, waiting, item("reports", "/reports/new", "submit", "plus"), item("reports", "/reports/file", "submit_file", "up"))
}

// isPost reports whether the visitor is of the Post.
func isPost(v *page.Visit) bool { return v.Role() == register.Post }

// base is where the visitor's pages stand.
func base(v *page.Visit) string {
	if isPost(v) {
		return posts.base
	}
	return towns.base
}

// area is the part of the country that the visitor's body answers for.
func area(v *page.Visit) place.Area {
	a := v.Asker.Agency
	return place.Area{Province: a.Province, County: a.County, Locality: a.Locality}
}

// pathOf is the page of a place. No code stands in an address.
func pathOf(v *page.Visit, code ids.PostalCode) string {
	return base(v) + "/places/" + v.Seal("place", code.String())
}

// codeOf is the place that the address refers to.
func codeOf(v *page.Visit) (ids.PostalCode, error) {
	text, err := v.Unseal("place", v.R.PathValue("ref"))
	if err != nil {
		return 0, err
	}
	return ids.ParsePostalCode(text)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
