package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
)

// contract holds answers against the document and remembers which were seen.
type contract struct {
	doc  *openapi3.T
	seen map[string]bool // "POST /v1/inquiries 200"
}

func newContract(t testing.TB) *contract {
	asText := func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
		b, err := io.ReadAll(body)
		return string(b), err
	}
	for _, kind := range []string{"text/html", "application/yaml", "text/plain", "application/octet-stream"} {
		openapi3filter.RegisterBodyDecoder(kind, asText)
	}
	return &contract{loadDocument(t), map[string]bool{}}
}

// check validates one answer, and the question too where it was a good one.
func (k *contract) check(t testing.TB, c *client, method, template, path, body string, headers ...string) *answer {
	t.Helper()
	res := c.do(method, path, body, headers...)
	item := k.doc.Paths.Value(template)
	op := item.GetOperation(method)
	in := &openapi3filter.RequestValidationInput{
		Request:    res.Request,
		PathParams: map[string]string{},
		Route:      &routers.Route{Spec: k.doc, Path: template, PathItem: item, Method: method, Operation: op},
		Options:    &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if _, value, ok := strings.Cut(template, "{"); ok {
		name, _, _ := strings.Cut(value, "}")
		in.PathParams[name] = strings.TrimPrefix(path, template[:strings.Index(template, "{")])
	}
	status := itoa(int64(res.StatusCode))
	if op.Responses.Value(status) == nil {
		status = "default"
	}
	k.seen[method+" "+template+" "+status] = true
	if res.StatusCode == http.StatusOK {
		in.Request.Body = io.NopCloser(strings.NewReader(body))
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			t.Errorf("%s %s: the question does not fit the document: %v", method, path, err)
		}
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(res.body)), Options: in.Options,
	})
	if err != nil {
		t.Errorf("%s %s: %d does not fit the document: %v\n%.500s", method, path, res.StatusCode, err, res.body)
	}
	return res
}

// Every route and every status of the document is seen with the real stack, and
// every answer fits.
func TestEveryAnswerIsInTheDocument(t *testing.T) {
	k := newContract(t)
	s := newStack(t)
	k.good(t, s)
	for _, life := range lives {
		life(t, k, newStack(t)) // each in a country of its own
	}
	limits := map[string]int64{}
	for _, rt := range s.api.routes {
		limits[rt.path] = rt.limit
	}
	for path, item := range k.doc.Paths.Map() {
		op := item.Post
		if op == nil {
			if item.Get != nil && accessOf(item.Get) != "anyone" {
				k.want(t, s.nobody, path, "", 401)
			}
			continue
		}
		who := s.caller(accessOf(op))
		if who != s.nobody {
			k.want(t, s.nobody, path, "{}", 401)
		}
		if accessOf(op) == "officers" {
			k.want(t, s.bank, path, "{}", 403)
			k.want(t, who, path, "[]", 422)
		}
		k.want(t, who, path, "{}", 415, "Content-Type", "text/plain")
		k.want(t, who, path, strings.Repeat(" ", int(limits[path])+1), 413)
		if op.Responses.Value("400") != nil || accessOf(op) == "officers" {
			k.want(t, who, path, "{", 400)
			k.want(t, who, path, `{"unheard_of":1}`, 422)
		}
	}
	k.full(t, s)
	k.suspended(t, s)
	k.broken(t)

	// Nothing else is served that the document does not promise.
	var missing []string
	for path, item := range k.doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status := range maps.Keys(op.Responses.Map()) {
				if what := method + " " + path + " " + status; !k.seen[what] {
					missing = append(missing, what)
				}
			}
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("in the document and never seen:\n%s", strings.Join(missing, "\n"))
	}
}

// lives are the nouns' own tests of their routes, one for each file of routes,
// which its init adds. Together they must see every status of the document.
var lives []func(t *testing.T, k *contract, s *stack)

// act posts an act or a reading, holds question and answer against the
// document, and reads the answer; of an act it is {tracking_code, result, receipt}.
func (k *contract) act(t testing.TB, c *client, path, body string, status int, into any) *answer {
	t.Helper()
	res := k.check(t, c, http.MethodPost, path, path, body)
	if res.StatusCode != status {
		t.Errorf("%s: %d, want %d: %.600s", path, res.StatusCode, status, res.body)
	} else if into != nil {
		if err := json.Unmarshal(res.body, into); err != nil {
			t.Errorf("%s: %v: %.300s", path, err, res.body)
		}
	}
	return res
}

