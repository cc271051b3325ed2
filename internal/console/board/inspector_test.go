package board_test

import (
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/consoletest"
)

// A disputed inquiry is judged, narrows the agreement, and an appeal is decided
// by another.
func TestAudit(t *testing.T) {
	s := full(t)
	v := s.inspector()
	v.Get("/inspector").Shows(t, "میز بازرس", "در انتظار رأی", "بازرسی ۱")
	v.Get("/board/audits?state=disputed").Shows(t, "بازرسی ۱", "اعتراض شخص")

	// A record opens by case number and code together, and leaves an entry.
	for _, wrong := range [][2]string{{"2", string(s.codes[0])}, {"1", string(s.codes[1])}} {
		if p := v.Submit("/inspector/open", "case", wrong[0], "code", wrong[1]); p.Status != 404 {
			t.Errorf("opened with %s: %d", wrong[0], p.Status)
		}
	}
	before := s.Config.Journal.State().Size
	p := v.Submit("/inspector/open", "case", "۱", "code", string(s.codes[0]))
	p.Shows(t, "بازرسی شماره ۱", "۰۰۶۷۷۴۹۸۲۸", "ناهمخوان", "درخواست حضوری مشتری", "من در این بانک حسابی ندارم", "1405-0")
	if after := s.Config.Journal.State().Size; after != before+1 {
		t.Errorf("%d entries for one reading", after-before)
	}
	if strings.Contains(p.Path, consoletest.Ali) {
		t.Error("a number in the address")
	}

	p = v.Submit("/inspector/audits/1/judge", "outcome", "misuse")
	if p.Status != 422 && p.Status != 400 {
		t.Errorf("no reason: %d", p.Status)
	}
	stale := s.colleague().Get("/inspector/audits/1/judge")
	v.Submit("/inspector/audits/1/judge", "outcome", "misuse", "reason", "شماره پرونده نمی‌خواند").Shows(t, "رأی ثبت شد")
	to, form := stale.Form(t)
	form.Set("outcome", "justified")
	form.Set("reason", "درست است")
	if p := s.colleague().Post(to, form); p.Status != 409 {
		t.Errorf("judged over another's judgement: %d", p.Status)
	}
	v.Get("/board/audits/1").Shows(t, "سوءاستفاده", "محدود شد", "تنها تأیید")
	_, _, err := s.Config.Audits.Appeal(t.Context(), s.Config.Journal, s.Actor(consoletest.Bank, consoletest.Head), &audit.Protest{Audit: 1, Text: "شماره اشتباه تایپ شده بود"})
	consoletest.Must(t, err)
	if p := v.Submit("/board/audits/1/decide", "decision", "rejected", "reason", "نه"); p.Status != 403 {
		t.Errorf("decided by the judge: %d", p.Status)
	}
	s.member(0).Submit("/board/audits/1/decide", "decision", "upheld", "reason", "رونوشت پرونده درست است").Shows(t, "تصمیم درباره اعتراض ثبت شد")
	s.member(0).Get("/board/audits/1").Shows(t, "اعتراض پذیرفته شد", "بازگردانده شد")
}

func TestDraw(t *testing.T) {
	s := open(t)
	s.inquire(12)
	s.Work()
	v := s.inspector()
	v.Get("/inspector/draws").Shows(t, "هنوز نمونه‌ای گرفته نشده است")
	month := s.today()
	month.Day = 0
	p := v.Submit("/inspector/draws/new", "month", month.String(), "agency", "")
	if p.Status != 422 && p.Status != 400 {
		t.Errorf("the running month of all: %d", p.Status)
	}
	v.Submit("/inspector/draws/new", "month", month.String(), "agency", consoletest.Bank).Shows(t, "نمونه‌گیری آغاز شد")
	s.inquire(1) // the entry after the window, of which the seed is made
	d, err := s.Config.Audits.Draws(t.Context(), s.Actor(consoletest.Registry, "i1"), 1)
	consoletest.Must(t, err)
	_, err = s.Config.Jobs.Wait(t.Context(), d[0].Job)
	consoletest.Must(t, err)
	p = v.Get("/inspector/draws/1")
	p.Shows(t, "دستور تکرار قرعه", "SHA-256", "بانک نمونه", "۱۳", "estelam/audit/v1", month.String()+" "+consoletest.Bank)
	v.Get("/board/audits?state=open").Shows(t, "بازرسی ۱", "قرعه")
}

