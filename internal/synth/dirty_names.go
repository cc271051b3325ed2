package synth

import (
	"slices"
	"strings"
	"sync"
)

// misspelling is how names are misspelt, of data/dirt.txt and the lists of names.
type misspelling struct {
	words   words
	arabic  *strings.Replacer
	madde   *strings.Replacer
	sound   map[rune][]rune
	spell   [][2]string
	dots    map[rune][]rune
	letters []rune
	halves  map[string][2]string // of given names that are compounds written in one
	tails   []string             // of surnames, as long as is safe to tell
}

// misspellings are read once.
var misspellings = sync.OnceValue(func() *misspelling { return readMisspelling(base().names) })

func readMisspelling(n *names) *misspelling {
	w := readWords("dirt.txt")
	m := &misspelling{
		words: w, sound: likes(w["sound"]), dots: likes(w["dots"]), letters: []rune(w.one("letters")),
		arabic: replacer(w["arabic"]), madde: replacer(w["madde"]), halves: map[string][2]string{},
	}
	for _, pair := range w["spell"] {
		a, b, _ := strings.Cut(pair, ":")
		m.spell = append(m.spell, [2]string{a, b}, [2]string{b, a})
	}
	for _, pair := range w["plain"] {
		a, b, _ := strings.Cut(pair, ":")
		m.spell = append(m.spell, [2]string{a, b})
	}
	for s := male; s <= female; s++ {
		for _, g := range n.given[s] {
			for at := range g.name {
				_, first := n.index[s][g.name[:at]]
				_, second := n.index[s][g.name[at:]]
				if first && second {
					m.halves[g.name] = [2]string{g.name[:at], g.name[at:]}
				}
			}
		}
	}
	for _, tail := range slices.Concat(n.tails[onStem], n.tails[onWord]) {
		if len(tail) >= 6 { // three letters
			m.tails = append(m.tails, tail)
		}
	}
	return m
}

func replacer(pairs []string) *strings.Replacer {
	var all []string
	for _, pair := range pairs {
		a, b, _ := strings.Cut(pair, ":")
		all = append(all, a, b)
	}
	return strings.NewReplacer(all...)
}

// likes are the other letters of each letter's groups.
func likes(groups []string) map[rune][]rune {
	m := map[rune][]rune{}
	for _, group := range groups {
		for _, a := range group {
			for _, b := range group {
				if a != b {
					m[a] = append(m[a], b)
				}
			}
		}
	}
	return m
}

// split parts a name into the words that it was made of.
func (m *misspelling) split(name string, surname bool) []string {
	if strings.ContainsAny(name, " "+zwnj) {
		return strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '\u200c' })
	}
	if !surname {
		if h, ok := m.halves[name]; ok {
			return h[:]
		}
		if rest, ok := strings.CutPrefix(name, m.words.one("man")); ok && len(rest) >= 6 {
			return append([]string{m.words.one("man")}, m.split(rest, false)...)
		}
		return []string{name}
	}
	for _, tail := range m.tails {
		if stem, ok := strings.CutSuffix(name, tail); ok && len(stem) >= 4 {
			return []string{stem, tail}
		}
	}
	return []string{name}
}

// nameOf writes the three names.
func (w *soiler) nameOf(v *[colCount]string, s *subject) {
	given, surname, father := s.given, s.surname, s.father
	if w.gap(colFather) {
		father = ""
	}
	if w.errs(w.rate.OtherName) {
		other := w.givenName(&w.own, s.sex, int(s.born.Year), s.region)
		if other != given {
			given = other
			w.note(colGiven, "other")
		}
	}
	given = w.halve(given, s.sex, colGiven)
	father = w.halve(father, male, colFather)
	if first, _, two := strings.Cut(surname, " "); two && w.errs(w.rate.TailCut) {
		surname = first
		w.note(colSurname, "cut")
	}
	v[colGiven] = w.misspelt(given, colGiven)
	v[colSurname] = w.misspelt(surname, colSurname)
	v[colFather] = w.misspelt(father, colFather)
	if w.errs(w.rate.Swapped) {
		other := colSurname
		if v[colFather] != "" && w.own.chance(3000) {
			other = colFather
		}
		v[colGiven], v[other] = v[other], v[colGiven]
		w.note(other, "swapped")
	}
}

