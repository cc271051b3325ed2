package synth

import "strings"

// sex is an index into what differs by it.
type sex int

const (
	male   sex = 1
	female sex = 2
)

const (
	period  = 5 // years of birth that share a table of given names
	periods = (yearCount + period - 1) / period
	rising  = 20 // years in which a name becomes popular
	fading  = 30 // years in which it goes out of use
)

// given is one given name, with the years of birth in which it was popular.
type given struct {
	name     string
	weight   int
	from, to int
	region   string
}

// names are all names and how often they are given.
type names struct {
	words    words
	given    [3][]given
	index    [3]map[string]int
	regions  []string  // regions[0] is "": the whole country
	table    [][]table // [region][period*2+sex-1]
	surnames []string
	tables   []table // of surnames, by region
	sayyeds  map[string]bool
	stems    []string
	stem     table
	tails    [3][]string // by tailKind
	tail     [3]table
	places   [][]string // surnames from places, by province; [0] are all
	twins    [5][][2]string
}

// tailKind says where a tail goes.
type tailKind int

const (
	onStem tailKind = iota
	onWord
	before
)

var tailKinds = map[string]tailKind{"stem": onStem, "word": onWord, "first": before}

func readNames(w words, l *land) *names {
	n := &names{words: w, regions: []string{""}, sayyeds: map[string]bool{}}
	for _, p := range l.provinces[1:] {
		if n.region(p.region) < 0 {
			n.regions = append(n.regions, p.region)
		}
	}
	n.readGiven(male, "male.csv")
	n.readGiven(female, "female.csv")
	n.readSurnames()
	n.readTails()
	n.nameByPlace(l)
	for _, row := range rows("twins.csv") {
		pair := [...]int{'m': int(male), 'f': int(female)}
		kind := pair[row[0][0]] + pair[row[0][1]]
		n.twins[kind] = append(n.twins[kind], [2]string{row[1], row[2]})
	}
	for _, name := range w["sayyeds"] {
		n.sayyeds[name] = true
	}
	return n
}

// region is the index of a region, -1 if it is not known.
func (n *names) region(name string) int {
	for i, r := range n.regions {
		if r == name {
			return i
		}
	}
	return -1
}

func (n *names) readGiven(s sex, file string) {
	n.index[s] = map[string]int{}
	for i, row := range rows(file) {
		g := given{row[0], number(row[1]), number(row[2]), number(row[3]), row[4]}
		n.given[s] = append(n.given[s], g)
		n.index[s][g.name] = i
	}
	if n.table == nil {
		n.table = make([][]table, len(n.regions))
	}
	for r, region := range n.regions {
		if n.table[r] == nil {
			n.table[r] = make([]table, 2*periods)
		}
		for p := range periods {
			n.table[r][2*p+int(s)-1] = weigh(len(n.given[s]), func(i int) int {
				g := &n.given[s][i]
				return g.popular(firstYear+p*period+period/2) * regional(g.region, region)
			})
		}
	}
}

// popular is the weight of a name in a year of birth.
func (g *given) popular(year int) int {
	full := 60 * g.weight
	switch {
	case year < g.from-rising, year > g.to+fading:
		return full / 60
	case year < g.from:
		return max(full/60, full*(year-g.from+rising)/rising)
	case year > g.to:
		return max(full/60, full*(g.to+fading-year)/fading)
	}
	return full
}

// regional is how much more often a name of a region is given in another one.
func regional(of, in string) int {
	switch of {
	case "":
		return 8
	case in:
		return 100
	}
	return 2
}

func (n *names) readSurnames() {
	list := rows("surnames.csv")
	for _, row := range list {
		n.surnames = append(n.surnames, row[0])
	}
	for _, region := range n.regions {
		n.tables = append(n.tables, weigh(len(list), func(i int) int {
			return number(list[i][1]) * regional(list[i][2], region)
		}))
	}
}

