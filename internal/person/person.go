// Package person keeps the population register: persons, their shenasnamehs,
// residences and cards.
//
// # One row, one read
//
// A row of person holds all that an inquiry about identity, shenasnameh, card,
// residence or a predicate needs, so that every such inquiry costs one point
// read, whatever it asks and whichever warning it must give unasked. Only two
// rare things stand elsewhere and cost a second read: the number that
// superseded a cancelled one, and a card's serial of an unusual form.
//
// Names, series and offices are dictionary-encoded: a row holds small ids,
// which the Book resolves from memory without a lock. An integer takes in
// SQLite only the bytes its value needs, plus one for its column; therefore
// what belongs together shares a column, as digits that stay readable (see the
// migration): birth and death, version, state and sex, the booklet's particulars, the
// residence with its day, all of the card. With that a person takes less than 50
// bytes, which a test measures; a separate table for residences or cards would cost
// nine more for each row of it.
//
// # Versions
//
// Put is the one way to change a row (Load, for empty registers, apart). It
// wants the version that the caller has seen, copies the row it replaces into
// the history with who, why and when, and keeps the rules that the law couples
// to a change in the same transaction (card.go). AsOf answers from the
// history. Since the register takes over records that existed before it, the
// first version of a row counts from the person's birth on.
package person

import (
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// State is what the register holds of a number.
type State uint8

// The states; rows store these numbers.
const (
	Active      State = 1
	Deceased    State = 2
	Cancelled   State = 3 // the number is void; Successor may tell which one counts
	UnderReview State = 4 // something in the record is doubted
	Protected   State = 5 // may not be shown
)

var states = [...]string{Active: "active", Deceased: "deceased", Cancelled: "cancelled", UnderReview: "under_review", Protected: "protected"}

// String is the state's name in files and records.
func (s State) String() string { return word(states[:], int(s)) }

// Sex as registered.
type Sex uint8

// The sexes; 0 is not on record.
const (
	Male   Sex = 1
	Female Sex = 2
)

var sexes = [...]string{Male: "male", Female: "female"}

// String is the sex's name in files and records, "" if not on record.
func (s Sex) String() string { return word(sexes[:], int(s)) }

// MarshalText is String.
func (s Sex) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a sex's name in records: male or female.
func (s *Sex) UnmarshalText(b []byte) error {
	for i, w := range sexes {
		if w != "" && w == string(b) {
			*s = Sex(i)
			return nil
		}
	}
	return fault.New(fault.Invalid, "person.word")
}

func word(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

// Person is one version of one record.
type Person struct {
	Number    ids.NationalNumber
	Given     persian.Name
	Surname   persian.Name
	Father    persian.Name // zero: not on record
	Born      persian.Date // month and day may be unknown
	Died      persian.Date // zero: alive, or the day is unknown
	Sex       Sex
	State     State
	Sayyed    bool               // shown with the name; names are compared without
	Successor ids.NationalNumber // of a cancelled number; 0: none

	Shenasnameh    Shenasnameh
	Postal         ids.PostalCode // declared residence; 0: none on record
	ResidenceSince persian.Date   // day of the declaration
	Card           Card

	Version int64 // 1, 2, 3 …; 0: not yet in the register
}

// Alive reports whether no death is on record, whatever else the state says: a
// record under review may be of a dead person.
func (p *Person) Alive() bool { return p.State != Deceased && p.Died.IsZero() }

// Shenasnameh is the booklet's particulars. Zero values are not on record.
type Shenasnameh struct {
	Number     ids.ShenasnamehNumber
	Serie      ids.Serie
	Serial     ids.Serial
	Office     int    // code of the registry office that issued it
	IssuePlace string // that office's name as printed
}
