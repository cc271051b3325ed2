// Package account is the pages about who the visitor is: sign-in and its end.
package account

import (
	"embed"

	"github.com/estelam/estelam/internal/console/page"
)

//go:embed templates
var templates embed.FS

// Room is these pages.
func Room() page.Room {
	r := &room{signIns: page.NewClients(0.5, 20), backoff: newBackoff(), hashing: make(chan struct{}, 2)}
	return page.Room{Name: "account", Templates: templates, Routes: []page.Route{
		{Method: "GET", Path: "/sign-in", Serve: signIn},
		{Method: "POST", Path: "/sign-in", Serve: r.signInPost},
		{Method: "POST", Path: "/sign-out", Serve: signOut},
	}}
}

type room struct {
	signIns *page.Clients // tries to sign in
	backoff *backoff
	hashing chan struct{} // seats for password checks, which cost memory
}
