package officer_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/process"
)

// TestHistory: what was asked stands in the list without the person, narrowed
// as wanted, page by page, and as a sheet; other officers and agencies see none
// of it.
func TestHistory(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	for i, file := range []string{"الف/۱", "الف/۲", "الف/۳"} {
		form := consoletest.AboutAli("file", file, "once", file)
		if i == 1 {
			form.Set("claims.surname", "کریمی")
		}
		v.Ask(form)
	}
	p := v.Get("/officer/history")
	p.Shows(t, "سابقه استعلام‌ها", "الف/۳", "الف/۱", "مغایر", "فهرست به پایان رسید")
	if strings.Contains(p.Text(), "۰۰۶۷۷۴۹۸۲۸") || strings.Contains(p.Text(), "یزدانی") {
		t.Error("the list shows the person")
	}
	p = v.Get("/officer/history?outcome=differs&from=۱۴۰۰/۱/۱&until=&service=identity")
	if p.Shows(t, "الف/۲"); strings.Contains(p.Text(), "الف/۱") {
		t.Error("the filter lets others through")
	}
	if p := v.Get("/officer/history?from=1405-13-01"); p.Status != 422 {
		t.Errorf("a thirteenth month: %d", p.Status)
	}
	v.Get("/officer/history?from=1399/1/1&until=1399/2/1").Shows(t, "با این شرط‌ها استعلامی یافت نشد")
	sheet := v.Get("/officer/history.xlsx?outcome=confirmed")
	if sheet.Status != 200 || !strings.HasPrefix(sheet.Body, "PK") || !strings.Contains(sheet.Header.Get("Content-Disposition"), "estelam-history.xlsx") {
		t.Errorf("the sheet: %d %v", sheet.Status, sheet.Header)
	}
	s.SignedIn(consoletest.Bank, consoletest.Head).Get("/officer/history").Shows(t, "الف/۱", consoletest.Officer)
	s.Hire(consoletest.Bank, "other", "دیگری", "officer")
	for _, other := range []*consoletest.Visitor{s.SignedIn(consoletest.Bank, "other"), s.SignedIn(consoletest.Other, consoletest.Officer), s.SignedIn(consoletest.Other, consoletest.Head)} {
		if p := other.Get("/officer/history"); strings.Contains(p.Text(), "الف/") {
			t.Error("somebody else's history is shown")
		}
	}
}

// TestDesk: the figures of the first page are those of the log.
func TestDesk(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	v.Get("/officer").Shows(t, "در این روزها مقایسه‌ای نبوده است", "استعلام امروز دستگاه")
	for i, father := range []string{"محمدحسین", "محمدحسین", "محمدحسین", "کاوه"} {
		v.Ask(consoletest.AboutAli("claims.father_name", father, "once", fmt.Sprint(i)))
	}
	consoletest.Must(t, s.Config.Usage.Follow(t.Context()))
	v.Get("/officer").Shows(t, "استعلام امروز دستگاه ۴", "۷۵٫۰", "۱ مغایرت در این روزها", "استعلام‌های روزانه دستگاه")
	v.Get("/officer?from=1400/1/1&until=1400/1/5").Shows(t, "در این روزها استعلامی نبوده است")
	v.Get("/officer?from=never&until=x").Shows(t, "استعلام امروز دستگاه ۴")
	if p := s.SignedIn(consoletest.Other, consoletest.Officer).Get("/officer"); !strings.Contains(p.Text(), "استعلام امروز دستگاه ۰") {
		t.Error("another agency sees these figures")
	}
}

// TestPaste: untidy text fills the form, and asks nothing.
func TestPaste(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	form := consoletest.AboutAli("pasted", "نام: علی‌اکبر، نام خانوادگی یزدانی‌فرد کد ملی ۰۰۶-۷۷۴۹۸۲-۸ تولد ۱۳۷۰/۱/۱")
	form.Del("national_number")
	form.Set("claims.surname", "دیگری")
	before := s.Config.Journal.Heads()[1]
	p := v.Post("/officer/paste", form)
	p.Shows(t, "این موارد در فرم نوشته شد", "شماره ملی، نام، نام خانوادگی، تاریخ تولد")
	_, filled := p.Form(t)
	if filled.Get("national_number") != "0067749828" || filled.Get("claims.surname") != "یزدانی‌فرد" || filled.Get("file") != form.Get("file") {
		t.Errorf("the form holds %v", filled)
	}
	if s.Config.Journal.Heads()[1] != before {
		t.Error("something was asked")
	}
	_, p = v.Ask(filled)
	p.Shows(t, "مشخصات مطابق است")
	v.Post("/officer/paste", consoletest.AboutAli("pasted", "سلام")).Shows(t, "در این متن چیزی شناخته نشد")
}

// TestMatch: a code and a number belong together, or do not; nothing else is
// told.
func TestMatch(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	code, _ := v.Ask(consoletest.AboutAli())
	other := s.SignedIn(consoletest.Other, consoletest.Officer)
	other.Submit("/officer/match", "code", code, "national_number", consoletest.Ali).Shows(t, "کد و شماره با هم می‌خوانند")
	other.Submit("/officer/match", "code", code, "national_number", consoletest.Departed).Shows(t, "کد و شماره با هم نمی‌خوانند")
	if p := other.Submit("/officer/match", "code", "12", "national_number", "1"); p.Status != 422 {
		t.Errorf("no code and no number: %d", p.Status)
	}
}

