package registry_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/registry"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// desk is a stage with a registry office.
type desk struct {
	*consoletest.Stage
	t *testing.T
}

func open(t *testing.T) *desk {
	t.Helper()
	s := consoletest.New(t, registry.Room())
	operator := journal.Actor{Role: register.Operator, ID: "test"}
	_, err := s.Config.Persons.PutOffices(t.Context(), s.Config.Journal, operator, []person.Office{
		{Code: 101, Name: "تهران", Province: "تهران", County: "تهران", Prefixes: []person.Prefix{1}},
	})
	consoletest.Must(t, err)
	return &desk{s, t}
}

func (d *desk) clerk() *consoletest.Visitor { return d.SignedIn(consoletest.Registry, "c1") }

func (d *desk) supervisor() *consoletest.Visitor { return d.SignedIn(consoletest.Registry, "s1") }

// record opens a person's page, and gives its address.
func (d *desk) record(v *consoletest.Visitor, number string) consoletest.Page {
	d.t.Helper()
	p := v.Submit("/registry/persons", "national_number", number, "reason", "registration", "file", "12/1405")
	if !strings.HasPrefix(p.Path, "/registry/persons/") {
		d.t.Fatalf("%s: %.1200s", p.Path, p.Text())
	}
	return p
}

var hrefs = regexp.MustCompile(`href="([^"]*)"`)

// link is the address of the first link that ends so.
func (d *desk) link(p consoletest.Page, end string) string {
	d.t.Helper()
	for _, m := range hrefs.FindAllStringSubmatch(p.Body, -1) {
		if strings.HasSuffix(m[1], end) {
			return m[1]
		}
	}
	d.t.Fatalf("%s has no link to …%s", p.Path, end)
	return ""
}

func (d *desk) stands(number string) *person.Person {
	d.t.Helper()
	p, _, err := d.Config.Persons.ByNumber(d.t.Context(), d.Number(number))
	consoletest.Must(d.t, err)
	return p
}

// TestPersonPage: a look needs grounds and is an entry; the address tells
// nothing and opens nothing to anybody else.
func TestPersonPage(t *testing.T) {
	d := open(t)
	v := d.clerk()
	v.Submit("/registry/persons", "national_number", "0067749829", "reason", "registration", "file", "1").Shows(t, "رقم کنترل")
	v.Submit("/registry/persons", "national_number", consoletest.Ali).Shows(t, "دلیل", "شماره پرونده")
	before := d.Config.Journal.State().Size
	p := d.record(v, " ۰۰۶۷-۷۴۹۸۲۸ ")
	p.Shows(t, "علی‌اکبر یزدانی‌فرد", "کارت باید تعویض شود", "۱۲/۱۴۰۵")
	if n := d.Config.Journal.State().Size - before; n != 1 {
		t.Errorf("%d entries of one look", n)
	}
	if strings.Contains(p.Path, consoletest.Ali) {
		t.Error("the number stands in the address")
	}
	if got := d.supervisor().Get(p.Path); got.Status != 404 {
		t.Errorf("the reference opens for somebody else: %d", got.Status)
	}
	d.record(v, "0012345679").Shows(t, "فوت‌شده")
	v.Submit("/registry/persons", "national_number", "0013542419", "reason", "registration", "file", "1").Shows(t, "یافت نشد")
}

// TestPersonLetters: a person's letters stand on his page and in his story, with
// his objection; the look stays one entry.
func TestPersonLetters(t *testing.T) {
	d := open(t)
	v := d.clerk()
	if p := d.record(v, consoletest.Ali); strings.Contains(p.Body, "مهلت اعتراض") {
		t.Error("letters of somebody who has none")
	}
	var code notice.Code
	consoletest.Must(t, code.UnmarshalText([]byte(d.Letter())))
	_, _, err := d.Config.Notices.Object(t.Context(), d.Config.Journal, &notice.Objection{
		Code: code, Number: d.Number(consoletest.Ali), Items: []discrepancy.Claim{{Field: "father_name", Value: "محمدحسن"}},
	})
	consoletest.Must(t, err)
	before := d.Config.Journal.State().Size
	p := d.record(v, consoletest.Ali)
	p.Shows(t, "مهلت اعتراض", "نامه شماره ۱", "در دسته چاپی", "پرونده ۱", "در انتظار رسیدگی", "نامه ابلاغ: در دسته چاپی", "شخص به نامه اعتراض کرد")
	if n := d.Config.Journal.State().Size - before; n != 1 {
		t.Errorf("%d entries of one look", n)
	}
	_, _, err = d.Config.Cases.Take(t.Context(), d.Config.Journal, d.Actor(consoletest.Registry, "c1"), 1)
	consoletest.Must(t, err)
	d.record(v, consoletest.Ali).Shows(t, "در دست رسیدگی")
}

