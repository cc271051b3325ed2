package inquiry

import (
	"slices"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

var testDay = persian.Date{Year: 1405, Month: 8, Day: 30}

// A good form of each service, to be spoilt by the tests.
func goodForm(service string) *Form {
	f := &Form{
		Service: service, Mode: Verify, NationalNumber: "0012345679", BirthDate: "1370/01/01",
		Officer: "a.b", Purpose: "kyc", File: "1",
	}
	switch service {
	case Identity:
		f.Claims = []FormClaim{{"surname", "احمدی"}}
	case Shenasnameh:
		f.Claims = []FormClaim{{"shenasnameh_serial", "012345"}}
	case Card:
		f.Claims = []FormClaim{{"card_state", "issued"}}
	case Residence:
		f.Claims = []FormClaim{{"postal_code", "1619735744"}}
	case Place:
		f.NationalNumber, f.BirthDate, f.PostalCode = "", "", "1619735744"
		f.Claims = []FormClaim{{"province", "تهران"}}
	case Predicates:
		f.Predicates = []FormPredicate{{Name: Alive}}
	}
	return f
}

func TestParseGoodForms(t *testing.T) {
	for _, s := range agreement.Services {
		if _, err := goodForm(s.Name).Parse(testDay); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if s.Name == Predicates {
			continue
		}
		f := goodForm(s.Name)
		f.Mode, f.Claims, f.Fields = Disclose, nil, slices.Clone(s.Fields)
		if _, err := f.Parse(testDay); err != nil {
			t.Errorf("%s disclosed: %v", s.Name, err)
		}
	}
}

// Every field that an agreement can permit can be asked for, and the reverse.
func TestFieldsAreThoseOfAgreements(t *testing.T) {
	for _, s := range agreement.Services {
		if got := FieldsOf(s.Name); !slices.Equal(got, s.Fields) {
			t.Errorf("%s: inquiry knows %v, agreement %v", s.Name, got, s.Fields)
		}
	}
	if len(Services) != len(agreement.Services) {
		t.Errorf("inquiry knows %v", Services)
	}
}

func TestParseBadForms(t *testing.T) {
	for _, c := range []struct {
		why   string
		spoil func(*Form)
		field string
		key   string
	}{
		{"no such service", func(f *Form) { f.Service = "passport" }, "service", "inquiry.service.unknown"},
		{"no such mode", func(f *Form) { f.Mode = "copy" }, "mode", "inquiry.mode.unknown"},
		{"no number", func(f *Form) { f.NationalNumber = "" }, "national_number", "inquiry.missing"},
		{"wrong check digit", func(f *Form) { f.NationalNumber = "0012345678" }, "national_number", "ids.number.check"},
		{"letters", func(f *Form) { f.NationalNumber = "00123A5679" }, "national_number", "ids.number.digits"},
		{"nine digits", func(f *Form) { f.NationalNumber = "012345679" }, "national_number", "ids.number.length"},
		{"no second key", func(f *Form) { f.BirthDate = "" }, "birth_date", "inquiry.key.second"},
		{"two second keys", func(f *Form) { f.ShenasnamehNumber = "12" }, "shenasnameh_number", "inquiry.key.both"},
		{"shenasnameh 0", func(f *Form) { f.BirthDate, f.ShenasnamehNumber = "", "0" }, "shenasnameh_number", "inquiry.key.shenasnameh"},
		{"shenasnameh is the number", func(f *Form) { f.BirthDate, f.ShenasnamehNumber = "", "0012345679" }, "shenasnameh_number", "inquiry.key.shenasnameh"},
		{"1404 is no leap year", func(f *Form) { f.BirthDate = "1404/12/30" }, "birth_date", "persian.date.impossible"},
		{"tomorrow", func(f *Form) { f.BirthDate = "1405/09/01" }, "birth_date", "inquiry.date.future"},
		{"as of tomorrow", func(f *Form) { f.AsOf = "1405/09/01" }, "as_of", "inquiry.date.future"},
		{"as of a year", func(f *Form) { f.AsOf = "1400" }, "as_of", "inquiry.date.precise"},
		{"a declared postal code is one", func(f *Form) { f.PostalCode = "161973574" }, "postal_code", "ids.postal.length"},
		{"a body that asks in another's name has an id", func(f *Form) { f.OnBehalfOf = "123" }, "on_behalf_of", "ids.legal.length"},
		{"a court has a reference", func(f *Form) { f.Court = &FormCourt{Until: "1450-01-01"} }, "court.reference", "inquiry.missing"},
		{"a long reference", func(f *Form) { f.Court = &FormCourt{strings.Repeat("ش", 51), "1450-01-01"} }, "court.reference", "inquiry.court.reference"},
		{"a reference of what nobody sees", func(f *Form) { f.Court = &FormCourt{"\u200f", "1450-01-01"} }, "court.reference", "inquiry.missing"},
		{"a court has a day", func(f *Form) { f.Court = &FormCourt{Reference: "12"} }, "court.until", "inquiry.missing"},
		{"a court's day is a day", func(f *Form) { f.Court = &FormCourt{"12", "1450-01"} }, "court.until", "inquiry.date.precise"},
		{"a court's day lies ahead", func(f *Form) { f.Court = &FormCourt{"12", "1400-01-01"} }, "court.until", "inquiry.court.until"},
		{"no officer", func(f *Form) { f.Officer = "" }, "officer", "inquiry.missing"},
		{"an officer with a space", func(f *Form) { f.Officer = "a b" }, "officer", "inquiry.token"},
		{"a long purpose", func(f *Form) { f.Purpose = strings.Repeat("x", 65) }, "purpose", "inquiry.token"},
		{"no file number", func(f *Form) { f.File = "" }, "file", "inquiry.missing"},
		{"a long file number", func(f *Form) { f.File = strings.Repeat("۱", 65) }, "file", "inquiry.file"},
		{"a file number that runs backwards", func(f *Form) { f.File = "1\u202e2" }, "file", "persian.text.control"},
		{"no claims", func(f *Form) { f.Claims = nil }, "claims", "inquiry.missing"},
		{"fields where claims belong", func(f *Form) { f.Fields = []string{"surname"} }, "fields", "inquiry.content.claims"},
		{"predicates where claims belong", func(f *Form) { f.Predicates = []FormPredicate{{Name: Alive}} }, "predicates", "inquiry.content.claims"},
		{"no such field", func(f *Form) { f.Claims[0].Field = "blood_group" }, "claims", "inquiry.field.unknown"},
		{"a field of another service", func(f *Form) { f.Claims[0].Field = "postal_code" }, "claims", "inquiry.field.unknown"},
		{"a field twice", func(f *Form) { f.Claims = append(f.Claims, f.Claims[0]) }, "claims.surname", "inquiry.twice"},
		{"a name in Latin letters", func(f *Form) { f.Claims[0].Value = "Ahmadi" }, "claims.surname", "persian.name.letter"},
		{"a name with an override", func(f *Form) { f.Claims[0].Value = "احمدی\u202eیدمحا" }, "claims.surname", "persian.text.control"},
		{"an empty name", func(f *Form) { f.Claims[0].Value = "" }, "claims.surname", ""},
		{"a sex that is none", func(f *Form) { f.Claims = []FormClaim{{"sex", "x"}} }, "claims.sex", "inquiry.word"},
		{"too many claims", func(f *Form) { f.Claims = make([]FormClaim, 21) }, "claims", "inquiry.items"},
	} {
		f := goodForm(Identity)
		c.spoil(f)
		q, err := f.Parse(testDay)
		if q != nil || err == nil {
			t.Errorf("%s: was taken", c.why)
			continue
		}
		e := fault.Of(err)
		found := false
		for _, e := range append([]*fault.Error{e}, e.More...) {
			found = found || e.Field == c.field && (c.key == "" || e.Key == c.key)
			if !message.Known(e.Key) {
				t.Errorf("%s: key %s has no text", c.why, e.Key)
			}
		}
		if !found {
			t.Errorf("%s: got %v %v, want %s at %s", c.why, e, e.More, c.key, c.field)
		}
	}
}

// All mistakes are told at once.
func TestParseTellsAllMistakes(t *testing.T) {
	_, err := (&Form{}).Parse(testDay)
	e := fault.Of(err)
	if got := len(e.More) + 1; got < 6 {
		t.Errorf("an empty form has %d mistakes, want at least 6: %v", got, e.More)
	}
}

func TestAgeAtLeast(t *testing.T) {
	day := persian.Date{Year: 1405, Month: 8, Day: 30}
	for _, c := range []struct {
		born string
		age  int
		want string
	}{
		{"1387-08-30", 18, yes}, {"1387-09-01", 18, no}, {"1387-08-29", 18, yes},
		{"1387", 18, unknown}, {"1386", 18, yes}, {"1388", 18, no},
		{"1366-12-30", 18, yes}, {"1366-12-30", 39, no}, {"1366-12-30", 38, yes},
	} {
		born, err := persian.ParseDate(c.born)
		if err != nil {
			t.Fatal(err)
		}
		if got := ageAtLeast(born, c.age, day); got != c.want {
			t.Errorf("born %s, at least %d: %s, want %s", c.born, c.age, got, c.want)
		}
	}
	if got := ageAtLeast(persian.Date{}, 1, day); got != unknown {
		t.Errorf("no birth date: %s", got)
	}
	if got := ageAtLeast(persian.Date{Year: 1387, Month: 8}, 18, day); got != yes {
		t.Errorf("born in Aban 1387, on the month's last day: %s", got)
	}
}

// A form that anybody sends is a question or a fault, never a panic, and no
// fault holds what was sent.
func FuzzParse(f *testing.F) {
	f.Add("identity", "verify", "0012345679", "1370/01/01", "surname", "احمدی", "1")
	f.Add("place", "disclose", "", "", "province", "", "x")
	f.Fuzz(func(t *testing.T, service, mode, number, born, field, value, file string) {
		form := &Form{
			Service: service, Mode: mode, NationalNumber: number, BirthDate: born, Officer: "o", Purpose: "p", File: file,
			Claims: []FormClaim{{field, value}},
		}
		_, err := form.Parse(testDay)
		if err == nil {
			return
		}
		e := fault.Of(err)
		for _, e := range append([]*fault.Error{e}, e.More...) {
			if e.Kind == fault.Internal || len(value) > 12 && strings.Contains(message.Text(message.En, e.Key, e.Args...), value) {
				t.Errorf("%v", e)
			}
		}
	})
}
