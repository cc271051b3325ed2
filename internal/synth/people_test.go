package synth

import (
	"testing"

	"github.com/estelam/estelam/internal/persian"
)

// people gathers some persons as the blocks hold them.
func people(t *testing.T, persons int, each func(m *maker, i int)) {
	t.Helper()
	p := New(Config{Seed: 3, Persons: persons, Places: persons / 3})
	m := maker{Population: p}
	for block := range p.count() {
		m.fill(block)
		for i := range m.people {
			each(&m, i)
		}
	}
}

func between(t *testing.T, what string, part, whole int, low, high float64) {
	t.Helper()
	if share := 100 * float64(part) / float64(whole); share < low || share > high {
		t.Errorf("%s: %.2f %% (%d of %d), want %g to %g %%", what, share, part, whole, low, high)
	}
}

// TestPyramid holds the ages against the births and deaths they come from.
func TestPyramid(t *testing.T) {
	const n = 120_000
	var born [yearCount]int
	var living, old, young, dead, men int
	people(t, n, func(m *maker, i int) {
		p := &m.people[i]
		born[m.year(p.born)-firstYear]++
		if p.sex == male {
			men++
		}
		switch age := (m.today - p.born) / 365; {
		case p.died != 0:
			dead++
			return
		case age >= 65:
			old++
		case age < 15:
			young++
		}
		living++
	})
	between(t, "dead", dead, n, 13, 19)
	between(t, "men", men, n, 48.5, 52.5)
	between(t, "65 and older", old, living, 7, 11)
	between(t, "below 15", young, living, 16, 23)
	births, whole := base().births, 0
	for _, b := range births {
		whole += b
	}
	for at := 0; at+10 <= yearCount; at += 10 {
		got, want := 0, 0
		for y := at; y < at+10; y++ {
			got += born[y]
			want += births[y]
		}
		share := 100 * float64(want) / float64(whole)
		between(t, "born in ten years", got, n, share*0.85-0.15, share*1.15+0.15)
	}
}

// TestNameHeads: the names of grandparents are not those of grandchildren.
func TestNameHeads(t *testing.T) {
	var men, old, young int
	count := map[string]int{}
	oldCount, youngCount := map[string]int{}, map[string]int{}
	surnames := map[string]int{}
	const n = 120_000
	people(t, n, func(m *maker, i int) {
		p := &m.people[i]
		surnames[p.surname]++
		if p.sex == male {
			men++
			count[p.plain]++
		}
		switch year := m.year(p.born); {
		case year < 1340:
			old++
			oldCount[p.plain]++
		case year >= 1390:
			young++
			youngCount[p.plain]++
		}
	})
	between(t, "محمد", count["محمد"], men, 2, 6)
	between(t, "محمدی", surnames["محمدی"], n, 0.5, 1.5)
	between(t, "محمدرضا", count["محمدرضا"], men, 0.8, 4)
	for _, name := range []string{"غلامحسین", "سکینه", "صغری", "یدالله"} {
		if a, b := oldCount[name]*young, youngCount[name]*old; a < 5*b || a == 0 {
			t.Errorf("%s: %d of %d, now %d of %d", name, oldCount[name], old, youngCount[name], young)
		}
	}
	for _, name := range []string{"امیرعلی", "حلما", "آراد", "النا"} {
		if a, b := oldCount[name]*young, youngCount[name]*old; b < 5*a || b == 0 {
			t.Errorf("%s: %d of %d, now %d of %d", name, oldCount[name], old, youngCount[name], young)
		}
	}
	if len(surnames) < 3000 {
		t.Errorf("%d surnames", len(surnames))
	}
}

