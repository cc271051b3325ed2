package person

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// cardRow is one card, from its application on, as stored.
type cardRow struct {
	id, number, state          int64
	purpose                    string
	office, applied, day, hour int64
	batch                      int64
	serial                     string
	printed                    []byte
	valid, renewal             int64
	issued, ended              int64
	endReason                  string
}

func (k *cardRow) columns() []any {
	return []any{
		&k.id, &k.number, &k.state, &k.purpose, &k.office, &k.applied, &k.day, &k.hour, &k.batch, &k.serial,
		&k.printed, &k.valid, &k.renewal, &k.issued, &k.ended, &k.endReason,
	}
}

func (k *cardRow) at() CardState { return CardState(k.state) }

// to moves the card by an event.
func (k *cardRow) to(e CardEvent) error {
	next, err := k.at().after(e)
	k.state = int64(next)
	return err
}

// create gives the card its number and writes it.
func (k *cardRow) create(tx *store.Tx) error {
	if _, err := tx.One(cardLast, nil, &k.id); err != nil {
		return err
	}
	k.id++
	_, err := tx.Exec(cardCreate, k.id, k.number, k.state, k.purpose, k.office, k.applied, k.day, k.hour, k.batch, k.serial,
		k.blob(), k.valid, k.renewal, k.issued, k.ended, k.endReason)
	return err
}

// blob is never NULL, which an empty one comes back as.
func (k *cardRow) blob() []byte { return append([]byte{}, k.printed...) }

func (k *cardRow) save(tx *store.Tx) error {
	_, err := tx.Exec(cardChange, k.state, k.office, k.day, k.hour, k.batch, k.serial, k.blob(), k.valid,
		k.renewal, k.issued, k.ended, k.endReason, k.id)
	return err
}

// cardsOf are all cards of a person, oldest first, as stored.
func cardsOf(tx *store.Tx, n ids.NationalNumber) (all []cardRow, err error) {
	err = tx.Each(cardsByNumber, []any{int64(n)}, func(scan func(...any) error) error {
		var k cardRow
		err := scan(k.columns()...)
		all = append(all, k)
		return err
	})
	return all, err
}

// pendingCard is the card that p has applied for and not got yet; nil: none.
func pendingCard(tx *store.Tx, p *Person) (*cardRow, error) {
	all, err := cardsOf(tx, p.Number)
	for i := range all {
		if all[i].at().pending() {
			return &all[i], err
		}
	}
	return nil, err
}

// inForce is the row of the card that p's record speaks of, if it was ever
// handed over and has not ended. A card from before this register gets its row
// now. nil: there is none.
func inForce(tx *store.Tx, p *Person) (*cardRow, error) {
	all, err := cardsOf(tx, p.Number)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].at() == Issued {
			return &all[i], nil
		}
	}
	if p.Card.State != Issued && p.Card.State != MustReplace {
		return nil, nil
	}
	k := &cardRow{number: int64(p.Number), state: int64(Issued), serial: p.Card.Serial, valid: int64(p.Card.Valid.Pack())}
	return k, k.create(tx)
}

// CardRecord is one card that a person has, had or applied for.
type CardRecord struct {
	Application int64        `json:"application,omitzero"` // number of the application; absent: a card from before this register
	State       string       `json:"state"`
	Reason      string       `json:"reason,omitzero"`  // why it must be replaced
	Purpose     string       `json:"purpose,omitzero"` // why it was applied for
	Office      int          `json:"office,omitzero"`
	AppliedOn   persian.Date `json:"applied_on,omitzero"`
	Day         persian.Date `json:"appointed_on,omitzero"`
	Hour        int          `json:"appointed_hour,omitzero"`
	Batch       int64        `json:"batch,omitzero"`
	Serial      string       `json:"serial,omitzero"`
	Valid       persian.Date `json:"valid_until,omitzero"`
	IssuedOn    persian.Date `json:"issued_on,omitzero"`
	EndedOn     persian.Date `json:"ended_on,omitzero"`
	EndReason   string       `json:"ended_because,omitzero"`
}

