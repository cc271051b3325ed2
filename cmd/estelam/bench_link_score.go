package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/linkage"
)

// guess is whom the engine takes a row for, and who it is.
type guess struct {
	key, truth          uint64 // 0: nobody
	probability, weight float64
	automatic           bool
}

func (g *guess) right() bool { return g.key != 0 && g.key == g.truth }

// tallied is how right the links of one rule are. A link to another person, or
// of a row whose person is not in the register, is wrong; a row whose person
// is in it and that is not linked to him is missed.
type tallied struct {
	rightly, wrong, present int
	expected                float64 // wrong links, by the engine's own probabilities
}

func (t tallied) precision() float64 { return float64(t.rightly) / float64(t.rightly+t.wrong) }
func (t tallied) recall() float64    { return float64(t.rightly) / float64(t.present) }
func (t tallied) f1() float64        { return 2 / (1/t.precision() + 1/t.recall()) }

// calibration is how many times as many links are wrong as the engine expects.
func (t tallied) calibration() float64 { return float64(t.wrong) / t.expected }

// linkStatus counts the rows of one status.
type linkStatus struct{ rows, right, wrong, none, absent int64 }

// judge compares what was linked with the truth. The default rule links each
// row to its best candidate if that is more probable than not; the automatic
// one is the engine's own.
func (r *linkRun) judge(l *linked, truthFile string) error {
	truth, err := readTruth(truthFile)
	if err != nil {
		return err
	}
	outcomes := l.result.Outcomes
	if len(outcomes) != len(truth) {
		return fmt.Errorf("%d outcomes, %d rows", len(outcomes), len(truth))
	}
	r.estimated = l.result.Recall
	r.statuses = map[string]*linkStatus{}
	r.guesses = make([]guess, len(outcomes))
	for i := range outcomes {
		o := &outcomes[i]
		g := guess{truth: truth[o.Row], probability: float64(o.Probability), weight: float64(o.Weight)}
		g.key, g.automatic = l.whom(i)
		r.guesses[i] = g
		r.count(o.Status.String(), &g)
	}
	for i := range r.guesses {
		g := &r.guesses[i]
		r.usual.add(g, g.key != 0 && g.probability >= .5)
		r.automatic.add(g, g.automatic)
	}
	r.automatic.expected = l.result.ExpectedFalse
	return nil
}

// whom is the engine's best candidate for a row, and whether it links him by
// itself: a row that repeats another is linked to the same person.
func (l *linked) whom(i int) (key uint64, automatic bool) {
	o := &l.result.Outcomes[i]
	key, _ = l.result.Best(i)
	switch o.Status {
	case linkage.Duplicate, linkage.Protected, linkage.NotCovered:
		automatic = true
	default:
		automatic = o.Linked()
	}
	return key, automatic && key != 0
}

func (t *tallied) add(g *guess, linked bool) {
	if g.truth != 0 {
		t.present++
	}
	switch {
	case !linked:
		return
	case g.right():
		t.rightly++
	default:
		t.wrong++
	}
	t.expected += 1 - g.probability
}

func (r *linkRun) count(status string, g *guess) {
	s := r.statuses[status]
	if s == nil {
		s = &linkStatus{}
		r.statuses[status] = s
	}
	s.rows++
	if g.truth != 0 {
		r.present++
	} else {
		s.absent++
	}
	switch {
	case g.key == 0:
		s.none++
	case g.right():
		s.right++
	default:
		s.wrong++
	}
}

// curve is precision and recall for each threshold of probability, beginning
// with the highest. Rows of one probability are linked together.
func (r *linkRun) curve() (all []tallied) {
	sorted := slices.Clone(r.guesses)
	slices.SortFunc(sorted, func(a, b guess) int {
		return cmp.Or(cmp.Compare(b.probability, a.probability), cmp.Compare(b.weight, a.weight))
	})
	t := tallied{present: r.present}
	for i := range sorted {
		g := &sorted[i]
		if g.key == 0 {
			continue
		}
		if g.right() {
			t.rightly++
		} else {
			t.wrong++
		}
		if i+1 < len(sorted) && sorted[i+1].probability == g.probability && sorted[i+1].weight == g.weight {
			continue
		}
		all = append(all, t)
	}
	return all
}

