package post

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/place"
)

// carried is the version that the officer saw: who changed the place meanwhile
// is not overwritten.
var carried = page.Control{Name: "version", Kind: page.Carried}

// change corrects the address of a place, or changes it. What is left empty is
// taken off the record.
var change = page.Form[place.Changing]{
	Path: "/post/places/{ref}/change", Roles: posts.roles, Key: "console.post.change.",
	Begin: func(v *page.Visit, in *place.Changing) error {
		p, err := standing(v)
		if err != nil {
			return err
		}
		in.Code, in.Version = p.Code, p.Version
		in.Address = addressOf(p)
		if v.R.PostForm != nil { // an emptied field says: not on record
			empty := ""
			for name, part := range optionalParts(&in.Address) {
				if v.R.PostForm.Has("address."+name) && v.R.PostFormValue("address."+name) == "" {
					*part = &empty
				}
			}
		}
		return nil
	},
	Above: func(v *page.Visit, in *place.Changing) *page.Link { return aboveOf(v, in.Code) },
	Controls: func(v *page.Visit, _ *place.Changing) ([]page.Control, error) {
		all := append([]page.Control{carried}, legend("console.post.upper", address("address.", "province", upperParts...))...)
		all = append(all, legend("console.post.lower", address("address.", "", lowerParts...))...)
		return append(all, grounds(v, "correction", "renaming", "renumbering", "field-survey", "municipal-report", "own-request")...), nil
	},
	Do: func(v *page.Visit, in *place.Changing) (page.Done, error) {
		_, proven, err := v.Places.Change(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: pathOf(v, in.Code), Code: proven.Code}, err
	},
}

// standing is the place that the address refers to, as it is on record.
func standing(v *page.Visit) (*place.Place, error) {
	c, err := codeOf(v)
	if err != nil {
		return nil, err
	}
	p, found, err := v.Places.ByCode(v.Context(), c)
	if err == nil && !found {
		err = page.NotFound()
	}
	return p, err
}

func aboveOf(v *page.Visit, c ids.PostalCode) *page.Link {
	return &page.Link{Path: pathOf(v, c), Text: v.T("console.post.place.title", code(v, c))}
}

// addressOf states the whole address of a place.
func addressOf(p *place.Place) place.Address {
	return place.Address{
		Province: &p.Province, County: &p.County, District: &p.District, Locality: &p.Locality, LocalityKind: &p.LocalityKind, SubLocality: &p.SubLocality,
		Street: &p.Street, Street2: &p.Street2, House: &p.House, Floor: &p.Floor, Side: &p.Side, Building: &p.Building, Note: &p.Note,
	}
}

// optionalParts are the parts of an address by their names in forms.
func optionalParts(a *place.Address) map[string]**string {
	return map[string]**string{
		"county": &a.County, "district": &a.District, "locality": &a.Locality, "sub_locality": &a.SubLocality, "street": &a.Street, "street2": &a.Street2,
		"house_number": &a.House, "floor": &a.Floor, "side": &a.Side, "building": &a.Building, "note": &a.Note,
	}
}
