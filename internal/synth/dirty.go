package synth

import (
	"cmp"
	"iter"
	"strings"

	"github.com/estelam/estelam/internal/persian"
)

// DirtyColumns are the columns of an agency's file, in the order of
// DirtyRow.Values, by the names under which they can be imported.
var DirtyColumns = [...]string{
	"national_number", "given_name", "surname", "father_name", "birth_date",
	"shenasnameh_number", "issue_place", "sex", "postal_code",
}

// The indexes of DirtyColumns.
const (
	colNumber = iota
	colGiven
	colSurname
	colFather
	colBirth
	colShenasnameh
	colPlace
	colSex
	colPostal
	colCount
)

// Dirt says how an agency's file about the population is made: which persons
// are in it, who of them is not in the register, and what is wrong with it.
type Dirt struct {
	Seed      uint64
	Rows      int    // at most about four fifths of the population
	Noise     int    // all mistakes and gaps are so much as frequent, in percent; 0 is 100
	NoNumbers bool   // the file has no national numbers at all
	Rates     *Rates // nil: Standard
}

// DirtyRow is a row of the file, and the truth about it.
type DirtyRow struct {
	ID     int // from 1 on, in the order of the file
	Values [colCount]string
	Truth  int64  // the national number of the person meant; 0: not in the register
	Why    string // what was done to the row, as "column.kind" and words, with spaces between
}

// InRegister reports whether the register that the file is made for has a
// number of the population. The others are left out of it, so that the file
// has persons whose brothers, twins or parents are registered and they are not.
// It is the same register for all files, whatever their seed.
func (d Dirt) InRegister(number int64) bool {
	dice := throw(0, forLeavingOut, uint64(number))
	return !dice.chance(d.rates().LeftOut)
}

func (d Dirt) rates() *Rates {
	if d.Rates != nil {
		return d.Rates
	}
	return &standard
}

// DirtyRows makes the file, in an order that has nothing to do with that of
// the register. It goes through at most the whole population once, and holds
// one block of it.
func (p *Population) DirtyRows(d Dirt) iter.Seq[*DirtyRow] {
	return func(yield func(*DirtyRow) bool) {
		if p.count() == 0 || d.Rows <= 0 {
			return
		}
		w := newSoiler(p, d)
		visits := min(p.count(), max(1, d.Rows/fewestRows))
		step, from := int64(spread(p.count())), int64(w.own.below(p.count()))
		for v := range visits {
			quota := share(d.Rows, int64(v+1), int64(visits)) - share(d.Rows, int64(v), int64(visits))
			w.enter(int((from + int64(v)*step) % int64(p.count())))
			for range quota {
				s, ok := w.next()
				if !ok {
					break // the block has no more
				}
				for again := w.due(); again != nil && w.id < d.Rows; again = w.due() {
					if !yield(w.soil(again, true)) {
						return
					}
				}
				if w.id >= d.Rows || !yield(w.soil(s, false)) {
					return
				}
			}
		}
	}
}

// fewestRows is how many rows a block gives, if it is asked for any.
const fewestRows = 4

// spread is a step of a walk that visits each of n things once, and whose
// beginning, however short, is spread over all of them.
func spread(n int) int {
	for s := max(1, int(int64(n)*618_033_989/1_000_000_000)); ; s++ {
		a, b := n, s
		for b != 0 {
			a, b = b, a%b
		}
		if a == 1 || n == 0 {
			return s
		}
	}
}

// soiler makes the rows of one file.
type soiler struct {
	maker
	dirt     Dirt
	rate     *Rates
	misspell *misspelling
	own      dice // of the file; the maker's are the block's
	clerk    clerk
	records  []record // of the block, by the index of its people
	known    []int32  // those in the register who may be in the file, not yet drawn
	unknown  []int32  // those left out of it
	kin      int32    // who comes next for being a brother, sister or twin; -1: nobody
	again    []repeat
	id       int
	why      strings.Builder
}

// subject is whom a row is about.
type subject struct {
	record
	region   int
	relative int64 // the number of one of the family, or of a neighbour in the file
	truth    int64
	stranger bool
	twin     bool
}

// repeat is a subject that the file has once more.
type repeat struct {
	subject
	after int // this row
}

func newSoiler(p *Population, d Dirt) *soiler {
	w := &soiler{maker: maker{Population: p}, dirt: d, misspell: misspellings(), own: throw(d.Seed, forDirt, 0), kin: -1}
	w.rate = d.rates().times(cmp.Or(d.Noise, 100))
	return w
}

