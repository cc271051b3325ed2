// Package audit asks agencies why they asked (circular of 1399/06/17, art. 4):
// a random sample of their inquiries every month, what citizens dispute, and
// what looks unusual.
//
// A case goes like this:
//
//  1. It is opened: by the month's draw, which nobody can steer (sample.go); by
//     the person concerned, who disputes that he was asked about; or by an
//     inspector, from an unusual pattern. It is about one inquiry, and an inquiry
//     has one case.
//  2. The agency's head shows file number, purpose and ground within the time
//     that the agreement's clause gives. File number and purpose are compared with
//     the record of the inquiry, which he is not told.
//  3. An inspector judges: justified, or misuse. Silence closes the case by
//     itself when the deadline has passed.
//  4. Misuse and silence narrow the agreement at once, by what the clause that
//     permitted the inquiry says. The measure is carried out by the program and
//     has its own entry, which names case, agreement, version and clause.
//  5. The head may appeal within 30 days. Another inspector than the one who
//     judged, or a member of the board, decides; upheld, the clause is given back.
//
// A crash after the judgement leaves a measure that is due, and Tend carries it
// out; a crash in the middle of that leaves one under way, of which the
// agreement itself tells whether it was done (measure.go). So a case narrows
// once, however many processes there are.
package audit

import (
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
)

// Sources of a case.
const (
	bySample  = "sample"
	byDispute = "dispute"
	byPattern = "pattern"
)

// State is how a case stands.
type State uint8

// The states; rows store these numbers.
const (
	Awaited State = 1 // the dossier is
	Shown   State = 2 // the judgement is awaited
	Closed  State = 3
)

var states = [...]string{Awaited: "open", Shown: "shown", Closed: "closed"}

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

// Outcome is what was found.
type Outcome uint8

// The outcomes; rows store these numbers. 0: none yet.
const (
	Justified Outcome = 1
	Misuse    Outcome = 2
	Silent    Outcome = 3 // no dossier within the deadline
)

var outcomes = [...]string{"", "justified", "misuse", "silent"}

// String is the outcome's name, "" for none.
func (o Outcome) String() string { return word(outcomes[:], int(o)) }

// MarshalText is String.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an outcome's name.
func (o *Outcome) UnmarshalText(b []byte) error {
	i, err := index(outcomes[:], string(b))
	*o = Outcome(i)
	return err
}

// Appeal is how an appeal stands.
type Appeal uint8

// The states of an appeal; rows store these numbers. 0: there is none.
const (
	Pending  Appeal = 1
	Upheld   Appeal = 2
	Rejected Appeal = 3
)

var appeals = [...]string{"", "pending", "upheld", "rejected"}

// String is the state's name, "" for none.
func (a Appeal) String() string { return word(appeals[:], int(a)) }

// MarshalText is String.
func (a Appeal) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Measure is how far the narrowing of the agreement is.
type Measure uint8

// The states of a measure; rows store these numbers. 0: the case asks for none.
const (
	Due      Measure = 1
	Claimed  Measure = 2 // a process is at it
	Done     Measure = 3
	Stands   Measure = 4 // another case has narrowed the clause in the same way: this one upholds it
	Void     Measure = 5 // there was nothing left to narrow
	LiftDue  Measure = 6 // an appeal was upheld
	Lifting  Measure = 7 // a process is at it
	Lifted   Measure = 8
	Retained Measure = 9 // given back, but for what another case has narrowed
)

var measures = [...]string{
	"", "due", "under_way", "narrowed", "stands", "void", "lifting_due", "lifting", "restored", "retained",
}

// String is the state's name, "" for none.
func (m Measure) String() string { return word(measures[:], int(m)) }

// MarshalText is String.
func (m Measure) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

func word(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

func index(words []string, s string) (int, error) {
	if i := slices.Index(words, s); i > 0 && s != "" {
		return i, nil
	}
	return 0, fault.New(fault.Invalid, "audit.word")
}

// Case is one inquiry whose dossier is asked for. It holds nothing of the
// person. What the agency has to show by itself, it does not see in it.
type Case struct {
	ID       int64            `json:"audit"`
	Source   string           `json:"source"`
	SourceID int64            `json:"source_id,omitzero"` // of the draw or the pattern
	Agency   ids.LegalID      `json:"agency"`             // who asked
	Holder   ids.LegalID      `json:"holder"`             // whose agreement it was
	Code     ids.TrackingCode `json:"code"`
	Asked    time.Time        `json:"asked"`
	Officer  string           `json:"officer"` // login
	Service  string           `json:"service"`
	Process  string           `json:"process,omitempty"`
	Purpose  string           `json:"purpose,omitempty"` // not for the agency
	File     string           `json:"file,omitempty"`    // likewise

	Agreement int64 `json:"agreement"`
	Version   int   `json:"version"`
	Clause    int   `json:"clause"`

	Opened   time.Time    `json:"opened"`
	Deadline persian.Date `json:"deadline"` // the last day for the dossier
	Overdue  bool         `json:"overdue"`  // it has passed, and nothing was shown
	State    State        `json:"state"`
	Outcome  Outcome      `json:"outcome,omitzero"`
	Judged   time.Time    `json:"judged,omitzero"`
	Disputed time.Time    `json:"disputed,omitzero"` // by the person concerned
	Dossier  *Dossier     `json:"dossier,omitempty"`
	Appeal   Appeal       `json:"appeal,omitzero"`

	Measure  Measure `json:"measure,omitzero"`
	How      string  `json:"how,omitempty"`        // what the measure does, as a clause names it
	Narrowed int     `json:"narrowed_to,omitzero"` // the version of the agreement that it made

	Steps []Step `json:"steps,omitempty"` // of Find alone

	judge       string
	judgeAgency ids.LegalID
	claimed     time.Time
}

// Dossier is what the agency has shown.
type Dossier struct {
	At      time.Time `json:"at"`
	Officer string    `json:"officer"`
	File    string    `json:"file"`
	Purpose string    `json:"purpose"` // code
	Words   string    `json:"words"`   // the purpose in words
	Ground  string    `json:"ground"`  // what in the dossier called for the inquiry
	Paper   string    `json:"document_sha256,omitempty"`

	FileAgrees    bool `json:"file_agrees"`    // with the record
	PurposeAgrees bool `json:"purpose_agrees"` // likewise
}

// Step is something that was done with a case.
type Step struct {
	What    string        `json:"what"`
	At      time.Time     `json:"at"`
	By      journal.Actor `json:"-"`
	Role    string        `json:"role"`
	Officer string        `json:"officer,omitempty"` // not of the other side
	Text    string        `json:"text,omitempty"`
}
