package linkage

import (
	"math"
	"sort"
)

// What would a row be linked to if its person were not in the register? The
// second best candidate of a row whose person is certain answers that, and so
// tells how often rows of nobody are linked, with all the brothers, twins and
// namesakes that this register has, whatever the model believes of them.

// fit is what the decoys of a sample say.
type fit struct {
	decoys []float64 // probabilities of the best candidate when the person himself is left out, ascending
	rate   float64   // share of rows whose person is not in the register
}

func (t *Table) decoys(m *Model, sample []sampled) *fit {
	f := &fit{rate: 1 - m.rate}
	w := t.worker(m)
	for i := range sample {
		s := &sample[i]
		if len(s.p) == 0 || s.p[0] < .99 {
			continue
		}
		w.row = t.row(s.row)
		w.begin()
		p, _ := w.judge(append([]candidate(nil), s.cands[1:]...), nil)
		best := 0.
		if len(p) > 0 {
			best = p[0]
		}
		f.decoys = append(f.decoys, best)
	}
	sort.Float64s(f.decoys)
	return f
}

// above is the share of rows of nobody that get a probability of at least p.
func (f *fit) above(p float64) float64 {
	if len(f.decoys) == 0 {
		return 0
	}
	n := len(f.decoys) - sort.SearchFloat64s(f.decoys, p)
	return float64(n) / float64(len(f.decoys))
}

// interval is that of nineteen in twenty for a count that is expected to be mean
// (Poisson, by the cube root of Wilson and Hilferty).
func interval(mean float64) (low, high float64) {
	if mean < 1e-9 {
		return 0, 3
	}
	cube := func(n, z float64) float64 {
		if n <= 0 {
			return 0
		}
		x := 1 - 1/(9*n) + z/(3*math.Sqrt(n))
		return n * x * x * x
	}
	return max(0, cube(mean, -1.96)), cube(mean+1, 1.96)
}
