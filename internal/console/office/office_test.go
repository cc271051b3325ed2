package office_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/office"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func stage(t *testing.T) *consoletest.Stage { return consoletest.New(t, office.Room()) }

// object opens a case by a letter: Ali says that his father's name is another.
func object(s *consoletest.Stage) {
	var code notice.Code
	consoletest.Must(s.T, code.UnmarshalText([]byte(s.Letter())))
	_, _, err := s.Config.Notices.Object(s.T.Context(), s.Config.Journal, &notice.Objection{
		Code: code, Number: s.Number(consoletest.Ali), Text: "نام پدرم با شناسنامه یکی نیست",
		Items: []discrepancy.Claim{{Field: "father_name", Value: "محمدحسن"}, {Field: "birth_date", Value: "1370-01-11"}},
	})
	consoletest.Must(s.T, err)
}

// TestCase: a clerk takes a case, sees both values side by side, and proposes
// the correction.
func TestCase(t *testing.T) {
	s := stage(t)
	object(s)
	clerk, other := s.SignedIn(consoletest.Registry, "c1"), s.SignedIn(consoletest.Registry, "c2")
	clerk.Get("/office/cases").Shows(t, "پرونده باز ۱", "اعتراض شهروند به نامه", "برداشتن پرونده")
	p := clerk.Submit("/office/cases/1")
	if p.Path != "/office/cases/1" {
		t.Fatalf("%d at %s: %s", p.Status, p.Path, p.Text())
	}
	p.Shows(t, "پرونده اکنون نزد شماست", "محمدحسین", "محمدحسن", "نزدیک؛ شاید لغزش قلم", "نزدیکی مقدار اظهارشده", "نام پدرم با شناسنامه یکی نیست")
	if p := other.Post("/office/cases/1/take", url.Values{}); p.Status != 409 {
		t.Errorf("two have taken it: %d", p.Status)
	}
	if p := other.Get("/office/cases/1"); strings.Contains(p.Body, "/office/cases/1/correct") {
		t.Error("another clerk is offered to decide")
	}

	p = clerk.Submit("/office/cases/1/correct", "write", "father_name", "reason", "document", "document", "")
	if p.Status != 422 {
		t.Errorf("without a document: %d", p.Status)
	}
	p = clerk.Submit("/office/cases/1/correct", "write", "father_name", "reason", "document", "document", "شناسنامه، ۱۲/۱۴۰۵")
	p.Shows(t, "پیشنهاد اصلاح ثبت شد", "اصلاح در انتظار تأیید است")
	clerk.Get("/office/cases?state=proposed").Shows(t, "در انتظار تأیید")
	clerk.Get("/office/cases?state=overdue").Shows(t, "پرونده‌ای با این وضعیت نیست")

	p = clerk.Submit("/office/cases/of", "national_number", "۰۰۶۷۷۴۹۸۲۸")
	p.Shows(t, "در انتظار تأیید", "۰۰۶۷۷۴۹۸۲۸")
	if strings.Contains(p.Path, "0067749828") {
		t.Error("the number stands in the address")
	}
}

// TestCaseConflict: who decides on a form that was shown before somebody else
// did something is told so, and what he typed is still there.
func TestCaseConflict(t *testing.T) {
	s := stage(t)
	object(s)
	clerk, chief := s.SignedIn(consoletest.Registry, "c1"), s.SignedIn(consoletest.Registry, "s1")
	clerk.Submit("/office/cases/1")
	to, form := clerk.Get("/office/cases/1/close").Form(t)
	form.Set("decision", "reject")
	form.Set("reason", "no-evidence")
	form.Set("document", "نامه ۷")
	chief.Post("/office/cases/1/release", url.Values{}).Shows(t, "پرونده دوباره آزاد است")
	p := clerk.Post(to, form)
	if p.Status != 409 {
		t.Errorf("%d: %s", p.Status, p.Text())
	}
	p.Shows(t, "در این میان کس دیگری با این پرونده کاری کرده است")
	if !strings.Contains(p.Body, "نامه ۷") {
		t.Error("what was typed is lost")
	}
}

