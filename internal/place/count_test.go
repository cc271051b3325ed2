package place

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// What the counts are to be, by plain counting: of places that stand, of those
// that have an entrance, of entrances by state; and what is kept, by area.
var (
	plainPlaces = store.Q(store.Register, "test.places", `SELECT a.province, a.county, a.locality, a.district, a.locality_kind, a.sub_locality, COUNT(*)
		FROM area a JOIN place p ON p.area = a.id WHERE p.state = 1 GROUP BY a.province, a.county, a.locality, a.district, a.locality_kind, a.sub_locality`)
	plainServed = store.Q(store.Register, "test.served", `SELECT a.province, a.county, a.locality, a.district, a.locality_kind, a.sub_locality, COUNT(*)
		FROM area a JOIN place p ON p.area = a.id WHERE p.state = 1 AND EXISTS (SELECT 1 FROM entrance_place e WHERE e.code = p.code)
		GROUP BY a.province, a.county, a.locality, a.district, a.locality_kind, a.sub_locality`)
	plainPlates = store.Q(store.Register, "test.plates", `SELECT a.province, a.county, a.locality, a.district, a.locality_kind, a.sub_locality, COUNT(*)
		FROM area a JOIN entrance e ON e.area = a.id WHERE e.state = $1 GROUP BY a.province, a.county, a.locality, a.district, a.locality_kind, a.sub_locality`)
	keptCounts = store.Q(store.Register, "test.kept", `SELECT level, province, county, locality, name, district, kind, places, served, ordered, installed, missing, damaged
		FROM place_count WHERE places <> 0 OR served <> 0 OR ordered <> 0 OR installed <> 0 OR missing <> 0 OR damaged <> 0`)
	spoilCounts = store.Q(store.Register, "test.spoil", `UPDATE place_count SET places = places + 1 WHERE level = 2`)
)

