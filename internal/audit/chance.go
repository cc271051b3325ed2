package audit

import (
	"cmp"
	"math"
	"slices"
)

// poissonTail is log10 of the probability of k or more where mean are expected.
func poissonTail(k int64, mean float64) float64 {
	if mean <= 0 {
		return math.Inf(-1)
	}
	if float64(k) <= mean {
		return 0
	}
	gamma, _ := math.Lgamma(float64(k) + 1)
	first := float64(k)*math.Log(mean) - mean - gamma
	return first/math.Ln10 + math.Log10(series(func(i int64) float64 { return mean / float64(k+i+1) }))
}

// binomialTail is log10 of the probability of k or more of n where each has the
// probability p.
func binomialTail(k, n int64, p float64) float64 {
	switch {
	case float64(k) <= float64(n)*p || p >= 1:
		return 0
	case p <= 0:
		return math.Inf(-1)
	}
	gn, _ := math.Lgamma(float64(n) + 1)
	gk, _ := math.Lgamma(float64(k) + 1)
	gr, _ := math.Lgamma(float64(n-k) + 1)
	first := gn - gk - gr + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p)
	return first/math.Ln10 + math.Log10(series(func(i int64) float64 { return float64(n-k-i) / float64(k+i+1) * p / (1 - p) }))
}

// series is 1 + r0 + r0·r1 + …, for ratios that fall below 1 and stay there.
func series(ratio func(i int64) float64) float64 {
	sum, term := 1.0, 1.0
	for i := int64(0); i < 100_000; i++ {
		term *= ratio(i)
		if sum += term; term < sum*1e-12 {
			break
		}
	}
	return sum
}

// normalTail is log10 of the probability of z or more.
func normalTail(z float64) float64 {
	if z < 30 {
		return math.Log10(math.Erfc(z/math.Sqrt2) / 2)
	}
	return (-z*z/2 - math.Log(z*math.Sqrt(2*math.Pi))) / math.Ln10
}

// middle is the median of values, and the distance from it that half of them do
// not exceed. Both stay where they are when a few values run away.
func middle(values []float64) (median, spread float64) {
	median = medianOf(values)
	off := make([]float64, len(values))
	for i, v := range values {
		off[i] = math.Abs(v - median)
	}
	return median, medianOf(off)
}

func medianOf(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.SortedFunc(slices.Values(values), cmp.Compare[float64])
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}