// TestLetters: ordered, counted, cut, printed, posted, and reported by the Post.
func TestLetters(t *testing.T) {
	s := stage(t)
	s.Work()
	chief := s.SignedIn(consoletest.Registry, "s1")
	p := chief.Submit("/office/letters/new", "name", "نوبت تهران", "choice.province", "تهران", "count", "1")
	if !strings.HasPrefix(p.Path, "/office/counts/") {
		t.Fatalf("%d at %s: %s", p.Status, p.Path, p.Text())
	}
	wait(s)
	chief.Get(p.Path).Shows(t, "نامه نوشته می‌شود ۱", "سفارش با همین شرط‌ها")
	if p := chief.Submit("/office/letters/new", "name", ""); p.Status != 422 {
		t.Errorf("without a name: %d", p.Status)
	}
	p = chief.Submit("/office/letters/new", "name", "نوبت تهران", "choice.province", "تهران")
	p.Shows(t, "نوبت ابلاغ سفارش داده شد")
	wait(s)
	chief.Get("/office/letters").Shows(t, "نوبت تهران", "آماده چاپ")
	chief.Get("/office/letters/1/unaddressed").Shows(t, "همه نشانی دارند")
	chief.Get("/office/letters/1/list").Shows(t, "۰۰۶۷۷۴۹۸۲۸", "نوشته‌شده")
	chief.Submit("/office/letters/1/cut", "letters", "۱۰").Shows(t, "دسته چاپی ساخته شد", "در انتظار چاپ")

	house := s.SignedIn(consoletest.PrintHouse, "r1")
	house.Get("/printer").Shows(t, "نوبت تهران", "در انتظار چاپ")
	for _, file := range []string{"cover", "print"} {
		if p := house.Get("/printer/1/batches/1/" + file); p.Status != 200 || p.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(p.Body, "%PDF") {
			t.Errorf("%s: %d %s", file, p.Status, p.Header.Get("Content-Type"))
		}
	}
	if p := house.Submit("/printer/1/batches/1/printed", "failed", "999"); p.Status < 400 {
		t.Errorf("a letter of no batch is spoilt: %d", p.Status)
	}
	house.Submit("/printer/1/batches/1/printed").Shows(t, "نتیجه چاپ ثبت شد")

	chief.Submit("/office/letters/1/batches/1").Shows(t, "دسته به پست سپرده شد")
	_, _, err := s.Config.Notices.ReportReturned(t.Context(), s.Config.Journal, s.Actor(consoletest.PostOffice, "p1"), &notice.MailReport{CSV: "letter,reason\n1,moved\n"})
	consoletest.Must(t, err)
	chief.Get("/office/letters/1").Shows(t, "برگشته ۱")
}

// wait lets all jobs end.
func wait(s *consoletest.Stage) {
	s.T.Helper()
	all, err := s.Config.Jobs.List(s.T.Context(), 0, 1)
	consoletest.Must(s.T, err)
	_, err = s.Config.Jobs.Wait(s.T.Context(), all[0].ID)
	consoletest.Must(s.T, err)
}

// TestAgreement: an amendment is reviewed by one supervisor and countersigned
// by another, who both see in words what it changes.
func TestAgreement(t *testing.T) {
	s := stage(t)
	requested(s)
	one, two := s.SignedIn(consoletest.Registry, "s1"), s.SignedIn(consoletest.Registry, "s2")
	one.Get("/office/agreements").Shows(t, "در انتظار بررسی ۱", "بانک نمونه")
	one.Get("/office/drafts/1").Shows(t, "تفاوت با متن کنونی", "سهمیه")
	if p := s.SignedIn(consoletest.Registry, "c1").Get("/office/drafts/1/review"); p.Status != 403 {
		t.Errorf("a clerk reviews: %d", p.Status)
	}
	one.Submit("/office/drafts/1/return").Shows(t, "آنچه باید تغییر کند")
	one.Submit("/office/drafts/1/review").Shows(t, "متن پذیرفته شد")
	head := s.Actor(consoletest.Bank, consoletest.Head)
	f, err := s.Config.Agreements.Find(t.Context(), head, &agreement.Picking{Draft: 1})
	consoletest.Must(t, err)
	_, _, err = s.Config.Agreements.Sign(t.Context(), s.Config.Journal, head, &agreement.Word{Draft: 1, Digest: f.Draft.Digest})
	consoletest.Must(t, err)
	if p := one.Submit("/office/drafts/1/countersign"); p.Status != 403 {
		t.Errorf("the reviewer countersigns: %d", p.Status)
	}
	two.Submit("/office/drafts/1/countersign").Shows(t, "تفاهم‌نامه لازم‌الاجرا شد")
	two.Get("/office/agreements/1").Shows(t, "بند ۱", "نسخه ۲")
	if p := two.Get("/office/agreements/1/pdf"); !strings.HasPrefix(p.Body, "%PDF") {
		t.Errorf("no paper: %d", p.Status)
	}
	two.Submit("/office/agreements/1/suspend", "reason", "misuse", "document", "صورتجلسه ۴").Shows(t, "تفاهم‌نامه معلق شد")
}

