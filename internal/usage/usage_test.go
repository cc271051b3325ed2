package usage

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// bank and insurer are agencies of the tests.
const bank, insurer = ids.LegalID(14003552272), ids.LegalID(10100456787)

// site is one store with a journal whose clock the test sets.
type site struct {
	testing.TB
	url  string
	keys *journal.Keys
	mu   sync.Mutex
	now  time.Time
}

func newSite(t testing.TB, url string) *site {
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return &site{TB: t, url: url, keys: keys, now: time.Date(2026, 3, 12, 20, 0, 0, 0, time.UTC)}
}

func (s *site) set(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = at
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) journal(node string) *journal.Journal {
	s.Helper()
	j, err := journal.Open(context.Background(), journal.Config{
		URL: s.url, Keys: s.keys, Node: node, Clock: s.clock, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(j.Close)
	return j
}

func (s *site) book(j *journal.Journal) *Book {
	s.Helper()
	db, err := store.Open(context.Background(), s.url, store.Register)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = db.Close() })
	return Open(db, j)
}

// inquiry is a body as package inquiry writes it.
func inquiry(agency ids.LegalID, process, purpose, service, outcome, behalf string) journal.Entry {
	body := fmt.Appendf(nil, `"agency":{"id":"%s","name":"بانک \"نمونه\""},`, agency)
	if behalf != "" {
		body = fmt.Appendf(body, `"on_behalf_of":{"id":"%s","name":"purpose","delegation":3},`, behalf)
	}
	body = fmt.Appendf(body, `"officer":"a.nemuneh","purpose":"%s",`, purpose)
	if process != "" {
		body = fmt.Appendf(body, `"process":"%s",`, process)
	}
	body = fmt.Appendf(body, `"file":"1405\\","agreement":{"id":1,"version":2,"clause":1},"service":"%s","mode":"verify",`+
		`"question":{"national_number":"0012345679","birth_date":"1370-01-01","claims":{"surname":"نمونه","service":"x"}},"outcome":"%s",`+
		`"answer":{"fields":{"surname":"match","outcome":"differs"}},"warnings":["deceased","\\\""],"register_version":12`, service, outcome)
	return journal.Entry{Kind: receipt.Inquiry, Agency: agency, Subject: 12345679, Body: body}
}

func row(agency ids.LegalID, status string) journal.Entry {
	return journal.Entry{Kind: receipt.DeliveryRow, Agency: agency, Subject: 12345679, Body: fmt.Appendf(nil,
		`"agency":{"id":"%s"},"officer":"h","purpose":"subsidy","delivery":{"id":1,"row":7},"status":"%s"`, agency, status)}
}

// some commits entries of every sort over some days.
func (s *site) some(j *journal.Journal, n int, seed uint64) {
	s.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	for i := range n {
		if i%10 == 0 {
			s.set(s.clock().Add(time.Duration(r.IntN(48)) * time.Hour))
		}
		agency := []ids.LegalID{bank, insurer}[r.IntN(2)]
		e := inquiry(agency, pick("", "open", "loan"), pick("kyc", "subsidy"), pick("identity", "card"), pick("confirmed", "refused"), pick("", "", insurer.String()))
		switch r.IntN(5) {
		case 0:
			e = row(agency, pick("verified", "not_found"))
		case 1:
			e = journal.Entry{Kind: receipt.CodeMatch, Agency: agency, Body: []byte(`"service":"identity","outcome":"confirmed"`)}
		}
		if _, err := j.Commit(context.Background(), e); err != nil {
			s.Fatal(err)
		}
	}
}

