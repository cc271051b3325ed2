package api

import (
	"crypto/ed25519"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, feedsLife) }

// fund is an agency that may follow persons.
func (s *stack) fund() (ids.LegalID, *client) {
	s.Helper()
	ten := int64(1_400_000_077)
	id := ids.LegalID(ten*10 + ids.LegalCheckDigit(ten))
	must(s.agencies.Register(s.Context(), s.journal, system, &agency.Agency{ID: id, Name: "صندوق آزمایشی"}))(s.T)
	cert := s.certificate(id, "")
	s.bound(id, officer, agency.RoleOfficer)
	must(s.agreements.Put(s.Context(), s.journal, system, &agreement.Agreement{
		Agency: id, From: time.Now().Add(-time.Hour), Until: time.Now().AddDate(9, 0, 0), Service: "10031094100",
		Clauses: []agreement.Clause{
			{No: 1, Service: inquiry.Identity, Modes: []string{"disclose"}, SearchKeys: []string{inquiry.KeyBirthDate}, Fields: []string{"surname"}},
			{No: 2, Service: "follow", Modes: []string{"disclose"}, SearchKeys: []string{"national_number"}, Fields: []string{"surname", "life_status", "death_date"}},
		},
	}))(s.T)
	return id, s.client(&cert)
}

// feedsLife: an agency follows a person, whose name is corrected and whose death
// is registered; its feed and its webhook tell it so.
func feedsLife(t *testing.T, k *contract, s *stack) {
	_, fund := s.fund()
	feeds, chief := s.api.feeds, s.staff(register.Supervisor)
	code := k.act(t, fund, "/v1/inquiries", object{
		"officer": officer, "purpose": "pension", "file": "7", "service": "identity", "mode": "disclose",
		"national_number": living.String(), "birth_date": "1370-01-01", "fields": []string{"surname"},
	}.String(), 200, nil).codeOf(t)

	until := feeds.Clock().AddDate(0, 6, 0)
	in := object{"tracking_codes": []string{code, s.bankCode(t)}, "until": persian.DateOf(until).String(), "items": []string{"surname", "life_status", "death_date"}}
	var marks struct{ Marks []feed.Marked }
	k.act(t, fund, "/v1/follows/set", in.String(), 200, &marks)
	if len(marks.Marks) != 2 || marks.Marks[0].State != "set" || marks.Marks[1].State != "refused" {
		t.Fatalf("%+v", marks)
	}
	k.refused(t, s.bank, "/v1/follows/set", in.String(), 403, "agreement.service")
	k.refused(t, fund, "/v1/follows/set", `{"until":"1300-01-01","kinds":["x"]}`, 422,
		"feed.missing /tracking_codes", "feed.missing /items", "feed.kind /kinds/0", "feed.until /until")
	k.act(t, fund, "/v1/follows/list", "{}", 200, nil)
	k.refused(t, fund, "/v1/follows/list", `{"limit":1001}`, 422, "feed.limit /limit")

	calls := s.webhook(t, k, fund)
	s.amend(t)
	feedOf := func(path string, want ...string) string {
		t.Helper()
		res := k.check(t, fund, http.MethodGet, strings.Split(path, "?")[0], path, "")
		for _, w := range want {
			if res.StatusCode != 200 || !strings.Contains(string(res.body), w) {
				t.Errorf("%s: %d %s, want %s", path, res.StatusCode, res.body, w)
			}
		}
		return string(res.body)
	}
	feedOf("/v1/feed", `"kind":"correction"`, `"tracking_codes":["`+code+`"]`, `"kind":"death"`, `"life_status":"deceased"`, `"last":3`, `"receipt":`)
	feedOf("/v1/feed?after=3", `{"events":[],"next":3,"last":3}`)
	feedOf("/v1/feed?kind=death&item=death_date&limit=10", `"kind":"death"`)
	feedOf("/v1/feed/bootstrap", `"sequence":3`, `"surname":"نمونه‌پور"`)
	for _, path := range []string{"/v1/feed", "/v1/feed/bootstrap"} {
		if res := k.check(t, fund, http.MethodGet, path, path+"?after=-1", ""); res.StatusCode != 422 {
			t.Error(path, res.StatusCode)
		}
	}
	s.ok(feeds.Ring(t.Context()))
	if calls.Load() != 2 { // the test's, and one for all three events
		t.Errorf("%d calls", calls.Load())
	}
	k.act(t, fund, "/v1/webhooks/end", "{}", 200, nil)
	k.refused(t, fund, "/v1/webhooks/end", "{}", 404, "feed.webhook.none")
	k.refused(t, fund, "/v1/webhooks/test", "{}", 404, "feed.webhook.none")

	var list struct{ Corrections []feed.Correction }
	k.act(t, fund, "/v1/corrections/list", "{}", 200, &list)
	k.refused(t, fund, "/v1/corrections/list", `{"after":-1}`, 422, "feed.limit /limit")
	k.act(t, chief, "/v1/corrections/unacknowledged", "{}", 200, nil)
	one := object{"correction": list.Corrections[0].ID}.String()
	k.refused(t, fund, "/v1/corrections/acknowledge", "{}", 422, "feed.missing /correction")
	k.refused(t, s.tax, "/v1/corrections/acknowledge", one, 404, "feed.correction /correction")
	k.act(t, fund, "/v1/corrections/acknowledge", one, 200, nil)
	k.refused(t, fund, "/v1/corrections/acknowledge", one, 409, "feed.acknowledged /correction")
	k.act(t, fund, "/v1/follows/end", object{"national_numbers": []string{living.String(), absent.String()}}.String(), 200, nil)
	k.refused(t, fund, "/v1/follows/end", `{}`, 422, "feed.missing /national_numbers")
}

