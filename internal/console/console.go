// Package console is the door for people: server-rendered pages, Persian
// first, English second, that work without a script.
//
// The pages live in rooms, one for each kind of visitor; each page is one file
// there. What they stand on, and how to write one, is in package page.
//
//	public/     for everybody: check a code or a receipt, who asked about me
//	account/    sign-in, sessions, second factors
//	office/     the registry's back office, and who prints
//	officer/    who asks in an agency's name
//	post/       who keeps places and plates: the Post, municipalities
//	head/       who signs and answers for an agency
package console

import (
	"github.com/estelam/estelam/internal/console/account"
	"github.com/estelam/estelam/internal/console/board"
	"github.com/estelam/estelam/internal/console/head"
	"github.com/estelam/estelam/internal/console/office"
	"github.com/estelam/estelam/internal/console/officer"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/console/post"
	"github.com/estelam/estelam/internal/console/public"
	"github.com/estelam/estelam/internal/console/registry"
)

// Config names the parts that the console stands on.
type Config = page.Config

// Rooms are all rooms, in the order of their menus.
func Rooms() []page.Room {
	return []page.Room{
		public.Room(),
		head.Room(),
		officer.Room(),
		registry.Room(),
		office.Room(),
		board.Room(),
		post.Room(),
		account.Room(),
	}
}

// New makes the console of all rooms.
func New(c Config) (*page.Site, error) { return page.New(c, Rooms()...) }
