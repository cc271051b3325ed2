package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
)

// agencyCmd is what the registry's operator does for agencies. Each of these
// is an act with an entry in the journal; they work beside a running server.
type agencyCmd struct {
	Register  agencyRegister  `cmd:"" help:"Take an agency into the register."`
	Invite    agencyInvite    `cmd:"" help:"Invite an agency's highest officer: prints the code with which he joins."`
	Join      agencyJoin      `cmd:"" help:"At the agency: its highest officer joins with the code of his invitation."`
	Certify   agencyCertify   `cmd:"" help:"At the agency: its highest officer has a colleague's or the program's request signed."`
	Officer   agencyOfficer   `cmd:"" help:"Add an officer of an agency."`
	Change    agencyChange    `cmd:"" help:"Change an officer: end his delegation, suspend him, give him another role."`
	Agreement agencyAgreement `cmd:"" help:"Put an agreement in force, from a JSON file."`
	Request   agencyRequest   `cmd:"" help:"At the agency: make a private key and a certificate request."`
	Enroll    agencyEnroll    `cmd:"" help:"Sign an agency's certificate request."`
	Revoke    agencyRevoke    `cmd:"" help:"Revoke a certificate."`
	State     agencyState     `cmd:"" help:"Suspend, resume or close an agency."`
	End       agencyEnd       `cmd:"" help:"Suspend, resume or end an agreement."`
	List      agencyList      `cmd:"" help:"List agencies, officers, certificates and agreements."`
}

// act runs f on open registers and prints the tracking code of what it did.
func act(ctx context.Context, at site, s streams, f func(*house) (journal.Proven, error)) error {
	h, err := visit(ctx, at)
	if err != nil {
		return err
	}
	defer h.close()
	p, err := f(h)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "done, tracking code %s\n", p.Code.Grouped())
	return nil
}

type agencyRegister struct {
	site     `embed:""`
	ID       string `arg:"" help:"Legal id, 11 digits."`
	Name     string `arg:"" help:"Official name."`
	Kind     string `enum:",registry,post,municipality,printer,planning,administration" default:"" help:"What it does besides asking: registry, post, municipality, printer, planning or administration; empty: nothing."`
	Parent   string `help:"Legal id of the body above."`
	Province string `help:"Province of a provincial body; empty: national."`
	County   string `help:"With --province: the county that a municipality answers for."`
	Locality string `help:"The city or village that a municipality answers for; empty: the whole county."`
}

// Run registers the agency.
func (c *agencyRegister) Run(ctx context.Context, s streams) error {
	id, err := ids.ParseLegalID(c.ID)
	if err != nil {
		return err
	}
	var parent ids.LegalID
	if c.Parent != "" {
		if parent, err = ids.ParseLegalID(c.Parent); err != nil {
			return fault.Of(err).At("parent")
		}
	}
	return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
		if _, err := h.agencies.ByID(id); err == nil {
			return journal.Proven{}, fault.New(fault.Conflict, "estelam.agency.registered")
		}
		return h.agencies.Register(ctx, h.journal, operator(), &agency.Agency{
			ID: id, Name: c.Name, Kind: c.Kind, Parent: parent, Province: c.Province, County: c.County, Locality: c.Locality,
		})
	})
}

type agencyOfficer struct {
	site     `embed:""`
	ID       string `arg:"" help:"Legal id of the agency."`
	Login    string `arg:"" help:"Login, as inquiries name it: Latin letters, digits, dots, dashes."`
	Name     string `required:"" help:"Name as slips show it."`
	Role     string `default:"officer" help:"officer, head or programmer; by the agency's kind also clerk or supervisor, post, municipality, printer, member, inspector."`
	Until    string `required:"" help:"Last day of the delegation, Solar Hijri."`
	Password bool   `help:"Read a password for the console from standard input."`
}

// Run adds the officer, and sets the password if one is given.
func (c *agencyOfficer) Run(ctx context.Context, s streams) error {
	id, err := ids.ParseLegalID(c.ID)
	if err != nil {
		return err
	}
	until, err := persian.ParseDate(c.Until)
	if err != nil {
		return fault.Of(err).At("until")
	}
	password := ""
	if c.Password {
		line, err := io.ReadAll(io.LimitReader(s.in, 1024))
		if err != nil {
			return err
		}
		password = strings.TrimRight(string(line), "\r\n")
	}
	return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
		p, err := h.agencies.AddOfficer(ctx, h.journal, operator(), &agency.Officer{Agency: id, Login: c.Login, Name: c.Name, Role: c.Role, Until: until})
		if err != nil || !c.Password {
			return p, err
		}
		return h.agencies.SetPassword(ctx, h.journal, operator(), id, c.Login, password)
	})
}

