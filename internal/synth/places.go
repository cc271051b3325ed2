package synth

import (
	"iter"
	"strconv"
)

// placePlan is where the places are.
type placePlan struct {
	starts  []int // per area the index of its first place
	strides []int // per county: from the place of one household to the next one's
}

// planPlaces shares the places among the areas by inhabitants.
func (p *Population) planPlaces() (plan placePlan) {
	n := len(p.areas) - 1
	whole := p.areas[n].sum
	plan.starts = make([]int, n+1)
	for a := range plan.starts {
		plan.starts[a] = share(p.config.Places, p.areas[a].sum, whole)
	}
	plan.strides = make([]int, len(p.counties))
	for i := range p.counties {
		c := &p.counties[i]
		plan.strides[i] = stride(plan.starts[c.beyond] - plan.starts[c.first])
	}
	return plan
}

// stride is a step with which a walk around n things visits each once, and its
// neighbours late.
func stride(n int) int {
	for s := n/8*3 + 1; ; s++ {
		a, b := n, s
		for b != 0 {
			a, b = b, a%b
		}
		if a <= 1 || n == 0 {
			return s
		}
	}
}

// placeOf is the code of the place where a household of the block lives: most
// in the office's county as long as there is room for another of this block,
// some in its province, some anywhere.
func (m *maker) placeOf() int64 {
	province := &m.provinces[m.province]
	from, to := m.places.starts[province.first], m.places.starts[province.beyond]
	n := m.below(100)
	if id := m.office.county; n < 78 && id != 0 {
		c := &m.counties[id]
		first, beyond := m.places.starts[c.first], m.places.starts[c.beyond]
		room := (beyond - first + m.perCounty[id] - 1) / m.perCounty[id]
		if m.neighbours < room {
			at := int64(m.ordinal*room + m.neighbours)
			m.neighbours++
			return m.code(first + int(at*int64(m.places.strides[id])%int64(beyond-first)))
		}
	}
	if n >= 92 || from == to {
		from, to = 0, m.config.Places
	}
	return m.code(from + m.below(to-from))
}

// code is the postal code of place i; codes ascend with it.
func (p *Population) code(i int) int64 {
	a := p.areaOf(i, p.config.Places)
	from, n := p.places.starts[a], p.places.starts[a+1]-p.places.starts[a]
	d := throw(p.config.Seed, forPlaces, uint64(i))
	low, high := share(99_999, int64(i-from), int64(n)), share(99_999, int64(i-from+1), int64(n))
	return int64(p.areas[a].code)*100_000 + int64(1+low+d.below(high-low))
}

// spot is what the register holds of a synthetic place.
type spot struct {
	code                         int64
	province, county, district   string
	locality                     string
	rural                        bool
	subLocality, street, street2 string
	house, floor, side, building string
}

// allPlaces makes the places one by one, in ascending order of their codes.
// The spot is valid until the next.
func (p *Population) allPlaces() iter.Seq[*spot] {
	return func(yield func(*spot) bool) {
		var s spot
		for a := range len(p.areas) - 1 {
			for i := p.places.starts[a]; i < p.places.starts[a+1]; i++ {
				p.spot(&s, a, i)
				if !yield(&s) {
					return
				}
			}
		}
	}
}

// spot writes place i, which lies in area a. Four places in a row share an
// alley; in a third of the alleys they are the flats of one building.
func (p *Population) spot(s *spot, a, i int) {
	at := &p.localities[p.areas[a].locality]
	rank := i - p.places.starts[a]
	*s = spot{
		code: p.code(i), province: p.provinces[at.province].name, county: p.counties[at.county].name,
		district: p.districts[at.district], locality: at.name, rural: at.rural, subLocality: at.part,
	}
	d := throw(p.config.Seed, forPlaces, uint64(i)|1<<40)
	group := throw(p.config.Seed, forBuildings, uint64(a)<<32|uint64(rank/4))
	road := throw(p.config.Seed, forStreets, uint64(a)<<32|uint64(rank/40))
	if at.rural {
		s.subLocality = p.words.one("rural") + " " + at.name
		if hamlet := throw(p.config.Seed, forStreets, uint64(a)<<32|uint64(rank/60)|1<<62); hamlet.below(3) > 0 {
			s.locality = p.villages[hamlet.below(len(p.villages))]
		}
	} else if s.subLocality == "" {
		s.subLocality = p.quarters[road.below(len(p.quarters))]
	}
	kind := "street"
	if road.below(8) == 0 && !at.rural {
		kind = "boulevard"
	}
	s.street = p.words.one(kind) + " " + p.streets[road.below(len(p.streets))]
	s.street2 = p.words.one("alley") + " " + p.streets[group.below(len(p.streets))]
	first := 1 + group.below(180)
	if at.rural || group.below(3) > 0 {
		s.house = strconv.Itoa(first + 2*(rank%4))
		if d.below(6) == 0 {
			s.side = p.words["sides"][d.below(4)]
		}
		return
	}
	s.house = strconv.Itoa(first)
	s.floor = p.words["floors"][rank%4]
	if flats := 1 + group.below(2); flats == 2 {
		floor := group.below(4)
		s.floor = p.words["floors"][floor+rank%4/2]
		s.side = p.words["sides"][4*(floor%2)+rank%2]
	}
	if group.below(2) == 0 {
		s.building = p.words.one("building") + " " + p.buildings[group.below(len(p.buildings))]
	}
}
