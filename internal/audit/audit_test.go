package audit_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

const (
	bank  ids.LegalID = 14003552272
	tax   ids.LegalID = 10100456787
	judge ids.LegalID = 14003552001 // the inspectors' body
)

var (
	operator  = journal.Actor{Role: register.Operator, ID: "tester"}
	head      = journal.Actor{Role: agency.RoleHead, Agency: bank, ID: "b.head"}
	stranger  = journal.Actor{Role: agency.RoleHead, Agency: tax, ID: "t.head"}
	inspector = journal.Actor{Role: register.Inspector, Agency: judge, ID: "i1"}
	colleague = journal.Actor{Role: register.Inspector, Agency: judge, ID: "i2"}
	member    = journal.Actor{Role: register.Member, Agency: judge, ID: "b4"}
)

// house is registers, a journal and a book whose time the test sets.
type house struct {
	*testing.T
	url        string
	db         *store.DB
	journal    *journal.Journal
	agreements *agreement.Book
	jobs       *job.Queue
	audits     *audit.Book
	agreement  *agreement.Agreement

	mu  sync.Mutex
	now time.Time
}

// month is the month of the tests: in the past, for the queue has a clock of its own.
var month = persian.Date{Year: 1404, Month: 8}

func open(t *testing.T, url string) *house {
	t.Helper()
	h := &house{T: t, url: url, now: month.Start().Add(40 * time.Hour)}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	h.must(err)
	h.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler), Clock: h.clock})
	h.must(err)
	t.Cleanup(h.journal.Close)
	h.db, err = store.Open(ctx, url, store.Register)
	h.must(err)
	t.Cleanup(func() { _ = h.db.Close() })
	h.agreements, err = agreement.Open(ctx, h.db, h.clock)
	h.must(err)
	agencies, err := agency.Open(ctx, h.db, h.clock)
	h.must(err)
	for _, id := range []ids.LegalID{bank, tax} {
		_, err = agencies.Register(ctx, h.journal, operator, &agency.Agency{ID: id, Name: "دستگاه نمونه", State: agency.Active})
		h.must(err)
	}
	h.audits, h.jobs = h.book(h.agreements)
	h.agreement = &agreement.Agreement{
		Agency: bank, From: h.now, Until: h.now.AddDate(2, 0, 0), Service: "10031094100",
		Clauses: []agreement.Clause{
			{
				No: 1, Service: "identity", Modes: []string{"disclose", "verify"}, SearchKeys: []string{"national_number+birth_date"},
				Fields: []string{"given_name"}, AuditDays: 5, Misuse: agreement.VerifyOnly, Silence: agreement.EndClause,
			},
			{No: 2, Service: "card", Modes: []string{"verify"}, SearchKeys: []string{"national_number+birth_date"}, Fields: []string{"card_state"}},
		},
	}
	_, err = h.agreements.Put(ctx, h.journal, operator, h.agreement)
	h.must(err)
	return h
}

// book opens the noun as another process would.
func (h *house) book(agreements *agreement.Book) (*audit.Book, *job.Queue) {
	h.Helper()
	agencies, err := agency.Open(ctx, h.db, h.clock)
	h.must(err)
	persons, err := person.Open(ctx, h.db)
	h.must(err)
	jobs, err := job.Open(ctx, h.db)
	h.must(err)
	b := audit.Open(audit.Config{
		DB: h.db, Journal: h.journal, Agencies: agencies, Agreements: agreements, Persons: persons, Jobs: jobs,
		Clock: h.clock, Logger: slog.New(slog.DiscardHandler),
	})
	jobs.Logger = slog.New(slog.DiscardHandler)
	b.Serve()
	return b, jobs
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) refused(err error, kind fault.Kind, key string) {
	h.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		h.Errorf("got %v, want %v %s", err, kind, key)
	}
}

const living ids.NationalNumber = 13542419

