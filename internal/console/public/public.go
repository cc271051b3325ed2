// Package public is the pages for everybody.
package public

import (
	"embed"

	"github.com/estelam/estelam/internal/console/page"
)

//go:embed templates
var templates embed.FS

// Room is these pages.
func Room() page.Room {
	r := &room{checks: page.NewClients(2, 30), objections: page.NewClients(0.2, 20)}
	return page.Room{Name: "public", Templates: templates, Routes: []page.Route{
		{Method: "GET", Path: "/{$}", Serve: home},
		{Method: "GET", Path: "/check", Serve: r.check},
		{Method: "POST", Path: "/check", Serve: r.checkPost},
		{Method: "GET", Path: "/objection", Serve: objection},
		{Method: "POST", Path: "/objection", Serve: r.objectionPost},
	}}
}

// room counts what one client may do in a while.
type room struct {
	checks     *page.Clients // checks of codes
	objections *page.Clients
}
