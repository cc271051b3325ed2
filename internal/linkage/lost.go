package linkage

// A person who is in the register may still not be among a row's candidates,
// because no key agrees. How likely that is follows from how often each column
// goes wrong in this file and from which columns the row gives: next to nothing
// for a full row, one in eight for one that gives a name and a year. That much
// of the probability belongs to nobody whom the search has found.

// form is which columns a row gives, two bits a column: 0 nothing, 1 something,
// 2 of a date the year alone.
type form uint32

func (w *worker) form() (f form) {
	for c, v := range w.row {
		switch {
		case v == 0:
		case w.m.profile.Columns[c].Kind == DateOf && v%100 == 0:
			f |= 2 << (2 * c)
		default:
			f |= 1 << (2 * c)
		}
	}
	return f
}

// lost is the probability that no key leads to the person of a row of a form.
func (m *Model) lost(f form) float64 {
	if p, ok := m.lostBy.Load(f); ok {
		return p.(float64)
	}
	p := m.miss(f, 0, [maxCols]uint8{})
	m.lostBy.Store(f, p)
	return p
}

// How a column of the true record can stand to the row's.
const (
	unlike   uint8 = iota // a key with it fails
	yearOnly              // of a date the year agrees
	alike
)

// miss goes through the ways in which the columns from c on can agree.
func (m *Model) miss(f form, c int, state [maxCols]uint8) float64 {
	if c == len(m.profile.Columns) {
		if m.found(state) {
			return 0
		}
		return 1
	}
	column := &m.profile.Columns[c]
	given := f >> (2 * c) & 3
	p, sum := &m.m[c], 0.
	try := func(s uint8, share float64) {
		if share > 0 {
			state[c] = s
			sum += share * m.miss(f, c+1, state)
		}
	}
	switch {
	case given == 0, column.Kind != Key && !m.inKey[c]:
		try(unlike, 1)
	case column.Kind == DateOf && given == 2:
		try(yearOnly, p[onlyYear])
		try(unlike, 1-p[onlyYear])
	case column.Kind == DateOf:
		year := p[sameYear] + p[swapDate]
		try(alike, p[sameDate])
		try(yearOnly, year)
		try(unlike, 1-p[sameDate]-year)
	case column.Kind == Key:
		try(alike, p[sameNumber]+p[slipNumber])
		try(unlike, 1-p[sameNumber]-p[slipNumber])
	case column.Kind == Number:
		try(alike, p[sameNumber])
		try(unlike, 1-p[sameNumber])
	default:
		good := p[exact] + p[variant] + p[near]/2
		try(alike, good)
		try(unlike, 1-good)
	}
	return sum
}

// found reports whether some key would lead to the record.
func (m *Model) found(state [maxCols]uint8) bool {
	if m.profile.Columns[0].Kind == Key && state[0] == alike {
		return true
	}
	for _, parts := range m.profile.keys {
		ok := true
		for _, p := range parts {
			s := state[p.column]
			ok = ok && (s == alike || s == yearOnly && p.what == partYear)
		}
		if ok {
			return true
		}
	}
	return false
}
