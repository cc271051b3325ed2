package notice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/notice"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx        = context.Background()
	supervisor = journal.Actor{Role: register.Supervisor, Agency: 14003552272, ID: "s1"}
	clerk      = journal.Actor{Role: register.Clerk, Agency: 14003552272, ID: "c1"}
	printer    = journal.Actor{Role: register.Printer, Agency: 14003552272, ID: "r1"}
	postman    = journal.Actor{Role: register.Post, Agency: 14003552272, ID: "p1"}
)

// codeRead reads what is on paper only.
var codeRead = store.Q(store.Register, "sample.notice.code", `SELECT code FROM notice_letter WHERE subject = $1`)

// office is a register of persons and what sends them letters.
type office struct {
	*testing.T
	db      *store.DB
	journal *journal.Journal
	persons *person.Book
	places  *place.Book
	cases   *discrepancy.Book
	notices *notice.Book
	jobs    *job.Queue
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) refused(err error, kind fault.Kind, key string) {
	o.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		o.Errorf("got %v, want %v %s", err, kind, key)
	}
}

func number(i int) ids.NationalNumber {
	nine := int64(1_000_000 + i)
	return ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
}

// Places of the tests, in the order of their routes; the last is retired.
var codes = []ids.PostalCode{1416932790, 1416932791, 1416999999, 7133333331, 1911111111}

func (o *office) home(i int) place.Place {
	p := place.Place{Code: codes[i], Province: "تهران", County: "ری", Locality: "تهران", Street: "انقلاب", House: "12", Floor: "دوم", State: place.Active}
	switch i {
	case 3:
		p.Province, p.County = "فارس", "شیراز"
	case 4:
		p.State = place.Retired
	}
	return p
}

// open makes a register of n persons: every seventh without postal code, every
// eleventh dead; the others spread over the first four places.
func open(t *testing.T, url string, n int) *office {
	t.Helper()
	o := &office{T: t}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	o.must(err)
	o.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	o.must(err)
	t.Cleanup(o.journal.Close)
	o.db, err = store.Open(ctx, url, store.Register)
	o.must(err)
	t.Cleanup(func() { _ = o.db.Close() })
	o.load(n)
	o.places, err = place.Open(ctx, o.db)
	o.must(err)
	o.persons, err = person.Open(ctx, o.db)
	o.must(err)
	o.persons.Places = o.places
	o.cases, err = discrepancy.Open(ctx, o.db, o.persons)
	o.must(err)
	o.notices, err = notice.Open(ctx, o.db, o.persons, o.places, o.cases)
	o.must(err)
	o.notices.Page = "https://estelam.example/objection"
	o.jobs, err = job.Open(ctx, o.db)
	o.must(err)
	o.notices.Serve(o.jobs)
	return o
}

func (o *office) load(n int) {
	o.Helper()
	name := func(s string) persian.Name {
		n, err := persian.ParseName(s)
		o.must(err)
		return n
	}
	_, err := place.Load(ctx, o.db, func(yield func(place.Place, error) bool) {
		for i := range codes {
			if !yield(o.home(i), nil) {
				return
			}
		}
	}, nil)
	o.must(err)
	_, err = person.Load(ctx, o.db, func(yield func(person.Person, error) bool) {
		for i := range n {
			p := person.Person{
				Number: number(i), Given: name("زهرا"), Surname: name("کریمی"), Father: name("علی"), Sex: person.Female, State: person.Active,
				Born: persian.Date{Year: int16(1340 + i%60), Month: 4, Day: 2}, Postal: codes[i%4], ResidenceSince: persian.Date{Year: 1400, Month: 1, Day: 1},
			}
			if i%7 == 6 {
				p.Postal, p.ResidenceSince = 0, persian.Date{}
			}
			if i%11 == 10 {
				p.State, p.Died = person.Deceased, persian.Date{Year: 1402, Month: 1, Day: 1}
			}
			if !yield(p, nil) {
				return
			}
		}
	}, nil)
	o.must(err)
}

