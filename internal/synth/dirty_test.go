package synth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/persian"
)

// dirtyGolden is the SHA-256 of one small file with its truth.
const dirtyGolden = "46064b37596b981515953893502672c2e2bf94e0323c1a8193990536dbe8b838"

func TestDirtySameBytes(t *testing.T) {
	p := New(Config{Seed: 7, Persons: 3000, Places: 1000})
	sum := func(d Dirt) string {
		h := sha256.New()
		for r := range p.DirtyRows(d) {
			fmt.Fprintln(h, r.ID, strings.Join(r.Values[:], "|"), r.Truth, r.Why)
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	d := Dirt{Seed: 7, Rows: 1000}
	if got := sum(d); got != dirtyGolden {
		t.Errorf("seed 7 gives %s, want %s", got, dirtyGolden)
	}
	for _, other := range []Dirt{{Seed: 8, Rows: 1000}, {Seed: 7, Rows: 1000, Noise: 200}, {Seed: 7, Rows: 1000, NoNumbers: true}} {
		if sum(other) == dirtyGolden {
			t.Errorf("%+v gives the same file", other)
		}
	}
}

// dirtyFile is a file and the register it is about.
type dirtyFile struct {
	register map[int64]record
	rows     []*DirtyRow
}

func makeDirty(t *testing.T, c Config, d Dirt) dirtyFile {
	t.Helper()
	p := New(c)
	f := dirtyFile{register: map[int64]record{}}
	for r := range p.all() {
		if d.InRegister(r.number) {
			f.register[r.number] = *r
		}
	}
	for r := range p.DirtyRows(d) {
		f.rows = append(f.rows, r)
		if r.ID != len(f.rows) {
			t.Fatalf("row %d is the %dth", r.ID, len(f.rows))
		}
	}
	return f
}

// TestDirtyTruth holds who the rows are about against the register.
func TestDirtyTruth(t *testing.T) {
	f := makeDirty(t, Config{Seed: 2, Persons: 100_000}, Dirt{Seed: 5, Rows: 20_000})
	if len(f.rows) != 20_000 {
		t.Fatalf("%d rows", len(f.rows))
	}
	seen, offices := map[int64]bool{}, map[int]bool{}
	var unknown, leftOut, repeated, ascending int
	for i, r := range f.rows {
		if i > 0 && r.Truth > f.rows[i-1].Truth {
			ascending++
		}
		again := strings.HasPrefix(r.Why, "repeated")
		if again {
			repeated++
		}
		if r.Truth == 0 {
			unknown++
			if strings.Contains(r.Why, "left-out") {
				leftOut++
			}
			n := number("0" + persian.ASCII(r.Values[colNumber]))
			if _, ok := f.register[int64(n)]; ok && !strings.Contains(r.Why, "number.") {
				t.Fatalf("row %d is of nobody in the register and has the number %d", r.ID, n)
			}
			continue
		}
		of, ok := f.register[r.Truth]
		if !ok {
			t.Fatalf("row %d is about %d, who is not in the register", r.ID, r.Truth)
		}
		offices[of.office] = true
		if seen[r.Truth] && !again {
			t.Fatalf("%d stands in the file twice", r.Truth)
		}
		seen[r.Truth] = true
	}
	all := len(f.rows)
	between(t, "not in the register", unknown, all, 7.5, 8.5)
	between(t, "left out of it", leftOut, all, 2, 5)
	between(t, "repeated", repeated, all, 0.3, 0.7)
	between(t, "ascending", ascending, all, 40, 60)
	between(t, "population in the register", len(f.register), 100_000, 98.8, 99.2)
	if len(offices) < 400 {
		t.Errorf("the persons are of %d offices", len(offices))
	}
}

// TestDirtyFamilies: brothers, sisters and twins are in the file together, and
// of those not in the register most have family that is.
func TestDirtyFamilies(t *testing.T) {
	f := makeDirty(t, Config{Seed: 2, Persons: 100_000}, Dirt{Seed: 5, Rows: 20_000})
	type family struct{ surname, father string }
	byFamily, registered := map[family]int{}, map[string]bool{}
	key := func(surname string, office int) string { return fmt.Sprint(surname, office) }
	for _, r := range f.register {
		registered[key(r.surname, r.office)] = true
	}
	var siblings, twins, leftOut, related int
	last := map[int64]bool{}
	for _, r := range f.rows {
		of := f.register[r.Truth]
		if r.Truth != 0 {
			k := family{of.surname, of.father}
			if byFamily[k]++; byFamily[k] > 1 {
				siblings++
			}
			if last[r.Truth/10-1] || last[r.Truth/10+1] {
				if strings.Contains(r.Why, "twin") {
					twins++
				}
			}
			last[r.Truth/10] = true
		}
		if strings.Contains(r.Why, "left-out") && r.Values[colSurname] != "" {
			leftOut++
			for office := range 999 {
				if registered[key(r.Values[colSurname], 10_000+office)] {
					related++
					break
				}
			}
		}
	}
	between(t, "of a family that the file has already", siblings, len(f.rows), 20, 60)
	between(t, "second twins", twins, len(f.rows), 0.3, 2)
	between(t, "left out, with a namesake in the register", related, leftOut, 40, 100)
}

// TestDirtyRates counts what is wrong with the values, not what the generator
// says it did.
func TestDirtyRates(t *testing.T) {
	f := makeDirty(t, Config{Seed: 3, Persons: 120_000}, Dirt{Seed: 9, Rows: 60_000})
	var rows, numbers, wrong, gone, father, date, year, first, off, booklets, bookletGone, place, placeWrong, sex int
	var yeh, arabic, alef, lost, second, cut int
	for _, r := range f.rows {
		of, ok := f.register[r.Truth]
		if !ok {
			continue
		}
		v := r.Values
		rows++
		if n := persian.ASCII(v[colNumber]); n != "" {
			numbers++
			if int64(number(n)) != r.Truth {
				wrong++
			}
		}
		count(&father, v[colFather] == "")
		count(&sex, v[colSex] == "")
		count(&place, v[colPlace] == "")
		if v[colPlace] != "" && persian.Key(v[colPlace]) != persian.Key(of.issuePlace) {
			placeWrong++
		}
		if of.booklet != 0 {
			booklets++
			count(&bookletGone, v[colShenasnameh] == "")
		}
		b := persian.ASCII(v[colBirth])
		count(&gone, b == "")
		if of.born.Precise() && b != "" {
			date++
			count(&year, len(b) == 4)
			at := number(b[:4])
			count(&off, at != int(of.born.Year))
			count(&first, len(b) > 4 && strings.NewReplacer("/", "", "-", "").Replace(b[4:]) == "0101" && of.born.Day != 1)
		}
		if strings.ContainsAny(of.surname, "یک") {
			yeh++
			count(&arabic, strings.ContainsAny(v[colSurname], "يك"))
		}
		for col, name := range map[int]string{colGiven: of.given, colSurname: of.surname, colFather: of.father} {
			if v[col] != "" && strings.Contains(name, "آ") {
				alef++
				count(&lost, !strings.Contains(v[col], "آ"))
			}
		}
		if _, tail, two := strings.Cut(of.surname, " "); two {
			second++
			count(&cut, !strings.Contains(persian.Key(v[colSurname]), persian.Key(tail)))
		}
	}
	between(t, "with a number", numbers, rows, 36, 44)
	between(t, "wrong numbers", wrong, numbers, 2.4, 3.6)
	between(t, "without father", father, rows, 12, 18)
	between(t, "without date", gone, rows, 2, 4)
	between(t, "year only", year, date, 12, 18)
	between(t, "first of Farvardin", first, date, 1.8, 3.2)
	between(t, "another year", off, date, 1.8, 3.2)
	between(t, "without shenasnameh number", bookletGone, booklets, 21, 29)
	between(t, "without place", place, rows, 36, 44)
	between(t, "another place", placeWrong, rows-place, 7, 9)
	between(t, "without sex", sex, rows, 16, 24)
	between(t, "Arabic letters", arabic, yeh, 35, 45)
	between(t, "lost madde", lost, alef, 26, 34)
	between(t, "second words cut", cut, second, 4, 9)
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// TestDirtyNames counts mistakes in names by their kind.
func TestDirtyNames(t *testing.T) {
	f := makeDirty(t, Config{Seed: 4, Persons: 100_000}, Dirt{Seed: 9, Rows: 50_000})
	kinds := map[string]int{}
	for _, r := range f.rows {
		for _, kind := range strings.Fields(r.Why) {
			kinds[kind]++
		}
	}
	all := len(f.rows)
	for kind, of := range map[string][2]float64{
		"given.homophone": {1.2, 2.2}, "surname.homophone": {1.4, 2.2}, "given.dotted": {0.8, 1.2}, "surname.dotted": {0.8, 1.2},
		"given.edit": {1, 1.4}, "surname.edit": {1, 1.4}, "father.edit": {0.8, 1.3},
		"given.halved": {0.2, 0.8}, "given.titled": {2, 3}, "given.other": {0.9, 1.5}, "surname.swapped": {0.2, 0.5},
		"surname.space": {3, 7}, "surname.zwnj": {0.8, 2}, "surname.joined": {2, 5}, "birth.slip": {0.6, 1.1}, "birth.swap": {0.05, 0.2},
		"number.relative": {0.25, 0.55}, "number.slip": {0.6, 1}, "number.zeros": {0.1, 1},
	} {
		between(t, kind, kinds[kind], all, of[0], of[1])
	}
}

// TestDirtyClean: without mistakes the rows are the register's.
func TestDirtyClean(t *testing.T) {
	f := makeDirty(t, Config{Seed: 2, Persons: 20_000}, Dirt{Seed: 5, Rows: 5000, Rates: &Rates{Number: 10_000, Unregistered: 800, LeftOut: 100}})
	for _, r := range f.rows {
		of, ok := f.register[r.Truth]
		if !ok {
			continue
		}
		v := r.Values
		if v[colGiven] != of.given || v[colSurname] != of.surname || v[colFather] != of.father || v[colPlace] != of.issuePlace ||
			number(persian.ASCII(v[colNumber])) != int(of.number) || len([]rune(v[colNumber])) != 10 {
			t.Fatalf("row %d: %q of %+v", r.ID, v, of)
		}
	}
}

// TestDirtyNoise: twice the noise is twice the mistakes, bounded, and a file
// without numbers has none, not even in the shenasnameh's column.
func TestDirtyNoise(t *testing.T) {
	r := Standard().times(200)
	if r.Edit != 240 || r.Arabic != 8000 || r.PlaceGone != 8000 || r.Unregistered != 800 || r.Number != 4000 {
		t.Errorf("noise 200: %+v", r)
	}
	if r = Standard().times(300); r.PlaceGone != 9000 || r.Space+r.ZWNJ+r.Joined > 9000 {
		t.Errorf("noise 300: %+v", r)
	}
	p := New(Config{Seed: 2, Persons: 20_000, Places: 5000})
	for row := range p.DirtyRows(Dirt{Seed: 5, Rows: 5000, NoNumbers: true, Noise: 200}) {
		if row.Values[colNumber] != "" || len([]rune(row.Values[colShenasnameh])) > 5 || row.Values[colPostal] != "" {
			t.Fatalf("row %d: %q", row.ID, row.Values)
		}
	}
	with := Standard()
	if !with.Set("postal", 5000) || with.Set("nonsense", 1) || with.Set("edit", 10_001) || with.Edit != 120 {
		t.Error("a rate that is none was set, or one that is was not")
	}
	postal, all := 0, 0
	for row := range p.DirtyRows(Dirt{Seed: 5, Rows: 5000, Rates: &with}) {
		all++
		count(&postal, row.Values[colPostal] != "")
	}
	between(t, "with a postal code", postal, all, 30, 60)
}

// TestDirtyLimits: files of nothing, of more rows than there are persons, and
// readers who stop.
func TestDirtyLimits(t *testing.T) {
	for _, c := range []struct{ persons, rows, least, most int }{
		{0, 10, 0, 0}, {10, 0, 0, 0}, {1, 1, 0, 1}, {130, 100, 60, 100}, {1000, 5000, 700, 1100}, {1000, -1, 0, 0}, {20_000, 16_000, 15_800, 16_000},
	} {
		n := 0
		for range New(Config{Seed: 1, Persons: c.persons}).DirtyRows(Dirt{Seed: 1, Rows: c.rows}) {
			n++
		}
		if n < c.least || n > c.most {
			t.Errorf("%d persons, %d rows asked: %d", c.persons, c.rows, n)
		}
	}
	n := 0
	for range New(Config{Seed: 1, Persons: 1000}).DirtyRows(Dirt{Seed: 1, Rows: 100}) {
		if n++; n == 7 {
			break
		}
	}
	if n != 7 {
		t.Errorf("%d rows after a stop", n)
	}
}

func BenchmarkDirtyRows(b *testing.B) {
	p := New(Config{Seed: 1, Persons: max(10*b.N, 100_000)})
	b.ReportAllocs()
	for range p.DirtyRows(Dirt{Seed: 1, Rows: b.N}) {
	}
}

// TestDirtyDocs: docs/linkage.md lists the rates as they are.
func TestDirtyDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/linkage.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range &rateTable {
		if row := fmt.Sprintf("| `%s` | %g |", r.name, float64(r.value)/100); !strings.Contains(string(doc), row) {
			t.Errorf("the page has no row %q", row)
		}
	}
}