// walked counts the whole journal another way: with encoding/json, from zero.
func (s *site) walked(j *journal.Journal) map[Count]int64 {
	s.Helper()
	want := map[Count]int64{}
	err := j.Walk(context.Background(), journal.Span{}, func(w *journal.Walked) error {
		if w.Kind != receipt.Inquiry && w.Kind != receipt.DeliveryRow {
			return nil
		}
		var r struct {
			Process, Purpose, Service, Outcome, Status string
			Behalf                                     struct{ ID ids.LegalID } `json:"on_behalf_of"`
		}
		if err := json.Unmarshal(w.Record, &r); err != nil {
			return err
		}
		c := Count{Agency: w.Agency, OnBehalf: r.Behalf.ID, Month: persian.DateOf(w.Time), Process: r.Process, Purpose: r.Purpose, Service: r.Service, Outcome: r.Outcome}
		if c.Month.Day = 0; w.Kind == receipt.DeliveryRow {
			c.Service, c.Outcome = "delivery", r.Status
		}
		want[c]++
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return want
}

func (s *site) counted(b *Book, f Filter) map[Count]int64 {
	s.Helper()
	all, next, err := b.Counts(context.Background(), f, Page{})
	if err != nil || !next.IsZero() {
		s.Fatal(err)
	}
	for _, limit := range []int{1, 2, max(len(all), 1)} { // the same by pages
		var paged []Count
		for p := (Page{Limit: limit}); ; {
			some, next, err := b.Counts(context.Background(), f, p)
			if err != nil || len(some) > limit {
				s.Fatalf("%d on a page of %d: %v", len(some), limit, err)
			}
			paged = append(paged, some...)
			if next.IsZero() {
				break
			}
			text, err := next.MarshalText()
			if err != nil || p.After.UnmarshalText(text) != nil {
				s.Fatalf("%s: %v", text, err)
			}
		}
		if !slices.Equal(paged, all) {
			s.Errorf("by pages of %d: %v, not %v", limit, paged, all)
		}
	}
	got := map[Count]int64{}
	for _, c := range all {
		n := c.N
		c.N = 0
		if got[c] != 0 {
			s.Errorf("%+v stands twice", c)
		}
		got[c] = n
	}
	return got
}

func (s *site) follow(b *Book) {
	s.Helper()
	if err := b.Follow(context.Background()); err != nil {
		s.Fatal(err)
	}
}

// TestCounts: what is counted step by step is what a walk over the whole log
// counts, over a change of year, by several followers at once, and after the
// records are gone.
func TestCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := newSite(t, url)
		j := s.journal("n1")
		b, other := s.book(j), s.book(j)
		s.some(j, 40, 1)
		s.follow(b)
		s.follow(b)
		if got, want := s.counted(b, Filter{}), s.walked(j); !maps.Equal(got, want) {
			t.Fatalf("counted %v\nwalked %v", got, want)
		}
		s.some(j, 150, 2)
		var all sync.WaitGroup
		for _, one := range []*Book{b, other, b, other} {
			all.Go(func() { s.follow(one) })
		}
		all.Wait()
		want := s.walked(j)
		if got := s.counted(other, Filter{}); !maps.Equal(got, want) {
			t.Fatalf("counted %v\nwalked %v", got, want)
		}
		upto, err := b.UpTo(t.Context())
		if err != nil || !maps.Equal(upto, j.Heads()) || len(upto) != 2 {
			t.Fatalf("counted up to %v of %v: %v", upto, j.Heads(), err)
		}
		s.narrow(b, want)
		s.days(b, j)

		s.set(s.clock().Add(240 * time.Hour))
		for waiting := 0; j.State().Behind > 0; waiting++ { // only what is projected is purged
			if time.Sleep(50 * time.Millisecond); waiting > 200 {
				t.Fatal("the projections stay behind")
			}
		}
		if _, err := j.Purge(t.Context(), journal.Actor{Role: "operator", ID: "o"}, "retention", s.clock()); err != nil {
			t.Fatal(err)
		}
		s.follow(b)
		if got := s.counted(b, Filter{}); !maps.Equal(got, want) {
			t.Fatal("a purge changed the counts")
		}
		if lost, err := b.Lost(t.Context()); err != nil || lost != 0 {
			t.Fatalf("%d lost: %v", lost, err)
		}
	})
}

