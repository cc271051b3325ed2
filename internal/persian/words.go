package persian

import (
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/message"
)

// Words finds what a word stands for, as people write it in a file.
type Words map[string]int

// NewWords are the words for the names, by their place among them: the name
// itself, and what the catalogue calls it in Persian under prefix and name, with
// | between several. Of two names with a word in common the first has it. ""
// is none.
func NewWords(prefix string, names []string) Words {
	w := Words{}
	for i, name := range slices.Backward(names) {
		if name == "" {
			continue
		}
		w[Key(name)] = i
		for alias := range strings.SplitSeq(message.Text(message.Fa, prefix+name), "|") {
			w[Key(alias)] = i
		}
	}
	return w
}

// Find looks a word up.
func (w Words) Find(word string) (i int, found bool) {
	i, found = w[Key(word)]
	return i, found
}
