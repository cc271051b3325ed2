package complaint_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	bank    ids.LegalID = 14003552272
	insurer ids.LegalID = 10100456787
	club    ids.LegalID = 10861234560 // not bound
)

var (
	ctx      = context.Background()
	operator = journal.Actor{Role: register.Operator, ID: "tester"}
	head     = journal.Actor{Role: agency.RoleHead, Agency: bank, ID: "b.head"}
	rival    = journal.Actor{Role: agency.RoleHead, Agency: insurer, ID: "i.head"}
	one      = journal.Actor{Role: register.Inspector, Agency: insurer, ID: "i1"}
	two      = journal.Actor{Role: register.Inspector, Agency: insurer, ID: "i2"}
)

// desk is where reports are filed.
type desk struct {
	*testing.T
	db      *store.DB
	journal *journal.Journal
	book    *complaint.Book
	now     time.Time
}

func open(t *testing.T, url string) *desk {
	t.Helper()
	o := &desk{T: t, now: time.Now().Truncate(time.Microsecond)}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	o.must(err)
	o.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	o.must(err)
	t.Cleanup(o.journal.Close)
	o.db, err = store.Open(ctx, url, store.Register)
	o.must(err)
	t.Cleanup(func() { _ = o.db.Close() })
	agencies, err := agency.Open(ctx, o.db, nil)
	o.must(err)
	agreements, err := agreement.Open(ctx, o.db, nil)
	o.must(err)
	processes, err := process.Open(ctx, process.Config{DB: o.db, Agencies: agencies, Agreements: agreements})
	o.must(err)
	for _, id := range []ids.LegalID{bank, insurer, club} {
		_, err := agencies.Register(ctx, o.journal, operator, &agency.Agency{ID: id, Name: "نهاد"})
		o.must(err)
	}
	_, err = agencies.Register(ctx, o.journal, operator, &agency.Agency{ID: club, Name: "نهاد", Version: 1, State: agency.Active})
	o.must(err)
	o.book, err = complaint.Open(ctx, o.db, agencies, processes)
	o.must(err)
	o.book.Clock = func() time.Time { return o.now }
	return o
}

func (o *desk) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *desk) refused(err error, kind fault.Kind, key string) {
	o.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		o.Errorf("got %v, want %v %s", err, kind, key)
	}
}

func (o *desk) report() *complaint.Report {
	return &complaint.Report{
		Agency: bank, Document: "national-card", Day: persian.DateOf(o.now).AddDays(-1), Province: "تهران",
		Place: "شعبه میدان", Text: "برای افتتاح حساب رونوشت کارت ملی خواستند", Contact: "0912 000 0000",
	}
}

func (o *desk) file(in *complaint.Report) (complaint.Filed, complaint.Key) {
	o.Helper()
	filed, proven, err := o.book.File(ctx, o.journal, in)
	o.must(err)
	for _, bad := range []string{"0912 000", "خواستند", "میدان", strings.ReplaceAll(filed.Secret, "-", "")} {
		if strings.Contains(string(proven.Record), bad) {
			o.Errorf("the record tells %q: %s", bad, proven.Record)
		}
	}
	return filed, complaint.Key{Code: proven.Code, Secret: filed.Secret}
}

func (o *desk) follow(k complaint.Key) *complaint.Followed {
	o.Helper()
	f, err := o.book.Follow(ctx, o.journal, &k)
	o.must(err)
	return f
}

func (o *desk) answer(id int64) error {
	_, _, err := o.book.Answer(ctx, o.journal, head, &complaint.Reply{ID: id, Text: "آموزش داده شد"})
	return err
}

func (o *desk) judge(who journal.Actor, id int64, decision string) error {
	_, _, err := o.book.Judge(ctx, o.journal, who, &complaint.Judgement{ID: id, Decision: decision, Reason: "رونوشت در پرونده است"})
	return err
}

func (o *desk) days(n int) { o.now = o.now.AddDate(0, 0, n) }

