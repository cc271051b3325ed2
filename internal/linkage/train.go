package linkage

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// sampleRows is from how many rows the model is estimated.
const (
	sampleRows = 12_000
	maxRounds  = 8
	certainly  = .999
)

// sampled is a row of the sample and its candidates.
type sampled struct {
	row   int
	cands []candidate
	p     []float64 // of each candidate
	none  float64
}

// train estimates the model from a sample of the rows.
func (t *Table) train(m *Model) []sampled {
	m.set(t)
	sample := t.sample(m)
	m.rounds = 0
	t.iterate(m, sample)
	if t.learn(m, sample) {
		m.set(t)
		sample = t.sample(m)
		t.iterate(m, sample)
	}
	m.rows = len(sample)
	return sample
}

// iterate estimates until the estimates stand still.
func (t *Table) iterate(m *Model, sample []sampled) {
	before := math.Inf(-1)
	for range maxRounds {
		fit := t.round(m, sample)
		m.rounds++
		m.set(t)
		if fit-before < 1e-4*float64(len(sample)) {
			break
		}
		before = fit
	}
	t.weighAgain(m, sample)
}

// draw chooses the rows of the sample by what they say, so that the order of the
// file does not matter: those with the lowest hashes.
func (t *Table) draw() []int {
	limit := uint64(math.MaxUint64)
	if n := len(t.rows) / sampleRows; n > 1 {
		limit = limit / uint64(n) * 2 // twice as many as are needed
	}
	rows := t.below(limit)
	if len(rows) < sampleRows {
		rows = t.below(math.MaxUint64)
	}
	return rows[:min(len(rows), sampleRows)]
}

// below are the rows whose hashes are not above a limit, by hash.
func (t *Table) below(limit uint64) []int {
	type drawn struct {
		hash uint64
		row  int
	}
	var all []drawn
	w := worker{t: t, m: &Model{profile: t.r.head.Profile}}
	for i := range t.rows {
		if w.row = t.row(i); w.bare() {
			continue // nobody is looked for
		}
		h := uint64(1)
		for c, v := range w.row {
			if v != 0 && t.r.head.Profile.Columns[c].textual() {
				v = uint64(t.names[c].all[v-1].sound)
			}
			h = mix(h*31 + v)
		}
		if h <= limit {
			all = append(all, drawn{h, i})
		}
	}
	slices.SortFunc(all, func(a, b drawn) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.row, b.row)) })
	rows := make([]int, len(all))
	for i := range all {
		rows[i] = all[i].row
	}
	return rows
}

// sample finds all candidates of some of the rows.
func (t *Table) sample(m *Model) []sampled {
	rows := t.draw()
	n := len(rows)
	all := make([]sampled, n)
	spread(n, func(from, to int) {
		w := t.worker(m)
		for i := from; i < to; i++ {
			all[i].row = rows[i]
			all[i].cands = w.known(rows[i])
		}
	})
	return all
}

// known are the candidates of a row from which the model may be estimated: no
// figure tells of persons who may not be shown, or of a number alone.
func (w *worker) known(i int) []candidate {
	if w.row = w.t.row(i); w.bare() {
		return nil
	}
	all := append([]candidate(nil), w.search(i, true)...)
	return slices.DeleteFunc(all, func(c candidate) bool { return w.r.state(c.ordinal) == protectedState })
}

// weighAgain gives the candidates of a sample the weights of the new model.
func (t *Table) weighAgain(m *Model, sample []sampled) {
	spread(len(sample), func(from, to int) {
		w := t.worker(m)
		for i := from; i < to; i++ {
			s := &sample[i]
			w.row = t.row(s.row)
			w.begin()
			for k := range s.cands {
				w.compare(&s.cands[k], float32(math.Inf(-1)))
			}
			sortCandidates(s.cands)
			s.p, s.none = w.judge(s.cands, s.p)
		}
	})
}