// TestDeath: a clerk proposes, cannot approve himself, and a supervisor carries
// it out.
func TestDeath(t *testing.T) {
	d := open(t)
	clerk, senior := d.clerk(), d.supervisor()
	page := d.record(clerk, consoletest.Ali)
	form := d.link(page, "/death")
	clerk.Submit(form, "died_on", "1499/01/01", "reason", "death-certificate", "document", "۴۵").Shows(t, "هنوز نرسیده")
	p := clerk.Submit(form, "died_on", "۱۴۰۵/۰۷/۰۱", "reason", "death-certificate", "document", "۴۵ مورخ ۱۴۰۵/۰۷/۰۲")
	p.Shows(t, "پیشنهاد ثبت شد", "این پیشنهاد شماست", "۱ مهر ۱۴۰۵", "فوت‌شده")
	if !d.stands(consoletest.Ali).Alive() {
		t.Fatal("one person was enough")
	}
	if got := clerk.Post(p.Path+"/approve", url.Values{}); got.Status != 403 {
		t.Errorf("a clerk approves: %d", got.Status)
	}
	senior.Get("/registry").Shows(t, "در انتظار تأیید شما", "فوت، پیشنهاد ۱")
	senior.Get(p.Path).Shows(t, "پیش از تأیید سند را ببینید")
	senior.Submit(p.Path).Shows(t, "پیشنهاد تأیید شد")
	if d.stands(consoletest.Ali).Alive() {
		t.Error("the death is not registered")
	}
	senior.Post(p.Path+"/approve", url.Values{"once": {"x"}}).Shows(t, "پیش‌تر تصمیم گرفته شده")
	d.record(clerk, consoletest.Ali).Shows(t, "فوت‌شده", "پیشنهاددهنده")
}

// TestOwnProposal: who proposes can neither approve nor refuse, and can take it
// back; one whose record has changed is set aside.
func TestOwnProposal(t *testing.T) {
	d := open(t)
	s1, s2, clerk := d.supervisor(), d.SignedIn(consoletest.Registry, "s2"), d.clerk()
	page := d.record(s1, consoletest.Ali)
	grounds := []string{"reason", "court-order", "document", "7"}
	own := s1.Submit(d.link(page, "/birth-date"), append(grounds, "birth_date", "1371/02/03")...)
	s1.Post(own.Path+"/approve", url.Values{"once": {"1"}}).Shows(t, "تأیید انجام نشد", "نمی‌تواند پیشنهاد خود را")

	stale := d.link(page, "/given-name") // two look at version 1
	clerks := d.link(d.record(clerk, consoletest.Ali), "/surname")
	clerk.Submit(clerks, append(grounds, "surname", "کریمی")...).Shows(t, "نام خانوادگی تازه ثبت شد")
	p := s1.Submit(stale, append(grounds, "given_name", "رضا")...)
	p.Shows(t, "این رکورد در این میان تغییر کرده است")
	if p.Status != 409 || !strings.Contains(p.Body, "رضا") {
		t.Errorf("%d: what was typed is lost", p.Status)
	}
	s2.Get(own.Path).Shows(t, "رکورد از زمان پیشنهاد تغییر کرده است")
	s2.Submit(own.Path).Shows(t, "تأیید انجام نشد", "کنار گذاشته شد")
	s2.Get("/registry/proposals?view=overtaken").Shows(t, "تصحیح تاریخ تولد")
}

