package synth

import (
	"bytes"
	"context"
	"io"
	"iter"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/sheet"
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

// TestRegister fills a register with the streams and then imports the files:
// every row must be taken, and change nothing.
func TestRegister(t *testing.T) {
	ctx := context.Background()
	url := storetest.SQLite(t)
	db, err := store.Open(ctx, url, store.Register)
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
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	persons, err := person.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	places, err := place.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	again(t, j, 2000, p.WritePlacesCSV, places.Import)
	again(t, j, 6000, p.WritePersonsCSV, persons.Import)
}

// importing is the import of either register.
type importing func(context.Context, journal.Actor, *journal.Journal, io.Reader, sheet.Progress, io.Writer) (*sheet.Report, error)

// again imports a file into the register that has its rows.
func again(t *testing.T, j *journal.Journal, rows int, write func(io.Writer) error, read importing) {
	t.Helper()
	var file bytes.Buffer
	if err := write(&file); err != nil {
		t.Fatal(err)
	}
	report, err := read(t.Context(), journal.Actor{Role: "operator"}, j, &file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Unchanged != rows || report.Refused != 0 {
		t.Errorf("of %d rows %d unchanged, %d changed, %d added, %d refused", rows, report.Unchanged, report.Changed, report.Added, report.Refused)
		for _, line := range report.Lines[:min(5, len(report.Lines))] {
			t.Errorf("row %d, %s: %s", line.Row, line.Column, line.Key)
		}
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
