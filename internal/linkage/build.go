package linkage

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"sync"
)

// Builder takes in records and writes an image of them.
type Builder struct {
	profile *Profile
	keys    []uint64
	marks   []uint64   // version << 8 | state
	short   [][]uint32 // by column: texts and dates
	long    [][]uint64 // by column: numbers
	lexicon map[string]*lexicon
	sorted  bool
}

// NewBuilder begins an image.
func NewBuilder(p *Profile) *Builder {
	b := &Builder{profile: p, lexicon: map[string]*lexicon{}, sorted: true}
	b.short, b.long = make([][]uint32, len(p.Columns)), make([][]uint64, len(p.Columns))
	for i := range p.Columns {
		if c := &p.Columns[i]; c.textual() && b.lexicon[c.Dict] == nil {
			b.lexicon[c.Dict] = &lexicon{name: c.Dict, byKey: map[string]uint32{}, raw: map[string]uint32{}}
		}
	}
	return b
}

// Add takes in a record. Records in ascending order of their keys need no sorting.
func (b *Builder) Add(r *Record) error {
	if len(r.Values) != len(b.profile.Columns) || r.Key == 0 || r.Key >= 1<<57 {
		return fmt.Errorf("linkage: a record has a key and %d values", len(b.profile.Columns))
	}
	if n := len(b.keys); n > 0 && b.keys[n-1] >= r.Key {
		b.sorted = false
	}
	b.keys = append(b.keys, r.Key)
	b.marks = append(b.marks, uint64(r.Version)<<8|uint64(r.State))
	for c := range b.profile.Columns {
		column := &b.profile.Columns[c]
		switch {
		case column.textual():
			b.short[c] = append(b.short[c], b.lexicon[column.Dict].add(b.profile, column.Kind, r.Values[c]))
		case column.Kind == DateOf:
			b.short[c] = append(b.short[c], b.profile.parseDate(r.Values[c]))
		case column.Kind == Number:
			v, _ := parseNumber(r.Values[c])
			if v == r.Key && column.SameAsKey {
				v = 0 // the number stands for itself already
			}
			b.long[c] = append(b.long[c], v)
		}
	}
	return nil
}

// sort puts the records in the order of their keys.
func (b *Builder) sort() error {
	if !b.sorted {
		order := make([]uint32, len(b.keys))
		for i := range order {
			order[i] = uint32(i)
		}
		slices.SortFunc(order, func(x, y uint32) int {
			if b.keys[x] < b.keys[y] {
				return -1
			}
			return 1
		})
		b.keys, b.marks = permuted(b.keys, order), permuted(b.marks, order)
		for c := range b.short {
			b.short[c], b.long[c] = permuted(b.short[c], order), permuted(b.long[c], order)
		}
	}
	for i := 1; i < len(b.keys); i++ {
		if b.keys[i] == b.keys[i-1] {
			return fmt.Errorf("linkage: a key stands twice in the register")
		}
	}
	return nil
}

func permuted[T any](v []T, order []uint32) []T {
	if len(v) == 0 {
		return v
	}
	w := make([]T, len(v))
	for i, from := range order {
		w[i] = v[from]
	}
	return w
}

