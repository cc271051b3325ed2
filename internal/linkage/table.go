package linkage

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"unicode/utf8"
)

// Table is the rows of one file, read into values.
type Table struct {
	r      *Register
	rows   []int
	padded []bool
	values []uint64           // row by row; of a text its place in names, from 1
	texts  []string           // of rows that have not been read yet
	names  []names            // by column
	often  []map[uint64]int32 // by column of numbers: in how many rows each stands
	plain  [][]uint32         // by column of texts: how many records have each spelling, titles apart
}

// household is how many rows may have one number, such as a postal code,
// before it says less for it.
const household = 8

// names are the different spellings that a column of the file has.
type names struct {
	all   []rowName
	byRaw map[string]uint32
}

// rowName is one of them, and what the register says of it.
type rowName struct {
	spelling
	id      uint32             // in the register's dictionary; 0: not in it
	share   float64            // of the register's records that have it
	alike   float64            // that have another name of the same sound
	area    float64            // that have a code with the same beginning
	beside  float64            // that have a name one slip away
	sounds  []uint32           // hashes of the sounds under which to look for it
	learned map[uint32]float64 // names of the register that are written like this, and how often
	lent    float64            // the sum of these
	weight  [swapped - exact + 1]float32
	parts   []rowWord // the words of a column of several
	words   []float32 // by word of the register: the weight, if the column is of words
	rows    int32     // of the file that have it
}

// NewTable begins a table of rows to be linked.
func (r *Register) NewTable() *Table {
	n := len(r.head.Profile.Columns)
	t := &Table{r: r, names: make([]names, n), often: make([]map[uint64]int32, n), plain: make([][]uint32, n)}
	for c := range t.names {
		if r.head.Profile.Columns[c].Kind == Number {
			t.often[c] = map[uint64]int32{}
		}
		t.names[c].byRaw = map[string]uint32{}
	}
	return t
}

// Len is how many rows the table has.
func (t *Table) Len() int { return len(t.rows) }

// Add takes in one row: its number in the sheet, and its values in the profile's
// order. What cannot be read is as good as missing.
func (t *Table) Add(row int, values []string) {
	t.rows, t.padded = append(t.rows, row), append(t.padded, false)
	if t.texts = append(t.texts, values[:len(t.names)]...); len(t.texts) == batch*len(t.names) {
		t.read()
	}
}

// batch is how many rows are read at once.
const batch = 4096

// read reads the rows that have been taken in, columns on all processors, for
// each column has names of its own.
func (t *Table) read() {
	n, base := len(t.names), len(t.values)
	t.values = append(t.values, make([]uint64, len(t.texts))...)
	var next atomic.Int64
	spread(runtime.GOMAXPROCS(0), func(int, int) {
		for c := int(next.Add(1)) - 1; c < n; c = int(next.Add(1)) - 1 {
			t.readColumn(c, base/n, t.values[base:])
		}
	})
	for i := 0; i < len(t.texts); i += n {
		t.settle(t.values[base+i:base+i+n], t.texts[i:i+n])
	}
	clear(t.texts)
	t.texts = t.texts[:0]
}

func (t *Table) readColumn(c, first int, values []uint64) {
	p := t.r.head.Profile
	column := &p.Columns[c]
	for i := c; i < len(t.texts); i += len(t.names) {
		s := t.texts[i]
		if s == "" {
			continue
		}
		switch {
		case column.textual():
			values[i] = uint64(t.names[c].add(p, column.Kind, s))
		case column.Kind == DateOf:
			values[i] = uint64(p.parseDate(s))
		case column.Kind == Key:
			values[i], t.padded[first+i/len(t.names)] = parseKey(s)
		default:
			values[i], _ = parseNumber(s)
		}
	}
}

