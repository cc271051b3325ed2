package office

import (
	"time"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// value writes a value of a record for people.
func value(v *page.Visit, field, text string) string {
	switch {
	case text == "":
		return "–"
	case field == "sex":
		return v.T("console.value.sex." + text)
	case field == "birth_date":
		if d, err := persian.ParseDate(text); err == nil {
			return v.Day(d)
		}
	}
	return v.Digits(text)
}

// field names a field of a record.
func field(v *page.Visit, name string) string { return v.Known("console.field.", name) }

// officer is somebody of an agency by name, or by his login once he has left.
func officer(v *page.Visit, of ids.LegalID, login string) string {
	if o, err := v.Agencies.Officer(of, login); err == nil {
		return o.Name
	}
	return page.Isolated(login)
}

// role names a role, those that nobody signs in with too.
func role(v *page.Visit, name string) string {
	if key := "register.role." + name; message.Known(key) {
		return v.T(key)
	}
	return v.Known("console.office.role.", name)
}

// days tells how many days a day is away, in words, and how bad that is.
func days(v *page.Visit, day persian.Date) (text, tone string) {
	if day.IsZero() {
		return "–", page.Plain
	}
	left := int64(day.Days() - persian.DateOf(v.Clock()).Days())
	switch {
	case left < 0:
		return v.T("console.office.days.late", v.Count(-left)), page.Bad
	case left == 0:
		return v.T("console.office.days.today"), page.Warn
	case left <= 14:
		return v.T("console.office.days.left", v.Count(left)), page.Warn
	}
	return v.T("console.office.days.left", v.Count(left)), page.Good
}

// age is how long ago something was, in days.
func age(v *page.Visit, since time.Time) string {
	n := int64(v.Clock().Sub(since) / (24 * time.Hour))
	if n == 0 {
		return v.T("console.office.days.fresh")
	}
	return v.T("console.office.days.age", v.Count(n))
}

// rest is how long something will take, in words.
func rest(v *page.Visit, d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < 2*time.Minute:
		return v.T("console.office.rest.seconds", v.Count(int64(d/time.Second)))
	case d < 2*time.Hour:
		return v.T("console.office.rest.minutes", v.Count(int64(d/time.Minute)))
	}
	return v.T("console.office.rest.hours", v.Count(int64(d/time.Hour)))
}

// short is a digest as people compare it.
func short(digest string) string {
	if len(digest) <= 16 {
		return digest
	}
	return digest[:16] + "…"
}

// signed writes a number whose sign stands at its left in any text.
func signed(v *page.Visit, f float64, places int) string {
	if f >= 0 {
		return v.Decimal(f, places)
	}
	return "\u2066\u2212" + v.Decimal(-f, places) + "\u2069"
}