// Write makes the image and puts it in its place at once: a crash before that
// leaves whatever image was there.
func (b *Builder) Write(ctx context.Context, path string, note []byte, progress func(done, total int64)) error {
	step := func(done int) {
		if progress != nil {
			progress(int64(done), int64(3+len(b.profile.keys)))
		}
	}
	if len(note) == 0 {
		note = []byte("{}")
	}
	if err := b.sort(); err != nil {
		return err
	}
	step(1)
	m, sections := b.image()
	m.head.Note = note
	step(2)
	made := make([]index, len(b.profile.keys))
	var group sync.WaitGroup
	slot := make(chan struct{}, 2)
	for k := range made {
		group.Go(func() {
			slot <- struct{}{}
			defer func() { <-slot }()
			if ctx.Err() == nil {
				made[k] = buildIndex(m.hashes(k))
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for k := range made {
		name := fmt.Sprintf("key %d ", k)
		sections[name+"offsets"], sections[name+"ids"], sections[name+"tags"] = made[k].offsets, made[k].ids, made[k].tags
	}
	step(2 + len(made))
	m.head.Chance = (&Register{image: m}).chances()
	if err := m.save(path, sections); err != nil {
		return err
	}
	step(3 + len(made))
	return nil
}

// image lays out the records in memory.
func (b *Builder) image() (*image, map[string][]byte) {
	p := b.profile
	m := &image{head: head{Profile: p, Records: len(b.keys), Spelled: map[string]int{}}, lexicon: b.lexicon}
	m.Widths = b.widths()
	m.layOut()
	m.records = make([]byte, len(b.keys)*m.Bytes+8)
	for i := range b.keys {
		rec := m.records[i*m.Bytes:]
		m.put(rec, 0, b.keys[i])
		m.put(rec, 1, b.marks[i]&0xff)
		m.put(rec, 2, b.marks[i]>>8)
		for c := range p.Columns {
			m.put(rec, columnField+c, b.value(c, i))
		}
	}
	sections := map[string][]byte{"records": m.records}
	n := len(p.Columns)
	m.of, m.dates, m.slots = make([]*lexicon, n), make([]map[uint32]uint32, n), make([][]byte, n)
	for c := range p.Columns {
		b.count(m, c, sections)
	}
	for name, l := range b.lexicon {
		l.hash()
		m.Spelled[name] = len(l.entries)
		sections["words "+name], sections["table "+name] = l.pack(), bytes32(l.table)
	}
	return m, sections
}

func (b *Builder) value(c, i int) uint64 {
	switch {
	case b.short[c] != nil:
		return uint64(b.short[c][i])
	case b.long[c] != nil:
		return b.long[c][i]
	}
	return 0
}

// count counts the values of a column.
func (b *Builder) count(m *image, c int, sections map[string][]byte) {
	column := &m.head.Profile.Columns[c]
	switch {
	case column.textual():
		l := b.lexicon[column.Dict]
		counts := make([]uint32, len(l.entries))
		for _, v := range b.short[c] {
			if v != 0 {
				counts[v-1]++
			}
		}
		if l.counts == nil {
			l.counts = map[int][]uint32{}
		}
		l.counts[c], m.of[c] = counts, l
		sections["counts "+column.Name] = bytes32(counts)
	case column.Kind == DateOf:
		days := map[uint32]uint32{}
		for _, v := range b.short[c] {
			days[v]++
		}
		delete(days, 0)
		pairs := make([]uint32, 0, 2*len(days))
		for _, v := range sortedKeys(days) {
			pairs = append(pairs, v, days[v])
		}
		m.dates[c] = days
		sections["counts "+column.Name] = bytes32(pairs)
	case column.Kind == Number:
		slots := make([]uint32, numberSlots)
		for _, v := range b.long[c] {
			if v != 0 {
				slots[slotOf(v)]++
			}
		}
		m.slots[c] = bytes32(slots)
		sections["slots "+column.Name] = m.slots[c]
	}
}

// numberSlots is how many counters a column of numbers has: small numbers,
// which repeat, have one each.
const numberSlots = 1 << 18

func slotOf(v uint64) int {
	if v < numberSlots/2 {
		return int(v)
	}
	return numberSlots/2 + int(mix(v)%(numberSlots/2))
}

func sortedKeys(m map[uint32]uint32) []uint32 {
	keys := make([]uint32, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func bytes32(v []uint32) []byte {
	b := make([]byte, 4*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint32(b[4*i:], x)
	}
	return b
}

// widths is how many bits each field needs; versions and dictionaries get room
// for what lies over the image later.
func (b *Builder) widths() []uint {
	w := make([]uint, columnField+len(b.profile.Columns))
	var marks uint64
	for i := range b.keys {
		w[0] = max(w[0], uint(bits.Len64(b.keys[i])))
		marks |= b.marks[i]
	}
	w[1], w[2] = 8, uint(max(1, bits.Len64(marks>>8)))
	for c := range b.profile.Columns {
		for _, v := range b.short[c] {
			w[columnField+c] = max(w[columnField+c], uint(bits.Len32(v)))
		}
		for _, v := range b.long[c] {
			w[columnField+c] = max(w[columnField+c], uint(bits.Len64(v)))
		}
	}
	return w
}

// put writes a field into a record of zeros.
func (m *image) put(rec []byte, f int, v uint64) {
	if m.Widths[f] == 0 {
		return
	}
	at := m.offset[f] >> 3
	old := binary.LittleEndian.Uint64(rec[at:])
	binary.LittleEndian.PutUint64(rec[at:], old|v<<(m.offset[f]&7))
}

// save writes the file beside its place, syncs it and puts it there.
func (m *image) save(path string, sections map[string][]byte) (err error) {
	names := make([]string, 0, len(sections))
	for name := range sections {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		data := sections[name]
		s := section{Name: name, Length: int64(len(data))}
		for len(data) > 0 {
			n := min(len(data), blockSize)
			s.Sums = append(s.Sums, crc32.Checksum(data[:n], castagnoli))
			data = data[n:]
		}
		m.Sections = append(m.Sections, s)
	}
	h := m.place()
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(path + ".new")
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	at := int64(0)
	put := func(data []byte, to int64) {
		_, _ = io.CopyN(w, zeros{}, to-at) // a failed write is told by Flush
		_, _ = w.Write(data)
		at = to + int64(len(data))
	}
	put(h, 0)
	for i := range m.Sections {
		put(sections[m.Sections[i].Name], m.Sections[i].Offset)
	}
	if err = w.Flush(); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// place gives the sections their offsets, which stand in the head, whose length
// they depend on.
func (m *image) place() []byte {
	const digits = 20 // an offset may become that much longer
	h, _ := json.Marshal(&m.head)
	at := int64(headAt + len(h) + digits*len(m.Sections))
	for i := range m.Sections {
		at = (at + pageSize - 1) / pageSize * pageSize
		m.Sections[i].Offset = at
		at += m.Sections[i].Length
	}
	h, _ = json.Marshal(&m.head)
	b := append(make([]byte, 0, headAt+len(h)), magic...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(h)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(h, castagnoli))
	return append(append(b, 0, 0, 0, 0), h...)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
