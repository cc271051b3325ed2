package agreement

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

var (
	bankOfficer = journal.Actor{Role: "officer", Agency: bank, ID: "b.one"}
	wrongHead   = journal.Actor{Role: head, Agency: bank, ID: "b.deputy"}
)

// written is a form as an agency writes it.
func written() Form {
	return Form{
		Service: "10031094100", From: persian.Date{Year: 1405, Month: 2, Day: 10}, Until: persian.Date{Year: 1405, Month: 12, Day: 29},
		Clauses: []Clause{{
			No: 1, Service: "identity", Modes: []string{"verify"}, SearchKeys: []string{"national_number+birth_date"}, Fields: []string{"given_name", "surname"},
			Purposes: []string{"kyc"}, DailyQuota: 100, Statement: "شناخت مشتری هنگام گشایش حساب <بند ۱>", Risk: "خوانده شدن نام کسی که مشتری نیست",
		}},
	}
}

type life struct {
	*testing.T
	b *Book
	j *journal.Journal
	c *clock
}

func (l *life) step(f func(context.Context, *journal.Journal, journal.Actor, *Word) (*Draft, journal.Proven, error), who journal.Actor, d *Draft) *Draft {
	l.Helper()
	next, p, err := f(ctx, l.j, who, &Word{d.ID, d.Digest})
	if err != nil {
		l.Fatal(err, fault.Of(err).More)
	}
	if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
		l.Errorf("the record is not canonical: %v: %s", err, p.Record)
	}
	l.c.t = l.c.t.Add(time.Minute)
	return next
}

// stays wants an act to fail with a fault and to leave the draft as it was.
func (l *life) stays(f func(context.Context, *journal.Journal, journal.Actor, *Word) (*Draft, journal.Proven, error), who journal.Actor, d *Draft, digest string, kind fault.Kind, key string) {
	l.Helper()
	size := l.j.State().Size
	_, _, err := f(ctx, l.j, who, &Word{d.ID, digest})
	wantFault(l, err, kind, key)
	found, err := l.b.Find(ctx, first, &Picking{Draft: d.ID})
	if err != nil {
		l.Fatal(err)
	}
	now := found.Draft
	if now.State != d.State || now.Digest != d.Digest || len(now.Steps) != len(d.Steps) || l.j.State().Size != size {
		l.Errorf("%s left %+v, was %+v", key, now, d)
	}
}

func born(t *testing.T, url string) *life {
	c := &clock{day(t, "1405-02-01")}
	b, j := open(t, url, c.now)
	b.Accountable = func(id ids.LegalID) (string, bool) { return map[ids.LegalID]string{bank: "b.head"}[id], true }
	return &life{t, b, j, c}
}

func (l *life) draft(who journal.Actor, in *Drafting) *Draft {
	l.Helper()
	d, _, err := l.b.Draft(ctx, l.j, who, in)
	if err != nil {
		l.Fatal(err)
	}
	return d
}

