package registry

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/person"
)

// own is a control with this room's name for it; a control whose name is the
// house's needs none.
func own(name string, kind page.Kind) page.Control {
	return page.Control{Name: name, Kind: kind, Label: "console.registry.field." + name}
}

func ours(name string, kind page.Kind) page.Control { return page.Control{Name: name, Kind: kind} }

func optional(c page.Control) page.Control {
	c.Optional = true
	return c
}

// legend puts a heading above a control and those after it.
func legend(key string, c page.Control) page.Control {
	c.Legend = key
	return c
}

// options are words under a key that ends in a dot.
func options(v *page.Visit, key string, words ...string) []page.Option {
	return page.Choose(words, "", func(w string) string { return v.T(key + w) })
}

// choice is a control with an empty first option: nobody chooses by accident.
func choice(v *page.Visit, c page.Control, all []page.Option) page.Control {
	c.Kind, c.Options = page.Choose1, page.Blank(v.T("console.registry.choose"), all)
	return c
}

// grounds are the controls of what an act rests on; reasons are the code words
// that its kind knows.
func grounds(v *page.Visit, reasons ...string) []page.Control {
	reason := choice(v, own("reason", page.Choose1), options(v, "console.registry.reason.", reasons...))
	document := own("document", page.Words)
	document.Max = 100
	return []page.Control{legend("console.registry.grounds", reason), document}
}

// The reasons that most acts may have.
var usual = []string{"court-order", "office-decision", "own-request", "clerical-error", "inquiry-result"}

// manyOffices is how many registry offices a list may hold before it is easier
// to type the code.
const manyOffices = 150

// office is a control for a registry office.
func office(v *page.Visit) page.Control {
	c := own("office", page.Digit)
	all := v.Persons.Offices()
	if len(all) == 0 || len(all) > manyOffices {
		return c
	}
	options := make([]page.Option, len(all))
	for i := range all {
		options[i] = page.Option{Value: strconv.Itoa(all[i].Code), Text: officeName(v, &all[i])}
	}
	return choice(v, c, options)
}

func officeName(v *page.Visit, o *person.Office) string {
	return v.T("console.registry.office", isolated(o.Name), v.Digits(strconv.Itoa(o.Code)))
}

// officeOf is an office in words, by its code.
func officeOf(v *page.Visit, code int) string {
	o, err := v.Persons.Office(v.Context(), code)
	if err != nil {
		return v.Digits(strconv.Itoa(code))
	}
	return officeName(v, o)
}
