package post

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// find opens a place by its postal code.
func (s side) find() page.Form[place.Finding] {
	return page.Form[place.Finding]{
		Path: s.base + "/places", Roles: s.roles, Key: "console.post.find.",
		Controls: func(*page.Visit, *place.Finding) ([]page.Control, error) {
			return []page.Control{{Name: "postal_code", Kind: page.Postal}}, nil
		},
		Begin: within,
		Around: func(v *page.Visit, _ *place.Finding) ([]any, error) {
			return []any{page.Tabs{{Path: s.base + "/places", Text: v.T("console.post.find.by_code"), Current: true}, {Path: s.base + "/places/address", Text: v.T("console.post.find.by_address")}}}, nil
		},
		Do: func(v *page.Visit, in *place.Finding) (page.Done, error) {
			if _, err := v.Places.Find(v.Context(), v.Actor(), in); err != nil {
				return page.Done{}, err
			}
			return page.Done{Path: pathOf(v, in.Code), Said: "console.post.find.done"}, nil
		},
	}
}

func within(v *page.Visit, in *place.Finding) error {
	in.Within = area(v)
	return nil
}

// findAddress lists the places at an address, in whatever spelling.
func (s side) findAddress() page.Form[place.Finding] {
	return page.Form[place.Finding]{
		Path: s.base + "/places/address", Roles: s.roles, Key: "console.post.find_address.",
		Controls: func(v *page.Visit, in *place.Finding) ([]page.Control, error) {
			return append(
				legend("console.post.upper", address("address.", "province county locality", "province", "county", "locality", "sub_locality")),
				legend("console.post.lower", address("address.", "street", "street", "street2", "house_number", "floor"))...), nil
		},
		Begin: func(v *page.Visit, in *place.Finding) error {
			own := area(v)
			for value, part := range map[*string]**string{&own.Province: &in.Address.Province, &own.County: &in.Address.County, &own.Locality: &in.Address.Locality} {
				if *value != "" {
					*part = value
				}
			}
			return within(v, in)
		},
		Around: func(v *page.Visit, _ *place.Finding) ([]any, error) {
			return []any{page.Tabs{{Path: s.base + "/places", Text: v.T("console.post.find.by_code")}, {Path: s.base + "/places/address", Text: v.T("console.post.find.by_address"), Current: true}}}, nil
		},
		Do: func(v *page.Visit, in *place.Finding) (page.Done, error) {
			found, err := v.Places.Find(v.Context(), v.Actor(), in)
			if err != nil {
				return page.Done{}, err
			}
			t := placeTable(v, v.T("console.post.find.found", v.Count(int64(len(found.Places)))), found.Places)
			t.Empty = v.T("console.post.find.none")
			return page.Done{Screen: &page.Screen{
				Title: v.T("console.post.find.result"), Blocks: []any{t},
				Above: &page.Link{Path: s.base + "/places/address", Text: v.T("console.post.find.again")},
			}}, nil
		},
	}
}

// placeTable lists places with their addresses.
func placeTable(v *page.Visit, title string, places []*place.Place) *page.Table {
	t := &page.Table{Title: title, Columns: page.Head(v.T("console.field.postal_code"), v.T("console.post.address"), v.T("console.post.state"))}
	for _, p := range places {
		text, tone := placeState(v, p.State)
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: code(v, p.Code), Number: true, Path: pathOf(v, p.Code)}, {Text: v.Digits(p.OneLine(v.Lang))}, {Text: text, Tone: tone},
		}})
	}
	return t
}
