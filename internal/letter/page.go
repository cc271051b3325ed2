package letter

import "strconv"

// page is a page being drawn. Places are in points from the top; those across
// are from the side where reading starts: the right of a Persian page, the
// left of an English one.
type page struct {
	d             *document
	width, height float64
	ops           []byte // of the content stream
	size          float64
	weight        weight
	inText        bool
	ink           color
	foot          func(p *page, number, of int) // drawn when the number of pages is known
}

// Sizes of paper in points.
const (
	mm       = 72 / 25.4
	a4Width  = 210 * mm
	a4Height = 297 * mm
	a5Width  = 148 * mm
	a5Height = 210 * mm
)

// color is red, green and blue, 0 to 255.
type color [3]uint8

var (
	black  = color{17, 24, 28}
	white  = color{255, 255, 255}
	grey   = color{90, 98, 104}
	faint  = color{208, 213, 216}
	pale   = color{240, 245, 244}
	teal   = color{15, 92, 83}
	red    = color{160, 32, 32}
	amber  = color{138, 84, 0}
	sand   = color{217, 201, 163}
	carbon = color{0, 0, 0} // what machines read
)

// newPage begins a page and lets go of the one before.
func (d *document) newPage(width, height float64) *page {
	d.endPage()
	d.now = &page{d: d, width: width, height: height, ops: d.ops[:0]}
	return d.now
}

// align says which end of a text stands at its place.
type align uint8

const (
	start align = iota
	middle
	end
)

// left is the distance from the left edge of a stretch of width w that begins
// x from the side where reading starts.
func (p *page) left(x, w float64) float64 {
	if p.d.rtl {
		return p.width - x - w
	}
	return x
}

// paint sets the colour of what is drawn next.
func (p *page) paint(c color) {
	if p.ink == c && len(p.ops) > 0 {
		return
	}
	p.ink = c
	for _, v := range c {
		p.ops = append(appendNumber(p.ops, float64(v)/255), ' ')
	}
	p.ops = append(p.ops, "rg\n"...)
}

// fill draws a rectangle.
func (p *page) fill(x, y, w, h float64, c color) {
	p.endText()
	p.paint(c)
	p.numbers(p.left(x, w), p.height-y-h, w, h)
	p.ops = append(p.ops, "re f\n"...)
}

// rule draws a line across.
func (p *page) rule(x, y, w, thick float64, c color) { p.fill(x, y-thick/2, w, thick, c) }

// numbers writes operands.
func (p *page) numbers(all ...float64) {
	for _, v := range all {
		p.ops = append(appendNumber(p.ops, v), ' ')
	}
}

// pen is how a text is written.
type pen struct {
	weight weight
	size   float64
	color  color
}

// text draws one line of text with its baseline at y, and tells how wide it is.
func (p *page) text(x, y float64, f pen, a align, s string) float64 {
	lines := p.d.wrap(f.weight, f.size, 0, s)
	if len(lines) == 0 {
		return 0
	}
	p.line(x, y, f, a, lines[0])
	return lines[0].width
}

// block draws a paragraph in lines of at most width points, the first one's
// baseline at y, and gives the baseline after its last.
func (p *page) block(x, y, width, leading float64, f pen, a align, s string) float64 {
	for _, l := range p.d.wrap(f.weight, f.size, width, s) {
		switch a {
		case middle:
			p.line(x+width/2, y, f, a, l)
		case end:
			p.line(x+width, y, f, a, l)
		default:
			p.line(x, y, f, a, l)
		}
		y += leading
	}
	return y
}

// line draws a line of shaped words; x is where its start, middle or end is.
func (p *page) line(x, y float64, f pen, a align, l line) {
	switch a {
	case middle:
		x -= l.width / 2
	case end:
		x -= l.width
	}
	p.paint(f.color)
	p.beginText(f)
	p.ops = append(p.ops, "1 0 0 1 "...)
	p.numbers(p.left(x, l.width), p.height-y)
	p.ops = append(p.ops, "Tm\n["...)
	c := &p.d.fonts[f.weight]
	per := 1000 / float64(c.face.em)
	open, rise, owed := false, int32(0), int32(0) // owed: units the pen must still move to the right
	for _, g := range l.glyphs {
		if g.y != rise {
			p.ops = p.closeHex(p.ops, &open)
			p.ops = append(p.ops, "]TJ "...)
			p.numbers(float64(g.y) * f.size / float64(c.face.em))
			p.ops = append(p.ops, "Ts ["...)
			rise = g.y
		}
		if move := owed + g.x; move != 0 {
			p.ops = p.closeHex(p.ops, &open)
			p.ops = append(appendNumber(p.ops, -float64(move)*per), ' ')
		}
		if !open {
			p.ops, open = append(p.ops, '<'), true
		}
		p.ops = appendHex(p.ops, c.id(character{g.id, g.width, g.text}))
		owed = g.advance - g.x - g.width
	}
	p.ops = p.closeHex(p.ops, &open)
	p.ops = append(p.ops, "]TJ\n"...)
	if rise != 0 {
		p.ops = append(p.ops, "0 Ts\n"...)
	}
}

func (p *page) closeHex(b []byte, open *bool) []byte {
	if *open {
		b = append(b, '>')
	}
	*open = false
	return b
}

func appendHex(b []byte, v uint16) []byte {
	const hex = "0123456789abcdef"
	return append(b, hex[v>>12], hex[v>>8&15], hex[v>>4&15], hex[v&15])
}

// beginText opens a text object in a font, unless it is open already.
func (p *page) beginText(f pen) {
	if !p.inText {
		p.ops = append(p.ops, "BT\n"...)
		p.inText, p.size = true, 0
	}
	if p.size == f.size && p.weight == f.weight {
		return
	}
	p.size, p.weight = f.size, f.weight
	p.ops = append(p.ops, '/', "RB"[f.weight], ' ')
	p.ops = append(appendNumber(p.ops, f.size), " Tf\n"...)
}

func (p *page) endText() {
	if p.inText {
		p.ops = append(p.ops, "ET\n"...)
		p.inText = false
	}
}

// bitmap draws a picture of two colours, a bit a module: dark where set. Being
// one picture, it has no hairlines between its modules.
func (p *page) bitmap(x, y, w, h float64, rows [][]bool) {
	p.endText()
	p.paint(carbon)
	p.ops = append(p.ops, "q "...)
	p.numbers(w, 0, 0, h, p.left(x, w), p.height-y-h)
	p.ops = append(p.ops, "cm\nBI/W "...)
	p.ops = strconv.AppendInt(p.ops, int64(len(rows[0])), 10)
	p.ops = append(p.ops, "/H "...)
	p.ops = strconv.AppendInt(p.ops, int64(len(rows)), 10)
	p.ops = append(p.ops, "/BPC 1/IM true/F/AHx\nID "...)
	for _, row := range rows {
		for i := 0; i < len(row); i += 8 {
			v := byte(0xff) // 0 is painted
			for k := range min(8, len(row)-i) {
				if row[i+k] {
					v &^= 0x80 >> k
				}
			}
			const hex = "0123456789abcdef"
			p.ops = append(p.ops, hex[v>>4], hex[v&15])
		}
	}
	p.ops = append(p.ops, ">\nEI Q\n"...)
}
