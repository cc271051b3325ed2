package letter

import (
	"unicode"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"
)

// glyph is one glyph of a word, in visual order. Lengths are in units of em.
type glyph struct {
	id      uint16
	text    string // what it stands for; empty for all but one of a cluster
	advance int32
	x, y    int32 // off the pen's place
}

// word is a shaped piece.
type word struct {
	glyphs []glyph
	width  int32
}

// style is how a piece is shaped.
type style struct {
	weight weight
	rtl    bool
	text   string
}

// shaper turns words into glyphs. It remembers what it has shaped, up to a
// bound: names come and go, the rest of a letter stays.
type shaper struct {
	fonts  [2]*harfbuzz.Font
	none   [2]harfbuzz.GID // the glyph of zero width-non-joiners
	buffer *harfbuzz.Buffer
	known  map[style]*word
}

const maxKnown = 10_000 // words

func newShaper() *shaper {
	s := &shaper{buffer: harfbuzz.NewBuffer(), known: map[style]*word{}}
	for i, open := range typefaces {
		face := font.NewFace(open().font)
		s.fonts[i] = harfbuzz.NewFont(face)
		s.none[i], _ = face.NominalGlyph('\u200c')
	}
	return s
}

func (s *shaper) shape(w weight, rtl bool, text string) *word {
	key := style{w, rtl, text}
	if done := s.known[key]; done != nil {
		return done
	}
	if len(s.known) >= maxKnown {
		clear(s.known)
	}
	done := s.fresh(key)
	s.known[key] = done
	return done
}

// fresh shapes a word that is not known yet.
func (s *shaper) fresh(key style) *word {
	text := []rune(key.text)
	b := s.buffer
	b.Clear()
	b.Props = harfbuzz.SegmentProperties{Language: "fa", Script: language.Latin, Direction: harfbuzz.LeftToRight}
	if key.rtl {
		b.Props.Direction = harfbuzz.RightToLeft
	}
	for _, r := range text {
		if unicode.Is(unicode.Arabic, r) {
			b.Props.Script = language.Arabic
			break
		}
	}
	b.Invisible = s.none[key.weight]
	b.ClusterLevel = harfbuzz.MonotoneCharacters
	b.AddRunes(text, 0, -1)
	b.Shape(s.fonts[key.weight], nil)
	w := &word{glyphs: make([]glyph, len(b.Info))}
	for i, g := range b.Info {
		p := b.Pos[i]
		w.glyphs[i] = glyph{id: uint16(g.Glyph), advance: p.XAdvance, x: p.XOffset, y: p.YOffset}
		w.width += p.XAdvance
	}
	spell(w, b.Info, text)
	return w
}

// spell gives each cluster's text to the glyph of it that takes the most room.
func spell(w *word, info []harfbuzz.GlyphInfo, text []rune) {
	for from := 0; from < len(info); {
		to, end, widest := from, len(text), from
		for to < len(info) && info[to].Cluster == info[from].Cluster {
			if w.glyphs[to].advance > w.glyphs[widest].advance {
				widest = to
			}
			to++
		}
		for _, other := range info { // the next cluster in logical order
			if other.Cluster > info[from].Cluster {
				end = min(end, other.Cluster)
			}
		}
		w.glyphs[widest].text = string(text[info[from].Cluster:end])
		from = to
	}
}
