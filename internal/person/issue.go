package person

import (
	"bytes"
	"context"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// CardHandOver hands a printed card to its holder, who is identified by the
// particulars of his booklet or by his fingerprint.
type CardHandOver struct {
	Number      ids.NationalNumber `json:"national_number"`
	Serial      string             `json:"card_serial"` // of the card that is handed over, as printed on it
	Serie       ids.Serie          `json:"shenasnameh_serie,omitzero"`
	Booklet     ids.Serial         `json:"shenasnameh_serial,omitzero"`
	Fingerprint bool               `json:"fingerprint,omitzero"` // the officer has compared it
	Version     int64              `json:"version,omitzero"`     // of the record that was seen; 0: whichever
}

func (in *CardHandOver) check() error {
	var bad mistakes
	bad.missing(in.Number == 0, "national_number")
	bad.missing(in.Serial == "", "card_serial")
	bad.When(!in.Fingerprint && in.Booklet == "", "shenasnameh_serial", "person.card.identity.none")
	return bad.Err()
}

// HandOver gives a card to its holder: from then on it is the one that counts,
// valid until the day printed on it, and the card before it is replaced. A card
// whose items are not what the record says any more is not handed over: it is
// spoiled (SpoilCard), and printed again.
func (b *Book) HandOver(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardHandOver) (*CardStatus, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(); err != nil {
		return nil, journal.Proven{}, err
	}
	a := &alteration{event: "card_issued", number: in.Number, version: in.Version}
	return b.alterPending(ctx, j, actor, a, HandOver, func(tx *store.Tx, p *Person, k *cardRow) (string, error) {
		if err := in.matches(p, k); err != nil {
			return "", err
		}
		if err := b.endCard(tx, p, Replace); err != nil {
			return "", err
		}
		k.issued = int64(b.today().Pack())
		p.Card = Card{State: Issued, Valid: persian.UnpackDate(int32(k.valid)), Serial: k.serial}
		how := `{"identity":"fingerprint"}`
		if !in.Fingerprint {
			how = `{"identity":"shenasnameh"}`
		}
		return how, nil
	})
}

// matches checks that this is the holder, and his card as it should be.
func (in *CardHandOver) matches(p *Person, k *cardRow) error {
	s := &p.Shenasnameh
	switch {
	case in.Serial != k.serial:
		return fault.New(fault.Invalid, "person.card.serial").At("card_serial")
	case in.Booklet != "" && (in.Booklet != s.Serial || in.Serie != s.Serie):
		return fault.New(fault.Invalid, "person.card.identity").At("shenasnameh_serial")
	case !bytes.Equal(k.printed, digestOf(p.items(persian.UnpackDate(int32(k.valid))))):
		return fault.New(fault.Conflict, "person.card.outdated")
	}
	return nil
}

// endCard ends the card that p has in his hands, if any, by an event.
func (b *Book) endCard(tx *store.Tx, p *Person, e CardEvent) error {
	k, err := inForce(tx, p)
	if k == nil || err != nil {
		return err
	}
	state, err := p.Card.at(b.today()).State.after(e)
	if err != nil {
		return err
	}
	k.state, k.ended, k.endReason = int64(state), int64(b.today().Pack()), state.String()
	return k.save(tx)
}

// CardReport reports what befell a card.
type CardReport struct {
	Number  ids.NationalNumber `json:"national_number"`
	Version int64              `json:"version,omitzero"` // of the record that was seen; 0: whichever
	register.Grounds
}

func (in *CardReport) check() error {
	return stated(in.Number, &in.Grounds)
}

// ReportLost ends a card that its holder has lost: its serial confirms nothing
// any more, and it is never found again.
func (b *Book) ReportLost(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardReport) (*CardStatus, journal.Proven, error) {
	return b.reportCard(ctx, j, actor, in, "card_lost", func(tx *store.Tx, p *Person) (*cardRow, error) {
		if _, err := p.Card.at(b.today()).State.after(Lose); err != nil {
			return nil, err
		}
		k, err := inForce(tx, p)
		if err != nil {
			return nil, err
		}
		k.state, k.ended, k.endReason = int64(Lost), int64(b.today().Pack()), cardLost
		p.Card = Card{State: Lost}
		return k, k.save(tx)
	})
}

// ReportDamaged marks a card that is damaged: it must be replaced. (One that is
// still at the office is spoiled instead: SpoilCard.)
func (b *Book) ReportDamaged(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardReport) (*CardStatus, journal.Proven, error) {
	return b.reportCard(ctx, j, actor, in, "card_damaged", func(tx *store.Tx, p *Person) (*cardRow, error) {
		state, err := p.Card.at(b.today()).State.after(Damage)
		if err != nil {
			return nil, err
		}
		p.Card.State, p.Card.Reason = state, Damaged
		return inForce(tx, p)
	})
}

// SpoilCard takes a printed card out before it is handed over, because it is
// damaged or an item changed meanwhile. It is printed again.
func (b *Book) SpoilCard(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardReport) (*CardStatus, journal.Proven, error) {
	return b.reportCard(ctx, j, actor, in, "card_spoiled", func(tx *store.Tx, p *Person) (*cardRow, error) {
		k, err := pendingCard(tx, p)
		if err != nil {
			return nil, err
		}
		if k == nil {
			return nil, fault.New(fault.Conflict, "person.card.at."+p.Card.at(b.today()).State.String())
		}
		if err := k.to(Spoil); err != nil {
			return nil, err
		}
		var batch, row int64
		if found, err := tx.One(printSerial, []any{k.serial}, &batch, &row); err != nil || !found {
			return nil, missing(err)
		}
		if _, err := tx.Exec(printResult, printSpoiled, in.Reason, batch, row); err != nil {
			return nil, err
		}
		k.serial, k.valid, k.printed = "", 0, nil
		return k, k.save(tx)
	})
}

func (b *Book) reportCard(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardReport, event string, change func(*store.Tx, *Person) (*cardRow, error)) (*CardStatus, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(); err != nil {
		return nil, journal.Proven{}, err
	}
	a := &alteration{event: event, number: in.Number, version: in.Version, grounds: in.Grounds}
	return b.alterCard(ctx, j, actor, a, func(tx *store.Tx, p *Person) (*cardRow, string, error) {
		k, err := change(tx, p)
		return k, "", err
	})
}
