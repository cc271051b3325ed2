package linkage

import (
	"math"

	"github.com/estelam/estelam/internal/persian"
)

// top is how many candidates of a row are kept.
const top = 8

// candidate is a record that a row may speak of.
type candidate struct {
	ordinal uint32
	weight  float32
	kin     float32 // the weight for being a near relative instead
	levels  [maxCols]level
}

// worker looks for the candidates of one row at a time.
type worker struct {
	t         *Table
	r         *Register
	m         *Model
	row       []uint64
	exact     [maxCols]float32 // what agreement weighs for the row's numbers and dates
	aliases   *aliases         // what certain rows say of records; nil: nothing
	broken    bool             // the row's own number has a wrong check digit
	best      []candidate
	seen      map[uint32]struct{}
	ids       []uint32
	cache     []cached
	pairs     float32 // what the pair of names says less than the names
	pairKnown bool
	// Pairs that were compared, for the report of what a search costs.
	compared int64
}

// cached is the level of a spelling of the file and one of the register.
type cached struct {
	key   uint64
	level level
}

const cacheSize = 1 << 15

// cacheFor is the size of the cache for a table: a power of two.
func cacheFor(rows int) int {
	n := 1 << 8
	for n < cacheSize && n < 8*rows {
		n *= 2
	}
	return n
}

func (t *Table) worker(m *Model) *worker {
	return &worker{t: t, r: t.r, m: m, seen: map[uint32]struct{}{}, cache: make([]cached, cacheFor(len(t.rows))), best: make([]candidate, 0, top+1)}
}

const (
	crowd  = 150 // records of a key beyond which it tells too little
	secure = 24  // bits above the prior from which on nothing better is looked for
	spare  = 12  // bits that a candidate may have lost where the row's best would be found already
)

// search finds the candidates of a row, the best first. Unless all are wanted it
// stops where nothing can be better than what was found.
func (w *worker) search(i int, all bool) []candidate {
	w.row = w.t.row(i)
	w.best = w.best[:0]
	clear(w.seen)
	w.begin()
	if w.byNumber() && !all {
		return w.best
	}
	for k := range w.r.indexes {
		w.byKey(k, look{})
		if !all && w.enough() {
			return w.best
		}
	}
	if len(w.best) == 0 || float64(w.best[0].weight)+w.m.prior() < secure/2 {
		w.again()
	}
	return w.best
}

// again looks for what slips in the keys themselves have hidden.
func (w *worker) again() {
	w.byNeighbours()
	for k := range w.r.indexes {
		w.byKey(k, look{year: 1})
		w.byKey(k, look{year: -1})
		for _, swap := range w.m.profile.swaps {
			w.byKey(k, look{swap: swap})
		}
	}
}

// begin computes what the row's own values weigh when they agree.
func (w *worker) begin() {
	w.pairKnown = false
	w.broken = w.m.profile.Columns[0].Kind == Key && w.row[0] != 0 && !validKey(w.row[0])
	for c := range w.m.profile.Columns {
		v := w.row[c]
		if v == 0 {
			continue
		}
		switch w.m.profile.Columns[c].Kind {
		case DateOf:
			n := float64(max(1, w.r.dates[c][uint32(v)])) / w.m.records
			w.exact[c] = inBits(w.m.m[c][sameDate] / n)
			if v%yearUnit == 101 {
				w.exact[c] = inBits(w.m.m[c][firstDate] / max(n, w.m.u[c][firstDate]))
			}
		case Number:
			w.exact[c] = inBits(w.m.m[c][sameNumber] / w.numberShare(c, v))
		}
	}
}

// numberShare is how often a number stands in a column of the register, never
// less than once.
func (w *worker) numberShare(c int, v uint64) float64 {
	at := 4 * slotOf(v)
	n := float64(uint32(w.r.slots[c][at]) | uint32(w.r.slots[c][at+1])<<8 | uint32(w.r.slots[c][at+2])<<16 | uint32(w.r.slots[c][at+3])<<24)
	if v >= numberSlots/2 { // shared with other numbers
		n /= max(1, w.m.records/(numberSlots/2)/2)
	}
	share := max(1, n) / w.m.records
	if often := w.t.often[c][v]; often > household { // the office's own, on all its rows
		share = max(share, float64(often)/float64(len(w.t.rows)))
	}
	return share
}

