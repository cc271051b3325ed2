package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// ticketCmd is the agency's side of an outage.
type ticketCmd struct {
	Issue  ticketIssueCmd  `cmd:"" help:"Ask; if the service cannot be reached, issue a signed provisional code instead."`
	List   ticketListCmd   `cmd:"" help:"List the tickets that were issued here, and what became of them."`
	Settle ticketSettleCmd `cmd:"" help:"When the service is back: hand the tickets in and make the inquiries that they stand for."`
	Verify ticketVerifyCmd `cmd:"" help:"Verify tickets offline, with nothing but the agency's certificate."`
}

// ticketsDir is where tickets are kept until they are settled.
type ticketsDir struct {
	Dir string `default:"estelam-tickets" env:"ESTELAM_TICKETS" help:"Directory of the tickets." type:"path"`
}

func (d *ticketsDir) open(a *agencyClient) (*client.Tickets, error) {
	t, err := client.OpenTickets(d.Dir, a.Cert, a.Key)
	if err != nil {
		return nil, fault.New(fault.Invalid, "estelam.client", err.Error()).Because(err)
	}
	return t, nil
}

// ticketIssueCmd takes what "estelam inquire" takes.
type ticketIssueCmd struct {
	inquireCmd `embed:""`
	ticketsDir `embed:""`

	Wait time.Duration `default:"10s" help:"How long to wait for an answer, twice, before the service counts as out of reach."`
}

// Run asks, and issues a ticket if nobody answers. That the question is refused
// or wrong is an answer.
func (c *ticketIssueCmd) Run(ctx context.Context, s streams) error {
	tickets, err := c.open(&c.agencyClient)
	if err != nil {
		return err
	}
	c.wait, c.tries = c.Wait, 2
	cl, err := c.connect()
	if err != nil {
		return err
	}
	defer cl.Close()
	q, err := c.question()
	if err != nil {
		return err
	}
	if err := wellFormed(&q); err != nil { // a ticket for a mistake could never be settled
		return err
	}
	since, once := time.Now(), c.Once
	if once == "" {
		once = "ticket-" + rand.Text()
	}
	a, err := cl.Inquire(ctx, q, client.Key(once))
	if err == nil {
		return c.show(s, a)
	}
	why, out := client.Outage(err)
	if !out {
		return clientFault(s, err)
	}
	t, err := tickets.Issue(q, since, why, once)
	if err != nil {
		return fault.New(fault.Invalid, "estelam.client", err.Error()).Because(err)
	}
	sum := t.Hash()
	fmt.Fprintf(s.out, "no answer   %s\nprovisional %s\nticket      %d of certificate %s\nsha256      %s\nfile        %s\n\n%s\n",
		t.Error, t.Code(), t.Number, hex.EncodeToString(t.Certificate[:8]), hex.EncodeToString(sum[:]),
		tickets.File(t.Number), message.Text(terminalLang(), "exception.paper", t.Code()))
	return nil
}

// wellFormed tells the mistakes of a question as the service would, without it.
func wellFormed(q *client.Question) error {
	f := inquiry.Form{
		Service: q.Service, Mode: q.Mode, NationalNumber: q.NationalNumber, BirthDate: q.BirthDate, ShenasnamehNumber: q.ShenasnamehNumber,
		PostalCode: q.PostalCode, Fields: q.Fields, AsOf: q.AsOf,
		Officer: q.Officer, Purpose: q.Purpose, Process: q.Process, File: q.File, OnBehalfOf: q.OnBehalfOf,
	}
	for field, value := range q.Claims {
		f.Claims = append(f.Claims, inquiry.FormClaim{Field: field, Value: value})
	}
	for _, p := range q.Predicates {
		f.Predicates = append(f.Predicates, inquiry.FormPredicate{Name: p.Name, Age: p.Age})
	}
	if q.Court != nil {
		f.Court = &inquiry.FormCourt{Reference: q.Court.Reference, Until: q.Court.Until}
	}
	_, err := f.Parse(persian.DateOf(time.Now()))
	return err
}

type ticketListCmd struct {
	ticketsDir `embed:""`
	Cert       string `required:"" env:"ESTELAM_CERT" help:"The agency's certificate (PEM)."`
	Key        string `required:"" env:"ESTELAM_KEY" help:"Its private key (PEM)."`
}

