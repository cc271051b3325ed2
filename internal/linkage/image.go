package linkage

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"
	"os"
	"sort"
	"syscall"
)

// The file, all integers little-endian:
//
//	offset  what
//	0       "estelam image 1\n"
//	16      uint64: length of the head
//	24      uint32: CRC-32C of the head
//	32      the head: JSON of the type head below
//	…       sections, each at a multiple of 4096, as the head lists them
//
// Sections:
//
//	records            N records of a fixed size in ascending order of keys
//	words DICT         the spellings of a dictionary (lexicon.pack)
//	table DICT         uint32: open addressing by the key's hash
//	counts COLUMN      uint32 for each spelling, or pairs (value, count) for dates
//	slots COLUMN       uint32: counts of a number column by hash
//	key N offsets, key N ids, key N tags    the index of key N (index.go)
//
// A record is a string of bits, the lowest first: key, state, version, then the
// columns in the profile's order, each as wide as the greatest value needs (the
// head says how wide), filled up to a multiple of eight bytes. For 130 million
// persons that is 32 bytes a record.
const (
	magic     = "estelam image 1\n"
	headAt    = 32
	pageSize  = 4096
	blockSize = 1 << 20 // bytes that one checksum stands for
)

var errDamaged = errors.New("linkage: the image is damaged")

// head describes an image.
type head struct {
	Profile  *Profile        `json:"profile"`
	Note     json.RawMessage `json:"note"`
	Records  int             `json:"records"`
	Bytes    int             `json:"record_bytes"`
	Widths   []uint          `json:"widths"` // bits of key, state, version and each column
	Spelled  map[string]int  `json:"spellings"`
	Chance   []chances       `json:"chance"`
	Sections []section       `json:"sections"`
}

type section struct {
	Name   string   `json:"name"`
	Offset int64    `json:"offset"`
	Length int64    `json:"length"`
	Sums   []uint32 `json:"crc32c"` // one for each started blockSize
}

// Register is an image in use, with the changes that lie over it. It may be
// used by several goroutines.
type Register struct {
	*image
	overlay *overlay // nil: none
}

type image struct {
	head
	file    []byte // mapped
	records []byte
	offset  []uint // of key, state, version and the columns, in bits
	mask    []uint64
	lexicon map[string]*lexicon
	of      []*lexicon // by column
	dates   []map[uint32]uint32
	slots   [][]byte
	vocab   []*vocabulary
	indexes []index
}

// Open maps an image. It checks the head; Verify checks all.
func Open(path string) (*Register, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < headAt {
		return nil, errDamaged
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("linkage: mapping the image: %w", err)
	}
	m := &image{file: data}
	if err := m.read(); err != nil {
		_ = syscall.Munmap(data)
		return nil, err
	}
	return &Register{image: m}, nil
}

// Close unmaps the file: nothing that came from the Register may be used after.
func (r *Register) Close() error {
	if r.file == nil {
		return nil
	}
	err := syscall.Munmap(r.file)
	r.file = nil
	return err
}

// Note is what the maker of the image wrote into it.
func (r *Register) Note() []byte { return r.head.Note }

// Profile is the profile of the records.
func (r *Register) Profile() *Profile { return r.head.Profile }

func (m *image) read() error {
	b := m.file
	size := binary.LittleEndian.Uint64(b[16:])
	if string(b[:16]) != magic || size > uint64(len(b)-headAt) {
		return errDamaged
	}
	h := b[headAt : headAt+size]
	if crc32.Checksum(h, castagnoli) != binary.LittleEndian.Uint32(b[24:]) {
		return errDamaged
	}
	if err := json.Unmarshal(h, &m.head); err != nil {
		return fmt.Errorf("linkage: head of the image: %w", err)
	}
	if err := m.head.Profile.check(); err != nil {
		return err
	}
	for i := range m.Sections {
		s := &m.Sections[i]
		if s.Offset < 0 || s.Length < 0 || s.Offset+s.Length > int64(len(b)) {
			return errDamaged
		}
	}
	return m.arrange()
}

// section is the bytes of a section.
func (m *image) section(name string) []byte {
	i := sort.Search(len(m.Sections), func(i int) bool { return m.Sections[i].Name >= name })
	if i == len(m.Sections) || m.Sections[i].Name != name {
		return nil
	}
	s := &m.Sections[i]
	return m.file[s.Offset : s.Offset+s.Length]
}

