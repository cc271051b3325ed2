package page

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// T is the text of a key in the visitor's language.
func (v *Visit) T(key string, args ...string) string { return message.Text(v.Lang, key, args...) }

// Digits writes ASCII digits as the visitor expects them.
func (v *Visit) Digits(s string) string { return digits(v.Lang, s) }

func digits(lang message.Lang, s string) string {
	if lang == message.Fa {
		return persian.Digits(s)
	}
	return s
}

// Day writes a day of the Jalali calendar in words; no day is a dash.
func (v *Visit) Day(d persian.Date) string {
	if d == (persian.Date{}) {
		return "–"
	}
	if !d.Precise() {
		return v.Digits(d.String())
	}
	return v.T("console.day", v.Count(int64(d.Day)), v.T("console.month."+itoa(int64(d.Month))), v.Digits(itoa(int64(d.Year))))
}

// Moment writes a point in time as a day and an hour of Tehran; none is a dash.
func (v *Visit) Moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return v.T("console.moment", v.Day(persian.DateOf(t)), v.Hour(t))
}

// Hour writes the hour and minute in Tehran.
func (v *Visit) Hour(t time.Time) string { return v.Digits(t.In(persian.Tehran).Format("15:04")) }

// Weekday is the name of a day of the week.
func (v *Visit) Weekday(t time.Time) string {
	return v.T("console.weekday." + itoa(int64(t.In(persian.Tehran).Weekday())))
}

// Today is the present moment with its day of the week.
func (v *Visit) Today() string {
	now := v.Clock()
	return v.T("console.today", v.Weekday(now), v.Moment(now))
}

// Count writes a number with its groups.
func (v *Visit) Count(n int64) string {
	if v.Lang == message.Fa {
		return persian.Number(n)
	}
	s := itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Percent writes a share of 0 to 1 with one decimal.
func (v *Visit) Percent(share float64) string {
	return v.T("console.percent", v.Digits(v.decimal(share*100, 1)))
}

// Decimal writes a number with so many decimals.
func (v *Visit) Decimal(f float64, places int) string { return v.Digits(v.decimal(f, places)) }

func (v *Visit) decimal(f float64, places int) string {
	s := strconv.FormatFloat(f, 'f', places, 64)
	if v.Lang != message.Fa {
		return s
	}
	out := []rune(s)
	for i, r := range out {
		if r == '.' {
			out[i] = '\u066b'
		}
	}
	return string(out)
}

// Value writes a register's value as people read it.
func (v *Visit) Value(field, value string) string {
	if key := "console.value." + field + "." + value; message.Known(key) {
		return v.T(key)
	}
	if slices.Contains(dates, field) {
		if day, err := persian.ParseDate(value); err == nil {
			return v.Day(day)
		}
	}
	return v.Digits(value)
}

// dates are the fields whose values are days.
var dates = []string{"birth_date", "death_date", "card_valid_until", "residence_since", "as_of"}

// Word writes a code word, such as a purpose, in words if there are any.
func (v *Visit) Word(code string) string {
	if key := "console.word." + strings.ReplaceAll(code, "-", "_"); message.Known(key) {
		return v.T(key)
	}
	return code
}

// Yes is the word for yes or no.
func (v *Visit) Yes(b bool) string {
	if b {
		return v.T("console.yes")
	}
	return v.T("console.no")
}

// Groups cuts a code into fours, as it is printed.
func Groups(code string) (all []string) {
	for len(code) > 4 {
		all, code = append(all, code[:4]), code[4:]
	}
	return append(all, code)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
