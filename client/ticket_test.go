package client_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/client"
)

// example is the ticket of docs/exceptions.md: made by the code that makes real
// ones, with a key and a salt that everybody knows.
func example(t testing.TB) (*client.Ticket, ed25519.PrivateKey, [32]byte) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	salt := [32]byte(bytes.Repeat([]byte{9}, 32))
	at := time.Date(2026, 11, 22, 6, 30, 0, 123456000, time.UTC)
	n := &client.Ticket{
		Agency: "14003552272", Certificate: sha256.Sum256([]byte("the certificate in DER")), Number: 1,
		Officer: "b.sample", Purpose: "kyc", Process: "account", File: "1405-77", Service: "identity",
		Asked: client.Asking(salt, "0012345679"), Since: at, Time: at.Add(20 * time.Second), Error: client.Unreachable,
	}
	if err := n.Sign(key); err != nil {
		t.Fatal(err)
	}
	return n, key, salt
}

// TestDocumentedTicket finds every byte of the example in docs/exceptions.md.
func TestDocumentedTicket(t *testing.T) {
	page, err := os.ReadFile("../docs/exceptions.md")
	if err != nil {
		t.Fatal(err)
	}
	n, key, salt := example(t)
	sum := n.Hash()
	second := *n
	second.Number, second.Before, second.File = 2, sum, "1405-78"
	if err := second.Sign(key); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]string{
		"public key": hex.EncodeToString(key.Public().(ed25519.PublicKey)), "salt": hex.EncodeToString(salt[:]),
		"asked": hex.EncodeToString(n.Asked[:]), "text": n.Text(), "signature": base64.StdEncoding.EncodeToString(n.Signature),
		"hash": hex.EncodeToString(sum[:]), "code": n.Code(), "file": string(n.Append(nil)), "second file": string(second.Append(nil)),
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the %s is not in the page: %s", what, want)
		}
	}
	again, err := client.ParseTicket([]byte(strings.ReplaceAll(string(n.Append(nil)), ",", ",\n  ")))
	if err != nil || again.Hash() != sum || !second.Follows(again) || again.Follows(&second) {
		t.Errorf("%v", err)
	}
}

// TestProvisional: every wrong digit and every swap of neighbours is found, and
// nothing else passes for a code.
func TestProvisional(t *testing.T) {
	n, _, _ := example(t)
	code := n.Code()
	for _, s := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "-", ""), "T-" + persian(code[2:])} {
		if got, ok := client.ParseProvisional(s); !ok || got != code {
			t.Errorf("%q is read as %q", s, got)
		}
	}
	for i := 2; i < len(code); i++ {
		for d := byte('0'); d <= '9'; d++ {
			wrong := []byte(code)
			if wrong[i] == '-' || wrong[i] == d {
				continue
			}
			wrong[i] = d
			if _, ok := client.ParseProvisional(string(wrong)); ok {
				t.Errorf("%s passes", wrong)
			}
		}
		if j := i + 1; j < len(code) && code[i] != code[j] && code[i] != '-' && code[j] != '-' {
			wrong := []byte(code)
			wrong[i], wrong[j] = wrong[j], wrong[i]
			if _, ok := client.ParseProvisional(string(wrong)); ok {
				t.Errorf("%s passes", wrong)
			}
		}
	}
	for _, s := range []string{"", "T", "1807 4408 1801 7695 8532", code[2:], "X" + code[1:], code + "1", "T-12x4-5678-9012-3456", strings.Repeat("T", 200)} {
		if _, ok := client.ParseProvisional(s); ok {
			t.Errorf("%q passes", s)
		}
	}
}

func persian(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '۰'
		}
		return r
	}, s)
}

// FuzzParseTicket: what is read is written again the same, and its signature is
// only good if it is the one that was made.
func FuzzParseTicket(f *testing.F) {
	n, _, _ := example(f)
	whole := n.Append(nil)
	f.Add(whole)
	f.Add([]byte(`{"format":"estelam-ticket/1","ticket":{},"signature":""}`))
	f.Add(bytes.Replace(whole, []byte("kyc"), []byte(`k\"c\n`), 1))
	f.Add(bytes.Replace(whole, []byte(`"process":"account",`), nil, 1))
	f.Fuzz(func(t *testing.T, file []byte) {
		n, err := client.ParseTicket(file)
		if err != nil {
			if !errors.Is(err, client.ErrTicket) {
				t.Error(err)
			}
			return
		}
		again, err := client.ParseTicket(n.Append(nil))
		if err != nil || again.Hash() != n.Hash() || again.Code() != n.Code() {
			t.Errorf("%s is read once and not twice: %v", file, err)
		}
	})
}

func TestOutage(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	over := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	defer slow.Close()
	defer close(over)
	strange := httptest.NewTLSServer(http.NotFoundHandler())
	strange.Config.ErrorLog = nil
	defer strange.Close()
	answers := func(status int) string {
		s := httptest.NewServer(busy(status, "1"))
		t.Cleanup(s.Close)
		return s.URL
	}
	broken := httptest.NewServer(http.HandlerFunc(torn))
	defer broken.Close()
	for name, c := range map[string]struct{ url, want string }{
		"nobody listens": {"http://" + gone.Addr().String(), client.Unreachable},
		"too slow":       {slow.URL, client.TimedOut},
		"torn":           {broken.URL, client.BrokenOff},
		"503":            {answers(503), client.Failing},
		"502":            {answers(502), client.Failing},
		"500":            {answers(500), client.Failing},
		"429":            {answers(429), ""},
		"403":            {answers(403), ""},
		"422":            {answers(422), ""},
		"not trusted":    {strange.URL, ""},
	} {
		patience := time.Minute
		if c.want == client.TimedOut {
			patience = 50 * time.Millisecond
		}
		cl, err := client.New(client.Config{URL: c.url, Unverified: true, Tries: 1, Timeout: patience})
		if err != nil {
			t.Fatal(err)
		}
		_, err = cl.Inquire(t.Context(), client.Question{})
		if why, ok := client.Outage(err); err == nil || why != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, want %q: %v", name, why, c.want, err)
		}
		cl.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cl, err := client.New(client.Config{URL: slow.URL, Unverified: true})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	_, err = cl.Inquire(ctx, client.Question{})
	if _, ok := client.Outage(err); ok {
		t.Error("a caller who gives up is taken for an outage")
	}
	if _, ok := client.Outage(nil); ok {
		t.Error("nothing is taken for an outage")
	}
}

