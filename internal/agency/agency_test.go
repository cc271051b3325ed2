package agency

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	clerk = journal.Actor{Role: "operator", ID: "tester"}
	ctx   = context.Background()
)

const bank, other = ids.LegalID(14003552272), ids.LegalID(10720172838)

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func open(t testing.TB, url string, now func() time.Time) (*Book, *journal.Journal) {
	t.Helper()
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return book(t, url, now), j
}

func book(t testing.TB, url string, now func() time.Time) *Book {
	t.Helper()
	db, err := store.Open(ctx, url, store.Register)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b, err := Open(ctx, db, now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// must takes an act's answer and checks that its record is canonical.
func must(t testing.TB) func(journal.Proven, error) {
	return func(p journal.Proven, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
			t.Errorf("the record is not canonical: %v: %s", err, p.Record)
		}
	}
}

func wantFault(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != kind || f.Key != key {
		t.Errorf("got %v, want %v %s", err, kind, key)
	}
	if !message.Known(key) {
		t.Errorf("no text for %s", key)
	}
}

func request(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{Organization: []string{"سازمان دیگر"}, CommonName: "admin", SerialNumber: "1"}, DNSNames: []string{"registry.example"},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

func ecKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func parse(t testing.TB, data []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(data)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func enter(t testing.TB, b *Book, j *journal.Journal, id ids.LegalID) Agency {
	t.Helper()
	a := Agency{ID: id, Name: "بانک «نمونه»", Province: "تهران"}
	must(t)(b.Register(ctx, j, clerk, &a))
	return a
}

func TestAgency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j := open(t, url, nil)
		a := enter(t, b, j, bank)
		if got, err := b.ByID(bank); err != nil || *got != a || a.Version != 1 || a.State != Active {
			t.Errorf("got %+v %v, want %+v", got, err, a)
		}
		stale := a
		a.Name = "بانک نمونه"
		must(t)(b.Register(ctx, j, clerk, &a))
		if got, _ := b.ByID(bank); *got != a || a.Version != 2 {
			t.Errorf("got %+v, want %+v", got, a)
		}
		_, err := b.Register(ctx, j, clerk, &stale)
		wantFault(t, err, fault.Conflict, "agency.version")
		must(t)(b.SetState(ctx, j, clerk, bank, Suspended, "audit"))
		if got, _ := b.ByID(bank); got.State != Suspended || got.Version != 3 {
			t.Errorf("got %+v", got)
		}
		_, err = b.SetState(ctx, j, clerk, other, Active, "x")
		wantFault(t, err, fault.NotFound, "agency.unknown")
		for want, wrong := range map[string]Agency{
			"agency.missing": {Name: "نام"}, "agency.name": {ID: other}, "persian.text.control": {ID: other, Name: "ن\u202eام"}, "agency.state": {ID: other, Name: "نام", State: 9},
		} {
			_, err = b.Register(ctx, j, clerk, &wrong)
			wantFault(t, err, fault.Invalid, want)
		}
		if all := b.Agencies(); len(all) != 1 || all[0].ID != bank {
			t.Error(all)
		}
	})
}

