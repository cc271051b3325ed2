package journal

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// walked is what a walk gave, with the record copied.
func walked(t testing.TB, j *Journal, s Span) []Walked {
	t.Helper()
	var all []Walked
	err := j.Walk(context.Background(), s, func(w *Walked) error {
		one := *w
		one.Record = slices.Clone(w.Record)
		all = append(all, one)
		return nil
	})
	if err != nil {
		t.Fatalf("walk: %v", err)
	}
	return all
}

// TestWalk goes through two years' logs, single entries and units, and stops
// and starts anywhere: the parts are always the whole.
func TestWalk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		start := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC) // the last day of 1404
		d.setClock(start)
		j := d.open()
		var want []Walked
		add := func(number int, e Entry, code ids.TrackingCode, index int64, at time.Time, record []byte) {
			want = append(want, Walked{Log: number, Index: index, Time: at, Kind: e.Kind, Subject: e.Subject, Agency: e.Agency, Code: code, Record: record})
		}
		for i := range 150 {
			d.setClock(start.Add(time.Duration(i) * time.Hour))
			if i%3 == 0 {
				es := entries(i*1000, 1+i%40)
				p := unit(t, j, es, [16]byte{}, [16]byte{})
				for k, r := range p.Entries {
					add(p.Log, es[k], r.Code, r.Index, p.Time, r.Record)
				}
				continue
			}
			e := entry(i)
			e.Subject, e.Agency = 12345679, 14003552272
			p := commit(t, j, e)
			add(p.Log, e, p.Code, p.Index, p.Time, p.Record)
		}
		same := func(name string, got, want []Walked) {
			t.Helper()
			if len(got) != len(want) {
				t.Fatalf("%s: %d entries, not %d", name, len(got), len(want))
			}
			for i, w := range want {
				g := got[i]
				g.Leaf = [receipt.LeafSize]byte{}
				if g.Log != w.Log || g.Index != w.Index || !g.Time.Equal(w.Time) || g.Kind != w.Kind || g.Subject != w.Subject ||
					g.Agency != w.Agency || g.Code != w.Code || string(g.Record) != string(w.Record) {
					t.Fatalf("%s: entry %d is %+v, not %+v", name, i, g, w)
				}
			}
		}
		all := walked(t, j, Span{})
		same("all", all, want)
		if heads := j.Heads(); len(heads) != 2 || heads[1]+heads[2] != int64(len(want)) {
			t.Fatalf("the heads are %v", heads)
		}
		for _, i := range []int{0, 1, 20, 21, 300, len(want) - 1, len(want)} {
			after := map[int]int64{}
			for _, w := range want[:i] {
				after[w.Log] = w.Index + 1
			}
			same("after", walked(t, j, Span{After: after}), want[i:])
		}
		for _, hours := range []int{-1, 0, 1, 22, 149, 150} {
			at := start.Add(time.Duration(hours) * time.Hour)
			cut := slices.IndexFunc(want, func(w Walked) bool { return !w.Time.Before(at) })
			if cut < 0 {
				cut = len(want)
			}
			same("from", walked(t, j, Span{From: at}), want[cut:])
			same("until", walked(t, j, Span{Until: at}), want[:cut])
		}
		wrong := errors.New("stop")
		if err := j.Walk(t.Context(), Span{}, func(*Walked) error { return wrong }); !errors.Is(err, wrong) {
			t.Fatalf("the caller's error became %v", err)
		}
	})
}

// TestWalkPurged: after a purge an entry still has its place, time, kind, leaf
// and code, and nothing of its record.
func TestWalkPurged(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	j := func() *Journal { d.setClock(start); return d.open() }()
	for i := range 8 {
		d.setClock(start.Add(time.Duration(i) * time.Hour))
		e := entry(i)
		e.Subject, e.Agency = 12345679, 14003552272
		commit(t, j, e)
	}
	before := walked(t, j, Span{})
	if err := j.projectOnceForTest(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Purge(t.Context(), Actor{Role: "operator", ID: "o"}, "retention", start.Add(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	after := walked(t, j, Span{})
	for i, b := range before {
		a := after[i]
		if a.Code != b.Code || a.Leaf != b.Leaf || a.Kind != b.Kind || a.Index != b.Index || !a.Time.Equal(b.Time) {
			t.Errorf("entry %d: %+v became %+v", i, b, a)
		}
		if purged := i < 5; (a.Record == nil) != purged || (a.Subject == 0) != purged || (a.Agency == 0) != purged {
			t.Errorf("entry %d: %+v", i, a)
		}
	}
}

// TestWalkAltered: a record that is not the one of its leaf is never given, and
// what lies before the span is not read.
func TestWalkAltered(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	d.setClock(start)
	j := d.open()
	for i := range 200 {
		d.setClock(start.Add(time.Duration(i) * time.Hour))
		commit(t, j, entry(i))
	}
	for _, b := range blobs(t, d.url) {
		if b.name == "private" && b.id == j.current.Load().base()+3 {
			data := slices.Clone(b.data)
			data[50] ^= 1
			write(t, d.url, b, data)
		}
	}
	given := 0
	err := j.Walk(t.Context(), Span{}, func(*Walked) error { given++; return nil })
	wantFault(t, err, fault.Internal, "journal.altered")
	if given != 3 {
		t.Errorf("%d entries were given before the altered one", given)
	}
	if got := walked(t, j, Span{From: start.Add(90 * time.Hour)}); len(got) != 110 {
		t.Errorf("%d entries behind it", len(got))
	}
}

// BenchmarkWalk is what reading the log again costs, each record held against
// its leaf.
func BenchmarkWalk(b *testing.B) {
	d := newDesk(b, storetest.SQLite(b))
	j := d.open()
	const n = 64 * 1024
	for i := range n / 1024 {
		unit(b, j, entries(i*1024, 1024), [16]byte{}, [16]byte{})
	}
	b.ResetTimer()
	for b.Loop() {
		if err := j.Walk(b.Context(), Span{}, func(*Walked) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entry")
}
