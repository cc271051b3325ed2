package place

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
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
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var clerk = journal.Actor{Role: "post", ID: "tester"}

func open(t testing.TB, url string) (*Book, *journal.Journal) {
	t.Helper()
	ctx := context.Background()
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	db, err := store.Open(ctx, url, store.Register)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b, err := Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	return b, j
}

func sample() Place {
	return Place{
		Code: 1416932790, Province: "تهران", County: "تهران", District: "مرکزی", Locality: "تهران", LocalityKind: "city",
		SubLocality: "ولیعصر", Street: "انقلاب", Street2: "کوچه یکم", House: "12", Floor: "دوم", Side: "جنوب غربی",
		Building: "یاس", Note: "روبه‌روی پارک", State: Active,
	}
}

func equal(a, b *Place) bool { return a.same(b) && a.Code == b.Code && a.Version == b.Version }

// save registers p as an act with nothing but its row.
func save(ctx context.Context, b *Book, j *journal.Journal, actor journal.Actor, why string, p *Place) (journal.Proven, error) {
	saved := *p
	a := register.Act{Kind: receipt.PlaceChange, Actor: actor, Why: why, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		saved = *p
		return []byte(`"test":true`), Put(tx, c, &saved)
	})
	if err == nil {
		*p = saved
	}
	return proven, err
}

func find(t testing.TB, b *Book, code ids.PostalCode) *Place {
	t.Helper()
	p, found, err := b.ByCode(context.Background(), code)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	return p
}

func TestSaveAndFind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url)
		p := sample()
		proven, err := save(ctx, b, j, clerk, "assigned", &p)
		if err != nil {
			t.Fatal(err)
		}
		if canon, err := receipt.Compact(proven.Record); err != nil || !bytes.Equal(canon, proven.Record) {
			t.Errorf("the record is not canonical: %v: %s", err, proven.Record)
		}
		if got := find(t, b, p.Code); !equal(got, &p) || got.Version != 1 {
			t.Errorf("got %+v\nwant %+v", got, p)
		}
		if _, found, err := b.ByCode(ctx, 1111111111); found || err != nil {
			t.Error("found no place", err)
		}
		stale := p
		p.State, p.Successors = Split, []ids.PostalCode{1416932791, 1416932792}
		if _, err := save(ctx, b, j, clerk, "split", &p); err != nil {
			t.Fatal(err)
		}
		if got := find(t, b, p.Code); !equal(got, &p) || got.Version != 2 {
			t.Errorf("got %+v\nwant %+v", got, p)
		}
		stale.House = "13"
		_, err = save(ctx, b, j, clerk, "plate", &stale)
		if f := fault.Of(err); f == nil || f.Key != "place.version" || f.Kind != fault.Conflict || stale.Version != 1 {
			t.Error(err)
		}
		if _, err := save(ctx, b, j, clerk, "nothing", &p); err != nil || p.Version != 2 {
			t.Error("what changes nothing makes a version", err)
		}
		past, err := b.History(ctx, p.Code)
		if err != nil || len(past) != 1 || past[0].Until.Why != "split" || past[0].Until.Actor != clerk || past[0].Place.State != Active {
			t.Error(past, err)
		}
		if n, err := b.Count(ctx); n != 1 || err != nil {
			t.Error(n, err)
		}
		all, err := b.ByCodes(ctx, []ids.PostalCode{1111111111, p.Code})
		if err != nil || all[0] != nil || !equal(all[1], &p) {
			t.Error(all, err)
		}
	})
}