// TestLife is a report from its filing to its second judgement.
func TestLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		begin := o.now
		filed, key := o.file(o.report())
		if filed.State != complaint.Opened || filed.Deadline != persian.DateOf(o.now).AddDays(15) || !strings.Contains(filed.Message.En, filed.Deadline.String()) {
			t.Errorf("%+v", filed)
		}
		o.refused(o.judge(one, 1, "upheld"), fault.Conflict, "complaint.early")
		o.refused(o.answer(7), fault.NotFound, "complaint.unknown")
		_, _, err := o.book.Answer(ctx, o.journal, rival, &complaint.Reply{ID: 1, Text: "x"})
		o.refused(err, fault.NotFound, "complaint.unknown")
		if all, err := o.book.List(ctx, rival, &complaint.Filter{}); err != nil || len(all) != 0 {
			t.Errorf("another agency sees %v: %v", all, err)
		}
		all, err := o.book.List(ctx, head, &complaint.Filter{})
		o.must(err)
		if len(all) != 1 || all[0].Contact != "" || all[0].Code != key.Code {
			t.Errorf("%+v", all)
		}
		if c, err := o.book.Find(ctx, one, 1); err != nil || c.Contact == "" || len(c.Steps) != 1 {
			t.Errorf("%+v: %v", c, err)
		}
		o.must(o.answer(1))
		if f := o.follow(key); f.State != complaint.Answered || f.Steps[1].Text != "آموزش داده شد" || f.Steps[1].Officer != "" || f.Contact != "" {
			t.Errorf("%+v", f)
		}
		_, _, err = o.book.Reopen(ctx, o.journal, &complaint.Reopening{Key: key, Text: "نه"})
		o.refused(err, fault.Conflict, "complaint.state")
		o.must(o.judge(one, 1, "rejected"))
		o.refused(o.judge(one, 1, "upheld"), fault.Conflict, "complaint.state")
		o.refused(o.answer(1), fault.Conflict, "complaint.state")
		o.days(30)
		again, _, err := o.book.Reopen(ctx, o.journal, &complaint.Reopening{Key: key, Text: "رسید رونوشت را دارم"})
		o.must(err)
		if again.State != complaint.Opened || again.Message.Key != "complaint.message.reopened" {
			t.Errorf("%+v", again)
		}
		o.days(16) // the agency says nothing this time
		if late, err := o.book.List(ctx, one, &complaint.Filter{Late: true}); err != nil || len(late) != 1 || !late[0].Late {
			t.Errorf("%+v: %v", late, err)
		}
		if f := o.follow(key); f.Message.Key != "complaint.message.late" {
			t.Errorf("%+v", f.Message)
		}
		o.refused(o.judge(one, 1, "upheld"), fault.Forbidden, "complaint.judge")
		o.must(o.judge(two, 1, "upheld"))
		_, _, err = o.book.Reopen(ctx, o.journal, &complaint.Reopening{Key: key, Text: "باز هم"})
		o.refused(err, fault.Conflict, "complaint.reopened")

		got, err := o.book.Figures(ctx, begin, begin.Add(time.Second))
		o.must(err)
		if want := (complaint.Figures{Filed: 1, Upheld: 1, Late: 1}); got[bank] != want || len(got) != 1 {
			t.Errorf("%+v, want %+v", got, want)
		}
		rows, err := o.book.Rows(ctx, bank, "upheld", begin, begin.Add(time.Second))
		o.must(err)
		if len(rows) != 1 || rows[0] != (register.Row{Noun: "complaint", ID: "1", At: begin.UTC(), Code: string(key.Code)}) {
			t.Errorf("%+v", rows)
		}
		if rows, err = o.book.Rows(ctx, bank, "in_time", begin, begin.Add(time.Second)); err != nil || len(rows) != 0 {
			t.Errorf("%+v: %v", rows, err)
		}
		_, err = o.book.Rows(ctx, bank, "nonsense", begin, begin)
		o.refused(err, fault.Invalid, "complaint.word")

		// Half a year on, nobody can tell any more who it was.
		o.now = o.now.AddDate(0, 7, 0)
		if c, err := o.book.Find(ctx, one, 1); err != nil || c.Contact != "" {
			t.Errorf("%q: %v", c.Contact, err)
		}
		in := o.report()
		in.Text, in.Contact = "دیگری", ""
		o.file(in)
		o.now = begin
		if c, err := o.book.Find(ctx, one, 1); err != nil || c.Contact != "" {
			t.Errorf("still there: %q: %v", c.Contact, err)
		}
	})
}

