package linkage

import "math"

// What would a row be linked to if its person were not in the register? The
// best candidate but for the person himself answers that, and so tells how
// often rows of nobody are linked, with all the brothers, twins and namesakes
// that this register has, whatever the model believes of them. Rows that say
// little are linked wrongly more often than rows that say much, and rows whose
// person was not found say less than others; so decoys stand for rows of their own
// kind.

const (
	wideStratum = 5  // bits that a row could reach, a stratum
	strata      = 14 // of them
	doubtBins   = 16 // probabilities by the powers of two of what is left to one
	standFor    = 15 // decoys that the whole file's stand for in a stratum with few
)

// unseen is how many more errors there are than any of this reckons with, by
// bin: columns go wrong together, clerks copy from one row into the next. It
// was found on labelled files of five kinds, two generators' and other people's
// (docs/linkage.md), and is meant to hold for none of them best.
var unseen = [...]float64{1, 1, 1.1, 1.3, 1.6}

// fit is what the decoys of a sample say.
type fit struct {
	decoys [strata]float64
	above  [strata][doubtBins]float64 // decoys by bin that could be linked
	scale  [doubtBins]float64         // how much greater than the model's the chance of an error is
}

// stratum is that of a row that could reach so many bits above the prior.
func stratum(most float32) int { return int(min(max(most/wideStratum, 0), strata-1)) }

// doubtBin is the bin of a probability: 0 below a half, 1 below three quarters …
func doubtBin(p float64) int {
	if p >= 1-1./(1<<doubtBins) {
		return doubtBins - 1
	}
	return int(min(max(-math.Log2(1-p), 0), doubtBins-1))
}

// decoys takes the person himself away from each row of a sample that is
// certain of him.
func (k *linker) decoys(sample []sampled) *fit {
	f := new(fit)
	parts := make([]fit, 16)
	spread(len(parts), func(from, to int) {
		w := k.t.worker(k.m)
		for part := from; part < to; part++ {
			for i := part; i < len(sample); i += len(parts) {
				k.decoy(w, &sample[i], &parts[part])
			}
		}
	})
	for i := range parts {
		for s := range f.decoys {
			f.decoys[s] += parts[i].decoys[s]
			for b := range f.above[s] {
				f.above[s][b] += parts[i].above[s][b]
			}
		}
	}
	return f
}

func (k *linker) decoy(w *worker, s *sampled, f *fit) {
	if len(s.p) == 0 || s.p[0] < .5 {
		return
	}
	w.row = k.t.row(s.row)
	w.begin()
	at := stratum(w.most())
	f.decoys[at] += s.p[0]
	if len(s.cands) < 2 || k.doubtful(w, &s.cands[1]) {
		return
	}
	if p, _ := w.judge(append([]candidate(nil), s.cands[1:]...), nil); p[0] >= .5 {
		f.above[at][doubtBin(p[0])] += s.p[0]
	}
}

// settle compares what the decoys make expect with what the model does, bin by
// bin, and keeps the ratio.
func (f *fit) settle(k *linker) {
	var nobody [strata]float64
	var model, rivals [doubtBins]float64
	for i := range k.rows {
		l := &k.rows[i]
		p := float64(l.p[0])
		rest := float64(l.p[1] + l.p[2])
		nobody[stratum(l.most)] += max(0, 1-p-rest)
		if p >= .5 && !l.doubt && !l.sparse {
			model[doubtBin(p)] += 1 - p
			rivals[doubtBin(p)] += rest
		}
	}
	all, total := [doubtBins]float64{}, 0.
	for s := range f.decoys {
		total += f.decoys[s]
		for b := range all {
			all[b] += f.above[s][b]
		}
	}
	for b := range f.scale {
		expected := rivals[b]
		for s := range nobody {
			share := (f.above[s][b] + standFor*all[b]/max(total, 1)) / (f.decoys[s] + standFor)
			expected += nobody[s] * share
		}
		const trust = 2 // errors that the model's estimate counts for
		f.scale[b] = unseen[min(b, len(unseen)-1)] * min(max((expected+trust)/(model[b]+trust), 1), 10)
	}
}

// correct is a probability after the decoys.
func (f *fit) correct(p float64) float64 {
	if f == nil || p < .5 {
		return p
	}
	return max(1-(1-p)*f.scale[doubtBin(p)], p/2)
}

// interval is that of nineteen in twenty for a count that is expected to be mean
// (Poisson, by the cube root of Wilson and Hilferty).
func interval(mean float64) (low, high float64) {
	cube := func(n, z float64) float64 {
		if n <= 0 {
			return 0
		}
		x := 1 - 1/(9*n) + z/(3*math.Sqrt(n))
		return n * x * x * x
	}
	return max(0, cube(mean, -1.96)), cube(mean+1, 1.96)
}