// work runs the queue until f returns.
func (o *office) work(f func()) {
	o.Helper()
	working, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- o.jobs.Work(working) }()
	f()
	stop()
	o.must(<-ended)
}

// order orders a campaign and waits for its letters.
func (o *office) order(c notice.Choice) (int64, notice.Counts) {
	o.Helper()
	made, _, err := o.notices.Order(ctx, o.journal, supervisor, &notice.Order{Name: "نوبت آزمایشی", Choice: c})
	o.must(err)
	return made.Campaign, o.counts(made.Job)
}

func (o *office) counts(id int64) (c notice.Counts) {
	o.Helper()
	o.work(func() {
		j, err := o.jobs.Wait(ctx, id)
		o.must(err)
		if j.State != job.Done {
			o.Fatalf("the job ended %v: %s", j.State, j.Fault)
		}
		o.must(json.Unmarshal(j.Result, &c))
	})
	return c
}

func (o *office) report(id int64) *notice.Report {
	o.Helper()
	r, err := o.notices.Report(ctx, supervisor, id)
	o.must(err)
	return r
}

func (o *office) code(n ids.NationalNumber) (c notice.Code) {
	o.Helper()
	o.must(o.db.Read(ctx, func(tx *store.Tx) error {
		found, err := tx.One(codeRead, []any{int64(n)}, &c)
		if err == nil && !found {
			err = errors.New("no letter")
		}
		return err
	}))
	return c
}

func (o *office) batch(campaign int64, most int) *notice.Batch {
	o.Helper()
	b, _, err := o.notices.NextBatch(ctx, o.journal, printer, &notice.Cut{Campaign: campaign, Most: most})
	o.must(err)
	return b
}

func (o *office) letters(f notice.Filter) []notice.Letter {
	o.Helper()
	f.Limit = 1000
	all, _, err := o.notices.Letters(ctx, o.journal, clerk, &f)
	o.must(err)
	return all
}

// TestCompose: everybody who is chosen gets one letter or a line in the list.
func TestCompose(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url, 2500)
		want := notice.Counts{}
		for i := range 2500 {
			switch born := 1340 + i%60; {
			case i%11 == 10 || born < 1350 || born > 1369:
			case i%7 == 6:
				want.NoAddress++
			default:
				want.Letters++
			}
		}
		cohort := notice.Choice{BornFrom: 1350, BornUntil: 1369}
		seen, err := o.notices.Preview(ctx, supervisor, &notice.Order{Name: "نوبت", Choice: cohort})
		o.must(err)
		if got := o.counts(seen.Job); got != want {
			t.Errorf("preview %+v, want %+v", got, want)
		}
		id, got := o.order(cohort)
		r := o.report(id)
		if got != want || r.Letters != want.Letters || r.NoAddress["no_postal_code"] != want.NoAddress || r.State != notice.Composed || len(r.Provinces) != 2 {
			t.Errorf("got %+v, %+v, want %+v", got, r, want)
		}
		if again, got := o.order(cohort); again == id || got != want {
			t.Error("a second campaign", again, got)
		}
		none, _, err := o.notices.Unaddressed(ctx, o.journal, clerk, &notice.UnaddressedFilter{Campaign: id, Limit: 1000})
		o.must(err)
		if int64(len(none)) != want.NoAddress || none[0].Why != notice.NoCode {
			t.Error(len(none), none[0])
		}
		// Who has no address lives in no province.
		id, got = o.order(notice.Choice{Province: "فارس", BornSince: persian.Date{Year: 1390, Month: 1, Day: 1}})
		r = o.report(id)
		if got.NoAddress != 0 || got.Letters == 0 || len(r.Provinces) != 1 || r.Provinces[0].Province != "فارس" || r.Provinces[0].States["made"] != got.Letters {
			t.Errorf("%+v %+v", got, r)
		}
	})
}