// TestFamilies: brothers and sisters share what they must, twins differ in
// little, and most families have a place.
func TestFamilies(t *testing.T) {
	const n = 60_000
	var twins, sayyeds, doubles, inFamily, linked int
	var states [stateProtected + 1]int
	people(t, n, func(m *maker, i int) {
		p := &m.people[i]
		states[p.state]++
		if p.sayyed {
			sayyeds++
		}
		if p.copyOf >= 0 {
			doubles++
			of := &m.people[p.copyOf]
			if p.state != stateCancelled || p.surname != of.surname || p.given != of.given || m.numbers[i] == m.numbers[p.copyOf] {
				t.Errorf("%d does not double %d", m.numbers[i], m.numbers[p.copyOf])
			}
		}
		if p.twin != single {
			twins++
		}
		if p.twin == second {
			q := &m.people[i-1]
			if q.twin != first || p.born != q.born || p.surname != q.surname || p.father != q.father || p.given == q.given && p.sex == q.sex {
				t.Errorf("%d and %d are no twins", m.numbers[i-1], m.numbers[i])
			}
			if m.numbers[i]/10 != m.numbers[i-1]/10+1 {
				t.Errorf("twins %d and %d", m.numbers[i-1], m.numbers[i])
			}
		}
		if m.year(p.born) < 1390 {
			return
		}
		inFamily++
		for k := range m.people {
			q := &m.people[k]
			if q.sex == male && q.plain != "" && q.given == p.father && q.surname == p.surname && p.born-q.born > 17*365 {
				linked++
				break
			}
		}
	})
	between(t, "twins", twins, n, 1, 3)
	between(t, "sayyeds", sayyeds, n, 3, 9)
	between(t, "cancelled doubles", doubles, n, 0.02, 0.15)
	between(t, "cancelled", states[stateCancelled], n, 0.03, 0.2)
	between(t, "protected", states[stateProtected], n, 0.04, 0.2)
	between(t, "under review", states[stateUnderReview], n, 0.04, 0.2)
	between(t, "children with their father in the register", linked, inFamily, 60, 95)
}

// TestResidence: few of the living have no place, and households share theirs.
func TestResidence(t *testing.T) {
	const n = 60_000
	p := New(Config{Seed: 3, Persons: n, Places: n / 3})
	living, placeless, cards := 0, 0, map[uint8]int{}
	at := map[int64]int{}
	for r := range p.all() {
		if r.state != stateActive {
			continue
		}
		living++
		cards[r.card]++
		if r.postal == 0 {
			placeless++
		} else {
			at[r.postal]++
		}
	}
	between(t, "placeless", placeless, living, 0.8, 2.5)
	between(t, "cards issued", cards[cardIssued], living, 55, 85)
	for _, state := range []uint8{cardAnnounced, cardApplied, cardAppointed, cardMustReplace, cardLost} {
		between(t, cardStates[state], cards[state], living, 0.3, 5)
	}
	if perHome := float64(living) / float64(len(at)); perHome < 2.2 || perHome > 6 {
		t.Errorf("%.1f people a place", perHome)
	}
	for code, people := range at {
		if people > 40 {
			t.Errorf("%d people at %d", people, code)
		}
	}
	none := New(Config{Seed: 3, Persons: 500})
	for r := range none.all() {
		if r.postal != 0 {
			t.Fatal("a residence without places")
		}
	}
}

// TestData: the lists are as long as promised, spelt in the letters of the
// register, and without doubles.
func TestData(t *testing.T) {
	for file, least := range map[string]int{"male.csv": 300, "female.csv": 300, "surnames.csv": 500, "stems.csv": 150} {
		seen := map[string]bool{}
		for _, row := range rows(file) {
			name := row[0]
			if parsed, err := persian.ParseName(name); err != nil || parsed.Display != name {
				t.Errorf("%s: %q is written %q (%v)", file, name, parsed.Display, err)
			}
			if seen[name] {
				t.Errorf("%s: %q twice", file, name)
			}
			seen[name] = true
			if number(row[1]) <= 0 {
				t.Errorf("%s: %q has no weight", file, name)
			}
		}
		if len(seen) < least {
			t.Errorf("%s: %d names", file, len(seen))
		}
	}
	n := base().names
	for kind, pairs := range n.twins {
		for _, pair := range pairs {
			sexes := [...][2]sex{2: {male, male}, 3: {male, female}, 4: {female, female}}[kind]
			for k, name := range pair {
				if _, ok := n.index[sexes[k]][name]; !ok {
					t.Errorf("twins: %q is no given name", name)
				}
			}
		}
	}
}
