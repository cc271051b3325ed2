package delivery

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/estelam/estelam/internal/linkage"
)

// TestFitted: estimates that are right stay as they are, however few decisions
// there are; estimates that are wrong are corrected; the curve rises, can be
// read backwards and survives its JSON.
func TestFitted(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	decide := func(n int, truth func(p float64) float64) (all []linkage.Point) {
		for range n {
			p := 1 / (1 + math.Exp2(-dice.Float64()*14+4))
			all = append(all, linkage.Point{Probability: p, True: dice.Float64() < truth(p)})
		}
		return all
	}
	same := func(p float64) float64 { return p }
	for _, c := range []struct {
		name  string
		n     int
		truth func(float64) float64
		slack float64 // in bits of odds
	}{
		{"right, few", 60, same, 1.6},
		{"right, many", 20000, same, 0.6},
		{"too sure", 20000, func(p float64) float64 { return p / (p + 4*(1-p)) }, 0.6},
		{"too shy", 20000, func(p float64) float64 { return p / (p + (1-p)/4) }, 0.6},
	} {
		curve := fitted(decide(c.n, c.truth))
		for _, p := range []float64{.2, .5, .8, .95, .99} {
			odds := func(x float64) float64 { return math.Log2(x / (1 - x)) }
			if got, want := odds(curve.At(p)), odds(c.truth(p)); math.Abs(got-want) > c.slack {
				t.Errorf("%s: at %v %.2f bits, want %.2f", c.name, p, got, want)
			}
		}
		text, err := json.Marshal(curve)
		again := new(linkage.Curve)
		if err != nil || again.UnmarshalJSON(text) != nil {
			t.Fatal(err)
		}
		learnt := &Calibration{curve: again}
		last := -1.0
		for p := 0.0; p <= 1; p += 1.0 / 512 {
			v := again.At(p)
			if v <= last {
				t.Fatalf("%s: the curve does not rise at %v", c.name, p)
			}
			if last = v; math.Abs(learnt.raw(v)-p) > 1e-9 {
				t.Fatalf("%s: read backwards at %v: %v", c.name, p, learnt.raw(v))
			}
		}
		if again.At(1) != 1 || again.At(0) != 0 || again.At(1-1e-6) < .9999 {
			t.Errorf("%s: what is certain: %v", c.name, again.At(1-1e-6))
		}
	}
}

// TestMeasure: a curve that is needed makes estimates better on decisions that
// it has not seen.
func TestMeasure(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	var points []linkage.Point
	for range 2000 {
		p := dice.Float64()
		points = append(points, linkage.Point{Probability: p, True: dice.Float64() < p*p*p})
	}
	if m := measure(points); m.BrierAfter >= m.Brier || m.LogLossAfter >= m.LogLoss {
		t.Errorf("%+v", m)
	}
}

// TestAtMost: the bound is Clopper's and Pearson's (tables: 0 of 30 gives
// 9.50 %, 1 of 100 4.66 %, 5 of 500 2.09 %).
func TestAtMost(t *testing.T) {
	for _, c := range []struct {
		k, n int64
		want float64
	}{{0, 30, .0950}, {1, 100, .0466}, {5, 500, .0209}, {3, 3, 1}} {
		if got := atMost(c.k, c.n); math.Abs(got-c.want) > .0001 {
			t.Errorf("%d of %d: %.4f, want %.4f", c.k, c.n, got, c.want)
		}
	}
}

// TestLottery: of few links some thirty are drawn, of many a share, and the same
// each time.
func TestLottery(t *testing.T) {
	for _, c := range []struct{ n, least, most int }{{10, 10, 10}, {1000, 12, 50}, {200000, 400, 600}} {
		linked := &linkage.Result{Outcomes: make([]linkage.Outcome, c.n)}
		for i := range linked.Outcomes {
			linked.Outcomes[i].Status = linkage.Verified
		}
		a, b, other := newLottery(&Delivery{ID: 1}, linked), newLottery(&Delivery{ID: 1}, linked), newLottery(&Delivery{ID: 2}, linked)
		drawn, moved := 0, 0
		for i := range c.n {
			if a.sampled(i) != b.sampled(i) {
				t.Fatal("not the same twice")
			}
			drawn += b2i(a.sampled(i))
			moved += b2i(a.sampled(i) != other.sampled(i))
		}
		if drawn < c.least || drawn > c.most || c.n > 100 && moved == 0 {
			t.Errorf("of %d links %d were drawn", c.n, drawn)
		}
	}
}