// byNumber looks the row's number up, and reports whether that settles it.
func (w *worker) byNumber() bool {
	if w.m.profile.Columns[0].Kind != Key || w.row[0] == 0 {
		return false
	}
	if i, ok := w.r.find(w.row[0]); ok {
		w.take(i)
		return w.whole()
	}
	return false
}

// byNeighbours looks up the numbers that one wrong digit or two changed places
// may have made of the row's.
func (w *worker) byNeighbours() {
	v := w.row[0]
	if w.m.profile.Columns[0].Kind != Key || v == 0 {
		return
	}
	try := func(n uint64) {
		if n != v && n != 0 && validKey(n) {
			if i, ok := w.r.find(n); ok {
				w.take(i)
			}
		}
	}
	unit := uint64(1)
	for range 10 {
		digit := v / unit % 10
		for d := range uint64(10) {
			try(v - digit*unit + d*unit)
		}
		if next := v / (unit * 10) % 10; unit < 1e9 {
			try(v - digit*unit - next*unit*10 + next*unit + digit*unit*10)
		}
		unit *= 10
	}
}

// A look is one way to look a key up: as the row has it, or with two columns in
// each other's place, or with the year before or after.
type look struct {
	swap [2]int // columns; both 0: none
	year int
}

// column is the column whose value stands in a column's place.
func (l *look) column(c int) int {
	switch {
	case l.swap == [2]int{}:
	case c == l.swap[0]:
		return l.swap[1]
	case c == l.swap[1]:
		return l.swap[0]
	}
	return c
}

// byKey takes the records of one key.
func (w *worker) byKey(k int, l look) {
	parts := w.m.profile.keys[k]
	var sounds [maxParts][]uint32
	changed := l == look{}
	for i, p := range parts {
		c := l.column(p.column)
		v := w.row[c]
		if v == 0 {
			return
		}
		if column := &w.m.profile.Columns[p.column]; column.Kind == DateOf {
			if p.what != partYear && v%100 == 0 || p.what == partDay && v%yearUnit == 0 {
				return // a year is no day
			}
			changed = changed || l.year != 0 && p.what == partYear
		}
		changed = changed || c != p.column
		if p.what == partSound {
			sounds[i] = w.t.names[c].all[v-1].sounds
		}
	}
	if !changed {
		return
	}
	var at [maxParts]int
	for tries := 0; tries < 12; tries++ {
		w.byHash(k, w.hash(k, l, &sounds, at))
		i := 0
		for ; i < len(parts); i++ {
			if at[i]++; at[i] < len(sounds[i]) {
				break
			}
			at[i] = 0
		}
		if i == len(parts) {
			break
		}
	}
}

// maxParts is how many parts a key may have.
const maxParts = 4

// hash is the hash of a key with the sounds chosen by at.
func (w *worker) hash(k int, l look, sounds *[maxParts][]uint32, at [maxParts]int) uint64 {
	h := uint64(k + 1)
	for i, p := range w.m.profile.keys[k] {
		c := l.column(p.column)
		v := w.row[c]
		switch p.what {
		case partSound:
			v = uint64(sounds[i][at[i]])
		case partPrefix:
			s := w.t.names[c].all[v-1].codes
			v = hashText(s[:min(len(s), p.n)])
		case partValue:
			if w.m.profile.Columns[c].textual() {
				if v = uint64(w.t.names[c].all[v-1].id); v == 0 {
					return 0
				}
			}
		case partYear:
			v = uint64(int(p.of(v)) + l.year)
		default:
			v = p.of(v)
		}
		h = mix(h*31 + v)
	}
	return h | 1
}

