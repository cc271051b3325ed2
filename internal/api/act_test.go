package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

// sample is an input with a member of every sort.
type sample struct {
	Number  ids.NationalNumber `json:"national_number"`
	Born    persian.Date       `json:"born_on"`
	Given   persian.Name       `json:"given_name"`
	Sex     person.Sex         `json:"sex"`
	Version int64              `json:"version"`
	Twin    bool               `json:"twin"`
	Note    string             `json:"note"`
	File    []byte             `json:"file"`
	When    time.Time          `json:"when"`
	Places  []ids.PostalCode   `json:"places"`
	Parent  *struct {
		Number ids.NationalNumber `json:"national_number"`
		Order  int                `json:"order"`
	} `json:"parent"`
	Words map[string]string `json:"words"`
	register.Grounds
}

const sampleMembers = "national_number, born_on, given_name, sex, version, twin, note, file, when, places, parent, words, reason, document"

func TestReadInput(t *testing.T) {
	const secret = "0499370892" // a wrong check digit, as an input may hold
	for _, c := range []struct {
		body string
		want string // "key field args" of each mistake, by ;
	}{
		{`{}`, ""},
		{`{"national_number":"0010000004"}`, "ids.number.check national_number"},
		{`{"national_number":"` + living.String() + `","born_on":"1370-01-01","given_name":"آزمون","sex":"female","version":3,"twin":true,` +
			`"file":"AAEC","when":"2026-01-02T03:04:05Z","places":["1416932790"],"parent":{"national_number":"` + dead.String() + `","order":1},"reason":"court-order","document":"۱۲"}`, ""},
		// All mistakes of all members at once.
		{`{"national_number":"` + secret + `","born_on":"1404/12/30","sex":"x","places":["1416932790","2","1"],"parent":{"national_number":7}}`,
			"ids.number.check national_number; persian.date.impossible born_on; person.word sex; ids.postal.length places.1; ids.postal.length places.2; api.json.string parent.national_number"},
		{`{"when":"` + secret + `"}`, "api.json.form when"},
		{`{"given_name":{"first":"` + secret + `"},"born_on":[1370]}`, "api.json.string given_name; api.json.string born_on"},
		{`{"file":"` + secret + `!"}`, "api.json.form file"},
		// Kinds of JSON.
		{`[]`, "api.json.object"},
		{`"` + secret + `"`, "api.json.object"},
		{`{"version":"3"}`, "api.json.integer version"},
		{`{"version":1.5}`, "api.json.integer version"},
		{`{"version":99999999999999999999}`, "api.json.integer version"},
		{`{"twin":1}`, "api.json.boolean twin"},
		{`{"note":1}`, "api.json.string note"},
		{`{"places":"1416932790"}`, "api.json.array places"},
		{`{"parent":[]}`, "api.json.object parent"},
		{`{"parent":{"order":"1"}}`, "api.json.integer parent.order"},
		{`{"note":null}`, "api.json.null note"},
		{`{"places":[null],"parent":null}`, "api.json.string places.0; api.json.null parent"},
		{`{"words":{"` + secret + `":null}}`, "api.json.null words"},
		{`null`, "api.json.null"},
		// Strictness. The name of an unknown member is input too.
		{`{"` + secret + `":1}`, "api.json.unknown  " + sampleMembers},
		{`{"parent":{"` + secret + `":1}}`, "api.json.unknown parent national_number, order"},
		{`{"words":{"` + secret + `":1}}`, "api.json.string words"},
		{`{"Note":"x"}`, "api.json.unknown  " + sampleMembers},
		{`{"note":"a","note":"b"}`, "api.json.duplicate note"},
		{`{"words":{"` + secret + `":"a","` + secret + `":"b"}}`, "api.json.duplicate words"},
		{`{} {}`, "api.json.trailing"},
		{`{}x`, "api.json.trailing"},
		{`{"note":"a"`, "api.json.syntax"},
		{`{"national_number":"a`, "api.json.syntax"},
		{`{"national_number":["a"`, "api.json.syntax"},
		{`{note:1}`, "api.json.syntax"},
		{``, "api.json.syntax"},
		{strings.Repeat(`{"parent":`, 20000), "api.json.unknown parent national_number, order"},
		{`{"born_on":` + strings.Repeat(`[`, 20000), "api.json.syntax"},
	} {
		var got []string
		if err := readInput([]byte(c.body), new(sample)); err != nil {
			e := fault.Of(err)
			for _, m := range append([]*fault.Error{e}, e.More...) {
				if !message.Known(m.Key) || m.Kind != fault.Invalid && m.Kind != fault.Malformed {
					t.Errorf("%s: %v", c.body, m)
				}
				got = append(got, strings.TrimSpace(m.Key+" "+m.Field+" "+strings.Join(m.Args, " ")))
			}
			if strings.Contains(err.Error(), secret) || bytes.Contains(render(e, message.En), []byte(secret)) {
				t.Errorf("%.80s: the error repeats the input: %v", c.body, err)
			}
		}
		if strings.Join(got, "; ") != strings.TrimSpace(c.want) {
			t.Errorf("%.80s:\ngot  %q\nwant %q", c.body, got, c.want)
		}
	}
}

