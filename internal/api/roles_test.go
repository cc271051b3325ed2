package api

import (
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/persian"
)

// role is somebody at the door, and what the door says where a certificate is
// needed; empty: it opens.
type role struct {
	name string
	who  *client
	key  string
}

// roles makes everybody who can come.
func (s *stack) roles() []role {
	s.Helper()
	with := func(byOurs bool, usage x509.ExtKeyUsage) *client {
		c := s.forge(byOurs, usage)
		return s.client(&c)
	}
	_, revoked, cert := s.enrol(31, 0)
	must(s.agencies.RevokeCertificate(s.Context(), s.journal, system, fingerprint(cert), "test"))(s.T)
	suspendedID, suspended, _ := s.enrol(32, 0)
	must(s.agencies.SetState(s.Context(), s.journal, system, suspendedID, agency.Suspended, "test"))(s.T)
	closedID, closed, _ := s.enrol(33, 0)
	must(s.agencies.SetState(s.Context(), s.journal, system, closedID, agency.Closed, "test"))(s.T)
	ended := s.bound(s.bankID, "ended", agency.RoleOfficer)
	gone := s.bound(s.bankID, "suspended", agency.RoleOfficer)
	for login, change := range map[string]func(*agency.Officer){
		"ended":     func(o *agency.Officer) { o.Until = persian.Date{Year: 1400, Month: 1, Day: 1} },
		"suspended": func(o *agency.Officer) { o.State = agency.Suspended },
	} {
		o := *must(s.agencies.Officer(s.bankID, login))(s.T)
		change(&o)
		must(s.agencies.ChangeOfficer(s.Context(), s.journal, system, &o))(s.T)
	}
	public := *s.nobody
	public.base = s.public
	return []role{
		{"no certificate", s.nobody, "api.certificate.none"},
		{"a stranger's certificate", with(false, x509.ExtKeyUsageClientAuth), "api.certificate.unknown"},
		{"a certificate that is not registered", with(true, x509.ExtKeyUsageClientAuth), "agency.certificate.unknown"},
		{"a server's certificate", with(true, x509.ExtKeyUsageServerAuth), "api.certificate.invalid"},
		{"a revoked certificate", revoked, "agency.certificate.revoked"},
		{"a suspended agency", suspended, "agency.suspended"},
		{"a closed agency", closed, "agency.suspended"},
		{"an officer whose delegation has ended", ended, "agency.officer.ended"},
		{"a suspended officer", gone, "agency.officer.ended"},
		{"the public listener", &public, "api.certificate.elsewhere"},
		{"an agency", s.bank, ""},
	}
}

// Every role at every route: who may not is refused, whoever asks for what is
// for everybody is served. A new route is in this table by itself, and one that
// says nothing about access is for agencies only.
func TestRolesAtEveryRoute(t *testing.T) {
	s := newStack(t)
	size := int64(0)
	for _, r := range s.roles() {
		size = s.journal.State().Size
		for _, rt := range s.api.routes {
			path := rt.path
			switch path {
			case "/problems/":
				path += "api.busy"
			case "/log/":
				path += "keys"
			}
			// A good question, so that only the role decides.
			res := r.who.do(rt.method, path, verifyLiving().String())
			refused := res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden
			switch {
			case rt.access == forOfficers && r.key == "":
				if p := res.problem(t); p.Key != "api.officer.certificate" {
					t.Errorf("%s at %s: %s", r.name, path, p.Key)
				}
			case !rt.access.closed() || r.key == "":
				if refused {
					t.Errorf("%s at %s: %d %.200s", r.name, path, res.StatusCode, res.body)
				}
			case !refused:
				t.Errorf("%s at %s: unexpected %d", r.name, path, res.StatusCode)
			default:
				if p := res.problem(t); p.Key != r.key {
					t.Errorf("%s at %s: %s, want %s", r.name, path, p.Key, r.key)
				}
			}
		}
		if now := s.journal.State().Size; r.key != "" && now != size {
			t.Errorf("%s made the journal grow by %d", r.name, now-size)
		}
	}
}

