package delivery_test

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

const twins = 30

// reviewing is a delivered file of which clerks have work: rows without number
// and given name, each of which may be either of two twins.
type reviewing struct {
	*desk
	d         *delivery.Delivery
	colleague journal.Actor
	second    journal.Actor                // another supervisor
	meant     map[int64]ids.NationalNumber // by row number: of whom the row is
}

func newReviewing(t *testing.T, url string) *reviewing {
	t.Helper()
	k := &reviewing{desk: open(t, url), meant: map[int64]ids.NationalNumber{}}
	k.colleague = journal.Actor{Role: register.Clerk, Agency: legal(3), ID: "c2"}
	k.second = journal.Actor{Role: register.Supervisor, Agency: legal(3), ID: "s2"}
	k.recipient()
	rows := k.twins()
	in := k.request()
	in.Method, in.Fields = delivery.Terminal, append(in.Fields, "birth_date")
	k.d = k.run(k.approved(in, k.csv(first(300), rows...)).ID)
	for i := range 300 {
		k.meant[int64(i+2)] = k.people[i].Number // below the header
	}
	return k
}

// twins registers twins of some people, and gives rows that may mean either.
func (k *reviewing) twins() (rows [][]string) {
	k.Helper()
	for i := range twins {
		p := k.people[500+i]
		twin := p
		twin.Number, twin.Version, twin.Given = number(2000+i), 0, k.people[(500+i+1)%13].Given
		if twin.Given == p.Given {
			twin.Given = k.people[(500+i+2)%13].Given
		}
		twin.Shenasnameh.Number = ids.ShenasnamehNumber(5000 + i)
		k.put(&twin)
		rows = append(rows, []string{"", "", p.Surname.Display, p.Father.Display, p.Born.String(), ""})
		k.meant[int64(302+i)] = p.Number
	}
	return rows
}

// put writes a person's record, as an act of the registry.
func (k *reviewing) put(p *person.Person) {
	k.Helper()
	a := register.Act{Kind: receipt.PersonChange, Actor: k.supervisor, Why: "test", Subject: p.Number}
	_, err := register.Do(ctx, k.db, k.journal, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		return []byte(`"done":true`), person.Put(tx, c, p)
	})
	k.must(err)
}

func (k *reviewing) next(who journal.Actor) *delivery.Review {
	k.Helper()
	r, p, err := k.book.NextReview(ctx, k.journal, who, &delivery.NextReview{Delivery: k.d.ID})
	k.must(err)
	if p.Code == "" || r.Taker != who.ID {
		k.Fatalf("%+v", r)
	}
	return r
}

// decision names the candidate whom the row means.
func (k *reviewing) decision(r *delivery.Review, of ids.NationalNumber) *delivery.ReviewDecision {
	in := &delivery.ReviewDecision{Review: r.ID, Finding: delivery.FoundNone, Reason: "twin"}
	for _, c := range r.Candidates {
		if c.Number == of {
			in.Finding, in.Candidate = delivery.FoundCandidate, c.No
		}
	}
	return in
}

func (k *reviewing) decide(who journal.Actor, in *delivery.ReviewDecision) *delivery.Review {
	k.Helper()
	r, _, err := k.book.DecideReview(ctx, k.journal, who, in)
	k.must(err)
	return r
}

// all decides right whatever the actor may, and tells of how many cases.
func (k *reviewing) all(who journal.Actor) (n int) {
	k.Helper()
	for ; ; n++ {
		r, _, err := k.book.NextReview(ctx, k.journal, who, &delivery.NextReview{})
		if err != nil {
			k.refused(err, fault.NotFound, "delivery.review.none")
			return n
		}
		k.decide(who, k.decision(r, k.meant[r.Line]))
	}
}

func (k *reviewing) list(state delivery.ReviewState) []*delivery.Review {
	k.Helper()
	all, err := k.book.Reviews(ctx, k.clerk, &delivery.ReviewFilter{Delivery: k.d.ID, State: state})
	k.must(err)
	return all
}