// TestSame: the accused reports the same as a citizen, follows the report, and
// cannot take away what was upheld. The same words of elsewhere are another's.
func TestSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		_, first := o.file(o.report())
		o.now = o.now.Add(time.Second)
		_, second := o.file(o.report())
		for _, change := range []func(*complaint.Report){
			func(in *complaint.Report) { in.Province = "قم" },
			func(in *complaint.Report) { in.Place = "شعبه بازار" },
			func(in *complaint.Report) { in.Day = in.Day.AddDays(-1) },
			func(in *complaint.Report) { in.Document = "shenasnameh" },
		} {
			in := o.report()
			change(in)
			o.file(in)
		}
		if all, err := o.book.List(ctx, one, &complaint.Filter{}); err != nil || len(all) != 5 || all[0].Copies != 2 {
			t.Errorf("%d reports: %v", len(all), err)
		}
		reopen := func(k complaint.Key) error {
			_, _, err := o.book.Reopen(ctx, o.journal, &complaint.Reopening{Key: k, Text: "پس می‌گیرم"})
			return err
		}
		o.must(o.answer(1))
		o.must(o.judge(one, 1, "upheld"))
		if f := o.follow(second); f.State != complaint.Upheld || !f.Reopenable.IsZero() {
			t.Errorf("%+v", f)
		}
		o.refused(reopen(second), fault.Conflict, "complaint.state")
		if o.follow(first).Reopenable.IsZero() {
			t.Error("who filed it first cannot have it opened again")
		}
		o.must(reopen(first))
		o.must(o.answer(1))
		o.must(o.judge(two, 1, "rejected"))
		o.refused(reopen(second), fault.Conflict, "complaint.reopened")
	})
}

// TestReopenLate: thirty days, and no more.
func TestReopenLate(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	_, key := o.file(o.report())
	o.must(o.answer(1))
	o.must(o.judge(one, 1, "upheld"))
	o.days(31)
	_, _, err := o.book.Reopen(ctx, o.journal, &complaint.Reopening{Key: key, Text: "x"})
	o.refused(err, fault.Conflict, "complaint.reopen")
	if f := o.follow(key); !f.Reopenable.IsZero() {
		t.Errorf("%v", f.Reopenable)
	}
}

// TestBadReports: each mistake is named, and nothing is filed.
func TestBadReports(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	for _, c := range []struct {
		change func(*complaint.Report)
		want   string
	}{
		{func(r *complaint.Report) { r.Agency = club }, "agency complaint.unbound"},
		{func(r *complaint.Report) { r.Agency = 10101234562 }, "agency complaint.agency"},
		{func(r *complaint.Report) { r.Agency = 0 }, "agency complaint.missing"},
		{func(r *complaint.Report) { r.Process = "loan" }, "process complaint.process"},
		{func(r *complaint.Report) { r.Document = "library-card" }, "document complaint.document"},
		{func(r *complaint.Report) { r.Day = persian.DateOf(o.now).AddDays(1) }, "date complaint.future"},
		{func(r *complaint.Report) { r.Day = persian.DateOf(o.now).AddYears(-1).AddDays(-1) }, "date complaint.old"},
		{func(r *complaint.Report) { r.Day = persian.Date{} }, "date complaint.missing"},
		{func(r *complaint.Report) { r.Province = "اندلس" }, "province complaint.province"},
		{func(r *complaint.Report) { r.Text = strings.Repeat("ن", 2001) }, "text complaint.long"},
		{func(r *complaint.Report) { r.Text = "  " }, "text complaint.missing"},
		{func(r *complaint.Report) { *r = complaint.Report{} }, "agency complaint.missing; document complaint.document; date complaint.missing; province complaint.province; text complaint.missing"},
	} {
		in := o.report()
		c.change(in)
		_, _, err := o.book.File(ctx, o.journal, in)
		f := fault.Of(err)
		if f == nil {
			t.Errorf("want %s, was filed", c.want)
			continue
		}
		var got []string
		for _, e := range append([]*fault.Error{f}, f.More...) {
			got = append(got, e.Field+" "+e.Key)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s, want %s", strings.Join(got, "; "), c.want)
		}
	}
	if all, err := o.book.List(ctx, one, &complaint.Filter{}); err != nil || len(all) != 0 {
		t.Errorf("%v: %v", all, err)
	}
}

