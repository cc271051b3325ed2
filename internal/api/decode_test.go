package api

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
)

const goodQuestion = `{"officer":"a.nemuneh","purpose":"account-opening","process":"opening","file":"1405-1001",` +
	`"service":"identity","mode":"verify","national_number":"0010000003","birth_date":"1370-01-01",` +
	`"claims":{"given_name":"آزمون","surname":"نمونه‌ای","father_name":"فرضی"}}`

func decodeQuestion(body string) (f inquiry.Form, err error) {
	err = decode([]byte(body), func(d *reader) error { return d.question(&f, true) })
	return f, err
}

func TestDecodeQuestion(t *testing.T) {
	f, err := decodeQuestion("\n\t " + goodQuestion + " \r\n")
	if err != nil {
		t.Fatal(err)
	}
	want := inquiry.Form{
		Officer: "a.nemuneh", Purpose: "account-opening", Process: "opening", File: "1405-1001",
		Service: "identity", Mode: "verify", NationalNumber: "0010000003", BirthDate: "1370-01-01",
		Claims: []inquiry.FormClaim{{Field: "given_name", Value: "آزمون"}, {Field: "surname", Value: "نمونه‌ای"}, {Field: "father_name", Value: "فرضی"}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v", f)
	}
	f, err = decodeQuestion(`{"\u006ffficer":"\u0622\n","fields":["surname","\"x\\"],"predicates":[{"age":18,"name":"age_at_least"},{"name":"alive"}]}`)
	want = inquiry.Form{
		Officer: "آ\n", Fields: []string{"surname", `"x\`},
		Predicates: []inquiry.FormPredicate{{Name: "age_at_least", Age: 18}, {Name: "alive"}},
	}
	if err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v, %v", f, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct{ body, key, field string }{
		{``, "api.json.syntax", ""},
		{`{`, "api.json.syntax", ""},
		{`null`, "api.json.object", ""},
		{`[]`, "api.json.object", ""},
		{`"x"`, "api.json.object", ""},
		{`{} {}`, "api.json.trailing", ""},
		{"{}\x00", "api.json.trailing", ""},
		{`{"officer":"a","officer":"b"}`, "api.json.duplicate", "officer"},
		{`{"officer":"","\u006ffficer":""}`, "api.json.duplicate", "officer"},
		{`{"claims":{},"claims":{}}`, "api.json.duplicate", "claims"},
		{`{"claims":{"surname":"a","surname":"b"}}`, "api.json.duplicate", "claims"},
		{`{"predicates":[{"name":"a","name":"b"}]}`, "api.json.duplicate", "predicates.0.name"},
		{`{"secret0012345679":"x"}`, "api.json.unknown", ""},
		{`{"Officer":"x"}`, "api.json.unknown", ""},
		{`{"questions":[]}`, "api.json.unknown", ""},
		{`{"predicates":[{"nom":"a"}]}`, "api.json.unknown", "predicates.0"},
		{`{"officer":null}`, "api.json.string", "officer"},
		{`{"officer":1}`, "api.json.string", "officer"},
		{`{"officer":{"a":"b"}}`, "api.json.string", "officer"},
		{`{"claims":{"0012345679":{}}}`, "api.json.string", "claims"},
		{`{"claims":[]}`, "api.json.object", "claims"},
		{`{"fields":{}}`, "api.json.array", "fields"},
		{`{"fields":["a",7]}`, "api.json.string", "fields.1"},
		{`{"predicates":[{"age":"18"}]}`, "api.json.integer", "predicates.0.age"},
		{`{"predicates":[{"age":1.5}]}`, "api.json.integer", "predicates.0.age"},
		{`{"predicates":[{"age":-1}]}`, "api.json.integer", "predicates.0.age"},
		{`{"predicates":[{"age":99999999999}]}`, "api.json.integer", "predicates.0.age"},
		{`{"officer":"a",}`, "api.json.syntax", ""},
		{`{,"officer":"a"}`, "api.json.syntax", ""},
		{`{"officer" "a"}`, "api.json.syntax", ""},
		{`{"officer":"a" "mode":"b"}`, "api.json.syntax", ""},
		{`{officer:"a"}`, "api.json.syntax", ""},
		{`{"officer":'a'}`, "api.json.syntax", "officer"},
		{`{"officer":"a` + "\n" + `"}`, "api.json.syntax", "officer"},
		{`{"officer":"\ud800"}`, "api.json.syntax", "officer"},
		{`{"officer":"\x41"}`, "api.json.syntax", "officer"},
		{`{"officer":"\`, "api.json.syntax", "officer"},
		{`{"fields":["a",]}`, "api.json.syntax", "fields.1"},
		{"\ufeff{}", "api.json.syntax", ""},
		{`{"fields":[` + strings.Repeat(`"a",`, 100) + `"a"]}`, "api.json.items", "fields"},
		{strings.Repeat(`{"claims":`, 100_000), "api.json.string", ""},
		{strings.Repeat(`[`, 100_000), "api.json.object", ""},
	} {
		_, err := decodeQuestion(c.body)
		var e *fault.Error
		if !errors.As(err, &e) {
			t.Errorf("%.60q: no fault: %v", c.body, err)
			continue
		}
		if strings.HasPrefix(c.body, `{"claims":{"claims"`) {
			c.field = "claims"
		}
		if e.Key != c.key || e.Field != c.field {
			t.Errorf("%.60q: %s at %q, want %s at %q", c.body, e.Key, e.Field, c.key, c.field)
		}
		if strings.Contains(e.Error(), "0012345679") {
			t.Errorf("%.60q: the error repeats the input: %v", c.body, e)
		}
	}
}

func TestDecodeBatch(t *testing.T) {
	var top inquiry.Form
	var forms []inquiry.Form
	read := func(body string) error {
		top, forms = inquiry.Form{}, nil
		return decode([]byte(body), func(d *reader) error { return d.batch(&top, &forms) })
	}
	err := read(`{"questions":[{"service":"identity"},{"mode":"verify","file":"own"}],"officer":"o","purpose":"p","file":"f"}`)
	want := []inquiry.Form{
		{Officer: "o", Purpose: "p", File: "f", Service: "identity"},
		{Officer: "o", Purpose: "p", File: "own", Mode: "verify"},
	}
	if err != nil || !reflect.DeepEqual(forms, want) {
		t.Errorf("got %+v, %v", forms, err)
	}
	for body, key := range map[string]string{
		`{"questions":[` + strings.Repeat(`{},`, inquiry.MaxBatch) + `{}]}`: "api.batch.many",
		`{"questions":[{"officer":"x"}]}`:                                   "api.json.unknown",
		`{"questions":[],"questions":[]}`:                                   "api.json.duplicate",
		`{"questions":{}}`:                                                  "api.json.array",
		`{"service":"identity"}`:                                            "api.json.unknown",
	} {
		if err := read(body); fault.Of(err) == nil || fault.Of(err).Key != key {
			t.Errorf("%.40s: %v, want %s", body, err, key)
		}
	}
}

// oracle is a question for a general decoder.
type oracle struct {
	Officer           string            `json:"officer"`
	Purpose           string            `json:"purpose"`
	Process           string            `json:"process"`
	File              string            `json:"file"`
	Service           string            `json:"service"`
	Mode              string            `json:"mode"`
	NationalNumber    string            `json:"national_number"`
	BirthDate         string            `json:"birth_date"`
	ShenasnamehNumber string            `json:"shenasnameh_number"`
	PostalCode        string            `json:"postal_code"`
	AsOf              string            `json:"as_of"`
	Claims            map[string]string `json:"claims"`
	Fields            []string          `json:"fields"`
	Predicates        []struct {
		Name string `json:"name"`
		Age  int32  `json:"age"`
	} `json:"predicates"`
}

func (o *oracle) form() inquiry.Form {
	f := inquiry.Form{
		Officer: o.Officer, Purpose: o.Purpose, Process: o.Process, File: o.File, Service: o.Service, Mode: o.Mode,
		NationalNumber: o.NationalNumber, BirthDate: o.BirthDate, ShenasnamehNumber: o.ShenasnamehNumber,
		PostalCode: o.PostalCode, AsOf: o.AsOf, Fields: o.Fields,
	}
	for k, v := range o.Claims {
		f.Claims = append(f.Claims, inquiry.FormClaim{Field: k, Value: v})
	}
	for _, p := range o.Predicates {
		f.Predicates = append(f.Predicates, inquiry.FormPredicate{Name: p.Name, Age: int(p.Age)})
	}
	return f
}

// stranger reports whether the oracle accepted what the door refuses on purpose.
func (o *oracle) stranger(body []byte) bool {
	negative := false
	for _, p := range o.Predicates {
		negative = negative || p.Age < 0
	}
	return negative || bytes.Contains(body, []byte("null")) || bytes.Contains(body, []byte("-0")) ||
		len(o.Claims) > maxItems || len(o.Fields) > maxItems || len(o.Predicates) > maxItems
}

// FuzzDecode holds the hand-made reader to a general one: both read the same or
// both refuse.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		goodQuestion, `{}`, `{"fields":["a","\u0622"],"predicates":[{"name":"alive"},{"name":"x","age":7}]}`,
		`{"claims":{"a":"b","a":"c"}}`, `{"officer":null}`, `{"x":[[[[]]]]}`, "{\"officer\":\"\xff\"}", `{"predicates":[{"age":1e1}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) {
			return // readBody refuses it before
		}
		got, err := decodeQuestion(string(body))
		var o oracle
		oracleErr := json.Unmarshal(body, &o, json.RejectUnknownMembers(true))
		switch {
		case err == nil && oracleErr != nil:
			t.Fatalf("accepted %q, where the oracle says %v", body, oracleErr)
		case err != nil && oracleErr == nil && !o.stranger(body):
			t.Fatalf("refused %q: %v", body, err)
		case err == nil:
			want := o.form()
			if digest(&got) != digest(&want) {
				t.Fatalf("%q is read as %+v, by the oracle as %+v", body, got, want)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	body := []byte(goodQuestion)
	for b.Loop() {
		var f inquiry.Form
		if err := decode(body, func(d *reader) error { return d.question(&f, true) }); err != nil {
			b.Fatal(err)
		}
	}
}
