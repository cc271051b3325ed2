package place

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

var (
	postman  = journal.Actor{Role: register.Post, Agency: 10320894878, ID: "p1"}
	townsman = journal.Actor{Role: register.Municipality, Agency: 14003552272, ID: "m1"}
	grounds  = register.Grounds{Reason: "field-survey", Document: "۱۲/۳"}
	tehran   = Area{Province: "تهران", County: "تهران", Locality: "تهران"}
)

// stage is a register with what tests on it need.
type stage struct {
	*Book
	t testing.TB
	j *journal.Journal
}

func on(t testing.TB, url string) *stage {
	b, j := open(t, url)
	return &stage{b, t, j}
}

// at makes an address of pairs of a column's name and a text.
func at(pairs ...string) (a Address) {
	parts := a.parts()
	for i := 0; i < len(pairs); i += 2 {
		*parts[slices.Index(columnNames[colTexts:], pairs[i])] = &pairs[i+1]
	}
	return a
}

func inTehran(pairs ...string) Address {
	return at(append([]string{"province", "تهران", "county", "تهران", "locality", "تهران", "street", "انقلاب"}, pairs...)...)
}

// assigned is a new place.
func (s *stage) assigned(area AreaCode, pairs ...string) Place {
	s.t.Helper()
	done, proven, err := s.Assign(context.Background(), s.j, postman, &Assigning{Grounds: grounds, Area: area, Address: inTehran(pairs...)})
	s.good(proven, err)
	return done.Places[0]
}

// good holds that an act went well and left a canonical record.
func (s *stage) good(p journal.Proven, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
		s.t.Errorf("the record is not canonical: %v: %s", err, p.Record)
	}
}

// bad holds that an act was refused as "kind field key" and that the key has a text.
func (s *stage) bad(want string, err error) {
	s.t.Helper()
	got := "nothing"
	if f := fault.Of(err); f != nil {
		if got = strings.TrimSpace(f.Kind.String() + " " + f.Field + " " + f.Key); !message.Known(f.Key) {
			s.t.Errorf("no text for %s", f.Key)
		}
	}
	if got != want {
		s.t.Errorf("got %q, want %q (%v)", got, want, err)
	}
}

func (s *stage) current(code ids.PostalCode) (codes []ids.PostalCode) {
	s.t.Helper()
	all, err := s.Current(context.Background(), code)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range all {
		codes = append(codes, p.Code)
	}
	return codes
}

func TestActs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx, s := context.Background(), on(t, url)
		a, b := s.assigned(14169, "house_number", "1"), s.assigned(14169, "house_number", "2", "floor", "دوم")
		if a.Code != 1416900001 || b.Code != 1416900002 || a.Version != 1 || a.State != Active {
			t.Fatal(a, b)
		}
		_, _, err := s.Assign(ctx, s.j, postman, &Assigning{Grounds: grounds, Code: a.Code, Address: inTehran()})
		s.bad("conflict postal_code place.taken", err)
		_, _, err = s.Assign(ctx, s.j, postman, &Assigning{Grounds: grounds, Area: 14169, Address: at("province", "البرز", "county", "کرج", "locality", "کرج")})
		s.bad("invalid address.province place.area.elsewhere", err)
		_, _, err = s.Assign(ctx, s.j, postman, &Assigning{})
		s.bad("invalid reason register.reason", err)
		if n := len(fault.Of(err).More); n != 4 {
			t.Error(n, "further mistakes told, want 4")
		}
		_, _, err = s.Assign(ctx, s.j, townsman, &Assigning{Grounds: grounds, Area: 14169, Address: inTehran()})
		s.bad("forbidden  register.role", err)

		done, proven, err := s.Change(ctx, s.j, postman, &Changing{Grounds: grounds, Code: a.Code, Version: 1, Address: at("house_number", "11", "note", "روبه‌روی پارک")})
		s.good(proven, err)
		if p := done.Places[0]; p.House != "11" || p.Street != "انقلاب" || p.Version != 2 || done.Sequence != (Sequence{3, 3}) {
			t.Errorf("%+v", done)
		}
		_, _, err = s.Change(ctx, s.j, postman, &Changing{Grounds: grounds, Code: a.Code, Version: 1, Address: at("house_number", "12")})
		s.bad("conflict postal_code place.version", err)
		_, _, err = s.Change(ctx, s.j, postman, &Changing{Grounds: grounds, Code: a.Code, Address: at("house_number", "11")})
		s.bad("invalid address place.same", err)
		_, _, err = s.Change(ctx, s.j, postman, &Changing{Grounds: grounds, Code: 1416999999, Address: at("house_number", "11")})
		s.bad("not-found postal_code place.unknown", err)
		s.successors(a, b)
	})
}

