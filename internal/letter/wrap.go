package letter

// line is one line of text in visual order, ready to be drawn.
type line struct {
	words []*word
	width float64 // in points
}

// wrap breaks a text of one weight into lines of at most width points. A word
// that alone is wider is broken where it must be. width 0: one line.
func (d *document) wrap(w weight, size, width float64, text string) []line {
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
	for _, p := range pieces {
		shaped := d.shaper.shape(w, p.level%2 == 1, p.text)
		l.words = append(l.words, shaped)
		l.width += unit * float64(shaped.width)
	}
	return l
}
