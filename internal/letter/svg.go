package letter

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// picture is a figure of a web page, as SVG. Its colours are those of the
// page's style, which knows dark screens and paper.
type picture struct {
	d     *document // knows how wide words are
	width float64
	body  []byte
}

// inks are the colours' classes in the style of web pages.
var inks = map[color]string{black: "ink", white: "page", grey: "soft", faint: "rule", pale: "pale", sand: "sand", teal: "teal", red: "red", amber: "amber"}

func (s *picture) left(x, w float64) float64 {
	if s.d.rtl {
		return s.width - x - w
	}
	return x
}

// add writes markup; every # takes the next number.
func (s *picture) add(markup string, numbers ...float64) {
	for _, v := range numbers {
		before, after, _ := strings.Cut(markup, "#")
		s.body = strconv.AppendFloat(append(s.body, before...), float64(int(v*100+0.5))/100, 'f', -1, 64)
		markup = after
	}
	s.body = append(s.body, markup...)
}

func (s *picture) fill(x, y, w, h float64, c color) {
	s.add(`<rect x="#" y="#" width="#" height="#" class="`+inks[c]+`"/>`, s.left(x, w), y, w, h)
}

func (s *picture) stroke(points [][2]float64, thick float64, c color) {
	s.add(`<polyline class="line `+inks[c]+`" stroke-width="#" points="`, thick)
	for _, p := range points {
		s.add("#,# ", s.left(p[0], 0), p[1])
	}
	s.add(`"/>`)
}

// anchors are the ends of a text in SVG; both languages read from their start.
var anchors = [...]string{start: "start", middle: "middle", end: "end"}

func (s *picture) text(x, y float64, f pen, a align, text string) float64 {
	s.fit(x, y, 0, f, a, text)
	if lines := s.d.wrap(f.weight, f.size, 0, text); len(lines) > 0 {
		return lines[0].width
	}
	return 0
}

// fit writes the whole text: what is too wide is squeezed into its room.
func (s *picture) fit(x, y, width float64, f pen, a align, text string) {
	s.add(`<text x="#" y="#" font-size="#" class="`+inks[f.color]+`"`, s.left(x, 0), y, f.size)
	if f.weight == bold {
		s.add(` font-weight="700"`)
	}
	if a != start {
		s.add(` text-anchor="` + anchors[a] + `"`)
	}
	if lines := s.d.wrap(f.weight, f.size, 0, text); width > 0 && len(lines) > 0 && lines[0].width > width {
		s.add(` textLength="#" lengthAdjust="spacingAndGlyphs"`, width)
	}
	s.add(">" + escape(text) + "</text>")
}

// escape makes a text part of markup.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
