package linkage

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// A lexicon holds each spelling of one dictionary once, under the numbers
// 1, 2, 3 …, with how many records have it in each column that uses it.
type lexicon struct {
	name    string
	entries []spelling        // by number − 1
	counts  map[int][]uint32  // by column: how many records have it
	table   []uint32          // open addressing by the key's hash
	mu      sync.Mutex        // guards the next two, which are made when first asked for
	tallies map[int]*tally    // by column
	near    *neighbours       // names within one slip
	byKey   map[string]uint32 // while it is being built
	raw     map[string]uint32 // while it is being built: texts as they came
}

// areaOf is the beginning of a code that stands for an area.
func areaOf(codes string) string { return codes[:min(len(codes), shortest)] }

func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// mix spreads the bits of a hash.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// find is the number of a key, 0 if it is not in the lexicon.
func (l *lexicon) find(key string) uint32 {
	if len(l.table) == 0 {
		return 0
	}
	mask := uint64(len(l.table) - 1)
	for i := hashText(key) & mask; ; i = (i + 1) & mask {
		id := l.table[i]
		if id == 0 || l.entries[id-1].key == key {
			return id
		}
	}
}

// add is the number of a text while the lexicon is being built; 0 if nothing
// can be read in it.
func (l *lexicon) add(p *Profile, kind Kind, text string) uint32 {
	if id, ok := l.raw[text]; ok {
		return id
	}
	sp, ok := p.spell(kind, text)
	if !ok {
		return 0
	}
	id, ok := l.byKey[sp.key]
	if !ok {
		l.entries = append(l.entries, sp)
		id = uint32(len(l.entries))
		l.byKey[sp.key] = id
	}
	l.raw[text] = id
	return id
}

// hash lays out the table.
func (l *lexicon) hash() {
	size := 16
	for size < 2*len(l.entries) {
		size *= 2
	}
	l.table = make([]uint32, size)
	mask := uint64(size - 1)
	for id := range l.entries {
		i := hashText(l.entries[id].key) & mask
		for l.table[i] != 0 {
			i = (i + 1) & mask
		}
		l.table[i] = uint32(id + 1)
	}
}

// pack writes the entries: for each the hashes of the sound and of the key
// without titles (uint32), the lengths of display, key, codes and sound
// (uint16), and these four texts.
func (l *lexicon) pack() []byte {
	var b []byte
	for i := range l.entries {
		e := &l.entries[i]
		b = binary.LittleEndian.AppendUint32(b, e.sound)
		b = binary.LittleEndian.AppendUint32(b, e.plain)
		for _, s := range e.texts() {
			b = binary.LittleEndian.AppendUint16(b, uint16(len(*s)))
		}
		for _, s := range e.texts() {
			b = append(b, *s...)
		}
	}
	return b
}

func (e *spelling) texts() [4]*string { return [4]*string{&e.display, &e.key, &e.codes, &e.heard} }

// unpack reads what pack wrote; the texts stay where they are.
func (l *lexicon) unpack(b []byte, n int) error {
	l.entries = make([]spelling, n)
	for i := range l.entries {
		const lead = 16
		if len(b) < lead {
			return errDamaged
		}
		e := &l.entries[i]
		e.sound, e.plain = binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		at := lead
		for k, s := range e.texts() {
			size := int(binary.LittleEndian.Uint16(b[8+2*k:]))
			if at+size > len(b) {
				return errDamaged
			}
			*s = text(b[at : at+size])
			at += size
		}
		b = b[at:]
	}
	return nil
}

// text is a string over bytes that never change while it is in use.
func text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}

// stemSound is the sound of the first of several words.
func stemSound(p *Profile, s *spelling) (uint32, bool) {
	first, ok := stem(s.display)
	if !ok {
		return 0, false
	}
	sp, ok := p.spell(Family, first)
	return sp.sound, ok
}

// stem is the first word of a name of several, if it is long enough to be one.
func stem(display string) (string, bool) {
	i := strings.IndexAny(display, " \u200c")
	return display[:max(i, 0)], i >= 2*shortest
}

// tally is what the register says of the names of one column together.
type tally struct {
	sounds     map[uint32]uint32   // how many records have names of a sound
	plain      map[uint32]uint32   // of a key without titles
	bySpelling []uint32            // the same by spelling
	areas      map[string]uint32   // of codes: how many records are in each area
	stems      map[uint32][]uint32 // surnames of several words by the sound of the first, the frequent ones first
}

// tallyOf counts a column once.
func (l *lexicon) tallyOf(p *Profile, column int) *tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.tallies[column]; t != nil {
		return t
	}
	t := &tally{map[uint32]uint32{}, map[uint32]uint32{}, make([]uint32, len(l.entries)), map[string]uint32{}, map[uint32][]uint32{}}
	kind, counts := p.Columns[column].Kind, l.counts[column]
	for i := range l.entries {
		e := &l.entries[i]
		if counts[i] == 0 {
			continue
		}
		t.sounds[e.sound] += counts[i]
		t.plain[e.plain] += counts[i]
		if kind == Code {
			t.areas[areaOf(e.codes)] += counts[i]
		}
		if kind == Family && p.Script == "persian" {
			if h, ok := stemSound(p, e); ok {
				t.stems[h] = append(t.stems[h], uint32(i+1))
			}
		}
	}
	for i := range l.entries {
		t.bySpelling[i] = t.plain[l.entries[i].plain]
	}
	for _, ids := range t.stems {
		slices.SortStableFunc(ids, func(a, b uint32) int { return cmp.Compare(counts[b-1], counts[a-1]) })
	}
	if l.tallies == nil {
		l.tallies = map[int]*tally{}
	}
	l.tallies[column] = t
	return t
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)
