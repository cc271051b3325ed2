// Package office is the back office of the registry: discrepancy cases, rows
// that a person must link, letters, agreements, agencies, deliveries, jobs and
// the health of the log; and the pages of who prints.
package office

import (
	"reflect"
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
		[]page.Route{get("/office", staff, home)},
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
	{Path: "/office/agencies", Key: "console.office.menu.agencies", Icon: "place", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/endings", Key: "console.office.menu.endings", Icon: "info", Roles: chiefs, Group: "console.office.menu.group"},
	{Path: "/office/corrections", Key: "console.office.menu.corrections", Icon: "ok", Roles: chiefs, Group: "console.office.menu.group"},
	{Path: "/office/waves", Key: "console.office.menu.waves", Icon: "globe", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/obstacles", Key: "console.office.menu.obstacles", Icon: "bad", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/documents", Key: "console.office.menu.documents", Icon: "copy", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/jobs", Key: "console.office.menu.jobs", Icon: "desk", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/office/log", Key: "console.office.menu.log", Icon: "shield", Roles: staff, Group: "console.office.menu.group"},
	{Path: "/printer", Key: "console.office.menu.printer", Icon: "print", Roles: printers},
	{Path: "/printer/cards", Key: "console.office.menu.cards", Icon: "card", Roles: printers},
}

func get(path string, roles []string, serve func(*page.Visit) error) page.Route {
	return page.Route{Method: "GET", Path: path, Roles: roles, Serve: serve}
}

// number is a number in the page's path; what is none does not exist.
func number(v *page.Visit, name string) (int64, error) {
	n, err := strconv.ParseInt(v.R.PathValue(name), 10, 64)
	if err != nil || n < 1 {
		return 0, page.NotFound()
	}
	return n, nil
}

// agencyIn is the agency in the page's path.
func agencyIn(v *page.Visit) (*agency.Agency, error) {
	id, err := ids.ParseLegalID(v.R.PathValue("agency"))
	if err != nil {
		return nil, page.NotFound()
	}
	return v.Agencies.ByID(id)
}

// asked is a number that the address asks for; 0: none, or none that can be read.
func asked(v *page.Visit, name string) int64 {
	n, err := strconv.ParseInt(v.R.URL.Query().Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// chief reports whether the visitor is offered what only supervisors may.
func chief(v *page.Visit) bool { return v.Role() == register.Supervisor }

// rowsAPage is how long the lists of these pages are.
const rowsAPage = 50

// nameOf is an agency's name, or its number if it has none here.
func nameOf(v *page.Visit, id ids.LegalID) string {
	if id == 0 {
		return "–"
	}
	a, err := v.Agencies.ByID(id)
	if err != nil {
		return v.Digits(id.String())
	}
	return a.Name
}

// some are the blocks that are there.
func some(blocks ...any) []any {
	return slices.DeleteFunc(blocks, func(b any) bool {
		r := reflect.ValueOf(b)
		return b == nil || r.Kind() == reflect.Pointer && r.IsNil()
	})
}

// no writes an identifier.
func no(v *page.Visit, n int64) string { return v.Digits(strconv.FormatInt(n, 10)) }

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
func reason(v *page.Visit, word string) string { return known(v, "console.office.reason.", word) }

// press is a button in a list.
func press(v *page.Visit, path, text string, hidden ...page.Hidden) page.Press {
	return page.Press{Path: path, Text: v.T(text), Hidden: hidden, Once: page.NewOnce(), Ghost: true}
}

// tabs are links to lists of the same thing, of which one is shown.
func tabs(v *page.Visit, path, name, prefix string, values ...string) page.Tabs {
	var all page.Tabs
	for _, value := range values {
		link := page.Link{Path: path, Text: v.T(prefix + "all"), Current: v.R.URL.Query().Get(name) == value}
		if value != "" {
			link.Path, link.Text = path+"?"+name+"="+value, v.T(prefix+value)
		}
		all = append(all, link)
	}
	return all
}

// next is the address of a list's next page: this one's with another cursor.
func next(v *page.Visit, name, cursor string) string {
	q := v.R.URL.Query()
	q.Set(name, cursor)
	return v.R.URL.Path + "?" + q.Encode()
}

var errChoose = fault.New(fault.Invalid, "console.office.choose.one").At("finding")

var errNotYours = fault.New(fault.Forbidden, "console.office.canceljob.not_yours")