// recallAt is the most recall that any threshold gives with that precision.
func (r *linkRun) recallAt(precision float64) (best float64) {
	for _, t := range r.curve() {
		if t.precision() >= precision {
			best = max(best, t.recall())
		}
	}
	return best
}

// reliability is how often the engine's best candidates are wrong, by what it
// says of them.
type reliability struct {
	rows, wrong int
	stated      float64 // mean of 1 − probability
}

func (b reliability) actual() float64 { return float64(b.wrong) / float64(b.rows) }

// interval is Wilson's, of nineteen in twenty.
func (b reliability) interval() (low, high float64) {
	const z = 1.96
	n, p := float64(b.rows), b.actual()
	mid, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	low, high = (mid-half)/(1+z*z/n), (mid+half)/(1+z*z/n)
	return min(max(low, 0), p), max(min(high, 1), p) // rounding may pass what the ends are for 0 and 1
}

// doubtEdges part the best candidates by the stated probability of being wrong.
var doubtEdges = [...]float64{1e-5, 1e-4, 1e-3, .003, .01, .03, .1, .2, .35, .5, .65, .8, .9, .97, 1.1}

// reliable is the reliability of all rounds' best candidates.
func reliable(runs []*linkRun) []reliability {
	bins := make([]reliability, len(doubtEdges))
	for _, r := range runs {
		for i := range r.guesses {
			g := &r.guesses[i]
			if g.key == 0 {
				continue
			}
			doubt := 1 - g.probability
			k := 0
			for doubt >= doubtEdges[k] && k < len(doubtEdges)-1 {
				k++
			}
			bins[k].rows++
			bins[k].stated += doubt
			if !g.right() {
				bins[k].wrong++
			}
		}
	}
	var all []reliability
	for _, b := range bins {
		if b.rows > 0 {
			b.stated /= float64(b.rows)
			all = append(all, b)
		}
	}
	return all
}

// readTruth reads a table of row and key, by row.
func readTruth(path string) (map[int]uint64, error) {
	lines, err := readAll(path)
	if err != nil {
		return nil, err
	}
	truth := make(map[int]uint64, len(lines))
	for _, line := range lines[1:] {
		row, err := strconv.Atoi(line[0])
		if err != nil {
			return nil, errors.New("truth: a row is not a number")
		}
		key := uint64(0)
		if line[1] != "" {
			if key, err = strconv.ParseUint(line[1], 10, 64); err != nil {
				return nil, errors.New("truth: a key is not a number")
			}
		}
		truth[row] = key
	}
	return truth, nil
}

// writeWrong writes what was linked wrongly and what was missed, each with the
// candidates' weights, so that a person can see why.
func (l *linked) writeWrong(path string, r *linkRun) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i := range r.guesses {
		g := &r.guesses[i]
		switch usual := g.key != 0 && g.probability >= .5; {
		case g.automatic && !g.right():
			l.writeRow(w, "FALSE", i, g)
		case usual && !g.right():
			l.writeRow(w, "false at ½", i, g)
		case g.truth != 0 && !usual:
			l.writeRow(w, "missed", i, g)
		}
	}
	return errors.Join(w.Flush(), f.Close())
}

func (l *linked) writeRow(w io.Writer, what string, i int, g *guess) {
	e := l.result.Explain(i)
	fmt.Fprintf(w, "%s row %d %s p %.5f w %.1f truth %d\n  %q\n", what, e.Row, e.Status, g.probability, g.weight, g.truth, e.Values)
	found := false
	for _, c := range e.Candidates {
		mark := " "
		if c.Key == g.truth {
			mark, found = "✓", true
		}
		var columns []string
		for _, x := range c.Columns {
			columns = append(columns, fmt.Sprintf("%s %s %.1f", x.Column, x.Level, x.Weight))
		}
		fmt.Fprintf(w, "  %s %d %.1f %.5f %q\n      %s\n", mark, c.Key, c.Weight, c.Probability, c.Values, strings.Join(columns, ", "))
	}
	if g.truth != 0 && !found {
		if rec, ok := l.register.Find(g.truth); ok {
			fmt.Fprintf(w, "  not among them: %q\n", rec.Values)
		}
	}
}
