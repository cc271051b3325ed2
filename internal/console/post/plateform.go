package post

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
)

// ordering is the order of a plate, from the page of a place behind it.
type ordering struct {
	register.Grounds
	Code  ids.PostalCode `json:"code"`
	Whole bool           `json:"whole"` // for all that stand at the same street and number
	On    persian.Date   `json:"on"`
}

// order orders the plate of the entrance of a place.
func (s side) order() page.Form[ordering] {
	return page.Form[ordering]{
		Path: s.base + "/places/{ref}/plate", Roles: s.roles, Key: "console.post.order.",
		Begin: func(v *page.Visit, in *ordering) (err error) {
			in.Code, err = codeOf(v)
			in.On = persian.DateOf(v.Clock())
			in.Whole = v.R.Method == "GET"
			return err
		},
		Above: func(v *page.Visit, in *ordering) *page.Link { return aboveOf(v, in.Code) },
		Controls: func(v *page.Visit, _ *ordering) ([]page.Control, error) {
			why := grounds(v, "first-plate", "replacement", "renumbering")
			why[0].Legend = ""
			all := []page.Control{{Name: "whole", Kind: page.Yes, Optional: true, Label: "console.post.field.whole"}, {Name: "on", Kind: page.Date, Label: "console.post.field.on", Legend: "console.post.grounds"}}
			return append(all, why...), nil
		},
		Do: func(v *page.Visit, in *ordering) (page.Done, error) {
			found, err := v.Places.Find(v.Context(), v.Actor(), &place.Finding{Code: in.Code, Within: area(v)})
			if err != nil {
				return page.Done{}, err
			}
			p := found.Places[0]
			act := &place.Ordering{Grounds: in.Grounds, On: in.On, Within: area(v), Codes: []ids.PostalCode{in.Code}}
			if in.Whole && p.Street+p.Street2 != "" {
				act.Codes, act.Address = nil, place.Address{
					Province: &p.Province, County: &p.County, Locality: &p.Locality, SubLocality: &p.SubLocality, Street: &p.Street, Street2: &p.Street2, House: &p.House,
				}
			}
			e, proven, err := v.Places.Order(v.Context(), v.Journal, v.Actor(), act)
			if err != nil {
				return page.Done{}, err
			}
			return page.Done{Path: s.base + "/plates/" + itoa(e.ID), Code: proven.Code}, nil
		},
	}
}

func abovePlate(v *page.Visit, id int64) *page.Link {
	return &page.Link{Path: base(v) + "/plates/" + itoa(id), Text: v.T("console.post.plate.title", v.Digits(itoa(id)))}
}

// install notes that a plate is up.
func (s side) install() page.Form[place.Installing] {
	return page.Form[place.Installing]{
		Path: s.base + "/plates/{id}/installed", Roles: s.roles, Key: "console.post.install.",
		Begin: func(v *page.Visit, in *place.Installing) error {
			e, err := entrance(v)
			if err == nil {
				in.Entrance, in.Version, in.Within, in.On = e.ID, e.Version, area(v), persian.DateOf(v.Clock())
			}
			return err
		},
		Above: func(v *page.Visit, in *place.Installing) *page.Link { return abovePlate(v, in.Entrance) },
		Controls: func(v *page.Visit, _ *place.Installing) ([]page.Control, error) {
			all := []page.Control{carried, {Name: "on", Kind: page.Date, Label: "console.post.field.on"}, {Name: "installer", Label: "console.post.plate.installer"}}
			return append(all, grounds(v, "field-visit", "first-plate", "replacement")...), nil
		},
		Do: func(v *page.Visit, in *place.Installing) (page.Done, error) {
			_, proven, err := v.Places.Install(v.Context(), v.Journal, v.Actor(), in)
			return page.Done{Path: s.base + "/plates/" + itoa(in.Entrance), Code: proven.Code}, err
		},
	}
}

// lose notes that an installed plate is missing or damaged.
func (s side) lose() page.Form[place.Losing] {
	return page.Form[place.Losing]{
		Path: s.base + "/plates/{id}/lost", Roles: s.roles, Key: "console.post.lose.",
		Begin: func(v *page.Visit, in *place.Losing) error {
			e, err := entrance(v)
			if err == nil {
				in.Entrance, in.Version, in.Within, in.On = e.ID, e.Version, area(v), persian.DateOf(v.Clock())
			}
			return err
		},
		Above: func(v *page.Visit, in *place.Losing) *page.Link { return abovePlate(v, in.Entrance) },
		Controls: func(v *page.Visit, _ *place.Losing) ([]page.Control, error) {
			condition := choice(v, "condition", options(v, "console.post.plate.", "missing", "damaged"))
			condition.Label = "console.post.plate.state"
			all := []page.Control{carried, condition, {Name: "on", Kind: page.Date, Label: "console.post.field.on"}}
			return append(all, grounds(v, "field-visit", "citizen-report")...), nil
		},
		Do: func(v *page.Visit, in *place.Losing) (page.Done, error) {
			_, proven, err := v.Places.Lose(v.Context(), v.Journal, v.Actor(), in)
			return page.Done{Path: s.base + "/plates/" + itoa(in.Entrance), Code: proven.Code}, err
		},
	}
}
