package ids

import (
	"strings"
	"unicode"

	"github.com/estelam/estelam/internal/persian"
)

// ShenasnamehNumber is the number of a birth-certificate booklet. 0 stands for
// 0, empty and, from 1368 on, the person's national number.
type ShenasnamehNumber int64

// From1368 reports whether a booklet bears the national number instead of a
// number of the local register: it does for whoever was born on 1368-01-01 or
// later, also if only the year is known. An unknown date is before.
func From1368(born persian.Date) bool { return born.Year >= 1368 }

// ParseShenasnamehNumber reads up to ten digits, or nothing, and normalises
// them by the birth date as Normal does. Faults: ids.shenasnameh.digits,
// length.
func ParseShenasnamehNumber(s string, n NationalNumber, born persian.Date) (ShenasnamehNumber, error) {
	v, width, ok := number(s)
	switch {
	case !ok:
		return 0, invalid("ids.shenasnameh.digits")
	case width > 10:
		return 0, invalid("ids.shenasnameh.length")
	}
	return ShenasnamehNumber(v).Normal(n, born), nil
}

// Normal is the one form of a number: for whoever was born from 1368-01-01 on,
// the national number becomes 0. Before that, and while the birth date is
// unknown, a number stays as it is.
func (s ShenasnamehNumber) Normal(n NationalNumber, born persian.Date) ShenasnamehNumber {
	if From1368(born) && int64(s) == int64(n) {
		return 0
	}
	return s
}

// Known reports whether the number is on record: 0 is unknown for whoever was
// born before 1368, and means the national number after.
func (s ShenasnamehNumber) Known(born persian.Date) bool {
	return s != 0 || From1368(born)
}

// Matches reports whether a claimed number is the one on record s, by the
// person's own number and birth date. An unknown number matches nothing.
func (s ShenasnamehNumber) Matches(claimed ShenasnamehNumber, n NationalNumber, born persian.Date) bool {
	return s.Known(born) && s.Normal(n, born) == claimed.Normal(n, born)
}

// String is the number without leading zeros; 0 for what Parse calls 0.
func (s ShenasnamehNumber) String() string { return string(s.AppendTo(nil)) }

// AppendTo appends String's form.
func (s ShenasnamehNumber) AppendTo(b []byte) []byte {
	width := 1
	for v := s / 10; v > 0; v /= 10 {
		width++
	}
	return appendDecimal(b, uint64(s), width)
}

// MarshalText is String.
func (s ShenasnamehNumber) MarshalText() ([]byte, error) { return s.AppendTo(nil), nil }

// UnmarshalText is ParseShenasnamehNumber without knowing whose number it is;
// whoever knows calls Normal.
func (s *ShenasnamehNumber) UnmarshalText(b []byte) (err error) {
	*s, err = ParseShenasnamehNumber(string(b), 0, persian.Date{})
	return err
}

// Persian is the number for people.
func (s ShenasnamehNumber) Persian() string { return persian.Digits(s.String()) }

// Serie is the booklet's series: one to three Persian letters or digits and up
// to two digits, in key form (persian.Key), such as "الف12".
type Serie string

// ParseSerie reads a series, also with separators between letters and digits.
// Which letters occur is not public, so any Persian letter may. Faults:
// ids.serie.form and those of persian.Display.
func ParseSerie(s string) (Serie, error) {
	text, err := persian.Display(strings.ReplaceAll(s, "/", "-"))
	if err != nil {
		return "", err
	}
	key := []rune(persian.Key(text))
	if len(key) < 1 || len(key) > 5 {
		return "", invalid("ids.serie.form")
	}
	for i, r := range key {
		digit := r >= '0' && r <= '9'
		letter := unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r)
		if !digit && (i >= 3 || !letter) {
			return "", invalid("ids.serie.form")
		}
	}
	return Serie(key), nil
}

// UnmarshalText is ParseSerie.
func (s *Serie) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSerie(string(b))
	return err
}

// Persian is the series for people.
func (s Serie) Persian() string { return persian.Digits(string(s)) }

// Serial is the booklet's serial: six digits as text, because leading zeros
// belong to it.
type Serial string

// ParseSerial reads exactly six digits; 000000 does not exist. Faults:
// ids.serial.form, zero.
func ParseSerial(s string) (Serial, error) {
	n, width, ok := number(s)
	switch {
	case !ok || width != 6:
		return "", invalid("ids.serial.form")
	case n == 0:
		return "", invalid("ids.serial.zero")
	}
	return Serial(decimal(n, 6)), nil
}

// UnmarshalText is ParseSerial.
func (s *Serial) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSerial(string(b))
	return err
}

// Persian is the serial for people.
func (s Serial) Persian() string { return persian.Digits(string(s)) }