// TestReview is the life of cases: taken by one at a time, decided by one or by
// two who do not know of each other, settled by a supervisor, undone, answered.
func TestReview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		k := newReviewing(t, url)
		open := k.list(delivery.ReviewOpen)
		ambiguous := 0
		for _, r := range open {
			if r.Row != nil || r.Candidates != nil || r.Sample || r.Why != nil || r.Taker != "" {
				t.Errorf("a list shows %+v", r)
			}
			if r.Line >= 302 {
				ambiguous++
				if !r.Two {
					t.Error("one may decide between twins")
				}
			}
		}
		if ambiguous != twins || len(open)-ambiguous < 12 || len(open)-ambiguous > 60 {
			t.Fatalf("%d cases, %d of twins", len(open), ambiguous)
		}
		k.take()
		twin := k.disagree()
		k.undo(twin)
		for _, who := range []journal.Actor{k.clerk, k.colleague, k.supervisor} {
			k.all(who)
		}
		if n := len(k.list(delivery.ReviewDecided)); n != len(open) {
			t.Errorf("%d of %d cases are decided", n, len(open))
		}
		k.supplement()
		k.productivity()
		k.recalibrate()
	})
}

// take: a case is one clerk's at a time, for a while.
func (k *reviewing) take() {
	k.Helper()
	size := k.journal.State().Size
	mine := k.next(k.clerk)
	if read := k.journal.State().Size - size; read != int64(1+len(mine.Candidates)) {
		k.Errorf("%d entries for a case of %d candidates", read, len(mine.Candidates))
	}
	if len(mine.Row) != len(linkage.Persian().Columns) || len(mine.Candidates) == 0 || mine.Steps != nil || mine.Why != nil || mine.Sample {
		k.Errorf("%+v", mine)
	}
	for _, c := range mine.Candidates {
		if len(c.Columns) != len(mine.Row) || c.Columns[0].Value != c.Number.String() || c.State != "active" || c.Changed {
			k.Errorf("%+v", c)
		}
	}
	other := k.next(k.colleague)
	if again := k.next(k.clerk); again.ID != mine.ID || other.ID == mine.ID {
		k.Errorf("cases %d, %d, %d", mine.ID, again.ID, other.ID)
	}
	_, _, err := k.book.DecideReview(ctx, k.journal, k.clerk, k.decision(other, 0))
	k.refused(err, fault.Forbidden, "delivery.review.taker")
	_, _, err = k.book.FindReview(ctx, k.journal, k.clerk, &delivery.OfReview{Review: other.ID})
	k.refused(err, fault.Forbidden, "delivery.review.taker")
	_, _, err = k.book.NextReview(ctx, k.journal, k.officer, &delivery.NextReview{})
	k.refused(err, fault.Forbidden, "register.role")
	_, _, err = k.book.DecideReview(ctx, k.journal, k.clerk, &delivery.ReviewDecision{Review: mine.ID, Finding: delivery.FoundNone, Candidate: 1, Reason: "X"})
	k.refused(err, fault.Invalid, "delivery.review.candidate", "register.reason")
	_, _, err = k.book.DecideReview(ctx, k.journal, k.clerk, &delivery.ReviewDecision{Review: mine.ID, Finding: delivery.FoundCandidate, Candidate: 4, Reason: "x"})
	k.refused(err, fault.Invalid, "delivery.review.candidate")
	_, _, err = k.book.FindReview(ctx, k.journal, k.clerk, &delivery.OfReview{Review: 999})
	k.refused(err, fault.NotFound, "delivery.review.unknown")
	_, _, err = k.book.ReleaseReview(ctx, k.journal, k.colleague, &delivery.OfReview{Review: other.ID})
	k.must(err)
	k.ahead.Add(int64(k.book.Lease))
	if freed := k.next(k.colleague); freed.ID != mine.ID {
		k.Errorf("case %d, want %d whose lease is over", freed.ID, mine.ID)
	}
	_, _, err = k.book.ReleaseReview(ctx, k.journal, k.supervisor, &delivery.OfReview{Review: mine.ID})
	k.must(err)
}

