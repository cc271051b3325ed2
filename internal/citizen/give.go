package citizen

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Giving is a clerk's word that he has seen the person, or the guardian of one
// under 18, and by which paper he knew him.
type Giving struct {
	Number   ids.NationalNumber `json:"national_number"`
	Guardian ids.NationalNumber `json:"guardian,omitzero"`
	Revoke   bool               `json:"revoke,omitzero"` // end what he has and give none
	register.Grounds
}

// Check reports all that is wrong with it by itself.
func (in *Giving) Check() error {
	var bad fault.List
	bad.When(in.Number == 0, "national_number", errMissing.Key)
	bad.When(in.Guardian != 0 && in.Guardian == in.Number, "guardian", "person.guardian.self")
	bad.Add("", in.Grounds.Check())
	return bad.Err()
}

// Given is what the clerk hands over, once: the code is kept nowhere.
type Given struct {
	Access string       `json:"access,omitempty"` // five groups of four; absent if it was revoked
	Until  persian.Date `json:"until,omitzero"`   // last day
	Ended  bool         `json:"ended"`            // one that was valid has ended by this
}

// Give hands out an access code, and ends an earlier one. If the answer is lost
// on its way, the code is lost with it, and the clerk gives another one. Faults:
// citizen.unknown, citizen.state, person.guardian.needed, person.guardian.fit,
// person.protected.
func (b *Book) Give(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Giving) (Given, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return Given{}, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return Given{}, journal.Proven{}, err
	}
	if err := b.entitled(ctx, actor, in); err != nil {
		return Given{}, journal.Proven{}, err
	}
	code := ids.NewSecret()
	var given Given
	a := register.Act{Kind: receipt.Access, Actor: actor, Why: in.Reason, Subject: in.Number, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		given = Given{}
		n, err := tx.Exec(accessEnd, c.Micros(), int64(in.Number))
		if err != nil {
			return nil, err
		}
		given.Ended = n > 0
		if in.Revoke {
			return append(strconv.AppendBool([]byte(`"access":{"revoked":`), given.Ended), '}'), nil
		}
		id := int64(0)
		if _, err := tx.One(accessLast, nil, &id); err != nil {
			return nil, err
		}
		id++
		sum := ids.HashSecret(use, code)
		given.Access, given.Until = code, persian.DateOf(c.At).AddMonths(b.Months)
		_, err = tx.Exec(accessInsert, id, int64(in.Number), sum[:], c.Micros(), int64(given.Until.Pack()),
			int64(actor.Agency), actor.ID, in.Document, c.Act[:])
		return in.body(id, given.Until), err
	})
	return given, proven, err
}

// body is what the journal says of a code that was given: not the code.
func (in *Giving) body(id int64, until persian.Date) []byte {
	b := strconv.AppendInt([]byte(`"access":{"id":`), id, 10)
	b = append(until.AppendTo(append(b, `,"until":"`...)), '"')
	if in.Guardian != 0 {
		b = append(in.Guardian.AppendTo(append(b, `,"guardian":"`...)), '"')
	}
	return append(b, '}')
}

// entitled holds who was seen against the register. What has been handed out
// can be revoked whatever has become of the person.
func (b *Book) entitled(ctx context.Context, actor journal.Actor, in *Giving) error {
	p, found, err := b.persons.ByNumber(ctx, in.Number)
	today := persian.DateOf(b.Clock())
	switch {
	case err != nil:
		return err
	case !found:
		return fault.New(fault.NotFound, "citizen.unknown").At("national_number")
	case p.Hidden(actor):
		return person.ErrProtected
	case in.Revoke:
		return nil
	case p.State == person.Deceased || p.State == person.Cancelled:
		return fault.New(fault.Conflict, "citizen.state").At("national_number")
	case in.Guardian == 0 && !p.Adult(today):
		return fault.New(fault.Invalid, "person.guardian.needed").At("guardian")
	case in.Guardian == 0:
		return nil
	}
	g, found, err := b.persons.ByNumber(ctx, in.Guardian)
	if err == nil && (!found || g.State != person.Active || !g.Adult(today)) {
		err = fault.New(fault.Invalid, "person.guardian.fit").At("guardian")
	}
	return err
}
