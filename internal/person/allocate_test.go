package person

import (
	"context"
	"errors"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func openBook(t testing.TB, url string) *Book {
	t.Helper()
	b, err := Open(context.Background(), openStore(t, url))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func offices(t testing.TB, b *Book, list ...Office) {
	t.Helper()
	if err := LoadOffices(context.Background(), b.db, list); err != nil {
		t.Fatal(err)
	}
}

// onRecordAlready puts persons with these serials of a prefix into the register.
func onRecordAlready(t testing.TB, b *Book, p Prefix, serials ...int64) {
	t.Helper()
	if _, err := Load(context.Background(), b.db, func(yield func(Person, error) bool) {
		for _, s := range serials {
			one := sample(t)
			one.Number = number(p, s)
			if !yield(one, nil) {
				return
			}
		}
	}, nil); err != nil {
		t.Fatal(err)
	}
}

// setNext moves a prefix on, as many births would.
func setNext(t testing.TB, b *Book, p Prefix, next int64) {
	t.Helper()
	if err := b.db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(blockInsert, int(p), next)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestAllocateOnce: 64 writers on two nodes, with what an import has brought
// lying in their way, get every number once; so do those who come after both
// have crashed.
func TestAllocateOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		first := openBook(t, url)
		offices(t, first, Office{Code: 10011, Name: "یک", Prefixes: []Prefix{11}}, Office{Code: 10012, Name: "دو", Prefixes: []Prefix{11, 12}})
		var legacy []int64
		for s := int64(1); s < 4000; s += 3 {
			legacy = append(legacy, s)
		}
		onRecordAlready(t, first, 11, legacy...)
		given := map[ids.NationalNumber]bool{}
		for _, s := range legacy {
			given[number(11, s)] = true
		}
		for range 2 {
			nodes := []*Book{openBook(t, url), openBook(t, url)}
			var mu sync.Mutex
			var writers sync.WaitGroup
			for w := range 64 {
				writers.Go(func() {
					for i := range 5 {
						numbers, err := nodes[w%2].Allocate(ctx, 10011+w/2%2, 1+(w+i)%7)
						if err != nil || len(numbers) != 1+(w+i)%7 {
							t.Error(numbers, err)
						}
						mu.Lock()
						for _, n := range numbers {
							if again, err := ids.ParseNationalNumber(n.String()); err != nil || again != n || int64(n)/10_000_000 != 11 {
								t.Error("no number of the office", n, err)
							}
							if given[n] {
								t.Error("given twice or on record already", n)
							}
							given[n] = true
						}
						mu.Unlock()
					}
				})
			}
			writers.Wait()
		}
	})
}

// TestAllocateModel holds one node's numbers against a list of those that it
// may give, for any steps and any registrations in between.
func TestAllocateModel(t *testing.T) {
	b := openBook(t, storetest.SQLite(t))
	prefix := Prefix(20)
	rapid.Check(t, func(rt *rapid.T) {
		prefix++
		list := []Prefix{prefix}
		taken := map[int64]bool{}
		var legacy []int64
		for _, s := range rapid.SliceOfN(rapid.Int64Range(1, 400), 0, 200).Draw(rt, "legacy") {
			if !taken[s] {
				legacy, taken[s] = append(legacy, s), true
			}
		}
		onRecordAlready(t, b, prefix, legacy...)
		last := int64(0)
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			n := rapid.IntRange(1, 150).Draw(rt, "n")
			numbers, err := b.numbers.take(context.Background(), list, n)
			if err != nil || len(numbers) != n {
				rt.Fatal(numbers, err)
			}
			for _, got := range numbers {
				s := middle(got)
				if got != number(prefix, s) || s <= last || taken[s] {
					rt.Fatalf("%v after serial %d", got, last)
				}
				last = s
			}
			if rapid.Bool().Draw(rt, "crash") {
				b.numbers = newAllocator(b.db)
			}
		}
	})
}

