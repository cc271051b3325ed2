package api

import (
	"bytes"
	"net/http"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestInquiry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) { inquiries(t, newStackOn(t, url)) })
}

func inquiries(t *testing.T, s *stack) {
	key := must(note.NewVerifier(s.journal.State().VerifierKey))(t)
	for _, c := range []struct {
		name    string
		change  []any
		outcome string
	}{
		{"confirmed", nil, "confirmed"},
		{"differs", []any{"claims", object{"surname": "دیگری"}}, "differs"},
		{"by shenasnameh number", []any{"birth_date", nil, "shenasnameh_number", "۱۲"}, "confirmed"},
		{"wrong second key", []any{"birth_date", "1371-01-01"}, "not_found"},
		{"absent", []any{"national_number", absent.String()}, "not_found"},
		{"dead", []any{"national_number", dead.String()}, "deceased"},
		{"protected", []any{"national_number", hidden.String()}, "protected"},
		{"predicate", []any{"service", "predicate", "claims", nil, "predicates", []object{{"name": "alive"}, {"name": "age_at_least", "age": 18}}}, "answered"},
		{"disclose", []any{"mode", "disclose", "claims", nil, "fields", []string{"surname", "sex"}}, "answered"},
		{"place", []any{"service", "place", "mode", "disclose", "claims", nil, "fields", []string{"street"}, "national_number", nil, "birth_date", nil, "postal_code", "14169-32790"}, "answered"},
		{"field not permitted", []any{"claims", object{"life_status": "alive"}}, "refused"},
		{"purpose not permitted", []any{"purpose", "curiosity"}, "refused"},
		{"officer unknown", []any{"officer", "b.nobody"}, "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			size := s.journal.State().Size
			res := s.bank.post("/v1/inquiries", verifyLiving().with(c.change...).String())
			rec := res.record(t)
			if rec.Outcome != c.outcome {
				t.Errorf("outcome %s, want %s", rec.Outcome, c.outcome)
			}
			r := must(receipt.Parse(res.body))(t)
			if err := r.Verify(key); err != nil {
				t.Error(err)
			}
			if now := s.journal.State().Size; now != size+1 {
				t.Errorf("the journal grew by %d", now-size)
			}
			if res.ContentLength != int64(len(res.body)) {
				t.Errorf("Content-Length %d of %d", res.ContentLength, len(res.body))
			}
		})
	}
}

func TestQuotaHeaders(t *testing.T) {
	s := newStack(t)
	res := s.bank.post("/v1/inquiries", verifyLiving().String())
	if got := res.Header.Get("RateLimit-Policy"); got != `"day";q=1000;w=86400` {
		t.Errorf("policy %q", got)
	}
	if got := res.Header.Get("RateLimit"); len(got) < 14 || got[:14] != `"day";r=999;t=` {
		t.Errorf("state %q", got)
	}
	if res := s.tax.post("/v1/inquiries", verifyLiving().String()); res.Header.Get("RateLimit") != "" {
		t.Error("a clause without a quota has a limit")
	}
}

// The same key and question give the same bytes, in any spelling of the JSON;
// another question is refused; another agency's same key is another key.
func TestIdempotency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) { idempotency(t, newStackOn(t, url)) })
}

func idempotency(t *testing.T, s *stack) {
	q := verifyLiving()
	first := s.bank.post("/v1/inquiries", q.String(), "Idempotency-Key", "k-1")
	size := s.journal.State().Size
	spaced := " { \"mode\" : \"verify\"," + q.with("mode", nil).String()[1:]
	for _, body := range []string{q.String(), spaced} {
		again := s.bank.post("/v1/inquiries", body, "Idempotency-Key", "k-1")
		if !bytes.Equal(again.body, first.body) {
			t.Errorf("another receipt:\n%s\n%s", first.body, again.body)
		}
	}
	res := s.bank.post("/v1/inquiries", q.with("file", "1405-2").String(), "Idempotency-Key", "k-1")
	if p := res.problem(t); res.StatusCode != 422 || p.Key != "journal.key.reused" {
		t.Errorf("another question: %d %s", res.StatusCode, p.Key)
	}
	if now := s.journal.State().Size; now != size {
		t.Errorf("the journal grew by %d", now-size)
	}
	if other := s.tax.post("/v1/inquiries", q.String(), "Idempotency-Key", "k-1"); other.codeOf(t) == first.codeOf(t) {
		t.Error("two agencies met in one key")
	}

	batch := object{"officer": officer, "questions": []object{q.with("officer", nil), q.with("officer", nil, "national_number", dead.String())}}
	one := s.bank.post("/v1/inquiries/batch", batch.String(), "Idempotency-Key", "k-1")
	two := s.bank.post("/v1/inquiries/batch", batch.String(), "Idempotency-Key", "k-1")
	if one.StatusCode != 200 || !bytes.Equal(one.body, two.body) {
		t.Errorf("%d, another batch:\n%s\n%s", one.StatusCode, one.body, two.body)
	}
	res = s.bank.post("/v1/inquiries/batch", batch.with("file", "x", "questions", batch["questions"].([]object)[:1]).String(), "Idempotency-Key", "k-1")
	if res.problem(t).Key != "journal.key.reused" {
		t.Errorf("another batch: %s", res.body)
	}
}

