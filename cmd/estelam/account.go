package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store"
)

// accountKey seals second factors; it stands beside the journal's keys.
func accountKey(data string) string { return filepath.Join(keyDir(data), "account.key") }

// accountCmd is what the operator does for officers who sign in to the console.
type accountCmd struct {
	Invite   accountInvite   `cmd:"" help:"Make the code with which an officer sets his password; it holds for 72 hours."`
	Reset    accountReset    `cmd:"" help:"End all that an officer signs in with, and make the code with which he begins anew."`
	Sessions accountSessions `cmd:"" help:"List an officer's sessions of the last thirty days, or end them."`
}

// officerArgs name an officer.
type officerArgs struct {
	site  `embed:""`
	ID    string `arg:"" help:"Legal id of the agency."`
	Login string `arg:"" help:"His login."`
}

func (a *officerArgs) who() (account.Who, error) {
	id, err := ids.ParseLegalID(a.ID)
	return account.Who{Agency: id, Login: a.Login}, err
}

// code runs f and prints the code that it made.
func (a *officerArgs) code(ctx context.Context, s streams, f func(*house, account.Who) (*account.Activation, journal.Proven, error)) error {
	who, err := a.who()
	if err != nil {
		return err
	}
	return act(ctx, a.site, s, func(h *house) (journal.Proven, error) {
		made, p, err := f(h, who)
		if err == nil {
			fmt.Fprintf(s.out, "activation code %s\nfor %s, until %s; it is shown this once: hand it to the officer in person\n",
				made.Code, made.Login, made.Ends.Format(time.RFC3339))
		}
		return p, err
	})
}

type accountInvite struct {
	officerArgs `embed:""`
}

// Run makes the code.
func (c *accountInvite) Run(ctx context.Context, s streams) error {
	return c.code(ctx, s, func(h *house, who account.Who) (*account.Activation, journal.Proven, error) {
		return h.accounts.Invite(ctx, h.journal, operator(), who)
	})
}

type accountReset struct {
	officerArgs `embed:""`
	Why         string `required:"" help:"Reason, a code word such as lost-phone."`
}

// Run resets the account; running servers obey at once.
func (c *accountReset) Run(ctx context.Context, s streams) error {
	return c.code(ctx, s, func(h *house, who account.Who) (*account.Activation, journal.Proven, error) {
		return h.accounts.Reset(ctx, h.journal, operator(), who, c.Why)
	})
}

type accountSessions struct {
	officerArgs `embed:""`
	End         bool `help:"End all that are open."`
}

// Run lists the sessions, or ends them.
func (c *accountSessions) Run(ctx context.Context, s streams) error {
	who, err := c.who()
	if err != nil {
		return err
	}
	if c.End {
		return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
			return h.accounts.EndAll(ctx, h.journal, operator(), who)
		})
	}
	h, err := visit(ctx, c.site)
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.accounts.Sessions(ctx, who)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	for _, one := range all {
		state := "open"
		if !one.Ended.IsZero() {
			state = "ended"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\tfrom %s\tlast used %s\t%s\n", state, one.Method, one.Device, one.Made.Format(time.RFC3339), one.Seen.Format(time.RFC3339), one.ID)
	}
	return w.Flush()
}

// oidcFlags name the sign-in service of somebody else.
type oidcFlags struct {
	OIDCIssuer string   `name:"oidc-issuer" env:"ESTELAM_OIDC_ISSUER" help:"Address of a sign-in service (OpenID Connect) that vouches for officers; empty: none."`
	OIDCClient string   `name:"oidc-client" env:"ESTELAM_OIDC_CLIENT" help:"This service's client id there."`
	OIDCSecret string   `name:"oidc-secret" env:"ESTELAM_OIDC_SECRET" help:"File with the client's secret, which nobody else may read; empty: a public client." type:"path"`
	OIDCAgency string   `name:"oidc-agency-claim" default:"agency" env:"ESTELAM_OIDC_AGENCY_CLAIM" help:"Claim that holds the agency's legal id."`
	OIDCLogin  string   `name:"oidc-login-claim" default:"login" env:"ESTELAM_OIDC_LOGIN_CLAIM" help:"Claim that holds the officer's login."`
	OIDCACR    []string `name:"oidc-acr" env:"ESTELAM_OIDC_ACR" help:"One of these must be the token's acr: proof of two factors."`
	OIDCAMR    []string `name:"oidc-amr" env:"ESTELAM_OIDC_AMR" help:"Or one of these must be among its amr; without both: mfa."`
}

// signIn says how officers sign in, and refuses a demo on registers that are none.
func (c *serveCmd) signIn(h *house) error {
	if c.Demo {
		if err := h.accounts.CheckDemo(); err != nil {
			return err
		}
	}
	if c.OIDCIssuer == "" {
		return nil
	}
	secret := ""
	if c.OIDCSecret != "" {
		var err error
		if secret, err = store.ReadSecret(c.OIDCSecret); err != nil {
			return err
		}
	}
	h.accounts.OIDC(account.OIDC{
		Issuer: c.OIDCIssuer, ClientID: c.OIDCClient, Secret: secret, Redirect: c.pages() + "/sign-in/oidc/back",
		AgencyClaim: c.OIDCAgency, LoginClaim: c.OIDCLogin, ACR: c.OIDCACR, AMR: c.OIDCAMR,
	})
	return nil
}

// origin is where browsers reach the pages, as passkeys are bound to it. Without a
// public address that is this machine, by the name under which browsers have
// passkeys there.
func (c *serveCmd) origin(listening net.Addr) string {
	if c.URL != "" {
		return strings.TrimSuffix(c.URL, "/")
	}
	_, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return ""
	}
	return "http://" + net.JoinHostPort("localhost", port)
}
