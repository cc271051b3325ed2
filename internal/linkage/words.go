package linkage

import (
	"math"
	"slices"
	"strings"
)

// A column of several words is compared word by word: each word of the row that
// the record has too weighs by how rare it is, each that it has not counts
// against. Words say less together than each says alone, since they come in
// phrases; so their sum is damped.

const (
	damped      = .7
	wordsGuess  = .7 // of the words of a row, the share that its person's record has
	slippedWord = .1 // of them, the share that has one slip
)

// vocabulary is the words of a dictionary of texts.
type vocabulary struct {
	ids    map[string]uint32
	codes  []string  // by id − 1
	share  []float64 // of the texts that have the word
	tokens [][]uint32
}

// vocabularyOf splits the texts of a dictionary.
func vocabularyOf(entries []spelling, counts []uint32) *vocabulary {
	v := &vocabulary{ids: map[string]uint32{}, tokens: make([][]uint32, len(entries))}
	total := 0.
	for i := range entries {
		often := float64(counts[i])
		total += often
		for _, word := range wordsOf(&entries[i]) {
			id, ok := v.ids[word]
			if !ok {
				v.codes, v.share = append(v.codes, letterCodes(word)), append(v.share, 0)
				id = uint32(len(v.codes))
				v.ids[word] = id
			}
			v.tokens[i] = append(v.tokens[i], id)
			v.share[id-1] += often
		}
	}
	for i := range v.share {
		v.share[i] = min(max(v.share[i], 1)/max(total, 1), .9)
	}
	return v
}

// wordsOf is a text's words, each once, in their comparable form.
func wordsOf(s *spelling) []string {
	words := strings.Fields(s.key)
	if len(words) < 2 { // keys of Persian texts have no spaces
		words = strings.Fields(s.display)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// rowWord is a word of a row.
type rowWord struct {
	id    uint32 // in the vocabulary; 0: not in it
	text  string
	codes string
}

// split finds the words of a row's text in a vocabulary.
func (v *vocabulary) split(s *spelling) (all []rowWord) {
	for _, word := range wordsOf(s) {
		all = append(all, rowWord{v.ids[word], word, letterCodes(word)})
	}
	return all
}

// wordsLevel weighs a text of words against a candidate's, when his other columns
// have their levels. matched and of count the words.
func (w *worker) wordsLevel(c *candidate, k int) (l level, weight float32, matched, of int) {
	id := w.r.value(c.ordinal, k)
	vocab := w.r.vocab[k]
	if id > uint64(len(vocab.tokens)) {
		return missing, 0, 0, 0
	}
	have := vocab.tokens[id-1]
	m := w.m.words[k]
	sum := 0.
	for i := range w.t.names[k].all[w.row[k]-1].parts {
		word := &w.t.names[k].all[w.row[k]-1].parts[i]
		found := vocab.find(have, word)
		if agreed, said := w.elsewhere(c, k, word.text); agreed || said && found == 0 {
			continue
		}
		of++
		switch {
		case found == 0:
			sum += math.Log2(1 - m)
		case found == word.id:
			sum += math.Log2(m / vocab.share[found-1])
			matched++
		default:
			sum += math.Log2(m * slippedWord / vocab.share[found-1])
			matched++
		}
	}
	switch {
	case of == 0:
		return missing, 0, 0, 0
	case matched == of:
		l = exact
	case matched > 0:
		l = partly
	default:
		l = differs
	}
	return l, float32(damped * sum), matched, of
}

// find is the word of a record that a row's word is, or is one slip from.
func (v *vocabulary) find(have []uint32, word *rowWord) uint32 {
	if word.id != 0 && slices.Contains(have, word.id) {
		return word.id
	}
	if len(word.codes) <= shortest {
		return 0
	}
	for _, id := range have {
		if oneSlip(word.codes, v.codes[id-1]) {
			return id
		}
	}
	return 0
}

// elsewhere reports whether another column of the row says a word already, and
// whether that column agrees.
func (w *worker) elsewhere(c *candidate, k int, word string) (agreed, said bool) {
	for _, o := range w.m.profile.without[k] {
		if v := w.row[o]; v != 0 && w.t.names[o].all[v-1].key == word {
			l := c.levels[o]
			return l != missing && l < partly, true
		}
	}
	return false, false
}
