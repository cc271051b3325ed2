package officer_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

// deliverable lets the bank have lists answered by this method.
func deliverable(s *consoletest.Stage) {
	s.T.Helper()
	c := &s.Config
	a := *c.Agreements.Of(s.Legal(consoletest.Bank))[0]
	a.Clauses = append(a.Clauses, agreement.Clause{
		No: 90, Service: "delivery", Modes: []string{"disclose"}, SearchKeys: []string{"file"}, Purposes: []string{"pension"},
		Fields: []string{"given_name", "surname", "birth_date", "national_number"},
	})
	a.From = time.Now()
	_, err := c.Agreements.Put(s.T.Context(), c.Journal, journal.Actor{Role: register.Operator, ID: "test"}, &a)
	consoletest.Must(s.T, err)
}

// crowd is how many people the bank's list names.
const crowd = 200

// list registers a crowd and gives the bank's file about it; the last rows are
// of nobody.
func list(s *consoletest.Stage) string {
	s.T.Helper()
	given := []string{"علی", "حسن", "رضا", "مریم", "زهرا", "لیلا", "بهرام", "کاوه", "نرگس", "امید", "پویا", "ژاله", "سارا"}
	surnames := []string{"کریمی", "احمدی", "رضایی", "گودرزی", "چمران", "ثابت‌قدم", "کیان‌پور", "یزدانی‌فرد", "طباطبایی", "مرادی", "شیرازی"}
	var file strings.Builder
	file.WriteString("کد ملی,نام,نام خانوادگی,نام پدر,تاریخ تولد\r\n")
	_, err := person.Load(s.T.Context(), s.DB, func(yield func(person.Person, error) bool) {
		for i := range crowd {
			nine := int64(1_000_000 + 7*i)
			p := person.Person{
				Number: ids.NationalNumber(nine*10 + ids.CheckDigit(nine)), Given: s.Name(given[i%13]), Surname: s.Name(surnames[i%11]), Father: s.Name(given[i%5]),
				Sex: person.Sex(1 + i%2), State: person.Active, Born: persian.Date{Year: int16(1330 + i%53), Month: int16(1 + i%12), Day: int16(1 + i%29)},
				Postal: s.Postal(consoletest.Home), ResidenceSince: s.Date("1400-01-01"),
			}
			fmt.Fprintf(&file, "%s,%s,%s,%s,%s\r\n", p.Number, p.Given.Display, p.Surname.Display, p.Father.Display, p.Born)
			if !yield(p, nil) {
				return
			}
		}
	}, nil)
	consoletest.Must(s.T, err)
	for i := range 3 {
		fmt.Fprintf(&file, ",پرویز,ناشناس,کامران,1350-02-%02d\r\n", i+1)
	}
	return file.String()
}

