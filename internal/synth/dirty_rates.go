package synth

// Rates are how often something is wrong in an agency's file, in ten thousand:
// of rows, but those of names of each name, and those of a kind of value, such
// as compounds, of each value of that kind.
type Rates struct {
	Unregistered   int // rows of persons who are not in the register
	Repeated       int // rows about a person whom the file has already
	LeftOut        int // persons of the population who are left out of the register
	Arabic         int // names with Arabic letters
	Madde          int // lost madde
	Space          int // compounds written with a space
	ZWNJ           int // compounds written with a ZWNJ
	Joined         int // compounds written in one
	Homophone      int // another letter or spelling of the same sound
	Dotted         int // another letter of the same shape
	Edit           int // one letter inserted, deleted or substituted, or two transposed
	Halved         int // half of a compound, or sayyed added or dropped
	OtherName      int // another given name
	TailCut        int // the second word of a surname of two is missing
	Swapped        int // given name and surname, or father's name, in each other's column
	FatherGone     int // no father's name
	BirthGone      int // no birth date
	YearOnly       int // the year of birth only
	FirstDay       int // the first of Farvardin of the year of birth
	YearOff        int // a year more or less
	DigitSlip      int // one digit of the birth date
	DayMonth       int // day and month swapped
	BookletGone    int // no shenasnameh number
	BookletSlip    int // one digit of it, or two transposed
	PlaceGone      int // no place of issue
	PlaceWrong     int // another place of issue
	SexGone        int // no sex
	Number         int // rows with a national number
	NumberSlip     int // one digit of it, or two transposed
	NumberRelative int // a relative's number
	ZerosLost      int // its leading zeros are missing
	Postal         int // rows with a postal code
	PostalWrong    int // another one than the register's
}

// rateTable names the rates and says what they are by default. Noise does not
// touch who is in the file and which optional columns it has: they are fixed.
var rateTable = [...]struct {
	name  string
	value int
	fixed bool
	of    func(*Rates) *int
}{
	{"unregistered", 800, true, func(r *Rates) *int { return &r.Unregistered }},
	{"repeated", 50, true, func(r *Rates) *int { return &r.Repeated }},
	{"left-out", 100, true, func(r *Rates) *int { return &r.LeftOut }},
	{"arabic", 4000, false, func(r *Rates) *int { return &r.Arabic }},
	{"madde", 3000, false, func(r *Rates) *int { return &r.Madde }},
	{"space", 1500, false, func(r *Rates) *int { return &r.Space }},
	{"zwnj", 1500, false, func(r *Rates) *int { return &r.ZWNJ }},
	{"joined", 1500, false, func(r *Rates) *int { return &r.Joined }},
	{"homophone", 200, false, func(r *Rates) *int { return &r.Homophone }},
	{"dotted", 100, false, func(r *Rates) *int { return &r.Dotted }},
	{"edit", 120, false, func(r *Rates) *int { return &r.Edit }},
	{"halved", 300, false, func(r *Rates) *int { return &r.Halved }},
	{"other-name", 120, false, func(r *Rates) *int { return &r.OtherName }},
	{"tail-cut", 500, false, func(r *Rates) *int { return &r.TailCut }},
	{"swapped", 50, false, func(r *Rates) *int { return &r.Swapped }},
	{"father-gone", 1500, false, func(r *Rates) *int { return &r.FatherGone }},
	{"birth-gone", 300, false, func(r *Rates) *int { return &r.BirthGone }},
	{"year-only", 1500, false, func(r *Rates) *int { return &r.YearOnly }},
	{"first-day", 300, false, func(r *Rates) *int { return &r.FirstDay }},
	{"year-off", 200, false, func(r *Rates) *int { return &r.YearOff }},
	{"digit-slip", 100, false, func(r *Rates) *int { return &r.DigitSlip }},
	{"day-month", 50, false, func(r *Rates) *int { return &r.DayMonth }},
	{"booklet-gone", 2500, false, func(r *Rates) *int { return &r.BookletGone }},
	{"booklet-slip", 100, false, func(r *Rates) *int { return &r.BookletSlip }},
	{"place-gone", 4000, false, func(r *Rates) *int { return &r.PlaceGone }},
	{"place-wrong", 800, false, func(r *Rates) *int { return &r.PlaceWrong }},
	{"sex-gone", 2000, false, func(r *Rates) *int { return &r.SexGone }},
	{"number", 4000, true, func(r *Rates) *int { return &r.Number }},
	{"number-slip", 200, false, func(r *Rates) *int { return &r.NumberSlip }},
	{"number-relative", 100, false, func(r *Rates) *int { return &r.NumberRelative }},
	{"zeros-lost", 500, false, func(r *Rates) *int { return &r.ZerosLost }},
	{"postal", 0, true, func(r *Rates) *int { return &r.Postal }},
	{"postal-wrong", 1000, false, func(r *Rates) *int { return &r.PostalWrong }},
}

// Standard are the rates that a file has at noise 100.
func Standard() Rates {
	var r Rates
	for i := range rateTable {
		*rateTable[i].of(&r) = rateTable[i].value
	}
	return r
}

var standard = Standard()

// Set changes the rate of that name, as docs/linkage.md lists them; false: there
// is none, or the value is not from 0 to 10000.
func (r *Rates) Set(name string, tenThousandths int) bool {
	for i := range rateTable {
		if rateTable[i].name == name && tenThousandths >= 0 && tenThousandths <= 10_000 {
			*rateTable[i].of(r) = tenThousandths
			return true
		}
	}
	return false
}

// mostOften bounds what noise makes of a rate.
const mostOften = 9000

// times are the rates at a noise in percent.
func (r Rates) times(noise int) *Rates {
	for i := range rateTable {
		if f := rateTable[i].of(&r); !rateTable[i].fixed {
			*f = min(*f*noise/100, max(*f, mostOften))
		}
	}
	if styles := r.Space + r.ZWNJ + r.Joined; styles > mostOften {
		r.Space, r.ZWNJ, r.Joined = r.Space*mostOften/styles, r.ZWNJ*mostOften/styles, r.Joined*mostOften/styles
	}
	return &r
}