// The reader of acts takes what it can write, and nothing panics it.
func FuzzReadInput(f *testing.F) {
	f.Add([]byte(`{"national_number":"0499370899","places":["1416932790"],"parent":{"order":1}}`))
	f.Add([]byte(`{"words":{"a":"b"},"file":"AA==","born_on":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in := new(sample)
		if readInput(body, in) != nil {
			return
		}
		again, err := appendJSON(nil, in.Note)
		if err != nil {
			return // invalid UTF-8 is refused before, by the body's reader
		}
		if readInput(append(append([]byte(`{"note":`), again...), '}'), new(sample)) != nil {
			t.Errorf("%s", body)
		}
	})
}

// The frame: who acts is the officer of the certificate, and an act that fails
// says nothing of a receipt.
func TestActFrame(t *testing.T) {
	s := newStack(t)
	clerk := s.staff(register.Clerk)
	var who journal.Actor
	s.api.agencyDoor.(door).exact["/v1/sample/act"] = s.api.mount(act("/v1/sample/act", func(_ *call, by journal.Actor, in *sample) (any, journal.Proven, error) {
		who = by
		return nil, journal.Proven{}, register.Only(by, register.Supervisor)
	}))
	s.api.agencyDoor.(door).exact["/v1/sample/ask"] = s.api.mount(ask("/v1/sample/ask", func(c *call, by journal.Actor, in *sample) (map[string]string, error) {
		switch in.Note {
		case "stream":
			return nil, c.stream("text/csv; charset=utf-8", func(w io.Writer) error {
				_, err := io.WriteString(w, strings.Repeat("a,b\n", 100_000))
				return err
			})
		case "broken before":
			return nil, c.stream("text/csv", func(io.Writer) error { return fault.New(fault.NotFound, "job.unknown") })
		case "broken within":
			return nil, c.stream("text/csv", func(w io.Writer) error {
				_, _ = io.WriteString(w, strings.Repeat("a,b\n", 10_000))
				return errors.New("on purpose")
			})
		}
		return map[string]string{"note": in.Note}, nil
	}))
	res := clerk.post("/v1/sample/act", `{"note":"x"}`)
	if p := res.problem(t); p.Key != "register.role" || p.Status != http.StatusForbidden {
		t.Errorf("%s", res.body)
	}
	if who.Role != register.Clerk || who.ID != "clerk" || who.Agency == 0 {
		t.Errorf("%+v", who)
	}
	if res := s.bank.post("/v1/sample/act", `{}`); res.problem(t).Key != "api.officer.certificate" {
		t.Errorf("%s", res.body)
	}
	if res := clerk.post("/v1/sample/ask", `{"note":"x"}`); string(res.body) != `{"note":"x"}`+"\n" {
		t.Errorf("%s", res.body)
	}
	if res := clerk.post("/v1/sample/ask", `{"note":"stream"}`); len(res.body) != 400_000 || res.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%d %s", len(res.body), res.Header)
	}
	if res := clerk.post("/v1/sample/ask", `{"note":"broken before"}`); res.problem(t).Key != "job.unknown" {
		t.Errorf("%s", res.body)
	}
	req := must(http.NewRequest("POST", clerk.base+"/v1/sample/ask", strings.NewReader(`{"note":"broken within"}`)))(t)
	req.Header.Set("Content-Type", "application/json")
	half, err := clerk.http.Do(req)
	if err == nil {
		_, err = io.ReadAll(half.Body)
		_ = half.Body.Close()
	}
	if err == nil {
		t.Error("half a document looks like a whole one")
	}
	if res := clerk.post("/v1/sample/ask", `{"note":"`+strings.Repeat("x", 65<<10)+`"}`); res.problem(t).Status != http.StatusRequestEntityTooLarge {
		t.Errorf("%.200s", res.body)
	}
}

// mount makes a route usable that is not in the table.
func (a *API) mount(rt *route) *route {
	a.furnish([]*route{rt})
	a.meter.track(rt)
	return rt
}

// Who comes with a certificate of his own asks in his own name only.
func TestBoundOfficerAsksInHisName(t *testing.T) {
	s := newStack(t)
	c := s.bound(s.bankID, "b.nemuneh", "officer")
	own, other := verifyLiving().with("officer", "b.nemuneh"), verifyLiving()
	code := c.post("/v1/inquiries", own.String()).codeOf(t)
	if s.bank.post("/v1/inquiries", own.String()).StatusCode != http.StatusOK {
		t.Error("the agency's program names any officer of the agency")
	}
	for path, body := range map[string]object{
		"/v1/inquiries":       other,
		"/v1/inquiries/batch": {"officer": officer, "questions": []object{other.with("officer", nil)}},
		"/v1/codes/match":     {"officer": officer, "code": code, "national_number": living.String()},
		"/v1/receipts":        {"officer": officer, "code": code},
		"/v1/receipts/slip":   {"officer": officer, "code": code, "paper": "a4"},
		"/v1/diagnosis":       other,
	} {
		p := c.post(path, body.String()).problem(t)
		if p.Key != "api.officer.other" || p.Status != http.StatusForbidden || len(p.Errors) != 1 || p.Errors[0].Field != "/officer" {
			t.Errorf("%s: %+v", path, p)
		}
	}
	// The record of a colleague's question is explained all the same.
	theirs := s.bank.post("/v1/inquiries", other.with("purpose", "curiosity").String()).codeOf(t)
	if res := c.post("/v1/diagnosis", object{"officer": "b.nemuneh", "code": theirs}.String()); res.StatusCode != http.StatusOK {
		t.Errorf("%s", res.body)
	}
}

// TestManyValues: a body is refused by its number of values before any of them
// is made, and a text in it may hold as many commas as it likes.
func TestManyValues(t *testing.T) {
	type input struct {
		Lines []struct{ A, B, C, D, E, F, G, H *string }
		File  string
	}
	in := new(input)
	err := readInput([]byte(`{"Lines":[`+strings.Repeat(`{},`, mostValues/2)+`{}]}`), in)
	if f := fault.Of(err); f == nil || f.Key != "api.json.values" || in.Lines != nil {
		t.Error(err)
	}
	for _, body := range []string{
		`{"Lines":[` + strings.Repeat(`{},`, 1000) + `{}]}`,
		`{"File":"\"` + strings.Repeat(`,{[`, mostValues) + `"}`,
	} {
		if err := readInput([]byte(body), new(input)); err != nil {
			t.Error(err)
		}
	}
}

// TestProblemIsBounded: thousands of mistakes in a small body do not make a
// large answer.
func TestProblemIsBounded(t *testing.T) {
	e := fault.New(fault.Invalid, "api.json.form").At("a")
	for range 5000 {
		e.More = append(e.More, fault.New(fault.Invalid, "api.json.form").At("b"))
	}
	if p := newProblem(e, message.Fa); len(p.Errors) != mostMistakes+1 {
		t.Errorf("%d mistakes are told", len(p.Errors))
	}
}
