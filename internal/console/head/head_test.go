package head_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/account"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/head"
	"github.com/estelam/estelam/internal/process"
)

// paths fills in the parts of an address with what the stage has.
func (s *filled) paths() *strings.Replacer {
	bank := s.Legal(consoletest.Bank)
	return strings.NewReplacer(
		"/no/{id}", "/no/1", "draft/{id}/sign", fmt.Sprintf("draft/%d/sign", s.reviewed), "draft/{id}", "draft/2", "delegations/{id}", "delegations/1",
		"{login}", "n.nik", "{no}", "1", "{service}", "identity", "{fingerprint}", s.fingerprint(bank), "{code}", "loan", "{clause}", "B.6b", "{table}", "branches",
		"audits/{id}", fmt.Sprintf("audits/%d", s.audit), "reports/{id}", fmt.Sprintf("reports/%d", s.report), "evaluations/{id}", fmt.Sprintf("evaluations/%d", s.evaluation),
		"{criterion}", "copies", "obstacles/{id}", "obstacles/1",
	)
}

// TestPages opens every page in both languages: each answers, and each text of
// it is there.
func TestPages(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	replace := s.paths()
	for _, lang := range []string{"fa", "en"} {
		v.Post("/language", map[string][]string{"lang": {lang}, "back": {"/check"}})
		for _, r := range head.Room().Routes {
			if r.Method != http.MethodGet || strings.Contains(r.Path, "{quarter}") {
				continue
			}
			p := v.Get(replace.Replace(r.Path))
			if p.Status != http.StatusOK {
				t.Errorf("%s: %d %.200s", r.Path, p.Status, p.Text())
			}
			for _, mark := range []string{"[console.", "[agreement.", "[evaluation.", "[register."} {
				if i := strings.Index(p.Body, mark); i >= 0 && strings.Contains(p.Header.Get("Content-Type"), "html") {
					t.Errorf("%s, %s: a text is missing: %.80s", r.Path, lang, p.Body[i:])
				}
			}
		}
	}
}

// TestOthers is nothing of the bank for the head of another body, and no page
// for an officer.
func TestOthers(t *testing.T) {
	s := open(t)
	other, officer := s.SignedIn(consoletest.Other, consoletest.Head), s.SignedIn(consoletest.Bank, consoletest.Officer)
	replace := s.paths()
	for _, r := range head.Room().Routes {
		path := replace.Replace(r.Path)
		if p := officer.Do(r.Method, path, nil, map[string]string{"Sec-Fetch-Site": "same-origin"}); p.Status != http.StatusForbidden {
			t.Errorf("an officer gets %d at %s %s", p.Status, r.Method, path)
		}
		own := r.Path == path || strings.HasPrefix(path, "/head/agreements/new") || strings.HasPrefix(path, "/head/delegations/") || // it takes part in that one
			strings.HasPrefix(path, "/head/compliance") || strings.HasPrefix(path, "/head/evaluations") || strings.Contains(path, "{quarter}")
		if r.Method != http.MethodGet || own {
			continue
		}
		if p := other.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("the head of another body gets %d at %s: %.200s", p.Status, path, p.Text())
		}
	}
}

