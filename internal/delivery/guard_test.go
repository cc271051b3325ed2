package delivery

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/synth"
)

// town is an invented register of n persons, whose numbers leave gaps.
type town struct {
	*rand.Rand
	of   map[uint64]*linkage.Record
	keys []uint64
}

var (
	someGiven    = []string{"علی", "زهرا", "محمد", "فاطمه", "رضا", "مریم", "حسین", "سارا"}
	someSurnames = []string{"کریمی", "رضایی", "محمدی", "احمدی", "حسینی", "موسوی", "جعفری", "صادقی"}
)

func newTown(n int) *town {
	t := &town{Rand: rand.New(rand.NewPCG(1405, 4)), of: map[uint64]*linkage.Record{}}
	for serial := int64(1_000_000); len(t.keys) < n; serial += 1 + t.Int64N(4) {
		number := withCheck(serial)
		values := append([]string{number.String()}, t.someone()...)
		t.of[uint64(number)] = &linkage.Record{Key: uint64(number), State: 1, Version: 1, Values: values}
		t.keys = append(t.keys, uint64(number))
	}
	return t
}

func withCheck(serial int64) ids.NationalNumber {
	return ids.NationalNumber(serial*10 + ids.CheckDigit(serial))
}

// someone is what a row says of a person besides the number.
func (t *town) someone() []string {
	born := persian.Date{Year: int16(1310 + t.IntN(90)), Month: int16(1 + t.IntN(12)), Day: int16(1 + t.IntN(29))}
	pick := func(of []string) string { return of[t.IntN(len(of))] + of[t.IntN(len(of))] }
	return []string{pick(someGiven), pick(someSurnames), pick(someGiven), born.String(), "", "", "", ""}
}

func (t *town) guard() *Guard {
	return &Guard{Find: func(key uint64) (*linkage.Record, bool) { r, ok := t.of[key]; return r, ok }}
}

// honest is a row of somebody: a share misses of them finds nobody, a share
// wrong has a number that is not theirs.
func (t *town) honest(g *Guard, misses, wrong float64) {
	p := t.of[t.keys[t.IntN(len(t.keys))]]
	values, o := append([]string(nil), p.Values...), &linkage.Outcome{Status: linkage.Verified, Key: p.Key}
	switch roll := t.Float64(); {
	case roll < misses:
		*o = linkage.Outcome{Status: linkage.NotFound}
		values = append([]string{withCheck(1_000_000 + t.Int64N(500_000_000)).String()}, t.someone()...)
	case roll < misses+wrong:
		values[0] = withCheck(int64(p.Key)/10 + t.Int64N(9) + 1).String() // a neighbour's or nobody's
		*o = linkage.Outcome{Status: linkage.NotFound}
	}
	g.Row(values, o)
}

// guess is a row that was made up around a number.
func (t *town) guess(g *Guard, serial int64, beside []string) {
	number := withCheck(serial)
	g.Row(append([]string{number.String()}, beside...), &linkage.Outcome{Status: linkage.NotFound})
}

var nothing = []string{"", "", "", "", "", "", "", ""}

