package synth

// member is a person while the block is made.
type member struct {
	given, surname, father string
	plain                  string // the given name without the attribute of a sayyed
	sex                    sex
	born, died             int32 // days; died 0: alive
	registered             int32
	home                   int32 // index of the household, -1: none
	twin                   twinship
	sayyed, styled         bool // of a family of sayyeds; whose names say so
	region                 int  // whose names the family gives
	state                  uint8
	copyOf                 int32 // the person this record doubles, -1: none
	married                bool
}

type twinship uint8

const (
	single twinship = iota
	first
	second
)

// In ten thousand.
const (
	twinBirths  = 115
	sayyedShare = 350
	doubled     = 6 // records that double another and were cancelled
)

// fewest is the room that a family needs; what is left of a block is filled
// with people whose families are elsewhere.
const fewest = 10

// family adds a founder and what becomes of him or her, or one person alone.
func (m *maker) family() {
	if m.size-len(m.people) < fewest {
		m.alone(firstYear + m.anyone.draw(&m.dice))
		return
	}
	year := firstYear + m.founders.draw(&m.dice)
	if year > lastYear-19 || m.chance(1200) {
		m.alone(year)
		return
	}
	founder := m.stranger(m.someSex(year), year)
	founder.home = m.newHome()
	m.add(founder)
	m.marry(len(m.people)-1, 0)
}

// add appends a person if there is room, and rarely a cancelled double of him.
func (m *maker) add(p member) bool {
	if len(m.people) >= m.size {
		return false
	}
	p.copyOf = -1
	if p.state == 0 {
		p.state = m.drawState(p.died != 0)
	}
	m.people = append(m.people, p)
	if m.chance(doubled) && len(m.people) < m.size {
		at := int32(len(m.people) - 1)
		p.copyOf, p.state, p.twin = at, stateCancelled, single
		p.born = m.birthday(&m.dice, max(firstYear, m.year(p.born)-m.below(3)))
		p.died = 0
		m.people = append(m.people, p)
	}
	return true
}

// drawState gives the rare states; 0 is active or deceased.
func (m *maker) drawState(dead bool) uint8 {
	switch n := m.below(10_000); {
	case n < 2:
		return stateCancelled // the document was fictitious
	case dead:
	case n < 12:
		return stateProtected
	case n < 24:
		return stateUnderReview
	}
	return 0
}

// stranger is a person whose parents are not in the block.
func (m *maker) stranger(s sex, year int) member {
	p := member{sex: s, home: -1}
	if m.region > 0 && m.below(100) < m.provinces[m.province].regional {
		p.region = m.region
	}
	p.surname = m.surname(&m.dice, p.region, m.province)
	rate := sayyedShare
	if m.sayyeds[p.surname] {
		rate = 5500
	}
	p.sayyed = m.chance(rate)
	p.styled = p.sayyed && m.chance(6000)
	p.born = m.birthday(&m.dice, year)
	p.died = m.death(&m.dice, s, p.born)
	fathers := max(firstYear, year-22-m.below(18))
	p.father = m.names.givenName(&m.dice, male, fathers, p.region)
	p.given = m.names.givenName(&m.dice, s, year, p.region)
	if p.given == p.father {
		p.given = m.names.givenName(&m.dice, s, year, p.region)
	}
	m.style(&p)
	return p
}

func (m *maker) style(p *member) {
	p.plain = p.given
	if p.styled {
		p.given = m.names.styled(&m.dice, p.sex, p.given)
	}
}

func (m *maker) alone(year int) {
	p := m.stranger(m.someSex(year), year)
	p.home = m.newHome()
	m.add(p)
}

// someSex makes up for husbands being older than wives: where cohorts grow or
// shrink, spouses alone would leave too many of one sex.
func (m *maker) someSex(year int) sex {
	if m.below(100) < m.men[year-firstYear] {
		return male
	}
	return female
}

func (m *maker) newHome() int32 {
	m.homes = append(m.homes, home{})
	return int32(len(m.homes) - 1)
}

