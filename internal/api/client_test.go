package api

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	estelam "github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/receipt"
)

// program is the Go client of the bank, made of files as an agency has them.
func (s *stack) program(change ...func(*estelam.Config)) *estelam.Client {
	s.Helper()
	dir := s.TempDir()
	file := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		s.ok(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	ca := filepath.Join(dir, "ca.pem")
	s.ok(os.WriteFile(ca, s.ca.PEM(), 0o600))
	c := estelam.Config{
		URL: s.url, CAFile: ca, LogKey: s.journal.State().VerifierKey, English: true,
		CertFile: file("cert.pem", "CERTIFICATE", s.bankCert.Certificate[0]),
		KeyFile:  file("key.pem", "PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(s.bankCert.PrivateKey))(s.T)),
	}
	for _, f := range change {
		f(&c)
	}
	p := must(estelam.New(c))(s.T)
	s.Cleanup(p.Close)
	return p
}

func question() estelam.Question {
	return estelam.Question{
		Officer: officer, Purpose: "account-opening", File: "1405-1001", Service: "identity", Mode: "verify",
		NationalNumber: living.String(), BirthDate: "1370-01-01",
		Claims: map[string]string{"surname": "نمونه ای", "given_name": "دیگری"},
	}
}

// The client does everything that the API does.
func TestClient(t *testing.T) {
	s := newStack(t)
	p := s.program()
	ctx := t.Context()
	a := must(p.Inquire(ctx, question(), estelam.Key("k-1")))(t)
	if a.Outcome != "differs" || a.Results.Fields["surname"] != "match" || a.Results.Fields["given_name"] != "differs" || len(a.Code) != 20 {
		t.Errorf("%+v", a.Record)
	}
	if again := must(p.Inquire(ctx, question(), estelam.Key("k-1")))(t); again.Code != a.Code {
		t.Error("the same key gives another code")
	}
	q := question()
	q.Mode, q.Claims, q.Fields = "disclose", nil, []string{"surname", "sex"}
	d := must(p.Inquire(ctx, q))(t)
	if v := d.Results.Values["sex"]; v == nil || *v != "female" {
		t.Errorf("%+v", d.Results)
	}
	if !must(p.CheckCode(ctx, a.Code))(t) {
		t.Error("the code is not genuine")
	}
	if !must(p.MatchCode(ctx, officer, a.Code, living.String()))(t) || must(p.MatchCode(ctx, officer, a.Code, dead.String()))(t) {
		t.Error("the code matches wrongly")
	}
	if own := must(p.Receipt(ctx, officer, a.Code))(t); own.Code != a.Code || own.Outcome != a.Outcome {
		t.Errorf("%+v", own.Record)
	}
	if f := must(p.CheckReceipt(ctx, a.Receipt.Append(nil)))(t); !f.Valid || f.Entries != 1 {
		t.Errorf("%+v", f)
	}
	if f := must(p.CheckReceipt(ctx, []byte("{}")))(t); f.Valid || f.Step != "format" || f.En == "" {
		t.Errorf("%+v", f)
	}
	q = question()
	q.Claims = map[string]string{"life_status": "alive"}
	if g := must(p.Diagnose(ctx, q))(t); g.Permitted || g.Refusal.Field != "life_status" || g.Certificate.Until.IsZero() {
		t.Errorf("%+v", g)
	}
	r := must(p.Inquire(ctx, q))(t)
	if r.Outcome != "refused" || r.Refusal.Reason != "agreement.field" {
		t.Errorf("%+v", r.Record)
	}
	if g := must(p.DiagnoseCode(ctx, officer, r.Code))(t); g.Recorded == nil || g.Recorded.Refusal.Reason != "agreement.field" {
		t.Errorf("%+v", g)
	}
	if in := must(p.Agreement(ctx))(t); in.Agency != s.bankID.String() || len(in.Clauses) != 6 || in.Clauses[0].DailyQuota != 1000 {
		t.Errorf("%+v", in)
	}
	if keys := must(p.LogKeys(ctx))(t); !slices.Contains(keys, s.journal.State().VerifierKey) {
		t.Errorf("%q", keys)
	}
}

func TestClientBatch(t *testing.T) {
	s := newStack(t)
	p := s.program()
	q := question()
	q.Officer = ""
	b := estelam.Batch{Officer: officer, Questions: []estelam.Question{q, q, q}}
	b.Questions[1].NationalNumber = dead.String()
	list := must(p.Batch(t.Context(), b, estelam.Key("b-1")))(t)
	if len(list) != 3 || list[0].Outcome != "differs" || list[1].Outcome != "deceased" || list[0].Code == list[2].Code {
		t.Fatalf("%d answers", len(list))
	}
	for i, a := range list {
		f := must(p.CheckReceipt(t.Context(), a.Receipt.Append(nil)))(t)
		if !f.Valid {
			t.Errorf("receipt %d: %+v", i, f)
		}
	}
}

// A problem comes back whole; an answer that another log proves does not.
func TestClientRefuses(t *testing.T) {
	s := newStack(t)
	q := question()
	q.NationalNumber = canary
	_, err := s.program().Inquire(t.Context(), q)
	var p *estelam.Problem
	if !errors.As(err, &p) || p.Status != 422 || p.Key != "ids.number.check" || p.Errors[0].Field != "/national_number" || p.Detail != p.En {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), canary) {
		t.Error("the error repeats the input")
	}
	other := newStack(t).journal.State().VerifierKey
	_, err = s.program(func(c *estelam.Config) { c.LogKey = other }).Inquire(t.Context(), question())
	if err == nil || !strings.Contains(err.Error(), "signature") {
		t.Errorf("a receipt of another log: %v", err)
	}
	if _, err = s.program(func(c *estelam.Config) { c.LogKey, c.Unverified = "", true }).Inquire(t.Context(), question()); err != nil {
		t.Errorf("unverified: %v", err)
	}
	_, err = s.program(func(c *estelam.Config) { c.CertFile = "" }).Inquire(t.Context(), question())
	if !errors.As(err, &p) || p.Key != "api.certificate.none" {
		t.Errorf("without a certificate: %v", err)
	}
}

// An officer acts through the client: receipts are verified, and an act without
// one is an error.
func TestClientActs(t *testing.T) {
	s := newStack(t)
	s.staff(register.Supervisor)
	mounted := s.api.agencyDoor.(door).exact
	one := func(c *call, who journal.Actor, in *sample) (map[string]string, journal.Proven, error) {
		body := receipt.AppendString([]byte(`"why":`), in.Note)
		p, err := s.journal.Commit(c.r.Context(), journal.Entry{Kind: receipt.PersonChange, Body: body})
		return map[string]string{"by": who.ID}, p, err
	}
	mounted["/v1/sample/act"] = s.api.mount(act("/v1/sample/act", one))
	mounted["/v1/sample/read"] = s.api.mount(ask("/v1/sample/read", func(_ *call, _ journal.Actor, in *sample) ([]string, error) {
		return []string{in.Note}, nil
	}))
	mounted["/v1/sample/pdf"] = s.api.mount(ask("/v1/sample/pdf", func(c *call, who journal.Actor, in *sample) (any, error) {
		_, p, err := one(c, who, in)
		if err != nil {
			return nil, err
		}
		c.proves(&p)
		return nil, c.stream("application/pdf", func(w io.Writer) error { _, err := io.WriteString(w, "%PDF"); return err })
	}))
	p := s.program(func(c *estelam.Config) { *c = s.files(*c, s.certs[register.Supervisor]) })
	ctx := t.Context()
	var by struct{ By string }
	d := must(p.Act(ctx, "sample/act", map[string]string{"note": "x"}, &by))(t)
	if by.By != "supervisor" || len(d.Code) != 20 || d.Receipt == nil || !strings.Contains(string(d.Receipt.Record), `"why":"x"`) {
		t.Errorf("%+v %+v", by, d)
	}
	if _, err := p.Act(ctx, "sample/read", map[string]string{"note": "x"}, nil); err == nil {
		t.Error("an act without a receipt was taken")
	}
	var list []string
	if d := must(p.Read(ctx, "sample/read", map[string]string{"note": "x"}, &list))(t); len(list) != 1 || d.Code != "" {
		t.Errorf("%v %+v", list, d)
	}
	d = must(p.Act(ctx, "sample/pdf", map[string]string{"note": "y"}, nil))(t)
	if string(d.Document) != "%PDF" || d.Kind != "application/pdf" || d.Receipt == nil || len(d.Code) != 20 {
		t.Errorf("%+v", d)
	}
	_, err := p.Act(ctx, "sample/act", map[string]string{"nobody": "x"}, nil)
	var problem *estelam.Problem
	if !errors.As(err, &problem) || problem.Key != "api.json.unknown" {
		t.Error(err)
	}
	other := newStack(t)
	stranger := s.program(func(c *estelam.Config) {
		*c = s.files(*c, s.certs[register.Supervisor])
		c.LogKey = other.journal.State().VerifierKey
	})
	if _, err := stranger.Act(ctx, "sample/act", map[string]string{"note": "x"}, nil); err == nil {
		t.Error("a receipt of another log was taken")
	}
	if _, err := stranger.Act(ctx, "sample/pdf", map[string]string{"note": "x"}, nil); err == nil {
		t.Error("a document with a receipt of another log was taken")
	}
}

// files puts a certificate into the configuration of a client.
func (s *stack) files(c estelam.Config, cert tls.Certificate) estelam.Config {
	s.Helper()
	dir := s.TempDir()
	c.CertFile, c.KeyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	key := must(x509.MarshalPKCS8PrivateKey(cert.PrivateKey))(s.T)
	s.ok(os.WriteFile(c.CertFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), 0o600))
	s.ok(os.WriteFile(c.KeyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600))
	return c
}