type agencyChange struct {
	site  `embed:""`
	ID    string `arg:"" help:"Legal id of the agency."`
	Login string `arg:"" help:"His login."`
	Role  string `help:"Another role."`
	Until string `help:"Another last day of the delegation, Solar Hijri; a past one ends it at once."`
	State string `help:"active, suspended or closed."`
}

// Run changes the officer; running servers obey within a second.
func (c *agencyChange) Run(ctx context.Context, s streams) error {
	id, err := ids.ParseLegalID(c.ID)
	if err != nil {
		return err
	}
	return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
		old, err := h.agencies.Officer(id, c.Login)
		if err != nil {
			return journal.Proven{}, err
		}
		o := *old
		if c.Role != "" {
			o.Role = c.Role
		}
		if c.Until != "" {
			if o.Until, err = persian.ParseDate(c.Until); err != nil {
				return journal.Proven{}, fault.Of(err).At("until")
			}
		}
		if c.State != "" {
			if o.State, err = agency.ParseState(c.State); err != nil {
				return journal.Proven{}, err
			}
		}
		return h.agencies.ChangeOfficer(ctx, h.journal, operator(), &o)
	})
}

type agencyAgreement struct {
	site `embed:""`
	File string `arg:"" help:"JSON file; 'estelam agency agreement --help' shows the form."`
}

// Help shows the file's form.
func (agencyAgreement) Help() string {
	return `{"agency":"14003552272","service":"10031094100","from":"1405-01-01","until":"1405-12-29","clauses":[{"no":1,"service":"identity","modes":["verify"],"search_keys":["national_number+birth_date"],"fields":["given_name","surname"],"purposes":["kyc"],"daily_quota":10000}]}

docs/agreements.md lists what a clause can say besides: hours, days, signature, court_days, audit_days, silence, misuse, statement, risk.`
}

// Run puts the agreement in force.
func (c *agencyAgreement) Run(ctx context.Context, s streams) error {
	data, err := readFile(c.File)
	if err != nil {
		return err
	}
	a, err := agreement.ParseJSON(data)
	if err != nil {
		return err
	}
	return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
		p, err := h.agreements.Put(ctx, h.journal, operator(), a)
		if err == nil {
			fmt.Fprintf(s.out, "agreement %d, version %d\n", a.ID, a.Version)
		}
		return p, err
	})
}

type agencyRequest struct {
	Out string `arg:"" help:"Where to write NAME.key and NAME.csr; give the name without ending." type:"path"`
}

// Run makes key and request. The key never leaves the agency.
func (c *agencyRequest) Run(s streams) error {
	if err := makeRequest(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s.key   keep it secret\n%s.csr   give it to who has it signed: your agency's highest officer, or the operator\n", c.Out, c.Out)
	return nil
}

type agencyEnroll struct {
	site    `embed:""`
	ID      string `arg:"" help:"Legal id of the agency."`
	CSR     string `arg:"" help:"Certificate request (PEM)."`
	Officer string `help:"Login of the officer whom the certificate is bound to; empty: the agency's program."`
	Out     string `short:"o" help:"Where to write the certificate; empty: standard output." type:"path"`
}

// Run signs the request.
func (c *agencyEnroll) Run(ctx context.Context, s streams) error {
	id, err := ids.ParseLegalID(c.ID)
	if err != nil {
		return err
	}
	csr, err := readFile(c.CSR)
	if err != nil {
		return err
	}
	h, err := visit(ctx, c.site)
	if err != nil {
		return err
	}
	defer h.close()
	cert, err := h.agencies.Enroll(ctx, h.journal, operator(), h.ca, id, c.Officer, csr)
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = s.out.Write(cert)
		return err
	}
	if err := os.WriteFile(c.Out, cert, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s   send it to the agency, with %s\n", c.Out, filepath.Join(caDir(c.Data), "ca.pem"))
	return nil
}

type agencyRevoke struct {
	site `embed:""`
	Cert string `arg:"" help:"Certificate file (PEM) or its SHA-256 fingerprint in hex."`
	Why  string `required:"" help:"Reason, a code word such as key-lost."`
}

// Run revokes the certificate; running servers obey within a second.
func (c *agencyRevoke) Run(ctx context.Context, s streams) error {
	fp, err := fingerprint(c.Cert)
	if err != nil {
		return err
	}
	return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
		return h.agencies.RevokeCertificate(ctx, h.journal, operator(), fp, c.Why)
	})
}