// asked commits an inquiry as package inquiry writes it.
func (h *house) asked(of ids.LegalID, n int, outcome string) ids.TrackingCode {
	h.Helper()
	agreement := 1
	if of == tax {
		agreement = 2 // which is not in the register
	}
	p, err := h.journal.Commit(ctx, journal.Entry{
		Kind: receipt.Inquiry, Subject: living, Agency: of,
		Body: fmt.Appendf(nil, `"agency":{"id":"%s","name":"x"},"officer":"b.one","purpose":"loan","file":"F-%d","agreement":{"id":%d,"version":1,"clause":1},`+
			`"service":"identity","mode":"disclose","outcome":"%s"`, of, n, agreement, outcome),
	})
	h.must(err)
	return p.Code
}

// month8 fills the month and orders its draw after it.
func (h *house) month8(n int) *audit.Draw {
	h.Helper()
	for i := range n {
		h.asked(bank, i, "confirmed")
		if i%4 == 0 {
			h.asked(tax, i, "not_found")
			h.asked(bank, i, "refused")
		}
	}
	h.later(31 * 24 * time.Hour)
	d, proven, err := h.audits.Draw(ctx, h.journal, inspector, &audit.Order{Month: month})
	h.must(err)
	if !strings.HasSuffix(string(proven.Record), `"why":"audit-ordered","draw":1,"month":"1404-08"}`) || proven.Kind != receipt.Audit {
		h.Errorf("%s", proven.Record)
	}
	return d
}

// work does what is in the queue until the job has ended.
func (h *house) work(q *job.Queue, id int64) *job.Job {
	h.Helper()
	working, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { _ = q.Work(working) })
	defer done.Wait()
	defer stop()
	j, err := q.Wait(ctx, id)
	h.must(err)
	if j.State != job.Done {
		h.Fatalf("%+v", j)
	}
	return j
}

func (h *house) list(who journal.Actor, f audit.Filter) []audit.Case {
	h.Helper()
	all, err := h.audits.List(ctx, who, &f)
	h.must(err)
	return all
}

// filters holds every way to list against the whole list.
func (h *house) filters() {
	h.Helper()
	all := h.list(inspector, audit.Filter{})
	for i, c := range []struct {
		f  audit.Filter
		is func(c *audit.Case) bool
	}{
		{audit.Filter{Agency: tax}, func(c *audit.Case) bool { return c.Agency == tax }},
		{audit.Filter{State: audit.Awaited}, func(c *audit.Case) bool { return c.State == audit.Awaited }},
		{audit.Filter{State: audit.Closed}, func(c *audit.Case) bool { return c.State == audit.Closed }},
		{audit.Filter{Outcome: audit.Silent}, func(c *audit.Case) bool { return c.Outcome == audit.Silent }},
		{audit.Filter{Outcome: audit.Justified}, func(c *audit.Case) bool { return c.Outcome == audit.Justified }},
		{audit.Filter{Overdue: true}, func(c *audit.Case) bool { return c.Overdue }},
		{audit.Filter{Disputed: true}, func(c *audit.Case) bool { return !c.Disputed.IsZero() }},
		{audit.Filter{Appealed: true}, func(c *audit.Case) bool { return c.Appeal == audit.Pending }},
	} {
		var got, want []int64
		for k := range all {
			if c.is(&all[k]) {
				want = append(want, all[k].ID)
			}
		}
		for c.f.Limit = 1; ; {
			some := h.list(inspector, c.f)
			if len(some) == 0 {
				break
			}
			c.f.After = some[0].ID
			got = append(got, some[0].ID)
		}
		if !slices.Equal(got, want) {
			h.Errorf("filter %d: %v, want %v", i, got, want)
		}
	}
}

func showing(id int64, file string) *audit.Showing {
	return &audit.Showing{Audit: id, File: file, Purpose: "loan", Words: "بررسی درخواست وام", Ground: "درخواست شماره ۱۲"}
}

func (h *house) judge(id int64, o audit.Outcome) *audit.Case {
	h.Helper()
	c, _, err := h.audits.Judge(ctx, h.journal, inspector, &audit.Judgement{Audit: id, Outcome: o, Reason: "پرونده دیده شد"})
	h.must(err)
	return c
}

