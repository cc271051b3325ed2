package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// agencyClient is what every command that speaks as an agency takes.
type agencyClient struct {
	URL    string `default:"https://localhost:8443" env:"ESTELAM_URL" help:"The service's API."`
	Cert   string `env:"ESTELAM_CERT" help:"The agency's certificate (PEM)."`
	Key    string `env:"ESTELAM_KEY" help:"Its private key (PEM)."`
	CA     string `env:"ESTELAM_CA" help:"The registry's certificate authority (PEM)."`
	LogKey string `env:"ESTELAM_LOG_KEY" help:"The log's public key, or a file that holds it."`
	Sign   bool   `env:"ESTELAM_SIGN" help:"Sign the request with the certificate's key (RFC 9421)."`

	wait  time.Duration // for an answer; 0: the client's own patience
	tries int           // likewise
}

func (a *agencyClient) connect() (*client.Client, error) {
	key := a.LogKey
	if key != "" && !strings.Contains(key, "+") {
		data, err := readFile(key)
		if err != nil {
			return nil, err
		}
		key = string(data)
	}
	c, err := client.New(client.Config{
		URL: a.URL, CertFile: a.Cert, KeyFile: a.Key, CAFile: a.CA, LogKey: key, Unverified: key == "", Sign: a.Sign,
		English: terminalLang() == message.En, Timeout: a.wait, Tries: a.tries,
	})
	if err != nil {
		return nil, fault.New(fault.Invalid, "estelam.client", err.Error()).Because(err)
	}
	return c, nil
}

// inquireCmd asks one question and prints the answer for a person.
type inquireCmd struct {
	agencyClient `embed:""`

	Service     string   `default:"identity" enum:"identity,shenasnameh,card,residence,place,predicate" help:"identity, shenasnameh, card, residence, place or predicate."`
	Number      string   `short:"n" help:"National number."`
	Born        string   `short:"b" help:"Birth date, Solar Hijri: the second key."`
	Shenasnameh string   `help:"Shenasnameh number: the other second key."`
	Postal      string   `help:"Postal code: of service place, or what the person declares."`
	Claim       []string `short:"c" sep:"none" placeholder:"FIELD=VALUE" help:"Verify this; may stand several times."`
	Field       []string `short:"f" help:"Disclose this; may stand several times."`
	Alive       bool     `help:"Predicate: is the person alive?"`
	Age         int      `help:"Predicate: is the person at least so old?"`
	AsOf        string   `help:"As registered on this day."`
	Officer     string   `required:"" env:"ESTELAM_OFFICER" help:"Login of the officer who asks."`
	Purpose     string   `required:"" help:"Purpose code."`
	Process     string   `help:"Service process code."`
	File        string   `required:"" help:"The agency's file number."`
	OnBehalfOf  string   `placeholder:"LEGAL-ID" help:"Ask in the name of this body, by its delegation."`
	CourtRef    string   `name:"court-reference" help:"Reference of the court under which the person does not see the inquiry yet."`
	CourtUntil  string   `placeholder:"DAY" help:"The last day on which he does not see it."`
	Once        string   `help:"Idempotency key."`
	Out         string   `short:"o" help:"Keep the receipt in this file; - prints it alone."`
	Diagnose    bool     `help:"Do not ask: say whether the agreement would permit it."`
}

// Run asks, prints the answer and keeps the receipt.
func (q *inquireCmd) Run(ctx context.Context, s streams) error {
	c, err := q.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	question, err := q.question()
	if err != nil {
		return err
	}
	if q.Diagnose {
		d, err := c.Diagnose(ctx, question)
		if err != nil {
			return clientFault(s, err)
		}
		printDiagnosis(s.out, d)
		return nil
	}
	var options []client.Option
	if q.Once != "" {
		options = append(options, client.Key(q.Once))
	}
	a, err := c.Inquire(ctx, question, options...)
	if err != nil {
		return clientFault(s, err)
	}
	return q.show(s, a)
}

// show prints an answer and keeps its receipt.
func (q *inquireCmd) show(s streams, a *client.Answer) error {
	if q.Out == "-" {
		_, err := s.out.Write(append(a.Receipt.Append(nil), '\n'))
		return err
	}
	printAnswer(s.out, a)
	if q.Out == "" {
		return nil
	}
	if err := os.WriteFile(q.Out, append(a.Receipt.Append(nil), '\n'), 0o600); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "receipt   ", q.Out)
	return nil
}

func (q *inquireCmd) question() (client.Question, error) {
	c := client.Question{
		Officer: q.Officer, Purpose: q.Purpose, Process: q.Process, File: q.File, OnBehalfOf: q.OnBehalfOf,
		Service: q.Service, Mode: "verify", NationalNumber: q.Number, BirthDate: q.Born,
		ShenasnamehNumber: q.Shenasnameh, PostalCode: q.Postal, AsOf: q.AsOf, Fields: q.Field,
	}
	if len(q.Field) > 0 {
		c.Mode = "disclose"
	}
	if q.CourtRef != "" || q.CourtUntil != "" {
		c.Court = &client.Court{Reference: q.CourtRef, Until: q.CourtUntil}
	}
	for _, claim := range q.Claim {
		field, value, ok := strings.Cut(claim, "=")
		if !ok {
			return c, fault.New(fault.Invalid, "estelam.claim")
		}
		if c.Claims == nil {
			c.Claims = map[string]string{}
		}
		c.Claims[field] = value
	}
	if q.Alive {
		c.Predicates = append(c.Predicates, client.Predicate{Name: "alive"})
	}
	if q.Age > 0 {
		c.Predicates = append(c.Predicates, client.Predicate{Name: "age_at_least", Age: q.Age})
	}
	return c, nil
}

