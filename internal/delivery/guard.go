package delivery

import (
	"hash/maphash"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/persian"
)

// Guard looks at all rows of one file, after they were linked and before any
// answer leaves, and tells a list of guesses from an agency's list of people it
// knows (promise P14). Six things give guesses away:
//
//   - numbers with nothing beside them;
//   - numbers that are nobody's, or of somebody with whom nothing else in the row
//     agrees, in far more rows than slips of the pen explain;
//   - such numbers in long runs of neighbours, however many honest rows there
//     are besides: an agency's mistakes do not stand in a row;
//   - one number, or one name, tried again and again with other particulars;
//   - one person, who was found, described again and again in other words: what
//     disagrees would tell his father's name or birth date in the end.
//
// Of the first four a row is evidence only if it bears a number that passes its
// check digit. An honest file, of which a third of the rows with numbers finds nobody,
// is far from every limit.
type Guard struct {
	Find func(key uint64) (*linkage.Record, bool) // as linkage.Register.Find

	rows, bare   int
	hits, misses int
	numbers      []uint64 // serial ‖ hash of the rest ‖ exists ‖ missed: one for each row with a number
	names        []uint64 // hash of the names ‖ hash of the birth date ‖ not found: one for each row with names
	tried        tries    // who or what was tried with what
}

// What is said of a stop; each is a message key.
const (
	stopBare   = "delivery.guard.bare"
	stopMisses = "delivery.guard.misses"
	stopRun    = "delivery.guard.run"
	stopNumber = "delivery.guard.number"
	stopName   = "delivery.guard.name"
	stopPerson = "delivery.guard.person"
)

// Row takes in one row: its values in the order of linkage.Persian, and what
// became of it.
func (g *Guard) Row(values []string, o *linkage.Outcome) {
	g.rows++
	given, surname, father, birth := values[linkage.GivenColumn], values[linkage.SurnameColumn], values[linkage.FatherColumn], values[linkage.BirthColumn]
	if given != "" && surname != "" {
		g.names = append(g.names, hashOf(given, surname, father)<<32|hashOf(birth)<<1|bit(o.Status == linkage.NotFound))
		if o.Status == linkage.NotFound && birth != "" {
			g.tried.add(aName|hashOf(given, surname, father), hashOf(birth))
		}
	}
	if o.Key != 0 {
		g.tried.add(hashOf("person", strconv.FormatUint(o.Key, 10)), hashOf(values[linkage.NumberColumn+1:]...))
	}
	n, _, err := ids.RestoreNationalNumber(values[linkage.NumberColumn])
	if err != nil {
		return
	}
	if given == "" && surname == "" && father == "" && birth == "" && values[linkage.ShenasnamehColumn] == "" {
		g.bare++
	}
	missed, exists := g.missed(n, values, o)
	switch {
	case missed:
		g.misses++
	case o.Linked():
		g.hits++
	}
	rest := hashOf(given, surname, father, birth, values[linkage.ShenasnamehColumn])
	if missed && exists {
		g.tried.add(hashOf("number", n.String()), rest)
	}
	g.numbers = append(g.numbers, uint64(n/10)<<33|rest<<2|bit(exists)<<1|bit(missed))
}

// missed reports whether a row looks like a guess: nobody was found, and if its
// number is somebody's, neither a name nor the birth date is his.
func (g *Guard) missed(n ids.NationalNumber, values []string, o *linkage.Outcome) (missed, exists bool) {
	if o.Status != linkage.NotFound && o.Status != linkage.TooSparse {
		return false, true
	}
	r, exists := g.Find(uint64(n))
	if !exists {
		return true, false
	}
	for _, c := range []int{linkage.GivenColumn, linkage.SurnameColumn, linkage.FatherColumn} {
		if v := values[c]; v != "" && persian.Key(v) == persian.Key(r.Values[c]) {
			return false, true
		}
	}
	born, err := persian.ParseDate(values[linkage.BirthColumn])
	return err != nil || born.IsZero() || born.String() != r.Values[linkage.BirthColumn], true
}

// seed makes hashes of this process alone.
var seed = maphash.MakeSeed()