func sortCandidates(c []candidate) {
	for i := 1; i < len(c); i++ {
		for k := i; k > 0 && (c[k].weight > c[k-1].weight || c[k].weight == c[k-1].weight && c[k].ordinal < c[k-1].ordinal); k-- {
			c[k], c[k-1] = c[k-1], c[k]
		}
	}
}

// round is one step of expectation maximisation. It gives the log-likelihood.
func (t *Table) round(m *Model, sample []sampled) float64 {
	t.weighAgain(m, sample)
	n := len(m.profile.Columns)
	counts := make([][levels]float64, n)
	words := make([]map[[2]uint32]float64, n)
	for c := range n {
		if m.profile.Columns[c].Kind == Word {
			words[c] = map[[2]uint32]float64{}
		}
	}
	in, fit, swaps := 0., 0., 0.
	var matched, of [maxCols]float64
	w := t.worker(m)
	for i := range sample {
		s := &sample[i]
		in += 1 - s.none
		if s.none > 0 {
			fit -= math.Log(s.none)
		}
		for k := range s.cands {
			for c := range n {
				if m.profile.Columns[c].Kind == Words && s.cands[k].levels[c] != missing && s.p[k] > .01 {
					w.row = t.row(s.row)
					_, _, some, all := w.wordsLevel(&s.cands[k], c)
					matched[c], of[c] = matched[c]+s.p[k]*float64(some), of[c]+s.p[k]*float64(all)
				}
				l := s.cands[k].levels[c]
				counts[c][l] += s.p[k]
				switch {
				case l == swapped:
					swaps += s.p[k] / 2
				case l >= sameWord:
					words[c][[2]uint32{uint32(t.row(s.row)[c]), uint32(t.r.value(s.cands[k].ordinal, c))}] += s.p[k]
				}
			}
		}
	}
	m.rate = min(max(in/float64(max(len(sample), 1)), .02), .9995)
	m.swap = (swaps + .5) / (in + 100)
	for c := range n {
		m.words[c] = (matched[c] + 20*wordsGuess) / (of[c] + 20)
		for _, g := range groups {
			m.update(c, g, &counts[c])
		}
		t.learnWords(c, words[c])
	}
	return fit
}

// learnWords finds out which words of the file mean which words of the
// register: agencies write 1 and 2, M and F, or the words of another language.
func (t *Table) learnWords(c int, counts map[[2]uint32]float64) {
	if counts == nil {
		return
	}
	const trace = 4
	byWord, byValue, all := map[uint32]float64{}, map[uint32]float64{}, 0.
	order := slices.SortedFunc(maps.Keys(counts), func(a, b [2]uint32) int { return slices.Compare(a[:], b[:]) })
	for _, k := range order {
		n := counts[k]
		byWord[k[0]] += n
		byValue[k[1]] += n
		all += n
	}
	for i := range t.names[c].all {
		name := &t.names[c].all[i]
		often := byWord[uint32(i+1)]
		if often < trace {
			continue
		}
		for v := range name.words {
			if v == 0 || byValue[uint32(v)] == 0 {
				continue
			}
			share := often / all
			with := (counts[[2]uint32{uint32(i + 1), uint32(v)}] + trace*share) / (byValue[uint32(v)] + trace)
			name.words[v] = inBits(with / share)
		}
	}
}

// update sets the probabilities of one group of levels; what the sample has not
// seen keeps a trace of what is expected.
func (m *Model) update(c int, g [2]level, counts *[levels]float64) {
	const trace = 20 // rows that the expectation counts for
	sum, prior := 0., 0.
	for l := g[0]; l < g[1]; l++ {
		sum += counts[l]
		prior += expected[l]
	}
	if sum < 1 {
		return
	}
	for l := g[0]; l < g[1]; l++ {
		m.m[c][l] = (counts[l] + trace*expected[l]/prior) / (sum + trace)
	}
}