func TestLifeOfADraft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l := born(t, url)
		b := l.b
		d := l.draft(bankOfficer, &Drafting{Text: written()})
		if d.ID != 1 || d.State != Drafted || d.Agency != bank || len(d.Digest) != 64 || !strings.Contains(d.text, "<بند ۱>") {
			t.Fatalf("%+v", d)
		}
		parsed, err := ParseJSON([]byte(d.text)) // the text is the operator's file
		if err != nil || len(parsed.Clauses) != 1 || parsed.Clauses[0].Risk != written().Clauses[0].Risk {
			t.Error(parsed, err)
		}
		l.stays(b.Review, first, d, d.Digest, fault.Conflict, "agreement.draft.state")
		l.stays(b.Sign, bankHead, d, d.Digest, fault.Conflict, "agreement.draft.state")
		l.stays(b.Countersign, first, d, d.Digest, fault.Conflict, "agreement.draft.state")
		l.stays(b.Request, wrongHead, d, d.Digest, fault.Forbidden, "agreement.signer")
		l.stays(b.Request, bankOfficer, d, d.Digest, fault.Forbidden, "register.role")
		l.stays(b.Request, otherHead, d, d.Digest, fault.NotFound, "agreement.draft.unknown")
		l.stays(b.Request, bankHead, d, strings.Repeat("0", 64), fault.Conflict, "agreement.digest")
		d = l.step(b.Request, bankHead, d)

		_, _, err = b.Return(ctx, l.j, first, &Returning{Word: Word{d.ID, d.Digest}})
		wantFault(t, err, fault.Invalid, "agreement.missing")
		d, _, err = b.Return(ctx, l.j, first, &Returning{Word{d.ID, d.Digest}, "سهمیه بیش از نیاز است"})
		if err != nil || d.State != Returned || d.Steps[2].Note != "سهمیه بیش از نیاز است" {
			t.Fatal(err, d)
		}
		before := d.Digest
		less := written()
		less.Clauses[0].DailyQuota = 50
		_, _, err = b.Draft(ctx, l.j, bankOfficer, &Drafting{Draft: d.ID, Digest: strings.Repeat("1", 64), Text: less})
		wantFault(t, err, fault.Conflict, "agreement.digest")
		d = l.draft(bankOfficer, &Drafting{Draft: d.ID, Digest: d.Digest, Text: less})
		if d.Digest == before || d.State != Drafted {
			t.Errorf("%+v", d)
		}
		d = l.step(b.Request, bankHead, d)
		l.stays(b.Review, first, d, before, fault.Conflict, "agreement.digest")
		d = l.step(b.Review, first, d)
		_, _, err = b.Draft(ctx, l.j, bankOfficer, &Drafting{Draft: d.ID, Digest: d.Digest, Text: written()})
		wantFault(t, err, fault.Conflict, "agreement.draft.state") // the reviewed text is fixed
		l.stays(b.Sign, wrongHead, d, d.Digest, fault.Forbidden, "agreement.signer")
		l.stays(b.Sign, bankHead, d, before, fault.Conflict, "agreement.digest")
		l.stays(b.Countersign, second, d, d.Digest, fault.Conflict, "agreement.draft.state")
		d = l.step(b.Sign, bankHead, d)
		l.stays(b.Countersign, first, d, d.Digest, fault.Forbidden, "agreement.signer.second")
		if force(b, day(t, "1405-03-01")) != "none" {
			t.Error("in force before it was countersigned")
		}
		d = l.step(b.Countersign, second, d)
		v, ok := b.Version(1, 1)
		if !ok || d.Agreement != 1 || d.Version != 1 || v.Draft != d.ID || v.Why != "signed" || !v.From.Equal(day(t, "1405-02-10")) || v.Clauses[0].DailyQuota != 50 {
			t.Errorf("%+v of %+v", v, d)
		}
		l.stays(b.Countersign, second, d, d.Digest, fault.Conflict, "agreement.draft.state")
		if n := len(d.Steps); n != 8 || d.Steps[7].Officer != "s2" {
			t.Errorf("%d steps: %+v", n, d.Steps)
		}
		found, err := b.Find(ctx, bankOfficer, &Picking{Draft: d.ID})
		if err != nil {
			t.Fatal(err)
		}
		if f := found.Draft; f.Digest != d.Digest || f.Form.Clauses[0].DailyQuota != 50 || !slices.Equal(f.Steps, d.Steps) {
			t.Errorf("%+v, want %+v", f, d)
		}
	})
}

