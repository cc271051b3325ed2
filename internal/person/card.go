package person

import (
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// CardState is where a national card stands (design: announced → applied →
// appointed → issued → must be replaced → replaced, void, expired, lost).
type CardState uint8

// The states of a card; rows store these numbers.
const (
	NoCard      CardState = 0
	Announced   CardState = 1 // the holder's turn to apply has come (bylaw, art. 2)
	Applied     CardState = 2
	Appointed   CardState = 3 // has a day for photograph and fingerprints
	Issued      CardState = 4
	MustReplace CardState = 5 // bylaw, art. 3; Reason says why
	Replaced    CardState = 6
	Void        CardState = 7 // the holder has died (bylaw, note to art. 3)
	Expired     CardState = 8 // computed on reading: issued, and its last day has passed
	Lost        CardState = 9
)

var cardStates = [...]string{
	"none", "announced", "applied", "appointed", "issued", "must_be_replaced", "replaced", "void", "expired", "lost",
}

// String is the state's name in files and records.
func (s CardState) String() string {
	if int(s) < len(cardStates) {
		return cardStates[s]
	}
	return word(cardStages[:], int(s))
}

// CardReason is why a card must be replaced.
type CardReason uint8

// The reasons (bylaw, art. 3); 0 is none.
const (
	Moved       CardReason = 1 // the residence changed
	ItemChanged CardReason = 2 // an item printed on the card changed
	Damaged     CardReason = 3
)

var cardReasons = [...]string{"", "moved", "item_changed", "damaged"}

// String is the reason's name in files and records, "" for none.
func (r CardReason) String() string { return word(cardReasons[:], int(r)) }

// Card is the state of a person's national card.
type Card struct {
	State  CardState
	Reason CardReason   // only with MustReplace
	Valid  persian.Date // last day of validity
	Serial string       // as printed on it
}

// MustBeReplaced reports whether whoever asks about the holder is told,
// unasked, that the card must be replaced (bylaw, art. 3).
func (c *Card) MustBeReplaced() bool {
	return c.State == MustReplace || c.State == Expired || c.State == Lost
}

// at is the card as it stands on a day: an issued one may have expired.
func (c Card) at(today persian.Date) Card {
	if c.State == Issued && !c.Valid.IsZero() && c.Valid.Compare(today) < 0 {
		c.State = Expired
	}
	return c
}

// settle keeps the rules that hold for a record by itself: the card of the
// deceased is void (bylaw, note to art. 3), and that a card has expired is
// never stored.
func (p *Person) settle() {
	switch {
	case !p.Alive() && p.Card.State != NoCard:
		p.Card.State, p.Card.Reason = Void, 0
	case p.Card.State == Expired:
		p.Card.State = Issued
	}
	if p.Card.State != MustReplace {
		p.Card.Reason = 0
	}
}

// revived reports whether the change from old to p annuls a death.
func revived(old, p *Person) bool {
	return !old.Alive() && p.Alive() && p.State != Cancelled
}

// follow keeps the rules that couple the card to its holder's record, within
// the change from old to p. A card state that the change itself sets stands.
// alive is the last version before a death, if the change annuls one and it is
// known: the card is again what it was then. reprint says that an item printed
// on the card, the residence code apart, is not what it was, before the death
// if there was one.
func (p *Person) follow(old, alive *Person, reprint bool) {
	if p.Card.State != old.Card.State || p.Card.Reason != old.Card.Reason || !p.Alive() {
		return
	}
	home := old.Postal
	if alive != nil && old.Card.State == Void {
		p.Card.State, p.Card.Reason = alive.Card.State, alive.Card.Reason
		home = alive.Postal
	}
	switch {
	case p.Card.State != Issued:
	case reprint:
		p.Card.State, p.Card.Reason = MustReplace, ItemChanged
	case p.Postal != home:
		p.Card.State, p.Card.Reason = MustReplace, Moved
	}
}

// Validity is a decision on how long cards are valid (bylaw, note to art. 2).
type Validity struct {
	DecidedOn persian.Date `json:"decided_on"` // holds for cards issued from this day on
	Years     int          `json:"years"`
	Reference string       `json:"reference"` // body, number and clause of the decision
}

// validUntil is the last day of a card issued on a day, by the decision that was
// in force then.
func validUntil(tx *store.Tx, issued persian.Date) (persian.Date, error) {
	var years int
	found, err := tx.One(validityAt, []any{int64(issued.Pack())}, &years)
	if err == nil && !found {
		err = fault.New(fault.Invalid, "person.card.validity")
	}
	return issued.AddYears(years), err
}

// Check refuses a decision that says nothing, and cleans its text.
func (v *Validity) Check() error {
	var bad mistakes
	bad.text(&v.Reference, "reference", false, maxReference)
	bad.When(!v.DecidedOn.Precise() || v.Years < 1 || v.Years > 100 || v.Reference == "", "", "person.card.decision")
	return bad.Err()
}

// DecideCardValidity writes down a decision that has been checked, in the
// transaction of who decides.
func DecideCardValidity(tx *store.Tx, v *Validity) error {
	_, err := tx.Exec(validityPut, int64(v.DecidedOn.Pack()), v.Years, v.Reference)
	return err
}