// Lists of guesses are stopped, also among many honest rows.
func TestGuardStopsGuesses(t *testing.T) {
	town := newTown(200_000)
	for _, c := range []struct {
		name   string
		honest int
		guess  func(g *Guard)
		why    string
	}{
		{"numbers alone", 30, func(g *Guard) {
			for i := range int64(16) {
				town.guess(g, 1_000_000+97*i, nothing)
			}
		}, stopBare},
		{"numbers with common names", 0, func(g *Guard) {
			for i := range int64(20) {
				town.guess(g, 1_000_000+97*i, []string{"آرش", "تهرانی", "", "", "", "", "", ""})
			}
		}, stopMisses},
		{"numbers in order, few of them", 20_000, func(g *Guard) {
			for i := range int64(40) {
				town.guess(g, 700_000_000+i, town.someone())
			}
		}, stopRun},
		{"one number, many birth dates", 20_000, func(g *Guard) {
			for i := range 30 {
				beside := []string{"آرش", "تهرانی", "", fmt.Sprintf("13%02d-01-01", 30+i), "", "", "", ""}
				town.guess(g, int64(town.keys[0])/10, beside)
			}
		}, stopNumber},
		{"one name, many birth dates", 20_000, func(g *Guard) {
			for i := range 30 {
				values := []string{"", "آرش", "تهرانی", "کاوه", fmt.Sprintf("1370-01-%02d", 1+i), "", "", "", ""}
				g.Row(values, &linkage.Outcome{Status: linkage.NotFound})
			}
		}, stopName},
	} {
		g := town.guard()
		for range c.honest {
			town.honest(g, .2, .05)
		}
		c.guess(g)
		if why, _ := g.Judge(0); why != c.why {
			t.Errorf("%s: %q, want %q", c.name, why, c.why)
		}
	}
}

// Honest lists pass, however dirty: of a few persons, of a third of a town whose
// numbers are neighbours, with a third of the rows finding nobody.
func TestGuardLetsDirtyListsPass(t *testing.T) {
	town := newTown(100_000)
	var all Suspects
	for _, rows := range []int{1, 10, 30, 300, 3000, 100_000} {
		for _, dirt := range []float64{.08, .20, .30} {
			for range max(1, 3000/rows) {
				g := town.guard()
				for range rows {
					town.honest(g, dirt, .05)
				}
				if why := all.Judge(g, 14003552272, 1); why != "" {
					t.Errorf("%d rows, %.0f %% of which find nobody: %s", rows, 100*dirt, why)
				}
			}
		}
	}
}

// A number that forms use for "unknown", and one that a family shares, are no
// guesses.
func TestGuardKnowsForms(t *testing.T) {
	town := newTown(10_000)
	g := town.guard()
	for range 2000 {
		town.honest(g, .1, .05)
	}
	for range 100 {
		town.guess(g, 123_456_789, town.someone())
	}
	for range 12 {
		town.guess(g, int64(town.keys[5])/10, town.someone())
	}
	if why, _ := g.Judge(0); why != "" {
		t.Error(why)
	}
}

// Many small lists of guesses are one, until the registry acts on the agency.
func TestSuspectsAddUp(t *testing.T) {
	town := newTown(1000)
	var all Suspects
	send := func(agency ids.LegalID, version int64, serial int64) string {
		g := town.guard()
		for i := range int64(5) {
			town.guess(g, serial+97*i, town.someone())
		}
		return all.Judge(g, agency, version)
	}
	stopped := 0
	for i := range int64(4) {
		if send(14003552272, 1, 1_000_000*(i+1)) != "" {
			stopped++
		}
	}
	if stopped != 2 {
		t.Errorf("%d of four small lists were stopped, want the last two", stopped)
	}
	if why := send(10100456788, 1, 5); why != "" {
		t.Error("another agency is stopped:", why)
	}
	if why := send(14003552272, 2, 7_000_000); why != "" {
		t.Error("the registry has acted, and still:", why)
	}
}

