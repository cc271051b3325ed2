package linkage

import (
	"math"

	"github.com/estelam/estelam/internal/persian"
)

// take compares a record and keeps it if it is among the best.
func (w *worker) take(i uint32) {
	if _, ok := w.seen[i]; ok {
		return
	}
	w.seen[i] = struct{}{}
	if o := w.r.overlay; o != nil && o.gone[i] {
		return
	}
	floor := float32(math.Inf(-1))
	if len(w.best) == top {
		floor = w.best[top-1].weight
	} else if len(w.best) > 0 {
		floor = w.best[0].weight - w.behind
	}
	var c candidate
	if c.ordinal = i; !w.compare(&c, floor) {
		return
	}
	at := len(w.best)
	for at > 0 && (w.best[at-1].weight < c.weight || w.best[at-1].weight == c.weight && w.best[at-1].ordinal > i) {
		at--
	}
	if at == top {
		return
	}
	if len(w.best) < top {
		w.best = append(w.best, candidate{})
	}
	copy(w.best[at+1:], w.best[at:])
	w.best[at] = c
}

// compare weighs a record: what is cheap first, then names that are equal, and
// names that must be looked at letter by letter only if the record can still
// come above the floor.
func (w *worker) compare(c *candidate, floor float32) bool {
	p := w.m.profile
	var later [maxCols]int
	var names [maxCols]uint32
	n := 0
	sum, most := float32(0), float32(0)
	words := uint32(0)
	record := w.r.bytes(c.ordinal)
	for k := range p.Columns {
		v := w.row[k]
		if v == 0 {
			continue
		}
		rv := w.r.column(record, c.ordinal, k)
		if rv == 0 {
			continue
		}
		switch column := &p.Columns[k]; column.Kind {
		case Key:
			l := compareKeys(v, rv, w.broken)
			c.levels[k] = l
			sum += w.m.weight[k][l]
		case Number:
			l := compareNumbers(v, rv)
			c.levels[k] = l
			sum += w.valueWeight(k, l)
		case DateOf:
			l := compareDates(uint32(v), uint32(rv))
			c.levels[k] = l
			sum += w.valueWeight(k, l)
		case Word:
			name := &w.t.names[k].all[v-1]
			c.levels[k] = name.wordLevel(uint32(rv))
			sum += name.word(rv)
		case Words:
			words |= 1 << k
		default:
			name := &w.t.names[k].all[v-1]
			if name.id == uint32(rv) {
				c.levels[k] = exact
				sum += name.weight[0]
				continue
			}
			later[n], names[n] = k, uint32(rv)
			n++
			most += highest(name)
		}
	}
	if sum+most < floor && w.aliases == nil && words == 0 {
		return false
	}
	for i := range n {
		if i > 0 && sum+most < floor && w.aliases == nil && words == 0 && len(p.swaps) == 0 {
			return false
		}
		k := later[i]
		l, weight := w.compareText(k, names[i])
		c.levels[k] = l
		sum += weight
		most -= highest(&w.t.names[k].all[w.row[k]-1])
	}
	c.weight = sum
	w.finish(c, words)
	return c.weight >= floor
}

// valueWeight is what a level of a number or a date weighs: of agreement, by how
// rare the row's own value is.
func (w *worker) valueWeight(k int, l level) float32 {
	switch l {
	case sameNumber, sameDate, firstDate:
		return w.exact[k]
	}
	return w.m.weight[k][l]
}

// highest is what a spelling weighs at most where it is not the record's.
func highest(n *rowName) float32 {
	return max(n.weight[variant-exact], n.weight[near-exact], n.weight[partly-exact])
}

// finish weighs what depends on how other columns agree.
func (w *worker) finish(c *candidate, words uint32) {
	w.unswap(c)
	if pair := w.m.profile.pair; pair.key >= 0 && c.levels[pair.a] != missing && c.levels[pair.b] != missing &&
		c.levels[pair.a] <= variant && c.levels[pair.b] <= variant {
		c.weight -= w.pairWeight()
	}
	for k := 0; words>>k != 0; k++ {
		if words>>k&1 != 0 {
			l, weight, _, _ := w.wordsLevel(c, k)
			c.levels[k] = l
			c.weight += weight
		}
	}
	if w.aliases != nil {
		w.aliases.known(w, c)
	}
}