// TestAgreement goes the way of an agreement: a draft, a clause with mistakes
// and without, the request, the signature of the reviewed text.
func TestAgreement(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	p := v.Submit("/head/agreements/new/residence", "service_id", "۱۰۰۳۱۰۹۴۱۰۰", "fields", "postal_code", "modes", "verify", "search_keys", "", "hours", "۱۹-۷")
	p.Shows(t, "این موارد را اصلاح کنید", "شخص با چه شناخته می‌شود", "ساعت‌های مجاز")
	p = v.Submit("/head/agreements/new/residence", "service_id", "۱۰۰۳۱۰۹۴۱۰۰", "fields", "postal_code", "modes", "verify",
		"search_keys", "national_number+birth_date", "hours", "۰۷:۰۰ – ۱۹:۰۰", "daily_quota", "۱۲۰۰", "from", "1407/01/01", "until", "1407/12/29")
	p.Shows(t, "پیش‌نویس ۳", "۱٬۲۰۰ استعلام در روز", "دلیل نیاز یا خطر این بندها نوشته نشده است: ۱")
	at := p.Path
	p = v.Submit(at+"/request", "read", "1")
	p.Shows(t, "این موارد را اصلاح کنید")
	v.Submit(at+"/clauses/1", "statement", "برای نشانی پستی", "risk", "تنها با پرونده").Shows(t, "بند در پیش‌نویس ذخیره شد", "برای نشانی پستی")
	v.Submit(at+"/request").Shows(t, "تا این خانه را علامت نزنید")
	v.Submit(at+"/request", "read", "1").Shows(t, "درخواست به ثبت احوال رسید", "در بررسی ثبت احوال")

	c, ctx := &s.Config, t.Context()
	f, err := c.Agreements.Find(ctx, s.Actor(consoletest.Bank, consoletest.Head), &agreement.Picking{Draft: 3})
	consoletest.Must(t, err)
	_, _, err = c.Agreements.Review(ctx, c.Journal, s.Actor(consoletest.Registry, "s1"), &agreement.Word{Draft: 3, Digest: f.Draft.Digest})
	consoletest.Must(t, err)
	v.Get("/head").Shows(t, "تفاهم‌نامه را امضا کنید")
	sign := v.Get(at + "/sign")
	sign.Shows(t, "امضای شما چه معنایی دارد", f.Draft.Digest[:8])
	v.Submit(at+"/sign", "read", "1").Shows(t, "تفاهم‌نامه امضا شد", "در انتظار امضای متقابل")
	if p := v.Get(at + "/paper"); !strings.HasPrefix(p.Body, "%PDF-") {
		t.Errorf("the paper is no PDF: %.60s", p.Body)
	}
}

// TestTwoEditors: what another has changed meanwhile is not overwritten, and
// what was typed stays.
func TestTwoEditors(t *testing.T) {
	s := open(t)
	s.Hire(consoletest.Bank, "a.amin", "امین امینی", "head")
	one, two := s.SignedIn(consoletest.Bank, consoletest.Head), s.SignedIn(consoletest.Bank, "a.amin")
	for _, edit := range []struct{ path, name, first, second string }{
		{"/head/agreements/draft/2/clauses/1", "statement", "دلیل نخست", "دلیل دوم"},
		{"/head/agreements/draft/2/terms", "until", "1407/01/01", "1407/02/02"},
		{"/head/staff/of/n.nik/change", "name", "نیما نیک", "نیما نیکو"},
		{"/head/processes/of/loan/change", "title", "تسهیلات", "وام"},
		{"/head/obstacles/1", "owner", "اداره حقوقی", "اداره فناوری"},
	} {
		shown := one.Get(edit.path)
		action, form := shown.Form(t)
		if p := two.Submit(edit.path, edit.name, edit.first); p.Status != http.StatusOK || p.Path == edit.path {
			t.Fatalf("%s: %d %.400s", edit.path, p.Status, p.Text())
		}
		form.Set(edit.name, edit.second)
		p := one.Post(action, form)
		if p.Status != http.StatusConflict || !strings.Contains(p.Body, edit.second) {
			t.Errorf("%s: the second editor gets %d, and what he typed is kept: %t", edit.path, p.Status, strings.Contains(p.Body, edit.second))
		}
	}
}

// TestStaff goes through a delegation: added, activated, changed, ended.
func TestStaff(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	v.Submit("/head/staff/new", "officer", "شماره", "name", "", "role", "", "until", "هیچ").Shows(t, "این موارد را اصلاح کنید", "نقش:", "آخرین روز نمایندگی:")
	v.Submit("/head/staff/new", "officer", "شماره", "name", "سارا", "role", "officer", "until", "1390/01/01").Shows(t, "نام کاربری:")
	p := v.Submit("/head/staff/new", "officer", "s.sadr", "name", "سارا صدر", "role", "officer", "until", "1406/01/01")
	p.Shows(t, "کارمند افزوده شد", "هنوز گذرواژه‌ای ندارد")
	v.Submit("/head/staff/of/s.sadr/activate").Shows(t, "این کد دیگر نشان داده نمی‌شود", "سارا صدر")
	v.Submit("/head/staff/of/s.sadr/change", "state", "suspended").Shows(t, "معلق")
	s.GivePassword(consoletest.Bank, "n.nik")
	f, err := s.Config.Accounts.Factors(t.Context(), account.Who{Agency: s.Legal(consoletest.Bank), Login: "n.nik"})
	if err != nil || !f.Password {
		t.Fatal(f, err)
	}
	v.Submit("/head/staff/of/n.nik/reset", "reason", "lost-phone").Shows(t, "کد فعال‌سازی نیما نیک‌فر")
	v.Submit("/head/staff/of/n.nik/end", "reason", "left").Shows(t, "نمایندگی کارمند پایان یافت", "رفته")
	o, err := s.Config.Agencies.Officer(s.Legal(consoletest.Bank), "n.nik")
	if err != nil || o.State != agency.Closed {
		t.Errorf("%v %v", o, err)
	}
	v.Submit("/head/certificates/"+s.fingerprint(s.Legal(consoletest.Bank))+"/revoke", "reason", "key-lost").Shows(t, "گواهی باطل شد", "باطل‌شده")
	v.Submit("/head/delegations/1/end", "reason", "replaced", "document", "").Shows(t, "این موارد را اصلاح کنید")
}