func TestBatch(t *testing.T) {
	s := newStack(t)
	q := verifyLiving().with("officer", nil, "purpose", nil, "file", nil)
	var qs []object
	for range 100 {
		qs = append(qs, q, q.with("birth_date", "1371-01-01"), q.with("file", "own"))
	}
	res := s.bank.post("/v1/inquiries/batch", object{"officer": officer, "purpose": "account-opening", "file": "f-1", "questions": qs}.String())
	if res.StatusCode != 200 {
		t.Fatalf("%d %.300s", res.StatusCode, res.body)
	}
	b := must(receipt.ParseBatch(res.body))(t)
	key := must(note.NewVerifier(s.journal.State().VerifierKey))(t)
	if err := b.Verify(key); err != nil {
		t.Fatal(err)
	}
	list := must(b.Split())(t)
	if len(list) != len(qs) {
		t.Fatalf("%d receipts for %d questions", len(list), len(qs))
	}
	for i, r := range list {
		if err := r.Verify(key); err != nil {
			t.Fatalf("receipt %d: %v", i, err)
		}
	}
	if !bytes.Contains(list[0].Record, []byte(`"outcome":"confirmed"`)) || !bytes.Contains(list[1].Record, []byte(`"outcome":"not_found"`)) ||
		!bytes.Contains(list[2].Record, []byte(`"file":"own"`)) || !bytes.Contains(list[3].Record, []byte(`"file":"f-1"`)) {
		t.Error("the answers do not stand in the order of the questions")
	}
	// Mistakes of several questions come together, with their places.
	qs = []object{q, q.with("national_number", "1234567890"), q.with("service", "soul", "mode", "guess")}
	res = s.bank.post("/v1/inquiries/batch", object{"officer": officer, "purpose": "p", "file": "f", "questions": qs}.String())
	p := res.problem(t)
	found := map[string]bool{}
	for _, m := range p.Errors {
		found[m.Field] = true
	}
	if res.StatusCode != 422 || !found["/questions/1/national_number"] || !found["/questions/2/service"] {
		t.Errorf("%d %+v", res.StatusCode, p.Errors)
	}
}

func TestDiagnosis(t *testing.T) {
	s := newStack(t)
	bad := verifyLiving().with("claims", object{"life_status": "alive"})
	code := s.bank.post("/v1/inquiries", bad.String()).codeOf(t)
	for name, body := range map[string]string{
		"question": bad.String(),
		"code":     object{"officer": officer, "code": code}.String(),
	} {
		res := s.bank.post("/v1/diagnosis", body)
		for _, want := range []string{
			`"permitted":false`, `"reason":"agreement.field"`, `"clause":1`, `"field":"life_status"`,
			`"login":"` + officer + `","known":true,"until":"1450-01-01"`, `"certificate":{"until":"`,
		} {
			if !bytes.Contains(res.body, []byte(want)) {
				t.Errorf("by %s: %d, lacks %s: %s", name, res.StatusCode, want, res.body)
			}
		}
		if bytes.Contains(res.body, []byte(living.String())) {
			t.Errorf("by %s: it names the person", name)
		}
	}
	res := s.bank.post("/v1/diagnosis", verifyLiving().String())
	for _, want := range []string{`"permitted":true`, `"quota":{"limit":1000,"used":0,"left":1000,`} {
		if !bytes.Contains(res.body, []byte(want)) {
			t.Errorf("lacks %s: %s", want, res.body)
		}
	}
	if res := s.tax.post("/v1/diagnosis", object{"officer": officer, "code": code}.String()); res.StatusCode != http.StatusNotFound {
		t.Errorf("another agency's code: %d", res.StatusCode)
	}
}

// What is genuine and what is not differ in one word, not in length or headers.
func TestCheckCode(t *testing.T) {
	s := newStack(t)
	code := s.bank.post("/v1/inquiries", verifyLiving().String()).codeOf(t)
	other := newStack(t).bankCode(t) // another register's code: right check digits
	yes := s.nobody.post("/v1/codes/check", object{"code": code}.String())
	no := s.nobody.post("/v1/codes/check", object{"code": other}.String())
	if string(yes.body) != genuine || string(no.body) != notGenuine || len(genuine) != len(notGenuine) {
		t.Errorf("%q and %q", yes.body, no.body)
	}
	for _, name := range []string{"Date", "Ratelimit"} {
		yes.Header.Del(name)
		no.Header.Del(name)
	}
	if len(yes.Header) != len(no.Header) {
		t.Errorf("%v and %v", yes.Header, no.Header)
	}
	for name := range yes.Header {
		if yes.Header.Get(name) != no.Header.Get(name) {
			t.Errorf("%s: %q and %q", name, yes.Header.Get(name), no.Header.Get(name))
		}
	}
	if yes.Header.Get("Cache-Control") != "no-store" {
		t.Error("the answer may be stored")
	}
}

