package post

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// retire takes a place off: it does not exist any more.
var retire = page.Form[place.Retiring]{
	Path: "/post/places/{ref}/retire", Roles: posts.roles, Key: "console.post.retire.", Danger: true,
	Begin: func(v *page.Visit, in *place.Retiring) error {
		p, err := standing(v)
		if err == nil {
			in.Code, in.Version = p.Code, p.Version
		}
		return err
	},
	Above: func(v *page.Visit, in *place.Retiring) *page.Link { return aboveOf(v, in.Code) },
	Controls: func(v *page.Visit, _ *place.Retiring) ([]page.Control, error) {
		all := []page.Control{carried, {Name: "successors", Kind: page.Lines, Optional: true, Label: "console.post.field.successors"}}
		return append(all, grounds(v, "demolition", "duplicate", "correction", "municipal-report")...), nil
	},
	Do: func(v *page.Visit, in *place.Retiring) (page.Done, error) {
		_, proven, err := v.Places.Retire(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: pathOf(v, in.Code), Code: proven.Code}, err
	},
}