func TestAmendment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l := born(t, url)
		b := l.b
		live := func(d *Draft) *Draft {
			t.Helper()
			return l.step(b.Countersign, second, l.step(b.Sign, bankHead, l.step(b.Review, first, l.step(b.Request, bankHead, d))))
		}
		live(l.draft(bankHead, &Drafting{Text: written()}))
		l.c.t = day(t, "1405-04-01")

		// A second one for the same days is refused when it is requested.
		twice := l.draft(bankHead, &Drafting{Text: written()})
		l.stays(b.Request, bankHead, twice, twice.Digest, fault.Conflict, "agreement.overlap")

		amended, _, err := b.Amend(ctx, l.j, bankOfficer, 1)
		if err != nil || amended.Agreement != 1 || amended.Version != 1 || amended.Form.From.String() != "1405-04-01" {
			t.Fatal(amended, err)
		}
		rival, _, err := b.Amend(ctx, l.j, bankOfficer, 1)
		if err != nil {
			t.Fatal(err)
		}
		more := *amended.Form
		more.Clauses[0].Fields = []string{"given_name", "surname", "father_name"}
		amended = l.draft(bankOfficer, &Drafting{Draft: amended.ID, Digest: amended.Digest, Text: more})
		if amended = live(amended); amended.Version != 2 || force(b, l.c.t) != "1.2" {
			t.Errorf("%+v, %s", amended, force(b, l.c.t))
		}
		if v, _ := b.Version(1, 2); v.Why != "amended" || v.Draft != amended.ID {
			t.Errorf("%+v", v)
		}
		l.stays(b.Request, bankHead, rival, rival.Digest, fault.Conflict, "agreement.version") // made of what is no more

		// What was signed, and narrowed before the countersignature, is not given back by it.
		d, _, err := b.Amend(ctx, l.j, bankHead, 1)
		if err != nil {
			t.Fatal(err)
		}
		d = l.step(b.Sign, bankHead, l.step(b.Review, first, l.step(b.Request, bankHead, d)))
		if _, _, err := b.Narrow(ctx, l.j, machine, 1, 1, Misuse, "audit-1"); err != nil {
			t.Fatal(err)
		}
		l.stays(b.Countersign, second, d, d.Digest, fault.Conflict, "agreement.version")

		l.ends(d)
		l.lists()
	})
}

// ends: who suspends, resumes and ends, and what is no more possible then.
func (l *life) ends(d *Draft) {
	t, b := l.T, l.b
	order := &Order{1, register.Grounds{Reason: "agency-request", Document: "نامه ۳"}}
	_, _, err := b.Turn(ctx, l.j, bankHead, Suspended, order)
	wantFault(t, err, fault.Forbidden, "register.role")
	_, _, err = b.Turn(ctx, l.j, wrongHead, Ended, order)
	wantFault(t, err, fault.Forbidden, "agreement.signer")
	_, _, err = b.Turn(ctx, l.j, otherHead, Ended, order)
	wantFault(t, err, fault.NotFound, "agreement.unknown")
	if a, _, err := b.Turn(ctx, l.j, first, InForce, order); err != nil || a.State != InForce || a.Why != "agency-request" {
		t.Error(a, err) // the audit had suspended it: its last clause
	}
	a, p, err := b.Turn(ctx, l.j, bankHead, Ended, order)
	if err != nil || a.State != Ended || !strings.Contains(string(p.Record), `"document":"نامه ۳"`) {
		t.Fatal(err, a)
	}
	_, _, err = b.Amend(ctx, l.j, bankHead, 1)
	wantFault(t, err, fault.Conflict, "agreement.ended")
	l.stays(b.Countersign, second, d, d.Digest, fault.Conflict, "agreement.ended")
	_, _, err = b.Turn(ctx, l.j, first, Suspended, order)
	wantFault(t, err, fault.Conflict, "agreement.ended")
}