func (s *stack) bankCode(t testing.TB) string {
	return s.bank.post("/v1/inquiries", verifyLiving().String()).codeOf(t)
}

func TestMatchCode(t *testing.T) {
	s := newStack(t)
	code := s.bankCode(t)
	ask := func(number string) *answer {
		return s.tax.post("/v1/codes/match", object{"officer": officer, "code": code, "national_number": number}.String())
	}
	if res := ask(living.String()); !bytes.Contains(res.body, []byte(`"match":true`)) {
		t.Errorf("the right number: %d %s", res.StatusCode, res.body)
	}
	for i := range 5 {
		if res := ask(dead.String()); !bytes.Contains(res.body, []byte(`"match":false`)) {
			t.Errorf("wrong try %d: %d %s", i+1, res.StatusCode, res.body)
		}
	}
	res := ask(living.String())
	if p := res.problem(t); res.StatusCode != 429 || p.Key != "inquiry.tries" || res.Header.Get("Retry-After") == "" {
		t.Errorf("after five wrong tries: %d %s", res.StatusCode, p.Key)
	}
}

// A receipt with any part altered is found out, at the step that breaks.
func TestCheckReceipt(t *testing.T) {
	s := newStack(t)
	good := s.bank.post("/v1/inquiries", verifyLiving().String()).body
	batch := s.bank.post("/v1/inquiries/batch", object{"officer": officer, "questions": []object{verifyLiving().with("officer", nil)}}.String()).body
	foreign := newStack(t).bank.post("/v1/inquiries", verifyLiving().String()).body
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"receipt", good, `"valid":true,"entries":1}`},
		{"batch", batch, `"valid":true,"entries":1}`},
		{"nothing", nil, `"step":"format"`},
		{"no receipt", []byte(`{"a":1}`), `"step":"format"`},
		{"record", bytes.Replace(good, []byte("account-opening"), []byte("account-closing"), 1), `"step":"inclusion"`},
		{"batch record", bytes.Replace(batch, []byte("account-opening"), []byte("account-closing"), 1), `"step":"inclusion"`},
		{"index", bytes.Replace(good, []byte(`"index":`), []byte(`"index":9`), 1), `"step":"record"`},
		{"another log", foreign, `"valid":false`},
	} {
		res := s.nobody.post("/v1/receipts/check", string(c.file))
		if res.StatusCode != 200 || !bytes.Contains(res.body, []byte(c.want)) {
			t.Errorf("%s: %d %s, want %s", c.name, res.StatusCode, res.body, c.want)
		}
		if bytes.Contains(res.body, []byte(living.String())) {
			t.Errorf("%s: the finding repeats the receipt", c.name)
		}
	}
}

func TestOwnReceipt(t *testing.T) {
	s := newStack(t)
	first := s.bank.post("/v1/inquiries", verifyLiving().String())
	code := first.codeOf(t)
	again := s.bank.post("/v1/receipts", object{"officer": officer, "code": code}.String())
	if again.codeOf(t) != code {
		t.Errorf("another code")
	}
	r := must(receipt.Parse(again.body))(t)
	if err := r.Verify(must(note.NewVerifier(s.journal.State().VerifierKey))(t)); err != nil {
		t.Error(err)
	}
	for name, res := range map[string]*answer{
		"another agency": s.tax.post("/v1/receipts", object{"officer": officer, "code": code}.String()),
		"unknown code":   s.tax.post("/v1/receipts", object{"officer": officer, "code": newStack(t).bankCode(t)}.String()),
	} {
		if res.StatusCode != 404 || res.problem(t).Key != "inquiry.code.not_yours" {
			t.Errorf("%s: %d %s", name, res.StatusCode, res.body)
		}
	}
	res := s.bank.post("/v1/receipts", object{"officer": "b.nobody", "code": code}.String())
	if p := res.problem(t); res.StatusCode != 403 || p.Key != "api.officer" {
		t.Errorf("an unknown officer: %d %s", res.StatusCode, p.Key)
	}
}

func TestHTTP2(t *testing.T) {
	s := newStack(t)
	s.bank.http.Transport.(*http.Transport).ForceAttemptHTTP2 = true
	res := s.bank.post("/v1/inquiries", verifyLiving().String())
	if res.ProtoMajor != 2 || res.record(t).Outcome != "confirmed" {
		t.Errorf("HTTP/%d %d", res.ProtoMajor, res.StatusCode)
	}
	if res := s.nobody.post("/v1/inquiries", verifyLiving().String()); res.StatusCode != 401 {
		t.Errorf("without a certificate: %d", res.StatusCode)
	}
}

func TestReadyEndsWithTheJournal(t *testing.T) {
	s := newStack(t)
	if res := s.nobody.do("GET", "/readyz", ""); res.StatusCode != 200 || string(res.body) != "ok\n" {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
	s.journal.Close()
	res := s.bank.post("/v1/inquiries", verifyLiving().String())
	if p := res.problem(t); p.Kind != "unavailable" || res.Header.Get("Retry-After") == "" {
		t.Errorf("with the journal closed: %d %s", res.StatusCode, res.body)
	}
}
