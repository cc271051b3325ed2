package person

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Edit is what every act on a record states: whose record it is, which version
// of it the clerk has seen, and what the act rests on.
type Edit struct {
	Number  ids.NationalNumber `json:"national_number"`
	Version int64              `json:"version,omitzero"` // 0: whichever stands there
	register.Grounds
}

func (e *Edit) edit() *Edit { return e }

// deed is the input of an act on one record, and what the act does. One person
// may do the harmless ones; the others wait as proposals for a second person,
// and then the very same is done.
type deed interface {
	edit() *Edit
	check(bad *mistakes, today persian.Date) // what is wrong whatever the record says
	do(w *doing) error                       // changes w.p; a fault if the record does not allow it
}

// doing is a deed under way.
type doing struct {
	tx   *store.Tx
	book *Book
	p    *Person // the record: as it stands, and then as it shall be

	on     persian.Date // when it happened; zero: today
	detail string       // of the event
	seal   int64        // columns of the earlier versions that nobody may be told any more
	also   []Event      // in other persons' stories
}

// deeds are the acts by the words that events, proposals and records call
// them. Those of great harm are proposed by one person and done by another.
var deeds = map[string]struct {
	kind    receipt.Kind // of their entries
	harmful bool
	make    func() deed
}{
	"death":                  {receipt.LifeEvent, true, func() deed { return new(Death) }},
	"death_annulment":        {receipt.LifeEvent, true, func() deed { return new(DeathAnnulment) }},
	"adoption":               {receipt.LifeEvent, true, func() deed { return new(Adoption) }},
	"given_name":             {receipt.PersonChange, false, func() deed { return new(GivenName) }},
	"surname":                {receipt.PersonChange, false, func() deed { return new(Surname) }},
	"sex":                    {receipt.PersonChange, true, func() deed { return new(SexChange) }},
	"cancellation":           {receipt.PersonChange, true, func() deed { return new(Cancellation) }},
	"cancellation_annulment": {receipt.PersonChange, true, func() deed { return new(CancellationAnnulment) }},
	"review":                 {receipt.PersonChange, false, func() deed { return new(Review) }},
	"protection":             {receipt.PersonChange, true, func() deed { return new(Protection) }},
	"birth_date":             {receipt.Correction, true, func() deed { return new(BirthDate) }},
	"correction":             {receipt.Correction, true, func() deed { return new(Correction) }},
}

// Done is what the register says after an act on a record.
type Done struct {
	Event    string             `json:"event"`
	Number   ids.NationalNumber `json:"national_number"`
	Version  int64              `json:"register_version"`
	State    string             `json:"state"`
	Proposal int64              `json:"proposal,omitzero"` // that it carried out
}

var (
	errCancelled = fault.New(fault.Conflict, "person.cancelled")
	errUnchanged = fault.New(fault.Conflict, "person.unchanged")
)

// checkDeed reports all that is wrong with an input by itself.
func checkDeed(d deed, today persian.Date) error {
	e := d.edit()
	var bad mistakes
	bad.missing(e.Number == 0, "national_number")
	bad.When(e.Version < 0, "version", "person.version")
	d.check(&bad, today)
	bad.Add("", e.Check())
	return bad.Err()
}

// try does a deed to the record in memory. before is the record as it stood.
func (b *Book) try(tx *store.Tx, d deed) (w *doing, before Person, err error) {
	e := d.edit()
	p, err := known(tx, b, e.Number, e.Version)
	if err != nil {
		return nil, before, err
	}
	if _, annuls := d.(*CancellationAnnulment); p.State == Cancelled && !annuls {
		return nil, before, errCancelled
	}
	before = *p
	w = &doing{tx: tx, book: b, p: p}
	if err := d.do(w); err != nil {
		return nil, before, err
	}
	if err := p.clean(); err != nil {
		return nil, before, err
	}
	if err := p.check(); err != nil {
		return nil, before, err
	}
	if *p == before {
		return nil, before, errUnchanged
	}
	return w, before, nil
}

// perform does a deed: record, history, seals and events. by is who proposed
// it, if two persons do it.
func (b *Book) perform(tx *store.Tx, c *register.Change, word string, d deed, by journal.Actor) (*Done, error) {
	w, before, err := b.try(tx, d)
	if err != nil {
		return nil, err
	}
	p := w.p
	if err := putAs(tx, c, p, word); err != nil {
		return nil, err
	}
	if w.seal != 0 {
		if _, err := tx.Exec(sealInsert, int64(p.Number), before.Version, w.seal); err != nil {
			return nil, err
		}
	}
	events := append(w.also, Event{Number: p.Number, Version: p.Version, Detail: w.detail})
	for i := range events {
		e := &events[i]
		e.Kind, e.On, e.Grounds, e.Proposer = word, w.on, d.edit().Grounds, by
		if err := putEvent(tx, c, e); err != nil {
			return nil, err
		}
	}
	return &Done{Event: word, Number: p.Number, Version: p.Version, State: p.State.String()}, nil
}

// alone is an act that one person of the registry may do by himself.
func (b *Book) alone(ctx context.Context, j *journal.Journal, actor journal.Actor, word string, d deed) (*Done, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := checkDeed(d, b.today()); err != nil {
		return nil, journal.Proven{}, err
	}
	var done *Done
	e := d.edit()
	a := register.Act{Kind: deeds[word].kind, Actor: actor, Why: e.Reason, Subject: e.Number, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) (body []byte, err error) {
		if done, err = b.perform(tx, c, word, d, journal.Actor{}); err != nil {
			return nil, err
		}
		return done.appendBody(nil, e.Grounds), nil
	})
	return done, proven, err
}

// appendBody is what the journal says of an act: which, not what.
func (d *Done) appendBody(b []byte, g register.Grounds) []byte {
	b = append(b, `"national_number":"`...)
	b = append(d.Number.AppendTo(b), `","register_version":`...)
	b = strconv.AppendInt(b, d.Version, 10)
	b = append(append(append(b, `,"state":"`...), d.State...), `","event":"`...)
	b = append(append(b, d.Event...), `","document":`...)
	return receipt.AppendString(b, g.Document)
}
