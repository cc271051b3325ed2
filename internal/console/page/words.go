package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/ids"
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

// Share writes a share that may be unknown.
func (v *Visit) Share(share *float64) string {
	if share == nil {
		return OrDash("")
	}
	return v.Percent(*share)
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

// No writes an identifier: a number that is not counted with.
func (v *Visit) No(n int64) string { return v.Digits(itoa(n)) }

// ShortDay writes a day in figures, for narrow columns; no day is a dash.
func (v *Visit) ShortDay(d persian.Date) string {
	if d.IsZero() {
		return "–"
	}
	return v.Digits(strings.ReplaceAll(d.String(), "-", "/"))
}

// Month writes a month of a year.
func (v *Visit) Month(d persian.Date) string {
	return v.T("console.month_of", v.T("console.month."+itoa(int64(d.Month))), v.Digits(itoa(int64(d.Year))))
}

// Left says how many days are left until a day, and how urgent that is: soon is
// with how many days it begins to be.
func (v *Visit) Left(due persian.Date, soon int64) (text, tone string) {
	if !due.Precise() {
		return "", Plain
	}
	n := int64(due.Days() - persian.DateOf(v.Clock()).Days())
	switch {
	case n < 0:
		return v.T("console.left.over", v.Count(-n)), Bad
	case n == 0:
		return v.T("console.left.today"), Bad
	case n <= soon:
		return v.T("console.left.days", v.Count(n)), Warn
	}
	return v.T("console.left.days", v.Count(n)), Plain
}

// Size writes a number of bytes.
func (v *Visit) Size(n int64) string {
	if n < 1<<20 {
		return v.T("console.size.kilobytes", v.Count((n+1023)/1024))
	}
	return v.T("console.size.megabytes", v.Decimal(float64(n)/(1<<20), 1))
}

// Either chooses between the two languages of a text that comes in both.
func (v *Visit) Either(fa, en string) string {
	if v.Lang == message.En {
		return en
	}
	return fa
}

// List joins words as the language does.
func (v *Visit) List(words []string) (all string) {
	for i, w := range words {
		if i > 0 {
			w = v.T("message.list", all, w)
		}
		all = w
	}
	return all
}

// Known is the text of a code word below a prefix. A word that no page knows,
// such as of an older program, is shown as it is.
func (v *Visit) Known(prefix, word string) string {
	for _, key := range []string{prefix + word, prefix + Keyed(word)} {
		if message.Known(key) {
			return v.T(key)
		}
	}
	return Isolated(word)
}

// Keyed is a code word as the keys of texts write it.
func Keyed(word string) string { return strings.NewReplacer("-", "_", ".", "_").Replace(word) }

// AgencyName is the name of a body, or its number if it has none here.
func (v *Visit) AgencyName(id ids.LegalID) string {
	if id == 0 {
		return "–"
	}
	a, err := v.Agencies.ByID(id)
	if err != nil {
		return v.Digits(id.String())
	}
	return a.Name
}

// DocumentName is what a type of document is called.
func (v *Visit) DocumentName(code string) string {
	if d, ok := v.Processes.Document(code); ok {
		return v.Either(d.Fa, d.En)
	}
	return Isolated(code)
}

// OrDash is a text, or a dash where there is none.
func OrDash(s string) string { return cmp.Or(s, "–") }

// Isolated keeps the order of a code within Persian text.
func Isolated(code string) string { return "\u2066" + code + "\u2069" }

// Grouped writes a digest in groups that can be compared by eye.
func Grouped(digest string) string {
	var b strings.Builder
	for i := range len(digest) {
		if i > 0 && i%8 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(digest[i])
	}
	return b.String()
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