// refused posts what is refused with these mistakes: the problem's key, or
// "key /pointer" of each.
func (k *contract) refused(t testing.TB, c *client, path, body string, status int, mistakes ...string) {
	t.Helper()
	res := k.act(t, c, path, body, status, nil)
	if res.StatusCode != status {
		return
	}
	p := res.problem(t)
	got := []string{p.Key}
	if len(p.Errors) > 0 {
		got = nil
	}
	for _, m := range p.Errors {
		got = append(got, m.Key+" "+m.Field)
	}
	slices.Sort(got)
	slices.Sort(mistakes)
	if !slices.Equal(got, mistakes) {
		t.Errorf("%s: got %q, want %q", path, got, mistakes)
	}
}

// caller is somebody who may come, by the word of the document's security.
func (s *stack) caller(access string) *client {
	switch access {
	case "officers":
		return s.staff(register.Supervisor)
	case "agencies":
		return s.bank
	}
	return s.nobody
}

func (k *contract) want(t testing.TB, c *client, path, body string, status int, headers ...string) {
	t.Helper()
	method := http.MethodPost
	switch item := k.doc.Paths.Value(path); {
	case item.Put != nil:
		method = http.MethodPut
	case item.Post == nil:
		method = http.MethodGet
	}
	res := k.check(t, c, method, path, strings.Replace(path, "{path}", "keys", 1), body, headers...)
	if res.StatusCode != status {
		t.Errorf("%s %s: %d, want %d: %.300s", method, path, res.StatusCode, status, res.body)
		return
	}
	if p := res.problem(t); status == 429 || status == 503 {
		if res.Header.Get("Retry-After") == "" {
			t.Errorf("%s %s: %s says no Retry-After", method, path, p.Key)
		}
	}
}

// good asks everything that there is to ask, and gets it.
func (k *contract) good(t *testing.T, s *stack) {
	q := verifyLiving()
	receipt := k.check(t, s.bank, "POST", "/v1/inquiries", "/v1/inquiries", q.String(), "Idempotency-Key", "c-1")
	code := receipt.codeOf(t)
	refused := k.check(t, s.bank, "POST", "/v1/inquiries", "/v1/inquiries", q.with("purpose", "curiosity").String()).codeOf(t)
	k.check(t, s.bank, "POST", "/v1/inquiries", "/v1/inquiries", q.with("on_behalf_of", "10100456787", "postal_code", postal.String()).String())
	k.check(t, s.bank, "POST", "/v1/inquiries", "/v1/inquiries", q.with("court", object{"reference": "۱", "until": "1449-12-01"}).String())
	batch := k.check(t, s.bank, "POST", "/v1/inquiries/batch", "/v1/inquiries/batch", object{"officer": officer, "questions": []object{q.with("officer", nil)}}.String())
	own := object{"officer": officer, "code": code}.String()
	stranger := object{"officer": officer, "code": newStack(t).bankCode(t)}.String()
	for _, c := range []struct {
		template, path, body string
		status               int
	}{
		{"/v1/codes/check", "", object{"code": code}.String(), 200},
		{"/v1/codes/match", "", object{"officer": officer, "code": code, "national_number": living.String()}.String(), 200},
		{"/v1/receipts", "", own, 200},
		{"/v1/receipts", "", stranger, 404},
		{"/v1/receipts/check", "", string(receipt.body), 200},
		{"/v1/receipts/check", "", string(batch.body), 200},
		{"/v1/receipts/check", "", "{}", 200},
		{"/v1/diagnosis", "", q.String(), 200},
		{"/v1/diagnosis", "", q.with("purpose", "curiosity").String(), 200},
		{"/v1/diagnosis", "", object{"officer": officer, "code": refused}.String(), 200},
		{"/v1/diagnosis", "", stranger, 404},
		{"/v1/agreement", "", "", 200},
		{"/log/{path}", "/log/keys", "", 200},
		{"/log/{path}", "/log/nothing", "", 404},
		{"/problems/{key}", "/problems/api.busy", "", 200},
		{"/problems/{key}", "/problems/no.such.key", "", 404},
		{"/openapi.yaml", "", "", 200},
		{"/docs/", "", "", 200},
		{"/healthz", "", "", 200},
		{"/readyz", "", "", 200},
	} {
		method, path := "GET", c.path
		if path == "" {
			path = c.template
		}
		if k.doc.Paths.Value(c.template).Post != nil {
			method = "POST"
		}
		if res := k.check(t, s.bank, method, c.template, path, c.body); res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %.300s", path, res.StatusCode, c.status, res.body)
		}
	}
	res := k.check(t, s.bank, "GET", "/problems/{key}", "/problems/api.busy", "", "Accept", "application/json")
	if res.Header.Get("Content-Type") != "application/json" {
		t.Error("a problem is not explained as JSON")
	}
	// An agency without an agreement.
	id, lone, _ := s.enrol(77, 0)
	for _, a := range s.agreements.Of(id) {
		must(s.agreements.End(t.Context(), s.journal, system, a.ID, "test"))(t)
	}
	k.want(t, lone, "/v1/agreement", "", 404)
	s.api.ready = func() error { return io.ErrClosedPipe }
	k.want(t, s.nobody, "/readyz", "", 503)
	s.api.ready = nil
}

