package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/person"
)

func searchRoutes() []page.Route { return search.Routes() }

// The reasons for opening a record.
var readingReasons = []string{"own-request", "registration", "correction-case", "discrepancy-case", "court-order", "inquiry-result", "supervision"}

// search opens a person's record by his number. It only goes to the page, which
// looks, and says so in the log, before it shows anything.
var search = page.Form[person.Reading]{
	Path: "/registry/persons", Roles: staff, Key: "console.registry.search.",
	Controls: func(v *page.Visit, _ *person.Reading) ([]page.Control, error) {
		reason := choice(v, own("reason", page.Choose1), options(v, "console.registry.reason.", readingReasons...))
		return []page.Control{ours("national_number", page.National), reason, fileControl()}, nil
	},
	Around: func(v *page.Visit, _ *person.Reading) ([]any, error) {
		return []any{page.Note{Tone: page.Info, Text: v.T("console.registry.search.note"), Links: []page.Link{
			{Path: "/registry/names", Text: v.T("console.registry.search.names")},
		}}}, nil
	},
	Do: func(v *page.Visit, in *person.Reading) (page.Done, error) {
		r := &ref{Number: in.Number, Reason: in.Reason, File: in.File}
		return page.Done{Path: r.path(v), Said: "console.registry.search.done"}, nil
	},
}

// fileControl is the number of the dossier that a look is for. It is short, for
// it stands, sealed, in addresses.
func fileControl() page.Control {
	c := own("file", page.Words)
	c.Max = 40
	return c
}
