// Package office is the back office of the registry: discrepancy cases, rows
// that a person must link, letters, agreements, agencies, deliveries, jobs and
// the health of the log; and the pages of who prints.
package office

import (
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
)

var (
	staff    = []string{register.Clerk, register.Supervisor}
	chiefs   = []string{register.Supervisor}
	printers = []string{register.Printer}
)

// Room is these pages.
func Room() page.Room {
	return page.Room{Name: "office", Menu: menu(), Routes: slices.Concat(
		[]page.Route{page.Get("/office", staff, home)},
		caseRoutes(), reviewRoutes(), letterRoutes(), batchRoutes(), printerRoutes(),
		agreementRoutes(), agencyRoutes(), deliveryRoutes(), workRoutes(), processRoutes(),
	)}
}

func menu() []page.Item {
	item := func(roles []string, group, path, key, icon string) page.Item {
		if group != "" {
			group = "console.office.menu.group." + group
		}
		return page.Item{Path: path, Key: "console.office.menu." + key, Icon: icon, Roles: roles, Group: group}
	}
	return []page.Item{
		item(staff, "cases", "/office/cases", "cases", "warn"),
		item(staff, "cases", "/office/doubts", "doubts", "flag"),
		item(staff, "cases", "/office/reviews", "reviews", "predicate"),
		item(staff, "cases", "/office/letters", "letters", "letter"),
		item(chiefs, "cases", "/office/corrections", "corrections", "bell"),
		item(chiefs, "agencies", "/office/agencies", "agencies", "place"),
		item(staff, "agencies", "/office/agreements", "agreements", "paper"),
		item(staff, "agencies", "/office/delegations", "delegations", "chain"),
		item(staff, "agencies", "/office/deliveries", "deliveries", "down"),
		item(chiefs, "agencies", "/office/waves", "waves", "flag"),
		item(chiefs, "agencies", "/office/obstacles", "obstacles", "bad"),
		item(staff, "back", "/office", "home", "desk"),
		item(staff, "back", "/office/documents", "documents", "copy"),
		item(staff, "back", "/office/jobs", "jobs", "gear"),
		item(chiefs, "keys", "/office/endings", "endings", "key"),
		item(staff, "keys", "/office/log", "log", "shield"),
		item(printers, "", "/printer", "printer", "print"),
		item(printers, "", "/printer/cards", "cards", "card"),
	}
}

// agencyIn is the agency in the page's path.
func agencyIn(v *page.Visit) (*agency.Agency, error) {
	id, err := ids.ParseLegalID(v.R.PathValue("agency"))
	if err != nil {
		return nil, page.NotFound()
	}
	return v.Agencies.ByID(id)
}

// chief reports whether the visitor is offered what only supervisors may.
func chief(v *page.Visit) bool { return v.Role() == register.Supervisor }

// rowsAPage is how long the lists of these pages are.
const rowsAPage = 50

// at is a path that ends in a number.
func at(path string, n int64) string { return path + strconv.FormatInt(n, 10) }

// grounds are the controls of what an act of staff rests on.
func grounds(v *page.Visit, reasons ...string) []page.Control {
	return []page.Control{
		{
			Name: "reason", Kind: page.Choose1, Label: "console.office.field.reason", Legend: "console.office.field.grounds",
			Options: page.Choose(reasons, "", func(word string) string { return reason(v, word) }),
		},
		{Name: "document", Label: "console.office.field.document", Max: 100},
	}
}

// reason says the code word of an act's grounds; words of other doors are shown
// as they are.
func reason(v *page.Visit, word string) string { return v.Known("console.office.reason.", word) }

// press is a button in a list.
func press(v *page.Visit, path, text string, hidden ...page.Hidden) page.Press {
	return page.Press{Path: path, Text: v.T(text), Hidden: hidden, Once: page.NewOnce(), Ghost: true}
}

var errChoose = fault.New(fault.Invalid, "console.office.choose.one").At("finding")

var errNotYours = fault.New(fault.Forbidden, "console.office.canceljob.not_yours")
