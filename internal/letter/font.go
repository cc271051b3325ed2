package letter

import (
	"bytes"
	_ "embed" // the fonts
	"encoding/binary"
	"sync"

	"github.com/go-text/typesetting/font"
)

// Vazirmatn 33.0.3, under the Open Font License that stands beside the files.
var (
	//go:embed vazirmatn-regular.ttf
	regularFile []byte
	//go:embed vazirmatn-bold.ttf
	boldFile []byte
)

// weight picks one of the two fonts.
type weight uint8

const (
	regular weight = iota
	bold
)

// typeface is a font file, read once.
type typeface struct {
	name    string
	font    *font.Font
	tables  map[string][]byte
	widths  []uint16 // advance of each glyph, in units of em
	em      int
	box     [4]int16
	ascent  int16
	descent int16
}

var typefaces = [2]func() *typeface{
	sync.OnceValue(func() *typeface { return readTypeface("Vazirmatn-Regular", regularFile) }),
	sync.OnceValue(func() *typeface { return readTypeface("Vazirmatn-Bold", boldFile) }),
}

// readTypeface reads a file that is part of this program: if it is broken, the
// first test finds it.
func readTypeface(name string, file []byte) *typeface {
	face, err := font.ParseTTF(bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	t := &typeface{name: name, font: face.Font, tables: map[string][]byte{}}
	for i := range int(binary.BigEndian.Uint16(file[4:])) {
		entry := file[12+16*i:]
		from, n := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		t.tables[string(entry[:4])] = file[from : from+n]
	}
	head, hhea := t.tables["head"], t.tables["hhea"]
	t.em = int(binary.BigEndian.Uint16(head[18:]))
	for i := range t.box {
		t.box[i] = int16(binary.BigEndian.Uint16(head[36+2*i:]))
	}
	t.ascent, t.descent = int16(binary.BigEndian.Uint16(hhea[4:])), int16(binary.BigEndian.Uint16(hhea[6:]))
	full := int(binary.BigEndian.Uint16(hhea[34:])) // glyphs after these repeat the last width
	t.widths = make([]uint16, binary.BigEndian.Uint16(t.tables["maxp"][4:]))
	for i := range t.widths {
		t.widths[i] = binary.BigEndian.Uint16(t.tables["hmtx"][4*min(i, full-1):])
	}
	return t
}

// outline is where a glyph's outline stands in the table glyf.
func (t *typeface) outline(gid uint16) []byte {
	loca, glyf := t.tables["loca"], t.tables["glyf"]
	if binary.BigEndian.Uint16(t.tables["head"][50:]) == 0 {
		return glyf[2*int(binary.BigEndian.Uint16(loca[2*int(gid):])) : 2*int(binary.BigEndian.Uint16(loca[2*int(gid)+2:]))]
	}
	return glyf[binary.BigEndian.Uint32(loca[4*int(gid):]):binary.BigEndian.Uint32(loca[4*int(gid)+4:])]
}

// Flags of a part of a composite glyph, as the TrueType specification has them.
const (
	wordArgs   = 1 << 0
	scale      = 1 << 3
	moreParts  = 1 << 5
	scaleXY    = 1 << 6
	scaleTwoXY = 1 << 7
)

// parts calls f for each glyph that a composite one is made of.
func (t *typeface) parts(gid uint16, f func(gid uint16)) {
	o := t.outline(gid)
	if len(o) < 10 || int16(binary.BigEndian.Uint16(o)) >= 0 {
		return
	}
	for o = o[10:]; len(o) >= 4; {
		flags := binary.BigEndian.Uint16(o)
		f(binary.BigEndian.Uint16(o[2:]))
		n := 6
		if flags&wordArgs != 0 {
			n += 2
		}
		switch {
		case flags&scale != 0:
			n += 2
		case flags&scaleXY != 0:
			n += 4
		case flags&scaleTwoXY != 0:
			n += 8
		}
		if flags&moreParts == 0 {
			return
		}
		o = o[n:]
	}
}

// subset is the font with the outlines of these glyphs alone. Glyphs keep
// their numbers; what is left out takes no room once it is compressed.
func (t *typeface) subset(used map[uint16]bool) []byte {
	keep := map[uint16]bool{}
	var add func(gid uint16)
	add = func(gid uint16) {
		if !keep[gid] {
			keep[gid] = true
			t.parts(gid, add)
		}
	}
	add(0) // .notdef
	for gid := range used {
		add(gid)
	}
	var glyf, loca, hmtx []byte
	for i := range t.widths {
		gid := uint16(i)
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if !keep[gid] {
			hmtx = append(hmtx, 0, 0, 0, 0)
			continue
		}
		o := t.outline(gid)
		glyf = append(glyf, o...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = binary.BigEndian.AppendUint16(hmtx, t.widths[i])
		side := uint16(0) // left side bearing: the outline's own left edge
		if len(o) >= 4 {
			side = binary.BigEndian.Uint16(o[2:])
		}
		hmtx = binary.BigEndian.AppendUint16(hmtx, side)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head, hhea := bytes.Clone(t.tables["head"]), bytes.Clone(t.tables["hhea"])
	binary.BigEndian.PutUint32(head[8:], 0)  // check sum of the whole, set by assemble
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(t.widths)))
	return assemble([]table{
		{"glyf", glyf},
		{"head", head},
		{"hhea", hhea},
		{"hmtx", hmtx},
		{"loca", loca},
		{"maxp", t.tables["maxp"]},
		{"prep", t.tables["prep"]},
	})
}

type table struct {
	tag  string
	data []byte
}

// assemble writes tables, sorted by tag, as a font file.
func assemble(tables []table) []byte {
	n := len(tables)
	power := 1
	for power*2 <= n {
		power *= 2
	}
	exponent := 0
	for 1<<exponent < power {
		exponent++
	}
	file := []byte{0, 1, 0, 0}
	for _, v := range []int{n, 16 * power, exponent, 16*n - 16*power} {
		file = binary.BigEndian.AppendUint16(file, uint16(v))
	}
	at, headAt := 12+16*n, 0
	for _, t := range tables {
		if t.tag == "head" {
			headAt = at
		}
		file = append(file, t.tag...)
		file = binary.BigEndian.AppendUint32(file, sum(t.data))
		file = binary.BigEndian.AppendUint32(file, uint32(at))
		file = binary.BigEndian.AppendUint32(file, uint32(len(t.data)))
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range tables {
		file = append(file, t.data...)
		for len(file)%4 != 0 {
			file = append(file, 0)
		}
	}
	binary.BigEndian.PutUint32(file[headAt+8:], 0xB1B0AFBA-sum(file))
	return file
}

// sum is the check sum of a table: its 32-bit words added up.
func sum(data []byte) (s uint32) {
	for len(data) >= 4 {
		s += binary.BigEndian.Uint32(data)
		data = data[4:]
	}
	var last [4]byte
	copy(last[:], data)
	return s + binary.BigEndian.Uint32(last[:])
}
