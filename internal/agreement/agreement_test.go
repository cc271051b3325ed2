package agreement

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	clerk = journal.Actor{Role: register.Operator, ID: "tester"}
	ctx   = context.Background()
)

const bank, other = ids.LegalID(14003552272), ids.LegalID(10720172838)

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func day(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := persian.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d.Start().UTC()
}

func open(t testing.TB, url string, now func() time.Time) (*Book, *journal.Journal) {
	t.Helper()
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return book(t, url, now), j
}

func book(t testing.TB, url string, now func() time.Time) *Book {
	t.Helper()
	db, err := store.Open(ctx, url, store.Register)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b, err := Open(ctx, db, now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sample(t testing.TB) Agreement {
	return Agreement{
		Agency: bank, From: day(t, "1405-01-01"), Until: day(t, "1406-01-01"), Service: "10031094100",
		Clauses: []Clause{
			{
				No: 1, Service: "identity", Modes: []string{"verify"}, SearchKeys: []string{"national_number+birth_date"},
				Fields: []string{"given_name", "surname"}, Processes: []string{"account-opening"}, Purposes: []string{"kyc"}, DailyQuota: 10,
			},
			{
				No: 2, Service: "identity", Modes: []string{"verify", "disclose"}, SearchKeys: []string{"national_number+birth_date", "national_number+shenasnameh_number"},
				Fields: []string{"given_name", "surname", "father_name"}, Processes: []string{"loan"},
				DailyQuota: 6, Hours: "07:00-19:00", Days: []string{"sat", "sun"}, Signature: true, CourtDays: 90, AuditDays: 5,
				Silence: HalveQuota, Misuse: VerifyOnly, Statement: "برای پرداخت وام", Risk: "نام پدر بی‌نیاز خوانده شود",
			},
			{No: 7, Service: "place", Modes: []string{"disclose"}, SearchKeys: []string{"postal_code"}, Fields: []string{"province", "street"}},
		},
	}
}

func TestPermit(t *testing.T) {
	a := sample(t)
	ask := func(change func(*Asked)) Asked {
		q := Asked{"identity", "verify", "national_number+birth_date", []string{"surname"}, "account-opening", "kyc"}
		change(&q)
		return q
	}
	for _, c := range []struct {
		ask    Asked
		clause int
		want   Refusal
	}{
		{ask(func(*Asked) {}), 1, Refusal{}},
		{ask(func(q *Asked) { q.Fields = nil }), 1, Refusal{}},
		{ask(func(q *Asked) { q.Process, q.Purpose = "loan", "any" }), 2, Refusal{}},
		{ask(func(q *Asked) { q.Process, q.Mode = "loan", "disclose" }), 2, Refusal{}},
		{Asked{"place", "disclose", "postal_code", []string{"street"}, "", ""}, 7, Refusal{}},
		{ask(func(q *Asked) { q.Service = "card" }), 0, Refusal{0, "agreement.service", ""}},
		{Asked{"place", "verify", "postal_code", []string{"street"}, "", ""}, 0, Refusal{7, "agreement.mode", ""}},
		{Asked{"place", "disclose", "national_number+birth_date", []string{"street"}, "", ""}, 0, Refusal{7, "agreement.key", ""}},
		{Asked{"place", "disclose", "postal_code", []string{"street", "floor"}, "", ""}, 0, Refusal{7, "agreement.field", "floor"}},
		{ask(func(q *Asked) { q.Process = "other" }), 0, Refusal{1, "agreement.process", ""}},
		{ask(func(q *Asked) { q.Purpose = "other" }), 0, Refusal{1, "agreement.purpose", ""}},
		// The clause that comes closest is named: 2 has the key, 1 has not.
		{ask(func(q *Asked) { q.Key, q.Fields = "national_number+shenasnameh_number", []string{"sex"} }), 0, Refusal{2, "agreement.field", "sex"}},
		{ask(func(q *Asked) { q.Fields = []string{"surname", "father_name"} }), 0, Refusal{2, "agreement.process", ""}},
	} {
		clause, refusal := a.Permit(c.ask)
		switch {
		case c.clause > 0 && (clause == nil || clause.No != c.clause || refusal != nil):
			t.Errorf("%+v: clause %+v, refusal %+v; want clause %d", c.ask, clause, refusal, c.clause)
		case c.clause == 0 && (clause != nil || refusal == nil || *refusal != c.want):
			t.Errorf("%+v: clause %+v, refusal %+v; want %+v", c.ask, clause, refusal, c.want)
		}
	}
	for _, key := range append(reasons[:], "agreement.none", "agreement.officer", "agreement.guard", "agreement.quota") {
		if !message.Known(key) {
			t.Errorf("no text for %s", key)
		}
	}
	q := ask(func(*Asked) {})
	if n := testing.AllocsPerRun(100, func() { a.Permit(q) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestOpenAt(t *testing.T) {
	saturday := day(t, "1405-08-30").In(persian.Tehran)
	if saturday.Weekday() != time.Saturday {
		t.Fatal(saturday)
	}
	at := func(days, h, m int) time.Time {
		return saturday.AddDate(0, 0, days).Add(time.Duration(h*60+m) * time.Minute).UTC()
	}
	for _, c := range []struct {
		hours string
		days  string
		at    time.Time
		want  bool
	}{
		{"", "", at(0, 3, 0), true},
		{"07:00-19:00", "", at(0, 7, 0), true},
		{"07:00-19:00", "", at(0, 6, 59), false},
		{"07:00-19:00", "", at(0, 18, 59), true},
		{"07:00-19:00", "", at(0, 19, 0), false},
		{"00:00-24:00", "", at(0, 23, 59), true},
		{"", "sat sun", at(1, 23, 59), true},
		{"", "sat sun", at(2, 0, 0), false},
		{"00:00-03:30", "sun", at(1, 0, 0), true}, // Saturday in London
		{"07:00-19:00", "fri", at(0, 12, 0), false},
	} {
		cl := Clause{Hours: c.hours, Days: strings.Fields(c.days)}
		if got := cl.OpenAt(c.at); got != c.want {
			t.Errorf("%q %q at %v: %v", c.hours, c.days, c.at.In(persian.Tehran), got)
		}
		if n := testing.AllocsPerRun(100, func() { cl.OpenAt(c.at) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
	for _, bad := range []string{"7-19", "07:00-07:00", "19:00-07:00", "07:60-19:00", "07:00-24:01", "07:00/19:00", "-1:00-19:00", "07.00-19.00", "0700-19:00:"} {
		if _, _, ok := hours(bad); ok {
			t.Error(bad)
		}
	}
}

// TestPermitIsOneClause: permitted is exactly what one clause holds whole.
func TestPermitIsOneClause(t *testing.T) {
	a := sample(t)
	word := func(from ...string) *rapid.Generator[string] { return rapid.SampledFrom(from) }
	rapid.Check(t, func(t *rapid.T) {
		q := Asked{
			Service: word("identity", "place", "card").Draw(t, "service"), Mode: word("verify", "disclose").Draw(t, "mode"),
			Key:     word("national_number+birth_date", "national_number+shenasnameh_number", "postal_code").Draw(t, "key"),
			Fields:  rapid.SliceOfN(word("given_name", "surname", "father_name", "sex", "street"), 0, 3).Draw(t, "fields"),
			Process: word("account-opening", "loan", "").Draw(t, "process"), Purpose: word("kyc", "").Draw(t, "purpose"),
		}
		want := slices.ContainsFunc(a.Clauses, func(c Clause) bool {
			all := func(list []string, w string, any bool) bool { return any && len(list) == 0 || slices.Contains(list, w) }
			for _, f := range q.Fields {
				if !slices.Contains(c.Fields, f) {
					return false
				}
			}
			return c.Service == q.Service && all(c.Modes, q.Mode, false) && all(c.SearchKeys, q.Key, false) &&
				all(c.Processes, q.Process, true) && all(c.Purposes, q.Purpose, true)
		})
		clause, refusal := a.Permit(q)
		if (clause != nil) != want || (refusal != nil) == want {
			t.Fatalf("%+v: %v %v, want %v", q, clause, refusal, want)
		}
	})
}

func wantFault(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != kind || f.Key != key {
		t.Errorf("got %v, want %v %s", err, kind, key)
	}
	if !message.Known(key) {
		t.Errorf("no text for %s", key)
	}
}

func put(t testing.TB, b *Book, j *journal.Journal, a *Agreement) {
	t.Helper()
	p, err := b.Put(ctx, j, clerk, a)
	if err != nil {
		t.Fatal(err)
	}
	if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
		t.Errorf("the record is not canonical: %v: %s", err, p.Record)
	}
}

// force prints which version holds at a moment.
func force(b *Book, at time.Time) string {
	a, ok := b.InForce(bank, at)
	if !ok {
		return "none"
	}
	return fmt.Sprintf("%d.%d", a.ID, a.Version)
}

func TestVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{day(t, "1405-02-01")}
		b, j := open(t, url, c.now)
		a := sample(t)
		put(t, b, j, &a)
		got, ok := b.InForce(bank, c.t)
		if !ok || !reflect.DeepEqual(plain(*got), plain(a)) || a.ID != 1 || a.Version != 1 {
			t.Fatalf("got %+v\nwant %+v", got, a)
		}
		if force(b, a.From.Add(-1)) != "none" || force(b, a.From) != "1.1" || force(b, a.Until.Add(-1)) != "1.1" || force(b, a.Until) != "none" {
			t.Error("the bounds are wrong")
		}
		if _, ok := b.InForce(other, c.t); ok {
			t.Error("another agency's agreement")
		}
		stale := a
		a.From, a.Clauses = day(t, "1405-03-01"), a.Clauses[:1]
		put(t, b, j, &a) // amended from a later day on
		if force(b, c.t) != "1.1" || force(b, a.From) != "1.2" {
			t.Error(force(b, c.t), force(b, a.From))
		}
		_, err := b.Put(ctx, j, clerk, &stale)
		wantFault(t, err, fault.Conflict, "agreement.version")
		act := func(f func(context.Context, *journal.Journal, journal.Actor, int64, string) (journal.Proven, error)) {
			t.Helper()
			c.t = c.t.Add(time.Hour)
			if _, err := f(ctx, j, clerk, 1, "test"); err != nil {
				t.Fatal(err)
			}
		}
		c.t = day(t, "1405-04-01")
		act(b.Suspend)
		if force(b, c.t) != "none" || force(b, c.t.Add(-time.Minute)) != "1.2" {
			t.Error("suspended, and yet", force(b, c.t))
		}
		_, err = b.Suspend(ctx, j, clerk, 1, "again")
		wantFault(t, err, fault.Conflict, "agreement.version")
		act(b.Resume)
		if force(b, c.t) != "1.4" {
			t.Error("resumed, and yet", force(b, c.t))
		}
		if v, ok := b.Version(1, 4); !ok || len(v.Clauses) != 1 {
			t.Error("the clauses are lost", v)
		}
		act(b.End)
		if force(b, c.t) != "none" || force(b, c.t.Add(-time.Minute)) != "1.4" {
			t.Error("ended, and yet", force(b, c.t))
		}
		_, err = b.Resume(ctx, j, clerk, 1, "no")
		wantFault(t, err, fault.Conflict, "agreement.ended")
		_, err = b.End(ctx, j, clerk, 9, "no")
		wantFault(t, err, fault.NotFound, "agreement.unknown")
		if v, ok := b.Version(1, 1); !ok || v.Version != 1 || len(v.Clauses) != 3 {
			t.Error("an old version is lost")
		}
		fresh := book(t, url, c.now) // another process sees the same
		if v, ok := fresh.ByID(1); !ok || v.Version != 5 || v.State != Ended || len(fresh.All()) != 1 || len(fresh.Of(bank)) != 1 {
			t.Error(v)
		}
	})
}

// plain makes agreements comparable whatever the location of their times and
// whether a list is nil or empty.
func plain(a Agreement) Agreement {
	a.From, a.Until, a.Made = a.From.UTC(), a.Until.UTC(), a.Made.UTC()
	a.Clauses = slices.Clone(a.Clauses)
	for i := range a.Clauses {
		for _, l := range []*[]string{&a.Clauses[i].Processes, &a.Clauses[i].Purposes, &a.Clauses[i].Days} {
			*l = append([]string{}, *l...)
		}
	}
	return a
}

// TestSuspendedBeforeItBegins: what is suspended before its first day does not
// begin earlier by being resumed.
func TestSuspendedBeforeItBegins(t *testing.T) {
	c := &clock{day(t, "1404-12-01")}
	b, j := open(t, storetest.SQLite(t), c.now)
	a := sample(t)
	put(t, b, j, &a)
	for _, f := range []func(context.Context, *journal.Journal, journal.Actor, int64, string) (journal.Proven, error){b.Suspend, b.Resume} {
		if _, err := f(ctx, j, clerk, 1, "test"); err != nil {
			t.Fatal(err)
		}
	}
	if force(b, c.t) != "none" || force(b, a.From) != "1.3" {
		t.Error(force(b, c.t), force(b, a.From))
	}
}

// TestSuspendedBeforeItsAmendment: an amendment that is signed for later waits
// through a suspension and takes nothing of the time before it.
func TestSuspendedBeforeItsAmendment(t *testing.T) {
	c := &clock{day(t, "1405-02-01")}
	b, j := open(t, storetest.SQLite(t), c.now)
	a := sample(t)
	put(t, b, j, &a)
	later := day(t, "1405-06-01")
	a.From, a.Clauses = later, a.Clauses[:1]
	put(t, b, j, &a)
	if _, err := b.Suspend(ctx, j, clerk, 1, "test"); err != nil || force(b, c.t) != "none" || force(b, later) != "none" {
		t.Error(err, force(b, c.t), force(b, later))
	}
	if _, err := b.Resume(ctx, j, clerk, 1, "test"); err != nil || force(b, c.t) != "1.5" || force(b, later) != "1.6" {
		t.Error(err, force(b, c.t), force(b, later))
	}
	if now, _ := b.InForce(bank, c.t); len(now.Clauses) != 3 {
		t.Error(len(now.Clauses), "clauses")
	}
	if _, err := b.End(ctx, j, clerk, 1, "test"); err != nil || force(b, c.t) != "none" || force(b, later) != "none" {
		t.Error(err, force(b, c.t), force(b, later))
	}
}

func TestOverlap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{day(t, "1405-02-01")}
		b, j := open(t, url, c.now)
		first := sample(t)
		put(t, b, j, &first)
		span := func(from, until string) Agreement {
			a := sample(t)
			a.From, a.Until = day(t, from), day(t, until)
			return a
		}
		for _, s := range [][2]string{{"1404-01-01", "1405-01-02"}, {"1405-12-29", "1407-01-01"}, {"1405-05-01", "1405-06-01"}, {"1404-01-01", "1407-01-01"}} {
			a := span(s[0], s[1])
			_, err := b.Put(ctx, j, clerk, &a)
			wantFault(t, err, fault.Conflict, "agreement.overlap")
		}
		before, after := span("1404-01-01", "1405-01-01"), span("1406-01-01", "1407-01-01")
		put(t, b, j, &before)
		put(t, b, j, &after)
		elsewhere := span("1405-01-01", "1406-01-01")
		elsewhere.Agency = other
		put(t, b, j, &elsewhere)
		if _, err := b.End(ctx, j, clerk, first.ID, "done"); err != nil {
			t.Fatal(err)
		}
		again := span("1405-03-01", "1406-01-01") // the rest of the ended one's time is free
		put(t, b, j, &again)
		late := span("1405-01-15", "1405-02-15") // its past is not
		_, err := b.Put(ctx, j, clerk, &late)
		wantFault(t, err, fault.Conflict, "agreement.overlap")
	})
}

const file = `{
	"agency": "14003552272", "service": "10031094100", "from": "1405-01-01", "until": "۱۴۰۵/۱۲/۲۹",
	"clauses": [
		{"no": 2, "service": "predicate", "modes": ["verify"], "search_keys": ["national_number+birth_date"], "fields": ["alive", "age_at_least"], "daily_quota": 5},
		{"no": 1, "service": "identity", "modes": ["verify"], "search_keys": ["national_number+birth_date"], "fields": ["surname"], "processes": ["a"], "purposes": ["b"]}
	]}`

func TestParseJSON(t *testing.T) {
	a, err := ParseJSON([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if a.Agency != bank || !a.From.Equal(day(t, "1405-01-01")) || !a.Until.Equal(day(t, "1406-01-01")) || len(a.Clauses) != 2 ||
		a.Clauses[0].No != 1 || a.Clauses[1].DailyQuota != 5 || a.Clauses[0].Purposes[0] != "b" {
		t.Errorf("%+v", a)
	}
	replace := func(old, new string) string {
		if !strings.Contains(file, old) {
			t.Fatal(old)
		}
		return strings.Replace(file, old, new, 1)
	}
	for _, c := range []struct{ file, want string }{
		{"", " agreement.json.form"},
		{"[]", " agreement.json.form"},
		{"{} x", " agreement.json.form"},
		{strings.Repeat(" ", maxJSON+1), " agreement.json.large"},
		{"{}", "agency agreement.missing; service agreement.missing; from agreement.missing; until agreement.missing; clauses agreement.missing"},
		{replace(`"agency"`, `"x": 1, "agency"`), " agreement.json.unknown"},
		{replace(`"agency"`, `"agency": "14003552272", "agency"`), "agency agreement.json.twice"},
		{replace("14003552272", "14003552273"), "agency ids.legal.check"},
		{replace(`"10031094100"`, "10031094100"), "service agreement.json.type"},
		{replace("1405-01-01", "1404-12-30"), "from persian.date.impossible"},
		{replace("1405-01-01", "1405"), "from agreement.day"},
		{replace("1405-01-01", "1406-01-01"), "until agreement.order"},
		{replace(`"no": 2`, `"no": 1`), "clauses.1.no agreement.no.twice"},
		{replace(`"no": 2`, `"no": 2.5`), "clauses.0.no agreement.json.type"},
		{replace(`"no": 2`, `"no": 1000`), "clauses.0.no agreement.no"},
		{replace(`"alive", `, `"alive", "alive", "surname", `), "clauses.0.fields.1 agreement.twice; clauses.0.fields.2 agreement.word"},
		{replace(`"predicate"`, `"magic"`), "clauses.0.service agreement.service.unknown"},
		{replace(`"modes": ["verify"], "search_keys": ["national_number+birth_date"], "fields": ["alive"`, `"modes": ["disclose"], "search_keys": [], "fields": ["alive"`), "clauses.0.modes.0 agreement.word; clauses.0.search_keys agreement.missing"},
		{replace(`"daily_quota": 5`, `"daily_quota": -5, "processes": ["با"]`), "clauses.0.processes.0 agreement.token; clauses.0.daily_quota agreement.daily_quota"},
		{replace(`"daily_quota": 5`, `"hours": "19-7", "days": ["sat", "sat", "sunday"], "court_days": 4000, "audit_days": -1, "misuse": "halve_quota", "silence": "beat", "risk": "\u0000"`), "clauses.0.days.1 agreement.twice; clauses.0.days.2 agreement.word; clauses.0.hours agreement.hours.form; clauses.0.court_days agreement.days.range; clauses.0.audit_days agreement.days.range; clauses.0.silence agreement.term; clauses.0.misuse agreement.term.quota; clauses.0.risk persian.text.control"},
		{replace(`"daily_quota": 5`, `"daily_quota": null`), "clauses.0.daily_quota agreement.json.type"},
		{replace(`"fields": ["surname"], `, `"quota": 1, `), "clauses.1 agreement.json.unknown; clauses.1.fields agreement.missing"},
	} {
		_, err := ParseJSON([]byte(c.file))
		if got := all(t, err); got != c.want {
			t.Errorf("%.80s\ngot  %s\nwant %s", c.file, got, c.want)
		}
	}
}

// TestUnconditional: what nobody would hold a file or a feed against is not
// written into a clause about it; inquiries and deeds are held against it.
func TestUnconditional(t *testing.T) {
	for _, s := range slices.Concat(Services, Bulk) {
		a := &Agreement{Agency: 14003552272, Service: "1", From: day(t, "1405-01-01"), Until: day(t, "1406-01-01"), Clauses: []Clause{{
			No: 1, Service: s.Name, Modes: s.Modes[:1], SearchKeys: s.Keys[:1], Fields: s.Fields[:1],
			Hours: "07:00-19:00", Days: []string{"sat"}, Signature: true, CourtDays: 1, AuditDays: 5, Misuse: EndClause,
		}}}
		want := ""
		switch s.Name {
		case "delivery", "follow", "property":
			want = "clauses.0.hours agreement.unconditional; clauses.0.days agreement.unconditional; " +
				"clauses.0.signature agreement.unconditional; clauses.0.court_days agreement.unconditional"
		}
		var bad fault.List
		a.check(&bad)
		if got := all(t, bad.Err()); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", s.Name, got, want)
		}
	}
}

// all prints every fault of err.
func all(t testing.TB, err error) string {
	f := fault.Of(err)
	if f == nil {
		return ""
	}
	list := []string{f.Field + " " + f.Key}
	for _, m := range f.More {
		list = append(list, m.Field+" "+m.Key)
		if !message.Known(m.Key) {
			t.Errorf("no text for %s", m.Key)
		}
	}
	return strings.Join(list, "; ")
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(file))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ParseJSON(data)
		if (a == nil) == (err == nil) {
			t.Fatal(a, err)
		}
	})
}

func BenchmarkInForceAndPermit(b *testing.B) {
	c := &clock{day(b, "1405-02-01")}
	book, j := open(b, storetest.SQLite(b), c.now)
	a := sample(b)
	put(b, book, j, &a)
	q := Asked{"identity", "verify", "national_number+birth_date", []string{"surname"}, "account-opening", "kyc"}
	b.ReportAllocs()
	for b.Loop() {
		in, ok := book.InForce(bank, c.t)
		if !ok {
			b.Fatal("none")
		}
		if _, refusal := in.Permit(q); refusal != nil {
			b.Fatal(refusal)
		}
	}
}
