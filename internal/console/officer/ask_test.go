package officer_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/officer"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/console/public"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func newStage(t *testing.T) *consoletest.Stage {
	return consoletest.New(t, officer.Room(), public.Room())
}

func TestAsk(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	v.Get("/officer").Shows(t, "میز کار", "زهرا کریمی", "بانک نمونه", "شماره ملی و مشخصات هویتی")
	got, p := v.Ask(consoletest.AboutAli("claims.father_name", "رضا", "claims.given_name", "علی"))
	p.Shows(t, "مشخصات مغایرت دارد", "مطابق، با نگارش دیگر", "مغایر", "هشدار: کارت ملی باید تعویض شود", "۰۰۶۷۷۴۹۸۲۸",
		strings.Join(page.Groups(got), " "), "بانک نمونه", consoletest.Officer)
	v.Get("/officer").Shows(t, strings.Join(page.Groups(got), " "))

	file := v.Get("/officer/inquiries/" + got + "/receipt")
	if file.Header.Get("Content-Type") != "application/json" || !strings.Contains(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the receipt comes as %v", file.Header)
	}
	r, err := receipt.Parse([]byte(file.Body))
	consoletest.Must(t, err)
	var keys []note.Verifier
	for _, k := range s.Config.Journal.VerifierKeys() {
		verifier, err := note.NewVerifier(k)
		consoletest.Must(t, err)
		keys = append(keys, verifier)
	}
	consoletest.Must(t, r.Verify(keys...))

	slip := v.Get("/officer/inquiries/" + got + "/slip")
	slip.Shows(t, "برگه استعلام هویت", "یزدانی‌فرد", "مغایر", "زهرا کریمی", "گرفتن رونوشت یا تصویر")
	for _, paper := range []string{"", "?paper=a4"} {
		pdf := v.Get("/officer/inquiries/" + got + "/slip.pdf" + paper)
		if pdf.Status != 200 || pdf.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.Body, "%PDF-") || !strings.HasSuffix(pdf.Body, "%%EOF\n") {
			t.Errorf("the slip's file: %d %s", pdf.Status, pdf.Header)
		}
	}
	if !strings.Contains(slip.Body, `<svg class="qr"`) {
		t.Error("the slip has no QR symbol")
	}
	s.Visitor().Get("/check?code="+got).Shows(t, "این کد رهگیری اصیل است")
}

func TestOutcomes(t *testing.T) {
	s := newStage(t)
	onSlip := map[string]string{"not found": "بی‌پاسخ", "refused": "علت رد: ", "place": "۱۵۱۶۷-۶۳۵۱۱"} // a slip says what was asked and why there is no answer
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	for _, c := range []struct {
		name  string
		form  url.Values
		shows []string
	}{
		{"confirmed", consoletest.AboutAli(), []string{"مشخصات مطابق است"}},
		{"not found", consoletest.AboutAli("birth_date", "1370/01/02"), []string{"یافت نشد"}},
		{"deceased", consoletest.AboutAli("national_number", consoletest.Departed, "birth_date", "13200203"), []string{"صاحب این شماره ملی فوت کرده است", "هشدار: این شخص فوت کرده است"}},
		{"shenasnameh key", consoletest.AboutAli("national_number", consoletest.Departed, "birth_date", "", "shenasnameh_number", "۱۲۳۴"), []string{"صاحب این شماره ملی فوت کرده است", "۱۲۳۴"}},
		{"cancelled", consoletest.AboutAli("national_number", consoletest.Cancelled), []string{"این شماره ملی ابطال شده است", "شماره ملی معتبر", "۰۰۶۷۷۴۹۸۲۸"}},
		{"disclosed", consoletest.AboutAli("mode", "disclose", "fields", "father_name"), []string{"پاسخ داده شد", "محمدحسین"}},
		{"predicates", consoletest.AboutAli("service", "predicate", "alive", "1", "age_years", "۱۸"), []string{"آیا شخص زنده است؟ بله", "آیا دست‌کم ۱۸ سال دارد؟ بله"}},
		{"place", url.Values{
			"service": {"place"}, "mode": {"disclose"}, "postal_code": {"15167-63511"}, "fields": {"province", "locality_kind"},
			"purpose": {"account-opening"}, "process": {"deposit"}, "file": {"1"},
		}, []string{"پاسخ داده شد", "تهران", "شهر"}},
		{"refused", consoletest.AboutAli("purpose", "curiosity"), []string{"استعلام رد شد", "این رد نیز ثبت شده"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, p := v.Ask(c.form)
			p.Shows(t, c.shows...)
			s.Visitor().Get("/check?code="+got).Shows(t, "این کد رهگیری اصیل است")
			v.Get("/officer/inquiries/"+got+"/slip").Shows(t, c.shows[0], onSlip[c.name])
		})
	}
}

