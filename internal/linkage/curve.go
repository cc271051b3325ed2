package linkage

import (
	"encoding/json"
	"slices"
	"sort"
)

// Point is a decision of a clerk: what had been estimated, and what is true.
type Point struct {
	Probability float64
	True        bool
}

// Curve turns estimated probabilities into those that decisions have shown,
// rising and in steps (isotonic regression by pooling adjacent violators).
type Curve struct {
	from, to []float64 // estimated, shown
}

// Isotonic fits a curve to decisions.
func Isotonic(points []Point) *Curve {
	points = slices.Clone(points)
	sort.SliceStable(points, func(i, j int) bool { return points[i].Probability < points[j].Probability })
	type block struct{ p, sum, n float64 }
	var blocks []block
	for _, p := range points {
		b := block{p.Probability, 0, 1}
		if p.True {
			b.sum = 1
		}
		blocks = append(blocks, b)
		for n := len(blocks); n > 1 && blocks[n-2].sum/blocks[n-2].n >= blocks[n-1].sum/blocks[n-1].n; n-- {
			blocks[n-2].p = (blocks[n-2].p*blocks[n-2].n + blocks[n-1].p*blocks[n-1].n) / (blocks[n-2].n + blocks[n-1].n)
			blocks[n-2].sum += blocks[n-1].sum
			blocks[n-2].n += blocks[n-1].n
			blocks = blocks[:n-1]
		}
	}
	c := &Curve{}
	for _, b := range blocks {
		c.from, c.to = append(c.from, b.p), append(c.to, b.sum/b.n)
	}
	return c
}

// At is the probability that decisions have shown for an estimated one,
// straight between the curve's points. A nil curve and one without points
// change nothing.
func (c *Curve) At(p float64) float64 {
	if c == nil || len(c.from) == 0 {
		return p
	}
	i := sort.SearchFloat64s(c.from, p)
	switch {
	case i == 0:
		return c.to[0]
	case i == len(c.from):
		return c.to[i-1]
	}
	share := (p - c.from[i-1]) / (c.from[i] - c.from[i-1])
	return c.to[i-1] + share*(c.to[i]-c.to[i-1])
}

type curveJSON struct {
	Estimated []float64 `json:"estimated"`
	Shown     []float64 `json:"shown"`
}

// MarshalJSON writes the curve's points.
func (c *Curve) MarshalJSON() ([]byte, error) { return json.Marshal(curveJSON{c.from, c.to}) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Curve) UnmarshalJSON(data []byte) error {
	var j curveJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	if len(j.Estimated) != len(j.Shown) || !sort.Float64sAreSorted(j.Estimated) || !sort.Float64sAreSorted(j.Shown) {
		return errDamaged
	}
	c.from, c.to = j.Estimated, j.Shown
	return nil
}