func TestOfficer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{persian.Date{Year: 1405, Month: 8, Day: 30}.Start()}
		b, j := open(t, url, c.now)
		enter(t, b, j, bank)
		o := Officer{Agency: bank, Login: "rezaei", Name: "رضایی", Role: RoleOfficer, Until: persian.Date{Year: 1405, Month: 12, Day: 29}}
		must(t)(b.AddOfficer(ctx, j, clerk, &o))
		_, err := b.AddOfficer(ctx, j, clerk, &o)
		wantFault(t, err, fault.Conflict, "agency.officer.exists")
		got, err := b.Officer(bank, "rezaei")
		if err != nil || got.Name != "رضایی" || got.Role != RoleOfficer || got.Until != o.Until {
			t.Fatal(got, err)
		}
		end := persian.Date{Year: 1406, Month: 1, Day: 1}.Start()
		if !got.ActiveAt(c.t) || !got.ActiveAt(end.Add(-time.Second)) || got.ActiveAt(end) {
			t.Error("the delegation does not end with its last day")
		}
		_, err = b.CheckPassword(bank, "rezaei", "")
		wantFault(t, err, fault.Unauthenticated, "agency.signin")
		const password = "گذرواژه بلند ۱۲"
		must(t)(b.SetPassword(ctx, j, clerk, bank, "rezaei", password))
		if _, err := b.CheckPassword(bank, "rezaei", password); err != nil {
			t.Error(err)
		}
		o.Role = RoleHead
		must(t)(b.ChangeOfficer(ctx, j, clerk, &o)) // keeps the password
		if got, err := b.CheckPassword(bank, "rezaei", password); err != nil || got.Role != RoleHead {
			t.Error(got, err)
		}
		for _, wrong := range []struct {
			agency          ids.LegalID
			login, password string
		}{{bank, "rezaei", password + "x"}, {bank, "rezaei", ""}, {bank, "nobody", password}, {other, "rezaei", password}, {bank, "rezaei", strings.Repeat("x", 5000)}} {
			_, err := b.CheckPassword(wrong.agency, wrong.login, wrong.password)
			wantFault(t, err, fault.Unauthenticated, "agency.signin")
		}
		c.t = end
		_, err = b.CheckPassword(bank, "rezaei", password)
		wantFault(t, err, fault.Unauthenticated, "agency.signin")
		_, err = b.SetPassword(ctx, j, clerk, bank, "rezaei", "short")
		wantFault(t, err, fault.Invalid, "agency.password")
		_, err = b.SetPassword(ctx, j, clerk, bank, "nobody", password)
		wantFault(t, err, fault.NotFound, "agency.officer.unknown")
		_, err = b.Officer(bank, "nobody")
		wantFault(t, err, fault.NotFound, "agency.officer.unknown")
		for want, change := range map[string]func(*Officer){
			"agency.login": func(o *Officer) { o.Login = "0012345679" }, "agency.role": func(o *Officer) { o.Role = "king" },
			"agency.until": func(o *Officer) { o.Until.Day = 0 }, "agency.name": func(o *Officer) { o.Name = "" },
		} {
			wrong := o
			wrong.Login = "karimi"
			change(&wrong)
			_, err := b.AddOfficer(ctx, j, clerk, &wrong)
			wantFault(t, err, fault.Invalid, want)
		}
		wrong := o
		wrong.Agency = other
		_, err = b.AddOfficer(ctx, j, clerk, &wrong)
		wantFault(t, err, fault.NotFound, "agency.unknown")
		if all := b.Officers(bank); len(all) != 1 || all[0].Login != "rezaei" {
			t.Error(all)
		}
	})
}

