package api

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	estelam "github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/receipt"
	"github.com/estelam/estelam/signature"
)

// signs posts a body that is signed with a certificate's key at a moment.
func (c *client) signs(path, body string, cert tls.Certificate, at time.Time, edit ...func(*http.Request)) *answer {
	c.s.Helper()
	r := must(http.NewRequest(http.MethodPost, c.base+path, strings.NewReader(body)))(c.s.T)
	r.Header.Set("Content-Type", "application/json")
	signer := must(signature.ForCertificate(cert.Certificate[0], cert.PrivateKey.(crypto.Signer)))(c.s.T)
	c.s.ok(signer.Sign(r, []byte(body), at))
	for _, f := range edit {
		f(r)
	}
	res := must(c.http.Do(r))(c.s.T)
	defer func() { _ = res.Body.Close() }()
	return &answer{res, must(io.ReadAll(res.Body))(c.s.T)}
}

func (s *stack) refuses(why string, a *answer, status int, key string) {
	s.Helper()
	if p := a.problem(s.T); p.Status != status || p.Key != key {
		s.Errorf("%s: %d %s, want %d %s", why, p.Status, p.Key, status, key)
	}
}

// notary is an agency whose only clauses demand signatures.
func (s *stack) notary() (ids.LegalID, *client, tls.Certificate) {
	s.Helper()
	id, c, cert := s.enrol(7, 0)
	in, _ := s.agreements.InForce(id, time.Now())
	next := *in
	next.Clauses = []agreement.Clause{
		{No: 1, Service: inquiry.Identity, Modes: []string{"verify"}, SearchKeys: []string{inquiry.KeyBirthDate}, Fields: []string{"given_name", "surname", "father_name"}, Signature: true},
		{No: 2, Service: inquiry.Deed, Modes: []string{"verify"}, SearchKeys: []string{inquiry.KeyBirthDate}, Fields: inquiry.FieldsOf(inquiry.Deed), Signature: true},
	}
	_, err := s.agreements.Put(s.Context(), s.journal, system, &next)
	s.ok(err)
	return id, c, cert
}

// checkSigned holds the signature that stands in a record against the
// certificate, as an outsider does who has nothing else.
func checkSigned(t *testing.T, record []byte, cert tls.Certificate, body string) {
	t.Helper()
	var r struct {
		Signature struct {
			Certificate, Digest, Input string
			Value                      []byte
		}
	}
	if err := json.Unmarshal(record, &r); err != nil {
		t.Fatal(err)
	}
	leaf := must(x509.ParseCertificate(cert.Certificate[0]))(t)
	if err := signature.Verify(leaf.PublicKey, r.Signature.Input, r.Signature.Value); err != nil {
		t.Errorf("%v: %s", err, record)
	}
	sum, digest := fingerprint(cert), sha256.Sum256([]byte(body))
	if r.Signature.Certificate != hex.EncodeToString(sum[:]) || r.Signature.Digest != hex.EncodeToString(digest[:]) ||
		!strings.Contains(r.Signature.Input, `keyid="`+r.Signature.Certificate+`"`) || !strings.Contains(r.Signature.Input, "\"content-digest\": sha-256=:") {
		t.Errorf("%+v", r.Signature)
	}
}

