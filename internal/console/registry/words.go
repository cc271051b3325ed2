package registry

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
)

// label is the name of an item of a record or of an event.
func label(v *page.Visit, item string) string {
	if key := "console.registry.field." + item; message.Known(key) {
		return v.T(key)
	}
	return v.T("console.field." + item)
}

func reasonOf(v *page.Visit, word string) string {
	return v.Known("console.registry.reason.", word)
}

// value is an item's text as people read it, from the form for programs.
func value(v *page.Visit, item, text string) string {
	if text == "" {
		return "–"
	}
	switch item {
	case "state":
		return v.Known("console.registry.state.", text)
	case "sex":
		return v.Known("console.value.sex.", text)
	case "card_state":
		return v.Known("console.registry.card.", text)
	case "card_reason", "purpose":
		return v.Known("console.registry.reason.", text)
	case "identity":
		return v.Known("console.registry.identity.", text)
	case "sayyed":
		return v.T("console.yes")
	case "birth_date", "death_date", "residence_since", "card_valid_until", "day":
		if d, err := persian.ParseDate(text); err == nil {
			return v.Day(d)
		}
	case "card_serial": // of Latin letters and digits
		return text
	}
	return v.Digits(text)
}

// digital tells the items that are numbers: they keep their direction.
func digital(item string) bool {
	switch item {
	case "national_number", "successor", "shenasnameh_number", "shenasnameh_serial", "card_serial", "postal_code",
		"spouse", "child", "father", "mother", "guardian", "cancelled", "father_number", "mother_number":
		return true
	}
	return false
}

// hand is who did something, by name where the register of agencies has it.
func hand(v *page.Visit, a journal.Actor) string {
	if a == (journal.Actor{}) {
		return ""
	}
	name := a.ID
	if o, err := v.Agencies.Officer(a.Agency, a.ID); err == nil {
		name = o.Name
	}
	return v.T("console.registry.hand", isolated(name), v.Known("register.role.", a.Role))
}

// short is a day of this year, for the foot of a chart.
func short(v *page.Visit, d persian.Date) string {
	return v.T("console.registry.short_day", v.Count(int64(d.Day)), v.T("console.month."+itoa(int64(d.Month))))
}

// same reports whether two actors are one person.
func same(a, b journal.Actor) bool { return a.Agency == b.Agency && a.ID == b.ID }

// toneOf colours a record's state.
func toneOf(s person.State) string {
	switch s {
	case person.Active:
		return page.Good
	case person.Deceased, person.Cancelled:
		return page.Bad
	}
	return page.Warn
}