// TestInterrupted: a job that is cut off at every step, by the end of its
// worker and by a failing store, writes every letter once.
func TestInterrupted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url, 4500)
		var calls atomic.Int64
		var stop context.CancelFunc
		o.notices.Clock = func() time.Time { // called once a step, when its letters are written
			if calls.Add(1)%2 == 1 && stop != nil {
				stop() // the worker ends in the middle of its transaction
			}
			return time.Now()
		}
		made, _, err := o.notices.Order(ctx, o.journal, supervisor, &notice.Order{Name: "نوبت", Choice: notice.Choice{BornFrom: 1300}})
		o.must(err)
		for rounds := 0; ; rounds++ {
			var working context.Context
			working, stop = context.WithCancel(ctx)
			done := make(chan error, 1)
			go func() { done <- o.jobs.Work(working) }()
			for {
				j, _, err := o.jobs.ByID(ctx, made.Job)
				o.must(err)
				if j.State.Ended() || working.Err() != nil {
					break
				}
				time.Sleep(time.Millisecond)
			}
			stop()
			o.must(<-done)
			j, _, err := o.jobs.ByID(ctx, made.Job)
			o.must(err)
			if j.State == job.Failed {
				t.Fatal(j.Fault)
			}
			if j.State == job.Done {
				if rounds < 3 {
					t.Errorf("interrupted only %d times", rounds)
				}
				break
			}
		}
		persons := map[ids.NationalNumber]bool{}
		for after := ids.NationalNumber(0); ; {
			page := o.letters(notice.Filter{Campaign: made.Campaign, After: after})
			for _, l := range page {
				if persons[l.Subject] {
					t.Fatal("two letters to one person")
				}
				persons[l.Subject] = true
				after = l.Subject
			}
			if len(page) < 1000 {
				break
			}
		}
		r := o.report(made.Campaign)
		chosen := 0
		for i := range 4500 {
			if i%11 != 10 {
				chosen++
			}
		}
		if len(persons)+int(r.NoAddress["no_postal_code"]) != chosen {
			t.Errorf("%d letters and %d without address, want %d in all", len(persons), r.NoAddress["no_postal_code"], chosen)
		}
	})
}

// TestResume: a campaign whose job was cancelled half way is composed to its
// end, and nobody gets a second letter.
func TestResume(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url, 3500)
		made, _, err := o.notices.Order(ctx, o.journal, supervisor, &notice.Order{Name: "نوبت", Choice: notice.Choice{BornFrom: 1300}})
		o.must(err)
		working, stop := context.WithCancel(ctx)
		steps := 0
		o.notices.Clock = func() time.Time { // called once a step, when its letters are written
			if steps++; steps == 2 {
				stop()
			}
			return time.Now()
		}
		o.must(o.jobs.Work(working))
		o.notices.Clock = time.Now
		o.must(o.jobs.Cancel(ctx, supervisor, made.Job))
		_, _, err = o.notices.NextBatch(ctx, o.journal, printer, &notice.Cut{Campaign: made.Campaign})
		o.refused(err, fault.Conflict, "notice.composing")
		half := o.report(made.Campaign)
		again, _, err := o.notices.Resume(ctx, o.journal, supervisor, made.Campaign)
		o.must(err)
		counts := o.counts(again.Job)
		whole := o.report(made.Campaign)
		if half.Letters == 0 || half.Letters >= whole.Letters || whole.Letters != counts.Letters || whole.NoAddress["no_postal_code"] != counts.NoAddress {
			t.Errorf("%d letters, then %d, of %+v", half.Letters, whole.Letters, counts)
		}
		_, _, err = o.notices.Resume(ctx, o.journal, supervisor, made.Campaign)
		o.refused(err, fault.Conflict, "notice.composed")
	})
}