func TestSignedRequests(t *testing.T) {
	s := newStack(t)
	id, notary, cert := s.notary()
	body := verifyLiving().String()
	if r := notary.post("/v1/inquiries", body).record(t); r.Outcome != "refused" || r.Refusal.Reason != "agreement.signature" || r.Refusal.Clause != 1 || r.Refusal.Field != "signature" {
		t.Errorf("unsigned: %+v", r)
	}
	var d Diagnosis
	ask := func(a *answer) {
		t.Helper()
		d = Diagnosis{}
		if err := json.Unmarshal(a.body, &d); err != nil || a.StatusCode != 200 {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
	}
	if ask(notary.post("/v1/diagnosis", body)); d.Permitted || d.Refusal.Reason != "agreement.signature" || d.Refusal.Clause != 1 {
		t.Errorf("unsigned: %+v", d.Refusal)
	}
	if ask(notary.signs("/v1/diagnosis", body, cert, time.Now())); !d.Permitted {
		t.Errorf("signed: %+v", d.Refusal)
	}
	a := notary.signs("/v1/inquiries", body, cert, time.Now())
	if r := a.record(t); r.Outcome != "confirmed" {
		t.Errorf("signed: %+v", r)
	}
	var file struct{ Record json.RawMessage }
	s.ok(json.Unmarshal(a.body, &file))
	checkSigned(t, file.Record, cert, body)
	code := a.codeOf(t)
	if ask(notary.post("/v1/diagnosis", object{"officer": officer, "code": code}.String())); !d.Permitted {
		t.Errorf("the signed one, by its code: %+v", d.Refusal)
	}

	// Another live certificate of the agency signs as well, and one bound to the officer.
	other, own := s.certificate(id, ""), s.certificate(id, officer)
	for _, by := range []tls.Certificate{other, own, other} {
		if r := notary.signs("/v1/inquiries", body, by, time.Now()).record(t); r.Outcome != "confirmed" {
			t.Errorf("by another certificate: %+v", r)
		}
	}

	// A batch and a deed have one signature for all of their entries.
	batch := object{"officer": officer, "purpose": "account-opening", "file": "1", "questions": []object{
		verifyLiving().with("officer", nil), verifyLiving().with("officer", nil),
	}}.String()
	a = notary.signs("/v1/inquiries/batch", batch, cert, time.Now())
	var many struct {
		Entries []struct{ Record json.RawMessage }
	}
	s.ok(json.Unmarshal(a.body, &many))
	for _, e := range many.Entries {
		checkSigned(t, e.Record, cert, batch)
	}
	deed := object{"officer": officer, "purpose": "deed", "file": "1", "deed": "sale", "parties": []object{{
		"role": "seller", "national_number": living.String(), "birth_date": "1370-01-01", "given_name": "آزمون", "surname": "نمونه‌ای",
	}}}.String()
	a = notary.signs("/v1/deeds/check", deed, cert, time.Now())
	var act struct {
		Result  struct{ Outcome string }
		Receipt struct {
			Entries []struct{ Record json.RawMessage }
		}
	}
	s.ok(json.Unmarshal(a.body, &act))
	if act.Result.Outcome != "confirmed" || len(act.Receipt.Entries) != 2 || len(many.Entries) != 2 {
		t.Errorf("%s", a.body)
	}
	for _, e := range act.Receipt.Entries {
		checkSigned(t, e.Record, cert, deed)
	}
}

// A signature that is sent is verified, whether a clause demands one or not. If
// it is bad, nothing happens.
func TestBadSignatures(t *testing.T) {
	s := newStack(t)
	body := verifyLiving().String()
	header := func(name string, f func(string) string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, f(r.Header.Get(name))) }
	}
	replace := func(old, new string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, new, 1) }
	}
	size := s.journal.State().Size
	for _, c := range []struct {
		why    string
		status int
		key    string
		edit   func(*http.Request)
	}{
		{"two signatures", 401, "api.signature.form", header("Signature", func(v string) string { return v + ", b=:AAAA:" })},
		{"two signatures in two lines", 401, "api.signature.form", func(r *http.Request) { r.Header.Add("Signature", "b=:AAAA:") }},
		{"no signature beside its input", 401, "api.signature.form", func(r *http.Request) { r.Header.Del("Signature") }},
		{"a signature alone", 401, "api.signature.form", func(r *http.Request) { r.Header.Del("Signature-Input") }},
		{"a large one", 401, "api.signature.form", header("Signature", func(string) string { return "a=:" + strings.Repeat("A", 8192) + ":" })},
		{"no digest", 401, "api.signature.digest", func(r *http.Request) { r.Header.Del("Content-Digest") }},
		{"the digest of another body", 401, "api.signature.digest", func(r *http.Request) {
			r.Body = io.NopCloser(bytes.NewReader([]byte(strings.Replace(body, "1405-1001", "1405-1002", 1))))
		}},
		{"the digest not covered", 401, "api.signature.covers", header("Signature-Input", replace(` "content-digest"`, ""))},
		{"somebody's cookie covered", 401, "api.signature.covers", header("Signature-Input", replace(`("`, `("cookie" "`))},
		{"keyid of no certificate", 403, "api.signature.certificate", header("Signature-Input", func(v string) string {
			i := strings.Index(v, `keyid="`) + 7
			return v[:i] + strings.Repeat("0", 64) + v[i+64:]
		})},
		{"another algorithm", 401, "api.signature.key", header("Signature-Input", replace("ecdsa-p256-sha256", "ed25519"))},
		{"a flipped bit", 401, "api.signature.wrong", header("Signature", func(v string) string {
			if v[20] == 'A' {
				return v[:20] + "B" + v[21:]
			}
			return v[:20] + "A" + v[21:]
		})},
		{"the time changed", 401, "api.signature.wrong", header("Signature-Input", func(v string) string {
			i := strings.Index(v, "created=") + 17
			return v[:i] + string('0'+(v[i]-'0'+1)%10) + v[i+1:]
		})},
	} {
		for _, path := range []string{"/v1/inquiries", "/v1/inquiries/batch", "/v1/deeds/check", "/v1/diagnosis"} {
			text := body
			if path == "/v1/deeds/check" { // this door reads its input before the handler
				text = `{"officer":"` + officer + `"}`
				if c.why == "the digest of another body" {
					continue
				}
			}
			s.refuses(c.why+" "+path, s.bank.signs(path, text, s.bankCert, time.Now(), c.edit), c.status, c.key)
		}
	}
	res, err := s.bank.http.Do(func() *http.Request {
		r := must(http.NewRequest(http.MethodPost, s.url+"/v1/inquiries", strings.NewReader(body)))(t)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Signature", strings.Repeat("A", 64<<10))
		return r
	}())
	if err == nil {
		_ = res.Body.Close()
		if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("a huge header: %d", res.StatusCode)
		}
	}

	// Forged: another key under the name of the bank's certificate.
	forged := tls.Certificate{Certificate: s.bankCert.Certificate, PrivateKey: s.forge(true, x509.ExtKeyUsageClientAuth).PrivateKey}
	s.refuses("another key", s.bank.signs("/v1/inquiries", body, forged, time.Now()), 401, "api.signature.wrong")
	taxID, tax, taxCert := s.enrol(8, 0)
	s.refuses("another agency's certificate", s.bank.signs("/v1/inquiries", body, taxCert, time.Now()), 403, "api.signature.certificate")
	s.refuses("ours, sent by another agency", tax.signs("/v1/inquiries", body, s.bankCert, time.Now()), 403, "api.signature.certificate")
	s.refuses("one that the register does not know", s.bank.signs("/v1/inquiries", body, s.forge(true, x509.ExtKeyUsageClientAuth), time.Now()), 403, "api.signature.certificate")
	old := s.certificate(taxID, "")
	_, err = s.agencies.RevokeCertificate(t.Context(), s.journal, system, fingerprint(old), "lost")
	s.ok(err)
	s.refuses("one that was revoked", tax.signs("/v1/inquiries", body, old, time.Now()), 403, "api.signature.certificate")
	s.refuses("another officer's", s.bank.signs("/v1/inquiries", verifyLiving().with("officer", "b.other").String(), s.certificate(s.bankID, officer), time.Now()), 403, "api.officer.other")

	if entries := s.inquiries(); entries != 0 {
		t.Errorf("%d inquiries were recorded, from entry %d on", entries, size)
	}
}