// TestAsOfReplays: the place at any moment is what replaying the changes up to
// it gives.
func TestAsOfReplays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, _ := open(t, url)
		code := ids.PostalCode(1111100000)
		rapid.Check(t, func(t *rapid.T) {
			code++
			p := sample()
			p.Code = code
			type version struct {
				from  time.Time
				place Place
			}
			var model []version
			at := func(moment time.Time) (v *Place) {
				for i := range model {
					if !model[i].from.After(moment) {
						v = &model[i].place
					}
				}
				return v
			}
			clock := persian.Date{Year: 1400, Month: 1, Day: 1}.Start()
			for range rapid.IntRange(1, 6).Draw(t, "changes") {
				clock = clock.Add(time.Duration(rapid.IntRange(-2, 30).Draw(t, "hours")) * time.Hour)
				p.House = rapid.StringMatching(`[0-9]{1,2}`).Draw(t, "house")
				p.SubLocality = rapid.SampledFrom([]string{"یک", "دو"}).Draw(t, "area")
				before := p.Version
				if err := b.db.Write(ctx, func(tx *store.Tx) error {
					return Put(tx, &register.Change{Actor: clerk, Why: "test", At: clock}, &p)
				}); err != nil {
					t.Fatal(err)
				}
				if p.Version == before {
					continue
				}
				from := clock
				if len(model) == 0 {
					from = time.Time{}
				} else if last := model[len(model)-1].from; from.Before(last) {
					from = last
				}
				model = append(model, version{from, p})
			}
			for _, v := range model {
				for _, moment := range []time.Time{v.from.Add(-time.Microsecond), v.from, v.from.Add(time.Microsecond), clock.Add(time.Hour)} {
					want := at(moment)
					if v.from.IsZero() && moment.Before(v.from) || moment.Year() < 1 {
						continue
					}
					got, found, err := b.at(ctx, code, moment.UnixMicro())
					if err != nil || !found || !equal(got, want) {
						t.Fatalf("at %v: %v %v\ngot %+v\nwant %+v", moment, found, err, got, want)
					}
				}
			}
			day := persian.DateOf(clock)
			got, found, err := b.AsOf(ctx, code, day)
			if want := at(day.AddDays(1).Start().Add(-time.Microsecond)); err != nil || !found || !equal(got, want) {
				t.Fatalf("on %v: %v %v", day, found, err)
			}
		})
	})
}

func tally(r *sheet.Report) string {
	return fmt.Sprintf("rows %d refused %d added %d changed %d unchanged %d", r.Rows, r.Refused, r.Added, r.Changed, r.Unchanged)
}

func lines(r *sheet.Report) (all []string) {
	for _, l := range r.Lines {
		all = append(all, fmt.Sprintf("%d %s %s", l.Row, l.Column, l.Key))
	}
	slices.Sort(all)
	return all
}

func TestImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url)
		load := func(file string) *sheet.Report {
			t.Helper()
			r, err := b.Import(ctx, clerk, j, strings.NewReader(file), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		file := "کد پستی,استان,شهرستان,بخش,شهر,نوع شهر یا روستا,محله,خیابان,کوچه,پلاک,طبقه,سمت,ساختمان,توضیحات\n" +
			"14169-32790,تهران,تهران,مركزي,تهران,city,ولیعصر,انقلاب,کوچه یکم,12,دوم,جنوب غربی,یاس,روبه‌روی پارک\n" +
			"5951412749,کردستان,سنندج,,,,,,,,,,,\n"
		if got := tally(load(file)); got != "rows 2 refused 0 added 2 changed 0 unchanged 0" {
			t.Error(got)
		}
		want := sample()
		want.Version = 1
		if got := find(t, b, want.Code); !equal(got, &want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		if got := tally(load(file)); got != "rows 2 refused 0 added 0 changed 0 unchanged 2" {
			t.Error(got)
		}
		r := load("postal_code,province,state,successors\n1416932790,تهران,merged,1416932791\n1416932790,تهران,,\n2222222222,,x,12\n")
		if got := tally(r); got != "rows 3 refused 2 added 0 changed 1 unchanged 0" {
			t.Error(got)
		}
		wantLines := []string{"3 postal_code sheet.twice", "4 postal_code ids.postal.area", "4 state place.word", "4 successors ids.postal.length"}
		if got := lines(r); !slices.Equal(got, wantLines) {
			t.Errorf("got %q", got)
		}
		want.State, want.Successors, want.Version = Merged, []ids.PostalCode{1416932791}, 2
		if got := find(t, b, want.Code); !equal(got, &want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		// A file that says nothing of states leaves them.
		if got := tally(load("postal_code,province\n1416932790,تهران\n")); got != "rows 1 refused 0 added 0 changed 0 unchanged 1" {
			t.Error(got)
		}
	})
}

func TestLoad(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, _ := open(t, url)
		const n = 1000
		told := int64(0)
		loaded, err := Load(ctx, b.db, func(yield func(Place, error) bool) {
			for i := range n {
				p := sample()
				p.Code = ids.PostalCode(1999900000 - i)
				p.SubLocality = fmt.Sprint("محله ", i%7)
				if !yield(p, nil) {
					return
				}
			}
		}, func(n int64) { told = n })
		if loaded != n || told != n || err != nil {
			t.Fatal(loaded, told, err)
		}
		if got := find(t, b, 1999900000-999); got.SubLocality != "محله 5" || got.Version != 1 {
			t.Errorf("%+v", got)
		}
		if _, err := Load(ctx, b.db, func(yield func(Place, error) bool) { yield(Place{}, nil) }, nil); fault.Of(err) == nil {
			t.Error("an empty place")
		}
	})
}

func TestCheck(t *testing.T) {
	for want, change := range map[string]func(*Place){
		"":                                   func(p *Place) { p.State = Retired },
		"postal_code place.missing":          func(p *Place) { p.Code = 0 },
		"province place.missing":             func(p *Place) { p.Province = "" },
		"state place.word":                   func(p *Place) { p.State = 9 },
		"successors place.successors.active": func(p *Place) { p.Successors = []ids.PostalCode{1} },
		"successors place.successors.split":  func(p *Place) { p.State, p.Successors = Split, []ids.PostalCode{1} },
		"successors place.successors.merged": func(p *Place) { p.State = Merged },
		"successors place.successors.self":   func(p *Place) { p.State, p.Successors = Merged, []ids.PostalCode{p.Code} },
		"successors place.successors.many":   func(p *Place) { p.State, p.Successors = Split, make([]ids.PostalCode, 1001) },
		"address place.long":                 func(p *Place) { p.Note = strings.Repeat("ن", 201) },
	} {
		p := sample()
		change(&p)
		got := ""
		if f := fault.Of(p.check()); f != nil {
			got = f.Field + " " + f.Key
			if !message.Known(f.Key) {
				t.Errorf("no text for %s", f.Key)
			}
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTexts(t *testing.T) {
	seen := map[string]string{}
	for _, c := range importColumns() {
		for also := range strings.SplitSeq(c.Name+"|"+c.Also, "|") {
			also = strings.TrimSpace(also)
			if other, ok := seen[also]; ok && other != c.Name || strings.HasPrefix(also, "[") {
				t.Errorf("%q means %s and %s", also, other, c.Name)
			}
			seen[also] = c.Name
		}
	}
	for _, s := range states {
		if s != "" && !message.Known("place.state."+s) {
			t.Errorf("no text for state %s", s)
		}
	}
}

func BenchmarkByCode(b *testing.B) {
	book, _ := open(b, storetest.SQLite(b))
	const n = 200_000
	_, err := Load(context.Background(), book.db, func(yield func(Place, error) bool) {
		for i := range n {
			p := sample()
			p.Code += ids.PostalCode(i)
			p.House = fmt.Sprint(i)
			if !yield(p, nil) {
				return
			}
		}
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i = (i + 7919) % n
		if _, found, err := book.ByCode(context.Background(), sample().Code+ids.PostalCode(i)); !found || err != nil {
			b.Fatal(found, err)
		}
	}
}
