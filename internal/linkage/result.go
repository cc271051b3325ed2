package linkage

import (
	"math"
	"sort"
)

// target is the share of false links that a file's linked rows may have by the
// estimate. It is set below what is promised (one in two thousand), since the
// estimate has its own error.
const (
	target    = .0002
	automatic = .95 // no row is linked below this, however good the others are
	review    = .02 // a clerk sees what is at least so probable
)

// result judges the rows of the whole file together.
func (k *linker) result() *Result {
	r := &Result{Outcomes: make([]Outcome, len(k.rows)), Counts: map[Status]int{}, Model: k.m, Review: review, table: k.t, link: k}
	k.settle()
	r.Automatic = k.threshold()
	k.hide(r.Automatic)
	for i := range k.rows {
		r.Outcomes[i] = k.outcome(i, r.Automatic)
	}
	k.duplicates(r)
	sure, likely := 0., 0.
	for i := range r.Outcomes {
		o, l := &r.Outcomes[i], &k.rows[i]
		r.Counts[o.Status]++
		if o.Status == Protected {
			continue // what is told of the file must not tell of him
		}
		p := k.probability(i)
		likely += float64(l.p[0] + l.p[1] + l.p[2])
		if k.claimed(o) {
			r.ExpectedFalse += 1 - p
			sure += p
		}
	}
	r.FalseLow, r.FalseHigh = interval(r.ExpectedFalse)
	if likely > 0 {
		r.Recall = min(1, sure/likely)
	}
	r.Histogram = k.histogram(r)
	return r
}

// claimed reports whether the row was found to be of one person for certain of
// whom something may be told.
func (k *linker) claimed(o *Outcome) bool {
	return o.Linked() || o.Status == NotCovered || o.Status == Duplicate
}

// probability is the row's best candidate's, as decisions have shown it to be.
func (k *linker) probability(i int) float64 {
	return k.o.Curve.At(k.fit.correct(float64(k.rows[i].p[0])))
}

// threshold is the lowest probability from which on the linked rows together
// keep to the target.
func (k *linker) threshold() float64 {
	all := make([]float64, 0, len(k.rows))
	for i := range k.rows {
		if p := k.probability(i); p >= automatic && !k.rows[i].sparse && !k.rows[i].doubt {
			all = append(all, p)
		}
	}
	sort.Sort(sort.Reverse(sort.Float64Slice(all)))
	wrong, at := 0., 1.
	for n, p := range all {
		if wrong += 1 - p; wrong > target*float64(n+1) && n > 20 {
			break
		}
		at = p
	}
	return at
}

func (k *linker) outcome(i int, from float64) Outcome {
	l, t := &k.rows[i], k.t
	o := Outcome{Row: t.rows[i], Weight: l.weight, Padded: t.padded[i], best: l.best[0]}
	p := k.probability(i) // not rounded: the threshold is some row's own
	o.Probability = float32(p)
	if l.best[0] < 0 {
		o.Weight = 0
	}
	switch {
	case l.sparse:
		o.Status = TooSparse
		return o
	case l.best[0] < 0 || p < review:
		o.Status = NotFound
		return o
	case p < from || l.doubt:
		if o.Status = Ambiguous; k.hidden(l.best[0]) {
			o.Status = Protected
		}
		return o
	}
	ordinal := uint32(l.best[0])
	o.Key, o.Version, o.Fields, o.Variants = t.r.key(ordinal), t.r.version(ordinal), l.fields, l.spelt
	o.Status = k.standing(l, ordinal, o.Key)
	return o
}

// The states of records that a status follows from (person.State).
const (
	deceasedState  = 2
	cancelledState = 3
	protectedState = 5
)

func (k *linker) standing(l *linked, ordinal uint32, key uint64) Status {
	const number = 1 // the bit of the first column
	switch state := k.t.r.state(ordinal); {
	case k.o.Allowed != nil && !k.o.Allowed(key):
		return NotCovered
	case state == protectedState:
		return Protected
	case state == deceasedState:
		return Deceased
	case state == cancelledState:
		return Cancelled
	case l.fields&^number != 0:
		return Discrepant
	case l.agrees || k.m.profile.Columns[0].Kind != Key:
		return Verified
	}
	return Corrected
}

// hidden reports whether nothing may be told of a record.
func (k *linker) hidden(ordinal int32) bool {
	return ordinal >= 0 && k.t.r.state(uint32(ordinal)) == protectedState
}

// hide passes over protected persons whom a row may speak of but not for
// certain, if somebody else is left whom it may speak of too: a clerk decides
// among those.
func (k *linker) hide(from float64) {
	for i := range k.rows {
		l := &k.rows[i]
		if p := k.probability(i); !k.hidden(l.best[0]) || l.sparse || p < review || p >= from && !l.doubt {
			continue
		}
		for n := 1; n < len(l.best); n++ {
			if l.best[n] < 0 || k.hidden(l.best[n]) || l.p[n] < review {
				continue
			}
			l.best, l.p = [3]int32{l.best[n], -1, -1}, [3]float32{l.p[n]}
			k.look(i)
			l.doubt = true
			break
		}
	}
}