// inquiries counts those that the agencies of the tests have recorded.
func (s *stack) inquiries() (n int) {
	s.Helper()
	s.ok(s.journal.Walk(s.Context(), journal.Span{}, func(w *journal.Walked) error {
		if w.Kind == receipt.Inquiry {
			n++
		}
		return nil
	}))
	return n
}

// Promise P16: a clock that jumps by a day lets no stale request in, and what is
// signed now passes again as soon as the clock is right.
func TestStaleRequests(t *testing.T) {
	s := newStack(t)
	const day = 24 * time.Hour
	jump := func(d time.Duration) { s.ahead.Store(int64(d)) }
	jump(-3 * day)
	_, old, cert := s.enrol(9, 0) // so that its certificate is valid when the clock is behind
	jump(0)
	body := verifyLiving().String()
	ask := func(signed time.Duration) *answer {
		t.Helper()
		return old.signs("/v1/inquiries", body, cert, time.Now().Add(signed))
	}
	good := func(why string, a *answer) {
		t.Helper()
		if r := a.record(t); r.Outcome != "confirmed" {
			t.Errorf("%s: %+v", why, r)
		}
	}
	good("now", ask(0))
	good("4 minutes old", ask(-4*time.Minute))
	good("by a clock that is 4 minutes ahead", ask(4*time.Minute))
	s.refuses("6 minutes old", ask(-6*time.Minute), 401, "api.signature.stale")
	s.refuses("6 minutes ahead", ask(6*time.Minute), 401, "api.signature.stale")
	s.refuses("a day old", ask(-day), 401, "api.signature.stale")
	s.refuses("at the beginning of time", old.signs("/v1/inquiries", body, cert, time.Unix(0, 0)), 401, "api.signature.stale")

	size := s.journal.State().Size
	jump(day)
	s.refuses("the clock a day ahead, signed now", ask(0), 401, "api.signature.stale")
	jump(-day)
	s.refuses("the clock a day behind, signed a day ago", ask(-day), 503, "api.signature.clock")
	s.refuses("the clock a day behind, signed now", ask(0), 503, "api.signature.clock")
	jump(-4 * time.Minute)
	s.refuses("the clock 4 minutes behind, signed 8 minutes ago", ask(-8*time.Minute), 401, "api.signature.stale")
	if n := s.journal.State().Size; n != size {
		t.Errorf("%d entries were made while the clock was wrong", n-size)
	}
	jump(0)
	good("the clock is right again", ask(0))
	s.refuses("and what is stale stays so", ask(-day), 401, "api.signature.stale")

	// A replay within the minutes is the same inquiry where it has a key.
	keyed := func(r *http.Request) { r.Header.Set("Idempotency-Key", "k-1") }
	at := time.Now()
	one, two := old.signs("/v1/inquiries", body, cert, at, keyed), old.signs("/v1/inquiries", body, cert, at.Add(time.Second), keyed)
	if !bytes.Equal(one.body, two.body) {
		t.Errorf("%s\n%s", one.body, two.body)
	}
}

