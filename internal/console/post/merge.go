package post

import (
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
)

// merging is a merger as a form.
type merging struct {
	register.Grounds
	Codes []ids.PostalCode `json:"postal_codes"`
	Area  place.AreaCode   `json:"area_code"`
	Into  place.Successor  `json:"into"`
}

// merge ends places and assigns the one that they become.
var merge = page.Form[merging]{
	Path: "/post/merge", Roles: posts.roles, Key: "console.post.merge.", Danger: true,
	Controls: func(v *page.Visit, _ *merging) ([]page.Control, error) {
		all := []page.Control{{Name: "postal_codes", Kind: page.Lines, Label: "console.post.field.postal_codes"}}
		all = append(all, legend("console.post.merge.into", append(address("into.address.", "", "house_number", "floor", "side", "building"),
			page.Control{Name: "into.postal_code", Kind: page.Postal, Optional: true, Label: "console.post.field.own_code"},
			page.Control{Name: "area_code", Kind: page.Digit, Optional: true, Label: "console.post.field.area_code"}))...)
		return append(all, grounds(v, "union", "correction", "municipal-report", "own-request")...), nil
	},
	Do: func(v *page.Visit, in *merging) (page.Done, error) {
		act := &place.Merging{Grounds: in.Grounds, Area: in.Area, Into: in.Into}
		for _, c := range in.Codes {
			act.Places = append(act.Places, place.Seen{Code: c})
		}
		done, proven, err := v.Places.Merge(v.Context(), v.Journal, v.Actor(), act)
		if err != nil {
			return page.Done{}, renamed(err, func(field string) string { return strings.Replace(field, "places", "postal_codes", 1) })
		}
		return page.Done{Path: pathOf(v, done.Places[0].Code), Code: proven.Code}, nil
	},
}
