package post

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// assign gives a place that has none its postal code.
var assign = page.Form[place.Assigning]{
	Path: "/post/assign", Roles: posts.roles, Key: "console.post.assign.",
	Controls: func(v *page.Visit, _ *place.Assigning) ([]page.Control, error) {
		all := legend("console.post.code", []page.Control{
			{Name: "area_code", Kind: page.Digit, Optional: true, Label: "console.post.field.area_code"},
			{Name: "postal_code", Kind: page.Postal, Optional: true},
		})
		all = append(all, legend("console.post.upper", address("address.", "province county locality", upperParts...))...)
		all = append(all, legend("console.post.lower", address("address.", "street", lowerParts...))...)
		return append(all, grounds(v, "new-building", "field-survey", "municipal-report", "own-request")...), nil
	},
	Do: func(v *page.Visit, in *place.Assigning) (page.Done, error) {
		done, proven, err := v.Places.Assign(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: pathOf(v, done.Places[0].Code), Code: proven.Code}, nil
	},
}