func (n *names) readTails() {
	stems := rows("stems.csv")
	for _, row := range stems {
		n.stems = append(n.stems, row[0])
	}
	n.stem = weigh(len(stems), func(i int) int { return number(stems[i][1]) })
	var weights [3][]int
	for _, row := range rows("tails.csv") {
		kind := tailKinds[row[2]]
		n.tails[kind] = append(n.tails[kind], row[0])
		weights[kind] = append(weights[kind], number(row[1]))
	}
	for kind := range weights {
		n.tail[kind] = weigh(len(weights[kind]), func(i int) int { return weights[kind][i] })
	}
}

// nameByPlace makes surnames of the names of counties that are one word.
func (n *names) nameByPlace(l *land) {
	n.places = make([][]string, len(l.provinces))
	for _, c := range l.counties[1:] {
		if strings.ContainsAny(c.name, " ()"+zwnj) || n.words.ends(c.name, "ye") {
			continue
		}
		name := n.of(c.name)
		n.places[0] = append(n.places[0], name)
		n.places[c.province] = append(n.places[c.province], name)
	}
}

// of is the adjective of a word: Tehran, Tehrani.
func (n *names) of(word string) string {
	w := n.words
	switch {
	case w.ends(word, "he") && !w.ends(word, "hard_he"):
		return word + w.one("zwnj_ye")
	case w.ends(word, "alef"):
		return word + w.one("ye") + w.one("ye")
	case w.ends(word, "ye"):
		return word
	}
	return word + w.one("ye")
}

// withTail writes a stem with a tail.
func (n *names) withTail(stem, tail string) string {
	w := n.words
	switch {
	case tail == w.one("ye"):
		return n.of(stem)
	case tail != w.one("yan"):
	case w.ends(stem, "alef"):
		return stem + w.one("ye") + tail
	case w.ends(stem, "ye"):
		return strings.TrimSuffix(stem, w.one("ye")) + tail
	case w.ends(stem, "he") && !w.ends(stem, "hard_he"):
		return w.join(stem, tail)
	default:
		return stem + tail
	}
	return w.join(stem, tail)
}

// surname draws a family's name, in a region and a province.
func (n *names) surname(d *dice, region, province int) string {
	switch k := d.below(100); {
	case k < 22:
		stem := n.stems[n.stem.draw(d)]
		return n.withTail(stem, n.tails[onStem][n.tail[onStem].draw(d)])
	case k < 23:
		return n.tails[before][n.tail[before].draw(d)] + n.stems[n.stem.draw(d)]
	case k < 29:
		list := n.places[province]
		if len(list) == 0 || d.below(10) < 4 {
			list = n.places[0]
		}
		return list[d.below(len(list))]
	}
	name := n.surnames[n.tables[region].draw(d)]
	if n.words.ends(name, "ye") && d.below(100) < 9 {
		return name + " " + n.tails[onWord][n.tail[onWord].draw(d)]
	}
	return name
}

// givenName draws a given name for a year of birth.
func (n *names) givenName(d *dice, s sex, year, region int) string {
	t := n.table[region][2*((year-firstYear)/period)+int(s)-1]
	return n.given[s][t.draw(d)].name
}

// twinNames draws two names that go together, "" if none is found that was
// used in that year.
func (n *names) twinNames(d *dice, a, b sex, year int) (string, string) {
	pairs := n.twins[a+b]
	for range 12 {
		pair := pairs[d.below(len(pairs))]
		first, second := min(a, b), max(a, b)
		if n.inUse(first, pair[0], year) && n.inUse(second, pair[1], year) {
			if a > b {
				return pair[1], pair[0]
			}
			return pair[0], pair[1]
		}
	}
	return "", ""
}

// inUse reports whether a name was at least half as popular as ever.
func (n *names) inUse(s sex, name string, year int) bool {
	g := &n.given[s][n.index[s][name]]
	return g.popular(year)*2 >= g.weight*60
}

// styled writes a sayyed's name as the registry may have it: with the
// attribute before or after the name.
func (n *names) styled(d *dice, s sex, name string) string {
	w := n.words
	switch {
	case s == male:
		return w.one("sayyed") + name
	case strings.HasSuffix(name, w.one("sadat")):
		return name
	case d.below(2) == 0:
		return w.one("sayyede") + " " + name
	}
	return w.join(name, w.one("sadat"))
}