// settle does what concerns several columns of a row.
func (t *Table) settle(own []uint64, texts []string) {
	t.splitName(own, texts)
	for c := range own {
		switch column := &t.r.head.Profile.Columns[c]; {
		case column.Kind != Number || own[c] == 0:
		case column.SameAsKey && own[c] > 1e7 && validKey(own[c]):
			// born from 1368: the shenasnameh's number is the person's
			if own[0] == 0 || !validKey(own[0]) {
				own[0] = own[c]
			}
			own[c] = 0
		default:
			t.often[c][own[c]]++
		}
	}
}

func (n *names) add(p *Profile, kind Kind, s string) uint32 {
	if i, ok := n.byRaw[s]; ok {
		if i > 0 {
			n.all[i-1].rows++
		}
		return i
	}
	i := uint32(0)
	if sp, ok := p.spell(kind, s); ok {
		n.all = append(n.all, rowName{spelling: sp, rows: 1})
		i = uint32(len(n.all))
	}
	if len(s) <= 200 {
		n.byRaw[s] = i
	}
	return i
}

// splitName puts a whole name that stands in the surname's column into its two
// columns, where the register has a given name and a surname of which it is made.
func (t *Table) splitName(own []uint64, values []string) {
	p := t.r.head.Profile
	if p.Script != "persian" {
		return
	}
	for _, pair := range p.swaps {
		a, b := pair[0], pair[1]
		if p.Columns[a].Kind != Name || p.Columns[b].Kind != Family || own[a] == 0 == (own[b] == 0) {
			continue
		}
		whole := values[a] + values[b] // one of them is empty
		for i, r := range whole {
			if r != ' ' && r != '\u200c' || i == 0 {
				continue
			}
			first, second := whole[:i], whole[i+utf8.RuneLen(r):]
			for _, try := range [...][2]string{{first, second}, {second, first}} {
				if t.r.knows(a, try[0]) && t.r.knows(b, try[1]) {
					own[a], own[b] = uint64(t.names[a].add(p, Name, try[0])), uint64(t.names[b].add(p, Family, try[1]))
					return
				}
			}
		}
	}
}

// knows reports whether the register has a name in a column.
func (r *Register) knows(c int, name string) bool {
	sp, ok := r.head.Profile.spell(r.head.Profile.Columns[c].Kind, name)
	if !ok {
		return false
	}
	id := r.of[c].find(sp.key)
	return id != 0 && r.of[c].counts[c][id-1] > 0
}

// row is the values of one row.
func (t *Table) row(i int) []uint64 {
	n := len(t.names)
	return t.values[i*n : (i+1)*n]
}

// lookUp finds what the register knows of each spelling.
func (t *Table) lookUp() {
	t.read()
	p := t.r.head.Profile
	for c := range p.Columns {
		column := &p.Columns[c]
		if !column.textual() || len(t.names[c].all) == 0 {
			continue
		}
		l := t.r.of[c]
		all := l.tallyOf(p, c)
		t.plain[c] = all.bySpelling
		l.slipsOf()
		spread(len(t.names[c].all), func(from, to int) {
			for i := from; i < to; i++ {
				t.know(c, &t.names[c].all[i], all)
			}
		})
	}
}

// common is the share from which on a name is no slip of another.
const common = 1e-4

