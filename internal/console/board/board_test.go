package board_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/board/boardtest"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/quarter"
)

var _ = boardtest.Agency

func replace(path, name, value string) string { return strings.ReplaceAll(path, name, value) }

func (s *stage) quarter() string { return quarter.Of(s.today()).String() }

// A decision goes from session to force through the pages, and the program
// obeys it.
func TestDecision(t *testing.T) {
	s := open(t)
	secretary, chair, third := s.member(0), s.member(2), s.member(1)
	secretary.Get("/board").Shows(t, "نمای کلی", "در انتظار امضای من")
	secretary.Get("/board/members").Shows(t, "سازمان برنامه و بودجه", "رئیس", "دبیر")

	// A session needs three bodies.
	day := s.today().String()
	held := url.Values{"date": {day}, "place": {"تهران"}, "present": {"1", "2"}, "agenda": {"دستور"}, "minutes": {"صورت\r\nجلسه"}, "once": {"h"}}
	p := secretary.Post("/board/hold", held)
	if p.Status != 409 {
		t.Errorf("two bodies: %d", p.Status)
	}
	p.Shows(t, "دست‌کم سه دستگاه")
	held["present"], held["once"] = []string{"1", "2", "3"}, []string{"h2"}
	p = secretary.Post("/board/hold", held)
	if p.Path != "/board/sessions/1" {
		t.Fatalf("no session: %d %s %s", p.Status, p.Path, p.Text())
	}
	p.Shows(t, "جلسه ثبت شد", "سازمان ثبت احوال", "صورت جلسه")
	secretary.Get("/board/sessions").Shows(t, "۳ از ۴")

	// What the program cannot obey is refused at its control.
	secretary.Get("/board/draft").Shows(t, "مهلت پاسخ به شهروند", "روز آغاز مهلت")
	p = secretary.Submit("/board/draft/complaint-days", "session", "1", "text", "مهلت پاسخ ده روز است.", "reference", "۱۲", "of.days.days", "۱۰۰")
	if p.Status != 422 && p.Status != 400 {
		t.Errorf("a hundred days: %d", p.Status)
	}
	if !strings.Contains(p.Body, `id="f-of-days-days-wrong"`) || !strings.Contains(p.Body, "مهلت پاسخ ده روز است.") {
		t.Errorf("the mistake is not at its control: %s", p.Text())
	}
	p = secretary.Submit("/board/draft/complaint-days", "session", "1", "text", "مهلت پاسخ ده روز است.", "reference", "۱۲", "of.days.days", "۱۰")
	p.Shows(t, "پیش‌نویس ثبت شد", "مهلت پاسخ ده روز است.", "هنوز نه")

	// Who has read another text does not sign.
	p = chair.Submit("/board/decisions/1/sign", "sha256", strings.Repeat("0", 64))
	if p.Status != 409 {
		t.Errorf("another digest: %d", p.Status)
	}
	p.Shows(t, "چکیده متن این تصمیم نیست")
	for _, v := range []*consoletest.Visitor{secretary, chair} {
		v.Submit("/board/decisions/1/sign").Shows(t, "امضای شما ثبت شد")
	}
	if p := secretary.Submit("/board/decisions/1/sign"); p.Status != 409 {
		t.Errorf("signed twice: %d", p.Status)
	}
	third.Get("/board").Shows(t, "تصمیم‌هایی در انتظار امضای شماست", "مهلت پاسخ ده روز است.")
	third.Submit("/board/decisions/1/sign").Shows(t, "با آن، تصمیم گرفته شد", "برقرار")
	s.complain(1)
	c, err := s.Config.Complaints.Find(t.Context(), s.Actor(consoletest.Registry, "i1"), 1)
	consoletest.Must(t, err)
	if c.Deadline != s.today().AddDays(10) {
		t.Errorf("the program does not obey: %s", c.Deadline)
	}
	s.inspector().Get("/board/decisions?state=decided&effect=complaint-days").Shows(t, "تصمیم ۱", "مهلت پاسخ به شهروند")
	s.inspector().Get("/board/decisions?state=withdrawn").Shows(t, "تصمیمی با این وضعیت نیست")
}

// Every effect that the program knows has a form, and a draft of each is what
// was typed.
func TestEffects(t *testing.T) {
	s := open(t)
	s.hold()
	v := s.member(0)
	day := s.today().String()
	for _, kind := range s.Config.Board.Effects() {
		more, ok := map[string][]string{
			"start-date": {"of.start.name", "law-entry", "of.start.day", "1404-07-01"}, "delivery-methods": {"of.methods.methods", "media"},
			"delivery-priority": {"of.order.agencies", consoletest.Bank + "\n" + consoletest.Other}, "open-purposes": {"of.open.purposes", "credit"},
			"evaluation-weights": {"of.weights.adoption", "20", "of.weights.obstacles", "15"}, "complaint-days": {"of.days.days", "20"},
			"repeal": nil,
		}[kind]
		if !ok {
			t.Errorf("effect %s is not tried", kind)
		}
		if kind == "repeal" {
			continue // there is nothing to repeal yet; below
		}
		p := v.Submit("/board/draft/"+kind, append([]string{"session", "1", "text", "متن " + kind, "reference", "۱۲", "from", day}, more...)...)
		if !strings.HasPrefix(p.Path, "/board/decisions/") {
			t.Errorf("%s: %d %s", kind, p.Status, p.Text())
		}
	}
	p := v.Submit("/board/draft/text", "session", "1", "text", "دستورالعمل", "reference", "۱۳", "from", day)
	p.Shows(t, "دستورالعمل", "برنامه کاری نمی‌کند")
	for n := range 3 {
		s.member(n).Submit(p.Path + "/sign")
	}
	no := strings.TrimPrefix(p.Path, "/board/decisions/")
	p = v.Submit("/board/draft/repeal", "session", "1", "text", "لغو دستورالعمل", "reference", "۱۴", "from", day, "of.repeal.decision", no)
	p.Shows(t, "لغو می‌شود")
	s.member(2).Submit(p.Path+"/withdraw").Shows(t, "پیش‌نویس پس گرفته شد")
	if p := v.Get("/board/draft/no-such-effect"); p.Status != 404 {
		t.Errorf("an effect that nobody knows: %d", p.Status)
	}
	if p := s.member(1).Submit("/board/decisions/1/withdraw"); p.Status != 403 {
		t.Errorf("withdrawn by another: %d", p.Status)
	}
}