// days holds the counts by day against a walk over the whole log.
func (s *site) days(b *Book, j *journal.Journal) {
	s.Helper()
	want, got := map[string]int64{}, map[string]int64{}
	err := j.Walk(s.Context(), journal.Span{}, func(w *journal.Walked) error {
		var r struct{ Outcome string }
		if w.Agency != bank || w.Kind != receipt.Inquiry {
			return nil
		}
		err := json.Unmarshal(w.Record, &r)
		want[persian.DateOf(w.Time).String()+" "+r.Outcome]++
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	all, err := b.Days(s.Context(), bank, persian.Date{Year: 1300, Month: 1, Day: 1}, persian.DateOf(s.clock()))
	for _, d := range all {
		for outcome, n := range d.Outcomes {
			got[d.Day.String()+" "+outcome] = n
		}
	}
	if err != nil || !maps.Equal(got, want) || len(want) < 10 {
		s.Errorf("by day %v, not %v: %v", got, want, err)
	}
	one := all[len(all)/2].Day
	if some, err := b.Days(s.Context(), bank, one, one); err != nil || len(some) != 1 || some[0].Day != one {
		s.Errorf("of one day %v: %v", some, err)
	}
}

// narrow tries the filters.
func (s *site) narrow(b *Book, all map[Count]int64) {
	s.Helper()
	month := persian.Date{Year: 1405, Month: 1}
	for _, f := range []Filter{{Agency: bank}, {From: month}, {Until: month}, {Agency: insurer, From: month, Until: month}, {Agency: 1}} {
		want := map[Count]int64{}
		for c, n := range all {
			if (f.Agency == 0 || c.Agency == f.Agency) && (f.From.IsZero() || c.Month.Compare(f.From) >= 0) && (f.Until.IsZero() || c.Month.Compare(f.Until) <= 0) {
				want[c] = n
			}
		}
		if got := s.counted(b, f); !maps.Equal(got, want) {
			s.Errorf("%+v: %v, not %v", f, got, want)
		}
	}
	served, wantServed, wantFirst := map[Count]int64{}, map[Count]int64{}, map[ids.LegalID]persian.Date{}
	for c, n := range all {
		if c.OnBehalf == bank || c.Agency == bank && c.OnBehalf == 0 {
			wantServed[c] = n
		}
		if was, ok := wantFirst[c.Agency]; !ok || c.Month.Compare(was) < 0 {
			wantFirst[c.Agency] = c.Month
		}
	}
	err := b.Served(s.Context(), Filter{Agency: bank}, func(c *Count) {
		one := *c
		one.N = 0
		if served[one] = c.N; c.For() != bank {
			s.Errorf("%+v is not for the bank", one)
		}
	})
	if err != nil || !maps.Equal(served, wantServed) || len(served) == 0 {
		s.Errorf("served %v, not %v: %v", served, wantServed, err)
	}
	if first, err := b.First(s.Context()); err != nil || !maps.Equal(first, wantFirst) {
		s.Errorf("first %v, not %v: %v", first, wantFirst, err)
	}
}

// TestNodes: one node counts what others have written.
func TestNodes(t *testing.T) {
	s := newSite(t, storetest.Postgres(t))
	one, two := s.journal("n1"), s.journal("n2")
	s.some(one, 30, 3)
	s.some(two, 30, 4)
	b, other := s.book(one), s.book(two)
	for waited := 0; ; waited++ {
		s.follow(b)
		s.follow(other)
		up, err := b.UpTo(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for _, size := range up {
			n += size
		}
		if n == 60 {
			break
		}
		if waited > 200 {
			t.Fatal("the other node's log is not counted")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got, want := s.counted(b, Filter{}), s.walked(one); !maps.Equal(got, want) {
		t.Fatalf("counted %v\nwalked %v", got, want)
	}
}

// TestLost: what was purged before it was counted is said, not passed over.
func TestLost(t *testing.T) {
	s := newSite(t, storetest.SQLite(t))
	j := s.journal("n1")
	s.some(j, 20, 5)
	want := int64(0)
	for _, n := range s.walked(j) {
		want += n
	}
	s.set(s.clock().Add(time.Hour))
	for j.State().Behind > 0 {
		time.Sleep(20 * time.Millisecond)
	}
	if _, err := j.Purge(t.Context(), journal.Actor{Role: "operator", ID: "o"}, "retention", s.clock()); err != nil {
		t.Fatal(err)
	}
	b := s.book(j)
	s.follow(b)
	if lost, err := b.Lost(t.Context()); err != nil || lost != want || len(s.counted(b, Filter{})) != 0 {
		t.Fatalf("%d lost of %d: %v", lost, want, err)
	}
}

// FuzzRead: the fast reader reads what encoding/json reads.
func FuzzRead(f *testing.F) {
	f.Add("open", "kyc", "identity", "confirmed", `a"b\\`)
	f.Add("", `"`, `\`, `\"`, `{"service":"x"}`)
	f.Fuzz(func(t *testing.T, process, purpose, service, outcome, other string) {
		var b []byte
		add := func(name, s string) {
			b = receipt.AppendString(append(append(append(b, ',', '"'), name...), `":`...), s)
		}
		add("file", other)
		b = append(b, `,"n":12,"deep":{"service":"no","list":[{"outcome":"no"},"]}",[]]},"yes":true`...)
		add("process", process)
		add("purpose", purpose)
		add("service", service)
		b = append(b, `,"on_behalf_of":{"id":"14003552272","name":`...)
		b = append(receipt.AppendString(b, other), '}')
		add("outcome", outcome)
		b = append(b, `,"last":7}`...)
		b[0] = '{'
		var want struct{ Process, Purpose, Service, Outcome string }
		if json.Unmarshal(b, &want) != nil {
			t.Skip("no text of a record")
		}
		var m members
		m.read(b)
		if string(m.process) != want.Process || string(m.purpose) != want.Purpose || string(m.service) != want.Service ||
			string(m.outcome) != want.Outcome || m.status != nil || m.behalfID() != int64(bank) {
			t.Errorf("%s: %q %q %q %q %d", b, m.process, m.purpose, m.service, m.outcome, m.behalfID())
		}
	})
}

// TestReadBroken: nothing that could be in a store makes the reader fall over.
func TestReadBroken(t *testing.T) {
	whole := append([]byte(`{"v":1,`), inquiry(bank, "open", "kyc", "identity", "confirmed", insurer.String()).Body...)
	for i := range len(whole) {
		var m members
		m.read(whole[:i])
		m.behalfID()
	}
}

func BenchmarkRead(b *testing.B) {
	record := append([]byte(`{"v":1,"log":"estelam.example/log/1405/n1","index":123456,"code":"18074408180176958532","time":"2026-11-21T19:15:00.123456Z","kind":"inquiry",`),
		inquiry(bank, "open", "kyc", "identity", "confirmed", "").Body...)
	record = append(record, '}')
	s := newStep(nil)
	w := journal.Walked{Log: 1, Kind: receipt.Inquiry, Agency: bank, Time: time.Now(), Record: record}
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		s.take(&w)
	}
}

// BenchmarkFollow counts a log from zero.
func BenchmarkFollow(b *testing.B) {
	s := newSite(b, storetest.SQLite(b))
	j := s.journal("n1")
	const n = 1 << 16
	for range n / 1024 {
		some := make([]journal.Entry, 1024)
		for i := range some {
			some[i] = inquiry(bank, "open", "kyc", "identity", "confirmed", "")
		}
		if _, err := j.CommitAll(context.Background(), some, [16]byte{}, [16]byte{}); err != nil {
			b.Fatal(err)
		}
	}
	book := s.book(j)
	for b.Loop() {
		step := newStep(nil)
		if err := j.Walk(context.Background(), journal.Span{}, func(w *journal.Walked) error { step.take(w); return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entry")
	s.follow(book)
}

// TestCursor: what is no place in the list is told, as is a page that is too long.
func TestCursor(t *testing.T) {
	for _, bad := range []string{"!", "AA", "e30", "W10", "WzAsMSwwLCIiLCIiLCIiLCIiXQ", "WyIxNDA1IiwxLDAsIiIsIiIsIiIsIiJd", "WzIxNDc0ODM2NDcsMSwwLCIiLCIiLCIiLCIiXQ"} {
		if err := new(Cursor).UnmarshalText([]byte(bad)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, _, err := new(Book).Counts(context.Background(), Filter{}, Page{Limit: MaxPage + 1}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
