package api

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
)

// canary stands wherever a value is wrong: it must come back nowhere.
const canary = "0084575949"

// Everything wrong in every way: a clear problem with a stable key and the
// field, nothing recorded, nothing repeated.
func TestBadInput(t *testing.T) {
	s := newStack(t)
	size := s.journal.State().Size
	q := verifyLiving()
	predicate := q.with("service", "predicate", "claims", nil)
	placeQ := q.with("service", "place", "mode", "disclose", "claims", nil, "fields", []string{"street"}, "national_number", nil, "birth_date", nil, "postal_code", "1416932790")
	for _, c := range []struct {
		name   string
		body   string
		status int
		key    string
		field  string
	}{
		{"letters in the number", q.with("national_number", "00845A5948").String(), 422, "ids.number.digits", "/national_number"},
		{"short number", q.with("national_number", canary[:8]).String(), 422, "ids.number.length", "/national_number"},
		{"long number", q.with("national_number", canary+"1").String(), 422, "ids.number.length", "/national_number"},
		{"wrong check digit", q.with("national_number", canary).String(), 422, "ids.number.check", "/national_number"},
		{"ten same digits", q.with("national_number", "1111111111").String(), 422, "ids.number.same", "/national_number"},
		{"number as number", strings.Replace(q.String(), `"`+living.String()+`"`, "84575948", 1), 422, "api.json.string", "/national_number"},
		{"no number", q.with("national_number", nil).String(), 422, "inquiry.missing", "/national_number"},
		{"bidi in the number", q.with("national_number", "\u202e"+canary).String(), 422, "", "/national_number"},
		{"impossible date", q.with("birth_date", "1404/12/30").String(), 422, "", "/birth_date"},
		{"month 13", q.with("birth_date", "1370-13-01").String(), 422, "", "/birth_date"},
		{"future birth", q.with("birth_date", "1450-01-01").String(), 422, "inquiry.date.future", "/birth_date"},
		{"date of letters", q.with("birth_date", canary+"x").String(), 422, "", "/birth_date"},
		{"both second keys", q.with("shenasnameh_number", "12").String(), 422, "inquiry.key.both", "/shenasnameh_number"},
		{"no second key", q.with("birth_date", nil).String(), 422, "inquiry.key.second", "/birth_date"},
		{"shenasnameh letters", q.with("birth_date", nil, "shenasnameh_number", canary+"x").String(), 422, "", "/shenasnameh_number"},
		{"bad postal code beside a person", q.with("postal_code", "141693279").String(), 422, "ids.postal.length", "/postal_code"},
		{"bad postal code", placeQ.with("postal_code", "0"+canary[1:]).String(), 422, "", "/postal_code"},
		{"person beside a place", placeQ.with("national_number", living.String()).String(), 422, "inquiry.key.person", "/national_number"},
		{"service", q.with("service", canary).String(), 422, "inquiry.service.unknown", "/service"},
		{"mode", q.with("mode", canary).String(), 422, "inquiry.mode.unknown", "/mode"},
		{"no claims", q.with("claims", nil).String(), 422, "inquiry.missing", "/claims"},
		{"unknown claim", q.with("claims", object{canary: "x"}).String(), 422, "inquiry.field.unknown", "/claims"},
		{"claim of another service", q.with("claims", object{"street": canary}).String(), 422, "inquiry.field.unknown", "/claims"},
		{"Latin name", q.with("claims", object{"surname": "Canary" + canary}).String(), 422, "", "/claims/surname"},
		{"bidi in a name", q.with("claims", object{"surname": "نمونه\u202eای"}).String(), 422, "", "/claims/surname"},
		{"control in a name", q.with("claims", object{"surname": "نمو\u0007نه"}).String(), 422, "", "/claims/surname"},
		{"very long name", q.with("claims", object{"surname": strings.Repeat("ن", 5000)}).String(), 422, "", "/claims/surname"},
		{"fields in verify", q.with("fields", []string{"surname"}).String(), 422, "inquiry.content.claims", "/fields"},
		{"unknown field", q.with("mode", "disclose", "claims", nil, "fields", []string{"surname", canary}).String(), 422, "inquiry.field.unknown", "/fields/1"},
		{"field twice", q.with("mode", "disclose", "claims", nil, "fields", []string{"surname", "surname"}).String(), 422, "inquiry.twice", "/fields/1"},
		{"unknown predicate", predicate.with("predicates", []object{{"name": canary}}).String(), 422, "inquiry.predicate.unknown", "/predicates/0"},
		{"age 0", predicate.with("predicates", []object{{"name": "age_at_least"}}).String(), 422, "inquiry.predicate.age", "/predicates/0"},
		{"age 151", predicate.with("predicates", []object{{"name": "age_at_least", "age": 151}}).String(), 422, "inquiry.predicate.age", "/predicates/0"},
		{"as_of in future", q.with("as_of", "1450-01-01").String(), 422, "inquiry.date.future", "/as_of"},
		{"officer of spaces", q.with("officer", canary+" "+canary).String(), 422, "inquiry.token", "/officer"},
		{"no officer", q.with("officer", nil).String(), 422, "inquiry.missing", "/officer"},
		{"no purpose", q.with("purpose", nil).String(), 422, "inquiry.missing", "/purpose"},
		{"no file", q.with("file", nil).String(), 422, "inquiry.missing", "/file"},
		{"long file", q.with("file", strings.Repeat(canary, 20)).String(), 422, "inquiry.file", "/file"},
		{"control in file", q.with("file", canary+"\u0000").String(), 422, "", "/file"},

		{"duplicate member", `{"officer":"` + canary + `","officer":"x"}`, 400, "api.json.duplicate", "/officer"},
		{"duplicate claim", `{"claims":{"` + canary + `":"a","` + canary + `":"b"}}`, 400, "api.json.duplicate", "/claims"},
		{"unknown member", q.with(canary, "x").String(), 422, "api.json.unknown", ""},
		{"not JSON", "officer=" + canary, 400, "api.json.syntax", ""},
		{"a number", canary, 422, "api.json.object", ""},
		{"XML", "<a>" + canary + "</a>", 400, "api.json.syntax", ""},
		{"an array", "[" + q.String() + "]", 422, "api.json.object", ""},
		{"null", "null", 422, "api.json.object", ""},
		{"nothing", "", 400, "api.json.syntax", ""},
		{"cut off", q.String()[:80], 400, "api.json.syntax", ""},
		{"two values", q.String() + q.String(), 400, "api.json.trailing", ""},
		{"invalid UTF-8", `{"officer":"` + canary + "\xff\"}", 400, "api.json.utf8", ""},
		{"lone surrogate", `{"officer":"\ud800` + canary + `"}`, 400, "api.json.syntax", "/officer"},
		{"deep", strings.Repeat(`{"claims":`, 5000), 422, "api.json.string", "/claims"},
		{"10 MB", `{"officer":"` + strings.Repeat(canary, 1<<20) + `"}`, 413, "api.body.large", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := s.bank.post("/v1/inquiries", c.body)
			p := res.problem(t)
			if res.StatusCode != c.status || c.key != "" && p.Key != c.key {
				t.Errorf("%d %s, want %d %s", res.StatusCode, p.Key, c.status, c.key)
			}
			if res.StatusCode >= 500 {
				t.Errorf("%d", res.StatusCode)
			}
			if c.field != "" && (len(p.Errors) == 0 || !has(p.Errors, c.field)) {
				t.Errorf("fields %+v, want %s", p.Errors, c.field)
			}
			checkNoEcho(t, res)
			if now := s.journal.State().Size; now != size {
				t.Errorf("the journal grew by %d", now-size)
			}
		})
	}
	if strings.Contains(s.logs.String(), canary) {
		t.Error("a wrong value is in the log")
	}
}

