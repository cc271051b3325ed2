// Package officer is the pages of an agency's officer, who asks in its name.
package officer

import (
	"embed"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
)

//go:embed templates
var templates embed.FS

var only = []string{agency.RoleOfficer}

// Room is these pages.
func Room() page.Room {
	r := &room{fresh: newFresh()}
	get := func(path string, serve func(*page.Visit) error) page.Route {
		return page.Route{Method: "GET", Path: path, Roles: only, Serve: serve}
	}
	return page.Room{Name: "officer", Templates: templates, Menu: menu, Routes: []page.Route{
		get("/officer", desk),
		get("/officer/ask", ask),
		{Method: "POST", Path: "/officer/ask", Roles: only, Serve: r.askPost},
		get("/officer/inquiries/{code}", r.answer),
		get("/officer/inquiries/{code}/receipt", r.receipt),
		get("/officer/inquiries/{code}/slip", r.slip),
		get("/officer/inquiries/{code}/slip.pdf", r.slipPDF),
	}}
}

var menu = []page.Item{
	{Path: "/officer", Key: "console.menu.desk", Icon: "desk", Roles: only},
	{Path: "/officer/ask", Key: "console.menu.ask", Icon: "search", Roles: only},
	{Path: "/check", Key: "console.menu.check", Icon: "shield", Roles: only},
}

// room is what these pages keep in memory.
type room struct {
	fresh *fresh // answers just given
}
