package person

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Timeline is a person's whole story as a page shows it: the record as it
// stands, the family, and everything that happened, oldest first.
type Timeline struct {
	Person   Person
	Birth    *Registered // nil: the record is older than this register, or the parents are sealed
	Children []ids.NationalNumber
	Moments  []Moment
}

// Moment is one thing that happened: an event, a new version of the record, or,
// most often, both.
type Moment struct {
	Kind     string       // word of docs/events.md; "record" for a version that no event tells of, such as an import's
	On       persian.Date // when it happened; zero: when it was registered
	At       time.Time    // when it was registered; zero: before this register
	By       journal.Actor
	Proposer journal.Actor // zero: one person did it
	Grounds  register.Grounds
	Version  int64    // of the record that it made; 0: none
	Changes  []Change // of the record's items
	Detail   string   // JSON object; "": nothing more
	Sealed   bool     // earlier values of this version are not shown
	Act      journal.ActID
}

// Change is one item that a version changed, as Item has its text.
type Change struct {
	Item string `json:"item"`
	Was  string `json:"was,omitzero"`
	Is   string `json:"is,omitzero"`
}

// story is what the rows say of a person.
type story struct {
	rows     []pastRow
	events   []Event
	birth    *Registered
	children []ids.NationalNumber
	seals    seals
}

// Timeline gathers a person's story, in one look at the register; false if the
// number is unknown. What is sealed stays out.
func (b *Book) Timeline(ctx context.Context, n ids.NationalNumber) (*Timeline, bool, error) {
	return b.timeline(ctx, n, false)
}

func (b *Book) timeline(ctx context.Context, n ids.NationalNumber, open bool) (*Timeline, bool, error) {
	var s story
	err := b.db.Read(ctx, func(tx *store.Tx) error { return s.read(tx, n, open) })
	if err != nil || len(s.rows) == 0 {
		return nil, false, err
	}
	if open || s.seals[parentsColumn] == 0 {
		if s.birth, _, err = b.BirthOf(ctx, n); err != nil {
			return nil, false, err
		}
	}
	persons := make([]Person, len(s.rows))
	for i := range s.rows {
		v, err := b.version(ctx, &s.rows[i])
		if err != nil {
			return nil, false, err
		}
		persons[i] = v.Person
	}
	t := &Timeline{Birth: s.birth, Children: s.children, Moments: s.moments(persons)}
	t.Person = persons[len(persons)-1]
	t.Person.Card = t.Person.Card.at(b.today())
	if t.Person.State == Cancelled {
		if err := b.succeed(ctx, &t.Person); err != nil {
			return nil, false, err
		}
	}
	return t, true, nil
}

func (s *story) read(tx *store.Tx, n ids.NationalNumber, open bool) (err error) {
	*s = story{}
	if s.rows, err = versions(tx, n, open); err != nil || len(s.rows) == 0 {
		return err
	}
	if s.events, err = eventsOf(tx, n); err != nil {
		return err
	}
	if s.seals, err = sealsOf(tx, n); err != nil {
		return err
	}
	if !open {
		if err := s.conceal(tx); err != nil {
			return err
		}
	}
	for _, q := range []*store.Query{childrenOfFather, childrenOfMother} {
		if err := s.readChildren(tx, q, n, open); err != nil {
			return err
		}
	}
	return nil
}

// conceal takes out of the events who the parents were before an adoption: who
// declared the child's residence as its guardian, and the parents of an adoption
// before this one; and out of their own stories that the child was theirs.
func (s *story) conceal(tx *store.Tx) error {
	kept := s.events[:0]
	for _, e := range s.events {
		switch {
		case e.Version == 0 && e.Kind == "adoption":
			if over, err := adoptedSince(tx, &e); err != nil {
				return err
			} else if over {
				continue
			}
		case e.Version <= s.seals[parentsColumn] && (e.Kind == "adoption" || e.Kind == "residence"):
			e.Detail = ""
		}
		kept = append(kept, e)
	}
	s.events = kept
	return nil
}

// adoptedSince reports whether the child of a parent's event has been adopted
// by others since.
func adoptedSince(tx *store.Tx, of *Event) (bool, error) {
	var d struct{ Child ids.NationalNumber }
	if err := json.Unmarshal([]byte(of.Detail), &d); err != nil {
		return false, err
	}
	last, err := lastAdoption(tx, d.Child)
	return last != nil && last.Act != of.Act, err
}

