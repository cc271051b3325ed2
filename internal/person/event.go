package person

import (
	"errors"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Event is something that happened to a person, with its grounds. What it
// changed in the record stands in the record's versions.
type Event struct {
	Number   ids.NationalNumber
	Kind     string       // word of docs/events.md, such as "death"
	On       persian.Date // when it happened; zero: on the day of registration
	Grounds  register.Grounds
	Proposer journal.Actor // of an act of two persons; zero: nobody
	Version  int64         // of the record, made by the act; 0: none
	Detail   string        // JSON object: what does not stand in the record; "": nothing

	// Of the act that registered it; putEvent takes them from the change.
	By  journal.Actor
	At  time.Time
	Act journal.ActID
}

// putEvent adds an event to a person's story, in the act's transaction.
func putEvent(tx *store.Tx, c *register.Change, e *Event) error {
	var no int64
	if _, err := tx.One(eventLast, []any{int64(e.Number)}, &no); err != nil {
		return err
	}
	_, err := tx.Exec(eventInsert, int64(e.Number), no+1, e.Kind, int64(e.On.Pack()), e.Grounds.Reason, e.Grounds.Document,
		e.Proposer.Role, int64(e.Proposer.Agency), e.Proposer.ID, e.Version, e.Detail,
		c.Micros(), c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Act[:])
	return err
}

// eventsOf lists a person's events in order of registration.
func eventsOf(tx *store.Tx, n ids.NationalNumber) (all []Event, err error) {
	err = tx.Each(eventsByNumber, []any{int64(n)}, func(scan func(...any) error) error {
		e := Event{Number: n}
		var on, proposerAgency, made, agency int64
		var act []byte
		err := scan(&e.Kind, &on, &e.Grounds.Reason, &e.Grounds.Document, &e.Proposer.Role, &proposerAgency, &e.Proposer.ID,
			&e.Version, &e.Detail, &made, &e.By.Role, &agency, &e.By.ID, &act)
		if err != nil {
			return err
		}
		e.On, e.At = persian.UnpackDate(int32(on)), time.UnixMicro(made).UTC()
		e.Proposer.Agency, e.By.Agency = ids.LegalID(proposerAgency), ids.LegalID(agency)
		copy(e.Act[:], act)
		all = append(all, e)
		return nil
	})
	return all, err
}

// current is the record as it stands in tx, as Put wants it back: a card that
// has expired is still issued, and the successor of a cancelled number is the
// one that was named.
func current(tx *store.Tx, b *Book, n ids.NationalNumber) (*Person, bool, error) {
	var r pastRow
	found, err := tx.One(personByNumber, []any{int64(n)}, r.row.columns()...)
	if !found || err != nil {
		return nil, false, err
	}
	if err := r.readBeside(tx); err != nil {
		return nil, false, err
	}
	var p Person
	if err := b.resolveIn(tx, &r.row, &p); err != nil {
		return nil, false, err
	}
	if r.row.serialElsewhere() {
		p.Card.Serial = r.cardSerial
	}
	p.Successor = ids.NationalNumber(r.successor)
	return &p, true, nil
}

// resolveIn is resolve within a transaction, which may itself have made the
// names and the booklet's particulars that the row points to.
func (b *Book) resolveIn(tx *store.Tx, r *row, p *Person) error {
	r.unpack(p)
	for _, n := range [3]struct {
		id int64
		to *persian.Name
	}{{r.given, &p.Given}, {r.surname, &p.Surname}, {r.father, &p.Father}} {
		if n.id != 0 {
			if found, err := tx.One(nameByID, []any{n.id}, &n.to.Display, &n.to.Key, &n.to.Phonetic); err != nil || !found {
				return missing(err)
			}
		}
	}
	if id := r.booklet / bookletSerie % (maxSerie + 1); id != 0 {
		var s string
		if found, err := tx.One(serieByID, []any{id}, &s); err != nil || !found {
			return missing(err)
		}
		p.Shenasnameh.Serie = ids.Serie(s)
	}
	if id := r.booklet / bookletOffice; id != 0 {
		if found, err := tx.One(officeByID, []any{id}, &p.Shenasnameh.Office, &p.Shenasnameh.IssuePlace); err != nil || !found {
			return missing(err)
		}
	}
	return nil
}

var errUnknown = fault.New(fault.NotFound, "person.unknown")

// known is current for a person who must be in the register; if version is not
// 0, the record must still be that version.
func known(tx *store.Tx, b *Book, n ids.NationalNumber, version int64) (*Person, error) {
	p, found, err := current(tx, b, n)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, errUnknown.At("national_number")
	case version != 0 && version != p.Version:
		return nil, errVersion.At("version")
	}
	return p, nil
}

// missing: a row that points to nothing means that the database is damaged.
func missing(err error) error {
	if err == nil {
		err = errors.New("person: an id stands for nothing")
	}
	return err
}