// learn finds the spellings that stand for names of the register in rows which
// are certain without that column. It reports whether it found any.
func (t *Table) learn(m *Model, sample []sampled) (found bool) {
	for c := range m.profile.Columns { // in an order that does not depend on maps: sums of fractions do
		if k := m.profile.Columns[c].Kind; k != Name && k != Family && k != Text {
			continue
		}
		type pair struct{ text, id uint32 }
		pairs, names := map[pair]int{}, map[uint32]int{}
		w := t.worker(m)
		for i := range sample {
			s := &sample[i]
			if len(s.cands) == 0 || s.cands[0].levels[c] == missing || !w.sureWithout(s, c) {
				continue
			}
			id := uint32(t.r.value(s.cands[0].ordinal, c))
			names[id]++
			if l := s.cands[0].levels[c]; l > variant && l < swapped {
				pairs[pair{uint32(t.row(s.row)[c]), id}]++
			}
		}
		order := slices.SortedFunc(maps.Keys(pairs), func(a, b pair) int { return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.id, b.id)) })
		for _, p := range order {
			n := pairs[p]
			if n < 3 {
				continue
			}
			name := &t.names[c].all[p.text-1]
			if name.learned == nil {
				name.learned = map[uint32]float64{}
			}
			name.learned[p.id] = float64(n) / float64(names[p.id]+10)
			name.lent += name.learned[p.id]
			found = true
		}
	}
	return found
}

// sureWithout reports whether the best candidate is certain though a column is
// left out.
func (w *worker) sureWithout(s *sampled, c int) bool {
	w.row = w.t.row(s.row)
	w.begin()
	rest := make([]float64, len(s.cands))
	total := 0.
	for i := range s.cands {
		cw := float64(s.cands[i].weight - w.columnWeight(&s.cands[i], c))
		rest[i] = math.Exp2(cw + w.m.prior())
		total += rest[i]
	}
	return rest[0]/(1+total) > certainly
}

// columnWeight is what one column of a candidate weighs.
func (w *worker) columnWeight(c *candidate, k int) float32 {
	l := c.levels[k]
	if l == missing {
		return 0
	}
	switch column := &w.m.profile.Columns[k]; {
	case l == swapped:
		return w.swapWeight(c, k)
	case column.Kind == Word:
		return w.t.names[k].all[w.row[k]-1].word(w.r.value(c.ordinal, k))
	case column.Kind == Words:
		_, weight, _, _ := w.wordsLevel(c, k)
		return weight
	case column.textual():
		if l == exact {
			return w.t.names[k].all[w.row[k]-1].weight[0]
		}
		_, weight := w.compareText(k, uint32(w.r.value(c.ordinal, k)))
		return weight
	case l == sameDate, l == firstDate, l == sameNumber && column.Kind == Number:
		return w.exact[k]
	}
	return w.m.weight[k][l]
}

// kinship is the weight for a candidate being a near relative of the person
// whom the row speaks of. A relative shares a column's value with a
// probability that the profile knows, and by chance otherwise.
func (w *worker) kinship(c *candidate) float32 {
	sum := 0.
	for k := range w.m.profile.Columns {
		if kin := w.m.profile.Columns[k].Kin; kin > 0 && c.levels[k] != missing {
			sum += math.Log2(kin*math.Exp2(float64(w.columnWeight(c, k))) + 1 - kin)
		}
	}
	return float32(sum)
}

// judge gives each candidate its probability, and says how probable it is that
// the person is not in the register, and whoever resembles him does so by chance
// or as a relative. The rest is for persons whom the search has not found.
func (w *worker) judge(cands []candidate, p []float64) ([]float64, float64) {
	p = p[:0]
	odds := w.m.rate / (1 - w.m.rate)
	nobody := 1.
	for i := range cands {
		if w.m.profile.Relatives > 0 {
			nobody += w.m.profile.Relatives / w.m.records * math.Exp2(float64(w.kinship(&cands[i])))
		}
		p = append(p, odds/w.m.records*math.Exp2(float64(cands[i].weight)))
	}
	lost := odds * w.m.lost(w.form())
	total := nobody + lost
	for _, x := range p {
		total += x
	}
	for i := range p {
		p[i] /= total
	}
	return p, nobody / total
}