// successors splits a, merges one half with b, and retires what came of it.
func (s *stage) successors(a, b Place) {
	ctx, t := context.Background(), s.t
	done, proven, err := s.Split(ctx, s.j, postman, &Splitting{Grounds: grounds, Code: a.Code, Into: []Successor{
		{Address: at("floor", "اول")}, {Code: 1416900077, Address: at("floor", "دوم")},
	}})
	s.good(proven, err)
	first, second, whole := done.Places[0], done.Places[1], done.Places[2]
	if first.Code != 1416900003 || second.Code != 1416900077 || second.House != "11" || first.Floor != "اول" || whole.State != Split || done.Sequence != (Sequence{4, 6}) {
		t.Errorf("%+v", done)
	}
	if got := s.current(a.Code); !slices.Equal(got, []ids.PostalCode{first.Code, second.Code}) {
		t.Error(got)
	}
	_, _, err = s.Split(ctx, s.j, postman, &Splitting{Grounds: grounds, Code: a.Code, Into: make([]Successor, 2)})
	s.bad("conflict postal_code place.gone.split", err)
	_, _, err = s.Split(ctx, s.j, postman, &Splitting{Grounds: grounds, Code: b.Code, Into: []Successor{{}, {Code: a.Code}}})
	s.bad("conflict into.1.postal_code place.taken", err)
	_, _, err = s.Split(ctx, s.j, postman, &Splitting{Grounds: grounds, Code: b.Code, Into: []Successor{{}}})
	s.bad("invalid into place.successors.split", err)

	done, proven, err = s.Merge(ctx, s.j, postman, &Merging{Grounds: grounds, Places: []Seen{{first.Code, 1}, {b.Code, 0}}, Into: Successor{Address: at("note", "دو واحد")}})
	s.good(proven, err)
	whole = done.Places[0]
	if whole.Floor != "اول" || whole.Note != "دو واحد" || len(done.Places) != 3 || done.Places[2].State != Merged {
		t.Errorf("%+v", done)
	}
	if got := s.current(a.Code); !slices.Equal(got, []ids.PostalCode{second.Code, whole.Code}) {
		t.Error(got)
	}
	_, _, err = s.Merge(ctx, s.j, postman, &Merging{Grounds: grounds, Places: []Seen{{whole.Code, 0}, {b.Code, 0}}})
	s.bad("conflict places.1.postal_code place.gone.merged", err)
	_, _, err = s.Merge(ctx, s.j, postman, &Merging{Grounds: grounds, Places: []Seen{{whole.Code, 7}, {second.Code, 0}}})
	s.bad("conflict places.0.postal_code place.version", err)

	_, _, err = s.Retire(ctx, s.j, postman, &Retiring{Grounds: grounds, Code: whole.Code, Successors: []ids.PostalCode{b.Code}})
	s.bad("conflict successors.0 place.gone.merged", err)
	_, _, err = s.Retire(ctx, s.j, postman, &Retiring{Grounds: grounds, Code: whole.Code, Successors: []ids.PostalCode{whole.Code}})
	s.bad("invalid successors.0 place.successors.self", err)
	_, proven, err = s.Retire(ctx, s.j, postman, &Retiring{Grounds: grounds, Code: whole.Code, Successors: []ids.PostalCode{second.Code}})
	s.good(proven, err)
	_, proven, err = s.Retire(ctx, s.j, postman, &Retiring{Grounds: grounds, Code: second.Code})
	s.good(proven, err)
	if got := s.current(a.Code); got != nil {
		t.Error("nothing is left, and yet", got)
	}
	found, err := s.Find(ctx, postman, &Finding{Code: a.Code})
	if err != nil || found.Places[0].State != Split || len(found.History) != 2 || found.History[0].Place.House != "1" {
		t.Errorf("%+v %v", found, err)
	}
}