// The Go client signs with what it has.
func TestClientSigns(t *testing.T) {
	s := newStack(t)
	_, _, cert := s.notary()
	signing := func(c *estelam.Config) {
		c.Sign = true
		s.ok(os.WriteFile(c.CertFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), 0o600))
		s.ok(os.WriteFile(c.KeyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(cert.PrivateKey))(t)}), 0o600))
	}
	p := s.program(signing)
	q := question()
	a := must(p.Inquire(t.Context(), q))(t)
	if a.Outcome != "differs" || a.Signature == nil {
		t.Fatalf("%+v", a.Record)
	}
	leaf := must(x509.ParseCertificate(cert.Certificate[0]))(t)
	s.ok(signature.Verify(leaf.PublicKey, a.Signature.Input, a.Signature.Value))
	if d := must(p.Diagnose(t.Context(), q))(t); !d.Permitted {
		t.Errorf("%+v", d.Refusal)
	}
	q.Officer = ""
	if all := must(p.Batch(t.Context(), estelam.Batch{Officer: officer, Questions: []estelam.Question{q, q}}))(t); all[1].Signature == nil {
		t.Errorf("%+v", all[1].Record)
	}
	if _, err := estelam.New(estelam.Config{URL: s.url, Unverified: true, Sign: true, CAFile: filepath.Join(s.caDir, "ca.pem")}); err == nil {
		t.Error("a client signs without a certificate")
	}
}