func has(list []Mistake, field string) bool {
	for _, m := range list {
		if m.Field == field {
			return true
		}
	}
	return false
}

func checkNoEcho(t testing.TB, res *answer) {
	t.Helper()
	for _, secret := range []string{canary, canary[:8], living.String(), "\u202e"} {
		if bytes.Contains(res.body, []byte(secret)) {
			t.Errorf("the problem repeats the input: %s", res.body)
		}
		for name, values := range res.Header {
			if strings.Contains(strings.Join(values, " "), secret) {
				t.Errorf("the header %s repeats the input", name)
			}
		}
	}
}

// All mistakes of a question come at once.
func TestAllMistakesAtOnce(t *testing.T) {
	s := newStack(t)
	q := verifyLiving().with("national_number", canary, "birth_date", "1404/12/30", "file", nil, "claims", object{"surname": "x", "given_name": "y"})
	p := s.bank.post("/v1/inquiries", q.String(), "Accept-Language", "en").problem(t)
	for _, field := range []string{"/national_number", "/birth_date", "/file", "/claims/surname", "/claims/given_name"} {
		if !has(p.Errors, field) {
			t.Errorf("%s is missing in %+v", field, p.Errors)
		}
	}
	if p.Detail != p.En || p.Detail == p.Fa {
		t.Errorf("asked for English, got %q", p.Detail)
	}
}