// disagree: two clerks decide otherwise about twins, and a supervisor settles
// it.
func (k *reviewing) disagree() *delivery.Review {
	k.Helper()
	k.all(k.clerk)
	if n := len(k.list(delivery.ReviewSecond)); n < twins {
		k.Errorf("%d cases wait for a second clerk", n)
	}
	r := k.next(k.colleague)
	for r.Line < 302 {
		k.decide(k.colleague, k.decision(r, k.meant[r.Line]))
		r = k.next(k.colleague)
	}
	if r.State != delivery.ReviewSecond || r.Steps != nil {
		k.Errorf("the second clerk sees %+v", r)
	}
	in := k.decision(r, k.meant[r.Line])
	in.Candidate = 3 - in.Candidate
	if now := k.decide(k.colleague, in); now.State != delivery.ReviewDisputed || now.Finding != 0 {
		k.Errorf("two disagree: %+v", now)
	}
	judge := k.next(k.supervisor)
	if judge.ID != r.ID || len(judge.Steps) != 2 {
		k.Fatalf("the supervisor gets %+v", judge)
	}
	r = k.decide(k.supervisor, k.decision(judge, k.meant[r.Line]))
	if r.State != delivery.ReviewDecided || r.Finding != delivery.FoundCandidate || !slices.Contains(r.Why, "alike") {
		k.Errorf("settled: %+v", r)
	}
	return r
}

// undo: a decision is taken back by an act of its own, for a time.
func (k *reviewing) undo(r *delivery.Review) {
	k.Helper()
	in := &delivery.ReviewUndo{Review: r.ID, Reason: "slip"}
	_, _, err := k.book.UndoReview(ctx, k.journal, journal.Actor{Role: register.Clerk, Agency: legal(3), ID: "c9"}, in)
	k.refused(err, fault.Forbidden, "delivery.review.taker")
	k.ahead.Add(int64(k.book.Undo + time.Minute))
	_, _, err = k.book.UndoReview(ctx, k.journal, k.colleague, in)
	k.refused(err, fault.Conflict, "delivery.review.late")
	k.ahead.Add(-int64(k.book.Undo + time.Minute))
	now, _, err := k.book.UndoReview(ctx, k.journal, k.colleague, in)
	k.must(err)
	if now.State != delivery.ReviewOpen || now.Finding != 0 || !now.Decided.IsZero() {
		k.Errorf("undone: %+v", now)
	}
	_, _, err = k.book.UndoReview(ctx, k.journal, k.colleague, in)
	k.refused(err, fault.Conflict, "delivery.review.undecided")
	seen, _, err := k.book.FindReview(ctx, k.journal, k.supervisor, &delivery.OfReview{Review: r.ID})
	k.must(err)
	if seen.Steps != nil {
		k.Error("steps of an open case are shown")
	}
}

// supplement: decided rows are answered again, once, with new codes.
func (k *reviewing) supplement() {
	k.Helper()
	_, _, err := k.book.Supplement(ctx, k.journal, k.clerk, &delivery.Of{Delivery: k.d.ID})
	k.refused(err, fault.Forbidden, "register.role")
	done, _, err := k.book.Supplement(ctx, k.journal, k.supervisor, &delivery.Of{Delivery: k.d.ID})
	k.must(err)
	if done.Answered != twins || done.Answered+done.Same != int64(len(k.list(0))) {
		k.Errorf("%+v", done)
	}
	_, _, err = k.book.Supplement(ctx, k.journal, k.supervisor, &delivery.Of{Delivery: k.d.ID})
	k.refused(err, fault.Conflict, "delivery.review.nothing")
	out, err := k.book.SupplementRows(ctx, k.officer, &delivery.SupplementPage{Delivery: k.d.ID, Limit: 1000})
	k.must(err)
	if len(out.Rows) != twins || out.Next != 0 {
		k.Fatalf("%d rows", len(out.Rows))
	}
	for _, a := range out.Rows {
		if a.Status != linkage.Corrected || a.Values["national_number"] == nil || *a.Values["national_number"] != k.meant[a.Row].String() {
			k.Errorf("%+v", a)
		}
		p, found, err := k.journal.ByCode(ctx, ids.TrackingCode(a.Code))
		if err != nil || !found || p.Subject != k.meant[a.Row] || !bytes.Contains(p.Record, []byte(`,"replaces":"`)) {
			k.Errorf("%v %s", err, p.Record)
		}
	}
	page, err := k.book.Result(ctx, k.officer, &delivery.Page{Delivery: k.d.ID, After: 300, Limit: 20})
	k.must(err)
	if page.Rows[0].Status != linkage.Corrected {
		k.Errorf("the result still says %v", page.Rows[0].Status)
	}
	r := k.list(delivery.ReviewDecided)[0]
	_, _, err = k.book.UndoReview(ctx, k.journal, k.supervisor, &delivery.ReviewUndo{Review: r.ID, Reason: "slip"})
	k.refused(err, fault.Conflict, "delivery.review.answered")
	_, err = k.book.SupplementRows(ctx, k.other, &delivery.SupplementPage{Delivery: k.d.ID})
	k.refused(err, fault.NotFound, "delivery.unknown")
}

