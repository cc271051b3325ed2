package linkage

// top is how many candidates of a row are kept.
const top = 8

// candidate is a record that a row may speak of.
type candidate struct {
	ordinal uint32
	weight  float32
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
	limit     int     // records of a key beyond which it is left out
	behind    float32 // bits behind the best from which on a candidate is dropped
}

// cached is the level of a spelling of the file and one of the register.
type cached struct {
	key   uint64
	level level
}

const cacheSize = 1 << 16

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
	namesakes = 10  // records of a key of names alone beyond which it is not worth it where somebody is likely
	crowd     = 150 // records of a key beyond which it tells too little
	secure    = 24  // bits above the prior from which on nothing better is looked for
	hopeless  = 28  // bits behind the best candidate from which on nobody is looked at more closely
	spare     = 12  // bits that a candidate may have lost where the row's best would be found already
)

// search finds the candidates of a row, the best first. Unless all are wanted it
// stops where nothing can be better than what was found.
func (w *worker) search(i int, all bool) []candidate {
	w.row = w.t.row(i)
	w.best = w.best[:0]
	clear(w.seen)
	w.begin()
	if w.behind = hopeless; all {
		w.behind = 2 * hopeless
	}
	if w.byNumber() && !all {
		return w.best
	}
	for k := range w.r.indexes {
		if w.limit = crowd; !all && w.m.profile.broad[k] && w.likely() {
			w.limit = namesakes
		}
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
	w.limit = crowd
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
	if w.ids, few = w.r.indexes[k].find(h, w.ids[:0], w.limit); !few && len(w.best) > 0 {
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
