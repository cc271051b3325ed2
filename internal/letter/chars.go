package letter

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf16"
)

// character is what a document's font knows by a number (a CID): a glyph and
// the text it stands for. One glyph may stand for several texts, such as the
// two brackets that mirror each other.
type character struct {
	glyph uint16
	width int32
	text  string
}

// characters is one font of a document: those that its pages use.
type characters struct {
	face *typeface
	ids  map[character]uint16
	all  []character // by number, from 1
	used map[uint16]bool
}

// id is the number of a character. Past 65,535 there are none: a font has
// fewer glyphs, and each of them few texts.
func (c *characters) id(ch character) uint16 {
	id, ok := c.ids[ch]
	if !ok {
		c.all = append(c.all, ch)
		id = uint16(len(c.all))
		c.ids[ch] = id
		c.used[ch.glyph] = true
	}
	return id
}

// writeFont writes a font: its five objects, the first under number n.
func (d *document) writeFont(n int, c *characters) {
	t := c.face
	below, descriptor, file, toGlyph, toText := d.reserve(), d.reserve(), d.reserve(), d.reserve(), d.reserve()
	name := subsetTag(c) + "+" + t.name
	per := func(v int) int { return v * 1000 / t.em }
	d.object(n, "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, below, toText)
	d.object(below, "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap %d 0 R/DW 0/W[1[%s]]>>",
		name, descriptor, toGlyph, c.widths())
	weight := 80
	if c == &d.fonts[bold] {
		weight = 140
	}
	d.object(descriptor, "<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV %d/FontFile2 %d 0 R>>",
		name, per(int(t.box[0])), per(int(t.box[1])), per(int(t.box[2])), per(int(t.box[3])), per(int(t.ascent)), per(int(t.descent)), per(int(t.ascent)), weight, file)
	data := t.subset(c.used)
	d.stream(file, fmt.Sprintf("/Length1 %d", len(data)), data)
	gids := make([]byte, 2, 2*len(c.all)+2)
	for _, ch := range c.all {
		gids = binary.BigEndian.AppendUint16(gids, ch.glyph)
	}
	d.stream(toGlyph, "", gids)
	d.stream(toText, "", c.texts())
}

// widths lists the advances of the characters in thousandths of the size.
func (c *characters) widths() (list []byte) {
	for _, ch := range c.all {
		list = append(appendNumber(list, float64(ch.width)*1000/float64(c.face.em)), ' ')
	}
	return list
}

// texts is the table from characters to Unicode.
func (c *characters) texts() []byte {
	b := []byte(`/CIDInit/ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def
/CMapName/Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000><ffff>
endcodespacerange
`)
	var lines [][]byte
	for i, ch := range c.all {
		if ch.text == "" {
			continue
		}
		line := fmt.Appendf(nil, "<%04x><", i+1)
		for _, u := range utf16.Encode([]rune(ch.text)) {
			line = fmt.Appendf(line, "%04x", u)
		}
		lines = append(lines, append(line, ">\n"...))
	}
	for part := range slices.Chunk(lines, 100) { // more at a time the format forbids
		b = fmt.Appendf(b, "%d beginbfchar\n", len(part))
		b = append(b, slices.Concat(part...)...)
		b = append(b, "endbfchar\n"...)
	}
	return append(b, "endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n"...)
}

// subsetTag is six capitals that tell one subset of a font from another.
func subsetTag(c *characters) string {
	h := uint64(14695981039346656037) // FNV-1a over the glyphs in the order of their use
	for _, ch := range c.all {
		h = (h ^ uint64(ch.glyph)) * 1099511628211
	}
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = byte('A' + h%26)
		h /= 26
	}
	return string(tag)
}