// TestAllocateExhausted: when a prefix is used up the office's next one is
// taken; when all are, nothing is given.
func TestAllocateExhausted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b := openBook(t, url)
		offices(t, b, Office{Code: 5, Name: "یک", Prefixes: []Prefix{31, 30}})
		setNext(t, b, 31, endSerial-3)
		setNext(t, b, 30, endSerial-2)
		onRecordAlready(t, b, 31, endSerial-2)
		got, err := b.Allocate(ctx, 5, 3)
		want := []ids.NationalNumber{number(31, endSerial-3), number(31, endSerial-1), number(30, endSerial-2)}
		if err != nil || len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
			t.Error(got, err)
		}
		if _, err := b.Allocate(ctx, 5, 2); fault.Of(err) == nil || fault.Of(err).Key != "person.number.exhausted" {
			t.Error(err)
		}
		if got, err := b.Allocate(ctx, 5, 1); err != nil || got[0] != number(30, endSerial-1) {
			t.Error("who asked for too many has left none", got, err)
		}
		if _, err := b.Allocate(ctx, 5, 1); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		if _, err := b.Allocate(ctx, 6, 1); fault.Of(err) == nil || fault.Of(err).Key != "person.office.unknown" {
			t.Error(err)
		}
		// What an import has filled up is marked as used up, once.
		setNext(t, b, 29, endSerial-2)
		onRecordAlready(t, b, 29, endSerial-2, endSerial-1)
		if got, err := b.numbers.take(ctx, []Prefix{29}, 1); !fault.Is(err, fault.Conflict) {
			t.Error(got, err)
		}
		if err := b.db.Read(ctx, func(tx *store.Tx) error {
			next, _, err := nextSerial(tx, 29)
			if next != endSerial {
				t.Error(next)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		// An office that another process registers is found at once, and a
		// prefix that it gets.
		elsewhere := openBook(t, url)
		offices(t, elsewhere, Office{Code: 6, Name: "دو", Prefixes: []Prefix{33}})
		if got, err := b.Allocate(ctx, 6, 1); err != nil || got[0] != number(33, 1) {
			t.Error(got, err)
		}
	})
}

// TestAllocateSkips: a prefix full of records is passed over without a block
// for each thousand of them, and ten equal digits are nobody's.
func TestAllocateSkips(t *testing.T) {
	b := openBook(t, storetest.SQLite(t))
	var legacy []int64
	for s := int64(1); s <= 2500; s++ {
		legacy = append(legacy, s)
	}
	onRecordAlready(t, b, 41, legacy...)
	got, err := b.numbers.take(context.Background(), []Prefix{41}, 1)
	if err != nil || got[0] != number(41, 2501) {
		t.Error(got, err)
	}
	setNext(t, b, 111, 111_110)
	got, err = b.numbers.take(context.Background(), []Prefix{111}, 3)
	if err != nil || got[0] != number(111, 111_110) || got[1] != number(111, 111_112) {
		t.Error(got, err)
	}
	if n := number(111, 111_111); !sameDigits(n) {
		t.Error(n)
	}
}

// TestAllocateImpatient: who gives up while another one reserves a block leaves
// the block to the others.
func TestAllocateImpatient(t *testing.T) {
	b := openBook(t, storetest.SQLite(t))
	_, release, err := b.numbers.hold(context.Background(), 51)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.numbers.take(ctx, []Prefix{51}, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	release()
	if got, err := b.numbers.take(context.Background(), []Prefix{51}, 1); err != nil || got[0] != number(51, 1) {
		t.Error(got, err)
	}
}

func TestOffices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, (&ticking{date(t, "1405-08-30").Start()}).now)
		list := []Office{
			{Code: 11, Name: "تهران مركزی", Province: "تهران", County: "تهران", Prefixes: []Prefix{2, 1}},
			{Code: 10, Name: "سنندج", Province: "کردستان", County: "سنندج", Prefixes: []Prefix{372}},
		}
		if _, err := b.PutOffices(ctx, j, supervisor, list); err != nil {
			t.Fatal(err)
		}
		got := b.Offices()
		if len(got) != 2 || !got[0].equal(&list[1]) || got[1].Name != "تهران مرکزی" || got[1].Prefixes[0] != 2 {
			t.Errorf("%+v", got)
		}
		if _, err := b.PutOffices(ctx, j, clerk, list); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		bad := []Office{list[0], list[0], {}, {Code: 100_000, Name: "الف", Prefixes: []Prefix{7, 7}}}
		_, err := b.PutOffices(ctx, j, supervisor, bad)
		if want := "offices.1.code sheet.twice, offices.2.code person.missing, offices.2.name person.missing, " +
			"offices.2.prefixes person.missing, offices.3.code person.office, offices.3.prefixes person.office.prefix"; spell(err) != want {
			t.Errorf("got %s\nwant %s", spell(err), want)
		}
	})
}

func TestPrefix(t *testing.T) {
	for text, want := range map[string]Prefix{"001": 1, "۳۷۲": 372, "000": 0, "1": 0, "1234": 0, "-01": 0, "": 0} {
		if got, err := ParsePrefix(text); got != want || (err == nil) != (want != 0) {
			t.Error(text, got, err)
		}
	}
	if persian.Digits(Prefix(7).String()) != "۰۰۷" {
		t.Error(Prefix(7))
	}
}