// Wrong forms of a request, whatever its body says.
func TestBadForm(t *testing.T) {
	s := newStack(t)
	size := s.journal.State().Size
	good := verifyLiving().String()
	many := strings.Repeat("{},", inquiry.MaxBatch) + "{}"
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		key                      string
	}{
		{"text", "POST", "/v1/inquiries", good, []string{"Content-Type", "text/plain"}, 415, "api.type"},
		{"form", "POST", "/v1/inquiries", good, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "api.type"},
		{"no type", "POST", "/v1/inquiries", good, []string{"Content-Type", ""}, 415, "api.type"},
		{"broken type", "POST", "/v1/inquiries", good, []string{"Content-Type", "application/json; charset"}, 415, "api.type"},
		{"Latin-1", "POST", "/v1/inquiries", good, []string{"Content-Type", "application/json; charset=iso-8859-1"}, 415, "api.charset"},
		{"gzip", "POST", "/v1/inquiries", good, []string{"Content-Encoding", "gzip"}, 415, "api.encoding"},
		{"identity", "POST", "/v1/inquiries", good, []string{"Content-Encoding", "identity"}, 415, "api.encoding"},
		{"empty key", "POST", "/v1/inquiries", good, []string{"Idempotency-Key", " "}, 400, "api.key"},
		{"spaced key", "POST", "/v1/inquiries", good, []string{"Idempotency-Key", "a b"}, 400, "api.key"},
		{"long key", "POST", "/v1/inquiries", good, []string{"Idempotency-Key", strings.Repeat("k", 129)}, 400, "api.key"},
		{"Persian key", "POST", "/v1/inquiries", good, []string{"Idempotency-Key", "کلید"}, 400, "api.key"},
		{"GET", "GET", "/v1/inquiries", "", nil, 405, "api.method"},
		{"PUT", "PUT", "/v1/inquiries", good, nil, 405, "api.method"},
		{"DELETE", "DELETE", "/v1/agreement", "", nil, 405, "api.method"},
		{"POST to a page", "POST", "/docs/", "{}", nil, 405, "api.method"},
		{"unknown route", "GET", "/v1/persons/" + canary, "", nil, 404, "api.route"},
		{"unknown POST", "POST", "/v2/inquiries", good, nil, 404, "api.route"},
		{"dots", "GET", "/docs/../../etc/passwd", "", nil, 404, ""},
		{"empty batch", "POST", "/v1/inquiries/batch", `{"officer":"a"}`, nil, 422, "api.missing"},
		{"1,001 questions", "POST", "/v1/inquiries/batch", `{"officer":"a","questions":[` + many + `]}`, nil, 413, "api.batch.many"},
		{"large batch", "POST", "/v1/inquiries/batch", strings.Repeat(" ", 3<<20), nil, 413, "api.body.large.mb"},
		{"code of letters", "POST", "/v1/codes/check", `{"code":"abc` + canary + `"}`, nil, 422, ""},
		{"code with a wrong check", "POST", "/v1/codes/check", `{"code":"` + canary + canary + `"}`, nil, 422, "ids.code.check"},
		{"no code", "POST", "/v1/codes/check", `{}`, nil, 422, "api.missing"},
		{"match without number", "POST", "/v1/codes/match", `{"officer":"a","code":"1"}`, nil, 422, "api.missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := s.bank.do(c.method, c.path, c.body, c.headers...)
			p := res.problem(t)
			if res.StatusCode != c.status || c.key != "" && p.Key != c.key {
				t.Errorf("%d %s, want %d %s", res.StatusCode, p.Key, c.status, c.key)
			}
			if c.status == 405 && res.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			checkNoEcho(t, res)
		})
	}
	if now := s.journal.State().Size; now != size {
		t.Errorf("the journal grew by %d", now-size)
	}
	if res := s.bank.post("/v1/inquiries", good, "Content-Type", `application/json; charset="UTF-8"`); res.StatusCode != 200 {
		t.Errorf("charset utf-8 is refused: %s", res.body)
	}
	if res := s.bank.do("HEAD", "/healthz", ""); res.StatusCode != 200 || len(res.body) != 0 {
		t.Errorf("HEAD: %d", res.StatusCode)
	}
}

// A code typed group by group from the wrong end comes with the right one: a
// code is no secret.
func TestReversedCode(t *testing.T) {
	s := newStack(t)
	code := s.bankCode(t)
	for _, twice := ids.TrackingCode(code).Reversed(); twice; _, twice = ids.TrackingCode(code).Reversed() {
		code = s.bankCode(t) // one code in 97 is a code backwards too
	}
	var back []string
	for i := 16; i >= 0; i -= 4 {
		back = append(back, code[i:i+4])
	}
	p := s.nobody.post("/v1/codes/check", object{"code": strings.Join(back, " ")}.String()).problem(t)
	if p.Key != "ids.code.reversed" || !strings.Contains(strings.ReplaceAll(p.En, " ", ""), code) {
		t.Errorf("%s: %s", p.Key, p.En)
	}
}

// A header larger than the limit is refused by net/http itself, before a
// handler runs.
func TestLargeHeader(t *testing.T) {
	s := newStack(t)
	res := s.bank.do("GET", "/healthz", "", "X-Large", strings.Repeat("x", 32<<10))
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d", res.StatusCode)
	}
}

