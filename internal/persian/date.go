package persian

import (
	"cmp"
	"time"
)

// The years whose calendar is certain: there the 33-year rule and ICU agree.
const (
	FirstYear = 1178
	LastYear  = 1501
)

// Tehran is Iran's legal time: +03:30, without summer time since 1402.
var Tehran = time.FixedZone("Asia/Tehran", 3*3600+30*60)

// Date is a Jalali date. Month 0 means that only the year is known, Day 0 that
// year and month are; the zero value is an unknown date.
type Date struct{ Year, Month, Day int16 }

// first is 1178-01-01, day 0 of Days, as days since 1970-01-01.
const first = -62377

// starts[i] is the number of days from 1178-01-01 to the first of year 1178+i;
// the last one is the end of 1501.
var starts = func() (s [LastYear - FirstYear + 2]int32) {
	for y := FirstYear; y <= LastYear; y++ {
		s[y-FirstYear+1] = s[y-FirstYear] + 365
		if leap(y) {
			s[y-FirstYear+1]++
		}
	}
	return s
}()

// leap is the 33-year rule. (The 2820-year rule makes 1404 leap instead of 1403.)
func leap(year int) bool {
	switch year % 33 {
	case 1, 5, 9, 13, 17, 22, 26, 30:
		return true
	}
	return false
}

// monthDays is the length of a month.
func monthDays(year, month int) int {
	switch {
	case month <= 6:
		return 31
	case month <= 11 || leap(year):
		return 30
	}
	return 29
}

// exists reports whether y, m, d is a date of the calendar, at any precision.
func exists(y, m, d int) bool {
	switch {
	case y < FirstYear || y > LastYear || m < 0 || m > 12 || d < 0:
		return false
	case m == 0:
		return d == 0
	}
	return d <= monthDays(y, m)
}

// Valid reports whether d exists, at any precision. The zero value does not.
func (d Date) Valid() bool { return exists(int(d.Year), int(d.Month), int(d.Day)) }

// IsZero reports whether d is unknown.
func (d Date) IsZero() bool { return d == Date{} }

// Precise reports whether the day is known.
func (d Date) Precise() bool { return d.Day != 0 }

// DateOf is the Jalali day of t in Tehran. A time outside 1178–1501 is unknown.
func DateOf(t time.Time) Date {
	return onDay(floorDiv(t.Unix()+zone, 86400) - first)
}

// zone is Tehran's distance from UTC in seconds.
const zone = 3*3600 + 30*60

// DayLeft is the whole seconds until the next day begins in Tehran, at least 1.
func DayLeft(t time.Time) int64 {
	s := t.Unix() + zone
	return (floorDiv(s, 86400)+1)*86400 - s
}

// Days counts from 1178-01-01, which is 0. It is only asked of precise dates;
// for others it gives the first day they may mean.
func (d Date) Days() int32 {
	m, day := max(int32(d.Month), 1), max(int32(d.Day), 1)
	return starts[d.Year-FirstYear] + 31*(m-1) - max(m-7, 0) + day - 1
}

// DateFromDays is the date n days after 1178-01-01; outside 1178–1501 unknown.
func DateFromDays(n int32) Date { return onDay(int64(n)) }

func onDay(days int64) Date {
	if days < 0 || days >= int64(starts[len(starts)-1]) {
		return Date{}
	}
	n := int32(days)
	y := int(n / 366) // at most one too small per 1,500 years
	for n >= starts[y+1] {
		y++
	}
	n -= starts[y]
	m := n / 31
	if n >= 186 {
		m = 6 + (n-186)/30
		n = (n - 186) % 30
	} else {
		n %= 31
	}
	return Date{int16(FirstYear + y), int16(m + 1), int16(n + 1)}
}

// Pack is the stored form: the integer YYYYMMDD, with 00 for what is unknown.
// It sorts by date.
func (d Date) Pack() int32 {
	return int32(d.Year)*10000 + int32(d.Month)*100 + int32(d.Day)
}

// UnpackDate reads the stored form. What never came from Pack is unknown.
func UnpackDate(n int32) Date {
	y, m, d := int(n/10000), int(n/100%100), int(n%100)
	if !exists(y, m, d) {
		return Date{}
	}
	return Date{int16(y), int16(m), int16(d)}
}

// Gregorian is midnight UTC of the same day; of an imprecise date the first day
// it may mean, of an unknown one the zero time.
func (d Date) Gregorian() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Unix(86400*(int64(d.Days())+first), 0).UTC()
}

// Start is the moment the day begins in Tehran.
func (d Date) Start() time.Time {
	g := d.Gregorian()
	return time.Date(g.Year(), g.Month(), g.Day(), 0, 0, 0, 0, Tehran)
}

// Compare orders dates; what is less precise stands before the days it holds.
func (d Date) Compare(o Date) int { return cmp.Compare(d.Pack(), o.Pack()) }

// AddDays moves a precise date; outside 1178–1501 the result is unknown.
func (d Date) AddDays(n int) Date {
	if !d.Precise() {
		return Date{}
	}
	return onDay(int64(d.Days()) + int64(n))
}

// AddMonths moves a date by months, clamped at the month's end, and keeps its
// precision. A date that knows only its year gives an unknown one.
func (d Date) AddMonths(n int) Date {
	if d.Month == 0 {
		return Date{}
	}
	m := int64(d.Year)*12 + int64(d.Month) - 1 + int64(n)
	return clamped(floorDiv(m, 12), int(m-12*floorDiv(m, 12))+1, int(d.Day))
}

// AddYears moves a date by years, clamped at the month's end (30 Esfand), and
// keeps its precision.
func (d Date) AddYears(n int) Date {
	if d.IsZero() {
		return Date{}
	}
	return clamped(int64(d.Year)+int64(n), int(d.Month), int(d.Day))
}

func clamped(y int64, m, d int) Date {
	if y < FirstYear || y > LastYear {
		return Date{}
	}
	if m > 0 {
		d = min(d, monthDays(int(y), m))
	}
	return Date{int16(y), int16(m), int16(d)}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// String is the form for programs: 1370-01-01, 1370-01, 1370, or nothing.
func (d Date) String() string { return string(d.AppendTo(make([]byte, 0, 10))) }

// AppendTo appends String's form.
func (d Date) AppendTo(b []byte) []byte {
	if d.IsZero() {
		return b
	}
	b = append(b, byte(d.Year/1000%10)+'0', byte(d.Year/100%10)+'0', byte(d.Year/10%10)+'0', byte(d.Year%10)+'0')
	for _, part := range [2]int16{d.Month, d.Day} {
		if part == 0 {
			break
		}
		b = append(b, '-', byte(part/10)+'0', byte(part%10)+'0')
	}
	return b
}

// Persian is the form for people: ۱۳۷۰/۰۱/۰۱, ۱۳۷۰/۰۱, ۱۳۷۰, or nothing.
func (d Date) Persian() string {
	var ascii [10]byte
	b := make([]byte, 0, 18)
	for _, c := range d.AppendTo(ascii[:0]) {
		if c == '-' {
			c = '/'
		}
		b = appendPersian(b, c)
	}
	return string(b)
}

// MarshalText is String.
func (d Date) MarshalText() ([]byte, error) { return d.AppendTo(nil), nil }

// UnmarshalText is ParseDate; nothing is the unknown date.
func (d *Date) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(b))
	return err
}