// hashOf is 31 bits, so that two fit beside a flag.
func hashOf(words ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, w := range words {
		_, _ = h.WriteString(persian.Key(w))
		_ = h.WriteByte(0)
	}
	return h.Sum64() >> 33
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

const (
	fewest  = 15  // rows; of fewer nothing can be said
	patient = 25  // tries on one number or name
	runSize = 12  // neighbours in a run
	runStep = 3   // serials from one neighbour to the next
	chance  = 4.0 // a run is none while chance would give a quarter as many rows
)

// Judge says whether the file must not be answered, and why: a message key, ""
// if it may. before is what earlier files of the agency have left (Suspects);
// after is what this one leaves.
func (g *Guard) Judge(before float64) (why string, after float64) {
	after = max(0, before+float64(g.misses)*missWeight-float64(g.hits)*hitWeight)
	slices.Sort(g.numbers)
	slices.Sort(g.names)
	switch {
	case g.bare >= fewest && 4*g.bare > g.rows:
		why = stopBare
	case after >= guardLimit:
		why = stopMisses
	case g.runs():
		why = stopRun
	case g.tries(g.numbers, 33, numberTried):
		why = stopNumber
	case g.tries(g.names, 32, nameTried):
		why = stopName
	case g.tried.person():
		why = stopPerson
	}
	return why, after
}

// The sum of log-likelihood ratios between "guesses" (90 % of the rows with
// numbers miss) and "a very dirty list" (40 % do): below 69 % of misses it
// falls. Guesses alone reach the limit in fifteen rows, which the dirtiest
// list does once in 160,000 files of that size.
const (
	missWeight = 0.811 // ln(0.90/0.40)
	hitWeight  = 1.792 // ln(0.60/0.10)
	guardLimit = 12.0
)

// runs reports whether rows that miss stand in long runs of neighbouring
// numbers more often than chance puts them there. A row that does not miss
// ends a run: in a list of a whole town all numbers have neighbours.
func (g *Guard) runs() bool {
	inRuns, distinct, missed := 0, 0, 0
	run, last := 0, uint64(0)
	end := func() {
		if run >= runSize {
			inRuns += run
		}
		run = 0
	}
	for i := 0; i < len(g.numbers); {
		serial, miss := g.numbers[i]>>33, true
		for ; i < len(g.numbers) && g.numbers[i]>>33 == serial; i++ {
			miss = miss && g.numbers[i]&1 == 1
		}
		distinct++
		if !miss || serial-last > runStep {
			end()
		}
		if last = serial; miss {
			missed++
			run++
		}
	}
	end()
	share := float64(missed) / float64(max(distinct, 1))
	byChance := float64(distinct) * runSize * math.Pow(share, runSize)
	return inRuns >= patient && float64(inRuns) > chance*byChance
}

// tries reports whether one number or one name was tried again and again. The
// rows of one are next to each other: shift finds it, judge looks at them.
func (g *Guard) tries(rows []uint64, shift int, judge func([]uint64) bool) bool {
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && rows[j]>>shift == rows[i]>>shift {
			j++
		}
		if j-i >= patient && judge(rows[i:j]) {
			return true
		}
		i = j
	}
	return false
}

// numberTried: the number is somebody's, and many different rows miss him. A
// number that stands for "unknown" in an agency's forms is nobody's.
func numberTried(rows []uint64) bool {
	different, last := 0, uint64(math.MaxUint64)
	for _, r := range rows {
		if r&3 == 3 && r != last {
			different++
			last = r
		}
	}
	return different >= patient
}

// nameTried: many birth dates with one name, and nine in ten find nobody.
func nameTried(rows []uint64) bool {
	different, missed, last := 0, 0, uint64(math.MaxUint64)
	for _, r := range rows {
		if r&1 == 0 {
			continue
		}
		missed++
		if r != last {
			different++
			last = r
		}
	}
	return different >= patient && 10*missed >= 9*len(rows)
}

// Suspects remembers between files what Judge has left of each agency, so that
// many small lists of guesses count as one. When the registry has acted on the
// agency since, and when the node restarts, that is forgotten.
type Suspects struct {
	mu sync.Mutex
	of map[ids.LegalID]suspect
}

type suspect struct {
	version int64 // of the agency's row
	sum     float64
	memory  memory
}

// Judge is Guard.Judge for a file of the agency, whose row has that version.
func (s *Suspects) Judge(g *Guard, agency ids.LegalID, version int64) (why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.of[agency]
	if before.version < version {
		before = suspect{}
	}
	why, sum := g.Judge(before.sum)
	if again := before.memory.add(g.tried); again && why == "" {
		why = stopPerson
	}
	if s.of == nil {
		s.of = map[ids.LegalID]suspect{}
	}
	s.of[agency] = suspect{version, min(sum, guardLimit), before.memory} // seven rows that hit and the next file passes
	return why
}
