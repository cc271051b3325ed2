package letter

import "strings"

// canvas is what a figure is drawn on: a page of a PDF or a picture of a web
// page. Both take the same places, in points from the top and from the side
// where reading starts, so that a figure is drawn by one piece of code.
type canvas interface {
	fill(x, y, w, h float64, c color)
	stroke(points [][2]float64, thick float64, c color)
	text(x, y float64, f pen, a align, s string) float64
	fit(x, y, width float64, f pen, a align, s string) // as much as has room in one line
}

// stroke draws a line through points.
func (p *page) stroke(points [][2]float64, thick float64, c color) {
	p.endText()
	for _, v := range c {
		p.numbers(float64(v) / 255)
	}
	p.ops = append(p.ops, "RG "...)
	p.numbers(thick)
	p.ops = append(p.ops, "w 1 j\n"...)
	for i, at := range points {
		p.numbers(p.left(at[0], 0), p.height-at[1])
		p.ops = append(p.ops, "lm"[b2i(i == 0)], '\n')
	}
	p.ops = append(p.ops, "S\n"...)
}

// fit draws as much of a text as has room in one line.
func (p *page) fit(x, y, width float64, f pen, a align, s string) {
	if lines := p.d.wrap(f.weight, f.size, width, p.d.cut(width, f, s)); len(lines) > 0 {
		p.line(x, y, f, a, lines[0])
	}
}

// cut leaves out the last words of a text that does not fit in one line, and
// says that there is more.
func (d *document) cut(width float64, f pen, s string) string {
	words := strings.Fields(s)
	for n := len(words) - 1; n > 0 && len(d.wrap(f.weight, f.size, width, s)) > 1; n-- {
		s = strings.Join(words[:n], " ") + " …" + endIsolate
	}
	return s
}