// Chunked bodies are held to the same limits.
func TestChunkedBody(t *testing.T) {
	s := newStack(t)
	send := func(body string) *answer {
		req := must(http.NewRequest("POST", s.url+"/v1/inquiries", struct{ *strings.Reader }{strings.NewReader(body)}))(t)
		req.ContentLength = -1
		req.Header.Set("Content-Type", "application/json")
		res := must(s.bank.http.Do(req))(t)
		defer func() { _ = res.Body.Close() }()
		var b bytes.Buffer
		_, _ = b.ReadFrom(res.Body)
		return &answer{res, b.Bytes()}
	}
	if res := send(verifyLiving().String()); res.record(t).Outcome != "confirmed" {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
	if res := send(strings.Repeat(" ", 70<<10)); res.StatusCode != 413 {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
}

// Many bad requests and good ones at once: only 4xx for the bad, every good one
// answered, nothing panics (promise P8 in small).
func TestBadAmongGood(t *testing.T) {
	s := newStack(t)
	bad := []string{"", "{", "[]", "null", `{"officer":1}`, strings.Repeat("[", 1000), "\xff", `{"x":` + canary + `}`, verifyLiving().with("service", "x").String()}
	done := make(chan error, 8)
	for w := range 8 {
		go func() {
			for i := range 50 {
				body, want := verifyLiving().String(), 2
				if w%2 == 0 {
					body, want = bad[i%len(bad)], 4
				}
				res, err := s.bank.http.Post(s.url+"/v1/inquiries", "application/json", strings.NewReader(body))
				if err == nil {
					_ = res.Body.Close()
					if res.StatusCode/100 != want {
						err = fmt.Errorf("%q: %d", body, res.StatusCode)
					}
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if strings.Contains(s.logs.String(), `"msg":"panic"`) {
		t.Error("a handler panicked")
	}
}

// mangle changes a good body at random.
func mangle(r *rand.Rand, body string) string {
	b := []byte(body)
	for range 1 + r.IntN(3) {
		if len(b) == 0 {
			break
		}
		at := r.IntN(len(b))
		switch r.IntN(6) {
		case 0:
			b[at] ^= byte(1 + r.IntN(255))
		case 1:
			b = b[:at]
		case 2:
			b = slices.Insert(b, at, []byte(strings.Repeat(string(rune(r.IntN(0x3000))), 1+r.IntN(4)))...)
		case 3:
			b = slices.Delete(b, at, min(len(b), at+1+r.IntN(8)))
		case 4:
			b = append(b, b[at:]...)
		case 5:
			b[at] = "{}[]\":,0\\ \n"[r.IntN(11)]
		}
	}
	return string(b)
}

// Mangled requests in great number (promise P8): each is answered with 200 or
// 4xx, and nothing panics. How many is ESTELAM_BAD_REQUESTS; 1,500 if not set.
func TestMangledRequests(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("ESTELAM_BAD_REQUESTS"))
	if err != nil {
		n = 1500
	}
	s := newStack(t, func(c *Config) { c.Limits.Hold = time.Minute })
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	good := s.bank.post("/v1/inquiries", verifyLiving().String())
	own := object{"officer": officer, "code": good.codeOf(t)}
	bodies := []struct{ path, body string }{
		{"/v1/inquiries", verifyLiving().String()},
		{"/v1/inquiries", verifyLiving().with("service", "predicate", "claims", nil, "predicates", []object{{"name": "age_at_least", "age": 18}}).String()},
		{"/v1/inquiries/batch", object{"officer": officer, "questions": []object{verifyLiving().with("officer", nil)}}.String()},
		{"/v1/codes/check", object{"code": good.codeOf(t)}.String()},
		{"/v1/codes/match", own.with("national_number", living.String()).String()},
		{"/v1/receipts", own.String()},
		{"/v1/receipts/check", string(good.body)},
		{"/v1/diagnosis", verifyLiving().String()},
	}
	var all sync.WaitGroup
	for w := range uint64(8) {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, w))
			for range n / 8 {
				c := bodies[r.IntN(len(bodies))]
				body := mangle(r, c.body)
				res, err := s.bank.http.Post(s.url+c.path, "application/json", strings.NewReader(body))
				if err != nil {
					t.Errorf("%s %q: %v", c.path, body, err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != 200 && res.StatusCode/100 != 4 {
					t.Errorf("%s %q: %d", c.path, body, res.StatusCode)
				}
			}
		})
	}
	all.Wait()
	if strings.Contains(s.logs.String(), `"msg":"panic"`) {
		t.Error("a handler panicked")
	}
	if res := s.tax.post("/v1/inquiries", verifyLiving().String()); res.record(t).Outcome != "confirmed" {
		t.Errorf("a good question afterwards: %s", res.body)
	}
}