// TestDelegation accepts what another body has proposed, with one press.
func TestDelegation(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	v.Submit("/head/delegations").Shows(t, "نمایندگی پذیرفته شد")
	v.Submit("/head/delegations/new", "delegate", consoletest.Other, "services", "card", "from", "1405/12/01", "until", "1406/12/01", "reference", "نامه ۷").
		Shows(t, "پیشنهاد ثبت شد")
	v.Submit("/head/delegations/2/end", "reason", "replaced", "document", "نامه ۸").Shows(t, "نمایندگی پایان یافت")
}

// TestProcesses puts a process into the catalogue, turns it, and removes what
// was in the way.
func TestProcesses(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	v.Submit("/head/processes/new", "process", "کد", "title", "حواله", "monthly", "بسیار").Shows(t, "این موارد را اصلاح کنید", "کد فرایند")
	v.Submit("/head/processes/new", "process", "transfer", "title", "حواله ارزی", "monthly", "۱۲۰", "documents", "passport").
		Shows(t, "حواله ارزی", "رونوشت گرفته می‌شود")
	v.Submit("/head/processes/of/transfer/state", "state", "online", "reason", "به استعلام وصل شد").Shows(t, "وضعیت فرایند ثبت شد", "برخط")
	v.Submit("/head/processes/of/transfer/end", "reason", "با فرایند دیگری یکی شد").Shows(t, "فرایند کنار گذاشته شد", "حواله ارزی")
	v.Submit("/head/obstacles/new", "text", "فرم کهنه", "owner", "اداره چاپ", "due", "1390/01/01").Shows(t, "این موارد را اصلاح کنید", "تا چه روزی")
	v.Submit("/head/obstacles/1/remove", "evidence", "بخشنامه ۱۲").Shows(t, "رفع مانع ثبت شد", "بخشنامه ۱۲")
	if _, ok := s.Config.Processes.Find(s.Legal(consoletest.Bank), "transfer"); !ok {
		t.Error("the process is gone")
	}
	chief := s.Actor(consoletest.Registry, "s1")
	_, _, err := s.Config.Processes.PutWave(t.Context(), s.Config.Journal, chief, &process.Wave{Name: "مرحله نخست", Provinces: []string{"تهران"}, From: s.today(), Until: s.today().AddMonths(2)})
	consoletest.Must(t, err)
	v.Get("/head/waves").Shows(t, "مرحله نخست", "بانک نمونه")
}

// TestAudit shows a dossier, and appeals when it was found to be misuse.
func TestAudit(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	c, ctx := &s.Config, t.Context()
	at := fmt.Sprintf("/head/audits/%d", s.audit)
	upload(t, v, at+"/show", map[string]string{"file": "", "purpose": "account-opening", "words": "حساب", "ground": "درخواست مشتری"}, "", "").
		Shows(t, "این موارد را اصلاح کنید", "شماره پرونده")
	p := upload(t, v, at+"/show", map[string]string{"file": "1405/0", "purpose": "account-opening", "words": "افتتاح حساب", "ground": "درخواست مشتری"}, "document_sha256", "%PDF-1.7")
	p.Shows(t, "پرونده نشان داده شد", "افتتاح حساب", "چکیده سند")
	_, _, err := c.Audits.Judge(ctx, c.Journal, s.Actor(consoletest.Administered, "i2"), &audit.Judgement{Audit: s.audit, Outcome: audit.Misuse, Reason: "پرونده با استعلام نمی‌خواند"})
	consoletest.Must(t, err)
	v.Get(at).Shows(t, "سوءاستفاده", "تفاهم‌نامه محدود شد", "تنها تطبیق بماند", "چه چیزی گرفته شد")
	v.Submit(at+"/appeal", "text", "پرونده ناقص فرستاده شده بود").Shows(t, "اعتراض ثبت شد", "اعتراض: در دست بررسی")
	v.Get("/head/agreements/no/1").Shows(t, "بند ۱ محدود شده است", "محدود شدن پس از نمونه ۱")
	v.Get("/head/agreements/no/1/compare").Shows(t, "شیوه پاسخ", "تغییر کرده")
}