// plain counts everything anew: by a part's names, six figures.
func (s *stage) plain() map[string][6]int64 {
	s.t.Helper()
	all := map[string][6]int64{}
	if err := s.db.Read(context.Background(), func(tx *store.Tx) error {
		clear(all)
		for i := range 6 {
			query, args := [...]*store.Query{plainPlaces, plainServed, plainPlates, plainPlates, plainPlates, plainPlates}[i], []any(nil)
			if i >= 2 {
				args = []any{int64(i - 1)}
			}
			if err := tx.Each(query, args, func(scan func(...any) error) error {
				var province, county, locality, district, kind, sub string
				var n int64
				err := scan(&province, &county, &locality, &district, &kind, &sub, &n)
				for _, name := range [][7]string{
					{"1", "", "", "", province}, {"2", province, "", "", county}, {"3", province, county, "", locality, district, kind},
					{"4", province, county, locality, sub, district, kind},
				} {
					key := fmt.Sprintf("%q", name)
					six := all[key]
					six[i] += n
					all[key] = six
				}
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *stage) kept() map[string][6]int64 {
	s.t.Helper()
	all := map[string][6]int64{}
	if err := s.db.Read(context.Background(), func(tx *store.Tx) error {
		clear(all)
		return tx.Each(keptCounts, nil, func(scan func(...any) error) error {
			var level int64
			var name [7]string
			var n [6]int64
			err := scan(&level, &name[1], &name[2], &name[3], &name[4], &name[5], &name[6], &n[0], &n[1], &n[2], &n[3], &n[4], &n[5])
			name[0] = fmt.Sprint(level)
			all[fmt.Sprintf("%q", name)] = n
			return err
		})
	}); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// counted holds the kept counts against plain counting, and FsckCounts with it.
func (s *stage) counted(after string) {
	s.t.Helper()
	if plain, kept := s.plain(), s.kept(); !maps.Equal(plain, kept) {
		s.t.Errorf("after %s:\nkept    %v\ncounted %v", after, kept, plain)
	}
	if r, err := s.FsckCounts(context.Background()); err != nil || len(r.Faults) > 0 {
		s.t.Errorf("after %s: %+v %v", after, r, err)
	}
}

func inTehranQuarter(quarter string, pairs ...string) Address {
	return inTehran(append([]string{"district", "مرکزی", "locality_kind", "city", "sub_locality", quarter}, pairs...)...)
}

// TestCounts: after each act the kept counts are what counting gives.
func TestCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx, s := context.Background(), on(t, url)
		s.today("1405-08-20")
		loaded := sample()
		gone := Place{Code: 3111111111, Province: "البرز", County: "کرج", State: Retired}
		if _, err := Load(ctx, s.db, each(loaded, gone), nil); err != nil {
			t.Fatal(err)
		}
		s.counted("a load")
		assign := func(a Address) ids.PostalCode {
			done, _, err := s.Assign(ctx, s.j, postman, &Assigning{Grounds: grounds, Area: 14169, Address: a})
			if err != nil {
				t.Fatal(err)
			}
			return done.Places[0].Code
		}
		a, b := assign(inTehranQuarter("یوسف‌آباد", "house_number", "1", "floor", "اول")), assign(inTehranQuarter("یوسف‌آباد", "house_number", "1", "floor", "دوم"))
		c := assign(inTehran("house_number", "3"))
		s.counted("assignments")
		do := func(what string, act func() error) {
			t.Helper()
			if err := act(); err != nil {
				t.Fatal(what, err)
			}
			s.counted(what)
		}
		do("an order", func() error {
			_, _, err := s.Order(ctx, s.j, postman, &Ordering{Grounds: grounds, Codes: []ids.PostalCode{a, b}})
			return err
		})
		do("an installation", func() error {
			_, _, err := s.Install(ctx, s.j, postman, &Installing{Grounds: grounds, Entrance: 1, Installer: "x"})
			return err
		})
		do("a change of quarter behind an entrance", func() error {
			_, _, err := s.Change(ctx, s.j, postman, &Changing{Grounds: grounds, Code: b, Address: at("sub_locality", "ونک")})
			return err
		})
		do("a change of number", func() error {
			_, _, err := s.Change(ctx, s.j, postman, &Changing{Grounds: grounds, Code: c, Address: at("house_number", "4")})
			return err
		})
		do("a split", func() error {
			_, _, err := s.Split(ctx, s.j, postman, &Splitting{Grounds: grounds, Code: a, Into: make([]Successor, 3)})
			return err
		})
		do("a loss", func() error {
			_, _, err := s.Lose(ctx, s.j, postman, &Losing{Grounds: grounds, Entrance: 1, State: Missing})
			return err
		})
		do("an order anew", func() error {
			_, _, err := s.Order(ctx, s.j, postman, &Ordering{Grounds: grounds, Codes: s.current(a)})
			return err
		})
		do("a merger with a place without entrance", func() error {
			_, _, err := s.Merge(ctx, s.j, postman, &Merging{Grounds: grounds, Places: []Seen{{Code: s.current(a)[0]}, {Code: c}}})
			return err
		})
		do("a retirement", func() error {
			_, _, err := s.Retire(ctx, s.j, postman, &Retiring{Grounds: grounds, Code: b})
			return err
		})
		do("a retirement with a successor", func() error {
			_, _, err := s.Retire(ctx, s.j, postman, &Retiring{Grounds: grounds, Code: s.current(a)[1], Successors: []ids.PostalCode{loaded.Code}})
			return err
		})
		do("an import", func() error { return s.countedImport(s.current(a)[0]) })
		do("an import that changes nothing", func() error { return s.countedImport(s.current(a)[0]) })
		s.countedReview()
		if err := s.db.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(spoilCounts); return err }); err != nil {
			t.Fatal(err)
		}
		if r, err := s.FsckCounts(ctx); err != nil || len(r.Faults) < 2 || int64(len(r.Faults)) >= r.Parts {
			t.Errorf("wrong counts were not found: %+v %v", r, err)
		}
	})
}

// countedImport adds two places, moves one that has an entrance, takes one off
// that may have one, and brings one back.
func (s *stage) countedImport(behind ids.PostalCode) error {
	file := "postal_code,state,province,county,locality,sub_locality\n" +
		"4111111111,active,گیلان,رشت,رشت,گلسار\n4111111112,active,گیلان,رشت,رشت,\n4111111113,retired,گیلان,رشت,رشت,\n" +
		behind.String() + ",active,گیلان,رشت,رشت,گلسار\n" +
		sample().Code.String() + ",retired,تهران,تهران,تهران,ولیعصر\n3111111111,active,البرز,کرج,,\n"
	r, err := s.Import(context.Background(), postman, s.j, strings.NewReader(file), nil, nil)
	if err == nil && r.Accepted != 6 {
		err = fmt.Errorf("%+v", r)
	}
	return err
}

// countedReview has a municipality's lines accepted: one added, one demolished.
func (s *stage) countedReview() {
	ctx, t := context.Background(), s.t
	old := s.assigned(14169, "house_number", "50")
	taken, _, err := s.Submit(ctx, s.j, townsman, &Reporting{Month: day("1405-07"), Document: "۱", Area: tehran, Lines: []Line{
		{Kind: Added, New: inTehran("house_number", "51")}, {Kind: Demolished, Code: old.Code},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Review(ctx, s.j, postman, &Reviewing{Report: taken.Report, Lines: []Decision{{Line: 1, Accept: true, Area: 14169}, {Line: 2, Accept: true}}}); err != nil {
		t.Fatal(err)
	}
	s.counted("a review")
}

// An act that fails adds nothing, and parts are found in whatever spelling.
func TestProgressOfParts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx, s := context.Background(), on(t, url)
		s.today("1405-08-20")
		for i, where := range [][6]string{
			{"کرمان", "کرمان", "مرکزی", "کرمان", "city", "الف"}, {"کرمان", "کرمان", "ماهان", "کرمان", "village", "ب"},
			{"کرمان", "كرمان", "مرکزی", "ماهان", "city", ""}, {"یزد", "یزد", "مرکزی", "یزد", "city", ""}, {"یزد", "کرمان", "مرکزی", "یزد", "city", ""},
		} {
			p := Place{Code: ids.PostalCode(1411111111 + i), Street: "ا", House: fmt.Sprint(i), State: Active}
			p.setArea(&area{where[0], where[1], where[2], where[3], where[4], where[5]})
			if _, err := Load(ctx, s.db, each(p), nil); err != nil {
				t.Fatal(err)
			}
			if i == 1 || i == 2 {
				continue // no plate
			}
			if _, _, err := s.Order(ctx, s.j, postman, &Ordering{Grounds: grounds, Codes: []ids.PostalCode{p.Code}}); err != nil {
				t.Fatal(err)
			}
		}
		for ask, want := range map[*Address]string{
			{}:                             "کرمان 3/2 یزد 2/0 ",
			ref(at("province", "كرمان")):   "کرمان 2/1 كرمان 1/1 ",
			ref(at("county", "کرمان")):     "کرمان 3/2 یزد 1/0 ",
			ref(at("locality", "ماهان")):   "کرمان 1/1 ",
			ref(at("district", "ماهان")):   "کرمان 1/1 ",
			ref(at("sub_locality", "الف")): "کرمان 1/0 ",
			ref(at("province", "تهران")):   "",
			ref(at("province", "کرمان", "county", "کرمان")):                                             "کرمان 2/1 ماهان 1/1 ",
			ref(at("province", "کرمان", "county", "کرمان", "locality_kind", "city")):                    "کرمان 1/0 ماهان 1/1 ",
			ref(at("province", "کرمان", "county", "کرمان", "locality", "کرمان")):                        "الف 1/0 ب 1/1 ",
			ref(at("province", "کرمان", "county", "کرمان", "locality", "کرمان", "district", "ماهان")):   "ب 1/1 ",
			ref(at("province", "کرمان", "county", "کرمان", "locality", "کرمان", "sub_locality", "الف")): "الف 1/0 ",
		} {
			table, err := s.Progress(ctx, postman, &Counting{Address: *ask})
			got := ""
			for _, p := range table.Rows {
				got += fmt.Sprintf("%s %d/%d ", p.Name, p.Places, p.Without)
			}
			if err != nil || got != want {
				t.Errorf("%+v: got %q, want %q: %v", ask.place(), got, want, err)
			}
		}
		for ask, want := range map[*Looking]string{
			{}:                               "1-1411111111 2-1411111114 3-1411111115 ",
			{Address: at("county", "كرمان")}: "1-1411111111 3-1411111115 ",
			{Address: at("county", "كرمان"), State: Ordered}:                          "1-1411111111 3-1411111115 ",
			{Address: at("county", "كرمان"), State: Installed}:                        "",
			{Address: at("locality", "یزد"), State: Ordered}:                          "2-1411111114 3-1411111115 ",
			{Address: at("district", "ماهان")}:                                        "",
			{Address: at("province", "کرمان", "sub_locality", "الف"), State: Ordered}: "1-1411111111 ",
		} {
			got := ""
			for in := *ask; ; {
				in.Limit = 1
				page, err := s.Entrances(ctx, postman, &in)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range page.Entrances {
					got += fmt.Sprintf("%d-%s ", e.ID, e.Codes[0])
				}
				if in.After = page.Next; in.After == "" {
					break
				}
			}
			if got != want {
				t.Errorf("%+v: got %q, want %q", ask.Address.place(), got, want)
			}
		}
	})
}

func ref(a Address) *Address { return &a }

// each makes what Load takes.
func each(all ...Place) iter.Seq2[Place, error] {
	return func(yield func(Place, error) bool) {
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
	}
}