// readChildren leaves out those whom an adoption has given other parents.
func (s *story) readChildren(tx *store.Tx, q *store.Query, n ids.NationalNumber, open bool) error {
	var born []ids.NationalNumber
	err := tx.Each(q, []any{int64(n)}, func(scan func(...any) error) error {
		var child int64
		err := scan(&child)
		born = append(born, ids.NationalNumber(child))
		return err
	})
	if err != nil {
		return err
	}
	for _, child := range born {
		sealed, err := sealsOf(tx, child)
		if err != nil {
			return err
		}
		if open || sealed[parentsColumn] == 0 {
			s.children = append(s.children, child)
		}
	}
	return nil
}

// moments joins versions and events by the act that made both.
func (s *story) moments(persons []Person) []Moment {
	all := make([]Moment, 0, len(persons)+len(s.events))
	for i := range s.events {
		e := &s.events[i]
		all = append(all, Moment{
			Kind: e.Kind, On: e.On, At: e.At, By: e.By, Proposer: e.Proposer, Grounds: e.Grounds,
			Version: e.Version, Detail: e.Detail, Act: e.Act,
		})
	}
	for i := range persons {
		m := s.teller(all, i, persons[i].Version)
		if m == nil {
			all = append(all, s.untold(i, &persons[i]))
			m = &all[len(all)-1]
		}
		was := Person{}
		if i > 0 {
			was = persons[i-1]
		}
		m.Version, m.Changes, m.Sealed = persons[i].Version, changes(&was, &persons[i]), persons[i].Version <= s.seals.last()
	}
	slices.SortStableFunc(all, func(a, b Moment) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return int(a.Version - b.Version)
	})
	return all
}

// teller finds the event that tells of a version, nil if none does.
func (s *story) teller(all []Moment, i int, version int64) *Moment {
	for k := range all {
		if m := &all[k]; m.Version == version && (i == 0 || m.Act == journal.ActID(s.rows[i-1].act)) {
			return m
		}
	}
	return nil
}

// untold is the moment of a version without an event. The first one is the
// birth, if it was registered here; else nobody here knows who made it.
func (s *story) untold(i int, p *Person) Moment {
	switch {
	case i > 0:
		by := &s.rows[i-1]
		return Moment{
			Kind: "record", At: time.UnixMicro(by.until).UTC(), Grounds: register.Grounds{Reason: by.why},
			By: journal.Actor{Role: by.role, Agency: ids.LegalID(by.agency), ID: by.officer}, Act: journal.ActID(by.act),
		}
	case s.birth != nil:
		return Moment{
			Kind: "birth", On: p.Born, At: s.birth.By.At, By: s.birth.By.Actor, Act: s.birth.By.Act,
			Grounds: register.Grounds{Reason: s.birth.By.Why, Document: s.birth.Document},
		}
	}
	return Moment{Kind: "record"}
}

// changes lists the items in which two versions differ.
func changes(was, is *Person) (all []Change) {
	old, now := was.Items(), is.Items()
	for i := range now {
		if old[i].Text != now[i].Text {
			all = append(all, Change{now[i].Name, old[i].Text, now[i].Text})
		}
	}
	return all
}

// Item is one item of a record, under the name that files and questions use, in
// the form for programs. "" is not on record.
type Item struct{ Name, Text string }

// Items are all items of a record, always the same ones in the same order.
func (p *Person) Items() []Item {
	s, c := &p.Shenasnameh, &p.Card
	number := func(n int64, text string) string {
		if n == 0 {
			return ""
		}
		return text
	}
	sayyed := ""
	if p.Sayyed {
		sayyed = "yes"
	}
	return []Item{
		{"given_name", p.Given.Display}, {"surname", p.Surname.Display}, {"father_name", p.Father.Display},
		{"sayyed", sayyed}, {"sex", p.Sex.String()}, {"birth_date", p.Born.String()},
		{"state", p.State.String()}, {"death_date", p.Died.String()},
		{"successor", number(int64(p.Successor), p.Successor.String())},
		{"shenasnameh_number", number(int64(s.Number), s.Number.String())},
		{"shenasnameh_serie", string(s.Serie)}, {"shenasnameh_serial", string(s.Serial)},
		{"issue_office", number(int64(s.Office), strconv.Itoa(s.Office))}, {"issue_place", s.IssuePlace},
		{"postal_code", number(int64(p.Postal), p.Postal.String())}, {"residence_since", p.ResidenceSince.String()},
		{"card_state", number(int64(c.State), c.State.String())}, {"card_reason", c.Reason.String()},
		{"card_valid_until", c.Valid.String()}, {"card_serial", c.Serial},
	}
}