// TestReport answers a citizen's report before its deadline.
func TestReport(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	at := fmt.Sprintf("/head/reports/%d", s.report)
	v.Submit(at+"/answer", "text", "").Shows(t, "این موارد را اصلاح کنید")
	v.Submit(at+"/answer", "text", "به همه شعبه‌ها ابلاغ شد").Shows(t, "پاسخ ثبت شد", "به همه شعبه‌ها ابلاغ شد", "در انتظار داوری بازرس")
	r, err := s.Config.Complaints.Find(t.Context(), s.Actor(consoletest.Bank, consoletest.Head), s.report)
	if err != nil || r.State != complaint.Answered {
		t.Errorf("%v %v", r, err)
	}
	s.Wait(40 * 24 * time.Hour)
	v = s.SignedIn(consoletest.Bank, consoletest.Head) // the session has ended meanwhile
	v.Get("/head").Shows(t, "مهلت رفع مانع گذشته است")
}

// TestCompliance declares a duty with the file of its paper, and sends a table
// whose rows are told one by one.
func TestCompliance(t *testing.T) {
	s := open(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Head)
	upload(t, v, "/head/compliance/B.6b/declare", map[string]string{"done": "۱۴۰۵/۰۱/۰۱", "share": "۱۲۰", "document": "نامه ۱"}, "sha256", "%PDF-1.7").
		Shows(t, "سهم را از ۰ تا ۱۰۰ درصد بنویسید")
	upload(t, v, "/head/compliance/B.6b/declare", map[string]string{"done": "۱۴۰۵/۰۱/۰۱", "share": "۷۵", "document": "نامه ۱"}, "", "").Shows(t, "فایل سند را انتخاب کنید")
	upload(t, v, "/head/compliance/B.6b/declare", map[string]string{"done": "۱۴۰۵/۰۱/۰۱", "share": "۷۵", "document": "نامه ۱"}, "sha256", "%PDF-1.7").
		Shows(t, "اعلام ثبت شد", "۷۵٫۰٪", "در انتظار بازرس")
	upload(t, v, "/head/conversions/upload", map[string]string{"table": "شعبه‌ها", "declared": "3"}, "file", "own_code,postal_code\n").Shows(t, "این موارد را اصلاح کنید", "نام جدول")
	upload(t, v, "/head/conversions/upload", map[string]string{"table": "offices", "declared": "3"}, "file", "own_code,postal_code\nx1,"+consoletest.Home+"\nx2,12\n").
		Shows(t, "نتیجه فایل جدول", "رد شد", "از ۲ ردیف")
	if p := v.Get("/head/conversions/offices/file"); !strings.HasPrefix(p.Body, "PK") {
		t.Errorf("the table is no spreadsheet: %d %.60s", p.Status, p.Body)
	}
}

// upload sends a form with a file, as a browser does.
func upload(t *testing.T, v *consoletest.Visitor, path string, values map[string]string, file, data string) consoletest.Page {
	t.Helper()
	action, form := v.Get(path).Form(t)
	for name, value := range values {
		form.Set(name, value)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name := range form {
		consoletest.Must(t, w.WriteField(name, form.Get(name)))
	}
	if file != "" {
		part, err := w.CreateFormFile(file, "paper.csv")
		consoletest.Must(t, err)
		_, err = part.Write([]byte(data))
		consoletest.Must(t, err)
	}
	consoletest.Must(t, w.Close())
	return v.Send(http.MethodPost, action, w.FormDataContentType(), &b, map[string]string{"Sec-Fetch-Site": "same-origin"})
}