// TestDoubt: an officer doubts a value that he was told, once.
func TestDoubt(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	code, p := v.Ask(consoletest.AboutAli("claims.father_name", "رضا"))
	p.Shows(t, "گزارش تردید", "اکنون چه باید کرد")
	path := "/officer/inquiries/" + code + "/doubt"
	report := func(v *consoletest.Visitor, field, value, evidence string) consoletest.Page {
		return sendForm(t, v, path, map[string]string{"field": field, "value": value, "evidence": evidence}, "paper", "سند")
	}
	if p := report(v, "father_name", "", ""); p.Status != 422 {
		t.Errorf("nothing typed: %d", p.Status)
	}
	if p := report(v, "postal_code", "1516763511", "نامه"); p.Status != 422 {
		t.Errorf("an item that nobody told: %d", p.Status)
	}
	other := s.SignedIn(consoletest.Other, consoletest.Officer)
	if p := other.Get(path); p.Status != 404 || strings.Contains(p.Body, `name="evidence"`) {
		t.Errorf("another agency is shown the form: %d", p.Status)
	}
	if p := report(other, "father_name", "رضا", "شناسنامه"); p.Status != 404 {
		t.Errorf("another agency doubts: %d", p.Status)
	}
	report(v, "father_name", "رضا", "شناسنامه ۱۲").Shows(t, "گزارش فرستاده شد", "در دست بررسی", "به باور شما: رضا")
	report(v, "father_name", "رضا", "شناسنامه ۱۲").Shows(t, "در دست بررسی") // the same click
	if p := report(v, "father_name", "رضا", "شناسنامه ۱۳"); p.Status != 409 {
		t.Errorf("reported twice: %d", p.Status)
	}
}

// TestCopies: a copy by exception is recorded and destroyed.
func TestCopies(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	_, _, err := s.Config.Processes.Put(t.Context(), s.Config.Journal, s.Actor(consoletest.Bank, consoletest.Head), &process.Entry{Code: "deposit", Title: "افتتاح سپرده", Monthly: 10})
	consoletest.Must(t, err)
	document := s.Config.Processes.DocumentTypes()[0].Code
	v.Get("/officer/copies").Shows(t, "تصویری ثبت نشده است")
	if p := v.Submit("/officer/copies/new", "process", "deposit", "document", document, "reason", "no-service", "law", "بخشنامه", "article", "۱", "reference", "پ/۱", "destroy_by", "1399/1/1"); p.Status != 422 {
		t.Errorf("destroyed before it is made: %d", p.Status)
	}
	v.Submit("/officer/copies/new", "process", "deposit", "document", document, "reason", "no-service", "law", "بخشنامه", "article", "۱", "reference", "پ/۱",
		"destroy_by", today(s).AddDays(30).Persian()).Shows(t, "تصویر ثبت شد", "افتتاح سپرده", "خدمتی برای این نیاز نیست")
	if p := s.SignedIn(consoletest.Other, consoletest.Officer).Submit("/officer/copies/1/destroy", "minutes", "۱"); p.Status != 404 {
		t.Errorf("another agency destroys it: %d", p.Status)
	}
	v.Submit("/officer/copies/1/destroy", "minutes", "صورت‌جلسه ۵").Shows(t, "امحای تصویر ثبت شد", "صورت‌جلسه ۵")
}

// TestProgrammer: the programmer sees certificates and clauses, and which
// clause refuses, for every field of every service.
func TestProgrammer(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Programmer)
	v.Get("/programmer").Shows(t, "اتصال برنامه دستگاه", "بندهای تفاهم‌نامه", "گواهی معتبری نیست")
	for _, service := range []string{"identity", "shenasnameh", "card", "residence", "place", "predicate"} {
		path := "/programmer/diagnose?service=" + service
		_, form := v.Get(path).Form(t)
		form["fields"] = optionsOf(v.Get(path), "fields")
		form.Set("purpose", "credit")
		form.Set("process", "loan")
		form.Set("officer", consoletest.Officer)
		v.Post(path, form).Shows(t, "اجازه داده می‌شود", "به موجب بند")
		form.Set("purpose", "gossip")
		v.Post(path, form).Shows(t, "رد می‌شود", "agreement.purpose")
	}
	if p := v.Submit("/programmer/diagnose", "purpose", "credit", "officer", "nobody"); p.Status != 422 {
		t.Errorf("without a field: %d", p.Status)
	}
	if p := s.SignedIn(consoletest.Bank, consoletest.Officer).Get("/programmer"); p.Status != 403 {
		t.Errorf("an officer at the programmer's page: %d", p.Status)
	}
}

// TestOthers: no page about an inquiry opens for another agency, and a code that
// there is not looks the same.
func TestOthers(t *testing.T) {
	s := newStage(t)
	code, _ := s.SignedIn(consoletest.Bank, consoletest.Officer).Ask(consoletest.AboutAli())
	other, walked := s.SignedIn(consoletest.Other, consoletest.Officer), 0
	for _, r := range s.Site.Routes {
		if r.Method != http.MethodGet || !strings.Contains(r.Path, "{code}") || !strings.HasPrefix(r.Path, "/officer/") {
			continue
		}
		walked++
		for _, c := range []string{code, s.UnknownCode()} {
			if p := other.Get(strings.ReplaceAll(r.Path, "{code}", c)); p.Status != http.StatusNotFound {
				t.Errorf("another agency gets %d at %s", p.Status, r.Path)
			}
		}
	}
	if walked < 4 {
		t.Errorf("%d pages are about an inquiry", walked)
	}
}