// lists: everyone sees his own.
func (l *life) lists() {
	t, b := l.T, l.b
	drafts := func(who journal.Actor, f Filter) (n int) {
		all, drafts, err := b.List(ctx, who, &f)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)*100 + len(drafts)
	}
	for i, got := range []int{drafts(first, Filter{Drafts: true}), drafts(bankOfficer, Filter{Drafts: true, After: 2}), drafts(otherHead, Filter{Drafts: true}), drafts(otherHead, Filter{Agency: bank}), drafts(bankHead, Filter{}), drafts(first, Filter{Agency: other})} {
		if want := []int{5, 3, 0, 0, 100, 0}[i]; got != want {
			t.Errorf("list %d: %d, want %d", i, got, want)
		}
	}
	for _, who := range []journal.Actor{first, bankHead, otherHead} {
		waiting, err := b.Waiting(ctx, who)
		if err != nil || waiting[Effective] != 0 {
			t.Fatal(waiting, err)
		}
		sum := int64(0)
		for state, n := range waiting {
			if got := drafts(who, Filter{Drafts: true, State: state}); int64(got) != n {
				t.Errorf("%d in state %s, counted %d", got, state, n)
			}
			sum += n
		}
		if got := drafts(who, Filter{Drafts: true, Open: true}); int64(got) != sum || who == first && sum == 0 {
			t.Errorf("%d open, counted %d", got, sum)
		}
	}
	var paged []int64
	for f := (Filter{Drafts: true, Newest: true, Limit: 2}); ; f.After = paged[len(paged)-1] {
		_, some, err := b.List(ctx, first, &f)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range some {
			paged = append(paged, d.ID)
		}
		if len(some) < 2 {
			break
		}
	}
	if !slices.Equal(paged, []int64{5, 4, 3, 2, 1}) {
		t.Errorf("the newest first: %v", paged)
	}
	if n := drafts(bankHead, Filter{Newest: true, After: 1}) + drafts(bankHead, Filter{Newest: true, After: 2}); n != 100 {
		t.Errorf("agreements before the first and the second: %d", n)
	}
	if v, err := b.Versions(ctx, bankOfficer, 1); err != nil || len(v) != 5 {
		t.Error(len(v), err)
	}
	_, err := b.Versions(ctx, otherHead, 1)
	wantFault(t, err, fault.NotFound, "agreement.unknown")
}

// TestBadDrafts: what cannot be signed is refused with all its mistakes.
func TestBadDrafts(t *testing.T) {
	l := born(t, storetest.SQLite(t))
	for _, c := range []struct {
		change func(*Form)
		want   string
	}{
		{func(f *Form) { f.Agency = other }, "text.agency agreement.agency"},
		{func(f *Form) { f.From.Day, f.Service = 0, "x y" }, "text.from agreement.day; text.service agreement.token"},
		{func(f *Form) { f.Until = f.From.AddDays(-1) }, "text.until agreement.order"},
		{func(f *Form) { f.Clauses = nil }, "text.clauses agreement.clauses"},
		{func(f *Form) { f.Clauses[0].Risk = strings.Repeat("x", 4001) }, "text.clauses.0.risk agreement.words.long"},
	} {
		in := &Drafting{Text: written()}
		c.change(&in.Text)
		if _, _, err := l.b.Draft(ctx, l.j, bankHead, in); all(t, err) != c.want {
			t.Errorf("%s, want %s", all(t, err), c.want)
		}
	}
	_, _, err := l.b.Draft(ctx, l.j, first, &Drafting{Text: written()})
	wantFault(t, err, fault.Forbidden, "register.role")
	silent := written()
	silent.Clauses[0].Statement = ""
	d := l.draft(bankHead, &Drafting{Text: silent})
	_, _, err = l.b.Request(ctx, l.j, bankHead, &Word{d.ID, d.Digest})
	if got := all(t, err); got != "text.clauses.0.statement agreement.missing" {
		t.Error(got)
	}
	over := written()
	over.From, over.Until = over.From.AddDays(-300), over.From.AddDays(-100)
	d = l.draft(bankHead, &Drafting{Text: over})
	l.stays(l.b.Request, bankHead, d, d.Digest, fault.Invalid, "agreement.over")
}