// webhook registers an address of the test's own, and counts its calls.
func (s *stack) webhook(t *testing.T, k *contract, c *client) *atomic.Int64 {
	t.Helper()
	calls := new(atomic.Int64)
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
	}))
	t.Cleanup(receiver.Close)
	k.refused(t, c, "/v1/webhooks/set", `{"url":"http://example.org/"}`, 422, "feed.webhook.url /url")
	k.refused(t, c, "/v1/webhooks/set", object{"url": receiver.URL}.String(), 422, "feed.webhook.address /url")
	_, key, err := ed25519.GenerateKey(nil)
	s.ok(err)
	roots := x509.NewCertPool()
	roots.AddCert(receiver.Certificate())
	s.api.feeds.Caller = feed.NewCaller(key, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, roots)
	k.act(t, c, "/v1/webhooks/set", object{"url": receiver.URL}.String(), 200, nil)
	k.act(t, c, "/v1/webhooks/list", "{}", 200, nil)
	var went tested
	k.act(t, c, "/v1/webhooks/test", "{}", 200, &went)
	if !went.Answered {
		t.Errorf("%+v", went)
	}
	return calls
}

// amend corrects the surname of the living person and registers his death.
func (s *stack) amend(t *testing.T) {
	t.Helper()
	clerk, chief := journal.Actor{Role: register.Clerk, ID: "c1"}, journal.Actor{Role: register.Supervisor, ID: "s1"}
	persons, g := s.api.persons, person.Edit{Number: living, Grounds: register.Grounds{Reason: "court-order", Document: "12/1405"}}
	surname := name("نمونه‌پور")
	_, _, err := persons.Correct(t.Context(), s.journal, clerk, &person.Correction{Edit: g, Surname: &surname})
	s.ok(err)
	p, _, err := persons.Propose(t.Context(), s.journal, clerk, "death", &person.Death{Edit: g, On: persian.Date{Year: 1405, Month: 1, Day: 1}})
	s.ok(err)
	_, _, err = persons.Approve(t.Context(), s.journal, chief, p.ID)
	s.ok(err)
	s.ok(s.api.feeds.Distribute(t.Context()))
	s.ok(s.api.feeds.Correct(t.Context()))
}