// fresh is the agreements as another process reads them.
func (h *house) fresh() *agreement.Book {
	h.Helper()
	b, err := agreement.Open(ctx, h.db, h.clock)
	h.must(err)
	return b
}

// inForce is the clauses of the bank's agreement that permit something now.
func (h *house) inForce() map[int][]string {
	h.Helper()
	all := map[int][]string{}
	if a, ok := h.fresh().InForce(bank, h.clock()); ok {
		for _, c := range a.Clauses {
			all[c.No] = c.Modes
		}
	}
	return all
}

// TestDraw: the month's sample follows from the log alone: done again, by
// another process too, it is the same, and nothing is opened twice.
func TestDraw(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		h := open(t, url)
		d := h.month8(400)
		first := string(h.work(h.jobs, d.Job).Result)
		if first != `{"draw":1,"agencies":2,"opened":30,"purged":0,"patterns":2}` { // √400 and √100
			t.Error(first)
		}
		draws, err := h.audits.Draws(ctx, inspector, 1)
		h.must(err)
		if len(draws) != 1 || len(draws[0].Shares) != 2 || draws[0].Shares[1].Population != 400 || draws[0].Shares[1].Chosen != 20 ||
			draws[0].Shares[0].Population != 100 || draws[0].Shares[0].Chosen != 10 || draws[0].Root == "" || draws[0].Drawn.IsZero() {
			t.Errorf("%+v", draws)
		}
		cases := h.list(inspector, audit.Filter{Agency: bank})
		if c := cases[0]; len(cases) != 20 || c.Holder != bank || c.Officer != "b.one" || c.Agreement != 1 || c.Clause != 1 || c.File == "" ||
			c.Deadline != persian.DateOf(h.clock()).AddDays(5) || c.Source != "sample" || c.SourceID != 1 {
			t.Errorf("%d %+v", len(cases), cases[0])
		}
		for _, c := range h.list(head, audit.Filter{}) {
			if c.File != "" || c.Purpose != "" || c.Agency != bank {
				t.Fatalf("the head is told what he has to show: %+v", c)
			}
		}
		if all := h.list(stranger, audit.Filter{Limit: 3}); len(all) != 3 || all[0].Agency != tax {
			t.Errorf("%+v", all)
		}
		again, _, err := h.audits.Draw(ctx, h.journal, inspector, &audit.Order{Month: month})
		h.must(err)
		_, jobs := h.book(h.fresh())
		if got := string(h.work(jobs, again.Job).Result); got != `{"draw":1,"agencies":2,"opened":0,"purged":0,"patterns":0,"same":true}` {
			t.Error(got)
		}
		if n := len(h.list(inspector, audit.Filter{})); n != 30 {
			t.Errorf("the check left %d cases", n)
		}
		patterns, err := h.audits.Patterns(ctx, inspector, &audit.PatternFilter{})
		h.must(err)
		if len(patterns) != 2 || patterns[0].Kind != "not_found" || patterns[0].Agency != tax || patterns[0].Observed != 100 || patterns[1].Kind != "refused" {
			t.Errorf("%+v", patterns)
		}
		figures, err := h.audits.Figures(ctx, month.Start(), h.clock().Add(time.Hour))
		h.must(err)
		if figures[bank] != (audit.Figures{Sampled: 20, Open: 20}) || figures[tax] != (audit.Figures{Sampled: 10, Open: 10}) {
			t.Errorf("%+v", figures)
		}
		rows, err := h.audits.Rows(ctx, tax, "open", month.Start(), h.clock().Add(time.Hour))
		h.must(err)
		if len(rows) != 10 || rows[0].Noun != "audit" || rows[0].Code == "" {
			t.Errorf("%+v", rows)
		}
	})
}