// productivity: a supervisor sees all, a clerk himself; only what two decided is
// compared.
func (k *reviewing) productivity() {
	k.Helper()
	all, err := k.book.Productivity(ctx, k.supervisor, &delivery.Period{})
	k.must(err)
	of := map[string]delivery.ClerkRecord{}
	for _, c := range all.Clerks {
		of[c.Officer] = c
	}
	if c := of["c2"]; c.Undone != 1 || c.Compared == 0 || c.Agreed >= c.Compared || c.Decided < twins {
		k.Errorf("%+v", c)
	}
	if c := of["s1"]; c.Decided == 0 || c.Compared < 2 {
		k.Errorf("%+v", c)
	}
	own, err := k.book.Productivity(ctx, k.clerk, &delivery.Period{})
	k.must(err)
	if len(own.Clerks) != 1 || own.Clerks[0].Officer != "c1" {
		k.Errorf("%+v", own)
	}
}

// recalibrate: what was decided counts for the next file.
func (k *reviewing) recalibrate() {
	k.Helper()
	_, _, err := k.book.Recalibrate(ctx, k.journal, k.clerk)
	k.refused(err, fault.Forbidden, "register.role")
	c, _, err := k.book.Recalibrate(ctx, k.journal, k.supervisor)
	if len(k.list(0)) < 50 {
		k.refused(err, fault.Conflict, "delivery.review.few")
		return
	}
	k.must(err)
	if c.ID != 1 || c.Points < 50 || c.Measures.Brier <= 0 || c.Measures.BrierAfter > c.Measures.Brier+.02 {
		k.Errorf("%+v", c)
	}
	in := k.request()
	in.Method = delivery.Terminal
	k.ahead.Store(0) // the queue of jobs has its own clock
	k.d = k.run(k.approved(in, k.csv(first(40))).ID)
	if text := k.report(k.clerk, "en", "html"); !strings.Contains(text, "curve 1") || !strings.Contains(text, "Brier") {
		k.Error("the report does not say which curve was used")
	}
}

func (k *reviewing) report(who journal.Actor, lang message.Lang, format string) string {
	k.Helper()
	var b bytes.Buffer
	k.must(k.book.WriteReport(ctx, who, &delivery.ReportOf{Delivery: k.d.ID, Lang: lang, Format: format}, &b))
	return b.String()
}

// TestReport: in both languages and formats, with the file's numbers, and
// without anything of anybody.
func TestReport(t *testing.T) {
	k := newReviewing(t, storetest.SQLite(t))
	number := regexp.MustCompile(`\b\d{10}\b`)
	for _, lang := range []message.Lang{message.Fa, message.En} {
		text := k.report(k.head, lang, "html")
		_, text, _ = strings.Cut(text, "</style>") // the fonts are digits too
		for _, key := range []string{"delivery.report.fact.false", "delivery.report.weights.chart", "delivery.report.calibration.none", "delivery.report.status.ambiguous"} {
			if want := message.Text(lang, key); !strings.Contains(text, want) {
				t.Errorf("%s: no %q", lang, want)
			}
		}
		if found := number.FindString(text); found != "" || strings.Contains(text, k.people[500].Surname.Display) || strings.Contains(text, "[delivery.") {
			t.Errorf("%s: the report names somebody, or a text is missing: %q", lang, found)
		}
		if !strings.Contains(text, k.d.SHA256) || strings.Count(text, "<svg ") < 2 || strings.Count(k.report(k.clerk, lang, "html"), "<svg ") < 3 {
			t.Errorf("%s: the report lacks the file or figures", lang)
		}
		if pdf := k.report(k.officer, lang, "pdf"); !strings.HasPrefix(pdf, "%PDF-1.7") || len(pdf) < 10_000 {
			t.Errorf("%s: no PDF", lang)
		}
	}
	var b bytes.Buffer
	k.refused(k.book.WriteReport(ctx, k.other, &delivery.ReportOf{Delivery: k.d.ID}, &b), fault.NotFound, "delivery.unknown")
	k.refused(k.book.WriteReport(ctx, k.head, &delivery.ReportOf{Delivery: k.d.ID, Format: "doc"}, &b), fault.Invalid, "delivery.report.word")
	d, _, err := k.book.Request(ctx, k.journal, k.head, k.request())
	k.must(err)
	k.refused(k.book.WriteReport(ctx, k.head, &delivery.ReportOf{Delivery: d.ID}, &b), fault.Conflict, "delivery.report.none")
	if b.Len() > 0 {
		t.Error("a refused report has begun")
	}
}