// requested is an amendment of the bank's agreement that waits for review.
func requested(s *consoletest.Stage) {
	ctx, c, head := s.T.Context(), &s.Config, s.Actor(consoletest.Bank, consoletest.Head)
	d, _, err := c.Agreements.Amend(ctx, c.Journal, head, 1)
	consoletest.Must(s.T, err)
	f, err := c.Agreements.Find(ctx, head, &agreement.Picking{Draft: d.ID})
	consoletest.Must(s.T, err)
	text := *f.Draft.Form
	for i := range text.Clauses {
		text.Clauses[i].Statement, text.Clauses[i].Risk = "برای افتتاح حساب لازم است", "افشای مشخصات مشتری"
	}
	text.Clauses[0].DailyQuota = 5000
	text.From = persian.DateOf(s.Now())
	d, _, err = c.Agreements.Draft(ctx, c.Journal, head, &agreement.Drafting{Draft: d.ID, Digest: f.Draft.Digest, Text: text})
	consoletest.Must(s.T, err)
	_, _, err = c.Agreements.Request(ctx, c.Journal, head, &agreement.Word{Draft: d.ID, Digest: d.Digest})
	consoletest.Must(s.T, err)
}

// TestAgency: a body is registered, its highest officer invited, its place
// changed; of two who change it the second is told.
func TestAgency(t *testing.T) {
	s := stage(t)
	one, two := s.SignedIn(consoletest.Registry, "s1"), s.SignedIn(consoletest.Registry, "s2")
	fresh := []string{"agency", legal(t), "name", "بیمه نمونه", "province", "قم", "reason", "request", "document", "نامه ۱۲"}
	if p := one.Submit("/office/agencies/new", append(fresh, "agency", "123")...); p.Status != 422 {
		t.Errorf("a wrong id: %d", p.Status)
	}
	p := one.Submit("/office/agencies/new", fresh...)
	p.Shows(t, "دستگاه ثبت شد", "بیمه نمونه", "بی‌پاسخگو")
	path, _, _ := strings.Cut(p.Path, "?")
	p = one.Submit(path+"/invite", "officer", "a.modir", "name", "علی مدیری", "until", "۱۴۰۹/۱۲/۲۹")
	p.Shows(t, "این کد دیگر نشان داده نمی‌شود", "a.modir")

	to, form := two.Get(path + "/change").Form(t)
	form.Set("reason", "error")
	form.Set("document", "نامه ۱۳")
	form.Set("name", "بیمه نمونه دو")
	one.Submit(path+"/change", "name", "بیمه نمونه یک", "province", "", "reason", "error", "document", "نامه ۱۴").Shows(t, "مشخصات دستگاه تغییر کرد")
	if strings.Contains(one.Get(path).Text(), "محل قم") {
		t.Error("the seat was not taken away")
	}
	if p := two.Post(to, form); p.Status != 409 || !strings.Contains(p.Body, "بیمه نمونه دو") {
		t.Errorf("the second of two: %d", p.Status)
	}
	one.Submit(path+"/state", "state", "suspended", "reason", "misuse", "document", "نامه ۱۵").Shows(t, "وضعیت دستگاه تغییر کرد", "معلق")
	one.Get("/office/agencies?state=suspended").Shows(t, "بیمه نمونه یک")
	if p := one.Submit("/office/certificates", "fingerprint", strings.Repeat("ab", 32)); p.Status != 404 {
		t.Errorf("nobody's fingerprint: %d", p.Status)
	}
}