// TestNarrow is the life of cases: one shown and justified, one misuse, one met
// with silence; what they narrow, and what an upheld appeal gives back.
func TestNarrow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		h := open(t, url)
		h.work(h.jobs, h.month8(4).Job)
		cases := h.list(inspector, audit.Filter{Agency: bank})
		if len(cases) != 4 {
			t.Fatalf("%d cases", len(cases))
		}
		for _, c := range cases[:3] {
			seen, proven, err := h.audits.Show(ctx, h.journal, head, showing(c.ID, " "+c.File))
			h.must(err)
			if !seen.Dossier.FileAgrees || !seen.Dossier.PurposeAgrees || seen.State != audit.Shown || seen.File != "" {
				t.Errorf("%+v %+v", seen, seen.Dossier)
			}
			want := fmt.Sprintf(`"why":"audit-shown","audit":%d,"of":"%s","state":"shown","agreement":{"id":1,"version":1,"clause":1}}`, c.ID, c.Code)
			if !strings.HasSuffix(string(proven.Record), want) {
				t.Errorf("%s\nwant %s", proven.Record, want)
			}
		}
		one, two, three, four := cases[0].ID, cases[1].ID, cases[2].ID, cases[3].ID
		_, _, err := h.audits.Show(ctx, h.journal, head, showing(one, "F-0"))
		h.refused(err, fault.Conflict, "audit.state")
		_, _, err = h.audits.Show(ctx, h.journal, stranger, showing(four, "F-0"))
		h.refused(err, fault.NotFound, "audit.unknown")
		own := journal.Actor{Role: register.Inspector, Agency: bank, ID: "x"}
		_, _, err = h.audits.Judge(ctx, h.journal, own, &audit.Judgement{Audit: one, Outcome: audit.Justified, Reason: "x"})
		h.refused(err, fault.Forbidden, "audit.own")

		if c := h.judge(one, audit.Justified); c.State != audit.Closed || c.Measure != 0 {
			t.Errorf("%+v", c)
		}
		if c := h.judge(two, audit.Misuse); c.Measure != audit.Done || c.How != agreement.VerifyOnly || c.Narrowed != 2 {
			t.Errorf("%+v", c)
		}
		if modes := h.inForce(); fmt.Sprint(modes) != "map[1:[verify] 2:[verify]]" {
			t.Errorf("after misuse %v", modes)
		}
		// Another misuse from before belongs to the same narrowing.
		if c := h.judge(three, audit.Misuse); c.Measure != audit.Stands {
			t.Errorf("%+v", c)
		}

		// Nobody shows the fourth.
		h.later(5 * 24 * time.Hour)
		h.must(h.audits.Silence(ctx))
		if c := h.find(four); c.State != audit.Awaited {
			t.Errorf("on the last day: %+v", c)
		}
		h.later(24 * time.Hour)
		_, _, err = h.audits.Show(ctx, h.journal, head, showing(four, "F-0"))
		h.refused(err, fault.Conflict, "audit.late")
		h.silenceTwice()
		c := h.find(four)
		if c.Outcome != audit.Silent || c.Measure != audit.Done || c.How != agreement.EndClause || c.Narrowed != 3 {
			t.Errorf("%+v", c)
		}
		if modes := h.inForce(); fmt.Sprint(modes) != "map[2:[verify]]" {
			t.Errorf("after silence %v", modes)
		}
		h.appeals(two, three, four)

		h.later(10 * 24 * time.Hour)
		h.filters()
		h.silenceTwice()
		if c := h.list(inspector, audit.Filter{Agency: tax})[0]; c.Outcome != audit.Silent || c.Measure != audit.Void {
			t.Errorf("%+v", c) // there is nothing to narrow
		}
	})
}

// silenceTwice lets two processes tend the book at the same time.
func (h *house) silenceTwice() {
	h.Helper()
	var both sync.WaitGroup
	other, _ := h.book(h.fresh())
	for _, b := range []*audit.Book{h.audits, other} {
		both.Go(func() {
			if err := b.Silence(ctx); err != nil {
				h.Error(err)
			}
			if err := b.Measures(ctx); err != nil {
				h.Error(err)
			}
		})
	}
	both.Wait()
	h.must(h.audits.Measures(ctx)) // the other one may have held the claim
}