// printAnswer prints an answer in a form that a person reads at a glance.
func printAnswer(w io.Writer, a *client.Answer) {
	lang := terminalLang()
	fmt.Fprintln(w, "outcome   ", message.Text(lang, "inquiry.outcome."+a.Outcome))
	for _, f := range slices.Sorted(maps.Keys(a.Results.Fields)) {
		fmt.Fprintf(w, "  %-20s %s\n", f, message.Text(lang, "inquiry.result."+a.Results.Fields[f]))
	}
	for _, f := range slices.Sorted(maps.Keys(a.Results.Values)) {
		value := message.Text(lang, "inquiry.result.not_on_record")
		if v := a.Results.Values[f]; v != nil {
			value = *v
		}
		fmt.Fprintf(w, "  %-20s %s\n", f, value)
	}
	for _, f := range slices.Sorted(maps.Keys(a.Results.Predicates)) {
		fmt.Fprintf(w, "  %-20s %s\n", f, message.Text(lang, "inquiry.result."+a.Results.Predicates[f]))
	}
	for _, warning := range a.Warnings {
		fmt.Fprintln(w, "warning   ", message.Text(lang, "inquiry.warning."+warning))
	}
	if a.Successor != "" {
		fmt.Fprintln(w, "successor ", a.Successor)
	}
	if b := a.OnBehalfOf; b != nil {
		fmt.Fprintln(w, "on behalf ", b.ID, b.Name)
	}
	if a.Court != nil {
		fmt.Fprintln(w, "hidden     from the person until", a.Court.Until)
	}
	if r := a.Refusal; r.Reason != "" {
		fmt.Fprint(w, "refused    ", message.Text(lang, r.Reason))
		if r.Clause > 0 {
			fmt.Fprintf(w, " (clause %d)", r.Clause)
		}
		if r.Field != "" {
			fmt.Fprintf(w, " [%s]", r.Field)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "code      ", group(a.Code))
	fmt.Fprintf(w, "proof      entry %d of %d in %s\n", a.Index, a.Receipt.Size, a.Log)
}

func printDiagnosis(w io.Writer, d *client.Diagnosis) {
	if d.Permitted {
		fmt.Fprintln(w, "permitted")
	} else if d.Refusal != nil {
		fmt.Fprintln(w, "refused   ", d.Refusal.En)
		if d.Refusal.Field != "" {
			fmt.Fprintln(w, "field     ", d.Refusal.Field)
		}
	}
	if a := d.Agreement; a != nil {
		fmt.Fprintf(w, "agreement  %d, version %d, clause %d\n", a.ID, a.Version, a.Clause)
	}
	if d.Quota != nil && d.Quota.Limit > 0 {
		fmt.Fprintf(w, "quota      %d of %d left today\n", d.Quota.Left, d.Quota.Limit)
	}
}

// clientFault prints what the server refused, each mistake on a line of its
// own, and gives the exit code that the same fault has on the server.
func clientFault(s streams, err error) error {
	var p *client.Problem
	if !errors.As(err, &p) {
		var untrusted *tls.CertificateVerificationError
		if errors.As(err, &untrusted) {
			return fault.New(fault.Invalid, "estelam.authority").Because(err)
		}
		return fault.New(fault.Unavailable, "estelam.unreachable").Because(err)
	}
	showProblem(s.err, p)
	switch {
	case p.Status == 401 || p.Status == 403:
		return exitCode(fault.Forbidden.Exit())
	case p.Status == 404:
		return exitCode(fault.NotFound.Exit())
	case p.Status == 409:
		return exitCode(fault.Conflict.Exit())
	case p.Status == 429 || p.Status >= 502:
		return exitCode(fault.Unavailable.Exit())
	case p.Status >= 500:
		return exitCode(fault.Internal.Exit())
	}
	return exitCode(fault.Invalid.Exit())
}

// showProblem prints a problem in the language of the terminal, with every
// mistake on a line of its own.
func showProblem(w io.Writer, p *client.Problem) {
	if len(p.Errors) == 0 {
		fmt.Fprintf(w, "estelam: %d %s %s: %s\n", p.Status, p.Kind, p.Key, p.Detail)
	} else { // the first of them says it again
		fmt.Fprintf(w, "estelam: %d %s %s\n", p.Status, p.Kind, p.Key)
	}
	for _, e := range p.Errors {
		text := e.En
		if terminalLang() == message.Fa {
			text = e.Fa
		}
		fmt.Fprintf(w, "  %s: %s\n", e.Field, text)
	}
	if p.ID != "" {
		fmt.Fprintf(w, "  id %s\n", p.ID)
	}
}

// checkCmd asks the service whether a tracking code is genuine.
type checkCmd struct {
	agencyClient `embed:""`
	Code         []string `arg:"" help:"Tracking code: 20 digits, groups and Persian digits welcome."`
}

// Run checks the code, given in one argument or in groups.
func (c *checkCmd) Run(ctx context.Context, s streams) error {
	cl, err := c.connect()
	if err != nil {
		return err
	}
	defer cl.Close()
	genuine, err := cl.CheckCode(ctx, strings.Join(c.Code, ""))
	if err != nil {
		return clientFault(s, err)
	}
	if !genuine {
		fmt.Fprintln(s.out, "not genuine: this service never gave out this code")
		return exitCode(fault.Invalid.Exit())
	}
	fmt.Fprintln(s.out, "genuine: this service gave out this code")
	return nil
}

func readFile(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fault.New(fault.NotFound, "estelam.file").Because(err)
	}
	return data, nil
}