// Places that an import has made follow each other in a circle do not hang Current.
func TestCurrentCircle(t *testing.T) {
	s := on(t, storetest.SQLite(t))
	p, q := sample(), sample()
	q.Code++
	p.State, p.Successors = Merged, []ids.PostalCode{q.Code}
	q.State, q.Successors = Merged, []ids.PostalCode{p.Code}
	for _, one := range []Place{p, q} {
		if _, err := save(context.Background(), s.Book, s.j, clerk, "import", &one); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.current(p.Code); got != nil {
		t.Error(got)
	}
}

// Each code is given once, to whoever asks at the same time, and readers of
// the feed never see a number before one below it.
func TestAssignConcurrently(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const writers, each = 8, 6
		ctx, s := context.Background(), on(t, url)
		other, err := Open(ctx, openDB(t, url))
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for w := range writers {
			b := []*Book{s.Book, other}[w%2]
			all.Go(func() {
				for i := range each {
					in := &Assigning{Grounds: grounds, Area: 14169, Address: inTehran("house_number", fmt.Sprint(w), "floor", fmt.Sprint(i))}
					if _, _, err := b.Assign(ctx, s.j, postman, in); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		over := make(chan struct{})
		go func() { all.Wait(); close(over) }()
		seen := int64(0)
		for last := false; ; {
			feed, err := s.Changes(ctx, seen, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range feed.Changes {
				if c.Sequence != seen+1 || c.Place.Code != ids.PostalCode(1416900000+c.Sequence) || c.Kind != WasAssigned {
					t.Fatalf("after %d comes %+v", seen, c)
				}
				seen++
			}
			if feed.Last != seen {
				t.Fatal("the feed says that", feed.Last, "is the newest and gives", seen)
			}
			if last {
				break
			}
			select {
			case <-over:
				last = true
			default:
			}
		}
		if seen != writers*each {
			t.Error(seen, "changes, want", writers*each)
		}
	})
}

func openDB(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), url, store.Register)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// The next free number is the lowest that no place has ever had, whatever an
// import has put there meanwhile.
func TestFree(t *testing.T) {
	s := on(t, storetest.SQLite(t))
	ctx, area := context.Background(), AreaCode(31111)
	rapid.Check(t, func(rt *rapid.T) {
		area++
		for area%10 == 2 || area%10 == 0 || area/10%10 == 2 || area/10%10 == 0 || area/100%10 == 2 || area/100%10 == 0 {
			area++
		}
		taken := map[int]bool{}
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			var places []Place
			for _, n := range rapid.SliceOfN(rapid.IntRange(0, 12), 0, 6).Draw(rt, "imported") {
				if p := sample(); !taken[n] {
					p.Code, taken[n] = ids.PostalCode(int(area)*areaSize+n), true
					places = append(places, p)
				}
			}
			if _, err := Load(ctx, s.db, func(yield func(Place, error) bool) {
				for _, p := range places {
					if !yield(p, nil) {
						return
					}
				}
			}, nil); err != nil {
				rt.Fatal(err)
			}
			want := 1
			for taken[want] {
				want++
			}
			taken[want] = true
			if got := s.assigned(area).Code; got != ids.PostalCode(int(area)*areaSize+want) {
				rt.Fatalf("got %s, want number %d", got, want)
			}
		}
	})
}

func TestAreaFull(t *testing.T) {
	s := on(t, storetest.SQLite(t))
	if _, err := Load(context.Background(), s.db, func(yield func(Place, error) bool) {
		for n := range areaSize - 1 {
			p := sample()
			if p.Code = ids.PostalCode(1416900000 + n); !yield(p, nil) {
				return
			}
		}
	}, nil); err != nil {
		t.Fatal(err)
	}
	if p := s.assigned(14169); p.Code != 1416999999 {
		t.Error(p.Code)
	}
	_, _, err := s.Assign(context.Background(), s.j, postman, &Assigning{Grounds: grounds, Area: 14169, Address: inTehran()})
	s.bad("conflict area_code place.area.full", err)
}

// Whoever takes in the file and then the changes after its number has what the
// register has; the file itself can be imported.
func TestFileAndFeed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx, s := context.Background(), on(t, url)
		if _, err := Load(ctx, s.db, func(yield func(Place, error) bool) { yield(sample(), nil) }, nil); err != nil {
			t.Fatal(err)
		}
		a := s.assigned(14169, "note", "-1, \"گوشه\"")
		var file bytes.Buffer
		var from int64
		if err := s.File(ctx, func(last int64) io.Writer { from = last; return &file }); err != nil || from != 1 {
			t.Fatal(from, err)
		}
		copied := open2(t, url)
		rows, err := csv.NewReader(bytes.NewReader(file.Bytes())).ReadAll()
		if err != nil || len(rows) != 3 || rows[1][len(columnNames)-1] != "'-1, \"گوشه\"" {
			t.Fatal(rows, err)
		}
		report, err := copied.Import(ctx, clerk, copied.j, &file, nil, nil)
		if err != nil || report.Added != 2 {
			t.Fatal(report, err)
		}
		if got := find(t, copied.Book, a.Code); got.Note != "-1, \"گوشه\"" {
			t.Errorf("the note was read back as %q", got.Note)
		}
		_, _, err = s.Split(ctx, s.j, postman, &Splitting{Grounds: grounds, Code: a.Code, Into: make([]Successor, 2)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Import(ctx, clerk, s.j, strings.NewReader("postal_code,province,house_number\n1416932790,تهران,99\n1416932791,تهران,5\n"), nil, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := save(ctx, s.Book, s.j, clerk, "nothing", find(t, s.Book, a.Code)); err != nil {
			t.Fatal("what changes nothing is no change", err)
		}
		var kinds []string
		for from < 6 {
			feed, err := s.Changes(ctx, from, 2)
			if err != nil || len(feed.Changes) == 0 || feed.Last != 6 {
				t.Fatal(feed, err)
			}
			for _, c := range feed.Changes {
				from = c.Sequence
				text, _ := c.Kind.MarshalText()
				kinds = append(kinds, string(text))
				p := c.Place
				if p.Version = 0; c.Place.Version > 1 {
					p.Version = find(t, copied.Book, p.Code).Version
				}
				if _, err := save(ctx, copied.Book, copied.j, clerk, "feed", &p); err != nil {
					t.Fatal(err)
				}
			}
		}
		if want := []string{"assigned", "assigned", "split", "assigned", "changed"}; !slices.Equal(kinds, want) {
			t.Error(kinds)
		}
		for code := ids.PostalCode(0); ; {
			rows, err := s.rowsAfter(ctx, int64(code))
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				code = ids.PostalCode(r.code)
				if want, got := find(t, s.Book, code), find(t, copied.Book, code); !got.same(want) {
					t.Errorf("got %+v\nwant %+v", got, want)
				}
			}
		}
	})
}

// open2 is another register on the engine of url.
func open2(t *testing.T, url string) *stage {
	if store.EngineOf(url) == store.PostgreSQL {
		return on(t, storetest.Postgres(t))
	}
	return on(t, storetest.SQLite(t))
}

// What comes from outside is read by the names that the documents give.
func TestInputs(t *testing.T) {
	var in Splitting
	text := `{"reason":"building-permit","document":"1","postal_code":"1416932790","version":3,"area_code":"14169",
		"into":[{"postal_code":"1416932791","address":{"floor":"1","note":""}},{}]}`
	if err := json.Unmarshal([]byte(text), &in); err != nil || in.Check() != nil || in.Area != 14169 || in.Into[0].Address.Note == nil || in.Into[1].Address.Floor != nil {
		t.Errorf("%+v %v", in, err)
	}
	for _, bad := range []string{"1416", "02345", "1234x", "141699"} {
		var c AreaCode
		if f := fault.Of(c.UnmarshalText([]byte(bad))); f == nil || f.Key != "place.area.code" {
			t.Error(bad, f)
		}
	}
}