// appeals are decided by somebody else, and give back in the order of taking.
func (h *house) appeals(two, three, four int64) {
	h.Helper()
	for _, id := range []int64{two, three, four} {
		_, _, err := h.audits.Appeal(ctx, h.journal, head, &audit.Protest{Audit: id, Text: "پرونده نزد شعبه بود"})
		h.must(err)
	}
	h.filters()
	decide := func(who journal.Actor, id int64, word string) (*audit.Case, error) {
		c, _, err := h.audits.Decide(ctx, h.journal, who, &audit.Decision{Audit: id, Decision: word, Reason: "پرونده دیده شد"})
		return c, err
	}
	_, err := decide(inspector, two, "upheld")
	h.refused(err, fault.Forbidden, "audit.judge")
	c, err := decide(colleague, two, "upheld") // the third upholds the narrowing
	h.must(err)
	if c.Measure != audit.Retained || fmt.Sprint(h.inForce()) != "map[2:[verify]]" {
		h.Errorf("%+v %v", c, h.inForce())
	}
	c, err = decide(member, three, "upheld") // under what the silence took
	h.must(err)
	if c.Measure != audit.LiftDue {
		h.Errorf("%+v", c)
	}
	c, err = decide(member, four, "upheld")
	h.must(err)
	if c.Measure != audit.Lifted || fmt.Sprint(h.inForce()) != "map[1:[verify] 2:[verify]]" {
		h.Errorf("%+v %v", c, h.inForce())
	}
	h.must(h.audits.Measures(ctx))
	if c := h.find(three); c.Measure != audit.Lifted || fmt.Sprint(h.inForce()) != "map[1:[disclose verify] 2:[verify]]" {
		h.Errorf("%+v %v", c, h.inForce())
	}
	_, err = decide(member, four, "rejected")
	h.refused(err, fault.Conflict, "audit.state")
}

func (h *house) find(id int64) *audit.Found {
	h.Helper()
	c, _, err := h.audits.Find(ctx, h.journal, inspector, id)
	h.must(err)
	return c
}

// TestRecipe draws the sample again from records and published values alone, as
// docs/audit.md says.
func TestRecipe(t *testing.T) {
	h := open(t, storetest.SQLite(t))
	h.work(h.jobs, h.month8(150).Job)
	draws, err := h.audits.Draws(ctx, inspector, 1)
	h.must(err)
	d := draws[0]
	seed := sha256.Sum256(fmt.Appendf(nil, "estelam/audit/v1\n%s\n%d\n%s\n%s\n", d.Origin, d.Size, d.Root, "1404-08"))
	type scored struct{ score, code string }
	var all []scored
	h.must(h.journal.Walk(ctx, journal.Span{}, func(w *journal.Walked) error {
		var r struct {
			Log     string
			Index   int64
			Code    string
			Kind    string
			Outcome string
			Agency  struct{ ID string }
		}
		if json.Unmarshal(w.Record, &r) != nil || r.Kind != "inquiry" || r.Outcome == "refused" || r.Agency.ID != bank.String() {
			return nil
		}
		mac := hmac.New(sha256.New, seed[:])
		fmt.Fprintf(mac, "%s\n%d", r.Log, r.Index)
		all = append(all, scored{string(mac.Sum(nil)), r.Code})
		return nil
	}))
	slices.SortFunc(all, func(a, b scored) int { return strings.Compare(a.score, b.score) })
	cases := h.list(inspector, audit.Filter{Agency: bank})
	if len(all) != 150 || len(cases) != 13 { // √150, rounded up
		t.Fatalf("%d inquiries, %d cases", len(all), len(cases))
	}
	for i, c := range cases {
		if string(c.Code) != all[i].code {
			t.Errorf("case %d is %s, the recipe draws %s", i, c.Code, all[i].code)
		}
	}
	// The agency's head is told what the recipe takes, and nothing of others.
	own, err := h.audits.Draws(ctx, head, d.ID)
	h.must(err)
	if own[0].Root != d.Root || len(own[0].Shares) != 1 || own[0].Shares[0].Agency != head.Agency {
		t.Errorf("%+v", own)
	}
	// The checkpoint is that of the first batch after the month, and signed.
	after, found, err := h.journal.ByCode(ctx, h.codeAt(d.Size-1))
	if err != nil || !found || !after.Time.After(d.Until) && !after.Time.Equal(d.Until) || !strings.HasPrefix(string(after.Checkpoint), fmt.Sprintf("%s\n%d\n%s\n", d.Origin, d.Size, d.Root)) {
		t.Errorf("%v %s", err, after.Checkpoint)
	}
}

