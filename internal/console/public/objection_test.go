package public_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/estelam/estelam/internal/console/consoletest"
)

// TestObjection: a person objects with his letter's code, sees what is wrong
// with what he typed, and learns nothing else.
func TestObjection(t *testing.T) {
	s := newStage(t)
	code := s.Letter()
	v := s.Visitor()
	v.Get("/objection").Shows(t, "اعتراض به نامه ابلاغ مشخصات", "نام پدر", "کد اعتراض")
	form := func(pairs ...string) url.Values {
		f := url.Values{"objection_code": {code[:4] + "-" + code[4:8] + " " + code[8:]}, "national_number": {"۰۰۶۷۷۴۹۸۲۸"}, "items.father_name": {"محمدحسن"}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	for _, c := range []struct {
		form   url.Values
		status int
		shows  string
	}{
		{url.Values{}, 422, "این مورد باید پر شود"},
		{form("objection_code", "123"), 422, "کد اعتراض ۱۶ رقم است"},
		{form("national_number", "1234567890"), 422, "رقم کنترل"},
		{form("items.father_name", ""), 422, "یا ایراد را شرح دهید"},
		{form("items.postal_code", "12"), 422, "کد پستی: "},
		{form("items.birth_date", "1405/13/01"), 422, "تاریخ تولد: "},
		{form("objection_code", "123", "items.birth_date", "1405/13/01"), 422, "تاریخ تولد: "}, // all mistakes at once
		{form("national_number", consoletest.Departed), 404, "کد اعتراض با این شماره ملی مطابقت ندارد"},
	} {
		p := v.Post("/objection", c.form)
		if p.Status != c.status {
			t.Errorf("%v: %d", c.form, p.Status)
		}
		p.Shows(t, c.shows)
	}
	before := s.Config.Journal.State().Size
	p := v.Post("/objection", form("items.postal_code", "۱۵۱۶۷-۶۳۵۱۱", "text", "نام پدرم محمدحسن است."))
	if p.Status != 200 || s.Config.Journal.State().Size != before+1 {
		t.Errorf("%d, %d entries", p.Status, s.Config.Journal.State().Size-before)
	}
	p.Shows(t, "اعتراض شما ثبت شد", "شماره پرونده ۱ است")
	if !regexp.MustCompile(`(\d{4} ){4}\d{4}`).MatchString(p.Text()) {
		t.Error("no tracking code")
	}
	// Five wrong numbers close the code for the day.
	for range 5 {
		v.Post("/objection", form("national_number", consoletest.Departed))
	}
	if p := v.Post("/objection", form()); p.Status != 429 {
		t.Errorf("after guessing: %d", p.Status)
	}
	for range 30 {
		p = v.Post("/objection", form())
	}
	if p.Status != 429 || p.Header.Get("Retry-After") == "" {
		t.Errorf("a flood: %d", p.Status)
	}
}