// Whose code it is decides what may be learnt from it.
func TestOwnersOfACode(t *testing.T) {
	s := newStack(t)
	code := s.bankCode(t)
	own := object{"officer": officer, "code": code}
	for _, c := range []struct {
		name   string
		who    *client
		path   string
		body   object
		status int
	}{
		{"anybody, genuine", s.nobody, "/v1/codes/check", object{"code": code}, 200},
		{"owner, receipt", s.bank, "/v1/receipts", own, 200},
		{"owner, diagnosis", s.bank, "/v1/diagnosis", own, 200},
		{"other, receipt", s.tax, "/v1/receipts", own, 404},
		{"other, diagnosis", s.tax, "/v1/diagnosis", own, 404},
		{"other, match", s.tax, "/v1/codes/match", own.with("national_number", living.String()), 200},
		{"nobody, receipt", s.nobody, "/v1/receipts", own, 401},
		{"nobody, diagnosis", s.nobody, "/v1/diagnosis", own, 401},
		{"nobody, match", s.nobody, "/v1/codes/match", own.with("national_number", living.String()), 401},
	} {
		if res := c.who.post(c.path, c.body.String()); res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %.200s", c.name, res.StatusCode, c.status, res.body)
		}
	}
}

// What ends, ends on open connections too.
func TestCertificateEndsOnOpenConnection(t *testing.T) {
	s := newStack(t)
	ask := func() string {
		res := s.bank.post("/v1/inquiries", verifyLiving().String())
		if res.StatusCode == http.StatusOK {
			return ""
		}
		return res.problem(t).Key
	}
	if key := ask(); key != "" {
		t.Fatal(key)
	}
	s.ahead.Store(int64(3 * 366 * 24 * time.Hour))
	if key := ask(); key != "api.certificate.expired" {
		t.Errorf("three years later: %q", key)
	}
	s.bank.http.CloseIdleConnections()
	if key := ask(); key != "api.certificate.expired" {
		t.Errorf("on a new connection: %q", key)
	}
	s.ahead.Store(0)
	s.bank.http.CloseIdleConnections()
	if key := ask(); key != "" {
		t.Errorf("back in time: %q", key)
	}
	must(s.agencies.RevokeCertificate(t.Context(), s.journal, system, fingerprint(s.bankCert), "test"))(t)
	if key := ask(); key != "agency.certificate.revoked" {
		t.Errorf("revoked: %q", key)
	}
}

// Personal data stands in bodies and in the journal, and nowhere else: not in
// the log at its most talkative, not in metrics, not in an address.
func TestPersonalDataStaysOut(t *testing.T) {
	s := newStack(t)
	s.bank.post("/v1/inquiries", verifyLiving().String())
	s.bank.post("/v1/inquiries", verifyLiving().with("national_number", dead.String()).String(), "Idempotency-Key", "p-1")
	s.bank.post("/v1/inquiries", verifyLiving().with("officer", living.String()+" x").String())
	s.bank.post("/v1/inquiries/batch", object{"officer": officer, "questions": []object{verifyLiving().with("officer", nil)}}.String())
	s.nobody.post("/v1/inquiries", verifyLiving().String())
	s.nobody.do("GET", "/v1/persons/"+living.String(), "")
	s.nobody.do("GET", "/healthz?number="+living.String(), "")
	s.tax.post("/v1/codes/match", object{"officer": officer, "code": s.bankCode(t), "national_number": living.String()}.String())
	s.journal.Close()
	s.bank.post("/v1/inquiries", verifyLiving().String())

	// What is counted while it is read: later work and the databases' logs.
	live := newRecorder()
	newStack(t).api.Metrics().ServeHTTP(live, must(http.NewRequest("GET", "/metrics", nil))(t))
	for _, want := range []string{`estelam_jobs{state="failed"} 0`, `estelam_agency_expiring{what="officer"} 0`, `estelam_store_log_bytes{database="register"}`, `estelam_store_log_bytes{database="journal"}`} {
		if !strings.Contains(live.body.String(), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	metrics := must(http.NewRequest("GET", "/metrics", nil))(t)
	rec := newRecorder()
	s.api.Metrics().ServeHTTP(rec, metrics)
	if !strings.Contains(rec.body.String(), `estelam_http_answers_total{route="/v1/inquiries",status="200"}`) ||
		!strings.Contains(rec.body.String(), `estelam_agency_requests_total{agency="`+s.bankID.String()+`"}`) {
		t.Errorf("metrics do not count:\n%.2000s", rec.body.String())
	}
	for where, text := range map[string]string{"log": s.logs.String(), "metrics": rec.body.String()} {
		for _, secret := range []string{living.String(), dead.String(), "آزمون", "نمونه ای", "نمونه‌ای"} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s holds personal data", where)
			}
		}
	}
}

// recorder is a response kept in memory.
type recorder struct {
	header http.Header
	body   strings.Builder
}

func newRecorder() *recorder                          { return &recorder{header: http.Header{}} }
func (r *recorder) Header() http.Header               { return r.header }
func (r *recorder) WriteHeader(int)                   {}
func (r *recorder) Write(p []byte) (n int, err error) { return r.body.Write(p) }
