package synth

import "github.com/estelam/estelam/internal/persian"

// The years of birth.
const (
	firstYear = 1290
	lastYear  = 1405
	yearCount = lastYear - firstYear + 1
)

// oldest is the age at which all have died.
const oldest = 112

// demography is how many are born, have children and die, by year and age.
type demography struct {
	births   [yearCount]int // in thousands
	rate     [yearCount]int // children of 100 women
	founders table          // by year of birth
	men      [yearCount]int // percent of the founders and of people alone
	anyone   table          // by year of birth
	dying    [3][oldest + 1]int
	children [yearCount]int // percent of the deaths of recent years, below 5
	others   [yearCount]int // the same from 5 on
	starts   [yearCount + 1]int32
	today    int32
}

// fertile is which share of her children, in thousandths, a woman has from 15
// years of age on.
var fertile = [...]int{
	4, 12, 24, 36, 46, 54, 60, 64, 66, 67, 67, 66, 64, 60, 55, 49, 43, 37, 31, 26, 21, 16, 12, 8, 5, 3, 2, 1, 1,
}

func readDemography() (d demography) {
	knots := rows("cohorts.csv")
	for i := 1; i < len(knots); i++ {
		a, b := knots[i-1], knots[i]
		for y := number(a[0]); y <= number(b[0]); y++ {
			between := func(column int) int {
				from, to := number(a[column]), number(b[column])
				return from + (to-from)*(y-number(a[0]))/(number(b[0])-number(a[0]))
			}
			d.births[y-firstYear], d.rate[y-firstYear] = between(1), between(2)
		}
	}
	d.anyone = weigh(yearCount, func(i int) int { return d.births[i] })
	founders := rows("founders.csv")
	d.founders = weigh(yearCount, func(i int) int { return number(founders[i][1]) })
	for i, row := range founders {
		d.men[i] = number(row[2])
	}
	for _, row := range rows("mortality.csv") {
		for age := number(row[0]); age < oldest; age++ {
			d.dying[male][age], d.dying[female][age] = number(row[1]), number(row[2])
		}
	}
	d.dying[male][oldest], d.dying[female][oldest] = 1e9, 1e9
	for _, row := range rows("eras.csv") {
		for y := number(row[0]); y <= lastYear; y++ {
			d.children[y-firstYear], d.others[y-firstYear] = number(row[1]), number(row[2])
		}
	}
	for i := range d.starts {
		d.starts[i] = persian.Date{Year: int16(firstYear + i), Month: 1, Day: 1}.Days()
	}
	d.today = Today.Days()
	return d
}

// year is the year of a day in which someone was born or died.
func (d *demography) year(day int32) int {
	y := int(day-d.starts[0]) / 366
	for y+1 < len(d.starts) && day >= d.starts[y+1] {
		y++
	}
	return firstYear + y
}

// birthday is a day of a year, not after today. Days that officials wrote when
// nobody knew better, and the last before school, come more often.
func (d *demography) birthday(dice *dice, year int) int32 {
	first, next := d.starts[year-firstYear], d.starts[year-firstYear+1]
	day := first + int32(dice.below(int(next-first)))
	switch n := dice.below(1000); {
	case year < 1345 && n < 60:
		day = first
	case year < 1385 && n < 90:
		day = first + 185 - int32(n&1) // the last days of summer
	}
	if day > d.today {
		day = first + int32(dice.below(int(d.today-first+1)))
	}
	return day
}

// death is the day someone born on a day dies, 0 if not by today.
func (d *demography) death(dice *dice, sex sex, born int32) int32 {
	year := d.year(born)
	for age := 0; ; age, year = age+1, year+1 {
		if year > lastYear {
			return 0
		}
		rate := d.dying[sex][age] * d.others[year-firstYear] / 100
		if age < 5 {
			rate = d.dying[sex][age] * d.children[year-firstYear] / 100
		}
		if sex == male && age >= 18 && age < 29 && year >= 1359 && year <= 1367 {
			rate += 350 // the war
		}
		if dice.below(100_000) < rate {
			day := born + int32(age*365+age/4+dice.below(365))
			if day > d.today {
				return 0
			}
			return day
		}
	}
}
