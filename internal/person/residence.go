package person

import (
	"context"
	"errors"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// FullAge is when a person acts for himself; until then his guardian does.
const FullAge = 18

// ResidenceDeclaration says where a person lives, and since when (bylaw of
// 1378, art. 1). The person himself declares it, or his guardian.
type ResidenceDeclaration struct {
	Number   ids.NationalNumber `json:"national_number"`
	Postal   ids.PostalCode     `json:"postal_code"`
	Since    persian.Date       `json:"since"`
	Guardian ids.NationalNumber `json:"guardian,omitzero"` // who declares it for a person under 18
	Version  int64              `json:"version,omitzero"`  // of the record that was seen; 0: whichever
	register.Grounds
}

// Check reports all that is wrong with the declaration by itself.
func (in *ResidenceDeclaration) Check(today persian.Date) error {
	var bad mistakes
	bad.missing(in.Number == 0, "national_number")
	bad.missing(in.Postal == 0, "postal_code")
	bad.day(in.Since, today, "since")
	bad.When(in.Guardian != 0 && in.Guardian == in.Number, "guardian", "person.guardian.self")
	bad.Add("", in.Grounds.Check())
	return bad.Err()
}

// Resident is what the register says after a declaration or its withdrawal.
type Resident struct {
	Number  ids.NationalNumber `json:"national_number"`
	Postal  ids.PostalCode     `json:"postal_code,omitzero"`
	Since   persian.Date       `json:"since,omitzero"`
	Card    string             `json:"card_state"` // a card in force must be replaced now (bylaw, art. 3)
	Version int64              `json:"register_version"`
}

// DeclareResidence registers where a person lives from a day on. The place must
// be in the place register and in use; a card in force must be replaced from
// then on. Earlier declarations stay in the history.
func (b *Book) DeclareResidence(ctx context.Context, j *journal.Journal, actor journal.Actor, in *ResidenceDeclaration) (*Resident, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(b.today()); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.inhabitable(ctx, in.Postal); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.settleResidence(ctx, j, actor, in, "residence", func(tx *store.Tx, p *Person) (string, error) {
		switch {
		case p.Postal == in.Postal:
			return "", fault.New(fault.Conflict, "person.residence.same")
		case in.Since.Compare(p.Born) < 0:
			return "", fault.New(fault.Invalid, "person.residence.born").At("since")
		case p.ResidenceSince.Compare(in.Since) > 0:
			return "", fault.New(fault.Invalid, "person.residence.order").At("since")
		}
		if err := b.declarer(tx, p, in.Guardian); err != nil {
			return "", err
		}
		p.Postal, p.ResidenceSince = in.Postal, in.Since
		if in.Guardian == 0 {
			return "", nil
		}
		return `{"guardian":"` + in.Guardian.String() + `"}`, nil
	})
}

// ResidenceWithdrawal takes a declaration back: the person has no place.
type ResidenceWithdrawal struct {
	Number  ids.NationalNumber `json:"national_number"`
	Version int64              `json:"version,omitzero"` // of the record that was seen; 0: whichever
	register.Grounds
}

// WithdrawResidence registers that the declaration on record holds no more and
// none has taken its place.
func (b *Book) WithdrawResidence(ctx context.Context, j *journal.Journal, actor journal.Actor, in *ResidenceWithdrawal) (*Resident, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := stated(in.Number, &in.Grounds); err != nil {
		return nil, journal.Proven{}, err
	}
	d := &ResidenceDeclaration{Number: in.Number, Since: b.today(), Version: in.Version, Grounds: in.Grounds}
	return b.settleResidence(ctx, j, actor, d, "residence_withdrawn", func(_ *store.Tx, p *Person) (string, error) {
		if p.Postal == 0 {
			return "", fault.New(fault.Conflict, "person.residence.none")
		}
		p.Postal, p.ResidenceSince = 0, persian.Date{}
		return "", nil
	})
}

// ResidencesOf lists a person's declarations, oldest first, as a reading that
// stands in the journal.
func (b *Book) ResidencesOf(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reading) ([]Residence, journal.Proven, error) {
	return read(ctx, b, j, actor, in, "residences", func() ([]Residence, *Person, bool, error) {
		p, found, err := b.ByNumber(ctx, in.Number)
		if !found || err != nil {
			return nil, nil, false, err
		}
		all, err := b.Residences(ctx, in.Number)
		return all, p, true, err
	})
}

// settleResidence is what a declaration and its withdrawal have in common.
func (b *Book) settleResidence(ctx context.Context, j *journal.Journal, actor journal.Actor, in *ResidenceDeclaration, event string, change func(*store.Tx, *Person) (detail string, err error)) (*Resident, journal.Proven, error) {
	var now *Resident
	a := alteration{kind: receipt.ResidenceChange, event: event, on: in.Since, number: in.Number, version: in.Version, grounds: in.Grounds}
	proven, err := b.alter(ctx, j, actor, &a, func(tx *store.Tx, _ *register.Change, p *Person) (detail string, err error) {
		if err := holder(p); err != nil {
			return "", err
		}
		return change(tx, p)
	}, func(p *Person) {
		now = &Resident{p.Number, p.Postal, p.ResidenceSince, p.Card.at(b.today()).State.String(), p.Version}
	})
	return now, proven, err
}

// declarer checks who declares: the person himself from 18 on, before that a
// guardian of full age.
func (b *Book) declarer(tx *store.Tx, p *Person, guardian ids.NationalNumber) error {
	if guardian == 0 {
		if !aged(p.Born, FullAge, b.today()) {
			return fault.New(fault.Invalid, "person.guardian.needed").At("guardian")
		}
		return nil
	}
	g, found, err := current(tx, b, guardian)
	switch {
	case err != nil:
		return err
	case !found || g.State != Active || !aged(g.Born, FullAge, b.today()):
		return fault.New(fault.Invalid, "person.guardian.fit").At("guardian")
	}
	return nil
}

// inhabitable checks that a place exists and is in use. A place that was given
// up names its successors. (A place that is split in the same moment is like
// one split a moment after the declaration: the place register tells.)
func (b *Book) inhabitable(ctx context.Context, code ids.PostalCode) error {
	if b.Places == nil {
		return errors.New("person: the book was given no place register")
	}
	at, found, err := b.Places.ByCode(ctx, code)
	switch {
	case err != nil:
		return err
	case !found:
		return fault.New(fault.Invalid, "person.residence.place").At("postal_code")
	case at.State == place.Active:
		return nil
	case len(at.Successors) == 0:
		return fault.New(fault.Invalid, "person.residence.retired").At("postal_code")
	}
	next := make([]string, 0, 10)
	for _, s := range at.Successors {
		if len(next) == cap(next) {
			next = append(next, "…")
			break
		}
		next = append(next, s.String())
	}
	return fault.New(fault.Invalid, "person.residence.moved", strings.Join(next, " ")).At("postal_code")
}

// province is where a postal code lies; "" if the place is not on record.
func (b *Book) province(ctx context.Context, code ids.PostalCode) (string, error) {
	if code == 0 || b.Places == nil {
		return "", nil
	}
	at, found, err := b.Places.ByCode(ctx, code)
	if err != nil || !found {
		return "", err
	}
	return at.Province, nil
}
