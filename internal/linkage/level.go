package linkage

// level is how one column of a row stands to a record's. Levels of one group
// exclude one another and their probabilities add up to one; which group a row
// falls into is the row's own form and says nothing about the person.
type level uint8

const (
	missing level = iota // the row or the record says nothing
	// texts: a spelling of the dictionary, or not
	exact
	variant // the same sound, or a spelling learned from rows that are certain without it
	near    // one slip away
	partly  // half of a compound, without its tail, one word of several
	far     // two slips away
	differs
	swapped // given name and surname stand in each other's place
	// numbers and codes
	sameNumber
	slipNumber // one digit other, two changed places
	otherNumber
	// the register's own number with a check digit that does not fit
	brokenSlip
	brokenOther
	// whole dates
	sameDate
	swapDate   // day and month changed places
	slipDate   // one digit other, two changed places
	besideDate // the same day of the year before or after
	sameYear
	sameDay // of another year
	closeYear
	otherDate
	// of which only the year is known
	onlyYear
	onlyClose
	onlyOther
	// the first of the year, which people write for "some day of the year"
	firstDate
	firstYear
	firstClose
	firstOther
	// words
	sameWord
	otherWord
	levels
)

var levelNames = [levels]string{
	"missing",
	"exact", "variant", "near", "part", "far", "differs", "swapped",
	"exact", "slip", "differs",
	"slip", "differs",
	"exact", "day_month_swapped", "slip", "year_beside", "year", "day_of_year", "year_close", "differs",
	"year", "year_close", "differs",
	"exact", "year", "year_close", "differs",
	"exact", "differs",
}

// groups are the first level of each group and the one after its last.
var groups = [...][2]level{
	{exact, sameNumber}, {sameNumber, brokenSlip}, {brokenSlip, sameDate}, {sameDate, onlyYear}, {onlyYear, firstDate}, {firstDate, sameWord}, {sameWord, levels},
}

// agrees reports whether a level means that the column is the person's.
func (l level) agrees() bool {
	switch l {
	case missing, exact, variant, sameNumber, sameDate, onlyYear, firstDate, firstYear, sameWord:
		return true
	}
	return false
}

// spelt reports whether the column is the person's, spelt in another way.
func (l level) spelt() bool { return l == variant || l == partly || l == swapped }

// expected is where the estimation begins: what agencies' files are like.
var expected = [levels]float64{
	exact: .9, variant: .03, near: .02, partly: .02, far: .005, differs: .02, swapped: .005,
	sameNumber: .93, slipNumber: .03, otherNumber: .04, brokenSlip: .85, brokenOther: .15,
	sameDate: .88, swapDate: .01, slipDate: .03, besideDate: .02, sameYear: .02, sameDay: .01, closeYear: .01, otherDate: .02,
	onlyYear: .93, onlyClose: .04, onlyOther: .03,
	firstDate: .2, firstYear: .7, firstClose: .05, firstOther: .05,
	sameWord: .97, otherWord: .03,
}

// compareDates is the level of a row's date and a record's.
func compareDates(row, record uint32) level {
	ry, rm, rd := int(row/yearUnit), int(row/100%100), int(row%100)
	y, m, d := int(record/yearUnit), int(record/100%100), int(record%100)
	apart := max(ry-y, y-ry)
	switch {
	case rm == 0 || rd == 0 || m == 0 || d == 0:
		return byYear(apart, onlyYear)
	case rm == 1 && rd == 1:
		if row == record {
			return firstDate
		}
		return byYear(apart, firstYear)
	case row == record:
		return sameDate
	case apart == 0 && rm == d && rd == m:
		return swapDate
	case apart == 1 && rm == m && rd == d:
		return besideDate
	case slipped(uint64(row), uint64(record)):
		return slipDate
	case apart == 0:
		return sameYear
	case rm == m && rd == d:
		return sameDay
	case apart <= 2:
		return closeYear
	}
	return otherDate
}

// byYear is the level for dates of which the year alone counts.
func byYear(apart int, same level) level {
	switch {
	case apart == 0:
		return same
	case apart <= 2:
		return same + 1
	}
	return same + 2
}

// slipped reports whether two numbers differ in one digit or by two digits
// beside each other that changed places.
func slipped(a, b uint64) bool {
	var at [2]int
	var da, db [2]uint64
	n := 0
	for i := 0; a != 0 || b != 0; i++ {
		if x, y := a%10, b%10; x != y {
			if n == 2 {
				return false
			}
			at[n], da[n], db[n] = i, x, y
			n++
		}
		a, b = a/10, b/10
	}
	return n == 1 || n == 2 && at[1] == at[0]+1 && da[0] == db[1] && da[1] == db[0]
}

// compareNumbers is the level of two numbers.
func compareNumbers(row, record uint64) level {
	switch {
	case row == record:
		return sameNumber
	case slipped(row, record):
		return slipNumber
	}
	return otherNumber
}

// compareKeys is the level of two numbers of the register's own, of which the
// row's may have a wrong check digit.
func compareKeys(row, record uint64, broken bool) level {
	if broken {
		if slipped(row, record) {
			return brokenSlip
		}
		return brokenOther
	}
	return compareNumbers(row, record)
}