// duplicates finds rows of one person. The one that agrees best stands.
func (k *linker) duplicates(r *Result) {
	first := map[int32]int{}
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		if !k.claimed(o) {
			continue
		}
		other, ok := first[o.best]
		switch {
		case !ok:
			first[o.best] = i
		case r.Outcomes[other].Weight >= o.Weight:
			o.Status, o.DuplicateOf = Duplicate, r.Outcomes[other].Row
		default:
			first[o.best] = i
			r.Outcomes[other].Status, r.Outcomes[other].DuplicateOf = Duplicate, o.Row
		}
	}
	for i := range r.Outcomes { // a row may have been overtaken twice
		if o := &r.Outcomes[i]; o.Status == Duplicate {
			o.DuplicateOf = r.Outcomes[first[o.best]].Row
		}
	}
}

// settle gives each person to one row if the agency declares its rows distinct:
// to the one that has the best claim; the others take their next candidate.
func (k *linker) settle() {
	if !k.o.Distinct {
		return
	}
	order := make([]int, 0, len(k.rows))
	for i := range k.rows {
		if k.rows[i].best[0] >= 0 {
			order = append(order, i)
		}
	}
	sort.Slice(order, func(a, b int) bool {
		x, y := &k.rows[order[a]], &k.rows[order[b]]
		if x.p[0] != y.p[0] {
			return x.p[0] > y.p[0]
		}
		return x.weight > y.weight || x.weight == y.weight && order[a] < order[b]
	})
	taken := map[int32]bool{}
	for _, i := range order {
		l := &k.rows[i]
		for l.best[0] >= 0 && taken[l.best[0]] {
			left := 1 - l.p[0]
			copy(l.best[:], l.best[1:])
			copy(l.p[:], l.p[1:])
			l.best[len(l.best)-1], l.p[len(l.p)-1] = -1, 0
			for n := range l.p {
				l.p[n] = min(l.p[n]/max(left, 1e-6), 1)
			}
			k.look(i)
		}
		if l.best[0] >= 0 && l.p[0] >= .5 {
			taken[l.best[0]] = true
		}
	}
}

// look describes a row by what is now its best candidate.
func (k *linker) look(i int) {
	l := &k.rows[i]
	l.weight, l.fields, l.spelt, l.agrees = float32(math.Inf(-1)), 0, 0, false
	if l.best[0] < 0 {
		return
	}
	w := k.again
	w.row = k.t.row(i)
	w.begin()
	c := candidate{ordinal: uint32(l.best[0])}
	w.compare(&c, float32(math.Inf(-1)))
	k.describe(w, l, &c)
}

// histogram counts rows by the weight of their best candidates.
func (k *linker) histogram(r *Result) []Bin {
	const wide = 4 // bits
	low, high := 0, 0
	at := func(i int) int {
		w := float64(k.rows[i].weight) + k.m.prior()
		return int(math.Floor(max(-60, min(60, w)) / wide))
	}
	for i := range k.rows {
		if k.rows[i].best[0] >= 0 && !k.hidden(k.rows[i].best[0]) {
			low, high = min(low, at(i)), max(high, at(i))
		}
	}
	bins := make([]Bin, high-low+1)
	for i := range bins {
		bins[i].From, bins[i].To = float64((low+i)*wide), float64((low+i+1)*wide)
	}
	for i := range k.rows {
		if k.rows[i].best[0] < 0 || k.hidden(k.rows[i].best[0]) {
			continue
		}
		b := &bins[at(i)-low]
		b.Rows++
		if k.claimed(&r.Outcomes[i]) {
			b.Linked++
			b.ExpectedFalse += 1 - k.probability(i)
		}
	}
	return bins
}

// Best is the key of a row's best candidate and the probability that it is the
// one; 0 if there is none who may be shown.
func (r *Result) Best(i int) (key uint64, probability float64) {
	l := &r.link.rows[i]
	if l.best[0] < 0 || r.link.hidden(l.best[0]) {
		return 0, 0
	}
	return r.table.r.key(uint32(l.best[0])), r.link.probability(i)
}

// Explain searches a row's candidates again and says what each column weighs.
// Who may not be shown is not among them.
func (r *Result) Explain(i int) *Explanation {
	t, m := r.table, r.link.m
	w := r.link.again
	cands := w.search(i, true)
	p, _ := w.judge(cands, nil)
	e := &Explanation{Outcome: r.Outcomes[i], Values: make([]string, len(m.profile.Columns))}
	for c, v := range w.row {
		switch {
		case v == 0:
		case m.profile.Columns[c].textual():
			e.Values[c] = t.names[c].all[v-1].display
		default:
			e.Values[c] = t.r.show(c, v)
		}
	}
	for n := range cands {
		if len(e.Candidates) == 3 {
			break
		}
		if r.link.hidden(int32(cands[n].ordinal)) {
			continue
		}
		c := Candidate{Record: *t.r.record(cands[n].ordinal), Weight: float64(cands[n].weight), Probability: r.link.o.Curve.At(r.link.fit.correct(p[n]))}
		for k := range m.profile.Columns {
			c.Columns = append(c.Columns, ColumnWeight{m.profile.Columns[k].Name, levelNames[cands[n].levels[k]], float64(w.columnWeight(&cands[n], k))})
		}
		e.Candidates = append(e.Candidates, c)
	}
	return e
}
