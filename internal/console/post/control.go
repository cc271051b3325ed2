package post

import (
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
)

// options are words under a key that ends in a dot.
func options(v *page.Visit, key string, words ...string) []page.Option {
	return page.Choose(words, "", func(w string) string { return v.T(key + strings.ReplaceAll(w, "-", "_")) })
}

// choice is a control with an empty first option: nobody chooses by accident.
func choice(v *page.Visit, name string, all []page.Option) page.Control {
	return page.Control{Name: name, Kind: page.Choose1, Options: page.Blank(v.T("console.post.choose"), all)}
}

func optional(c page.Control) page.Control {
	c.Optional = true
	return c
}

// grounds are the controls of what an act rests on.
func grounds(v *page.Visit, reasons ...string) []page.Control {
	why := choice(v, "reason", options(v, "console.post.reason.", reasons...))
	why.Label, why.Legend = "console.post.field.reason", "console.post.grounds"
	return []page.Control{why, {Name: "document", Max: 100, Label: "console.post.field.document"}}
}

// address are controls for parts of an address below a name that ends in a dot.
func address(below string, must string, parts ...string) []page.Control {
	var all []page.Control
	for _, part := range parts {
		all = append(all, page.Control{Name: below + part, Label: "console.field." + part, Optional: !strings.Contains(must+" ", part+" "), Max: 200})
	}
	return all
}

// The parts of an address, from the province to the door.
var (
	upperParts = []string{"province", "county", "district", "locality", "sub_locality"}
	lowerParts = []string{"street", "street2", "house_number", "floor", "side", "building", "note"}
)

// legend puts a heading above controls.
func legend(key string, all []page.Control) []page.Control {
	all[0].Legend = key
	return all
}

// renamed gives a fault, and those beside it, the names of the form's controls.
func renamed(err error, rename func(string) string) error {
	f := fault.Of(err)
	if f == nil || f.Kind >= fault.Internal {
		return err
	}
	one := func(f *fault.Error) *fault.Error {
		c := *f
		c.Field = rename(f.Field)
		return &c
	}
	c := one(f)
	c.More = nil
	for _, more := range f.More {
		c.More = append(c.More, one(more))
	}
	return c
}
