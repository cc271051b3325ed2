package synth

// clerk enters a run of rows, with habits and a care of his own: what one
// does, he mostly does again.
type clerk struct {
	left       int // rows that he still enters
	level      int // of mistakes, in percent of the mean
	arabic     bool
	madde      bool
	zeros      bool // his sheet eats leading zeros
	yearOnly   bool
	style      style
	leaves     [colCount]bool // columns that he leaves empty
	separator  string         // in dates
	persian    bool           // digits
	sexes      int            // index of the words for the sexes
	asNumber   bool           // writes the national number for the shenasnameh's since 1368
	zeroNumber bool           // or 0
}

// style is how a clerk writes compounds.
type style uint8

const (
	asRegistered style = iota
	withSpace
	withZWNJ
	joined
)

// levels are of mistakes, in percent; their mean is 100.
var (
	levels     = [...]int{40, 70, 120, 246}
	levelTable = weigh(4, func(i int) int { return [...]int{30, 30, 25, 15}[i] })
)

// mostlyOwn is how often, in ten thousand, a habit is the clerk's own and not
// anyone's.
const mostlyOwn = 6000

func (w *soiler) newClerk() {
	d, r := &w.own, w.rate
	c := clerk{left: 30 + d.below(340), level: levels[levelTable.draw(d)]}
	c.arabic, c.madde, c.zeros = d.chance(r.Arabic), d.chance(r.Madde), d.chance(r.ZerosLost)
	c.yearOnly, c.style = d.chance(r.YearOnly), w.drawStyle()
	for col, rate := range w.gaps() {
		c.leaves[col] = d.chance(rate)
	}
	c.separator = [...]string{"/", "/", "/", "-", ""}[d.below(5)]
	c.persian = d.below(10) == 0
	c.sexes = d.below(1 + len(w.misspell.words["sexes"]))
	n := d.below(3)
	c.asNumber, c.zeroNumber = n == 0, n == 1
	w.clerk = c
}

// gaps are how often the columns are empty.
func (w *soiler) gaps() [colCount]int {
	r := w.rate
	gaps := [colCount]int{
		colNumber: 10_000 - r.Number, colFather: r.FatherGone, colBirth: r.BirthGone, colShenasnameh: r.BookletGone,
		colPlace: r.PlaceGone, colSex: r.SexGone, colPostal: 10_000 - r.Postal,
	}
	if w.dirt.NoNumbers {
		gaps[colNumber] = 10_000
	}
	return gaps
}

// usual is true at the rate: mostly as the clerk is used to.
func (w *soiler) usual(own bool, rate int) bool {
	if w.own.chance(mostlyOwn) {
		return own
	}
	return w.own.chance(rate)
}

// errs is true at the rate, but for the clerk's care.
func (w *soiler) errs(rate int) bool { return w.own.chance(rate * w.clerk.level / 100) }

// gap reports whether the clerk leaves the column empty in this row.
func (w *soiler) gap(col int) bool {
	if !w.usual(w.clerk.leaves[col], w.gaps()[col]) {
		return false
	}
	if col != colNumber && col != colPostal {
		w.note(col, "gone")
	}
	return true
}

func (w *soiler) drawStyle() style {
	switch n := w.own.below(10_000); {
	case n < w.rate.Space:
		return withSpace
	case n < w.rate.Space+w.rate.ZWNJ:
		return withZWNJ
	case n < w.rate.Space+w.rate.ZWNJ+w.rate.Joined:
		return joined
	}
	return asRegistered
}

var columnWords = [colCount]string{"number", "given", "surname", "father", "birth", "shenasnameh", "place", "sex", "postal"}

// note notes what was done to the row.
func (w *soiler) note(col int, kind string) { w.remark(columnWords[col] + "." + kind) }

func (w *soiler) remark(word string) {
	if w.why.Len() > 0 {
		w.why.WriteByte(' ')
	}
	w.why.WriteString(word)
}
