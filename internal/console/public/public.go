// Package public is the pages for everybody.
package public

import (
	"embed"

	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/message"
)

//go:embed templates
var templates embed.FS

// Room is these pages.
func Room() page.Room {
	r := &room{
		checks: page.NewClients(2, 30), objections: page.NewClients(0.2, 20),
		wrong:   page.NewClients(wrongPerMinute/60.0, wrongPerMinute),
		reports: page.NewClients(reportsPerHour/3600.0, reportsPerHour),
		words:   map[message.Lang]map[string]string{message.Fa: receiptWords(message.Fa), message.En: receiptWords(message.En)},
	}
	routes := []page.Route{
		{Method: "GET", Path: "/{$}", Serve: home},
		{Method: "GET", Path: "/check", Serve: r.check},
		{Method: "POST", Path: "/check", Serve: r.checkPost},
		{Method: "GET", Path: "/objection", Serve: objection},
		{Method: "POST", Path: "/objection", Serve: r.objectionPost},

		{Method: "GET", Path: "/receipt", Serve: r.receiptPage},
		{Method: "POST", Path: "/receipt", Serve: r.receiptPost, Most: 2 * mostReceipt},
		{Method: "GET", Path: "/offline.js", Serve: offline},

		{Method: "GET", Path: "/me", Serve: r.me},
		{Method: "POST", Path: "/me", Serve: r.mePost},
		{Method: "POST", Path: "/me/leave", Serve: leave},
		{Method: "GET", Path: "/me/corrections", Serve: r.admitted(corrections)},
		{Method: "GET", Path: "/me/locks", Serve: r.admitted(locks)},
		{Method: "POST", Path: "/me/lock", Serve: r.admitted(lock)},
		{Method: "POST", Path: "/me/unlock", Serve: r.admitted(unlock)},
		{Method: "GET", Path: "/me/dispute", Serve: r.admitted(dispute)},
		{Method: "POST", Path: "/me/dispute", Serve: r.admitted(disputePost)},

		{Method: "GET", Path: "/report", Serve: report},
		{Method: "POST", Path: "/report", Serve: reportFind},
		{Method: "GET", Path: "/report/status", Serve: reportStatus},
		{Method: "POST", Path: "/report/status", Serve: r.reportFollow},
		{Method: "POST", Path: "/report/reopen", Serve: r.reportReopen},

		{Method: "GET", Path: "/statistics", Serve: statistics},
		{Method: "GET", Path: "/statistics/{quarter}", Serve: statistics},
		{Method: "GET", Path: "/statistics/{quarter}/pdf", Serve: statisticsPaper},
		{Method: "GET", Path: "/statistics/{quarter}/xlsx", Serve: statisticsTable},
		{Method: "GET", Path: "/log-state", Serve: logState},
	}
	return page.Room{Name: "public", Templates: templates, Routes: append(routes, r.reportForm().Routes()...)}
}

// room counts what one client may do in a while, and keeps what all pages share.
type room struct {
	checks     *page.Clients // checks of codes and receipts
	objections *page.Clients
	wrong      *page.Clients                      // wrong access codes
	reports    *page.Clients                      // reports of demanded copies
	words      map[message.Lang]map[string]string // of the receipt's script
}

// admitted is a page for a person who has been let in; others are sent to where
// that happens.
func (r *room) admitted(serve func(*page.Visit, *citizen.Who) error) func(*page.Visit) error {
	return func(v *page.Visit) error {
		who, err := r.who(v)
		if err != nil {
			return err
		}
		if who == nil {
			return v.GoTo("/me")
		}
		return serve(v, who)
	}
}