// pair writes a certificate and its key and tells where.
func pair(t *testing.T) (certFile, keyFile string, cert *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x", SerialNumber: "14003552272"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	cert, err = x509.ParseCertificate(der)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	certFile, keyFile = filepath.Join(t.TempDir(), "c.crt"), filepath.Join(t.TempDir(), "c.key")
	must(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return certFile, keyFile, cert
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var someone = client.Question{
	Officer: "b.sample", Purpose: "kyc", File: "1", Service: "identity", Mode: "verify",
	NationalNumber: "۰۰۱۲۳۴۵۶۷۹", BirthDate: "1370-01-01", Claims: map[string]string{"surname": "نمونه"},
}

// TestIssue: several programs issue from one directory at a time, and the chain
// has neither gap nor fork; the number stands in no ticket.
func TestIssue(t *testing.T) {
	certFile, keyFile, cert := pair(t)
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			b, err := client.OpenTickets(dir, certFile, keyFile)
			if err != nil {
				t.Error(err)
				return
			}
			for range 10 {
				n, err := b.Issue(someone, time.Now(), client.Unreachable, "")
				if err != nil {
					t.Error(err)
				} else if err := n.Verify(cert); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	b, err := client.OpenTickets(dir, certFile, keyFile)
	must(t, err)
	list, err := b.List()
	must(t, err)
	if len(list) != 40 || list[39].Number != 40 {
		t.Fatalf("%d tickets", len(list))
	}
	for _, k := range list {
		file, err := os.ReadFile(b.File(k.Number))
		must(t, err)
		if bytes.Contains(file, []byte("0012345679")) || bytes.Contains(file, []byte("نمونه")) {
			t.Errorf("%s", file)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	must(t, err)
	if len(left) != 80 { // a ticket and its question each, and nothing else
		t.Errorf("%d files are left", len(left))
	}
	info, err := os.Stat(left[0])
	if must(t, err); info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v", left[0], info.Mode())
	}
	must(t, os.Remove(b.File(17)))
	if _, err := b.List(); err == nil {
		t.Error("a ticket was taken away, and nobody sees it")
	}
}

// TestIssueBad: a ticket is never issued of half a question.
func TestIssueBad(t *testing.T) {
	certFile, keyFile, _ := pair(t)
	b, err := client.OpenTickets(t.TempDir(), certFile, keyFile)
	must(t, err)
	for name, change := range map[string]func(*client.Question){
		"no number": func(q *client.Question) { q.NationalNumber = "" }, "half a number": func(q *client.Question) { q.NationalNumber = "123" },
		"no officer": func(q *client.Question) { q.Officer = "" }, "no file": func(q *client.Question) { q.File = "" },
		"a long file": func(q *client.Question) { q.File = strings.Repeat("x", 201) },
	} {
		q := someone
		change(&q)
		if _, err := b.Issue(q, time.Now(), client.Unreachable, ""); err == nil {
			t.Errorf("%s: a ticket was issued", name)
		}
	}
	if _, err := b.Issue(someone, time.Now(), "tired", ""); err == nil {
		t.Error("an unknown error: a ticket was issued")
	}
	if list, err := b.List(); err != nil || len(list) != 0 {
		t.Errorf("%d tickets: %v", len(list), err)
	}
}

// TestSettleBroken: settling may break off anywhere and is taken up again; what
// is registered stays so, and the question stays until the ticket is completed.
func TestSettleBroken(t *testing.T) {
	certFile, keyFile, _ := pair(t)
	dir := t.TempDir()
	b, err := client.OpenTickets(dir, certFile, keyFile)
	must(t, err)
	for range 3 {
		_, err := b.Issue(someone, time.Now(), client.TimedOut, "")
		must(t, err)
	}
	var mu sync.Mutex
	var calls []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, r.URL.Path)
		if len(calls) == 1 { // the first is known already: its receipt was lost on the way
			w.WriteHeader(http.StatusConflict)
			_, _ = fmt.Fprint(w, `{"status":409,"key":"exception.ticket.known"}`)
			return
		}
		busy(503, "1")(w, r)
	}))
	defer s.Close()
	c, err := client.New(client.Config{URL: s.URL, Unverified: true, Tries: 1})
	must(t, err)
	defer c.Close()
	told := 0
	err = c.Settle(t.Context(), b, func(k *client.Kept, _ *client.Answer, err error) {
		if told++; k.Number != 2 || err == nil {
			t.Errorf("ticket %d: %v", k.Number, err)
		}
	})
	if why, _ := client.Outage(err); why != client.Failing || told != 1 || !slices.Equal(calls, []string{"/v1/tickets/register", "/v1/tickets/register"}) {
		t.Errorf("%v after %q", err, calls)
	}
	list, err := b.List()
	if must(t, err); !list[0].Registered || list[1].Registered || list[0].Completed != "" {
		t.Errorf("%+v %+v", list[0], list[1])
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*.question")); len(left) != 3 {
		t.Errorf("%d questions are left", len(left))
	}
}
