package letter

import (
	"strings"
	"unicode"
)

// line is one line of text in visual order, ready to be drawn.
type line struct {
	glyphs []glyph
	width  float64 // in points
}

// paragraph is a text with how it is to be set.
type paragraph struct {
	weight      weight
	size, width float64
	text        string
}

const maxSet = 300 // paragraphs that a document keeps

// wrap breaks a text of one weight into lines of at most width points. A word
// that alone is wider is broken where it must be. width 0: one line.
func (d *document) wrap(w weight, size, width float64, text string) []line {
	key := paragraph{w, size, width, text}
	lines, done := d.lines[key]
	if !done {
		if len(d.lines) >= maxSet {
			clear(d.lines)
		}
		lines = d.wrapAnew(w, size, width, text)
		d.lines[key] = lines
	}
	return lines
}

func (d *document) wrapAnew(w weight, size, width float64, text string) []line {
	var lines []line
	unit := size / float64(typefaces[w]().em)
	var now []piece
	wide := 0.0
	finish := func() {
		for len(now) > 0 && now[len(now)-1].space {
			now = now[:len(now)-1]
		}
		if len(now) > 0 {
			lines = append(lines, d.set(w, unit, now))
		}
		now, wide = nil, 0
	}
	measure := func(p piece) float64 { return unit * float64(d.shaper.shape(w, p.level%2 == 1, p.text).width) }
	all := cut(&d.bidi, []rune(text), d.rtl)
	for i := 0; i < len(all); {
		word := all[i : i+1] // a word may change direction within: it is kept together
		for i++; i < len(all) && all[i].glued && !word[0].space; i++ {
			word = all[i-len(word) : i+1]
		}
		total := 0.0
		for _, p := range word {
			total += measure(p)
		}
		if width > 0 && wide+total > width && !word[0].space {
			finish()
		}
		if word[0].space && len(now) == 0 {
			continue
		}
		if width > 0 && total > width {
			for _, p := range word {
				for _, part := range shatter(p, width, measure) {
					if wide+measure(part) > width {
						finish()
					}
					now, wide = append(now, part), wide+measure(part)
				}
			}
			continue
		}
		now, wide = append(now, word...), wide+total
	}
	finish()
	return lines
}

// shatter halves a piece until its parts fit.
func shatter(p piece, width float64, measure func(piece) float64) []piece {
	text := []rune(p.text)
	if measure(p) <= width || len(text) < 2 {
		return []piece{p}
	}
	a, b := p, p
	a.text, b.text = string(text[:len(text)/2]), string(text[len(text)/2:])
	return append(shatter(a, width, measure), shatter(b, width, measure)...)
}

// set brings a line's pieces into visual order.
func (d *document) set(w weight, unit float64, pieces []piece) line {
	reorder(pieces)
	var l line
	before := right // class of the last glyph, if it runs from right to left
	for _, p := range pieces {
		rtl := p.level%2 == 1
		shaped := d.shaper.shape(w, rtl, p.text)
		l.width += unit * float64(shaped.width)
		for _, g := range shaped.glyphs {
			class := classOf(g.text)
			if d.rtl && class == left && (before == neither || before == left && rtl) {
				l.glyphs = d.shaper.turn(l.glyphs, w)
			}
			l.glyphs = append(l.glyphs, g)
			if g.text == "" {
				continue
			}
			before = left
			if rtl && class == right {
				before = right
			} else if rtl {
				before = neither
			}
		}
	}
	return l
}

// Classes of characters, as programs see them that put a page's letters into
// their order by a rule simpler than Unicode's.
type class uint8

const (
	neither class = iota // runs as its neighbours do
	left
	right
)

// classOf counts among what runs to the right all digits and what may stand
// in numbers: full stop, comma, colon, slash, dash.
func classOf(text string) class {
	for _, r := range text {
		switch {
		case unicode.IsDigit(r), strings.ContainsRune("+-#$%.,/:\u060c\u066a\u066b\u066c\u2212", r):
			return left
		case unicode.Is(unicode.Arabic, r):
			return right
		case unicode.IsLetter(r):
			return left
		}
	}
	return neither
}

// turn puts a mark of direction (U+200F) to the right of the last glyph, whose
// room it shares: programs that would take the space or the bracket before a
// number for a part of it are told better.
func (s *shaper) turn(all []glyph, w weight) []glyph {
	last := &all[len(all)-1]
	part := last.advance * 2 / 5
	last.advance -= part
	last.width = last.advance
	return append(all, glyph{id: s.blank[w], text: "\u200f", advance: part, width: part})
}