// record is the card as its holder's record p makes it: of the card in force
// the record's state counts, and with the holder everything pending is void.
func (k *cardRow) record(p *Person, today persian.Date) CardRecord {
	r := CardRecord{
		Application: k.id, State: k.at().String(), Purpose: k.purpose, Office: int(k.office),
		AppliedOn: persian.UnpackDate(int32(k.applied)), Day: persian.UnpackDate(int32(k.day)), Hour: int(k.hour),
		Batch: k.batch, Serial: k.serial, Valid: persian.UnpackDate(int32(k.valid)),
		IssuedOn: persian.UnpackDate(int32(k.issued)), EndedOn: persian.UnpackDate(int32(k.ended)), EndReason: k.endReason,
	}
	if k.applied == 0 {
		r.Application = 0 // its row was made when it was replaced, lost or damaged
	}
	switch {
	case k.at() == Issued:
		now := p.Card.at(today)
		r.State, r.Reason = now.State.String(), now.Reason.String()
	case k.at().pending() && !p.Alive():
		r.State = Void.String()
	}
	return r
}

// Cards lists the cards that a person has, had or applied for, oldest first,
// as a reading that stands in the journal.
func (b *Book) Cards(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reading) ([]CardRecord, journal.Proven, error) {
	return read(ctx, b, j, actor, in, "cards", func() (all []CardRecord, p *Person, found bool, err error) {
		p, found, err = b.look(ctx, in.Number, func(tx *store.Tx, p *Person) (err error) {
			all, err = p.cards(tx, b.today())
			return err
		})
		return all, p, found, err
	})
}

func (p *Person) cards(tx *store.Tx, today persian.Date) ([]CardRecord, error) {
	rows, err := cardsOf(tx, p.Number)
	all, known := make([]CardRecord, 0, len(rows)+1), false
	for i := range rows {
		all = append(all, rows[i].record(p, today))
		known = known || rows[i].serial != "" && rows[i].serial == p.Card.Serial
	}
	// One from before this register got its row late, and is older all the same.
	slices.SortStableFunc(all, func(a, b CardRecord) int { return cmp.Compare(min(a.Application, 1), min(b.Application, 1)) })
	if !known && p.Card.Serial != "" { // from before this register
		k := cardRow{state: int64(Issued), serial: p.Card.Serial, valid: int64(p.Card.Valid.Pack())}
		all = append([]CardRecord{k.record(p, today)}, all...)
	}
	return all, err
}

// CardStatus is where a person's card stands after an act.
type CardStatus struct {
	Number  ids.NationalNumber `json:"national_number"`
	Card    CardRecord         `json:"card"`       // the one that the act was about
	Holds   string             `json:"card_state"` // what the record says of its holder, as inquiries are told
	Version int64              `json:"register_version"`
}

// alterCard performs an act on a card. change finds the card and moves it; what
// it returns is the card afterwards.
func (b *Book) alterCard(ctx context.Context, j *journal.Journal, actor journal.Actor, a *alteration, change func(*store.Tx, *Person) (k *cardRow, detail string, err error)) (*CardStatus, journal.Proven, error) {
	a.kind = receipt.CardEvent
	var card cardRow
	var now *CardStatus
	proven, err := b.alter(ctx, j, actor, a, func(tx *store.Tx, _ *register.Change, p *Person) (string, error) {
		k, detail, err := change(tx, p)
		if err != nil {
			return "", err
		}
		card = *k
		a.more = fmt.Sprintf(`,"card":{"application":"%d","state":"%s"}`, k.id, k.at())
		return detail, nil
	}, func(p *Person) {
		now = &CardStatus{p.Number, card.record(p, b.today()), p.Card.at(b.today()).State.String(), p.Version}
	})
	return now, proven, err
}

// alterPending is alterCard for the card that is applied for: e happens to it,
// and a first card's state is its holder's.
func (b *Book) alterPending(ctx context.Context, j *journal.Journal, actor journal.Actor, a *alteration, e CardEvent, change func(*store.Tx, *Person, *cardRow) (detail string, err error)) (*CardStatus, journal.Proven, error) {
	return b.alterCard(ctx, j, actor, a, func(tx *store.Tx, p *Person) (*cardRow, string, error) {
		if err := holder(p); err != nil {
			return nil, "", err
		}
		k, err := pendingCard(tx, p)
		if err != nil {
			return nil, "", err
		}
		if k == nil {
			return nil, "", fault.New(fault.Conflict, "person.card.at."+p.Card.at(b.today()).State.String())
		}
		if err := k.to(e); err != nil {
			return nil, "", err
		}
		detail, err := change(tx, p, k)
		if err != nil {
			return nil, "", err
		}
		if k.purpose == firstCard && k.at() != Issued {
			p.Card.State = k.at().shown()
		}
		return k, detail, k.save(tx)
	})
}
