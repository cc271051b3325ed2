package post_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/console/post"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func stage(t *testing.T) (s *consoletest.Stage, p1, m1 *consoletest.Visitor) {
	t.Helper()
	s = consoletest.New(t, post.Room())
	return s, s.SignedIn(consoletest.PostOffice, "p1"), s.SignedIn(consoletest.Town, "m1")
}

// opened is the page of the stage's one place.
func opened(t *testing.T, v *consoletest.Visitor, base, code string) consoletest.Page {
	t.Helper()
	p := v.Submit(base+"/places", "postal_code", code)
	if !strings.HasPrefix(p.Path, base+"/places/") || strings.Contains(p.Path, consoletest.Home) {
		t.Fatalf("the place is at %s (%d): %.600s", p.Path, p.Status, p.Text())
	}
	return p
}

// upload sends a form with a file.
func upload(t *testing.T, v *consoletest.Visitor, path, control, file string, more ...string) consoletest.Page {
	t.Helper()
	_, form := v.Get(path).Form(t)
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		if name == control {
			continue
		}
		for _, one := range values {
			consoletest.Must(t, w.WriteField(name, one))
		}
	}
	part, err := w.CreateFormFile(control, "file.csv")
	consoletest.Must(t, err)
	_, err = part.Write([]byte(file))
	consoletest.Must(t, err)
	consoletest.Must(t, w.Close())
	return v.Send("POST", path, w.FormDataContentType(), &body, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

var codeShown = regexp.MustCompile(`[۰-۹]{5}-[۰-۹]{5}`)

// A place gets a code, changes, is split, and its story tells all of it.
func TestPlace(t *testing.T) {
	_, p1, _ := stage(t)
	p := p1.Submit("/post/assign", "area_code", "۱۵۱۶۷", "address.province", "تهران", "address.county", "تهران", "address.locality", "تهران",
		"address.street", "خیابان ولیعصر", "address.house_number", "۱۴", "reason", "new-building", "document", "۱۲/الف مورخ ۱۴۰۵/۰۵/۰۱")
	p.Shows(t, "کد پستی تخصیص یافت", "خیابان ولیعصر", "نخستین نسخه")
	here := p.Path
	p1.Submit(here+"/change", "address.house_number", "۱۶", "reason", "renumbering", "document", "۱۳/الف").Shows(t, "نشانی تغییر کرد", "تغییر شماره پلاک", "۱۴", "۱۶")
	p1.Submit(here+"/change", "address.house_number", "", "reason", "correction", "document", "۱۴/الف").Shows(t, "نشانی تغییر کرد", "–")
	p = p1.Submit(here+"/change", "reason", "correction", "document", "۱۵/الف")
	if p.Status != 422 {
		t.Errorf("a change of nothing: %d", p.Status)
	}
	p1.Submit(here+"/split", "into1.address.floor", "یک", "reason", "division", "document", "۱").Shows(t, "این موارد را اصلاح کنید")
	p1.Submit(here+"/split", "into1.address.floor", "یک", "into4.address.floor", "دو", "reason", "division", "document", "۱").Shows(t, "این مکان تفکیک شده است", "امروز این کدها")
	p1.Get("/post/changes").Shows(t, "تفکیک", "تخصیص", "تغییر نشانی")
	file := p1.Get("/post/changes/file")
	if !strings.Contains(file.Body, consoletest.Home) || !strings.HasPrefix(file.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("the file: %d %.200s", file.Status, file.Body)
	}
}

// Two officers at one place: who comes second is told, and nothing typed is lost.
func TestTwoAtOnePlace(t *testing.T) {
	s, p1, _ := stage(t)
	s.Hire(consoletest.PostOffice, "p9", "رضا پستچی", "post")
	p9 := s.SignedIn(consoletest.PostOffice, "p9")
	a, b := opened(t, p1, "/post", consoletest.Home), opened(t, p9, "/post", consoletest.Home)
	first, mine := p1.Get(a.Path + "/change").Form(t)
	mine.Set("address.floor", "سوم")
	mine.Set("reason", "correction")
	mine.Set("document", "۱")
	p9.Submit(b.Path+"/change", "address.floor", "چهارم", "reason", "correction", "document", "۲").Shows(t, "نشانی تغییر کرد")
	p := p1.Post(first, mine)
	if p.Status != 409 || !strings.Contains(p.Body, "سوم") {
		t.Errorf("the second came to %d", p.Status)
	}
	if got := p9.Get(a.Path); got.Status != 404 {
		t.Errorf("another officer's reference opens %d", got.Status)
	}
}

// A plate is ordered, put up and lost, from the pages and from a file.
func TestPlates(t *testing.T) {
	_, p1, m1 := stage(t)
	here := opened(t, m1, "/municipality", consoletest.Home).Path
	p := m1.Submit(here+"/plate", "whole", "1", "reason", "first-plate", "document", "۱")
	p.Shows(t, "پلاک سفارش داده شد", "سفارش داده شده")
	m1.Submit(p.Path+"/installed", "on", "1390/13/1", "installer", "شرکت الف", "reason", "field-visit", "document", "۲").Shows(t, "چنین روزی در تقویم وجود ندارد")
	m1.Submit(p.Path+"/installed", "installer", "شرکت الف", "reason", "field-visit", "document", "۲").Shows(t, "نصب پلاک ثبت شد", "شرکت الف")
	result := upload(t, p1, "/post/plates/file", "file", "کد پستی,وضعیت\n"+consoletest.Home+",گم شده\n1111111111,نصب شده\n"+consoletest.Home+",چه\n", "reason", "field-visit", "document", "۳")
	result.Shows(t, "کنارگذاشته", "کد پستی")
	m1.Get("/municipality/plates?state=missing").Shows(t, "ولیعصر", "گم شده")
	m1.Get("/municipality/progress").Shows(t, "پیشرفت پلاک‌گذاری")
	p1.Get("/post/progress").Shows(t, "تهران", "همه جاها")
}

// A municipality reports, the Post decides, both see what became of it; another
// municipality sees nothing.
func TestReports(t *testing.T) {
	s, p1, m1 := stage(t)
	m1.Get("/municipality").Shows(t, "هنوز گزارش نشده است")
	p := m1.Submit("/municipality/reports/new", "document", "۷/ش", "line1.kind", "added", "line1.new.street", "خیابان نو", "line1.new.house_number", "۱")
	p.Shows(t, "این موارد را اصلاح کنید") // a county's town must be named
	p = m1.Submit("/municipality/reports/new", "document", "۷/ش", "line1.kind", "added", "line1.new.locality", "تهران", "line1.new.street", "خیابان نو", "line1.new.house_number", "۱",
		"line3.kind", "renumbered", "line3.postal_code", consoletest.Home, "line3.new.house_number", "۲۰")
	p.Shows(t, "گزارش رسید", "مکان تازه", "در انتظار")
	id := strings.TrimPrefix(p.Path, "/municipality/reports/")
	if other := s.SignedIn(consoletest.OtherTown, "m1").Get(p.Path); other.Status != 404 {
		t.Errorf("another municipality sees %d", other.Status)
	}
	p1.Get("/post").Shows(t, "شهرداری تهران نمونه")
	p1.Submit("/post/reports/"+id+"/review", "lines", "1", "verdict", "accept").Shows(t, "این موارد را اصلاح کنید")
	p1.Submit("/post/reports/"+id+"/review", "lines", "1", "verdict", "accept", "area_code", "15167").Shows(t, "نظر پست ثبت شد", "پذیرفته")
	p1.Submit("/post/reports/"+id+"/review", "lines", "2", "verdict", "refuse").Shows(t, "این موارد را اصلاح کنید")
	p1.Submit("/post/reports/"+id+"/review", "lines", "2", "verdict", "refuse", "reason", "not-found", "note", "دوباره ببینید").Shows(t, "رد شده", "دوباره ببینید")
	m1.Get(p.Path).Shows(t, "رد شده", "دوباره ببینید", "چنین مکانی یافت نشد")
	result := upload(t, m1, "/municipality/reports/file", "raw", "نوع تغییر,کد پستی\nتخریب,"+consoletest.Home+"\nتخریب,123\n", "document", "۸/ش")
	result.Shows(t, "چند سطر کنار گذاشته شد")
	p1.Get("/post/overdue").Shows(t, "شهرداری قم نمونه")
}

// Letters are taken over and told of.
func TestLetters(t *testing.T) {
	s, p1, _ := stage(t)
	s.Letter()
	p := p1.Get("/post/letters")
	p.Shows(t, "نوبت")
	p1.Get("/post/letters/1").Shows(t, "دسته‌های چاپ")
	if got := p1.Get("/post/letters/batches/1/cover"); got.Status != 200 || !strings.HasPrefix(got.Body, "%PDF") {
		t.Errorf("the cover sheet: %d", got.Status)
	}
	p1.Submit("/post/letters/returned", "letters", "۱\n۹۹۹", "reason", "moved").Shows(t, "کنارگذاشته")
	upload(t, p1, "/post/letters/delivered/file", "csv", "letter\n1\n").Shows(t, "کنارگذاشته")
}

// A file of places is taken in row by row.
func TestIntake(t *testing.T) {
	_, p1, m1 := stage(t)
	result := upload(t, p1, "/post/intake", "file", "کد پستی,استان,شهرستان,شهر,خیابان\n1416932790,تهران,تهران,تهران,خیابان نو\n123,تهران,تهران,تهران,خیابان نو\n")
	result.Shows(t, "کنارگذاشته", "کد پستی باید ده رقم باشد")
	opened(t, p1, "/post", "1416932790").Shows(t, "خیابان نو")
	if got := m1.Get("/post/intake"); got.Status != 403 {
		t.Errorf("a municipality at the Post's page: %d", got.Status)
	}
	m1.Submit("/municipality/places/address", "address.locality", "تهران", "address.street", "خیابان ولیعصر").Shows(t, "یوسف‌آباد")
	p := s404(t, p1)
	if !codeShown.MatchString(opened(t, p1, "/post", consoletest.Home).Text()) || p.Status != 404 {
		t.Errorf("unknown: %d", p.Status)
	}
}

func s404(t *testing.T, v *consoletest.Visitor) consoletest.Page {
	t.Helper()
	return v.Submit("/post/places", "postal_code", persian.Digits("1316763511"))
}

// Every page is whole for axe-core, at every width, in both languages.
func TestBrowser(t *testing.T) {
	s, p1, m1 := stage(t)
	b := consoletest.Chromium(t, s.Server.URL)
	here := opened(t, m1, "/municipality", consoletest.Home).Path
	plate := m1.Submit(here+"/plate", "whole", "1", "reason", "first-plate", "document", "۱").Path
	report := m1.Submit("/municipality/reports/new", "document", "۷/ش", "line1.kind", "renumbered", "line1.postal_code", consoletest.Home, "line1.new.house_number", "۲۰").Path
	s.Letter()
	at := opened(t, p1, "/post", consoletest.Home).Path
	dir := os.Getenv("ESTELAM_SCREENS")
	for who, paths := range map[[2]string][]string{
		{consoletest.PostOffice, "p1"}: {"/post", "/post/places", "/post/places/address", at, at + "/change", at + "/split", at + "/retire", "/post/assign", "/post/merge", "/post/intake",
			"/post/changes", "/post/plates", "/post" + strings.TrimPrefix(plate, "/municipality"), "/post/progress", "/post/plates/file", "/post/reports",
			"/post" + strings.TrimPrefix(report, "/municipality"), "/post" + strings.TrimPrefix(report, "/municipality") + "/review", "/post/overdue", "/post/letters", "/post/letters/1", "/post/letters/returned"},
		{consoletest.Town, "m1"}: {"/municipality", here, here + "/plate", plate, plate + "/installed", "/municipality/reports", report, "/municipality/reports/new", "/municipality/reports/file"},
	} {
		b.Open("/check")
		b.Eval(`fetch("/test/sign-in", {method: "POST", body: new URLSearchParams({agency: "` + who[0] + `", login: "` + who[1] + `"})}).then(() => "")`)
		for _, lang := range []string{"fa", "en"} {
			b.Eval(`fetch("/language", {method: "POST", body: new URLSearchParams({lang: "` + lang + `"})}).then(() => "")`)
			for _, path := range paths {
				b.Open(path)
				if got := b.Eval(`(document.body.innerText.match(/\[[a-z_]+(\.[a-z0-9_]+)+\]/) || [""])[0]`); got != "" {
					t.Errorf("%s %s shows %s", lang, path, got)
				}
				if dir == "" {
					b.Check(t, lang+" "+path)
					continue
				}
				name := strings.NewReplacer("/", "_", at, "_post_place", here, "_town_place").Replace(path)
				shoot(t, b, dir+"/"+lang+name, 1280, "light")
				if lang == "fa" {
					shoot(t, b, dir+"/phone"+name, 390, "dark")
				}
			}
		}
		if said := b.Complaints(); len(said) > 0 {
			t.Errorf("the console says %q", said)
		}
	}
}

func shoot(t *testing.T, b *consoletest.Browser, file string, width int64, scheme string) {
	t.Helper()
	b.Scheme(scheme)
	b.Size(width)
	b.Eval(`document.fonts.ready.then(() => "")`)
	ctx, cancel := context.WithTimeout(b.Ctx, consoletest.Patience)
	defer cancel()
	data, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	consoletest.Must(t, err)
	consoletest.Must(t, os.WriteFile(file+".png", data, 0o644))
}
