package person

import (
	"github.com/estelam/estelam/internal/fault"
)

// The states of a card that its holder has not got yet, or never will. They
// stand in the card's own row; the holder's record says Appointed meanwhile.
const (
	Captured  CardState = 10 // photograph and fingerprints are taken: ready for the printer
	Printing  CardState = 11 // in a batch
	Printed   CardState = 12 // waits at the office to be handed over
	Withdrawn CardState = 13 // the application was taken back
)

var cardStages = [...]string{Captured: "captured", Printing: "printing", Printed: "printed", Withdrawn: "withdrawn"}

// CardEvent is what happens to a card.
type CardEvent uint8

// The events, in the order of a card's life.
const (
	Announce   CardEvent = iota + 1 // the holder's turn has come
	Apply                           // for a first card
	Appoint                         // books an hour, or another one
	Unappoint                       // gives the hour back
	Withdraw                        // the application
	Capture                         // photograph and fingerprints
	Batch                           // into a file for the printer
	Print                           // the printer says: printed
	Misprint                        // the printer says: failed
	Spoil                           // printed, but not to be handed over
	HandOver                        // to the holder
	Move                            // the holder's residence changed
	ChangeItem                      // an item printed on the card changed
	Damage                          // reported damaged
	Expire                          // its last day has passed: on reading
	Lose                            // reported lost
	Replace                         // the next card is handed over
	Die                             // the holder's death is registered
	cardEvents = iota               // how many there are
)

var cardEventWords = [...]string{
	Announce: "announce", Apply: "apply", Appoint: "appoint", Unappoint: "unappoint", Withdraw: "withdraw", Capture: "capture",
	Batch: "batch", Print: "print", Misprint: "misprint", Spoil: "spoil", HandOver: "hand_over", Move: "move", ChangeItem: "change_item",
	Damage: "damage", Expire: "expire", Lose: "lose", Replace: "replace", Die: "die",
}

// String is the event's name in documents.
func (e CardEvent) String() string { return word(cardEventWords[:], int(e)) }

// cardMoves is the whole life of a card: what an event makes of a state. What
// does not stand here is refused. (docs/cards.md draws it; a test compares.)
// An annulled death gives back the state before it (follow, in card.go).
var cardMoves = map[CardState]map[CardEvent]CardState{
	NoCard:      {Announce: Announced, Apply: Applied},
	Announced:   {Apply: Applied, Die: Void},
	Applied:     {Appoint: Appointed, Withdraw: Withdrawn, Die: Void},
	Appointed:   {Appoint: Appointed, Unappoint: Applied, Withdraw: Withdrawn, Capture: Captured, Die: Void},
	Captured:    {Batch: Printing, Withdraw: Withdrawn, Die: Void},
	Printing:    {Print: Printed, Misprint: Captured, Die: Void},
	Printed:     {HandOver: Issued, Spoil: Captured, Die: Void},
	Issued:      {Move: MustReplace, ChangeItem: MustReplace, Damage: MustReplace, Expire: Expired, Lose: Lost, Replace: Replaced, Die: Void},
	MustReplace: {Lose: Lost, Replace: Replaced, Die: Void},
	Expired:     {Move: MustReplace, ChangeItem: MustReplace, Lose: Lost, Replace: Replaced, Die: Void},
	Lost:        {Replace: Lost, Die: Void},
	Replaced:    {},
	Withdrawn:   {},
	Void:        {},
}

// after is what an event makes of the state. Where it makes nothing, the fault
// says where the card stands.
func (s CardState) after(e CardEvent) (CardState, error) {
	next, ok := cardMoves[s][e]
	if !ok {
		return s, fault.New(fault.Conflict, "person.card.at."+s.String())
	}
	return next, nil
}

// pending reports whether somebody has applied and not got the card yet.
func (s CardState) pending() bool {
	switch s {
	case Applied, Appointed, Captured, Printing, Printed:
		return true
	}
	return false
}

// shown is the state that the holder's record says of a first card.
func (s CardState) shown() CardState {
	switch s {
	case Captured, Printing, Printed:
		return Appointed
	case Withdrawn:
		return Announced
	}
	return s
}