// TestOneAct: a second click is the same act; a corrected form is another.
func TestOneAct(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	first, _ := v.Ask(consoletest.AboutAli())
	again, _ := v.Ask(consoletest.AboutAli())
	if first != again {
		t.Error("two clicks on one form made two acts")
	}
	if corrected, _ := v.Ask(consoletest.AboutAli("file", "2")); corrected == first {
		t.Error("a corrected form made no act of its own")
	}
	if fresh, _ := v.Ask(consoletest.AboutAli("once", "b")); fresh == first {
		t.Error("the same question on a fresh form made no act of its own")
	}
	form := regexp.MustCompile(`name="once" value="([0-9a-f]{32})"`)
	a, b := form.FindStringSubmatch(v.Get("/officer/ask").Body), form.FindStringSubmatch(v.Get("/officer/ask").Body)
	if a == nil || b == nil || a[1] == b[1] {
		t.Errorf("two rendered forms hold %v and %v", a, b)
	}
}

// TestOneActAtOnce: eight clicks at the same moment are one act too.
func TestOneActAtOnce(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	paths := make([]string, 8)
	var all sync.WaitGroup
	for i := range paths {
		all.Go(func() { paths[i] = v.Post("/officer/ask", consoletest.AboutAli()).Path })
	}
	all.Wait()
	if one := slices.Compact(slices.Clone(paths)); len(one) != 1 || !consoletest.CodeInPath.MatchString(one[0]) {
		t.Errorf("eight clicks lead to %q", paths)
	}
}

// TestReadingIsAnEntry: screen, slip and receipt right after asking belong to
// the act; a later look, or another officer's, is an entry of its own.
func TestReadingIsAnEntry(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	code, _ := v.Ask(consoletest.AboutAli())
	path := "/officer/inquiries/" + code
	grows := func(want int64, look func() consoletest.Page) {
		t.Helper()
		before := s.Config.Journal.State().Size
		if p := look(); p.Status != 200 {
			t.Fatalf("%d at %s", p.Status, p.Path)
		}
		if got := s.Config.Journal.State().Size - before; got != want {
			t.Errorf("the look made %d entries, want %d", got, want)
		}
	}
	grows(0, func() consoletest.Page { return v.Get(path) })
	grows(0, func() consoletest.Page { return v.Get(path + "/slip") })
	grows(0, func() consoletest.Page { return v.Get(path + "/receipt") })
	s.Hire(consoletest.Bank, "colleague", "رضا رضایی", agency.RoleOfficer)
	colleague := s.SignedIn(consoletest.Bank, "colleague")
	grows(1, func() consoletest.Page { return colleague.Get(path) })
	s.Wait(15*time.Minute + time.Minute)
	grows(1, func() consoletest.Page { return v.Get(path) })
}

func TestMistakes(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	p := v.Post("/officer/ask", consoletest.AboutAli("national_number", "0067749829", "birth_date", "1404/12/30", "file", "", "claims.surname", "x1"))
	if p.Status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", p.Status)
	}
	p.Shows(t, "این موارد را اصلاح کنید")
	for _, id := range []string{"f-national-number", "f-birth-date", "f-file", "f-claims-surname"} {
		for _, part := range []string{`href="#` + id + `"`, `id="` + id + `"`, `id="` + id + `-wrong"`} {
			if !strings.Contains(p.Body, part) {
				t.Errorf("the page lacks %s", part)
			}
		}
	}
	for _, kept := range []string{`value="1404/12/30"`, `value="علی اکبر"`} {
		if !strings.Contains(p.Body, kept) {
			t.Errorf("the page has forgotten %s", kept)
		}
	}
	p = v.Post("/officer/ask", consoletest.AboutAli("claims.given_name", "", "claims.surname", ""))
	p.Shows(t, "مشخصات اظهارشده: دست‌کم یک مشخصه را بنویسید")
	p = v.Post("/officer/ask", consoletest.AboutAli("process", ""))
	if !strings.Contains(p.Body, `id="f-process-wrong"`) {
		t.Error("a process that was not chosen is not asked for")
	}
	p = v.Post("/officer/ask", consoletest.AboutAli("birth_date", "", "key", "national_number+shenasnameh_number"))
	if !strings.Contains(p.Body, `id="f-shenasnameh-number-wrong"`) {
		t.Error("a missing shenasnameh number is not said where it is missing")
	}
	p = v.Post("/officer/ask", consoletest.AboutAli("service", "predicate", "age_years", "آ"))
	if !strings.Contains(p.Body, `id="f-age-years-wrong"`) {
		t.Error("a wrong age is not said where it is wrong")
	}
}