// TestBatches: batches follow the routes; what was spoilt comes again; what is
// posted is delivered or comes back.
func TestBatches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url, 40)
		id, counts := o.order(notice.Choice{BornFrom: 1300})
		_, _, err := o.notices.NextBatch(ctx, o.journal, printer, &notice.Cut{Campaign: id + 1})
		o.refused(err, fault.NotFound, "notice.campaign.unknown")
		first := o.batch(id, 10)
		if first.Letters != 10 || first.LastDay != persian.DateOf(time.Now()).AddMonths(3) {
			t.Errorf("%+v", first)
		}
		rest := o.batch(id, 0)
		if first.Letters+rest.Letters != counts.Letters {
			t.Errorf("%d and %d of %d letters", first.Letters, rest.Letters, counts.Letters)
		}
		_, _, err = o.notices.NextBatch(ctx, o.journal, printer, &notice.Cut{Campaign: id})
		o.refused(err, fault.Conflict, "notice.batch.empty")
		last := ids.PostalCode(0)
		in := o.letters(notice.Filter{Campaign: id, State: notice.Batched})
		for _, l := range in {
			if l.Batch == first.ID {
				last = max(last, l.Postal)
			}
		}
		var spoilt []int64
		for _, l := range in {
			if l.Batch == rest.ID && l.Postal < last {
				t.Error("the routes are torn apart")
			}
			if l.Batch == first.ID && len(spoilt) < 2 {
				spoilt = append(spoilt, l.ID)
			}
		}
		_, _, err = o.notices.HandOver(ctx, o.journal, postman, &notice.Handed{Batch: first.ID})
		o.refused(err, fault.Conflict, "notice.batch.post")
		_, _, err = o.notices.ReportPrinted(ctx, o.journal, printer, &notice.PrintReport{Batch: first.ID, Failed: []int64{spoilt[0], 999, spoilt[0]}})
		if f := fault.Of(err); f == nil || f.Field != "failed.1" || len(f.More) != 1 || f.More[0].Field != "failed.2" {
			t.Error(err)
		}
		done, _, err := o.notices.ReportPrinted(ctx, o.journal, printer, &notice.PrintReport{Batch: first.ID, Failed: spoilt})
		o.must(err)
		if done != (notice.PrintDone{Printed: 8, Failed: 2}) {
			t.Errorf("%+v", done)
		}
		_, _, err = o.notices.ReportPrinted(ctx, o.journal, printer, &notice.PrintReport{Batch: first.ID})
		o.refused(err, fault.Conflict, "notice.batch.printed")
		if again := o.batch(id, 0); again.Letters != 2 {
			t.Errorf("%+v", again)
		}
		posted, _, err := o.notices.HandOver(ctx, o.journal, postman, &notice.Handed{Batch: first.ID})
		if err != nil || posted.Letters != 8 {
			t.Fatal(posted, err)
		}
		o.mail(id)
	})
}