// send hands a file in as the page's form does.
func send(t *testing.T, v *consoletest.Visitor, path, text string) consoletest.Page {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "list.csv")
	consoletest.Must(t, err)
	_, err = part.Write([]byte(text))
	consoletest.Must(t, err)
	consoletest.Must(t, w.Close())
	return v.Send("POST", path, w.FormDataContentType(), &b, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

// approve is the registry's part.
func approve(s *consoletest.Stage, id int64) {
	s.T.Helper()
	_, _, err := s.Config.Deliveries.Prioritise(s.T.Context(), s.Config.Journal, s.Actor(consoletest.Registry, "s1"),
		&delivery.Priority{Delivery: id, Priority: 3, Grounds: register.Grounds{Reason: "law", Document: "1"}})
	consoletest.Must(s.T, err)
}

// done waits until a delivery's job is over.
func done(s *consoletest.Stage, id int64) {
	s.T.Helper()
	d, err := s.Config.Deliveries.ByID(s.T.Context(), id)
	consoletest.Must(s.T, err)
	_, err = s.Config.Jobs.Wait(s.T.Context(), d.Job)
	consoletest.Must(s.T, err)
}

// TestFile: the highest officer requests, the officer hands the file in and
// looks at its columns, the highest officer starts, and the rows come back.
func TestFile(t *testing.T) {
	s := newStage(t)
	s.Work()
	deliverable(s)
	text := list(s)
	head, officer, strange := s.SignedIn(consoletest.Bank, consoletest.Head), s.SignedIn(consoletest.Bank, consoletest.Officer), s.SignedIn(consoletest.Other, consoletest.Head)
	officer.Get("/officer/files").Shows(t, "درخواستی ثبت نشده است", "بالاترین مقام دستگاه درخواست می‌دهد")
	if p := officer.Get("/officer/files/new"); p.Status != 403 {
		t.Errorf("an officer requests: %d", p.Status)
	}
	if p := head.Submit("/officer/files/new", "fields", "given_name", "document", ""); p.Status != 422 {
		t.Errorf("without a paper: %d", p.Status)
	}
	p := head.Submit("/officer/files/new", "purpose", "pension", "method", "terminal", "fields", "surname", "coverage", "declared", "reason", "insured", "document", "نامه ۱۲")
	p.Shows(t, "درخواست ثبت شد. اکنون فایل را بفرستید", "تحویل شماره ۱", "در انتظار تأیید")
	if p.Path != "/officer/files/1" {
		t.Fatalf("at %s: %s", p.Path, p.Text())
	}
	for _, path := range []string{"", "/preview", "/result", "/withdraw", "/manifest.json"} {
		if p := strange.Get("/officer/files/1" + path); p.Status != 404 {
			t.Errorf("another agency reads %s: %d", path, p.Status)
		}
	}
	if p := send(t, strange, "/officer/files/1/upload", text); p.Status != 404 {
		t.Errorf("another agency sends a file: %d", p.Status)
	}
	if p := send(t, officer, "/officer/files/1/upload", ""); p.Status != 422 {
		t.Errorf("an empty file: %d", p.Status)
	}
	p = send(t, officer, "/officer/files/1/upload", text)
	p.Shows(t, "پیش‌نمایش فایل", "UTF-8", "ویرگول", "کریمی", "پس از تأیید ثبت احوال آغاز می‌شود")
	if strings.Contains(p.Body, "/start") {
		t.Error("it can be started before it is approved")
	}
	approve(s, 1)
	officer.Get("/officer/files/1/preview").Shows(t, "آغاز کار با بالاترین مقام دستگاه است")
	_, form := head.Get("/officer/files/1/preview").Form(t)
	form["columns"] = []string{"national_number", "given_name", "-", "father_name", "birth_date"}
	head.Post("/officer/files/1/preview", form).Shows(t, "پیش‌نمایش فایل")
	form["columns"] = []string{"national_number", "given_name", "surname", "father_name", "birth_date"}
	form.Set("encoding", "Windows-1256")
	head.Post("/officer/files/1/preview", form)
	form.Del("encoding")
	head.Post("/officer/files/1/start", form).Shows(t, "کار آغاز شد")
	if p := head.Post("/officer/files/1/start", form); p.Status != 200 && p.Status != 409 {
		t.Errorf("started twice: %d", p.Status)
	}
	done(s, 1)
	fetched(t, s, officer, strange)
}

// fetched takes the result of the first delivery and says so.
func fetched(t *testing.T, s *consoletest.Stage, officer, strange *consoletest.Visitor) {
	t.Helper()
	officer.Get("/officer/files/1").Shows(t, "آماده دریافت", "شمار ردیف‌ها", "دریافت نتیجه", "تأییدشده", "روند کار")
	officer.Get("/officer/files/1/result").Shows(t, "ردیف ۱ تا ۲۰ از ۲۰۳", "نام خانوادگی: گودرزی", "تأییدشده", "ادامه")
	officer.Get("/officer/files/1/result?after=200").Shows(t, "ردیف ۲۰۱ تا ۲۰۳ از ۲۰۳", "یافت نشد")
	if p := officer.Get("/officer/files/1/report.pdf"); !strings.HasPrefix(p.Body, "%PDF") {
		t.Errorf("no report: %d", p.Status)
	}
	if p := officer.Get("/officer/files/1/manifest.json"); p.Status != 200 || !strings.Contains(p.Body, delivery.ManifestFormat) {
		t.Errorf("the manifest: %d %s", p.Status, p.Body)
	}
	if p := officer.Get("/officer/files/1/result.xlsx"); p.Status != 422 {
		t.Errorf("all rows of a terminal's delivery: %d", p.Status)
	}
	if p := officer.Get("/officer/files/1/parts/0"); p.Status == 200 {
		t.Error("a delivery without a package has parts")
	}
	if p := strange.Get("/officer/files/1/acknowledge"); p.Status != 404 {
		t.Errorf("another agency acknowledges: %d", p.Status)
	}
	officer.Submit("/officer/files/1/acknowledge").Shows(t, "دریافت اعلام شد")
	if p := officer.Submit("/officer/files/1/acknowledge"); p.Status != 409 {
		t.Errorf("acknowledged twice: %d", p.Status)
	}
}
