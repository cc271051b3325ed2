package synth

import (
	"context"
	"iter"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// TestWords: the files and the register call states by the same words.
func TestWords(t *testing.T) {
	for i := range states {
		if got := person.State(i).String(); got != states[i] {
			t.Errorf("state %d: %q, here %q", i, got, states[i])
		}
	}
	for i := range cardStates {
		if got := person.CardState(i).String(); got != cardStates[i] {
			t.Errorf("card state %d: %q, here %q", i, got, cardStates[i])
		}
	}
	for i := range cardReasons {
		if got := person.CardReason(i).String(); got != cardReasons[i] {
			t.Errorf("card reason %d: %q, here %q", i, got, cardReasons[i])
		}
	}
	for _, s := range []sex{male, female} {
		if got := person.Sex(s).String(); got != sexes[s] {
			t.Errorf("sex %d: %q, here %q", s, got, sexes[s])
		}
	}
}

// TestAnyPerson: person i is the same without those before it.
func TestAnyPerson(t *testing.T) {
	p := New(Config{Seed: 4, Persons: 1500, Places: 400})
	i := 0
	for want := range p.Persons() {
		if i%100 == 17 || i == 0 || i == 1499 {
			if got := p.Person(i); got != want {
				t.Errorf("person %d is %v, in the stream %v", i, got, want)
			}
		}
		i++
	}
}

// TestRegister fills a register: it must take every person and place.
func TestRegister(t *testing.T) {
	ctx := context.Background()
	db, err := store.Open(ctx, storetest.SQLite(t), store.Register)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	p := New(Config{Seed: 5, Persons: 6000, Places: 2000})
	if n, err := place.Load(ctx, db, good(p.Places()), nil); err != nil || n != 2000 {
		t.Fatal(n, err)
	}
	if n, err := person.Load(ctx, db, good(p.Persons()), nil); err != nil || n != 6000 {
		t.Fatal(n, err)
	}
	book, err := person.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 3000, 5999} {
		want := p.Person(i)
		got, found, err := book.ByNumber(ctx, want.Number)
		if err != nil || !found {
			t.Fatal(found, err)
		}
		if got.Given != want.Given || got.Born != want.Born || got.Postal != want.Postal || got.Shenasnameh != want.Shenasnameh {
			t.Errorf("person %d is %+v, in the register %+v", i, want, got)
		}
	}
	places, err := place.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	if _, found, err := places.ByCode(ctx, ids.PostalCode(p.code(1000))); !found || err != nil {
		t.Error(found, err)
	}
}

// good is a stream without errors.
func good[T any](all iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func BenchmarkConvert(b *testing.B) {
	p := New(Config{Seed: 1, Persons: b.N, Places: 1_000_000})
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for range p.Persons() {
		n++
	}
}
