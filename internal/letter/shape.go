package letter

import (
	"slices"
	"unicode"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"
)

// glyph is one glyph of a word, in visual order. Lengths are in units of em.
//
// Where a glyph stands for several letters, as the ligature of lam and alef
// does, it stands for one of them alone and takes their share of the room;
// blanks beside it stand for the others. Readers of PDF who put letters into
// their order by where they stand then find each in its place.
type glyph struct {
	id      uint16
	text    string // what it stands for: one character, or none
	advance int32
	width   int32 // what the document's font says the glyph takes
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
	blank  [2]uint16 // the glyph of spaces
	buffer *harfbuzz.Buffer
	known  map[style]*word
}

const maxKnown = 10_000 // words

func newShaper() *shaper {
	s := &shaper{buffer: harfbuzz.NewBuffer(), known: map[style]*word{}}
	for i, open := range typefaces {
		face := font.NewFace(open().font)
		s.fonts[i] = harfbuzz.NewFont(face)
		blank, _ := face.NominalGlyph(' ')
		s.blank[i] = uint16(blank)
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
	b.ClusterLevel = harfbuzz.MonotoneCharacters
	b.AddRunes(text, 0, -1)
	b.Shape(s.fonts[key.weight], nil)
	w := &word{}
	for _, c := range clusters(b, text) {
		for _, g := range c.glyphs {
			g.width = int32(typefaces[key.weight]().widths[g.id])
			w.width += g.advance
			w.glyphs = append(w.glyphs, g)
			if i := len(w.glyphs) - 1; g.text != "" {
				w.glyphs = s.share(w.glyphs[:i], key, g)
			}
		}
	}
	return w
}

// cluster is glyphs that stand for a text together.
type cluster struct {
	glyphs []glyph
	at     int // of its first letter in the text
	wide   int32
}

// clusters are what was shaped, in visual order. What takes no room, such as a
// mark above a letter, belongs to the letter before it.
func clusters(b *harfbuzz.Buffer, text []rune) []cluster {
	var all []cluster
	for i, g := range b.Info {
		p := b.Pos[i]
		if len(all) == 0 || all[len(all)-1].at != g.Cluster {
			all = append(all, cluster{at: g.Cluster})
		}
		c := &all[len(all)-1]
		c.glyphs = append(c.glyphs, glyph{id: uint16(g.Glyph), advance: p.XAdvance, x: p.XOffset, y: p.YOffset})
		c.wide += p.XAdvance
	}
	starts := make([]int, 0, len(all)+1)
	for _, c := range all {
		if c.wide > 0 {
			starts = append(starts, c.at)
		}
	}
	if len(starts) == 0 && len(all) > 0 { // nothing takes room: the first stands for all
		starts = append(starts, all[0].at)
	}
	slices.Sort(starts)
	for i := range all {
		c := &all[i]
		k, found := slices.BinarySearch(starts, c.at)
		if !found {
			continue
		}
		from, to := c.at, len(text)
		if k == 0 {
			from = 0
		}
		if k+1 < len(starts) {
			to = starts[k+1]
		}
		widest := 0
		for j := range c.glyphs {
			if c.glyphs[j].advance > c.glyphs[widest].advance {
				widest = j
			}
		}
		c.glyphs[widest].text = string(text[from:to])
	}
	return all
}

// share gives each of the letters that a glyph stands for its own part of the
// room, in visual order.
func (s *shaper) share(all []glyph, key style, g glyph) []glyph {
	letters := []rune(g.text)
	if key.rtl {
		slices.Reverse(letters)
	}
	n := int32(len(letters))
	part := g.advance / n
	g.text = string(letters[0])
	if n > 1 {
		g.advance -= part * (n - 1)
		g.width = g.advance
	}
	all = append(all, g)
	for _, r := range letters[1:] {
		all = append(all, glyph{id: s.blank[key.weight], text: string(r), advance: part, width: part})
	}
	return all
}