func (m *image) arrange() error {
	p := m.head.Profile
	m.layOut()
	m.records = m.section("records")
	if len(m.records) != m.Records*m.Bytes+8 {
		return errDamaged
	}
	m.lexicon = map[string]*lexicon{}
	n := len(p.Columns)
	m.of, m.dates, m.slots, m.vocab = make([]*lexicon, n), make([]map[uint32]uint32, n), make([][]byte, n), make([]*vocabulary, n)
	for c := range p.Columns {
		column := &p.Columns[c]
		switch {
		case column.textual():
			l := m.lexicon[column.Dict]
			if l == nil {
				l = &lexicon{name: column.Dict, counts: map[int][]uint32{}}
				if err := l.unpack(m.section("words "+column.Dict), m.Spelled[column.Dict]); err != nil {
					return err
				}
				l.table = words32(m.section("table " + column.Dict))
				m.lexicon[column.Dict] = l
			}
			l.counts[c] = words32(m.section("counts " + column.Name))
			m.of[c] = l
			if column.Kind == Words {
				m.vocab[c] = vocabularyOf(l.entries, l.counts[c])
			}
		case column.Kind == DateOf:
			m.dates[c] = map[uint32]uint32{}
			pairs := words32(m.section("counts " + column.Name))
			for i := 0; i+1 < len(pairs); i += 2 {
				m.dates[c][pairs[i]] = pairs[i+1]
			}
		case column.Kind == Number:
			m.slots[c] = m.section("slots " + column.Name)
		}
	}
	for i := range p.keys {
		name := fmt.Sprintf("key %d ", i)
		x := index{offsets: m.section(name + "offsets"), ids: m.section(name + "ids"), tags: m.section(name + "tags")}
		x.shift = uint(64 - bits.Len(uint(len(x.offsets)/4-1)) + 1)
		m.indexes = append(m.indexes, x)
	}
	return nil
}

// words32 reads a section of uint32.
func words32(b []byte) []uint32 {
	w := make([]uint32, len(b)/4)
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return w
}

// layOut computes from the widths where each field of a record stands.
func (m *image) layOut() {
	var at uint
	m.offset, m.mask = make([]uint, len(m.Widths)), make([]uint64, len(m.Widths))
	for i, w := range m.Widths {
		m.offset[i], m.mask[i] = at, 1<<w-1
		at += w
	}
	if m.head.Profile.Columns[0].Kind == Key { // the column is the key itself
		m.offset[columnField], m.mask[columnField] = m.offset[0], m.mask[0]
	}
	m.Bytes = int(at+63) / 64 * 8
}

// field is one field of record i: 0 the key, 1 the state, 2 the version, from
// 3 on the columns.
func (m *image) field(i uint32, f int) uint64 {
	return m.get(m.records[int(i)*m.Bytes:], f)
}

// get is one field of the record with which some bytes begin.
func (m *image) get(record []byte, f int) uint64 {
	return binary.LittleEndian.Uint64(record[m.offset[f]>>3:]) >> (m.offset[f] & 7) & m.mask[f]
}

const columnField = 3

// Verify reads the whole file and compares it with its checksums. Between the
// sections there are zeros.
func (r *Register) Verify() error {
	at := headAt + int64(binary.LittleEndian.Uint64(r.file[16:]))
	if err := blank(r.file[headAt-4 : headAt]); err != nil {
		return err
	}
	for i := range r.Sections {
		s := &r.Sections[i]
		if s.Offset < at {
			return errDamaged
		}
		if err := blank(r.file[at:s.Offset]); err != nil {
			return err
		}
		at = s.Offset + s.Length
		data := r.file[s.Offset:at]
		for k := 0; len(data) > 0; k++ {
			n := min(len(data), blockSize)
			if k >= len(s.Sums) || crc32.Checksum(data[:n], castagnoli) != s.Sums[k] {
				return fmt.Errorf("%w: section %q, block %d", errDamaged, s.Name, k)
			}
			data = data[n:]
		}
	}
	return blank(r.file[at:])
}

func blank(b []byte) error {
	for _, c := range b {
		if c != 0 {
			return errDamaged
		}
	}
	return nil
}
