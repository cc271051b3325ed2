package post

import (
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
)

// splitting is a split as a form of up to eight parts; parts of which nothing
// is said are none. A house of more is split by a file.
type splitting struct {
	register.Grounds
	Code    ids.PostalCode  `json:"code"`
	Version int64           `json:"version"`
	Area    place.AreaCode  `json:"area_code"`
	Into1   place.Successor `json:"into1"`
	Into2   place.Successor `json:"into2"`
	Into3   place.Successor `json:"into3"`
	Into4   place.Successor `json:"into4"`
	Into5   place.Successor `json:"into5"`
	Into6   place.Successor `json:"into6"`
	Into7   place.Successor `json:"into7"`
	Into8   place.Successor `json:"into8"`
}

const maxParts = 8

// parts are the parts that something is said of, and their numbers on the form.
func (in *splitting) parts() (into []place.Successor, numbers []int) {
	for i, s := range []place.Successor{in.Into1, in.Into2, in.Into3, in.Into4, in.Into5, in.Into6, in.Into7, in.Into8} {
		if s != (place.Successor{}) {
			into, numbers = append(into, s), append(numbers, i+1)
		}
	}
	return into, numbers
}

// split ends a place and assigns the places it becomes.
var split = page.Form[splitting]{
	Path: "/post/places/{ref}/split", Roles: posts.roles, Key: "console.post.split.", Danger: true,
	Begin: func(v *page.Visit, in *splitting) error {
		p, err := standing(v)
		if err == nil {
			in.Code, in.Version = p.Code, p.Version
		}
		return err
	},
	Above: func(v *page.Visit, in *splitting) *page.Link { return aboveOf(v, in.Code) },
	Controls: func(v *page.Visit, _ *splitting) ([]page.Control, error) {
		all := []page.Control{carried}
		for i := range maxParts {
			below := "into" + strconv.Itoa(i+1) + "."
			one := append(address(below+"address.", "", "house_number", "floor", "side"), page.Control{Name: below + "postal_code", Kind: page.Postal, Optional: true, Label: "console.post.field.own_code"})
			all = append(all, legend("console.post.split.part."+strconv.Itoa(i+1), one)...)
		}
		area := page.Control{Name: "area_code", Kind: page.Digit, Optional: true, Label: "console.post.field.area_code", Legend: "console.post.code"}
		return append(append(all, area), grounds(v, "division", "correction", "municipal-report", "own-request")...), nil
	},
	Do: func(v *page.Visit, in *splitting) (page.Done, error) {
		into, numbers := in.parts()
		_, proven, err := v.Places.Split(v.Context(), v.Journal, v.Actor(), &place.Splitting{Grounds: in.Grounds, Code: in.Code, Version: in.Version, Area: in.Area, Into: into})
		return page.Done{Path: pathOf(v, in.Code), Code: proven.Code}, renamed(err, func(field string) string {
			rest, found := strings.CutPrefix(field, "into.")
			at, rest, _ := strings.Cut(rest, ".")
			i, err := strconv.Atoi(at)
			if !found || err != nil || i >= len(numbers) {
				return field
			}
			return strings.TrimSuffix("into"+strconv.Itoa(numbers[i])+"."+rest, ".")
		})
	},
}