// codeAt is the tracking code of an entry.
func (h *house) codeAt(index int64) (code ids.TrackingCode) {
	h.Helper()
	h.must(h.journal.Walk(ctx, journal.Span{}, func(w *journal.Walked) error {
		if w.Index == index {
			code = w.Code
		}
		return nil
	}))
	return code
}

// TestPurged: what is not there any more is counted, and not drawn.
func TestPurged(t *testing.T) {
	h := open(t, storetest.SQLite(t))
	for i := range 20 {
		h.asked(bank, i, "confirmed")
	}
	h.later(time.Hour)
	n := int64(0)
	for n == 0 { // the lists come a moment after the entries
		var err error
		n, err = h.journal.Purge(ctx, operator, "test", h.clock())
		h.must(err)
		time.Sleep(10 * time.Millisecond)
	}
	h.later(time.Hour)
	d := h.month8(12)
	h.work(h.jobs, d.Job)
	draws, err := h.audits.Draws(ctx, inspector, d.ID)
	h.must(err)
	if n < 20 || draws[0].Purged != 20 || draws[0].Shares[1].Population != 12 {
		t.Errorf("%d purged, %+v", n, draws)
	}
}

// TestDispute: the person concerned opens the case of an inquiry about him, and
// of no other; one that was found justified is judged anew, by somebody else.
func TestDispute(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		h := open(t, url)
		fresh, refused := h.asked(bank, 1, "confirmed"), h.asked(bank, 2, "refused")
		const text = "هرگز از این بانک وامی نخواسته‌ام"
		made, proven, err := h.audits.Dispute(ctx, h.journal, living, fresh, text)
		h.must(err)
		if made.State != audit.Awaited || made.Deadline != persian.DateOf(h.clock()).AddDays(5) || proven.Subject != living ||
			!strings.Contains(string(proven.Record), `"why":"audit-disputed","audit":1,`) || strings.Contains(string(proven.Record), "بانک") {
			t.Errorf("%+v %s", made, proven.Record)
		}
		_, _, err = h.audits.Dispute(ctx, h.journal, living, fresh, text)
		h.refused(err, fault.Conflict, "audit.disputed")
		_, _, err = h.audits.Dispute(ctx, h.journal, living, refused, text)
		h.refused(err, fault.Conflict, "audit.refused")
		_, _, err = h.audits.Dispute(ctx, h.journal, 13542427, fresh, text)
		h.refused(err, fault.NotFound, "audit.code")
		secret, err := h.journal.Commit(ctx, journal.Entry{
			Kind: receipt.Inquiry, Subject: living, Agency: bank,
			Body: []byte(`"officer":"b.one","court":{"reference":"x","until":"1450-01-01"},"agreement":{"id":1,"version":1,"clause":1},"outcome":"confirmed"`),
		})
		h.must(err)
		_, _, err = h.audits.Dispute(ctx, h.journal, living, secret.Code, text)
		h.refused(err, fault.NotFound, "audit.code")

		_, _, err = h.audits.Show(ctx, h.journal, head, showing(1, "F-1"))
		h.must(err)
		for _, s := range h.findAs(head, 1).Steps {
			if s.What == "disputed" && s.Text != "" {
				t.Error("the agency is told the person's own words")
			}
		}
		if c := h.judge(1, audit.Misuse); c.Measure != audit.Done || c.Disputed.IsZero() || c.Source != "dispute" {
			t.Errorf("%+v", c)
		}

		// A sampled inquiry that was found justified, and is disputed then.
		sampled := h.asked(bank, 3, "confirmed")
		h.later(time.Minute)
		d, _, err := h.audits.Draw(ctx, h.journal, inspector, &audit.Order{Agency: bank})
		h.must(err)
		h.work(h.jobs, d.Job)
		c := h.list(inspector, audit.Filter{State: audit.Awaited})
		if len(c) != 2 || c[0].SourceID != d.ID {
			t.Fatalf("%+v", c)
		}
		for i := range c {
			if c[i].Code != sampled {
				continue
			}
			_, _, err = h.audits.Show(ctx, h.journal, head, showing(c[i].ID, "F-3"))
			h.must(err)
			h.judge(c[i].ID, audit.Justified)
			again, _, err := h.audits.Dispute(ctx, h.journal, living, sampled, text)
			h.must(err)
			if again.State != audit.Shown || again.Outcome != 0 {
				t.Errorf("%+v", again)
			}
			_, _, err = h.audits.Judge(ctx, h.journal, inspector, &audit.Judgement{Audit: c[i].ID, Outcome: audit.Justified, Reason: "x"})
			h.refused(err, fault.Forbidden, "audit.judge")
			_, _, err = h.audits.Judge(ctx, h.journal, colleague, &audit.Judgement{Audit: c[i].ID, Outcome: audit.Justified, Reason: "x"})
			h.must(err)
		}
	})
}

