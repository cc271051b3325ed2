package persian

import (
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
)

// The Gregorian years that overlap with 1178–1501; no year is both.
const (
	firstGregorian = 1799
	lastGregorian  = 2123
)

// ParseDate reads every form that dates are sent in, with ASCII, Persian or
// Arabic digits:
//
//	13700101  1370/01/01  1370-1-1  1370.01.01   year first
//	01/01/1370                                   day first, when the year stands last
//	1370  1370/01  13700100  1370/00/00          day, or day and month, unknown
//	1991-03-21  19910321                         Gregorian, year first, whole dates only
//	4 Bahman 1338, the month's name in Persian   as pages and letters print it
//
// Dates that do not exist (1404/12/30) are refused, never rolled over. Faults:
// persian.date.form, persian.date.year, persian.date.impossible.
func ParseDate(s string) (Date, error) {
	if d, ok := parsePlain(s); ok {
		return d, nil
	}
	if d, ok := parseNamed(s); ok {
		return calendar(d[2], d[1], d[0])
	}
	p, ok := splitDate(strings.TrimSpace(s))
	if !ok {
		return Date{}, fault.New(fault.Invalid, "persian.date.form")
	}
	y, m, d := p.value[0], p.value[1], p.value[2]
	switch {
	case p.parts == 1 && p.width[0] == 8:
		y, m, d = y/10000, y/100%100, y%100
	case p.parts == 1 && p.width[0] == 4:
	case p.parts == 2 && p.width[0] == 4 && p.width[1] <= 2:
	case p.parts == 3 && p.width[0] == 4 && p.width[1] <= 2 && p.width[2] <= 2:
	case p.parts == 3 && p.width[0] <= 2 && p.width[1] <= 2 && p.width[2] == 4:
		if y, d = d, y; y >= firstGregorian { // 03/04/1991 has two meanings
			return Date{}, fault.New(fault.Invalid, "persian.date.form")
		}
	default:
		return Date{}, fault.New(fault.Invalid, "persian.date.form")
	}
	return calendar(y, m, d)
}

// months are the names of the months in key form.
var months = [...]string{
	"فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "ابان", "اذر", "دی", "بهمن", "اسفند",
}

// parseNamed reads day, month's name and year.
func parseNamed(s string) (d [3]int, ok bool) {
	parts := strings.Fields(ASCII(s))
	if len(parts) != 3 || len(parts[0]) > 2 || len(parts[2]) != 4 {
		return d, false
	}
	month := slices.Index(months[:], Key(parts[1]))
	if d = [3]int{number(parts[0]), month + 1, number(parts[2])}; month < 0 || d[0] < 1 || d[2] < FirstYear || d[2] > LastYear {
		return d, false
	}
	return d, true
}

// parsePlain is the short way for what programs send: 1370-01-01, 1370/01/01
// and 13700101 in ASCII digits, Jalali and existing.
func parsePlain(s string) (Date, bool) {
	var y, m, d int
	switch {
	case len(s) == 10 && (s[4] == '-' || s[4] == '/') && s[7] == s[4]:
		y, m, d = number(s[:4]), number(s[5:7]), number(s[8:])
	case len(s) == 8:
		y, m, d = number(s[:4]), number(s[4:6]), number(s[6:])
	}
	if m <= 0 || d <= 0 || !exists(y, m, d) {
		return Date{}, false
	}
	return Date{int16(y), int16(m), int16(d)}, true
}

// number reads ASCII digits; anything else is -1.
func number(s string) int {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return -1
		}
		n = 10*n + int(s[i]-'0')
	}
	return n
}

// dateParts are up to three runs of digits with one kind of separator between.
type dateParts struct {
	value, width [3]int
	parts        int
}

func splitDate(s string) (p dateParts, ok bool) {
	if s == "" || len(s) > 20 { // three runs of two-byte digits and two marks are 18
		return p, false
	}
	var mark byte
	p.parts = 1
	for i := 0; i < len(s); i++ {
		c := s[i]
		if d, ok := digitAt(s, i); ok {
			c = d
			i++
		}
		k := p.parts - 1
		switch {
		case isDigit(c):
			p.value[k] = 10*p.value[k] + int(c-'0')
			p.width[k]++
		case (c == '/' || c == '-' || c == '.') && (mark == 0 || mark == c) && p.parts < 3 && p.width[k] > 0:
			mark = c
			p.parts++
		default:
			return p, false
		}
	}
	return p, p.width[p.parts-1] > 0
}

// calendar decides by the year which calendar is meant.
func calendar(y, m, d int) (Date, error) {
	switch {
	case y >= firstGregorian && y <= lastGregorian:
		return fromGregorian(y, m, d)
	case y < FirstYear || y > LastYear:
		return Date{}, fault.New(fault.Invalid, "persian.date.year")
	case !exists(y, m, d):
		return Date{}, fault.New(fault.Invalid, "persian.date.impossible")
	}
	return Date{int16(y), int16(m), int16(d)}, nil
}

func fromGregorian(y, m, d int) (Date, error) {
	if m == 0 || d == 0 { // a Gregorian year lies in two Jalali ones
		return Date{}, fault.New(fault.Invalid, "persian.date.form")
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Year() != y || int(t.Month()) != m || t.Day() != d {
		return Date{}, fault.New(fault.Invalid, "persian.date.impossible")
	}
	date := onDay(t.Unix()/86400 - first) // midnight: divides without remainder
	if date.IsZero() {
		return Date{}, fault.New(fault.Invalid, "persian.date.year")
	}
	return date, nil
}