func fingerprint(text string) (fp [32]byte, err error) {
	if raw, err := hex.DecodeString(strings.ReplaceAll(text, ":", "")); err == nil && len(raw) == len(fp) {
		return [32]byte(raw), nil
	}
	data, err := readFile(text)
	if err != nil {
		return fp, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return fp, fault.New(fault.Invalid, "estelam.certificate")
	}
	return sha256.Sum256(block.Bytes), nil
}

type agencyState struct {
	site  `embed:""`
	ID    string `arg:"" help:"Legal id of the agency."`
	State string `arg:"" help:"active, suspended or closed."`
	Why   string `required:"" help:"Reason, a code word."`
}

// Run changes the state; running servers obey within a second.
func (c *agencyState) Run(ctx context.Context, s streams) error {
	id, err := ids.ParseLegalID(c.ID)
	if err != nil {
		return err
	}
	state, err := agency.ParseState(c.State)
	if err != nil {
		return err
	}
	return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
		return h.agencies.SetState(ctx, h.journal, operator(), id, state, c.Why)
	})
}

type agencyEnd struct {
	site      `embed:""`
	Agreement int64  `arg:"" help:"Number of the agreement."`
	How       string `arg:"" enum:"suspend,resume,end" help:"suspend, resume or end."`
	Why       string `required:"" help:"Reason, a code word."`
}

// Run changes the agreement; running servers obey within a second.
func (c *agencyEnd) Run(ctx context.Context, s streams) error {
	return act(ctx, c.site, s, func(h *house) (journal.Proven, error) {
		change := map[string]func(context.Context, *journal.Journal, journal.Actor, int64, string) (journal.Proven, error){
			"suspend": h.agreements.Suspend, "resume": h.agreements.Resume, "end": h.agreements.End,
		}[c.How]
		return change(ctx, h.journal, operator(), c.Agreement, c.Why)
	})
}

type agencyList struct {
	site `embed:""`
}

// Run lists everything about agencies, a line each.
func (c *agencyList) Run(ctx context.Context, s streams) error {
	h, err := visit(ctx, c.site)
	if err != nil {
		return err
	}
	defer h.close()
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	for _, a := range h.agencies.Agencies() {
		fmt.Fprintf(w, "agency\t%s\t%s\t%s\t%s\n", a.ID, a.State, a.Name, a.Kind)
		for _, o := range h.agencies.Officers(a.ID) {
			fmt.Fprintf(w, "  officer\t%s\t%s\tuntil %s\t%s\n", o.Login, o.State, o.Until, o.Role)
		}
		for _, cert := range h.agencies.Certificates(a.ID) {
			fmt.Fprintf(w, "  certificate\t%x…\t%s\tuntil %s\t%s\n", cert.Fingerprint[:8], cert.State(time.Now()), cert.Until.Format(time.DateOnly), cert.Officer)
		}
		for _, g := range h.agreements.Of(a.ID) {
			fmt.Fprintf(w, "  agreement\t%d version %d\t%s\t%d clauses\n", g.ID, g.Version, g.State, len(g.Clauses))
		}
	}
	return w.Flush()
}

// makeRequest writes a new private key and a request for a certificate.
func makeRequest(out string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o700); err != nil {
		return err
	}
	return errors.Join(
		writePEM(out+".key", 0o600, "PRIVATE KEY", secret),
		writePEM(out+".csr", 0o644, "CERTIFICATE REQUEST", csr),
	)
}

// writePEM writes a file that must not be there yet.
func writePEM(file string, mode os.FileMode, kind string, der []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fault.New(fault.Conflict, "estelam.file.exists").Because(err)
	}
	return errors.Join(pem.Encode(f, &pem.Block{Type: kind, Bytes: der}), f.Close())
}