// mail reports eight posted letters as the Post does.
func (o *office) mail(campaign int64) {
	o.Helper()
	posted := o.letters(notice.Filter{Campaign: campaign, State: notice.Posted})
	if len(posted) != 8 {
		o.Fatal(len(posted))
	}
	two := &notice.MailReport{Letters: []notice.MailLine{{Letter: posted[0].ID}, {Letter: posted[1].ID}, {Letter: 99999}, {Letter: posted[0].ID, Reason: notice.Moved}}}
	done, _, err := o.notices.ReportDelivered(ctx, o.journal, postman, two)
	o.must(err)
	if done.Rows != 4 || done.Accepted != 2 || done.Refused != 2 || len(done.Lines) != 2 || done.Lines[0].Key != "notice.mail.delivered" || done.Lines[1].Key != "notice.letter.unknown" || done.Lines[1].Row != 3 {
		o.Errorf("%+v", done)
	}
	csv := fmt.Sprintf("شماره نامه,علت برگشت\n%d,نقل مکان کرده\n%s,متوفی\n%d,\nx,moved\n%d,moved\n%d,gone\n",
		posted[2].ID, persian.Digits(fmt.Sprint(posted[3].ID)), posted[4].ID, posted[0].ID, posted[5].ID)
	done, _, err = o.notices.ReportReturned(ctx, o.journal, postman, &notice.MailReport{CSV: csv})
	o.must(err)
	keys := map[int]string{}
	for _, l := range done.Lines {
		keys[l.Row] = l.Key
	}
	want := map[int]string{4: "notice.mail.reason", 5: "notice.letter.number", 6: "notice.letter.state", 7: "notice.word"}
	if done.Rows != 6 || done.Accepted != 2 || fmt.Sprint(keys) != fmt.Sprint(want) {
		o.Errorf("%+v", done)
	}
	if moved := o.letters(notice.Filter{Campaign: campaign, State: notice.Returned, Reason: notice.Moved}); len(moved) != 1 || moved[0].ID != posted[2].ID {
		o.Errorf("%+v", moved)
	}
	states := map[string]int64{}
	for _, p := range o.report(campaign).Provinces {
		for s, n := range p.States {
			states[s] += n
		}
	}
	if states["delivered"] != 2 || states["returned"] != 2 || states["posted"] != 4 {
		o.Errorf("%v", states)
	}
}

// TestPrint: the PDF has a page a letter, and says so in the log first.
func TestPrint(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url, 20)
		id, _ := o.order(notice.Choice{BornFrom: 1300})
		b := o.batch(id, 0)
		size := o.journal.State().Size
		draw, proven, err := o.notices.Print(ctx, o.journal, printer, &notice.Printing{Batch: b.ID})
		o.must(err)
		if o.journal.State().Size != size+1 || !strings.Contains(string(proven.Record), `"why":"print"`) {
			t.Errorf("%s", proven.Record)
		}
		var pdf bytes.Buffer
		o.must(draw(&pdf))
		if n := int64(bytes.Count(pdf.Bytes(), []byte("/Type/Page/")) + bytes.Count(pdf.Bytes(), []byte("/Type /Page\n")) + bytes.Count(pdf.Bytes(), []byte("/Type /Page "))); n != b.Letters {
			t.Errorf("%d pages for %d letters", n, b.Letters)
		}
		cover, err := o.notices.Cover(ctx, printer, &notice.Printing{Batch: b.ID})
		o.must(err)
		pdf.Reset()
		o.must(cover(&pdf))
		if !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF-")) {
			t.Error("no PDF")
		}
		_, _, err = o.notices.Print(ctx, o.journal, postman, &notice.Printing{Batch: b.ID})
		o.refused(err, fault.Forbidden, "register.role")
	})
}

// change alters a record as some act would.
func (o *office) change(n ids.NationalNumber, f func(*person.Person)) {
	o.Helper()
	p, found, err := o.persons.ByNumber(ctx, n)
	if err != nil || !found {
		o.Fatal(found, err)
	}
	f(p)
	o.must(o.db.Write(ctx, func(tx *store.Tx) error {
		return person.Put(tx, &register.Change{Actor: clerk, Why: "test", At: time.Now()}, p)
	}))
}

// TestMovedOn: a batch is made of the register as it stands that day.
func TestMovedOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url, 6)
		id, _ := o.order(notice.Choice{BornFrom: 1300})
		o.change(number(0), func(p *person.Person) { p.State, p.Died = person.Deceased, persian.Date{Year: 1404, Month: 1, Day: 1} })
		o.change(number(1), func(p *person.Person) { p.Postal = codes[3] })
		o.change(number(2), func(p *person.Person) { p.Postal = codes[4] })
		if b := o.batch(id, 0); b.Letters != 4 {
			t.Errorf("%d letters", b.Letters)
		}
		for _, l := range o.letters(notice.Filter{Campaign: id}) {
			switch l.Subject {
			case number(0), number(2):
				if l.State != notice.Dropped {
					t.Errorf("%+v", l)
				}
			case number(1):
				if l.Postal != codes[3] || l.Province != "فارس" || l.Version != 2 {
					t.Errorf("%+v", l)
				}
			}
		}
		// After the batch is made the letter shows that version, whatever comes.
		o.change(number(3), func(p *person.Person) { p.Father = persian.Name{} })
		draw, _, err := o.notices.Print(ctx, o.journal, printer, &notice.Printing{Batch: 1})
		o.must(err)
		o.must(draw(new(bytes.Buffer)))
	})
}

