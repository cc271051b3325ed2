package person

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store/storetest"
)

// size of the tables in this SQLite database, in bytes.
func size(t testing.TB, url string, tables ...string) (n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(url, "register.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range tables {
		var one int64
		if err := db.QueryRow(`SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE name = ?`, table).Scan(&one); err != nil {
			t.Fatal(err)
		}
		n += one
	}
	return n
}

// TestCompact holds the promise of 50 bytes a person on disk, residence,
// shenasnameh and card included.
func TestCompact(t *testing.T) {
	const n = 100_000
	url := storetest.SQLite(t)
	if loaded, err := Load(context.Background(), openStore(t, url), population(t, n), nil); loaded != n || err != nil {
		t.Fatal(loaded, err)
	}
	rows := float64(size(t, url, "person", "card", "person_successor")) / n
	names := size(t, url, "name", "sqlite_autoindex_name_1", "serie", "office")
	t.Logf("%.1f bytes a person; dictionaries %d KiB in all", rows, names>>10)
	if rows > 50 {
		t.Errorf("%.1f bytes a person, want at most 50", rows)
	}
}

func TestLoad(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		const n = 3000
		var want []Person
		b, err := Open(ctx, openStore(t, url))
		if err != nil {
			t.Fatal(err)
		}
		today := date(t, "1407-01-01")
		b.Clock = today.Start
		broken := errors.New("broken")
		for p := range population(t, n) {
			want = append(want, p)
		}
		want[7].State, want[7].Died, want[7].Successor = Cancelled, want[7].Born, want[8].Number
		want[7].Card.State, want[7].Card.Serial = Void, "0G1" // cancelled, and dead
		loaded, err := Load(ctx, b.db, func(yield func(Person, error) bool) {
			for i := range want { // from the last: Load sorts
				if !yield(want[len(want)-1-i], nil) {
					return
				}
			}
		}, nil)
		if loaded != n || err != nil {
			t.Fatal(loaded, err)
		}
		numbers := make([]ids.NationalNumber, n)
		for i := range want {
			numbers[i] = want[i].Number
			want[i].Version = 1
		}
		got, err := b.ByNumbers(ctx, numbers)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if got[i] == nil {
				t.Fatalf("%d is missing", i)
			}
			want[i].Card = want[i].Card.at(today)
			if *got[i] != want[i] {
				t.Fatalf("%d: got %+v\nwant %+v", i, *got[i], want[i])
			}
		}
		if n, err := Load(ctx, b.db, func(yield func(Person, error) bool) { yield(want[0], nil) }, nil); n != 0 || err == nil {
			t.Error("the same person twice", n, err)
		}
		if n, err := Load(ctx, b.db, func(yield func(Person, error) bool) { yield(Person{}, broken) }, nil); n != 0 || !errors.Is(err, broken) {
			t.Error(n, err)
		}
	})
}

// many is how many persons benchmarks run on: 1 million, or ESTELAM_PERSONS.
func many(b *testing.B) int {
	if n, err := strconv.Atoi(os.Getenv("ESTELAM_PERSONS")); err == nil {
		return n
	}
	if testing.Short() {
		return 200_000
	}
	return 1_000_000
}

func BenchmarkLoad(b *testing.B) {
	n := many(b)
	for b.Loop() {
		url := storetest.SQLite(b)
		if _, err := Load(context.Background(), openStore(b, url), population(b, n), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "persons/s")
}

func BenchmarkByNumber(b *testing.B) {
	n := many(b)
	url := storetest.SQLite(b)
	ctx := context.Background()
	db := openStore(b, url)
	numbers := make([]ids.NationalNumber, 0, n)
	_, err := Load(ctx, db, func(yield func(Person, error) bool) {
		for p, err := range population(b, n) {
			numbers = append(numbers, p.Number)
			if !yield(p, err) {
				return
			}
		}
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	book, err := Open(ctx, db)
	if err != nil {
		b.Fatal(err)
	}
	at := 0
	next := func() ids.NationalNumber {
		at = (at + 7919*104729) % n
		return numbers[at]
	}
	b.Run("find", func(b *testing.B) {
		b.ReportAllocs()
		var p Person
		for b.Loop() {
			if found, err := book.Find(ctx, next(), &p); !found || err != nil {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("by number", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, found, err := book.ByNumber(ctx, next()); !found || err != nil {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("by 1000 numbers", func(b *testing.B) {
		b.ReportAllocs()
		batch := make([]ids.NationalNumber, 1000)
		for b.Loop() {
			for i := range batch {
				batch[i] = next()
			}
			if _, err := book.ByNumbers(ctx, batch); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/1000, "ns/person")
	})
}