// gated lists the routes that do work, with who may come.
func (k *contract) gated(s *stack) map[string]*client {
	paths := map[string]*client{}
	for _, rt := range s.api.routes {
		if rt.gate != nil {
			paths[cmp.Or(rt.doc, rt.path)] = s.caller(rt.access.name())
		}
	}
	return paths
}

// full fills the gates, by a stranger and by the caller itself.
func (k *contract) full(t *testing.T, s *stack) {
	gates := []*gate{s.api.work, s.api.bulk, s.api.files, s.api.reading, s.api.downloads}
	fill := func(id ids.LegalID, from, to float64) {
		for _, g := range gates {
			g.each = 0 // one stands for many
			for range int(to*float64(g.slots)) - int(from*float64(g.slots)) {
				s.ok(g.enter(t.Context(), id))
			}
		}
	}
	empty := func() {
		for _, g := range gates {
			for id, p := range g.parties {
				for p.held > 0 {
					g.leave(id)
				}
			}
		}
	}
	const stranger ids.LegalID = 99
	fill(stranger, 0, 1)
	for path, who := range k.gated(s) {
		k.want(t, who, path, "{}", 503)
	}
	empty()
	fill(s.bankID, 0, 0.75)
	fill(stranger, 0.75, 1)
	for path, who := range k.gated(s) {
		if who == s.bank {
			k.want(t, who, path, "{}", 429)
		}
	}
	empty()
	fill(0, 0, 0.75)
	fill(stranger, 0.75, 1)
	for path, who := range k.gated(s) {
		if who == s.nobody {
			k.want(t, who, path, "{}", 429)
		}
	}
	empty()
}

// suspended sees the agency suspended.
func (k *contract) suspended(t *testing.T, s *stack) {
	must(s.agencies.SetState(t.Context(), s.journal, system, s.bankID, agency.Suspended, "test"))(t)
	for path, who := range k.gated(s) {
		if who == s.bank {
			k.want(t, who, path, "{}", 403)
		}
	}
	must(s.agencies.SetState(t.Context(), s.journal, system, s.bankID, agency.Active, "test"))(t)
}

// broken takes parts out of an API, so that its handlers panic: callers see an
// internal problem with an id, the log has the id and the stack.
func (k *contract) broken(t *testing.T) {
	s := newStack(t)
	code := s.bankCode(t)
	q := verifyLiving()
	s.api.desk, s.api.agreements, s.api.journal = nil, nil, nil
	for path, body := range map[string]string{
		"/v1/inquiries":       q.String(),
		"/v1/inquiries/batch": object{"officer": officer, "questions": []object{q.with("officer", nil)}}.String(),
		"/v1/codes/check":     object{"code": code}.String(),
		"/v1/codes/match":     object{"officer": officer, "code": code, "national_number": living.String()}.String(),
		"/v1/receipts":        object{"officer": officer, "code": code}.String(),
		"/v1/receipts/slip":   object{"officer": officer, "code": code, "paper": "a5"}.String(),
		"/v1/receipts/check":  "{}",
		"/v1/diagnosis":       q.String(),
		"/v1/agreement":       "",
	} {
		k.want(t, s.bank, path, body, 500)
	}
	logs := s.logs.String()
	if n := strings.Count(logs, `"msg":"panic"`); n != 9 || !strings.Contains(logs, `"stack":"goroutine`) {
		t.Errorf("%d panics are in the log", n)
	}
	if strings.Contains(logs, living.String()) {
		t.Error("a panic put a national number into the log")
	}
	if res := s.bank.post("/v1/inquiries", q.String()); len(res.problem(t).ID) != 16 {
		t.Errorf("no id: %s", res.body)
	}
}
