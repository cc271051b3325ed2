// Package officer is the pages of an agency's officer, who asks in its name;
// those of its files it shares with the highest officer, and the programmer has
// one of his own.
//
//	desk.go                          the first page
//	ask.go askform.go paste.go       an inquiry; processes.go, offers.go what may be asked
//	answer.go record.go slip.go      its answer; fresh.go: just given
//	doubt.go                         a value that the agency doubts
//	history.go                       what was asked
//	match.go                         a code and a number: do they belong together
//	files.go file.go request.go      answers to lists
//	upload.go preview.go result.go   … their way in, and out again
//	copies.go tickets.go             exceptions to "no copies"
//	corrections.go                   what the agency was told wrongly
//	programmer.go                    certificates, and which clause would refuse
package officer

import (
	"embed"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
)

//go:embed templates
var templates embed.FS

var (
	only      = []string{agency.RoleOfficer}
	heads     = []string{agency.RoleHead}
	both      = []string{agency.RoleOfficer, agency.RoleHead}
	readers   = []string{agency.RoleOfficer, agency.RoleHead, agency.RoleProgrammer}
	programme = []string{agency.RoleProgrammer}
)

// Room is these pages.
func Room() page.Room {
	r := &room{fresh: newFresh()}
	return page.Room{Name: "officer", Templates: templates, Menu: menu, Routes: slices.Concat(
		r.inquiries(), historyRoutes(), fileRoutes(), doubtRoutes(), correctionRoutes(), match.Routes(), copyRoutes(), ticketRoutes(), programmerRoutes(),
	)}
}

// inquiries are the pages of asking.
func (o *room) inquiries() []page.Route {
	return []page.Route{
		page.Get("/officer", only, desk),
		page.Get("/officer/ask", only, ask),
		{Method: "POST", Path: "/officer/ask", Roles: only, Serve: o.askPost},
		{Method: "POST", Path: "/officer/paste", Roles: only, Serve: pastePost},
		page.Get("/officer/inquiries/{code}", both, o.answer),
		page.Get("/officer/inquiries/{code}/receipt", both, o.receipt),
		page.Get("/officer/inquiries/{code}/slip", both, o.slip),
		page.Get("/officer/inquiries/{code}/slip.pdf", both, o.slipPDF),
	}
}

var menu = []page.Item{
	{Path: "/programmer", Key: "console.officer.menu.programmer", Icon: "desk", Roles: programme},
	{Path: "/programmer/diagnose", Key: "console.officer.menu.diagnose", Icon: "scale", Roles: programme},
	{Path: "/officer", Key: "console.menu.desk", Icon: "desk", Roles: only},
	{Path: "/officer/ask", Key: "console.menu.ask", Icon: "search", Roles: only},
	{Path: "/officer/history", Key: "console.officer.menu.history", Icon: "clock", Roles: both, Group: "console.officer.menu.inquiries"},
	{Path: "/officer/match", Key: "console.officer.menu.match", Icon: "chain", Roles: only, Group: "console.officer.menu.inquiries"},
	{Path: "/check", Key: "console.menu.check", Icon: "shield", Roles: only, Group: "console.officer.menu.inquiries"},
	{Path: "/officer/files", Key: "console.officer.menu.files", Icon: "folder", Roles: readers, Group: "console.officer.menu.lists"},
	{Path: "/officer/corrections", Key: "console.officer.menu.corrections", Icon: "bell", Roles: both, Group: "console.officer.menu.lists"},
	{Path: "/officer/doubts", Key: "console.officer.menu.doubts", Icon: "flag", Roles: both, Group: "console.officer.menu.lists"},
	{Path: "/officer/copies", Key: "console.officer.menu.copies", Icon: "copy", Roles: both, Group: "console.officer.menu.exceptions"},
	{Path: "/officer/tickets", Key: "console.officer.menu.tickets", Icon: "paper", Roles: both, Group: "console.officer.menu.exceptions"},
}

// room is what these pages keep in memory.
type room struct {
	fresh *fresh // answers just given
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