// TestPasted: what people paste along with a number or a name is no mistake.
func TestPasted(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	for _, typed := range [][]string{
		{"national_number", "\u202b006 774 9828\u202c "},
		{"national_number", "۰۰۶–۷۷۴۹۸۲-۸"},
		{"birth_date", "\u200f۱۳۷۰/۰۱/۰۱"},
		{"claims.surname", "\u200fيزداني فرد\u200e"},
	} {
		_, p := v.Ask(consoletest.AboutAli(typed...))
		p.Shows(t, "مشخصات مطابق است")
	}
}

// TestCatalogue: an agency with a catalogue chooses one of its open processes by
// title, and gives the postal code where the process demands it.
func TestCatalogue(t *testing.T) {
	s := newStage(t)
	v := s.SignedIn(consoletest.Bank, consoletest.Officer)
	boss := journal.Actor{Role: agency.RoleHead, Agency: s.Legal(consoletest.Bank), ID: "head"}
	for code, title := range map[string]string{"deposit": "گشایش سپرده", "loan": "پرداخت وام", "cheque": "دسته چک"} {
		_, _, err := s.Config.Processes.Put(t.Context(), s.Config.Journal, boss, &process.Entry{Code: code, Title: title, Monthly: 10, BothKeys: code == "loan"})
		consoletest.Must(t, err)
	}
	p := v.Get("/officer/ask")
	p.Shows(t, "گشایش سپرده", "پرداخت وام", "کد پستی که شخص اظهار کرده است")
	if strings.Contains(p.Text(), "دسته چک") {
		t.Error("a process is offered that no clause permits")
	}
	p = v.Post("/officer/ask", consoletest.AboutAli("process", "loan"))
	if !strings.Contains(p.Body, `id="f-postal-code-wrong"`) {
		t.Error("the postal code that the process demands is not asked for")
	}
	_, p = v.Ask(consoletest.AboutAli("process", "loan", "postal_code", "۱۶۱۹۷-۳۵۷۴۴"))
	p.Shows(t, "مشخصات مطابق است", "۱۶۱۹۷۳۵۷۴۴")
	_, _, err := s.Config.Processes.End(t.Context(), s.Config.Journal, boss, &process.Closing{Code: "deposit", Reason: "پایان"})
	consoletest.Must(t, err)
	_, p = v.Ask(consoletest.AboutAli("process", "deposit")) // the form was open when the process ended
	p.Shows(t, "این فرایند در فهرست فرایندهای دستگاه پایان یافته است")
}

// TestOffers: the form shows what the agreement permits and nothing else.
func TestOffers(t *testing.T) {
	s := newStage(t)
	rich, poor := s.SignedIn(consoletest.Bank, consoletest.Officer), s.SignedIn(consoletest.Other, consoletest.Officer)
	rich.Get("/officer/ask?service=identity&mode=verify").Shows(t, "نام پدر", "شماره شناسنامه", "کارت ملی")
	p := poor.Get("/officer/ask?service=card&mode=disclose")
	p.Shows(t, "نام خانوادگی")
	for _, no := range []string{"نام پدر", "کارت ملی", "اعلام داده"} {
		if strings.Contains(p.Text(), no) {
			t.Errorf("the form offers %q", no)
		}
	}
	_, p = poor.Ask(consoletest.AboutAli("claims.father_name", "رضا"))
	p.Shows(t, "استعلام رد شد")
}
