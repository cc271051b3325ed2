package main

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/estelam/estelam/internal/synth"
)

// Six rows whose figures can be reckoned by hand: the person of the last is
// not in the register, the fifth's was not found.
func TestLinkFigures(t *testing.T) {
	r := &linkRun{present: 5, guesses: []guess{
		{key: 1, truth: 1, probability: .999, automatic: true},
		{key: 2, truth: 2, probability: .99, automatic: true},
		{key: 3, truth: 4, probability: .9, automatic: true},
		{key: 5, truth: 5, probability: .6},
		{truth: 6},
		{key: 7, probability: .4},
	}}
	for i := range r.guesses {
		g := &r.guesses[i]
		r.usual.add(g, g.key != 0 && g.probability >= .5)
		r.automatic.add(g, g.automatic)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"default precision", r.usual.precision(), 3. / 4},
		{"default recall", r.usual.recall(), 3. / 5},
		{"default F1", r.usual.f1(), 2. / 3},
		{"default calibration", r.usual.calibration(), 1 / (.001 + .01 + .1 + .4)},
		{"automatic precision", r.automatic.precision(), 2. / 3},
		{"automatic recall", r.automatic.recall(), 2. / 5},
		{"recall without a wrong link", r.recallAt(1), 2. / 5},
		{"recall at 3/4", r.recallAt(.75), 3. / 5},
		{"recall at 7/10: the threshold above .4", r.recallAt(.7), 3. / 5},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	rows, wrong := 0, 0
	for _, b := range reliable([]*linkRun{r, r}) {
		low, high := b.interval()
		if low > b.actual() || high < b.actual() {
			t.Errorf("interval %v–%v does not hold %v", low, high, b.actual())
		}
		rows, wrong = rows+b.rows, wrong+b.wrong
	}
	if rows != 10 || wrong != 4 {
		t.Errorf("reliability of %d best candidates, %d wrong", rows, wrong)
	}
}

// One probability is one threshold: its rows are linked together or not at all.
func TestLinkTies(t *testing.T) {
	r := &linkRun{present: 2, guesses: []guess{{key: 1, truth: 1, probability: .9}, {key: 3, truth: 2, probability: .9}}}
	if got := r.recallAt(.999); got != 0 {
		t.Errorf("recall %v of two rows that cannot be told apart, one of them wrong", got)
	}
}

// The invented set's tables agree with each other.
func TestInventedSet(t *testing.T) {
	set := inventedSet("persian", 3000, 300)
	dir := t.TempDir()
	f, err := set.prepare(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	registered := map[string]bool{}
	lines, err := readAll(f.register)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		registered[line[0]] = true
	}
	truth, err := readAll(f.truth)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(f.file)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 301 || len(truth) != 301 || len(rows[0]) != len(synth.DirtyColumns) {
		t.Fatalf("%d rows of %d columns, %d truths", len(rows), len(rows[0]), len(truth))
	}
	absent := 0
	for _, line := range truth[1:] {
		if line[1] == "" {
			absent++
		} else if !registered[readable(line[1])] {
			t.Errorf("row %s is of a person who is not in the register", line[0])
		}
	}
	if absent == 0 || absent > 100 {
		t.Errorf("%d of 300 rows are of persons who are not in the register", absent)
	}
	if _, err := os.Stat(filepath.Join(dir, "1998", "register.csv")); err != nil {
		t.Error(err)
	}
}

// readable is a number with the zeros that a national number begins with.
func readable(number string) string {
	for len(number) < 10 {
		number = "0" + number
	}
	return number
}