// marry finds a wife or husband for the person at index i and has their
// children; some of those marry in turn, up to three times over.
func (m *maker) marry(i, generation int) {
	person := m.people[i]
	year := m.year(person.born)
	m.people[i].married = true
	spouse := m.stranger(sex(3-person.sex), m.spouseYear(person.sex, year))
	spouse.home, spouse.married = person.home, true
	if !m.add(spouse) {
		return
	}
	father, mother := person, spouse
	if person.sex == female {
		father, mother = spouse, person
	}
	from := len(m.people)
	m.children(&father, &mother)
	to := len(m.people)
	for k := from; k < to && generation < 3; k++ {
		child := &m.people[k]
		if child.copyOf >= 0 || child.married {
			continue
		}
		age := (m.today - child.born) / 365
		if child.died != 0 {
			age = (child.died - child.born) / 365
		}
		if age >= 19+int32(m.below(14)) && m.size-len(m.people) >= fewest/2 && m.chance(6200) {
			child.home = m.newHome()
			m.marry(k, generation+1)
		}
	}
}

// spouseYear draws when the wife or husband of someone was born: husbands are
// some years older, and who was born in a strong year is found more easily.
func (m *maker) spouseYear(s sex, year int) int {
	for try := 0; ; try++ {
		older := m.below(7) + m.below(6) - 2
		if s == male {
			older = -older
		}
		at := min(max(firstYear, year-older), lastYear-16)
		if try == 5 || m.below(2300) < m.births[at-firstYear] {
			return at
		}
	}
}

// children has the couple's children, year by year.
func (m *maker) children(father, mother *member) {
	from := len(m.people)
	born := m.year(mother.born)
	wedding := max(born+15+m.below(4)+m.below(6), m.year(father.born)+18)
	last := int32(0)
	end := min(m.today, deathOr(mother, m.today), deathOr(father, m.today))
	for age, chance := range fertile {
		year := born + 15 + age
		if year < wedding || year > lastYear {
			continue
		}
		if m.below(100_000) >= chance*m.rate[year-firstYear] {
			continue
		}
		day := m.birthday(&m.dice, year)
		if day < last+300 {
			continue
		}
		if day > end || !m.child(from, father, day) {
			return
		}
		last = day
	}
}

func deathOr(p *member, today int32) int32 {
	if p.died != 0 {
		return p.died
	}
	return today
}

// child adds a child of the couple, or twins. from is where its siblings begin.
func (m *maker) child(from int, father *member, day int32) bool {
	year := m.year(day)
	sexes := [2]sex{sex(m.below(205)/105) + male, sex(m.below(205)/105) + male}
	var given [2]string
	n := 1
	if m.chance(twinBirths) {
		n = 2
		given[0], given[1] = m.names.twinNames(&m.dice, sexes[0], sexes[1], year)
	}
	for k := range n {
		if n == 2 && m.size-len(m.people) < 2-k {
			return false
		}
		p := member{
			surname: father.surname, father: father.given, sex: sexes[k], born: day, home: father.home,
			sayyed: father.sayyed, styled: father.styled, region: father.region,
		}
		p.died = m.death(&m.dice, p.sex, day)
		p.given = given[k]
		for try := 0; p.given == "" || try < 6 && given[0] == "" && m.taken(from, p.given, father.plain); try++ {
			p.given = m.names.givenName(&m.dice, p.sex, year, p.region)
		}
		m.style(&p)
		if n == 2 {
			p.twin, p.state = first+twinship(k), stateActive
			if p.died != 0 {
				p.state = stateDeceased
			}
			p.copyOf = -1
			m.people = append(m.people, p) // never a double between twins
			continue
		}
		if !m.add(p) {
			return false
		}
	}
	return true
}

// taken reports whether a brother, sister or the father has the name.
func (m *maker) taken(from int, name, father string) bool {
	for i := from; i < len(m.people); i++ {
		if m.people[i].plain == name {
			return true
		}
	}
	return name == father
}
