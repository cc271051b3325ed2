package person

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Couple is a marriage or a divorce: a remark in both spouses' stories. It
// changes no item of a record, so it makes no version.
type Couple struct {
	Husband ids.NationalNumber `json:"husband"`
	Wife    ids.NationalNumber `json:"wife"`
	On      persian.Date       `json:"on"`
	register.Grounds
}

// Wedded is what the register says after it.
type Wedded struct {
	Event   string             `json:"event"`
	Husband ids.NationalNumber `json:"husband"`
	Wife    ids.NationalNumber `json:"wife"`
}

// Marry registers a marriage. Both must be alive, and the wife not married to a
// living husband. What the law demands of ages is not decided here: the
// document says who permitted it.
func (b *Book) Marry(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Couple) (*Wedded, journal.Proven, error) {
	return b.wed(ctx, j, actor, "marriage", in, func(tx *store.Tx, husband, wife []bond) error {
		if slices.ContainsFunc(husband, func(o bond) bool { return o.spouse == in.Wife }) {
			return fault.New(fault.Conflict, "person.marriage.same")
		}
		for _, other := range wife {
			p, found, err := current(tx, b, other.spouse)
			if err != nil {
				return err
			}
			if found && p.Alive() && p.State != Cancelled {
				return fault.New(fault.Conflict, "person.marriage.wife")
			}
		}
		return nil
	})
}

// Divorce registers the end of a marriage that is on record.
func (b *Book) Divorce(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Couple) (*Wedded, journal.Proven, error) {
	return b.wed(ctx, j, actor, "divorce", in, func(_ *store.Tx, husband, _ []bond) error {
		i := slices.IndexFunc(husband, func(o bond) bool { return o.spouse == in.Wife })
		switch {
		case i < 0:
			return fault.New(fault.Conflict, "person.divorce.none")
		case before(in.On, husband[i].since):
			return fault.New(fault.Invalid, "person.divorce.early").At("on")
		}
		return nil
	})
}

// wed is what both have in common.
func (b *Book) wed(ctx context.Context, j *journal.Journal, actor journal.Actor, word string, in *Couple, allow func(tx *store.Tx, husband, wife []bond) error) (*Wedded, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad mistakes
	bad.missing(in.Husband == 0, "husband")
	bad.missing(in.Wife == 0, "wife")
	bad.When(in.Wife != 0 && in.Wife == in.Husband, "wife", "person.self")
	bad.past(in.On, b.today(), "on")
	bad.Add("", in.Check())
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.LifeEvent, Actor: actor, Why: in.Reason, Subject: in.Husband, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		husband, err := b.spouse(tx, in.Husband, Male, in.On, "husband")
		if err != nil {
			return nil, err
		}
		wife, err := b.spouse(tx, in.Wife, Female, in.On, "wife")
		if err != nil {
			return nil, err
		}
		if err := allow(tx, husband, wife); err != nil {
			return nil, err
		}
		for _, e := range [2]Event{{Number: in.Husband, Detail: spouseDetail(in.Wife)}, {Number: in.Wife, Detail: spouseDetail(in.Husband)}} {
			e.Kind, e.On, e.Grounds = word, in.On, in.Grounds
			if err := putEvent(tx, c, &e); err != nil {
				return nil, err
			}
		}
		return in.appendBody(nil, word), nil
	})
	if err != nil {
		return nil, proven, err
	}
	return &Wedded{word, in.Husband, in.Wife}, proven, nil
}

// appendBody is what the journal says of a remark.
func (in *Couple) appendBody(b []byte, word string) []byte {
	b = in.Husband.AppendTo(append(b, `"national_number":"`...))
	b = in.Wife.AppendTo(append(b, `","spouse":"`...))
	b = append(append(append(b, `","event":"`...), word...), `","document":`...)
	return receipt.AppendString(b, in.Document)
}

// bond is a marriage on record.
type bond struct {
	spouse ids.NationalNumber
	since  persian.Date
}

func spouseDetail(n ids.NationalNumber) string { return `{"spouse":"` + n.String() + `"}` }

// spouse checks one of the two and lists the marriages that the remarks leave.
func (b *Book) spouse(tx *store.Tx, n ids.NationalNumber, sex Sex, on persian.Date, field string) ([]bond, error) {
	w := doing{tx: tx, book: b}
	if err := w.fit(n, sex); err != nil {
		return nil, fault.Of(err).At(field)
	}
	p, _, err := current(tx, b, n)
	if err != nil {
		return nil, err
	}
	if before(on, p.Born) {
		return nil, fault.New(fault.Invalid, "person.marriage.born").At("on")
	}
	events, err := eventsOf(tx, n)
	if err != nil {
		return nil, err
	}
	return bonds(events)
}

// bonds are the marriages that no divorce has ended.
func bonds(events []Event) (all []bond, err error) {
	for i := range events {
		e := &events[i]
		if e.Kind != "marriage" && e.Kind != "divorce" {
			continue
		}
		var d struct{ Spouse ids.NationalNumber }
		if err := json.Unmarshal([]byte(e.Detail), &d); err != nil {
			return nil, err
		}
		if e.Kind == "marriage" {
			all = append(all, bond{d.Spouse, e.On})
			continue
		}
		all = slices.DeleteFunc(all, func(o bond) bool { return o.spouse == d.Spouse })
	}
	return all, nil
}