// TestReviewHidden: who has become protected is no candidate any more, and of a
// delivery that is forgotten nothing can be read.
func TestReviewHidden(t *testing.T) {
	k := newReviewing(t, storetest.SQLite(t))
	r := k.next(k.clerk)
	for r.Line < 302 {
		k.decide(k.clerk, k.decision(r, k.meant[r.Line]))
		r = k.next(k.clerk)
	}
	in := k.decision(r, k.meant[r.Line])
	p, _, err := k.persons.ByNumber(ctx, k.meant[r.Line])
	k.must(err)
	p.State = person.Protected
	k.put(p)
	seen, _, err := k.book.FindReview(ctx, k.journal, k.clerk, &delivery.OfReview{Review: r.ID})
	k.must(err)
	if len(seen.Candidates) != len(r.Candidates)-1 || slices.ContainsFunc(seen.Candidates, func(c delivery.ReviewCandidate) bool { return c.No == in.Candidate }) {
		t.Errorf("a protected person is shown: %+v", seen.Candidates)
	}
	_, _, err = k.book.DecideReview(ctx, k.journal, k.clerk, in)
	k.refused(err, fault.Invalid, "delivery.review.candidate")
	k.ahead.Add(int64(4 * k.book.Keep))
	k.must(k.book.Forget(ctx))
	_, _, err = k.book.FindReview(ctx, k.journal, k.supervisor, &delivery.OfReview{Review: r.ID})
	k.refused(err, fault.Conflict, "delivery.review.forgotten")
	_, _, err = k.book.NextReview(ctx, k.journal, k.clerk, &delivery.NextReview{})
	k.refused(err, fault.NotFound, "delivery.review.none")
}

// TestReviewDenied: a clerk who denies an automatic link is not enough; when a
// second says so too, the agency is told that the row is of nobody.
func TestReviewDenied(t *testing.T) {
	k := newReviewing(t, storetest.SQLite(t))
	r := k.next(k.clerk)
	for r.Line >= 302 || r.Two {
		k.decide(k.clerk, k.decision(r, k.meant[r.Line]))
		r = k.next(k.clerk)
	}
	in := &delivery.ReviewDecision{Review: r.ID, Finding: delivery.FoundNone, Reason: "different-person", Note: "نام پدر"}
	if now := k.decide(k.clerk, in); now.State != delivery.ReviewSecond {
		t.Fatalf("one clerk denied a link: %+v", now)
	}
	for now := k.next(k.colleague); now.ID != r.ID; now = k.next(k.colleague) {
		k.decide(k.colleague, k.decision(now, k.meant[now.Line]))
	}
	now := k.decide(k.colleague, in)
	if now.State != delivery.ReviewDecided || !now.Sample || !slices.Contains(now.Why, "contradicts_answer") {
		t.Errorf("%+v", now)
	}
	_, _, err := k.book.Supplement(ctx, k.journal, k.second, &delivery.Of{Delivery: k.d.ID})
	k.must(err)
	rows, err := k.book.RowsFrom(ctx, k.d.ID, r.Line-2, 1)
	k.must(err)
	if rows[0].Status != linkage.NotFound || rows[0].Subject != 0 {
		t.Errorf("%+v", rows[0])
	}
	if text := k.report(k.head, "en", "html"); !strings.Contains(text, "1 were wrong") {
		t.Error("the report does not tell of the wrong link in row", strconv.FormatInt(r.Line, 10))
	}
}