// TestBirth: a child gets a number, sent again the same one, and its twin the
// next one.
func TestBirth(t *testing.T) {
	d := open(t)
	v := d.clerk()
	v.Submit("/registry/births").Shows(t, "شماره گواهی ولادت", "تاریخ تولد")
	today := persian.DateOf(time.Now())
	typed := []string{
		"notification", "h-77", "birth_order", "1", "office", "101", "given_name", "سارا", "surname", "یزدانی‌فرد", "sex", "female",
		"birth_date", today.String(), "birth_place", "تهران", "father_number", consoletest.Ali, "declarant", "father",
	}
	p := v.Submit("/registry/births", typed...)
	p.Shows(t, "ولادت ثبت شد", "سارا یزدانی‌فرد")
	number := persian.ASCII(regexp.MustCompile(`[۰-۹]{10}`).FindString(p.Text()))
	if number == "" || d.stands(number) == nil {
		t.Fatalf("no number: %.1000s", p.Text())
	}
	v.Submit("/registry/births", typed...).Shows(t, "پیش‌تر ثبت شده بود", persian.Digits(number))
	var twin string
	for _, m := range hrefs.FindAllStringSubmatch(p.Body, -1) {
		if strings.Contains(m[1], "/twins/") {
			twin = m[1]
		}
	}
	v.Submit(twin, "given_name", "مریم", "sex", "female").Shows(t, "ولادت ثبت شد", "مریم یزدانی‌فرد")
	d.record(v, consoletest.Ali).Shows(t, "فرزند", persian.Digits(number))
	d.record(v, number).Shows(t, "پدر", persian.Digits(consoletest.Ali), "H-77")
}

// TestNameSearch: one asks, another approves, and the asker alone sees who fits.
func TestNameSearch(t *testing.T) {
	d := open(t)
	clerk, other, senior := d.clerk(), d.SignedIn(consoletest.Registry, "c2"), d.supervisor()
	p := clerk.Submit("/registry/names/new", "given_name", "علی اکبر", "surname", "یزدانی فرد", "reason", "lost-number", "document", "3")
	p.Shows(t, "درخواست ثبت شد", "باید ناظری دیگر")
	if got := clerk.Get(p.Path + "/found"); got.Status != 409 {
		t.Errorf("shown before it was approved: %d", got.Status)
	}
	if got := other.Get(p.Path); got.Status != 404 {
		t.Errorf("another clerk sees it: %d", got.Status)
	}
	senior.Get("/registry/names").Shows(t, "در انتظار تصمیم شما", "علی اکبر")
	senior.Submit(p.Path).Shows(t, "جستجو تأیید شد")
	if got := senior.Get(p.Path + "/found"); got.Status != 403 {
		t.Errorf("who approved sees the result: %d", got.Status)
	}
	before := d.Config.Journal.State().Size
	clerk.Get(p.Path+"/found").Shows(t, persian.Digits(consoletest.Ali), "محمدحسین", "باطل")
	if n := d.Config.Journal.State().Size - before; n < 2 {
		t.Errorf("%d entries of the look", n)
	}
}

// TestCardDay: an application, its hour, and who comes that day.
func TestCardDay(t *testing.T) {
	d := open(t)
	clerk, senior := d.clerk(), d.supervisor()
	day := persian.DateOf(time.Now()).AddDays(1)
	senior.Submit("/registry/hours/plan", "office", "101", "from", day.String(), "to", day.String(), "hours", "9", "capacity", "2").Shows(t, "برنامه ثبت شد", "۲")
	cards := d.link(d.record(clerk, consoletest.Ali), "/cards")
	clerk.Submit(cards+"/apply", "office", "101").Shows(t, "درخواست کارت ثبت شد", "درخواست شده")
	clerk.Submit(cards+"/appoint?office=101", "slot", day.String()+"@9").Shows(t, "نوبت ثبت شد", "نوبت گرفته")
	path := "/registry/hours/101/" + strings.ReplaceAll(day.String(), "/", "-")
	clerk.Get(path).Shows(t, "علی‌اکبر یزدانی‌فرد", persian.Digits(consoletest.Ali))
}

// TestPapers: a certificate as PDF, and an access code that is shown once.
func TestPapers(t *testing.T) {
	d := open(t)
	v := d.clerk()
	p := d.record(v, consoletest.Ali)
	done := v.Submit(d.link(p, "/residence-certificate"), "language", "fa", "reason", "own-request", "document", "9")
	done.Shows(t, "گواهی صادر شد")
	var paper string
	for _, m := range hrefs.FindAllStringSubmatch(done.Body, -1) {
		if strings.HasPrefix(m[1], "/registry/certificates/") {
			paper = m[1]
		}
	}
	if pdf := v.Get(paper); !strings.HasPrefix(pdf.Body, "%PDF") {
		t.Errorf("%d: %.200s", pdf.Status, pdf.Text())
	}
	if got := d.SignedIn(consoletest.Registry, "c2").Get(paper); got.Status != 404 {
		t.Errorf("another clerk fetches it: %d", got.Status)
	}
	code := v.Submit(d.link(p, "/access"), "reason", "own-request", "document", "9")
	code.Shows(t, "کد دسترسی ساخته شد", "تنها همین بار")
}