func TestEnroll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{time.Now()}
		b, j := open(t, url, c.now)
		ca, err := NewCA(filepath.Join(t.TempDir(), "ca"), "Estelam test")
		if err != nil {
			t.Fatal(err)
		}
		enter(t, b, j, bank)
		key := ecKey(t, elliptic.P256())
		data, err := b.Enroll(ctx, j, clerk, ca, bank, "", request(t, key))
		if err != nil {
			t.Fatal(err)
		}
		cert := parse(t, data)
		if cert.Subject.SerialNumber != bank.String() || cert.Subject.Organization[0] != "بانک «نمونه»" || len(cert.DNSNames) != 0 || cert.IsCA {
			t.Errorf("the subject is not the registry's: %v", cert.Subject)
		}
		if _, err := cert.Verify(x509.VerifyOptions{Roots: ca.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
			t.Error(err)
		}
		if !key.PublicKey.Equal(cert.PublicKey) || cert.NotAfter.Sub(c.t) > 366*24*time.Hour {
			t.Error("another key or too long a life")
		}
		fingerprint := sha256.Sum256(cert.Raw)
		for _, b := range []*Book{b, book(t, url, c.now)} {
			if a, o, err := b.Bearer(fingerprint); err != nil || o != nil || a.ID != bank {
				t.Error(a, err)
			}
		}
		_, _, err = b.Bearer([32]byte{1})
		wantFault(t, err, fault.Unauthenticated, "agency.certificate.unknown")
		c.t = cert.NotAfter
		_, _, err = b.Bearer(fingerprint)
		wantFault(t, err, fault.Unauthenticated, "agency.certificate.expired")
		c.t = cert.NotBefore.Add(time.Hour)
		must(t)(b.SetState(ctx, j, clerk, bank, Suspended, "audit"))
		_, _, err = b.Bearer(fingerprint)
		wantFault(t, err, fault.Forbidden, "agency.suspended")
		_, err = b.Enroll(ctx, j, clerk, ca, bank, "", request(t, key))
		wantFault(t, err, fault.Forbidden, "agency.suspended")
		must(t)(b.SetState(ctx, j, clerk, bank, Active, "audit"))
		must(t)(b.RevokeCertificate(ctx, j, clerk, fingerprint, "key lost"))
		_, _, err = b.Bearer(fingerprint)
		wantFault(t, err, fault.Unauthenticated, "agency.certificate.revoked")
		_, err = b.RevokeCertificate(ctx, j, clerk, fingerprint, "again")
		wantFault(t, err, fault.Conflict, "agency.certificate.revoked")
		_, err = b.RevokeCertificate(ctx, j, clerk, [32]byte{1}, "none")
		wantFault(t, err, fault.NotFound, "agency.certificate.unknown")
		_, err = b.Enroll(ctx, j, clerk, ca, other, "", request(t, key))
		wantFault(t, err, fault.NotFound, "agency.unknown")
		if all := b.Certificates(bank); len(all) != 1 || all[0].Fingerprint != fingerprint || all[0].State(c.t) != Closed {
			t.Error(all)
		}
	})
}

