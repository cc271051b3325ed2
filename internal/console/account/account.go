// Package account is the pages about who the visitor is: how he signs in, and
// how he looks after what he signs in with.
//
//	signin.go     the password
//	code.go       the second step
//	factor.go     the first second factor, before anything else
//	passkey.go    sign-in by passkey; adding, naming and removing passkeys
//	oidc.go       sign-in by somebody else's service
//	demo.go       one click, in the demo
//	activate.go   the first password, with a code
//	own.go        one's own account: sessions and factors
//	change.go     another authenticator, new recovery codes, another password
//	sheet.go      the sheet that all of these are written on
//	backoff.go    guessing of passwords is slow
package account

import (
	"embed"

	"github.com/estelam/estelam/internal/console/page"
)

//go:embed templates
var templates embed.FS

// Room is these pages.
func Room() page.Room {
	r := &room{signIns: page.NewClients(0.5, 20), begins: page.NewClients(1, 60), backoff: newBackoff(), hashing: make(chan struct{}, 2)}
	routes := []page.Route{
		{Method: "GET", Path: "/sign-in", Serve: signIn},
		{Method: "POST", Path: "/sign-in", Serve: r.signInPost},
		{Method: "POST", Path: "/sign-out", Serve: signOut},
		{Method: "GET", Path: "/sign-in/code", Serve: code},
		{Method: "POST", Path: "/sign-in/code", Serve: r.codePost},
		{Method: "GET", Path: "/sign-in/factor", Serve: factor},
		{Method: "POST", Path: "/sign-in/factor", Serve: factorPost},
		{Method: "POST", Path: "/sign-in/on", Serve: on},
		{Method: "POST", Path: "/sign-in/passkey", Serve: passkeyPost},
		{Method: "POST", Path: "/sign-in/passkey/begin", Serve: r.passkeyBegin},
		{Method: "POST", Path: "/sign-in/factor/passkey", Serve: firstPasskeyPost},
		{Method: "POST", Path: "/sign-in/factor/passkey/begin", Serve: r.firstPasskeyBegin},
		{Method: "GET", Path: "/sign-in/oidc", Serve: r.oidcBegin},
		{Method: "GET", Path: "/sign-in/oidc/back", Serve: oidcBack},
		{Method: "POST", Path: "/sign-in/demo", Serve: demoPost},
		{Method: "GET", Path: "/activate", Serve: activate},
		{Method: "POST", Path: "/activate", Serve: r.activatePost},
	}
	for _, own := range [][]page.Route{r.ownRoutes(), r.changeRoutes(), r.passkeyRoutes()} {
		routes = append(routes, own...)
	}
	return page.Room{Name: "account", Templates: templates, Routes: routes, Menu: []page.Item{
		{Path: "/account", Key: "console.account.menu", Icon: "person", Group: "console.account.menu.group"},
	}}
}

type room struct {
	signIns *page.Clients // tries to sign in, with codes too
	begins  *page.Clients // ceremonies that were begun
	backoff *backoff
	hashing chan struct{} // seats for password checks, which cost memory
}
