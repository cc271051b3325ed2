// Package notice tells people what the register holds of them (bylaw of 1378,
// art. 7): campaigns of letters, their print batches, delivery and objections.
//
// A campaign goes like this:
//
//  1. A supervisor orders it: who gets a letter. The order and the job that
//     composes it are one transaction.
//  2. The job goes through the register in steps. Each step writes its letters
//     and how far it has come together, so that a crash writes none twice and
//     leaves none out. Who has no address gets no letter but a line in a list.
//  3. Letters are put into print batches in the order of the postal routes, as
//     the register stands that day: who has moved gets his letter at the new
//     place, who has died gets none. From that day on counts the time in which
//     the person may object.
//  4. The batch's PDF is drawn whenever the printer asks for it, from the version
//     of the record that each letter shows. What the printer reports as
//     failed goes into a later batch.
//  5. The batch is handed to the Post, who reports what was delivered and what
//     came back. A letter that came back changes nothing in the register: only
//     the person declares where he lives. It stands in a list, by which the
//     registry office asks after him.
//  6. The person may object with the code of his letter and his national number;
//     that opens a case (package discrepancy).
//
// # The objection code
//
// It is random, and stored as it is: the letter has to be printed again, and
// who can read its row can read the register. It opens nothing but an
// objection, and that only together with the national number; five wrong tries
// a code and day, whether the code exists or not, and the answer says never
// which of the two was wrong.
package notice

import (
	"context"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/store"
)

// Book reads and changes campaigns and letters. It is safe for concurrent use.
type Book struct {
	Clock  func() time.Time // set before use
	Months int              // in which a letter may be objected to; set before use
	Page   string           // public address where objections are made, for letters; set before use
	Demo   bool             // letters say that they count for nothing; set before use

	db      *store.DB
	persons *person.Book
	places  *place.Book
	cases   *discrepancy.Book
}

// months is how long a letter may be objected to, from the making of its batch.
const months = 3

// Open makes a Book on the register db.
func Open(_ context.Context, db *store.DB, persons *person.Book, places *place.Book, cases *discrepancy.Book) (*Book, error) {
	return &Book{Clock: time.Now, Months: months, db: db, persons: persons, places: places, cases: cases}, nil
}

// CampaignState is how far a campaign is.
type CampaignState uint8

// The states; rows store these numbers.
const (
	Composing CampaignState = 1
	Composed  CampaignState = 2
)

var campaignStates = [...]string{Composing: "composing", Composed: "composed"}

// String is the state's name.
func (s CampaignState) String() string { return word(campaignStates[:], int(s)) }

// MarshalText is String.
func (s CampaignState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LetterState is how far a letter is.
type LetterState uint8

// The states; rows store these numbers.
const (
	Made      LetterState = 1
	Batched   LetterState = 2
	Printed   LetterState = 3
	Posted    LetterState = 4
	Delivered LetterState = 5
	Returned  LetterState = 6
	Dropped   LetterState = 7 // never sent: the person died, say, before its batch was made
)

var letterStates = [...]string{Made: "made", Batched: "batched", Printed: "printed", Posted: "posted", Delivered: "delivered", Returned: "returned", Dropped: "dropped"}

// String is the state's name.
func (s LetterState) String() string { return word(letterStates[:], int(s)) }

// MarshalText is String.
func (s LetterState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name; nothing is any.
func (s *LetterState) UnmarshalText(b []byte) error {
	i, err := index(letterStates[:], string(b))
	*s = LetterState(i)
	return err
}

// BatchState is how far a batch is.
type BatchState uint8

// The states; rows store these numbers.
const (
	BatchMade    BatchState = 1
	BatchPrinted BatchState = 2
	BatchPosted  BatchState = 3
)

var batchStates = [...]string{BatchMade: "made", BatchPrinted: "printed", BatchPosted: "posted"}

// String is the state's name.
func (s BatchState) String() string { return word(batchStates[:], int(s)) }

// MarshalText is String.
func (s BatchState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reason is why a letter came back.
type Reason uint8

// The reasons; rows store these numbers. 0: it did not come back.
const (
	Unknown    Reason = 1 // nobody of this name there
	Moved      Reason = 2
	Refused    Reason = 3
	Dead       Reason = 4
	Incomplete Reason = 5 // the address cannot be found
	Unclaimed  Reason = 6 // nobody was met, and nobody came for it
)

var reasons = [...]string{"", "unknown", "moved", "refused", "deceased", "incomplete", "unclaimed"}

// String is the reason's name, "" for none.
func (r Reason) String() string { return word(reasons[:], int(r)) }

// MarshalText is String.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a reason's name; nothing is none, or any.
func (r *Reason) UnmarshalText(b []byte) error {
	i, err := index(reasons[:], string(b))
	*r = Reason(i)
	return err
}

// Lack is why a person has no address to write to.
type Lack uint8

// The lacks; rows store these numbers.
const (
	NoCode  Lack = 1 // no residence on record
	NoPlace Lack = 2 // the postal code is not in the place register
	Gone    Lack = 3 // the place was retired, split or merged
)

var lacks = [...]string{NoCode: "no_postal_code", NoPlace: "no_place", Gone: "place_gone"}

// String is the lack's name.
func (l Lack) String() string { return word(lacks[:], int(l)) }

// MarshalText is String.
func (l Lack) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

func word(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

func index(words []string, s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	if i := slices.Index(words, s); i >= 0 {
		return i, nil
	}
	return 0, fault.New(fault.Invalid, "notice.word")
}