// compareText is the level of the row's text in a column and a spelling of the
// register, and its weight. No text can say more than that the record's name is
// as rare as it is.
func (w *worker) compareText(k int, id uint32) (level, float32) {
	v := w.row[k]
	name := &w.t.names[k].all[v-1]
	if often, ok := name.learned[id]; ok {
		return variant, max(name.weight[variant-exact], inBits(often/max(w.share(k, id)*often, w.chance(k, name))))
	}
	key := uint64(k)<<56 | v<<28 | uint64(id)
	slot := &w.cache[mix(key)&uint64(len(w.cache)-1)]
	if slot.key != key {
		*slot = cached{key, w.textLevel(k, name, w.r.spelling(k, id))}
	}
	weight := name.weight[slot.level-exact]
	if weight > 0 {
		weight = min(weight, -inBits(w.share(k, id)))
	}
	return slot.level, weight
}

// share is how often a name of a column stands in the register, titles apart.
func (w *worker) share(k int, id uint32) float64 {
	counts := w.t.plain[k]
	if id == 0 || int(id) > len(counts) {
		return 1 / w.m.records
	}
	return float64(max(1, counts[id-1])) / w.m.records
}

// chance is how likely the text is by chance.
func (w *worker) chance(k int, n *rowName) float64 {
	return w.m.m[k][differs] * max(n.share, .5/w.m.records) / math.Exp2(float64(n.weight[differs-exact]))
}

func (w *worker) textLevel(k int, row *rowName, record *spelling) level {
	if w.m.profile.Script == "persian" {
		return persianLevel(w.m.profile.Columns[k].Kind, &row.spelling, record)
	}
	return latinLevel(w.m.profile.Columns[k].Kind, &row.spelling, record)
}

func persianLevel(kind Kind, row, record *spelling) level {
	if row.sound == record.sound && row.heard == record.heard {
		if row.plain == record.plain {
			return exact // but for a title
		}
		return variant
	}
	if strange(row.heard, record.heard) && strange(row.codes, record.codes) {
		return differs
	}
	if oneSlip(row.codes, record.codes) {
		return near
	}
	switch like := persianLikeness(kind, row, record); {
	case like == persian.Same:
		return variant
	case like == persian.Variant:
		return partly
	case kind == Family && (len(row.display) != len(row.key) || len(record.display) != len(record.key)) && stemSlip(row, record),
		oneSlip(row.heard, record.heard) && len(row.heard) > shortest,
		len(row.codes) > 5 && len(record.codes) > 5 && slips(row.codes, record.codes, 2) <= 2:
		return far
	}
	return differs
}

// persianLikeness is how package persian compares the texts. It is asked only if
// one begins or ends like the other, as parts of names do.
func persianLikeness(kind Kind, row, record *spelling) persian.Likeness {
	a, b := persian.Name{Display: record.display, Key: record.key}, persian.Name{Display: row.display, Key: row.key}
	switch {
	case kind == Text || kind == Words:
		if shareWord(row.display, record.display) {
			return persian.Variant
		}
	case !affix(row.codes, record.codes) && !affix(row.heard, record.heard):
	case kind == Name:
		return persian.CompareGiven(a, b)
	case kind == Family:
		return persian.CompareSurname(a, b)
	}
	return persian.Different
}

// affix reports whether the shorter of two texts begins or ends the longer.
func affix(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return b[:len(a)] == a || b[len(b)-len(a):] == a
}

// stemSlip reports whether a surname is the first word of the other, by ear or
// with a slip.
func stemSlip(a, b *spelling) bool {
	first, ok := stem(b.display)
	if !ok {
		if first, ok = stem(a.display); !ok {
			return false
		}
		a, b = b, a
	}
	key := persian.Key(first)
	return letterCodes(persian.Phonetic(first)) == a.heard || oneSlip(letterCodes(key), a.codes) && len(a.codes) > shortest
}

// strange reports whether two names begin and end differently: then neither is
// a slip or a part of the other.
func strange(a, b string) bool {
	return a == "" || b == "" || a[0] != b[0] && a[len(a)-1] != b[len(b)-1]
}

