package letter

import (
	"unicode"

	"github.com/go-text/typesetting/bidi"
)

// Isolates: what stands between these two keeps its own order, whatever the
// text around it.
const (
	isolateLTR  = "\u2066"
	isolateAuto = "\u2068"
	endIsolate  = "\u2069"
)

// ltr isolates a code, which runs from left to right in any language.
func ltr(s string) string { return isolateLTR + s + endIsolate }

// own isolates a text of unknown language, which runs as its first letter does.
func own(s string) string { return isolateAuto + s + endIsolate }

// piece is a word or a space: text of one direction that no line breaks.
type piece struct {
	text  string
	level int8 // odd: right to left
	space bool
	glued bool // no line may end before it: it continues a word in another direction
}

// cut splits a paragraph into pieces in logical order.
func cut(p *bidi.Paragraph, text []rune, rtl bool) []piece {
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	runs := p.Segment(text, base)
	var all []piece
	for i := range runs.NumRuns() {
		r := runs.Run(i)
		for from := r.Start; from < r.End; {
			to := from
			for to < r.End && breaks(text[to]) == breaks(text[from]) {
				to++
			}
			if word := visible(text[from:to]); word != "" {
				space := breaks(text[from])
				glued := !space && len(all) > 0 && !all[len(all)-1].space
				all = append(all, piece{word, int8(r.Level), space, glued})
			}
			from = to
		}
	}
	return all
}

func breaks(r rune) bool { return r == ' ' }

// visible leaves the marks of direction away: they have done their work.
func visible(text []rune) string {
	shown := make([]rune, 0, len(text))
	for _, r := range text {
		if !unicode.Is(unicode.Bidi_Control, r) {
			shown = append(shown, r)
		}
	}
	return string(shown)
}

// reorder brings a line's pieces into visual order: rule L2 of the algorithm.
func reorder(line []piece) {
	highest, lowest := int8(0), int8(127)
	for _, p := range line {
		highest = max(highest, p.level)
		if p.level%2 == 1 {
			lowest = min(lowest, p.level)
		}
	}
	for level := highest; level >= lowest; level-- {
		for from := 0; from < len(line); {
			if line[from].level < level {
				from++
				continue
			}
			to := from
			for to < len(line) && line[to].level >= level {
				to++
			}
			for a, b := from, to-1; a < b; a, b = a+1, b-1 {
				line[a], line[b] = line[b], line[a]
			}
			from = to
		}
	}
}
