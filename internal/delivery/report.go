package delivery

import (
	"math"
	"slices"

	"github.com/estelam/estelam/internal/linkage"
)

// Chance is how many linked rows had an estimate; rows of about the same stand
// together.
type Chance struct {
	Rows  int64   `json:"rows"`
	Shown float64 `json:"probability"`     // mean of the estimates, as links were judged by them
	Raw   float64 `json:"probability_raw"` // without what clerks' decisions had taught
}

// outside takes out of a report what the agency must not see: how rows agree
// with persons to whom they were not linked. Whoever guesses would learn from it
// how near a guess has come.
func (r *Report) outside() {
	r.Examples = slices.DeleteFunc(r.Examples, func(e Example) bool {
		return e.Status != linkage.Corrected.String() && e.Status != linkage.Discrepant.String()
	})
	for i := range r.Histogram {
		r.Histogram[i].Rows = r.Histogram[i].Linked
	}
	empty := func(b linkage.Bin) bool { return b.Rows == 0 }
	first := slices.IndexFunc(r.Histogram, func(b linkage.Bin) bool { return !empty(b) })
	if first < 0 {
		r.Histogram = nil
		return
	}
	for r.Histogram = r.Histogram[first:]; empty(r.Histogram[len(r.Histogram)-1]); {
		r.Histogram = r.Histogram[:len(r.Histogram)-1]
	}
}

// chances counts the linked rows by how sure they were: eight groups for each
// power of ten of what is left to certainty.
func (c *Calibration) chances(linked *linkage.Result) []Chance {
	type group struct {
		n    int64
		left float64
	}
	groups := map[int]group{}
	for i := range linked.Outcomes {
		o := &linked.Outcomes[i]
		if !o.Linked() {
			continue
		}
		left := max(1-float64(o.Probability), 1e-9)
		k := int(math.Floor(8 * math.Log10(left)))
		g := groups[k]
		groups[k] = group{g.n + 1, g.left + left}
	}
	all := []Chance{}
	for _, g := range groups {
		p := 1 - g.left/float64(g.n)
		all = append(all, Chance{g.n, p, c.raw(p)})
	}
	slices.SortFunc(all, func(a, b Chance) int { return int(math.Copysign(1, a.Shown-b.Shown)) })
	return all
}

// Example is a row that shows how rows of its kind were judged. It holds levels
// and weights, and nothing that the row or the register says of anybody.
type Example struct {
	Row         int64     `json:"row"` // number in the sheet
	Status      string    `json:"status"`
	Probability float64   `json:"probability"` // of the best candidate
	Candidates  []Weights `json:"candidates"`  // one; of an ambiguous row two
}

// Weights are what a candidate's columns say for him, in bits.
type Weights struct {
	Total   float64                `json:"weight"`
	Columns []linkage.ColumnWeight `json:"columns"`
}

// examples picks one row of each kind of which a reader may ask why: of linked
// ones the least certain, of the others the most.
func examples(linked *linkage.Result) []Example {
	all := []Example{}
	for _, status := range []linkage.Status{linkage.Corrected, linkage.Discrepant, linkage.Ambiguous, linkage.NotFound} {
		best := -1
		for i := range linked.Outcomes {
			o := &linked.Outcomes[i]
			if o.Status != status || o.Weight == 0 {
				continue
			}
			if best < 0 || (o.Probability > linked.Outcomes[best].Probability) != o.Linked() && o.Probability != linked.Outcomes[best].Probability {
				best = i
			}
		}
		if best < 0 {
			continue
		}
		x := linked.Explain(best)
		e := Example{Row: int64(x.Row), Status: status.String(), Probability: float64(x.Probability), Candidates: []Weights{}}
		for n, c := range x.Candidates {
			if n == 0 || n == 1 && status == linkage.Ambiguous {
				e.Candidates = append(e.Candidates, Weights{c.Weight, c.Columns})
			}
		}
		if len(e.Candidates) > 0 {
			all = append(all, e)
		}
	}
	return all
}