// Run lists tickets, one a line, and says if the chain is broken.
func (c *ticketListCmd) Run(s streams) error {
	tickets, err := c.open(&agencyClient{Cert: c.Cert, Key: c.Key})
	if err != nil {
		return err
	}
	all, err := tickets.List()
	for _, k := range all {
		fmt.Fprintf(s.out, "%6d  %s  %s  %s\n", k.Number, k.Code(), k.Time.Format(time.RFC3339), standing(k))
	}
	if err != nil {
		return fault.New(fault.Invalid, "exception.offline", err.Error()).Because(err)
	}
	return nil
}

func standing(k *client.Kept) string {
	switch {
	case k.Completed != "":
		return "completed " + group(k.Completed)
	case k.Registered:
		return "registered"
	}
	return "issued"
}

type ticketSettleCmd struct {
	agencyClient `embed:""`
	ticketsDir   `embed:""`
}

// Run settles what can be settled. Each ticket has a line; the first that
// cannot be settled gives the exit code.
func (c *ticketSettleCmd) Run(ctx context.Context, s streams) error {
	tickets, err := c.open(&c.agencyClient)
	if err != nil {
		return err
	}
	cl, err := c.connect()
	if err != nil {
		return err
	}
	defer cl.Close()
	var first error
	open := 0
	err = cl.Settle(ctx, tickets, func(k *client.Kept, a *client.Answer, err error) {
		if err == nil {
			fmt.Fprintf(s.out, "%6d  %s  %s  %s\n", k.Number, k.Code(), group(a.Code), message.Text(terminalLang(), "inquiry.outcome."+a.Outcome))
			return
		}
		fmt.Fprintf(s.err, "%6d  %s\n", k.Number, k.Code())
		said := settleFault(s, err)
		if open++; first == nil {
			first = said
		}
	})
	switch {
	case first != nil:
		fmt.Fprintln(s.err, "estelam:", message.Text(terminalLang(), "exception.unsettled", strconv.Itoa(open)))
		return first
	case err != nil:
		return fault.New(fault.Invalid, "exception.offline", err.Error()).Because(err)
	}
	return nil
}

// settleFault says why a ticket cannot be settled: the service's word, or what
// is wrong here.
func settleFault(s streams, err error) error {
	var p *client.Problem
	if _, out := client.Outage(err); out || errors.As(err, &p) {
		return clientFault(s, err)
	}
	return fault.New(fault.Invalid, "exception.offline", err.Error()).Because(err)
}

type ticketVerifyCmd struct {
	Cert string   `required:"" env:"ESTELAM_CERT" help:"The agency's certificate (PEM)." type:"existingfile"`
	CA   string   `env:"ESTELAM_CA" help:"The registry's certificate authority (PEM); empty: the certificate is believed." type:"existingfile"`
	File []string `arg:"" help:"Tickets; several must follow each other." type:"existingfile"`
}

// Run verifies each ticket and that they follow each other.
func (c *ticketVerifyCmd) Run(s streams) error {
	cert, err := readCertificate(c.Cert)
	if err != nil {
		return err
	}
	var before *client.Ticket
	for _, name := range c.File {
		data, err := readFile(name)
		if err != nil {
			return err
		}
		t, err := client.ParseTicket(data)
		if err == nil {
			err = t.Verify(cert)
		}
		if err == nil && c.CA != "" {
			err = certified(cert, c.CA, t.Time)
		}
		if err == nil && before != nil && !t.Follows(before) {
			err = errors.New("it does not follow the ticket before")
		}
		if err != nil {
			return fault.New(fault.Invalid, "exception.offline", filepath.Base(name)+": "+err.Error()).Because(err)
		}
		fmt.Fprintf(s.out, "%6d  %s  %s  %s %s %s %s %s\n", t.Number, t.Code(), t.Time.Format(time.RFC3339), t.Agency, t.Officer, t.Service, t.File, t.Error)
		before = t
	}
	return nil
}

func readCertificate(name string) (*x509.Certificate, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fault.New(fault.Invalid, "estelam.client", "no certificate in "+filepath.Base(name))
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fault.New(fault.Invalid, "estelam.client", err.Error()).Because(err)
	}
	return cert, nil
}

// certified makes sure that the registry's authority signed a certificate.
func certified(cert *x509.Certificate, caFile string, at time.Time) error {
	data, err := readFile(caFile)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(data)
	_, err = cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err
}