func latinLevel(kind Kind, row, record *spelling) level {
	a, b := row.codes, record.codes
	if len(a) > len(b) {
		a, b = b, a
	}
	switch {
	case oneSlip(a, b):
		return near
	case kind != Code && (shareWord(a, b) || len(a) > shortest && b[:len(a)] == a):
		return partly
	case kind == Code && len(a) > shortest && a[:shortest] == b[:shortest]:
		return partly
	case len(a) > 4 && slips(a, b, 2) <= 2, kind != Code && len(a) > 8 && slips(a, b, 3) <= 3, kind == Name && row.sound == record.sound:
		return far
	}
	return differs
}

// slipInSwap is what a slip in a name that stands in another's place takes away.
const slipInSwap = -5

// unswap sees whether two columns that people mix up agree when they change
// places.
func (w *worker) unswap(c *candidate) {
	for _, pair := range w.m.profile.swaps {
		k, o := pair[0], pair[1]
		if w.row[k] == 0 || w.row[o] == 0 || c.levels[k] < partly || c.levels[o] < partly {
			continue
		}
		a, b := &w.t.names[k].all[w.row[k]-1], &w.t.names[o].all[w.row[o]-1]
		rk, ro := uint32(w.r.value(c.ordinal, k)), uint32(w.r.value(c.ordinal, o))
		if rk == 0 || ro == 0 {
			continue
		}
		slip := float32(0)
		for _, names := range [...][2]*spelling{{&a.spelling, w.r.spelling(o, ro)}, {&b.spelling, w.r.spelling(k, rk)}} {
			switch {
			case names[0].sound == names[1].sound:
			case oneSlip(names[0].codes, names[1].codes) && len(names[0].codes) > shortest:
				slip += slipInSwap
			default:
				slip = -100
			}
		}
		if slip <= -100 {
			continue
		}
		was := a.weight[c.levels[k]-exact] + b.weight[c.levels[o]-exact]
		if now := w.swapWeight(c, k) + w.swapWeight(c, o) + slip; now > was {
			c.levels[k], c.levels[o] = swapped, swapped
			c.weight += now - was
			return
		}
	}
}

// swapWeight is what one of two columns that have changed places weighs.
func (w *worker) swapWeight(c *candidate, k int) float32 {
	return inBits(w.m.swap)/2 - inBits(w.share(k, uint32(w.r.value(c.ordinal, k))))
}

// pairWeight is how much less than both names together the pair of them says:
// names of one region or one time come together more often than chance has it.
// How often this pair stands in the register is held against how often it
// should; a pair that stands there once says nothing.
func (w *worker) pairWeight() float32 {
	if !w.pairKnown {
		w.pairs, w.pairKnown = w.countPair(), true
	}
	return w.pairs
}

func (w *worker) countPair() float32 {
	pair := w.m.profile.pair
	h := w.ownHash(pair.key)
	if h == 0 {
		return 0
	}
	a, b := &w.t.names[pair.a].all[w.row[pair.a]-1], &w.t.names[pair.b].all[w.row[pair.b]-1]
	expected := (a.share + a.alike) * (b.share + b.alike) * w.m.records
	others := max(0, float64(w.r.indexes[pair.key].count(h))-1)
	return inBits((1 + others) / (1 + expected))
}

// whole reports whether the best candidate agrees in all that the row gives.
func (w *worker) whole() bool {
	if len(w.best) == 0 {
		return false
	}
	given := 0
	for k := range w.m.profile.Columns {
		if w.row[k] == 0 {
			continue
		}
		switch l := w.best[0].levels[k]; l {
		case missing:
		case exact, variant, sameNumber, sameDate, sameWord:
			given++
		default:
			return false
		}
	}
	return given > 2 && float64(w.best[0].weight)+w.m.prior() > secure
}

// likely reports whether the best candidate is so probable that keys which bring
// many namesakes are not worth it.
func (w *worker) likely() bool {
	return len(w.best) > 0 && float64(w.best[0].weight)+w.m.prior() > spare
}

// enough reports whether the search can stop: the best candidate agrees in all,
// or in so much that another one could only be better by agreeing in all, and
// would have come with the selective keys; and he is far above the next.
func (w *worker) enough() bool {
	if len(w.best) == 0 || float64(w.best[0].weight)+w.m.prior() < secure ||
		len(w.best) > 1 && w.best[0].weight-w.best[1].weight < secure/2 {
		return false
	}
	return w.whole() || w.most()-float32(w.m.prior())-w.best[0].weight < 2*spare
}
