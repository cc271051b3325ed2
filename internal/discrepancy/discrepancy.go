// Package discrepancy keeps the cases in which somebody says that the register
// is wrong: who works on one, by when, and how it ended (bylaw of 1378, art. 7).
//
// A case goes like this:
//
//  1. It is opened, with a deadline: three months, as the law has it for
//     resolving what notification letters bring to light.
//  2. One clerk takes it. Nobody else can, unless he or a supervisor gives it
//     back.
//  3. He decides. That the register is right, that the objection is rejected, or
//     that it was withdrawn closes the case. A correction becomes a proposal in
//     the register of persons, which somebody else approves.
//  4. When the proposal is done, the case is closed as corrected; when it was
//     refused, withdrawn or overtaken, the case is open again. The proposal is
//     the only truth about this: the case follows it when it is looked at next.
//
// Corrections happen in the register of persons alone; nothing here writes a
// person's row. A crash between the proposal and the case's own row leaves a
// proposal that no case names and a case that is still taken. The clerk then
// withdraws the proposal and decides again; or he decides again when it has
// been carried out, which closes the case, for the record says what he wants.
package discrepancy

import (
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
)

// State is how a case stands.
type State uint8

// The states; rows store these numbers.
const (
	Opened   State = 1 // nobody works on it
	Taken    State = 2
	Proposed State = 3 // a correction waits for approval
	Closed   State = 4
)

var states = [...]string{Opened: "open", Taken: "taken", Proposed: "proposed", Closed: "closed"}

// String is the state's name.
func (s State) String() string { return word(states[:], int(s)) }

// MarshalText is String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *State) UnmarshalText(b []byte) error {
	i, err := index(states[:], string(b))
	*s = State(i)
	return err
}

// Outcome is how a case ended.
type Outcome uint8

// The outcomes; rows store these numbers. 0: the case is not closed.
const (
	Corrected Outcome = 1
	Confirmed Outcome = 2 // the register is right
	Rejected  Outcome = 3 // the objection cannot be examined, or proves nothing
	Withdrawn Outcome = 4 // by who raised it
)

var outcomes = [...]string{"", "corrected", "confirmed", "rejected", "withdrawn"}

// String is the outcome's name, "" for none.
func (o Outcome) String() string { return word(outcomes[:], int(o)) }

// MarshalText is String.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

func word(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

// Objection is the source of a case that a citizen opened by his letter.
const Objection = "objection"

// Case is one case.
type Case struct {
	ID       int64              `json:"case"`
	Subject  ids.NationalNumber `json:"national_number"`
	Source   string             `json:"source"`
	SourceID int64              `json:"-"`
	Letter   int64              `json:"letter,omitzero"` // the source's number, of an objection
	Doubt    int64              `json:"doubt,omitzero"`  // … and of an agency's report
	Version  int64              `json:"version"`         // of the record in doubt
	Text     string             `json:"text,omitempty"`
	Opened   time.Time          `json:"opened"`
	Deadline persian.Date       `json:"deadline"`
	Overdue  bool               `json:"overdue"` // the deadline has passed, and it is not closed
	State    State              `json:"state"`
	Outcome  Outcome            `json:"outcome,omitzero"`
	Taker    string             `json:"taken_by,omitempty"` // login
	Proposal int64              `json:"proposal,omitzero"`

	Items    []Item    `json:"items,omitempty"` // of Read only, as are the steps
	Steps    []Step    `json:"steps,omitempty"`
	Reporter *Reporter `json:"reporter,omitempty"` // of Read, if an agency doubts

	takerAgency ids.LegalID
}

// takenBy reports whether the case is this actor's.
func (c *Case) takenBy(a journal.Actor) bool {
	return c.State == Taken && c.Taker == a.ID && c.takerAgency == a.Agency
}

// Item is one value that is said to be wrong.
type Item struct {
	Field    string `json:"field"`
	OnRecord string `json:"on_record"` // in the version in doubt; "" if nothing was
	Claimed  string `json:"claimed"`
}

// Step is something that was done with a case.
type Step struct {
	What     string        `json:"what"`
	At       time.Time     `json:"at"`
	By       journal.Actor `json:"-"`
	Role     string        `json:"role"`
	Officer  string        `json:"officer"`
	Reason   string        `json:"reason,omitempty"`
	Document string        `json:"document,omitempty"`
	Note     string        `json:"note,omitempty"`
}
