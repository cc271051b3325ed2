package linkage

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// chances is how often each level comes about by chance in a column of numbers
// or dates.
type chances map[level]float64

// chances draws pairs of records.
func (r *Register) chances() []chances {
	const pairs = 400_000
	p := r.head.Profile
	all := make([]chances, len(p.Columns))
	spread(len(p.Columns), func(from, to int) {
		for c := from; c < to; c++ {
			if k := p.Columns[c].Kind; k == DateOf || k == Number {
				all[c] = r.draw(c, pairs)
			}
		}
	})
	return all
}

func (r *Register) draw(c, pairs int) chances {
	dice := rand.New(rand.NewPCG(1, uint64(c)))
	var counts [levels]float64
	n := r.Records
	if n < 2 {
		return chances{}
	}
	for range pairs {
		a, b := r.value(uint32(dice.IntN(n)), c), r.value(uint32(dice.IntN(n)), c)
		if a == 0 || b == 0 {
			continue
		}
		if r.head.Profile.Columns[c].Kind == Number {
			counts[compareNumbers(a, b)]++
			continue
		}
		year := uint32(a) / yearUnit * yearUnit
		for _, row := range [...]uint32{uint32(a), year, year + 101} { // as it is, its year, the first of its year
			counts[compareDates(row, uint32(b))]++
		}
	}
	u := chances{}
	for _, g := range groups {
		sum := 0.
		for l := g[0]; l < g[1]; l++ {
			sum += counts[l]
		}
		for l := g[0]; l < g[1] && sum > 0; l++ {
			u[l] = (counts[l] + .5) / (sum + .5*float64(g[1]-g[0]))
		}
	}
	return u
}

// Model is how the columns of one file behave: what was estimated from it.
type Model struct {
	profile *Profile
	m       [][levels]float64 // by column: of rows whose person it is
	u       [][levels]float64 // by column: by chance; of exact texts, numbers and dates the value's own share counts
	weight  [][levels]float32 // by column: of numbers, dates and words
	rate    float64           // share of the rows whose person is in the register
	swap    float64           // share of the rows with given name and surname in each other's place
	records float64
	rows    int // from which it was estimated
	rounds  int
	inKey   [maxCols]bool
	words   [maxCols]float64 // by column of words: the share that the person's record has
	lostBy  *sync.Map        // of form: what lost found for it
}

func (r *Register) newModel() *Model {
	p := r.head.Profile
	n := len(p.Columns)
	m := &Model{profile: p, rate: .9, swap: .005, records: float64(max(1, r.Len()))}
	m.m, m.u, m.weight = make([][levels]float64, n), make([][levels]float64, n), make([][levels]float32, n)
	for _, parts := range p.keys {
		for _, part := range parts {
			m.inKey[part.column] = true
		}
	}
	for c := range p.Columns {
		m.m[c] = expected
		m.words[c] = wordsGuess
		u := &m.u[c]
		for l := range u {
			u[l] = .5 / m.records
		}
		if c < len(r.Chance) {
			for l, x := range r.Chance[c] {
				u[l] = x
			}
		}
		if p.Columns[c].Kind == Key {
			// Numbers are given out in dense blocks: one digit away from a valid number
			// that is nobody's stands, as like as not, a neighbour's. A number whose
			// check digit is wrong has some ten valid ones around it, half of them given out.
			u[sameNumber], u[slipNumber], u[otherNumber] = 1/m.records, min(1000/m.records, 1), 1
			u[brokenSlip], u[brokenOther] = min(5/m.records, 1), 1
		}
	}
	return m
}

// set recomputes the weights.
func (m *Model) set(t *Table) {
	m.lostBy = new(sync.Map)
	for c := range m.profile.Columns {
		for l := exact; l < levels; l++ {
			m.weight[c][l] = inBits(m.m[c][l] / m.u[c][l])
		}
		m.weight[c][missing] = 0
		all := t.names[c].all
		if m.profile.Columns[c].Kind == Word {
			for i := range all {
				all[i].expectWords(&m.m[c], t.r.spellings(c))
			}
			continue
		}
		spread(len(all), func(from, to int) {
			for i := from; i < to; i++ {
				all[i].weigh(&m.m[c], m.records)
			}
		})
	}
}

// prior is the weight from which on a candidate is more likely than nobody.
func (m *Model) prior() float64 { return math.Log2(m.rate / (1 - m.rate) / m.records) }

// MarshalJSON writes the model as the report shows it.
func (m *Model) MarshalJSON() ([]byte, error) {
	type line struct {
		Level string  `json:"level"`
		M     float64 `json:"m"`
		U     float64 `json:"u,omitempty"`
		Bits  float64 `json:"bits,omitempty"`
	}
	type column struct {
		Name   string `json:"name"`
		Kind   Kind   `json:"kind"`
		Levels []line `json:"levels"`
	}
	var all []column
	for c := range m.profile.Columns {
		col := column{Name: m.profile.Columns[c].Name, Kind: m.profile.Columns[c].Kind}
		for _, l := range levelsOf(m.profile.Columns[c].Kind) {
			x := line{Level: levelNames[l], M: round(m.m[c][l])}
			if !m.profile.Columns[c].textual() && l != sameDate && l != sameNumber {
				x.U, x.Bits = round(m.u[c][l]), round(float64(m.weight[c][l]))
			}
			col.Levels = append(col.Levels, x)
		}
		all = append(all, col)
	}
	return json.Marshal(struct {
		Profile string   `json:"profile"`
		Records int      `json:"records"`
		Rows    int      `json:"estimated_from_rows"`
		Rounds  int      `json:"rounds"`
		Rate    float64  `json:"in_register"`
		Columns []column `json:"columns"`
	}{m.profile.Name, int(m.records), m.rows, m.rounds, round(m.rate), all})
}

func round(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0
	}
	unit := math.Pow(10, 5-math.Ceil(math.Log10(math.Abs(x))))
	return math.Round(x*unit) / unit
}

// levelsOf lists the levels that a kind of column can have.
func levelsOf(k Kind) (all []level) {
	from, to := exact, sameNumber
	switch k {
	case Number:
		from, to = sameNumber, brokenSlip
	case Key:
		from, to = sameNumber, sameDate
	case DateOf:
		from, to = sameDate, sameWord
	case Word:
		from, to = sameWord, levels
	}
	for l := from; l < to; l++ {
		all = append(all, l)
	}
	return all
}

// spread does f for parts of 0 … n−1 on all processors.
func spread(n int, f func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() { f(n*w/workers, n*(w+1)/workers) })
	}
	group.Wait()
}