// know looks up one spelling.
func (t *Table) know(c int, n *rowName, all *tally) {
	r := t.r
	l := r.of[c]
	total := float64(max(1, r.Len()))
	if n.id = l.find(n.key); n.id == 0 && r.overlay != nil {
		if x := r.overlay.extra[l.name]; x != nil {
			n.id = x.byKey[n.key]
		}
	}
	counts := l.counts[c]
	if n.share = float64(all.plain[n.plain]) / total; n.id != 0 {
		n.share = max(n.share, .5/total) // of the dictionary's other column, or over the image
	}
	if r.head.Profile.Columns[c].Kind == Code {
		n.area = float64(all.areas[areaOf(n.codes)]) / total
	}
	if v := r.vocab[c]; v != nil {
		n.parts = v.split(&n.spelling)
	}
	n.alike = max(0, float64(all.sounds[n.sound])/total-n.share)
	n.sounds = append(n.sounds[:0], n.sound)
	if n.share > common {
		return
	}
	type neighbour struct {
		count uint32
		sound uint32
	}
	var beside []neighbour
	l.slipsOf().of(l.entries, n.codes, func(id uint32) {
		if e := &l.entries[id-1]; id != n.id && e.sound != n.sound && counts[id-1] > 0 {
			n.beside += float64(counts[id-1]) / total
			beside = append(beside, neighbour{counts[id-1], e.sound})
		}
	})
	if n.share > 3/total { // a name of its own; it may be a slip all the same, but other keys find that
		return
	}
	if r.head.Profile.Columns[c].Kind == Family && r.head.Profile.Script == "persian" {
		n.stems(r, c, all)
	}
	slices.SortFunc(beside, func(a, b neighbour) int { return int(b.count) - int(a.count) })
	for _, b := range beside[:min(len(beside), 4)] {
		if !slices.Contains(n.sounds, b.sound) {
			n.sounds = append(n.sounds, b.sound)
		}
	}
}

// stems adds the sounds of surnames that have more words than the text, and of
// its own first word.
func (n *rowName) stems(r *Register, c int, all *tally) {
	const few = 3
	if h, ok := stemSound(r.head.Profile, &n.spelling); ok {
		n.sounds = append(n.sounds, h)
	}
	longer := all.stems[n.sound]
	for _, id := range longer[:min(len(longer), few)] {
		n.sounds = append(n.sounds, r.of[c].entries[id-1].sound)
	}
}

// slipsOf is the index of names one slip apart.
func (l *lexicon) slipsOf() *neighbours {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.near == nil {
		l.near = newNeighbours(l.entries)
	}
	return l.near
}

// The share of a person's misspellings of a kind that come out as just this
// text: a name has few other spellings of its sound, hundreds of slips, and
// tens of thousands of pairs of them.
const (
	oneVariant = .3
	oneNear    = 1. / 150
	onePart    = .5
	oneFar     = 1. / 5000
)

// unregistered is the share of texts that the register does not know which are
// names of people who are not in it.
const unregistered = .3

// weigh computes what each level of this spelling weighs, given how often the
// levels come about in this file. How likely the very text is by chance is the
// sum over all names that it may come from.
func (n *rowName) weigh(m *[levels]float64, records float64) {
	rare := .5 / records
	chance := n.share*m[exact] + n.alike*m[variant]*oneVariant + n.beside*m[near]*oneNear + max(n.share, rare)*m[differs] +
		rare*unregistered
	chance += n.lent / records
	given := [...]float64{
		m[exact], m[variant] * oneVariant, m[near] * oneNear, m[partly] * onePart, m[far] * oneFar, m[differs] * max(n.share, rare), 0,
	}
	for i, x := range given {
		n.weight[i] = float32(math.Log2(x / chance))
	}
	if n.area > 0 {
		n.weight[partly-exact] = float32(math.Log2(m[partly] / n.area))
	}
}

// expectWords gives a word its weights before anything was learned of it: one
// that the register does not know says nothing.
func (n *rowName) expectWords(m *[levels]float64, known int) {
	if n.words != nil {
		return
	}
	n.words = make([]float32, known+1)
	if n.id == 0 {
		return
	}
	for v := range n.words {
		n.words[v] = inBits(m[otherWord] / max(1-n.share, 1e-6))
	}
	n.words[n.id] = inBits(m[sameWord] / max(n.share, 1e-6))
}

// word is what a word of the register weighs.
func (n *rowName) word(v uint64) float32 {
	if v >= uint64(len(n.words)) {
		return 0
	}
	return n.words[v]
}

// wordLevel is how a word stands to one of the register's.
func (n *rowName) wordLevel(v uint32) level {
	if n.id == v || n.id == 0 && n.word(uint64(v)) > 0 {
		return sameWord
	}
	return otherWord
}
