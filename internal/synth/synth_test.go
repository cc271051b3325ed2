package synth

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// golden is the SHA-256 of both files of one small population. If it changes,
// Version must change too.
const golden = "5b56b62c38ec932ac99e5963413d0b1682feb0c74450acf6ca63e5a24806b01d"

func TestSameBytes(t *testing.T) {
	c := Config{Seed: 7, Persons: 3000, Places: 1000}
	sum := func(c Config) string {
		h := sha256.New()
		p := New(c)
		if err := p.WritePersonsCSV(h); err != nil {
			t.Fatal(err)
		}
		if err := p.WritePlacesCSV(h); err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	if got := sum(c); got != golden {
		t.Errorf("seed 7 gives %s, want %s", got, golden)
	}
	c.Seed = 8
	if sum(c) == golden {
		t.Error("another seed gives the same population")
	}
}

// TestMillion reads what the register would read: every value must pass the
// parser of its kind, and every number must be new, of its office, and marked.
func TestMillion(t *testing.T) {
	persons := 1_000_000
	if testing.Short() {
		persons = 100_000
	}
	p := New(Config{Seed: 1, Persons: persons, Places: persons / 3})
	codes := map[int64]bool{}
	last := int64(0)
	for s := range p.allPlaces() {
		if s.code <= last {
			t.Fatalf("%d after %d", s.code, last)
		}
		last = s.code
		codes[s.code] = true
	}
	names := map[string]bool{}
	n, last := 0, int64(0)
	for r := range p.all() {
		if r.number <= last {
			t.Fatalf("%d after %d", r.number, last)
		}
		last = r.number
		n++
		if number, err := ids.ParseNationalNumber(string(digits(nil, r.number, 10))); err != nil || int64(number) != r.number {
			t.Fatalf("%d: %v", r.number, err)
		}
		if !IsSynthetic(r.number) || !p.Mark().Holds(r.number) {
			t.Fatalf("%d is not recognised", r.number)
		}
		if int64(r.office-10_000) != r.number/10_000_000 {
			t.Fatalf("%d of office %d", r.number, r.office)
		}
		if r.postal != 0 && !codes[r.postal] {
			t.Fatalf("%d lives nowhere: %d", r.number, r.postal)
		}
		for _, name := range []string{r.given, r.surname, r.father} {
			names[name] = true
		}
		if why := checkDates(r); why != "" {
			t.Fatalf("%d: %s", r.number, why)
		}
		if n%97 == 0 {
			checkBooklet(t, r)
		}
	}
	if n != persons {
		t.Errorf("%d persons", n)
	}
	for name := range names {
		if parsed, err := persian.ParseName(name); err != nil || parsed.Display != name {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func checkDates(r *record) string {
	switch {
	case !r.born.Valid() || r.born.Year < firstYear || r.born.Compare(Today) > 0:
		return "born " + r.born.String()
	case !r.died.IsZero() && (r.died.Compare(r.born) < 0 || r.died.Compare(Today) > 0):
		return "died " + r.died.String()
	case (r.state == stateDeceased) && r.died.IsZero(), r.state == stateActive && !r.died.IsZero():
		return "state and death disagree"
	case r.successor != 0 && (r.state != stateCancelled || r.successor == r.number):
		return "successor"
	case (r.postal == 0) != r.since.IsZero(), !r.since.IsZero() && r.since.Compare(Today) > 0:
		return "residence since " + r.since.String()
	case ids.From1368(r.born) && r.booklet != 0:
		return "a booklet's number after 1368"
	case r.card == cardIssued && r.cardValid.IsZero(), r.card != cardMustReplace && r.cardReason != 0:
		return "card"
	}
	return ""
}

func checkBooklet(t *testing.T, r *record) {
	t.Helper()
	n, err := ids.ParseShenasnamehNumber(string(digits(nil, r.booklet, 1)), ids.NationalNumber(r.number), r.born)
	if err != nil || int64(n) != r.booklet {
		t.Errorf("shenasnameh %d: %v", r.booklet, err)
	}
	if serie, err := ids.ParseSerie(r.serie); err != nil || string(serie) != r.serie {
		t.Errorf("serie %q: %v", r.serie, err)
	}
	if _, err := ids.ParseSerial(string(digits(nil, int64(r.serial), 6))); err != nil {
		t.Errorf("serial %d: %v", r.serial, err)
	}
}

// TestMark shows that one arbitrary number in a hundred bears the mark, and
// that the marks of larger populations have room for them.
func TestMark(t *testing.T) {
	d, hits := dice{1}, 0
	const tries = 200_000
	for range tries {
		if IsSynthetic(withCheck(int64(d.below(1_000_000_000)))) {
			hits++
		}
	}
	if hits < tries/100*9/10 || hits > tries/100*11/10 {
		t.Errorf("%d of %d arbitrary numbers look synthetic", hits, tries)
	}
	for _, persons := range []int{4_000_000, 4_000_001, 40_000_000, 130_000_000} {
		p := New(Config{Persons: persons})
		m := maker{Population: p}
		for _, block := range []int{0, p.count() / 2, p.count() - 1} {
			m.fill(block)
			for _, n := range m.numbers {
				if !p.Mark().Holds(n) {
					t.Fatalf("%d persons: %d does not bear %d", persons, n, p.Mark())
				}
			}
		}
		if p.first(p.count()) != persons {
			t.Errorf("%d persons in the blocks of %d", p.first(p.count()), persons)
		}
	}
	if meta := New(Config{Seed: 5}).Meta(); !strings.HasPrefix(meta, "synthetic ") {
		t.Error(meta)
	}
}

// TestTiny: sizes below a block, and none.
func TestTiny(t *testing.T) {
	for _, c := range []Config{{}, {Persons: 1}, {Persons: 3, Places: 1}, {Places: 5}, {Persons: 130, Places: 2}, {Persons: -1, Places: -1}} {
		p := New(c)
		persons, places := 0, 0
		for range p.all() {
			persons++
		}
		for range p.allPlaces() {
			places++
		}
		if persons != max(c.Persons, 0) || places != max(c.Places, 0) {
			t.Errorf("%+v gives %d persons and %d places", c, persons, places)
		}
	}
}

func BenchmarkPersons(b *testing.B) {
	p := New(Config{Seed: 1, Persons: max(b.N, 100_000), Places: 1_000_000})
	b.ResetTimer()
	n := 0
	for range p.all() {
		if n++; n == b.N {
			break
		}
	}
}

func BenchmarkPersonsCSV(b *testing.B) {
	p := New(Config{Seed: 1, Persons: b.N, Places: 1_000_000})
	b.ReportAllocs()
	b.ResetTimer()
	if err := p.WritePersonsCSV(io.Discard); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkPlacesCSV(b *testing.B) {
	p := New(Config{Seed: 1, Places: b.N})
	b.ReportAllocs()
	b.ResetTimer()
	if err := p.WritePlacesCSV(io.Discard); err != nil {
		b.Fatal(err)
	}
}
