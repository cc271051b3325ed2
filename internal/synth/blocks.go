package synth

import (
	"cmp"
	"slices"
	"sort"

	"github.com/estelam/estelam/internal/ids"
)

// blockSize is about how many persons one block has: the fewer, the more
// offices a small population has; the more, the fewer families are cut short.
const blockSize = 128

// plan shares the blocks among the offices, by inhabitants as far as there are
// numbers with an office's prefix.
func (p *Population) plan() {
	n := len(p.offices) - 1
	blocks := (p.config.Persons + blockSize - 1) / blockSize
	room := (1_000_000 - int(p.mark)) / (blockSize + 1)
	counts := make([]int, n)
	for left := blocks; left > 0; {
		sums, whole := make([]int64, n+1), int64(0)
		for i := range n {
			sums[i] = whole
			if counts[i] < room {
				whole += p.offices[i+1].sum - p.offices[i].sum
			}
		}
		if sums[n] = whole; whole == 0 {
			panic("synth: there are not so many national numbers")
		}
		given := 0
		for i := range n {
			more := min(share(left, sums[i+1], whole)-share(left, sums[i], whole), room-counts[i])
			counts[i] += more
			given += more
		}
		left -= given
	}
	p.blocks = make([]int, n+1)
	p.around = make([]int, n)
	p.perCounty = make([]int, len(p.counties))
	for i, c := range counts {
		p.blocks[i+1] = p.blocks[i] + c
		p.around[i] = p.perCounty[p.offices[i].county]
		p.perCounty[p.offices[i].county] += c
	}
}

// count is the number of blocks.
func (p *Population) count() int { return p.blocks[len(p.blocks)-1] }

// first is the index of a block's first person.
func (p *Population) first(block int) int {
	if p.count() == 0 {
		return 0
	}
	return share(p.config.Persons, int64(block), int64(p.count()))
}

// blockOf is the block that has person i.
func (p *Population) blockOf(i int) int {
	return sort.Search(p.count(), func(b int) bool { return p.first(b+1) > i })
}

// maker makes one block after the other; it belongs to one goroutine.
type maker struct {
	*Population
	dice
	people     []member
	order      []int32
	numbers    []int64
	homes      []home
	office     *office
	province   int
	region     int // of the county
	size       int
	block      int
	ordinal    int // of the block among those of its county
	neighbours int // households of the block that live in its county
}

// home is a household's place.
type home struct {
	code  int64
	since int32
}

// fill makes a block: its families, the order of their registration, their numbers.
func (m *maker) fill(block int) {
	m.block, m.dice = block, throw(m.config.Seed, forPersons, uint64(block))
	o := sort.SearchInts(m.blocks, block+1) - 1
	m.office = &m.offices[o]
	m.ordinal = m.around[o] + block - m.blocks[o]
	m.province = m.counties[m.office.county].province
	if m.office.county == 0 {
		m.province = m.provinceOfAnyone()
	}
	m.region = m.names.region(m.provinces[m.province].region)
	m.size = m.first(block+1) - m.first(block)
	m.people, m.homes, m.neighbours = m.people[:0], m.homes[:0], 0
	for len(m.people) < m.size {
		m.family()
	}
	m.register()
	m.allot(o)
}

// provinceOfAnyone draws a province by its inhabitants.
func (m *maker) provinceOfAnyone() int {
	whole := m.areas[len(m.areas)-1].sum
	x := int64(m.below(int(whole)))
	a := sort.Search(len(m.areas)-1, func(a int) bool { return m.areas[a+1].sum > x })
	return m.localities[m.areas[a].locality].province
}

// register puts the block in the order in which its people were registered:
// nearly by birth, the older the less so; twins one after the other.
func (m *maker) register() {
	m.order = m.order[:0]
	for i := range m.people {
		p := &m.people[i]
		spread := 8 * 365
		if p.born >= m.starts[1368-firstYear] {
			spread = 60
		}
		p.registered = p.born + int32(m.below(spread))
		if p.twin == second {
			p.registered = m.people[i-1].registered
		}
		m.order = append(m.order, int32(i))
	}
	slices.SortFunc(m.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(m.people[a].registered, m.people[b].registered), cmp.Compare(a, b))
	})
}

// allot gives the numbers, ascending with random gaps; the second twin's
// follows the first's. Office o's blocks share the numbers of its prefix.
func (m *maker) allot(o int) {
	blocks, at := m.blocks[o+1]-m.blocks[o], m.block-m.blocks[o]
	room := 1_000_000 - int(m.mark)
	from, to := room*at/blocks, room*(at+1)/blocks
	m.numbers = slices.Grow(m.numbers[:0], m.size)[:m.size]
	last := 0
	for j, i := range m.order {
		low, high := from+(to-from)*j/m.size, from+(to-from)*(j+1)/m.size
		middle := low + m.below(high-low)
		if m.people[i].twin == second {
			middle = last + 1
		}
		last = middle
		m.numbers[i] = withCheck(int64(m.office.prefix)*1_000_000 + int64(m.mark) + int64(middle))
	}
}

// withCheck appends the check digit to the first nine digits.
func withCheck(first9 int64) int64 { return first9*10 + ids.CheckDigit(first9) }
