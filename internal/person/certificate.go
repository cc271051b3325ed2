package person

import (
	"context"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// CertificateOrder asks for a certificate of residence, on the wish of the
// person or his guardian.
type CertificateOrder struct {
	Number ids.NationalNumber `json:"national_number"`
	register.Grounds
}

// CertifiedResidence is what a certificate of residence says.
type CertifiedResidence struct {
	Person Person
	Place  place.Place
	Issued persian.Date
	Until  persian.Date // how long it may be relied upon
}

// certificateMonths is how long a certificate may be relied upon.
const certificateMonths = 3

// CertifyResidence certifies where a person lives, as the register has it at
// this moment. The place must still be in use. That it was done is an event of
// the person's, and the tracking code of its entry stands on the paper.
func (b *Book) CertifyResidence(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CertificateOrder) (*CertifiedResidence, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := stated(in.Number, &in.Grounds); err != nil {
		return nil, journal.Proven{}, err
	}
	home, err := b.homeOf(ctx, in.Number)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	done := &CertifiedResidence{Place: *home, Issued: b.today(), Until: b.today().AddMonths(certificateMonths)}
	a := register.Act{Kind: receipt.RegisterReading, Actor: actor, Why: in.Reason, Subject: in.Number, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		p, err := known(tx, b, in.Number, 0)
		if err != nil {
			return nil, err
		}
		switch err := holder(p); {
		case err != nil:
			return nil, err
		case p.Hidden(actor): // the paper says where he lives
			return nil, ErrProtected
		case p.Postal != home.Code: // he moved between the look at the place and this one
			return nil, errVersion
		}
		done.Person = *p
		if err := putEvent(tx, c, &Event{Number: p.Number, Kind: "residence_certified", Grounds: in.Grounds}); err != nil {
			return nil, err
		}
		return append(p.appendBody(nil), `,"event":"residence_certified"`...), nil
	})
	return done, proven, err
}

// homeOf is the place that a person has declared, if it is in use.
func (b *Book) homeOf(ctx context.Context, n ids.NationalNumber) (*place.Place, error) {
	p, found, err := b.ByNumber(ctx, n)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, errUnknown.At("national_number")
	case p.Postal == 0:
		return nil, fault.New(fault.Conflict, "person.residence.none")
	}
	switch err := b.inhabitable(ctx, p.Postal); {
	case fault.Is(err, fault.Invalid): // where it is now would tell where he lives
		return nil, fault.New(fault.Conflict, "person.residence.retired")
	case err != nil:
		return nil, err
	}
	home, _, err := b.Places.ByCode(ctx, p.Postal)
	return home, err
}