// enter makes a block ready to give rows.
func (w *soiler) enter(block int) {
	w.fill(block)
	if len(w.records) < len(w.people) {
		w.records = make([]record, len(w.people))
	}
	for _, i := range w.order {
		w.record(&w.records[i], i) // each draws from the block's dice
	}
	w.dice = throw(w.dirt.Seed, forDirt, uint64(block)+1)
	w.known, w.unknown, w.kin = w.known[:0], w.unknown[:0], -1
	for i := range w.people {
		p := &w.people[i]
		if p.copyOf >= 0 || p.died != 0 && (w.records[i].died.Year < fileYear || w.chance(5000)) {
			continue // no agency's business any more
		}
		switch {
		case w.dirt.InRegister(w.numbers[i]):
			w.known = append(w.known, int32(i))
		case i+1 == len(w.people) || w.people[i+1].copyOf != int32(i):
			w.unknown = append(w.unknown, int32(i))
		}
	}
}

// fileYear is when agencies' files begin: who died before is in none.
const fileYear = 1385

// next draws whom the next row is about.
func (w *soiler) next() (*subject, bool) {
	if w.chance(w.rate.Unregistered) {
		if len(w.unknown) > 0 && w.chance(5000) {
			return w.take(&w.unknown, w.below(len(w.unknown))), true
		}
		return w.strange(), true
	}
	if len(w.known) == 0 {
		return nil, false
	}
	at := w.below(len(w.known))
	for k, i := range w.known {
		if i == w.kin {
			at = k
		}
	}
	return w.take(&w.known, at), true
}

// take takes a person of the block from the list at that place.
func (w *soiler) take(list *[]int32, at int) *subject {
	i := (*list)[at]
	(*list)[at] = (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	p := &w.people[i]
	s := &subject{record: w.records[i], region: p.region, relative: w.relative(i), twin: p.twin != single}
	if list == &w.known {
		s.truth = w.numbers[i]
	}
	w.kin = -1
	switch {
	case p.twin == first && w.chance(6000):
		w.kin = i + 1
	case p.twin == second && w.chance(6000):
		w.kin = i - 1
	case w.chance(2500): // the family is in the file together
		w.kin = w.sibling(i)
	}
	return s
}

// sibling is a brother or sister of a person, -1 if there is none.
func (w *soiler) sibling(i int32) int32 {
	n := int32(len(w.people))
	p := &w.people[i]
	for k := int32(1); k < n; k++ {
		at := (i + k) % n
		if q := &w.people[at]; q.surname == p.surname && q.father == p.father && q.home == p.home && q.copyOf < 0 {
			return at
		}
	}
	return -1
}

// relative is the number of someone of the same surname near a person, or else
// of a neighbour.
func (w *soiler) relative(i int32) int64 {
	n := int32(len(w.people))
	if n < 2 {
		return 0
	}
	from := int32(w.below(int(n)))
	for k := range n {
		if at := (from + k) % n; at != i && w.people[at].surname == w.people[i].surname {
			return w.numbers[at]
		}
	}
	return w.numbers[(i+1)%n]
}

// strange makes up a person who is in no register, of the same office.
func (w *soiler) strange() *subject {
	year := firstYear + w.anyone.draw(&w.dice)
	p := w.stranger(w.someSex(max(year, 1320)), max(year, 1320))
	s := &subject{region: p.region, stranger: true}
	s.record = record{
		given: p.given, surname: p.surname, father: p.father, sex: p.sex, born: persian.DateFromDays(p.born),
		sayyed: p.sayyed, office: 10_000 + w.office.prefix, issuePlace: w.office.place, number: w.unusedNumber(),
	}
	w.shenasnameh(&s.record)
	return s
}

// unusedNumber is a number of the block's range that nobody has, 0 if none was
// found.
func (w *soiler) unusedNumber() int64 {
	low, high := w.numbers[w.order[0]]/10, w.numbers[w.order[len(w.order)-1]]/10
	for range 20 {
		n := withCheck(low + int64(w.below(int(high-low+1))))
		used := false
		for _, other := range w.numbers {
			used = used || other == n
		}
		if !used {
			return n
		}
	}
	return 0
}

// due is a subject that the file has once more by now, nil if there is none.
func (w *soiler) due() *subject {
	for i := range w.again {
		if w.again[i].after <= w.id {
			s := w.again[i].subject
			w.again[i] = w.again[len(w.again)-1]
			w.again = w.again[:len(w.again)-1]
			return &s
		}
	}
	return nil
}
