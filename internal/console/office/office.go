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
	return page.Room{Name: "office", Menu: menu, Routes: slices.Concat(
		[]page.Route{page.Get("/office", staff, home)},
		caseRoutes(), reviewRoutes(), letterRoutes(), batchRoutes(), printerRoutes(),
		agreementRoutes(), agencyRoutes(), deliveryRoutes(), workRoutes(), processRoutes(),
	)}
}

var menu = []page.Item{
	{Path: "/office", Key: "console.office.menu.home", Icon: "desk", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/cases", Key: "console.office.menu.cases", Icon: "warn", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/reviews", Key: "console.office.menu.reviews", Icon: "predicate", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/letters", Key: "console.office.menu.letters", Icon: "print", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/deliveries", Key: "console.office.menu.deliveries", Icon: "down", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/agreements", Key: "console.office.menu.agreements", Icon: "shenasnameh", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/delegations", Key: "console.office.menu.delegations", Icon: "chain", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/agencies", Key: "console.office.menu.agencies", Icon: "place", Roles: chiefs, Group: "console.office.menu.group"},
	{Path: "/office/endings", Key: "console.office.menu.endings", Icon: "info", Roles: chiefs, Group: "console.office.menu.group"},
	{Path: "/office/corrections", Key: "console.office.menu.corrections", Icon: "ok", Roles: chiefs, Group: "console.office.menu.group"},
	{Path: "/office/waves", Key: "console.office.menu.waves", Icon: "globe", Roles: chiefs, Group: "console.office.menu.group"},
	{Path: "/office/obstacles", Key: "console.office.menu.obstacles", Icon: "bad", Roles: chiefs, Group: "console.office.menu.group"},
	{Path: "/office/documents", Key: "console.office.menu.documents", Icon: "copy", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/jobs", Key: "console.office.menu.jobs", Icon: "desk", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/log", Key: "console.office.menu.log", Icon: "shield", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/printer", Key: "console.office.menu.printer", Icon: "print", Roles: printers},
	{Path: "/printer/cards", Key: "console.office.menu.cards", Icon: "card", Roles: printers},
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