func (h *house) findAs(who journal.Actor, id int64) *audit.Found {
	h.Helper()
	c, _, err := h.audits.Find(ctx, h.journal, who, id)
	h.must(err)
	return c
}

// TestMonthly: two nodes order the draw of a month once; a month without any
// entry is not drawn.
func TestMonthly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		h := open(t, url)
		h.must(h.audits.Monthly(ctx)) // the month before has no entries
		h.asked(bank, 1, "confirmed")
		h.later(31 * 24 * time.Hour)
		other, _ := h.book(h.fresh())
		var both sync.WaitGroup
		for _, b := range []*audit.Book{h.audits, other, h.audits, other} {
			both.Go(func() {
				if err := b.Monthly(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		draws, err := h.audits.Draws(ctx, inspector, 0)
		h.must(err)
		if len(draws) != 1 || draws[0].Month != month || draws[0].Agency != 0 {
			t.Errorf("%+v", draws)
		}
	})
}

// TestDead: a process dies with a claim, before the agreement is narrowed or
// after; another takes it over when the claim is old, and narrows once.
func TestDead(t *testing.T) {
	for _, narrowed := range []bool{false, true} {
		t.Run(fmt.Sprint(narrowed), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				h := open(t, url)
				h.asked(bank, 1, "confirmed")
				h.later(31 * 24 * time.Hour)
				d, _, err := h.audits.Draw(ctx, h.journal, inspector, &audit.Order{Month: month})
				h.must(err)
				h.work(h.jobs, d.Job)
				h.later(6 * 24 * time.Hour)
				h.must(h.audits.Silence(ctx)) // due, and not carried out
				dead, _ := h.book(h.fresh())
				if claimed, err := dead.Die(ctx, 1); err != nil || !claimed {
					t.Fatal(claimed, err)
				}
				if narrowed {
					program := journal.Actor{Role: register.System, ID: "audit"}
					_, _, err := h.fresh().Narrow(ctx, h.journal, program, 1, 1, agreement.Silence, "audit-1")
					h.must(err)
				}
				h.must(h.audits.Measures(ctx))
				if c := h.find(1); c.Measure != audit.Claimed {
					t.Errorf("taken over at once: %+v", c)
				}
				h.later(3 * time.Minute)
				for range 2 {
					h.must(h.audits.Measures(ctx))
				}
				if c := h.find(1); c.Measure != audit.Done || c.Narrowed != 2 {
					t.Errorf("%+v", c)
				}
				if a, _ := h.fresh().ByID(1); a.Version != 2 || fmt.Sprint(h.inForce()) != "map[2:[verify]]" {
					t.Errorf("version %d, %v", a.Version, h.inForce())
				}
			})
		})
	}
}