func TestFollowUps(t *testing.T) {
	s := open(t)
	v := s.member(3)
	v.Get("/board/follow-ups").Shows(t, "پیگیری‌ای با این وضعیت نیست")
	p := v.Submit("/board/follow-ups/new", "text", "فهرست فرایندها ثبت شود", "responsible", consoletest.Bank, "due", s.today().AddDays(-3).String())
	p.Shows(t, "فهرست فرایندها ثبت شود", "بانک نمونه", "۳ روز دیرکرد")
	v.Get("/board/follow-ups?state=overdue").Shows(t, "فهرست فرایندها ثبت شود")
	v.Submit("/board/follow-ups/1/done", "evidence", "نامه ۷").Shows(t, "انجام کار ثبت شد", "نامه ۷")
	v.Get("/board/follow-ups?state=open").Shows(t, "پیگیری‌ای با این وضعیت نیست")
	if p := v.Submit("/board/follow-ups/1/done", "evidence", "نامه ۸"); p.Status != 409 {
		t.Errorf("done twice: %d", p.Status)
	}
	if p := v.Get("/board/follow-ups/9/done"); p.Status != 404 {
		t.Errorf("no such item: %d", p.Status)
	}
}

// A report goes through three hands, and two who draw it at once are told so.
func TestQuarter(t *testing.T) {
	s := full(t)
	first, second := s.member(0), s.member(2)
	q := quarter.Of(s.today()).Before().String()
	first.Get("/board/quarters").Shows(t, "هنوز صادر نشده است")
	stale := second.Get("/board/quarters/" + q + "/draw")
	p := first.Submit("/board/quarters/"+q+"/draw", "summary", "کار پیش می‌رود.")
	p.Shows(t, "پیش‌نویس گزارش ثبت شد", "کار پیش می‌رود.")
	to, form := stale.Form(t)
	if p := second.Post(to, form); p.Status != 409 {
		t.Errorf("drawn over another's draft: %d", p.Status)
	} else {
		p.Shows(t, "شخص دیگری این مورد را تغییر داده است")
	}
	if p := first.Submit("/board/quarters/" + q + "/review"); p.Status != 403 {
		t.Errorf("reviewed by its drafter: %d", p.Status)
	}
	second.Submit("/board/quarters/"+q+"/return", "note", "موانع نوشته نشده است").Shows(t, "بازگردانده شد", "موانع نوشته نشده است")
	first.Submit("/board/quarters/"+q+"/draw", "obstacles", "موانع").Shows(t, "موانع")
	second.Submit("/board/quarters/"+q+"/review").Shows(t, "بررسی گزارش ثبت شد")
	s.member(1).Submit("/board/quarters/"+q+"/issue").Shows(t, "گزارش صادر شد", "کد رهگیری صدور")
	for _, file := range [][2]string{{"/paper", "%PDF-"}, {"/table", "PK"}} {
		if p := s.inspector().Get("/board/quarters/" + q + file[0]); p.Status != 200 || !strings.HasPrefix(p.Body, file[1]) {
			t.Errorf("%s: %d %.20q", file[0], p.Status, p.Body)
		}
	}
	if p := first.Get("/board/quarters/1405"); p.Status != 404 {
		t.Errorf("no quarter: %d", p.Status)
	}
}

func TestWatching(t *testing.T) {
	s := full(t)
	v := s.member(0)
	v.Get("/board").Shows(t, "استعلام این ماه", "۹", "۵۰٫۰٪", "تهران")
	v.Get("/board/provinces").Shows(t, "تهران", "۵۰٫۰٪", "۲", "۴")
	v.Get("/board/deadlines").Shows(t, "۳۰ تکلیف قانون", "بند ۱ بخشنامه، قسمت ج", "سنجیده نمی‌شود", "تعیین‌نشده")
	v.Get("/board/deadlines/use").Shows(t, "چیزی در برنامه انجام این تکلیف را نشان نمی‌دهد")
	v.Get("/board/late?agency="+consoletest.Bank).Shows(t, "هیچ مهلتی نگذشته است")
	for _, path := range []string{"/board/deadlines/none", "/board/late?agency=12", "/board/decisions?state=x", "/board/follow-ups?state=x", "/board/audits?state=x", "/board/reports?state=x", "/board/decisions/99", "/board/sessions/99", "/board/reports/99", "/board/audits/99", "/board/evaluations/99"} {
		if p := v.Get(path); p.Status != 404 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := v.Get("/board/late/table"); p.Status != 200 || !strings.HasPrefix(p.Body, "PK") {
		t.Errorf("the list as a sheet: %d", p.Status)
	}
}
