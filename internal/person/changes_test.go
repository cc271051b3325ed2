package person

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store/storetest"
)

// told lists the changes after a number as "number version kind".
func told(t testing.TB, b *Book, after int64) (all []string) {
	t.Helper()
	changes, err := b.Changes(context.Background(), after, MaxChanges)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range changes {
		if c.Seq != after+int64(i)+1 || c.At.IsZero() {
			t.Errorf("change %d of %d has the number %d", i, len(changes), c.Seq)
		}
		all = append(all, fmt.Sprint(c.Number, " ", c.Version, " ", c.Kind))
	}
	if head, err := b.ChangeHead(context.Background()); err != nil || head != after+int64(len(changes)) {
		t.Errorf("head %d: %v", head, err)
	}
	return all
}

// Every act that gives a record a new version is told, once and in order; what
// was loaded before, and an act that leaves the record as it is, are not.
func TestChanges(t *testing.T) {
	eachLives(t, func(l *lives) {
		f := settleFamily(l, l.b)
		if got := told(l, l.b, 0); got != nil {
			l.Fatal("Load told", got)
		}
		one, two := f.birth(l, "T1"), f.birth(l, "T1")
		two.Order = 2
		born, _, err := l.b.RegisterBirths(l.ctx, l.j, clerk, []Birth{one, two})
		if err != nil {
			l.Fatal(err)
		}
		if _, _, err := l.b.RegisterBirths(l.ctx, l.j, clerk, []Birth{one, two}); err != nil { // again: nothing new
			l.Fatal(err)
		}
		l.both("death", &Death{edit(f.father), date(l, "1405-08-20")})
		if _, _, err := l.b.Propose(l.ctx, l.j, clerk1, "death", &Death{edit(f.father), date(l, "1405-08-20")}); err == nil {
			l.Fatal("died twice")
		}
		header := "شماره ملی,نام,نام خانوادگی,تاریخ تولد\n"
		file := header + fmt.Sprintf("%s,زهرا,کریمی,1350/2/3\n%s,سارا,حسینی تهرانی,1405/8/20\n%s,نو,حسینی,1360/1/1\n", f.mother, born[0].Number, nth(77))
		if _, err := l.b.Import(l.ctx, clerk, l.j, strings.NewReader(file), nil, nil); err != nil {
			l.Fatal(err)
		}
		want := []string{
			fmt.Sprint(born[0].Number, " 1 birth"), fmt.Sprint(born[1].Number, " 1 birth"),
			fmt.Sprint(f.father, " 2 death"), fmt.Sprint(nth(77), " 1 import"), fmt.Sprint(f.mother, " 2 import"),
		}
		if got := told(l, l.b, 0); fmt.Sprint(got) != fmt.Sprint(want) {
			l.Errorf("got %q\nwant %q", got, want)
		}
		if got := told(l, l.b, 4); len(got) != 1 || got[0] != want[4] {
			l.Errorf("after 4: %q", got)
		}
	})
}

// Whatever writes at the same time, the numbers have no gap, and who follows
// them while they are made sees every one.
func TestChangesOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, nil)
		var writers sync.WaitGroup
		done := make(chan struct{})
		for w := range 4 {
			writers.Go(func() {
				for i := range 10 {
					p := sample(t)
					p.Number = nth(int64(3_000_000 + 100*w + i))
					if _, err := b.Save(ctx, j, clerk, 5, "test", &p); err != nil {
						t.Error(err)
					}
				}
			})
		}
		go func() { writers.Wait(); close(done) }()
		seen, last := map[ids.NationalNumber]bool{}, int64(0)
		for ended := false; ; {
			changes, err := b.Changes(ctx, last, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range changes {
				if c.Seq != last+1 {
					t.Fatalf("after %d comes %d", last, c.Seq)
				}
				last, seen[c.Number] = c.Seq, true
			}
			if ended && len(changes) == 0 {
				break
			}
			select {
			case <-done:
				ended = true
			default:
			}
		}
		if len(seen) != 40 {
			t.Errorf("%d of 40 seen", len(seen))
		}
	})
}