// own wants the person's own letter, objected to by a case, and nobody else's;
// of a protected person a clerk is told nothing.
func (o *office) own(n ids.NationalNumber, file int64) {
	o.Helper()
	size := o.journal.State().Size
	all, err := o.notices.Of(ctx, o.journal, clerk, n)
	o.must(err)
	if len(all) != 1 || all[0].Subject != n || all[0].Name == "" || all[0].State != notice.Batched || all[0].LastDay.IsZero() ||
		len(all[0].Cases) != 1 || all[0].Cases[0].ID != file || all[0].Cases[0].Text != "" {
		o.Errorf("%+v", all)
	}
	if other, err := o.notices.Of(ctx, o.journal, clerk, number(5)); err != nil || len(other) != 0 {
		o.Errorf("%+v %v", other, err)
	}
	_, err = o.notices.Of(ctx, o.journal, postman, n)
	o.refused(err, fault.Forbidden, "register.role")
	if now := o.journal.State().Size; now != size {
		o.Errorf("%d entries of a reading that the record's own covers", now-size)
	}
	o.change(number(1), func(p *person.Person) { p.State = person.Protected })
	_, err = o.notices.Of(ctx, o.journal, clerk, number(1))
	o.refused(err, fault.Forbidden, "person.protected")
	if all, err := o.notices.Of(ctx, o.journal, supervisor, number(1)); err != nil || len(all) != 1 || len(all[0].Cases) != 0 {
		o.Errorf("%+v %v", all, err)
	}
}

// TestObject: the code and the number together, not after the last day, five
// wrong tries a day.
func TestObject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url, 6)
		id, _ := o.order(notice.Choice{Numbers: []ids.NationalNumber{number(0), number(1), number(0)}})
		object := func(c notice.Code, n ids.NationalNumber) (notice.Objected, error) {
			done, _, err := o.notices.Object(ctx, o.journal, &notice.Objection{Code: c, Number: n, Items: []discrepancy.Claim{{Field: "father_name", Value: "حسن"}}})
			return done, err
		}
		code := o.code(number(0))
		_, err := object(code, number(0))
		o.refused(err, fault.NotFound, "notice.objection.unknown") // nobody can have the letter yet
		if b := o.batch(id, 0); b.Letters != 2 {
			t.Errorf("%+v", b)
		}
		made, err := object(code, number(0))
		o.must(err)
		if want := persian.DateOf(time.Now()).AddMonths(3); made.Case != 1 || made.Deadline != want {
			t.Errorf("%+v", made)
		}
		if again, err := object(code, number(0)); err != nil || again.Case != 1 {
			t.Error("another case", again, err)
		}
		c, _, err := o.cases.Read(ctx, o.journal, clerk, 1)
		if err != nil || c.Subject != number(0) || c.SourceID == 0 || c.Steps[0].Role != register.Citizen {
			t.Errorf("%+v %v", c, err)
		}
		o.own(number(0), c.ID)
		for range 4 { // one was used up above
			_, err := object(code, number(1))
			o.refused(err, fault.NotFound, "notice.objection.unknown")
		}
		_, err = object(code, number(0))
		o.refused(err, fault.TooMany, "notice.objection.tries")
		unknown, err := notice.ParseCode("1000 0000 0000 0053")
		o.must(err)
		for range 5 {
			_, err := object(unknown, number(1))
			o.refused(err, fault.NotFound, "notice.objection.unknown")
		}
		if _, err := object(unknown, number(1)); err == nil || fault.Of(err).Key != "notice.objection.tries" {
			t.Error("a code that does not exist is told from one that does", err)
		}
		now := time.Now().AddDate(0, 0, 1)
		o.notices.Clock = func() time.Time { return now }
		if _, err := object(code, number(0)); err != nil {
			t.Error("the next day", err)
		}
		now = persian.DateOf(time.Now()).AddMonths(3).AddDays(1).Start()
		_, err = object(code, number(0))
		o.refused(err, fault.Conflict, "notice.objection.late")
		_, _, err = o.notices.Object(ctx, o.journal, &notice.Objection{Items: []discrepancy.Claim{{Field: "number", Value: "1"}}})
		if f := fault.Of(err); f == nil || len(f.More) != 2 {
			t.Error(err)
		}
	})
}

