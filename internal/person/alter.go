package person

import (
	"context"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// alteration says what an act on one person is about.
type alteration struct {
	kind    receipt.Kind
	event   string       // word of docs/events.md
	on      persian.Date // when it happened; zero: today
	number  ids.NationalNumber
	version int64 // that the clerk saw; 0: whichever
	grounds register.Grounds
	more    string // further members of the record, with a comma in front
}

// alter performs an act on one person's record. change alters the record as it
// stands and tells what else there is to say of the event; rows, history,
// event and the entry of the log are one transaction. done sees the record
// afterwards. On PostgreSQL both may run more than once.
func (b *Book) alter(ctx context.Context, j *journal.Journal, actor journal.Actor, a *alteration, change func(*store.Tx, *register.Change, *Person) (detail string, err error), done func(*Person)) (journal.Proven, error) {
	act := register.Act{Kind: a.kind, Actor: actor, Why: a.why(), Subject: a.number, Clock: b.Clock}
	return register.Do(ctx, b.db, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		p, err := known(tx, b, a.number, a.version)
		if err != nil {
			return nil, err
		}
		if err := b.altered(tx, c, a, p, change); err != nil {
			return nil, err
		}
		done(p)
		return a.body(p), nil
	})
}

// altered is the part of alter that many persons may share one act for.
func (b *Book) altered(tx *store.Tx, c *register.Change, a *alteration, p *Person, change func(*store.Tx, *register.Change, *Person) (string, error)) error {
	before := p.Version
	detail, err := change(tx, c, p)
	if err != nil {
		return err
	}
	if err := putAs(tx, c, p, a.event); err != nil {
		return err
	}
	e := Event{Number: p.Number, Kind: a.event, On: a.on, Grounds: a.grounds, Detail: detail}
	if p.Version != before {
		e.Version = p.Version
	}
	return putEvent(tx, c, &e)
}

// why is the grounds' reason, or else the event.
func (a *alteration) why() string {
	if a.grounds.Reason != "" {
		return a.grounds.Reason
	}
	return strings.ReplaceAll(a.event, "_", "-")
}

// body is what the journal says: which event and version, on what paper.
func (a *alteration) body(p *Person) []byte {
	b := append(p.appendBody(nil), `,"event":"`...)
	b = append(append(b, a.event...), '"')
	if a.grounds.Document != "" {
		b = receipt.AppendString(append(b, `,"document":`...), a.grounds.Document)
	}
	return append(b, a.more...)
}

// holder refuses acts for those who cannot have papers any more, or not now.
func holder(p *Person) error {
	switch {
	case !p.Alive():
		return fault.New(fault.Conflict, "person.holder.deceased")
	case p.State == Cancelled:
		return fault.New(fault.Conflict, "person.holder.cancelled")
	case p.State == UnderReview:
		return fault.New(fault.Conflict, "person.holder.review")
	}
	return nil
}

func (b *Book) today() persian.Date { return persian.DateOf(b.Clock()) }

// reaches is the first day on which a person is certainly of an age: who is
// known to be born in a year may be born on its last day. Zero: unknown.
func reaches(born persian.Date, age int) persian.Date {
	switch {
	case born.IsZero():
		return born
	case born.Month == 0:
		return persian.Date{Year: born.Year, Month: 1, Day: 1}.AddYears(age + 1)
	case born.Day == 0:
		return persian.Date{Year: born.Year, Month: born.Month, Day: 1}.AddMonths(1).AddYears(age)
	}
	return born.AddYears(age)
}

// aged reports whether a person is certainly of an age on a day.
func aged(born persian.Date, age int, day persian.Date) bool {
	from := reaches(born, age)
	return !from.IsZero() && from.Compare(day) <= 0
}

// Adult reports whether a person acts for himself on a day. Of whom it is not
// certain his guardian acts.
func (p *Person) Adult(day persian.Date) bool { return aged(p.Born, FullAge, day) }

// mistakes are what is wrong with an input.
type mistakes struct{ fault.List }

func (m *mistakes) missing(is bool, field string) { m.When(is, field, "person.missing") }

// stated refuses an order that names nobody or states no grounds.
func stated(n ids.NationalNumber, g *register.Grounds) error {
	var bad mistakes
	bad.missing(n == 0, "national_number")
	bad.Add("", g.Check())
	return bad.Err()
}

// text wants a text of at most so many bytes, and cleans it.
func (m *mistakes) text(s *string, field string, must bool, most int) {
	clean, err := persian.Display(*s)
	m.Add(field, err)
	m.missing(must && err == nil && clean == "", field)
	m.When(len(clean) > most, field, "person.long")
	*s = clean
}

// office finds a registry office; that none is named or there is none is a
// mistake of the input.
func (m *mistakes) office(ctx context.Context, b *Book, code int) (*Office, error) {
	if code == 0 {
		m.missing(true, "office")
		return nil, nil
	}
	o, err := b.Office(ctx, code)
	if fault.Is(err, fault.Invalid) {
		m.Add("office", err)
		return nil, nil
	}
	return o, err
}

// day wants a whole date that has come.
func (m *mistakes) day(d, today persian.Date, field string) {
	switch {
	case d.IsZero():
		m.missing(true, field)
	case !d.Precise():
		m.When(true, field, "person.date.precise")
	default:
		m.When(d.Compare(today) > 0, field, "person.date.future")
	}
}

// look reads of one person in one snapshot, for read (reading.go).
func (b *Book) look(ctx context.Context, n ids.NationalNumber, f func(*store.Tx, *Person) error) (p *Person, found bool, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		if p, found, err = current(tx, b, n); err != nil || !found {
			return err
		}
		return f(tx, p)
	})
	return p, found, err
}