// TestAbuse: the same report is one; a flood is held and does not count; who
// has not both code and secret learns nothing.
func TestAbuse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		begin := o.now
		_, first := o.file(o.report())
		in := o.report()
		in.Text = strings.ReplaceAll(in.Text, "ی", "ي") + " " // an Arabic keyboard
		_, second := o.file(in)
		if all, err := o.book.List(ctx, one, &complaint.Filter{}); err != nil || len(all) != 1 || all[0].Copies != 2 {
			t.Errorf("%+v: %v", all, err)
		}
		if first == second || o.follow(first).Text != o.follow(second).Text {
			t.Error("each has a way of his own to the same report")
		}
		for i := range 25 {
			in := o.report()
			in.Text = fmt.Sprint("گزارش ", i)
			filed, _ := o.file(in)
			if want := i >= 14; (filed.State == complaint.Held) != want || filed.Deadline.IsZero() != want {
				t.Fatalf("report %d: %+v", i, filed)
			}
		}
		if got, err := o.book.Figures(ctx, begin, begin.Add(time.Hour)); err != nil || got[bank].Filed != 15 {
			t.Errorf("%+v: %v", got, err)
		}
		if all, err := o.book.List(ctx, head, &complaint.Filter{Limit: 7, After: 10}); err != nil || len(all) != 5 {
			t.Errorf("%d: %v", len(all), err)
		}
		held, err := o.book.List(ctx, one, &complaint.Filter{State: complaint.Held})
		o.must(err)
		if len(held) != 11 {
			t.Fatalf("%d are held", len(held))
		}
		o.refused(o.answer(held[0].ID), fault.NotFound, "complaint.unknown")
		o.refused(o.judge(one, held[0].ID, "upheld"), fault.Conflict, "complaint.state")
		o.must(o.judge(one, held[0].ID, "admit"))
		o.must(o.answer(held[0].ID))
		o.must(o.judge(one, held[1].ID, "rejected"))
		o.refused(o.judge(one, 1, "admit"), fault.Conflict, "complaint.state")
		o.refused(o.judge(journal.Actor{Role: register.Inspector, Agency: bank, ID: "own"}, 2, "rejected"), fault.Forbidden, "complaint.own")
		o.refused(o.judge(head, 2, "rejected"), fault.Forbidden, "register.role")

		var answers []string
		for _, k := range []complaint.Key{
			{Code: first.Code, Secret: "0000-0000-0000-0000-0000"},
			{Code: "12345678901234567890", Secret: first.Secret},
			{Code: first.Code, Secret: strings.Repeat("x", 1000)},
			{Code: first.Code},
		} {
			_, err := o.book.Follow(ctx, o.journal, &k)
			text, _ := json.Marshal(fault.Of(err))
			answers = append(answers, string(text))
		}
		for _, a := range answers {
			if a != answers[0] || !strings.Contains(a, "complaint.follow") {
				t.Errorf("%v", answers)
			}
		}
	})
}
