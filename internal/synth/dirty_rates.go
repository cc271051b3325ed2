package synth

// Rates are how often something is wrong in an agency's file, in ten thousand.
// Those of names count for each name, those of a kind of name (compounds) for
// each name of that kind.
type Rates struct {
	Unregistered int // rows of persons who are not in the register
	Repeated     int // rows about a person whom the file has already
	LeftOut      int // persons of the population who are left out of the register

	Arabic      int // names with Arabic letters
	Madde       int // lost madde
	Space       int // compounds written with a space
	ZWNJ        int // compounds written with a ZWNJ
	Joined      int // compounds written in one
	Homophone   int // another letter of the same sound
	Dotted      int // another letter of the same shape
	Edit        int // one letter inserted, deleted, substituted or two transposed
	Halved      int // given and father's names: half of a compound, sayyed added or dropped
	OtherName   int // another given name
	TailCut     int // surnames of two words: the second is missing
	Swapped     int // given name and surname, or father's name, in each other's column
	FatherGone  int
	BirthGone   int
	YearOnly    int
	FirstDay    int // the first of Farvardin of the year
	YearOff     int // a year more or less
	DigitSlip   int // one digit of the birth date
	DayMonth    int // day and month swapped
	BookletGone int // shenasnameh number missing
	BookletSlip int // one digit of it
	PlaceGone   int
	PlaceWrong  int
	SexGone     int

	Number         int // rows with a national number
	NumberSlip     int // one digit of it, or two transposed
	NumberRelative int // a relative's number
	ZerosLost      int // leading zeros of it
	Postal         int // rows with a postal code
	PostalWrong    int // an earlier residence's
}

// Standard are the rates that a file has at noise 100.
func Standard() Rates {
	return Rates{
		Unregistered: 800, Repeated: 50, LeftOut: 100,
		Arabic: 4000, Madde: 3000, Space: 1500, ZWNJ: 1500, Joined: 1500,
		Homophone: 200, Dotted: 100, Edit: 120, Halved: 300, OtherName: 120, TailCut: 500,
		Swapped: 50, FatherGone: 1500,
		BirthGone: 300, YearOnly: 1500, FirstDay: 300, YearOff: 200, DigitSlip: 100, DayMonth: 50,
		BookletGone: 2500, BookletSlip: 100, PlaceGone: 4000, PlaceWrong: 800, SexGone: 2000,
		Number: 4000, NumberSlip: 200, NumberRelative: 100, ZerosLost: 500,
		Postal: 0, PostalWrong: 1000,
	}
}

var standard = func() *Rates { r := Standard(); return &r }()

// mostOften bounds a rate, whatever the noise, in ten thousand.
const mostOften = 9000

// times are the rates at a noise in percent. Who is in the file and which
// columns it has stays.
func (r Rates) times(noise int) *Rates {
	for _, f := range [...]*int{
		&r.Arabic, &r.Madde, &r.Space, &r.ZWNJ, &r.Joined, &r.Homophone, &r.Dotted, &r.Edit, &r.Halved, &r.OtherName,
		&r.TailCut, &r.Swapped, &r.FatherGone, &r.BirthGone, &r.YearOnly, &r.FirstDay, &r.YearOff, &r.DigitSlip,
		&r.DayMonth, &r.BookletGone, &r.BookletSlip, &r.PlaceGone, &r.PlaceWrong, &r.SexGone, &r.NumberSlip,
		&r.NumberRelative, &r.ZerosLost, &r.PostalWrong,
	} {
		*f = min(*f*noise/100, max(*f, mostOften))
	}
	if styles := r.Space + r.ZWNJ + r.Joined; styles > mostOften {
		r.Space, r.ZWNJ, r.Joined = r.Space*mostOften/styles, r.ZWNJ*mostOften/styles, r.Joined*mostOften/styles
	}
	return &r
}
