package person

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// CardAge is from when on everybody applies for a card (bylaw of 1378, art. 2).
const CardAge = 15

// firstCard is the purpose of an application for a first card; the others are
// the reasons for a replacement (bylaw, art. 3).
const (
	firstCard   = "first"
	cardExpired = "expired"
	cardLost    = "lost"
)

// CardApplication asks for a card: the first, or one in the place of another.
type CardApplication struct {
	Number  ids.NationalNumber `json:"national_number"`
	Office  int                `json:"office"`           // where the applicant will appear
	Version int64              `json:"version,omitzero"` // of the record that was seen; 0: whichever
}

// ApplyForCard registers an application. For a first card the applicant must be
// 15 and his cohort's turn must have come; for another, the card he has must
// call for replacement. Since a card carries the residence code, he must have
// declared where he lives.
func (b *Book) ApplyForCard(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardApplication) (*CardStatus, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad mistakes
	bad.missing(in.Number == 0, "national_number")
	if _, err := bad.office(ctx, b, in.Office); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	province, postal, err := b.home(ctx, in.Number)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := &alteration{event: "card_applied", number: in.Number, version: in.Version}
	var seen int64
	done, proven, err := b.alterCard(ctx, j, actor, a, func(tx *store.Tx, p *Person) (*cardRow, string, error) {
		seen = p.Version
		if p.Postal != postal {
			return nil, "", errVersion // he moved in this very moment
		}
		purpose, err := b.purpose(tx, p, province)
		if err != nil {
			return nil, "", err
		}
		k := &cardRow{number: int64(p.Number), purpose: purpose, office: int64(in.Office), applied: int64(b.today().Pack()), state: int64(Applied)}
		if purpose == firstCard {
			p.Card.State = Applied
		}
		return k, `{"purpose":"` + purpose + `"}`, k.create(tx)
	})
	if f := fault.Of(err); f != nil && f.Key == "person.card.young" {
		// The day from which he may apply tells the day of his birth: whoever is
		// told has read it.
		if _, failed := j.Commit(ctx, in.reading(actor, seen)); failed != nil {
			return nil, journal.Proven{}, failed
		}
	}
	return done, proven, err
}

func (in *CardApplication) reading(actor journal.Actor, seen int64) journal.Entry {
	r := Reading{Number: in.Number, Reason: "card-application", File: strconv.Itoa(in.Office)}
	return journal.Entry{Kind: receipt.RegisterReading, Body: r.appendBody(nil, actor, "card_age", seen), Subject: in.Number}
}

// home is where a person lives.
func (b *Book) home(ctx context.Context, n ids.NationalNumber) (province string, postal ids.PostalCode, err error) {
	p, found, err := b.ByNumber(ctx, n)
	if err != nil || !found {
		return "", 0, err // the act itself tells that there is nobody
	}
	province, err = b.province(ctx, p.Postal)
	return province, p.Postal, err
}

// purpose is why p may apply now, or the fault that says why not.
func (b *Book) purpose(tx *store.Tx, p *Person, province string) (string, error) {
	if err := holder(p); err != nil {
		return "", err
	}
	if from := reaches(p.Born, CardAge); from.IsZero() || from.Compare(b.today()) > 0 {
		return "", fault.New(fault.Conflict, "person.card.young", from.String())
	}
	pending, err := pendingCard(tx, p)
	switch {
	case err != nil:
		return "", err
	case pending != nil:
		return "", fault.New(fault.Conflict, "person.card.at."+pending.at().String())
	case p.Postal == 0:
		return "", fault.New(fault.Conflict, "person.card.residence")
	}
	now := p.Card.at(b.today())
	switch now.State {
	case NoCard, Announced, Applied, Appointed: // the last two from a file of old: what was applied for there is not known here
		return firstCard, b.mayApply(tx, p, province)
	case MustReplace:
		return now.Reason.String(), nil
	case Expired:
		return cardExpired, nil
	case Lost, Replaced, Void: // the last two from a file of old: there is no card that holds
		return cardLost, nil
	}
	k, err := inForce(tx, p)
	if err == nil && k.renewal == 0 {
		err = fault.New(fault.Conflict, "person.card.at.issued")
	}
	return cardExpired, err
}

// mayApply is the rule for first cards: the cohort's turn.
func (b *Book) mayApply(tx *store.Tx, p *Person, province string) error {
	today := b.today()
	all, err := timetables(tx)
	if err != nil {
		return err
	}
	switch from := opens(all, province, p.Born); {
	case from.IsZero():
		return fault.New(fault.Conflict, "person.card.timetable.none")
	case from.Compare(today) > 0:
		return fault.New(fault.Conflict, "person.card.timetable.closed", from.String())
	}
	return nil
}

// CardHolder names the person whose card an act is about.
type CardHolder struct {
	Number  ids.NationalNumber `json:"national_number"`
	Version int64              `json:"version,omitzero"` // of the record that was seen; 0: whichever
}

func (in *CardHolder) check() error {
	var bad mistakes
	bad.missing(in.Number == 0, "national_number")
	return bad.Err()
}

// WithdrawApplication takes an application back, with its appointment.
func (b *Book) WithdrawApplication(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardHolder) (*CardStatus, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(); err != nil {
		return nil, journal.Proven{}, err
	}
	a := &alteration{event: "card_withdrawn", number: in.Number, version: in.Version}
	return b.alterPending(ctx, j, actor, a, Withdraw, func(tx *store.Tx, _ *Person, k *cardRow) (string, error) {
		k.ended, k.endReason = int64(b.today().Pack()), Withdrawn.String()
		return "", k.leave(tx)
	})
}
