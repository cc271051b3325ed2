package letter

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
	"unicode/utf16"

	"github.com/go-text/typesetting/bidi"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

// document is one PDF file on its way out (ISO 32000-1, version 1.7). Of its
// pages it holds only the one being drawn; of those before, their places in
// the file.
type document struct {
	lang   message.Lang
	rtl    bool
	title  string
	shaper *shaper
	bidi   bidi.Paragraph
	lines  map[paragraph][]line

	w       io.Writer
	err     error // the first one; nothing is written after it
	at      int64 // bytes written
	digest  hash.Hash
	places  []int64 // of each object, in the file; [0] is object 1
	fonts   [2]characters
	now     *page
	kids    []int // pages of the node being filled
	node    int   // its object
	nodes   []node
	packer  *zlib.Writer
	packed  bytes.Buffer
	pages   int
	scratch []byte
	ops     []byte // of the last page, to be written over
	feet    []foot
}

// node is one node of the tree of pages, under its root.
type node struct{ object, pages int }

// perNode is how many pages a node holds.
const perNode = 256

// Objects that every document has, in this order.
const (
	catalog = 1 + iota
	pageTree
	information
	regularFont
	boldFont
	firstFree
)

func newDocument(w io.Writer, lang message.Lang, title string) *document {
	d := &document{lang: lang, rtl: lang == message.Fa, title: title, shaper: newShaper(), lines: map[paragraph][]line{}, w: w, digest: sha256.New()}
	d.places = make([]int64, firstFree-1)
	d.packer = zlib.NewWriter(io.Discard)
	for i := range d.fonts {
		d.fonts[i] = characters{face: typefaces[i](), ids: map[character]uint16{}, used: map[uint16]bool{}}
	}
	d.write([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"))
	return d
}

// write sends bytes on their way. After the first fault it does nothing.
func (d *document) write(b []byte) {
	if d.err != nil {
		return
	}
	d.at += int64(len(b))
	d.digest.Write(b)
	if _, err := d.w.Write(b); err != nil {
		d.err = fault.New(fault.Unavailable, "letter.write").Because(err)
	}
}

// reserve numbers an object that is written later.
func (d *document) reserve() int {
	d.places = append(d.places, 0)
	return len(d.places)
}

// object writes one object.
func (d *document) object(n int, format string, args ...any) {
	d.places[n-1] = d.at
	b := append(strconv.AppendInt(d.scratch[:0], int64(n), 10), " 0 obj\n"...)
	b = fmt.Appendf(b, format, args...)
	d.scratch = append(b, "\nendobj\n"...)
	d.write(d.scratch)
}

// stream writes an object of compressed bytes; entries are those of its
// dictionary besides length and filter.
func (d *document) stream(n int, entries string, data []byte) {
	d.packed.Reset()
	d.packer.Reset(&d.packed)
	_, _ = d.packer.Write(data) // into memory: it cannot fail
	_ = d.packer.Close()
	d.places[n-1] = d.at
	b := fmt.Appendf(d.scratch[:0], "%d 0 obj\n<</Length %d/Filter/FlateDecode%s>>\nstream\n", n, d.packed.Len(), entries)
	d.scratch = b
	d.write(b)
	d.write(d.packed.Bytes())
	d.write([]byte("\nendstream\nendobj\n"))
}

// endPage writes the page that is being drawn.
func (d *document) endPage() {
	p := d.now
	if p == nil {
		return
	}
	d.now = nil
	p.endText()
	if d.node == 0 {
		d.node = d.reserve()
	}
	content, object := d.reserve(), d.reserve()
	d.stream(content, "", p.ops)
	d.ops = p.ops
	contents := []int{content}
	if p.foot != nil {
		contents = append(contents, d.reserve())
		d.feet = append(d.feet, foot{contents[1], d.pages + 1, p.width, p.height, p.foot})
	}
	d.object(object, "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources<</Font<</R %d 0 R/B %d 0 R>>>>/Contents[%s]>>",
		d.node, number(p.width), number(p.height), regularFont, boldFont, references(contents))
	d.kids = append(d.kids, object)
	d.pages++
	if len(d.kids) == perNode {
		d.endNode()
	}
}

// foot is what is drawn on a page when it is known how many there are.
type foot struct {
	object, page  int
	width, height float64
	draw          func(p *page, number, of int)
}

func (d *document) writeFeet() {
	for _, f := range d.feet {
		p := &page{d: d, width: f.width, height: f.height}
		f.draw(p, f.page, d.pages)
		p.endText()
		d.stream(f.object, "", p.ops)
	}
}

func (d *document) endNode() {
	if len(d.kids) == 0 {
		return
	}
	d.object(d.node, "<</Type/Pages/Parent %d 0 R/Count %d/Kids[%s]>>", pageTree, len(d.kids), references(d.kids))
	d.nodes = append(d.nodes, node{d.node, len(d.kids)})
	d.kids, d.node = d.kids[:0], 0
}

func references(objects []int) (list []byte) {
	for _, o := range objects {
		list = append(strconv.AppendInt(list, int64(o), 10), " 0 R "...)
	}
	return list
}

// end writes all that belongs to the document as a whole, and tells of the
// first fault there was.
func (d *document) end() error {
	d.endPage()
	d.endNode()
	d.writeFeet()
	var kids []int
	for _, n := range d.nodes {
		kids = append(kids, n.object)
	}
	d.object(pageTree, "<</Type/Pages/Count %d/Kids[%s]>>", d.pages, references(kids))
	d.object(catalog, "<</Type/Catalog/Pages %d 0 R/Lang%s/ViewerPreferences<</DisplayDocTitle true/Direction/%s>>>>",
		pageTree, literal(string(d.lang)), map[bool]string{true: "R2L", false: "L2R"}[d.rtl])
	d.object(information, "<</Title%s/Producer(Estelam)>>", literal(visible([]rune(d.title))))
	d.writeFont(regularFont, &d.fonts[regular])
	d.writeFont(boldFont, &d.fonts[bold])
	id := hex.EncodeToString(d.digest.Sum(nil)[:16]) // of all before: the same input, the same id
	start := d.at
	b := fmt.Appendf(nil, "xref\n0 %d\n0000000000 65535 f \n", len(d.places)+1)
	for _, at := range d.places {
		if b = fmt.Appendf(b, "%010d 00000 n \n", at); len(b) > 1<<16 {
			d.write(b)
			b = b[:0]
		}
	}
	d.write(fmt.Appendf(b, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(d.places)+1, catalog, information, id, id, start))
	return d.err
}

// literal writes a text string: UTF-16 in hexadecimal, in which nothing can be
// mistaken for an end.
func literal(s string) string {
	b := []byte("<feff")
	for _, u := range utf16.Encode([]rune(s)) {
		b = fmt.Appendf(b, "%04x", u)
	}
	return string(append(b, '>'))
}

// number writes a length with two decimals at most.
func number(v float64) string { return string(appendNumber(nil, v)) }

func appendNumber(b []byte, v float64) []byte {
	n := int64(v*100 + 0.5)
	if v < 0 {
		n = int64(v*100 - 0.5)
	}
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	if n %= 100; n != 0 {
		b = append(b, '.', byte('0'+n/10))
		if n%10 != 0 {
			b = append(b, byte('0'+n%10))
		}
	}
	return b
}