func TestPatterns(t *testing.T) {
	s := full(t)
	v := s.inspector()
	v.Get("/inspector/patterns").Shows(t, "تکرار یک شخص", "یک در ۱ میلیارد", "یک در ۵۰ میلیون", "دوری از تصادف")
	v.Get("/inspector/patterns/1").Shows(t, "کارمند در برابر آنچه تصادف می‌آورد", "در ۴۰۰ استعلام", "۲٫۰")
	v.Submit("/inspector/patterns/1", "decision", "audited", "reason", "دلیلی گفته نشد").Shows(t, "نتیجه بررسی ثبت شد")
	v.Get("/board/audits").Shows(t, "الگوی نامعمول")
	if p := s.colleague().Submit("/inspector/patterns/1", "decision", "explained", "reason", "عادی"); p.Status != 409 {
		t.Errorf("examined twice: %d", p.Status)
	}
	if p := v.Get("/inspector/patterns/7"); p.Status != 404 {
		t.Errorf("no such pattern: %d", p.Status)
	}
}

func TestReports(t *testing.T) {
	s := full(t)
	v := s.inspector()
	v.Get("/board/reports?state=held").Shows(t, "گزارش‌های انبوه", "گزارش ۱۸")
	v.Submit("/inspector/reports/18/judge", "decision", "admit", "reason", "واقعی است").Shows(t, "در انتظار پاسخ دستگاه", "بازرس به جریان انداخت")
	if p := v.Submit("/inspector/reports/1/judge", "decision", "upheld", "reason", "زود"); p.Status != 409 {
		t.Errorf("judged before the answer: %d", p.Status)
	}
	p := v.Get("/board/reports/1")
	p.Shows(t, "رونوشت کارت ملی", "۰۹۱۲۰۰۰۰۰۰۰", "تنها بازرس می‌بیند")
	if p := s.member(1).Get("/board/reports/1"); strings.Contains(p.Text(), "۰۹۱۲۰۰۰۰۰۰۰") {
		t.Error("a member of the board sees the citizen's contact")
	}
	s.Wait(20 * 24 * 3_600_000_000_000)
	v = s.inspector()
	v.Get("/board/reports?state=late").Shows(t, "گزارش ۱")
	v.Submit("/inspector/reports/1/judge", "decision", "upheld", "reason", "دستگاه پاسخ نداد").Shows(t, "وارد دانسته شد")
}

func TestEvaluation(t *testing.T) {
	s := full(t)
	v, other := s.inspector(), s.colleague()
	v.Get("/board/evaluations").Shows(t, "ارزیابی آزمایشی", "سنجه‌ها و وزن آن‌ها")
	v.Get("/board/evaluations/1").Shows(t, "همه کشور", "رتبه استان‌ها")
	v.Get("/board/evaluations/1?province=تهران").Shows(t, "بانک نمونه", "سازمان دیگر")
	unit := "/board/evaluations/1/agencies/" + consoletest.Bank
	v.Get(unit).Shows(t, "بانک نمونه", "استفاده", "میانه گروه")
	v.Get(unit+"/adoption").Shows(t, "فرمول", "آمار استعلام", "رقم ارزیابی")
	for path, begins := range map[string]string{unit + "/paper": "%PDF-", "/board/evaluations/1/paper": "%PDF-", "/board/evaluations/1/table": "PK"} {
		if p := v.Get(path); p.Status != 200 || !strings.HasPrefix(p.Body, begins) {
			t.Errorf("%s: %d %.20q", path, p.Status, p.Body)
		}
	}
	_, _, err := s.Config.Compliance.Appeal(t.Context(), s.Config.Journal, s.Actor(consoletest.Bank, consoletest.Head), &compliance.Appealing{
		ID: 1, Criterion: "adoption", Grounds: "شمار فرایند اشتباه است", Document: "نامه ۳", Paper: strings.Repeat("ab", 32),
	})
	consoletest.Must(t, err)
	v.Get("/board/evaluations/1").Shows(t, "شمار فرایند اشتباه است", "رسیدگی")
	stale := v.Get("/inspector/evaluations/1/freeze")
	if p := v.Submit("/board/evaluations/1/appeals/1", "decision", "rejected", "reason", "نه"); p.Status != 403 {
		t.Errorf("decided by who computed: %d", p.Status)
	}
	other.Submit("/board/evaluations/1/appeals/1", "decision", "upheld", "figure", "volume", "value", "10", "reason", "درست است").Shows(t, "تصمیم درباره اعتراض ثبت شد", "پذیرفته شد")
	to, form := stale.Form(t)
	form.Set("note", "داده کامل نیست")
	if p := v.Post(to, form); p.Status != 409 {
		t.Errorf("frozen over a correction: %d", p.Status)
	} else {
		p.Shows(t, "شخص دیگری این مورد را تغییر داده است")
	}
	v.Submit("/inspector/evaluations/1/freeze", "note", "داده کامل نیست").Shows(t, "ارزیابی نهایی شد", "این ارزیابی نهایی است")
	p := v.Submit("/inspector/compute", "what", "year", "year", "۱۳۹۰")
	if p.Status != 422 && p.Status != 400 {
		t.Errorf("a year before the circular: %d", p.Status)
	}
	v.Submit("/inspector/compute", "what", "trial", "first", s.today().String(), "last", s.today().String()).Shows(t, "ارزیابی محاسبه شد")
}