// halve writes half of a compound, or drops or adds the title of sayyeds.
func (w *soiler) halve(name string, s sex, col int) string {
	if name == "" || !w.errs(w.rate.Halved) {
		return name
	}
	m := w.misspell
	man, woman, after := m.words.one("man"), m.words.one("woman"), m.words.one("after")
	parts := m.split(name, false)
	title := func(p string) bool { return p == man || p == woman || p == after }
	switch {
	case slices.ContainsFunc(parts, title) && len(parts) > 1:
		parts = slices.DeleteFunc(slices.Clone(parts), title)
		w.note(col, "untitled")
		return strings.Join(parts, " ")
	case len(parts) == 2:
		w.note(col, "halved")
		return parts[w.own.below(2)]
	}
	w.note(col, "titled")
	switch {
	case s == male:
		return man + [...]string{" ", ""}[w.own.below(2)] + name
	case w.own.below(2) == 0:
		return woman + " " + name
	}
	return name + " " + after
}

// misspelt writes a name as the clerk does: the words together or apart, with
// the mistakes of this time and the letters of his keyboard.
func (w *soiler) misspelt(name string, col int) string {
	if name == "" {
		return ""
	}
	name = w.spaced(name, col)
	for _, mistake := range [...]struct {
		rate int
		make func(*soiler, []rune) []rune
		kind string
	}{
		{w.rate.Homophone, (*soiler).homophone, "homophone"},
		{w.rate.Dotted, (*soiler).dotted, "dotted"},
		{w.rate.Edit, (*soiler).edit, "edit"},
	} {
		if !w.errs(mistake.rate) {
			continue
		}
		if s := strings.TrimSpace(string(mistake.make(w, []rune(name)))); s != name && s != "" {
			name = s
			w.note(col, mistake.kind)
		}
	}
	return w.write(name)
}

// write writes with the letters of the clerk's keyboard.
func (w *soiler) write(text string) string {
	if w.usual(w.clerk.madde, w.rate.Madde) {
		text = w.misspell.madde.Replace(text)
	}
	if w.usual(w.clerk.arabic, w.rate.Arabic) {
		text = w.misspell.arabic.Replace(text)
	}
	return text
}

// spaced writes the words of a compound in a clerk's style.
func (w *soiler) spaced(name string, col int) string {
	s := w.clerk.style
	if !w.own.chance(mostlyOwn) {
		s = w.drawStyle()
	}
	if s == asRegistered {
		return name
	}
	parts := w.misspell.split(name, col == colSurname)
	if len(parts) < 2 {
		return name
	}
	out := parts[0]
	for _, part := range parts[1:] {
		switch s {
		case withSpace:
			out += " " + part
		case withZWNJ:
			out = w.words.join(out, part)
		default:
			out += part
		}
	}
	if out != name {
		w.note(col, [...]string{withSpace: "space", withZWNJ: "zwnj", joined: "joined"}[s])
	}
	return out
}

// homophone writes one sound with another letter.
func (w *soiler) homophone(name []rune) []rune {
	m, text := w.misspell, string(name)
	type change struct {
		at   int // of the runes; -1: pair
		pair int
	}
	var can []change
	for i, r := range name {
		if len(m.sound[r]) > 0 {
			can = append(can, change{at: i})
		}
	}
	for i, pair := range m.spell {
		if strings.Contains(text, pair[0]) {
			can = append(can, change{-1, i})
		}
	}
	if len(can) == 0 {
		return name
	}
	c := can[w.own.below(len(can))]
	if c.at < 0 {
		return []rune(strings.Replace(text, m.spell[c.pair][0], m.spell[c.pair][1], 1))
	}
	letters := m.sound[name[c.at]]
	name[c.at] = letters[w.own.below(len(letters))]
	return name
}

// dotted writes another letter of the same shape.
func (w *soiler) dotted(name []rune) []rune {
	from := w.own.below(len(name))
	for k := range name {
		i := (from + k) % len(name)
		if letters := w.misspell.dots[name[i]]; len(letters) > 0 {
			name[i] = letters[w.own.below(len(letters))]
			break
		}
	}
	return name
}

// edit makes one of the four mistakes of typists, about as often as Peterson
// (A note on undetected typing errors, CACM 29, 1986) counted them.
func (w *soiler) edit(name []rune) []rune {
	i := w.own.below(len(name))
	letter := w.misspell.letters[w.own.below(len(w.misspell.letters))]
	switch kind := w.own.below(100); {
	case kind < 21:
		return slices.Insert(name, i, letter)
	case kind < 56 && len(name) > 2:
		return slices.Delete(name, i, i+1)
	case kind >= 92 && len(name) > 1:
		i = max(i, 1)
		name[i-1], name[i] = name[i], name[i-1]
	default:
		name[i] = letter
	}
	return name
}
