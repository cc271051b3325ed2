package linkage

import (
	"maps"
	"slices"
	"sort"
)

// An overlay holds the records that have changed since the image was built.
// They have the ordinals after the image's; spellings that the image does not
// know have the numbers after its dictionary's.
type overlay struct {
	gone    map[uint32]bool // ordinals of the image in whose place another record stands
	records []Record
	values  [][]uint64
	byKey   map[uint64]uint32
	extra   map[string]*lexicon
	indexes []map[uint64][]uint32
}

// Apply lays changes over the register: records that are new or have changed, of
// one key the last counts. The Register it gives shares the image.
func (r *Register) Apply(changes []Record) *Register {
	o := &overlay{gone: map[uint32]bool{}, byKey: map[uint64]uint32{}, extra: map[string]*lexicon{}}
	o.indexes = make([]map[uint64][]uint32, len(r.head.Profile.keys))
	for k := range o.indexes {
		o.indexes[k] = map[uint64][]uint32{}
	}
	n := &Register{image: r.image, overlay: o}
	last := make(map[uint64]int, len(changes))
	for i := range changes {
		last[changes[i].Key] = i
	}
	if old := r.overlay; old != nil {
		for name, x := range old.extra {
			o.extra[name] = &lexicon{entries: slices.Clip(x.entries), byKey: maps.Clone(x.byKey)}
		}
		for i := range old.records {
			if _, changed := last[old.records[i].Key]; !changed {
				n.lay(&old.records[i], old.values[i])
			}
		}
	}
	for i := range changes {
		if last[changes[i].Key] == i {
			n.lay(&changes[i], n.parse(&changes[i]))
		}
	}
	return n
}

// parse is the values of a record that lies over the image.
func (r *Register) parse(rec *Record) []uint64 {
	p := r.head.Profile
	values := make([]uint64, len(p.Columns))
	for c := range p.Columns {
		text := rec.Values[c]
		switch column := &p.Columns[c]; {
		case column.textual():
			values[c] = uint64(r.intern(column, text))
		case column.Kind == DateOf:
			values[c] = uint64(p.parseDate(text))
		case column.Kind == Number:
			if values[c], _ = parseNumber(text); values[c] == rec.Key && column.SameAsKey {
				values[c] = 0
			}
		case column.Kind == Key:
			values[c] = rec.Key
		}
	}
	return values
}

// lay adds a record in place of the one of its key.
func (r *Register) lay(rec *Record, values []uint64) {
	o := r.overlay
	if i, ok := r.image.ordinal(rec.Key); ok {
		o.gone[i] = true
	}
	ordinal := uint32(r.Records + len(o.records))
	o.byKey[rec.Key] = ordinal
	o.records, o.values = append(o.records, *rec), append(o.values, values)
	for k := range o.indexes {
		if h := r.hash(k, func(c int) uint64 { return values[c] }); h != 0 {
			o.indexes[k][h] = append(o.indexes[k][h], ordinal)
		}
	}
}

// intern is the number of a spelling, in the image or over it.
func (r *Register) intern(column *Column, text string) uint32 {
	sp, ok := r.head.Profile.spell(column.Kind, text)
	if !ok {
		return 0
	}
	base := r.lexicon[column.Dict]
	if id := base.find(sp.key); id != 0 {
		return id
	}
	x := r.overlay.extra[column.Dict]
	if x == nil {
		x = &lexicon{byKey: map[string]uint32{}}
		r.overlay.extra[column.Dict] = x
	}
	id, ok := x.byKey[sp.key]
	if !ok {
		x.entries = append(x.entries, sp)
		id = uint32(len(base.entries) + len(x.entries))
		x.byKey[sp.key] = id
	}
	return id
}

// Len is how many records the register has.
func (r *Register) Len() int {
	if r.overlay == nil {
		return r.Records
	}
	return r.Records - len(r.overlay.gone) + len(r.overlay.records)
}

// bytes are those of a record of the image and what follows it, nil for one that
// lies over the image.
func (r *Register) bytes(i uint32) []byte {
	if int(i) < r.Records {
		return r.records[int(i)*r.Bytes:]
	}
	return nil
}

// column is a column of record i, of which these are the bytes.
func (r *Register) column(record []byte, i uint32, c int) uint64 {
	if record != nil {
		return r.get(record, columnField+c)
	}
	return r.value(i, c)
}

// value is a column of a record, also of one that lies over the image.
func (r *Register) value(i uint32, c int) uint64 {
	if int(i) < r.Records {
		return r.field(i, columnField+c)
	}
	return r.overlay.values[int(i)-r.Records][c]
}

// spelling is what a number of a column's dictionary stands for.
func (r *Register) spelling(c int, id uint32) *spelling {
	l := r.of[c]
	if int(id) <= len(l.entries) {
		return &l.entries[id-1]
	}
	return &r.overlay.extra[l.name].entries[int(id)-len(l.entries)-1]
}

// spellings is how many numbers a column's dictionary has, what lies over the
// image with it.
func (r *Register) spellings(c int) int {
	n := len(r.of[c].entries)
	if r.overlay != nil {
		if x := r.overlay.extra[r.of[c].name]; x != nil {
			n += len(x.entries)
		}
	}
	return n
}

// ordinal finds the record of a key.
func (m *image) ordinal(key uint64) (uint32, bool) {
	i := sort.Search(m.Records, func(i int) bool { return m.field(uint32(i), 0) >= key })
	return uint32(i), i < m.Records && m.field(uint32(i), 0) == key
}

// find is the ordinal of the record that holds for a key.
func (r *Register) find(key uint64) (uint32, bool) {
	if o := r.overlay; o != nil {
		if i, ok := o.byKey[key]; ok {
			return i, true
		}
		i, ok := r.ordinal(key)
		return i, ok && !o.gone[i]
	}
	return r.ordinal(key)
}

// Find is the record of a key.
func (r *Register) Find(key uint64) (*Record, bool) {
	i, ok := r.find(key)
	if !ok {
		return nil, false
	}
	return r.record(i), true
}

// record writes out a record.
func (r *Register) record(i uint32) *Record {
	if int(i) >= r.Records {
		rec := r.overlay.records[int(i)-r.Records]
		return &rec
	}
	p := r.head.Profile
	rec := &Record{Key: r.field(i, 0), State: uint8(r.field(i, 1)), Version: uint32(r.field(i, 2)), Values: make([]string, len(p.Columns))}
	for c := range p.Columns {
		rec.Values[c] = r.show(c, r.value(i, c))
	}
	return rec
}

// state is the state of a record.
func (r *Register) state(i uint32) uint8 {
	if int(i) < r.Records {
		return uint8(r.field(i, 1))
	}
	return r.overlay.records[int(i)-r.Records].State
}

func (r *Register) key(i uint32) uint64 {
	if int(i) < r.Records {
		return r.field(i, 0)
	}
	return r.overlay.records[int(i)-r.Records].Key
}

func (r *Register) version(i uint32) uint32 {
	if int(i) < r.Records {
		return uint32(r.field(i, 2))
	}
	return r.overlay.records[int(i)-r.Records].Version
}
