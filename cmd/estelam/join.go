package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
)

// agencyInvite is the operator's way to invite: for bodies that keep registers
// or sit on the board there is no other.
type agencyInvite struct {
	site  `embed:""`
	ID    string `arg:"" help:"Legal id of the agency."`
	Login string `arg:"" help:"Login that its highest officer will have."`
	Name  string `required:"" help:"His name as slips show it."`
	Until string `required:"" help:"Last day of his delegation, Solar Hijri."`
}

// Run prints the code, once: it is kept nowhere.
func (c *agencyInvite) Run(ctx context.Context, s streams) error {
	id, err := ids.ParseLegalID(c.ID)
	if err != nil {
		return err
	}
	until, err := persian.ParseDate(c.Until)
	if err != nil {
		return fault.Of(err).At("until")
	}
	return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
		invited, p, err := h.agencies.Invite(ctx, h.journal, operator(), &agency.Invitation{Agency: id, Login: c.Login, Name: c.Name, Until: until})
		if err == nil {
			fmt.Fprintf(s.out, "%s   good for one use until %s; give it to him yourself\n", invited.Code, invited.Ends.Local().Format("2006-01-02 15:04"))
		}
		return p, err
	})
}

// agencyJoin is the first step of an agency's highest officer.
type agencyJoin struct {
	agencyClient `embed:""`
	Code         string `arg:"" help:"The code of your invitation."`
	Out          string `short:"o" required:"" help:"Where to write NAME.key and NAME.crt; give the name without ending." type:"path"`
}

// Run makes a key, which never leaves this machine, hands in the code with a
// request, and keeps the certificate. With a wrong code it can be run again:
// key and request stay.
func (c *agencyJoin) Run(ctx context.Context, s streams) error {
	csr, err := requested(c.Out)
	if err != nil {
		return err
	}
	c.Cert, c.Key = "", ""
	var joined agency.Joined
	if err := c.certify(ctx, s, "enrolment", agency.Joining{Code: c.Code, Request: string(csr)}, &joined); err != nil {
		return err
	}
	if err := keep(c.Out, joined.Certificate, joined.Authority); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s, officer %s: you answer for %s (%s)\n", joined.Name, joined.Login, joined.Name, joined.Agency)
	told(s, c.Out)
	return nil
}

// agencyCertify has a certificate signed for somebody of one's own agency.
type agencyCertify struct {
	agencyClient `embed:""`
	Name         string `arg:"" help:"NAME.csr is his request; NAME.crt is written." type:"path"`
	Officer      string `help:"Login of the officer whom the certificate is bound to; empty: the agency's program."`
}

// Run hands the request in as the agency's highest officer.
func (c *agencyCertify) Run(ctx context.Context, s streams) error {
	csr, err := os.ReadFile(c.Name + ".csr")
	if err != nil {
		return fault.New(fault.NotFound, "estelam.request").Because(err)
	}
	var enrolled agency.Enrolled
	if err := c.agencyClient.certify(ctx, s, "staff/enrol", agency.Enrolment{Login: c.Officer, Request: string(csr)}, &enrolled); err != nil {
		return err
	}
	if err := keep(c.Name, enrolled.Certificate, enrolled.Authority); err != nil {
		return err
	}
	told(s, c.Name)
	return nil
}

// certify sends a request for a certificate.
func (a *agencyClient) certify(ctx context.Context, s streams, name string, in, out any) error {
	cl, err := a.connect()
	if err != nil {
		return err
	}
	defer cl.Close()
	var done *client.Done
	if done, err = cl.Act(ctx, name, in, out); err != nil {
		return clientFault(s, err)
	}
	fmt.Fprintf(s.out, "done, tracking code %s\n", group(done.Code))
	return nil
}

// requested is the request beside a key; both are made if there is none yet.
func requested(name string) ([]byte, error) {
	csr, err := os.ReadFile(name + ".csr")
	if !errors.Is(err, os.ErrNotExist) {
		return csr, err
	}
	if err := makeRequest(name); err != nil {
		return nil, err
	}
	return readFile(name + ".csr")
}

// keep writes the certificate and the authority's beside the key.
func keep(name, certificate, authority string) error {
	return errors.Join(
		os.WriteFile(name+".crt", []byte(certificate), 0o644),
		os.WriteFile(name+"-ca.pem", []byte(authority), 0o644),
		os.Remove(name+".csr"),
	)
}

func told(s streams, name string) {
	fmt.Fprintf(s.out, "%s.key     keep it secret\n%s.crt     the certificate: ESTELAM_CERT\n%s-ca.pem  the registry's authority: ESTELAM_CA\n", name, name, name)
}
