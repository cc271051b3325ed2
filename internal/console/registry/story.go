package registry

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
)

// readStory reads a person's story as an act.
type readStory = func(context.Context, *journal.Journal, journal.Actor, *person.Reading) (*person.Timeline, journal.Proven, error)

func event(v *page.Visit, m *person.Moment, t *person.Timeline) page.Event {
	e := page.Event{Title: v.Known("console.registry.event.", m.Kind), By: hand(v, m.By), Icon: iconOf(m.Kind), Tone: toneOfEvent(m.Kind)}
	switch {
	case !m.On.IsZero():
		e.When = v.Day(m.On)
	case !m.At.IsZero():
		e.When = v.Moment(m.At)
	default:
		e.When = v.T("console.registry.person.before")
	}
	var said []string
	fact := func(name, text string) {
		if text != "" {
			said = append(said, v.T("console.registry.said", label(v, name), isolated(text)))
		}
	}
	if !m.On.IsZero() && !m.At.IsZero() {
		fact("registered", v.Moment(m.At))
	}
	if m.Grounds.Reason != "" {
		fact("reason", reasonOf(v, m.Grounds.Reason))
	}
	fact("document", v.Digits(m.Grounds.Document))
	fact("proposed_by", hand(v, m.Proposer))
	if m.Version != 0 {
		fact("version", v.Count(m.Version))
	}
	if m.Kind == "birth" && t.Birth != nil {
		born(v, t.Birth, fact)
	}
	details(v, m.Detail, fact)
	for _, c := range m.Changes {
		if m.Version == 1 { // how the record began: what has changed since tells it
			continue
		}
		changed := page.Changed{Label: label(v, c.Item), After: value(v, c.Item, c.Is)}
		if c.Was != "" {
			changed.Before = value(v, c.Item, c.Was)
		}
		e.Changes = append(e.Changes, changed)
	}
	if m.Sealed {
		said = append(said, v.T("console.registry.person.sealed"))
	}
	e.Text = strings.Join(said, " · ")
	return e
}

// born is what a birth was registered with.
func born(v *page.Visit, b *person.Registered, fact func(name, text string)) {
	fact("notification", b.Notification)
	fact("birth_place", b.Place)
	fact("declarant", v.T("console.registry.declarant."+string(b.Declarant)))
	fact("mother_name", b.MotherName.Display)
	fact("office", officeOf(v, b.Office))
	if b.Order > 1 {
		fact("birth_order", v.Count(int64(b.Order)))
	}
	if b.Late {
		fact("late", v.T("console.yes"))
	}
}

// details are the members of an event's detail, which is an object of texts.
func details(v *page.Visit, detail string, fact func(name, text string)) {
	var members map[string]string
	if detail == "" || json.Unmarshal([]byte(detail), &members) != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		text := members[name]
		if code, err := strconv.Atoi(text); err == nil && name == "office" {
			text = officeOf(v, code)
			fact(name, text)
			continue
		}
		fact(name, value(v, name, text))
	}
}

// isolated keeps a value's direction apart from that of the words around it.
func isolated(text string) string { return "\u2068" + text + "\u2069" }

func iconOf(kind string) string {
	switch kind {
	case "birth", "death", "death_annulment", "adoption":
		return "person"
	case "marriage", "divorce":
		return "chain"
	case "residence", "residence_withdrawn", "residence_certified":
		return "place"
	case "shenasnameh_issued", "shenasnameh_reissued", "shenasnameh_annulled":
		return "shenasnameh"
	case "review", "protection", "cancellation", "cancellation_annulment":
		return "flag"
	case "given_name", "surname", "sex", "correction", "birth_date":
		return "pen"
	case "record":
		return "folder"
	}
	return "card"
}

func toneOfEvent(kind string) string {
	switch kind {
	case "death", "cancellation", "card_lost", "shenasnameh_annulled":
		return page.Bad
	case "review", "protection", "correction", "birth_date", "card_damaged", "card_spoiled", "card_misprinted":
		return page.Warn
	case "birth", "marriage", "card_issued", "shenasnameh_issued":
		return page.Good
	}
	return page.Info
}