func TestRequests(t *testing.T) {
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GODEBUG", "rsa1024min=0")
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"P-256": ecKey(t, elliptic.P256()), "P-384": ecKey(t, elliptic.P384()), "Ed25519": edKey, "RSA 2048": big} {
		if _, err := parseRequest(request(t, key)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := request(t, ecKey(t, elliptic.P256()))
	block, _ := pem.Decode(good)
	forged := bytes.Clone(block.Bytes)
	forged[len(forged)-1] ^= 1
	for _, c := range []struct {
		name, key string
		data      []byte
	}{
		{"P-224", "agency.request.key", request(t, ecKey(t, elliptic.P224()))},
		{"P-521", "agency.request.key", request(t, ecKey(t, elliptic.P521()))},
		{"RSA 1024", "agency.request.key", request(t, small)},
		{"forged", "agency.request.signature", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: forged})},
		{"empty", "agency.request.form", nil},
		{"not PEM", "agency.request.form", []byte("hello")},
		{"two", "agency.request.form", append(bytes.Clone(good), good...)},
		{"a key", "agency.request.form", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: block.Bytes})},
		{"torn", "agency.request.form", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: block.Bytes[:50]})},
		{"huge", "agency.request.form", make([]byte, maxRequest+1)},
	} {
		_, err := parseRequest(c.data)
		if f := fault.Of(err); f == nil || f.Key != c.key {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestCA(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	ca, err := NewCA(dir, "Estelam test")
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewCA(dir, "another")
	wantFault(t, err, fault.Conflict, "agency.ca.exists")
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if left := time.Until(ca.cert.NotAfter); left < 3650*24*time.Hour || left > 3660*24*time.Hour {
		t.Error("the root lives", left)
	}
	if err := os.Chmod(filepath.Join(dir, keyFile), 0o640); err != nil {
		t.Fatal(err)
	}
	_, err = LoadCA(dir)
	wantFault(t, err, fault.Forbidden, "agency.ca.open")
	_ = os.Chmod(filepath.Join(dir, keyFile), 0o600)
	again, err := LoadCA(dir)
	if err != nil || !bytes.Equal(again.PEM(), ca.PEM()) {
		t.Error(err)
	}
	otherDir := filepath.Join(t.TempDir(), "other")
	if _, err := NewCA(otherDir, "x"); err != nil {
		t.Fatal(err)
	}
	foreign, err := os.ReadFile(filepath.Join(otherDir, certFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, certFile), foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = LoadCA(dir)
	wantFault(t, err, fault.Invalid, "agency.ca.broken")
	_, err = LoadCA(t.TempDir())
	wantFault(t, err, fault.Unavailable, "agency.ca.missing")
}

// TestHandshake: the certificates do what they are for, in a real mTLS session.
func TestHandshake(t *testing.T) {
	ca, err := NewCA(filepath.Join(t.TempDir(), "ca"), "Estelam test")
	if err != nil {
		t.Fatal(err)
	}
	server, err := ca.ServerCertificate([]string{"localhost", "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	key := ecKey(t, elliptic.P384())
	cert, err := ca.sign(&Agency{ID: bank, Name: "بانک"}, "", request(t, key), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	client := tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
	for _, c := range []struct {
		name   string
		client []tls.Certificate
		host   string
		ok     bool
	}{
		{"agency", []tls.Certificate{client}, "localhost", true},
		{"by address", []tls.Certificate{client}, "127.0.0.1", true},
		{"nobody", nil, "localhost", false},
		{"wrong host", []tls.Certificate{client}, "example.org", false},
		{"a server is no agency", []tls.Certificate{server}, "localhost", false},
	} {
		near, far := net.Pipe()
		s := tls.Server(near, &tls.Config{Certificates: []tls.Certificate{server}, ClientCAs: ca.Pool(), ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13})
		done := make(chan error, 1)
		go func() {
			err := s.Handshake()
			if err == nil {
				_, err = s.Write([]byte("x"))
			}
			_ = near.Close()
			done <- err
		}()
		peer := tls.Client(far, &tls.Config{Certificates: c.client, RootCAs: ca.Pool(), ServerName: c.host})
		_, err := io.ReadFull(peer, make([]byte, 1))
		_ = far.Close()
		serverErr := <-done
		if (err == nil && serverErr == nil) != c.ok {
			t.Errorf("%s: client %v, server %v", c.name, err, serverErr)
		}
	}
}

// TestOtherProcess: a change by another process is seen without being told.
func TestOtherProcess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j := open(t, url, nil)
		watcher := book(t, url, nil)
		enter(t, b, j, bank)
		deadline := time.Now().Add(10 * time.Second)
		for {
			if _, err := watcher.ByID(bank); err == nil {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("never seen")
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
}

// TestLookUpsAllocateNothing: they run on every inquiry.
func TestLookUpsAllocateNothing(t *testing.T) {
	b, j := open(t, storetest.SQLite(t), nil)
	ca, err := NewCA(filepath.Join(t.TempDir(), "ca"), "x")
	if err != nil {
		t.Fatal(err)
	}
	enter(t, b, j, bank)
	must(t)(b.AddOfficer(ctx, j, clerk, &Officer{Agency: bank, Login: "rezaei", Name: "رضایی", Role: RoleOfficer, Until: persian.Date{Year: 1450, Month: 1, Day: 1}}))
	data, err := b.Enroll(ctx, j, clerk, ca, bank, "", request(t, ecKey(t, elliptic.P256())))
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := sha256.Sum256(parse(t, data).Raw)
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := b.Bearer(fingerprint); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Officer(bank, "rezaei"); err != nil {
			t.Fatal(err)
		}
	}); n > 0.5 { // one check of the generation may fall among the runs
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkBearer(b *testing.B) {
	book, j := open(b, storetest.SQLite(b), nil)
	ca, err := NewCA(filepath.Join(b.TempDir(), "ca"), "x")
	if err != nil {
		b.Fatal(err)
	}
	enter(b, book, j, bank)
	data, err := book.Enroll(ctx, j, clerk, ca, bank, "", request(b, ecKey(b, elliptic.P256())))
	if err != nil {
		b.Fatal(err)
	}
	fingerprint := sha256.Sum256(parse(b, data).Raw)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := book.Bearer(fingerprint); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPassword(b *testing.B) {
	stored, err := HashPassword("0123456789")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !matches(stored, "0123456789") {
			b.Fatal("no match")
		}
	}
}
