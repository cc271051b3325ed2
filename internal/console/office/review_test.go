package office_test

import (
	"fmt"
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

var (
	given    = []string{"زهرا", "مریم", "علی", "رضا", "فاطمه", "حسین", "نرگس", "امیر", "سارا", "محمد", "لیلا", "کاظم", "پرویز"}
	surnames = []string{"کریمی", "رضایی", "احمدی", "موسوی", "جعفری", "صادقی", "رستمی", "کاشانی", "شیرازی", "نوری", "یزدانی"}
	fathers  = []string{"علی", "حسن", "احمد", "محمود", "اکبر", "یوسف", "ابراهیم"}
)

const (
	crowd = 300 // people whose rows are whole
	twins = 20  // people with a twin, whose rows have neither number nor given name
)

// populate registers a crowd; the last ones have twins. It gives the bank's
// file about them.
func populate(s *consoletest.Stage) string {
	s.T.Helper()
	var file strings.Builder
	file.WriteString("کد ملی,نام,نام خانوادگی,نام پدر,تاریخ تولد,شماره شناسنامه\r\n")
	number := func(i int) ids.NationalNumber {
		nine := int64(1_000_000 + 7*i)
		return ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
	}
	_, err := person.Load(s.T.Context(), s.DB, func(yield func(person.Person, error) bool) {
		for i := range crowd + 2*twins {
			k := i
			if i >= crowd+twins {
				k = i - twins // whose twin he is
			}
			p := person.Person{
				Number: number(i), Given: s.Name(given[(k+(i-k)/twins)%13]), Surname: s.Name(surnames[k%11]), Father: s.Name(fathers[k%7]), Sex: person.Sex(1 + k%2),
				State: person.Active, Born: persian.Date{Year: int16(1330 + k%53), Month: int16(1 + k%12), Day: int16(1 + k%29)},
				Postal: s.Postal(consoletest.Home), ResidenceSince: s.Date("1400-01-01"),
			}
			p.Shenasnameh.Number = ids.ShenasnamehNumber(100 + 3*i)
			p.Shenasnameh.Office, p.Shenasnameh.IssuePlace = 10000+i%5, []string{"تهران", "ری", "شیراز", "قم", "کاشان"}[i%5]
			switch {
			case i < crowd:
				fmt.Fprintf(&file, "%s,%s,%s,%s,%s,%d\r\n", p.Number, p.Given.Display, p.Surname.Display, p.Father.Display, p.Born, p.Shenasnameh.Number)
			case i < crowd+twins:
				fmt.Fprintf(&file, ",,%s,%s,%s,\r\n", p.Surname.Display, p.Father.Display, p.Born)
			}
			if !yield(p, nil) {
				return
			}
		}
	}, nil)
	consoletest.Must(s.T, err)
	return file.String()
}

// asked is a delivery that the bank asks for and whose file is there.
func asked(s *consoletest.Stage, file string) int64 {
	s.T.Helper()
	ctx, c, head := s.T.Context(), &s.Config, s.Actor(consoletest.Bank, consoletest.Head)
	a := *c.Agreements.Of(s.Legal(consoletest.Bank))[0]
	a.Clauses = append(a.Clauses, agreement.Clause{
		No: 90, Service: "delivery", Modes: []string{"disclose"}, SearchKeys: []string{"file"}, Purposes: []string{"pension"},
		Fields: []string{"given_name", "surname", "birth_date", "national_number"},
	})
	a.From = time.Now()
	_, err := c.Agreements.Put(ctx, c.Journal, journal.Actor{Role: register.Operator, ID: "test"}, &a)
	consoletest.Must(s.T, err)
	d, _, err := c.Deliveries.Request(ctx, c.Journal, head, &delivery.Request{
		Grounds: register.Grounds{Reason: "pension-act", Document: "نامه ۱۲، ۱۴۰۵"}, Purpose: "pension",
		Fields: []string{"given_name", "surname", "birth_date"}, Method: delivery.Terminal, Coverage: delivery.Declared,
	})
	consoletest.Must(s.T, err)
	_, _, err = c.Deliveries.Upload(ctx, c.Journal, head, d.ID, strings.NewReader(file))
	consoletest.Must(s.T, err)
	return d.ID
}

// run starts an approved delivery and waits for its end.
func run(s *consoletest.Stage, id int64) {
	s.T.Helper()
	ctx, c := s.T.Context(), &s.Config
	d, _, err := c.Deliveries.Start(ctx, c.Journal, s.Actor(consoletest.Bank, consoletest.Head), &delivery.Starting{Delivery: id})
	consoletest.Must(s.T, err)
	_, err = c.Jobs.Wait(ctx, d.Job)
	consoletest.Must(s.T, err)
}

// TestDelivery: a request is approved, done, and a clerk decides whom a row
// means, with candidates and weights before his eyes.
func TestDelivery(t *testing.T) {
	s := stage(t)
	s.Work()
	asked(s, populate(s))
	chief, clerk, other := s.SignedIn(consoletest.Registry, "s1"), s.SignedIn(consoletest.Registry, "c1"), s.SignedIn(consoletest.Registry, "c2")
	chief.Get("/office/deliveries").Shows(t, "بانک نمونه", "درخواست‌شده")
	if p := clerk.Get("/office/deliveries/1/priority"); p.Status != 403 {
		t.Errorf("a clerk approves: %d", p.Status)
	}
	if p := chief.Submit("/office/deliveries/1/priority", "priority", "0", "reason", "law", "document", "نامه ۱"); p.Status != 422 {
		t.Errorf("priority 0: %d", p.Status)
	}
	chief.Submit("/office/deliveries/1/priority", "priority", "۳", "reason", "law", "document", "نامه ۱").Shows(t, "اولویت تحویل ثبت شد", "تأییدشده")
	run(s, 1)
	chief.Get("/office/deliveries/1").Shows(t, "آماده دریافت", "۳۲۰ از ۳۲۰ سطر")
	if p := chief.Get("/office/deliveries/1/report"); !strings.HasPrefix(p.Body, "%PDF") {
		t.Errorf("no report: %d", p.Status)
	}

	p := clerk.Submit("/office/reviews")
	path, _, ok := strings.Cut(strings.TrimPrefix(p.Path, "/office/reviews/"), "/decide")
	if !ok {
		t.Fatalf("%d at %s: %s", p.Status, p.Path, p.Text())
	}
	p.Shows(t, "این سطر از آن کیست؟", "نامزد ۱", "وزن هر مشخصه", "بیت", "نزد شماست")
	if strings.Contains(p.Path, "00") {
		t.Error("a number stands in the address")
	}
	if p := other.Get("/office/reviews/" + path); p.Status != 403 {
		t.Errorf("another clerk reads it: %d", p.Status)
	}
	if p := clerk.Submit("/office/reviews/"+path+"/decide", "finding", "", "reason", "twin"); p.Status != 422 {
		t.Errorf("nothing chosen: %d", p.Status)
	}
	for range 40 { // drawn ones come between
		if strings.Contains(p.Text(), "نامزد ۲") {
			break
		}
		clerk.Submit(p.Path, "finding", "1", "reason", "clear").Shows(t, "تصمیم ثبت شد")
		p = clerk.Submit("/office/reviews")
	}
	p.Shows(t, "نامزد ۲")
	clerk.Submit(p.Path, "finding", "cannot_tell", "reason", "twin", "note", "دوقلو").Shows(t, "تصمیم ثبت شد")
	chief.Get("/office/reviews/work").Shows(t, "c1")
	chief.Get("/office/reviews/"+path).Shows(t, "سطر فایل در کنار نامزدها")
}