// TestRollOut: types of document, waves and what is in the way.
func TestRollOut(t *testing.T) {
	s := stage(t)
	chief := s.SignedIn(consoletest.Registry, "s1")
	chief.Submit("/office/documents/new", "code", "passport-old", "fa", "گذرنامه قدیم", "en", "old passport").Shows(t, "نوع مدرک افزوده شد", "گذرنامه قدیم")
	p := chief.Submit("/office/waves/new", "name", "مرحله تهران", "from", "۱۴۰۵/۰۱/۰۱", "until", "۱۴۰۶/۰۱/۰۱", "provinces", "تهران")
	p.Shows(t, "مرحله ثبت شد", "بانک نمونه")
	head := s.Actor(consoletest.Bank, consoletest.Head)
	_, _, err := s.Config.Processes.PutObstacle(t.Context(), s.Config.Journal, head, &process.Hindrance{
		Text: "آیین‌نامه داخلی رونوشت می‌خواهد", Owner: "اداره حقوقی", Due: persian.DateOf(s.Now()).AddDays(5),
	})
	consoletest.Must(t, err)
	chief.Get("/office/obstacles").Shows(t, "آیین‌نامه داخلی", "۵ روز مانده")
	chief.Get("/office/waves/1").Shows(t, "مرحله تهران", "پیوسته")
	to, form := chief.Get("/office/waves/1/change").Form(t)
	chief.Submit("/office/waves/1/change", "name", "مرحله یک", "provinces", "تهران").Shows(t, "مرحله تغییر کرد")
	form.Set("provinces", "تهران")
	if p := chief.Post(to, form); p.Status != 409 {
		t.Errorf("an old version is saved: %d", p.Status)
	}
}

// TestOverview: the pages that only tell.
func TestOverview(t *testing.T) {
	s := stage(t)
	object(s)
	chief := s.SignedIn(consoletest.Registry, "s1")
	for path, text := range map[string]string{
		"/office": "پرونده باز", "/office/log": "دفتر ثبت می‌نویسد", "/office/jobs": "نگارش نامه‌های ابلاغ", "/office/jobs/1": "انجام‌شده",
		"/office/corrections": "همه دستگاه‌ها پاسخ داده‌اند", "/office/deliveries": "درخواستی در این وضعیت نیست",
		"/office/deliveries/clock": "روز لازم‌الاجرا شدن", "/office/reviews": "سطری در این وضعیت نیست", "/office/reviews/work": "کارکرد بازبینان",
		"/office/delegations": "نمایندگی‌ای ثبت نشده است", "/office/endings?days=365": "رو به پایان", "/office/agencies": "چاپخانه نمونه",
		"/office/agencies/" + consoletest.Bank: "مریم مدیری", "/office/agreements?view=all": "بانک نمونه",
	} {
		p := chief.Get(path)
		if p.Status != 200 {
			t.Errorf("%s: %d", path, p.Status)
		}
		p.Shows(t, text)
	}
	s.SignedIn(consoletest.PrintHouse, "r1").Get("/printer/cards").Shows(t, "کارت خام مانده")
}

// TestCardResults: a file that is none, or of a batch that is not there, is
// refused in words.
func TestCardResults(t *testing.T) {
	s := stage(t)
	house := s.SignedIn(consoletest.PrintHouse, "r1")
	p := upload(t, house, "/printer/cards/results", "file", "row,serial,result,note\n1,0A00000001,printed,\n")
	if p.Status != 422 {
		t.Errorf("without a batch: %d", p.Status)
	}
	if p := house.Submit("/printer/cards/new", "rows", "۱۰"); p.Status != 409 {
		t.Errorf("a batch of nothing: %d", p.Status)
	}
	if p := house.Get("/printer/cards/file/7"); p.Status != 404 {
		t.Errorf("a file of no batch: %d", p.Status)
	}
}
