package console

import (
	"net/url"
	"regexp"
	"testing"
)

// TestObjection: a person objects with his letter's code, sees what is wrong
// with what he typed, and learns nothing else.
func TestObjection(t *testing.T) {
	s := newStage(t)
	code := s.letter()
	v := s.visitor()
	v.get("/objection").shows(t, "اعتراض به نامه ابلاغ مشخصات", "نام پدر", "کد اعتراض")
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
		{form("national_number", dead), 404, "کد اعتراض با این شماره ملی مطابقت ندارد"},
	} {
		p := v.post("/objection", c.form)
		if p.status != c.status {
			t.Errorf("%v: %d", c.form, p.status)
		}
		p.shows(t, c.shows)
	}
	before := s.journal.State().Size
	p := v.post("/objection", form("items.postal_code", "۱۵۱۶۷-۶۳۵۱۱", "text", "نام پدرم محمدحسن است."))
	if p.status != 200 || s.journal.State().Size != before+1 {
		t.Errorf("%d, %d entries", p.status, s.journal.State().Size-before)
	}
	p.shows(t, "اعتراض شما ثبت شد", "شماره پرونده ۱ است")
	if !regexp.MustCompile(`(\d{4} ){4}\d{4}`).MatchString(p.text()) {
		t.Error("no tracking code")
	}
	// Five wrong numbers close the code for the day.
	for range 5 {
		v.post("/objection", form("national_number", dead))
	}
	if p := v.post("/objection", form()); p.status != 429 {
		t.Errorf("after guessing: %d", p.status)
	}
	for range 30 {
		p = v.post("/objection", form())
	}
	if p.status != 429 || p.header.Get("Retry-After") == "" {
		t.Errorf("a flood: %d", p.status)
	}
}