// Files as agencies hand them in, linked as they are, are no guesses: with the
// usual mistakes and with twice as many, with a third of the rows of persons who
// are not registered, and with a number in every row.
func TestGuardAndDirtyFiles(t *testing.T) {
	country := synth.New(synth.Config{Seed: 3, Persons: 20_000, Places: 500})
	for _, unregistered := range []int{800, 3000} {
		rates := synth.Standard()
		if !rates.Set("unregistered", unregistered) || !rates.Set("number", 10_000) || !rates.Set("number-slip", 500) {
			t.Fatal("the rates have other names")
		}
		dirt := synth.Dirt{Seed: 1, Rows: 6000, Rates: &rates}
		builder := linkage.NewBuilder(linkage.Persian())
		for p := range country.Persons() {
			if !dirt.InRegister(int64(p.Number)) {
				continue
			}
			err := builder.Add(&linkage.Record{Key: uint64(p.Number), State: uint8(p.State), Version: 1, Values: []string{
				p.Number.String(), p.Given.Display, p.Surname.Display, p.Father.Display, p.Born.String(), p.Shenasnameh.Number.String(), p.Shenasnameh.IssuePlace, p.Sex.String(), "",
			}})
			if err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(t.TempDir(), "image")
		if err := builder.Write(t.Context(), path, nil, nil); err != nil {
			t.Fatal(err)
		}
		register, err := linkage.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, noise := range []int{100, 200} {
			dirt.Noise = noise
			table, rows := register.NewTable(), [][]string(nil)
			for r := range country.DirtyRows(dirt) {
				values := r.Values
				table.Add(r.ID, values[:])
				rows = append(rows, values[:])
			}
			result, err := table.Link(t.Context(), linkage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			g := &Guard{Find: register.Find}
			for i := range rows {
				g.Row(rows[i], &result.Outcomes[i])
			}
			if why, sum := g.Judge(0); why != "" || sum != 0 {
				t.Errorf("%d of 10,000 are not registered, noise %d: %q, %.1f; %d hits, %d misses", unregistered, noise, why, sum, g.hits, g.misses)
			}
			t.Logf("noise %d: %d hits, %d misses", noise, g.hits, g.misses)
		}
		if err := register.Close(); err != nil {
			t.Error(err)
		}
	}
}

// described is a row about one person, who is found, with another father's name.
func (t *town) described(g *Guard, i int) {
	p := t.of[t.keys[7]]
	values := append([]string(nil), p.Values...)
	values[linkage.FatherColumn] = fmt.Sprintf("%s%s%d", someGiven[i%8], someGiven[i/8%8], i)
	status := linkage.Discrepant
	if i > 0 {
		status = linkage.Duplicate
	}
	g.Row(values, &linkage.Outcome{Status: status, Key: p.Key})
}

// A person who was found is not described again and again until nothing
// disagrees: neither in one list, among however many honest rows, nor in many
// small ones. Nor is a birth date, or somebody's number, tried in many lists.
func TestGuardStopsDescriptions(t *testing.T) {
	town := newTown(5000)
	g := town.guard()
	for range 2000 {
		town.honest(g, .1, .05)
	}
	for i := range 60 {
		town.described(g, i)
	}
	if why, _ := g.Judge(0); why != stopPerson {
		t.Errorf("sixty fathers of one person: %q", why)
	}
	for name, row := range map[string]func(*Guard, int){
		"a person": town.described,
		"a name": func(g *Guard, i int) {
			values := []string{"", "آرش", "تهرانی", "کاوه", fmt.Sprintf("13%02d-01-01", i), "", "", "", ""}
			g.Row(values, &linkage.Outcome{Status: linkage.NotFound})
		},
		"a number": func(g *Guard, i int) {
			town.guess(g, int64(town.keys[0])/10, []string{"آرش", "تهرانی", "", fmt.Sprintf("13%02d-01-01", i), "", "", "", ""})
		},
	} {
		var all Suspects
		stopped := -1
		for i := 0; i < 90 && stopped < 0; i += 2 {
			g := town.guard()
			for range 20 {
				town.honest(g, 0, 0)
			}
			row(g, i)
			row(g, i+1)
			if all.Judge(g, 14003552272, 1) == stopPerson {
				stopped = i
			}
		}
		if stopped < 20 || stopped > mostDescribed+2 {
			t.Errorf("%s in many small lists: stopped after %d tries", name, stopped)
		}
	}
	var all Suspects
	for range 100 { // the same list every day
		g := town.guard()
		for i := range 30 {
			town.described(g, i)
		}
		if why := all.Judge(g, 14003552272, 1); why != "" {
			t.Fatal("the same list again:", why)
		}
	}
}