// byHash takes the records that have a key's hash.
func (w *worker) byHash(k int, h uint64) {
	if h == 0 {
		return
	}
	var few bool
	if w.ids, few = w.r.indexes[k].find(h, w.ids[:0], crowd); !few && len(w.best) > 0 {
		return
	}
	for _, i := range w.ids {
		w.take(i)
	}
	if w.aliases != nil {
		for _, i := range w.aliases.index[k][h] {
			w.take(i)
		}
	}
	if w.r.overlay != nil {
		for _, i := range w.r.overlay.indexes[k][h] {
			w.take(i)
		}
	}
}

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
		floor = w.best[0].weight - 40
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
	w.compared++
	p := w.m.profile
	var later [maxCols]int
	var names [maxCols]uint32
	n := 0
	sum, most := float32(0), float32(0)
	words := uint32(0)
	for k := range p.Columns {
		v := w.row[k]
		if v == 0 {
			continue
		}
		rv := w.r.value(c.ordinal, k)
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
			if l == sameNumber {
				sum += w.exact[k]
			} else {
				sum += w.m.weight[k][l]
			}
		case DateOf:
			l := compareDates(uint32(v), uint32(rv))
			c.levels[k] = l
			if l == sameDate || l == firstDate {
				sum += w.exact[k]
			} else {
				sum += w.m.weight[k][l]
			}
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
			most += max(name.weight[variant-exact], name.weight[near-exact], name.weight[partly-exact])
		}
	}
	if sum+most < floor && w.aliases == nil && words == 0 {
		return false
	}
	for i := range n {
		k := later[i]
		l, weight := w.compareText(k, names[i])
		c.levels[k] = l
		sum += weight
	}
	c.weight = sum
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
	return c.weight >= floor
}

// compareText is the level of the row's text in a column and a spelling of the
// register, and its weight. No text can say more than that the record's name is
// as rare as it is.
func (w *worker) compareText(k int, id uint32) (level, float32) {
	v := w.row[k]
	name := &w.t.names[k].all[v-1]
	if often, ok := name.learned[id]; ok {
		return variant, max(name.weight[variant-exact], inBits(often/max(w.r.share(k, id)*often, w.chance(k, name))))
	}
	key := uint64(k)<<56 | v<<28 | uint64(id)
	slot := &w.cache[mix(key)&uint64(len(w.cache)-1)]
	if slot.key != key {
		*slot = cached{key, w.textLevel(k, name, w.r.spelling(k, id))}
	}
	weight := name.weight[slot.level-exact]
	if weight > 0 {
		weight = min(weight, -inBits(w.r.share(k, id)))
	}
	return slot.level, weight
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
	like := persian.Different
	a, b := persian.Name{Display: record.display, Key: record.key}, persian.Name{Display: row.display, Key: row.key}
	switch kind {
	case Name:
		like = persian.CompareGiven(a, b)
	case Family:
		like = persian.CompareSurname(a, b)
	case Text, Words:
		if shareWord(row.display, record.display) {
			like = persian.Variant
		}
	}
	switch {
	case like == persian.Same:
		return variant
	case like == persian.Variant:
		return partly
	case kind == Family && stemSlip(row, record),
		oneSlip(row.heard, record.heard) && len(row.heard) > shortest,
		len(row.codes) > 5 && len(record.codes) > 5 && slips(row.codes, record.codes, 2) <= 2:
		return far
	}
	return differs
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
	return inBits(w.m.swap)/2 - inBits(w.r.share(k, uint32(w.r.value(c.ordinal, k))))
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

// enough reports whether the search can stop: the best candidate agrees in all,
// or in so much that another one could only be better by agreeing in all, and
// would have come with the selective keys; and he is far above the next.
func (w *worker) enough() bool {
	if len(w.best) == 0 || float64(w.best[0].weight)+w.m.prior() < secure ||
		len(w.best) > 1 && w.best[0].weight-w.best[1].weight < secure/2 {
		return false
	}
	return w.whole() || w.most()-float32(w.m.prior())-w.best[0].weight < spare
}