// TestList: a list names only persons to whom a letter can go.
func TestList(t *testing.T) {
	o := open(t, storetest.SQLite(t), 12)
	o.change(number(1), func(p *person.Person) { p.Postal = codes[4] })
	o.change(number(2), func(p *person.Person) { p.Postal = 1333333333 })
	list := []ids.NationalNumber{number(0), number(1), number(2), number(6), number(10), number(99)}
	_, _, err := o.notices.Order(ctx, o.journal, supervisor, &notice.Order{Name: "نوبت", Choice: notice.Choice{Numbers: list}})
	f := fault.Of(err)
	got := ""
	for _, f := range append([]*fault.Error{f}, f.More...) {
		got += f.Field + " " + f.Key + "\n"
	}
	want := "choice.persons.1 notice.person.address\nchoice.persons.2 notice.person.address\nchoice.persons.3 notice.person.address\n" +
		"choice.persons.4 notice.person.state\nchoice.persons.5 notice.person.unknown\n"
	if got != want || strings.Contains(err.Error(), number(6).String()) {
		t.Errorf("%s", got)
	}
	for _, c := range []notice.Choice{
		{}, {County: "ری"}, {BornFrom: 1390, BornUntil: 1380}, {BornFrom: 12}, {BornSince: persian.Date{Year: 1400}},
		{Province: "تهران", Numbers: list}, {Numbers: make([]ids.NationalNumber, 1001)},
	} {
		if _, err := o.notices.Preview(ctx, supervisor, &notice.Order{Name: "نوبت", Choice: c}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	_, _, err = o.notices.Order(ctx, o.journal, clerk, &notice.Order{Name: "نوبت", Choice: notice.Choice{BornFrom: 1300}})
	o.refused(err, fault.Forbidden, "register.role")
}

// TestLacks: whoever has no place that stands is listed, with the reason.
func TestLacks(t *testing.T) {
	o := open(t, storetest.SQLite(t), 7)
	o.change(number(1), func(p *person.Person) { p.Postal = codes[4] })
	o.change(number(2), func(p *person.Person) { p.Postal = 1333333333 })
	id, counts := o.order(notice.Choice{BornFrom: 1300})
	if counts != (notice.Counts{Letters: 4, NoAddress: 3}) {
		t.Errorf("%+v", counts)
	}
	if r := o.report(id); fmt.Sprint(r.NoAddress) != "map[no_place:1 no_postal_code:1 place_gone:1]" {
		t.Error(r.NoAddress)
	}
}

// TestCode: codes read back as people write them, and check digits hold.
func TestCode(t *testing.T) {
	c, err := notice.ParseCode("۱۰۰۰ ۰۰۰۰-0000 0053")
	if err != nil || c.String() != "1000000000000053" || c.Grouped() != "1000 0000 0000 0053" {
		t.Error(c, err)
	}
	for _, s := range []string{"", "1000000000000054", "100000000000002", "10000000000000530", "0000000000000097", "1000x00000000053"} {
		if _, err := notice.ParseCode(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}
