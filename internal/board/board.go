// Package board keeps the board of article 13 of the bylaw of 1378: its
// members, sessions and decisions, and what it wants done. The registry, the
// planning organisation, the Post and the administrative organisation have
// seats in it.
//
// A decision goes like this:
//
//  1. A member drafts it, in a session that had a quorum: its text, whose
//     decision it is, what the program shall do and from which day. An effect
//     that the program does not know, or cannot carry out as described, is
//     refused here, so that nothing is decided that nobody obeys.
//  2. Members sign it, each over the digest of what it says, with a certificate
//     of his own; one for each body.
//  3. With the third body it is decided. In the same transaction its effect is
//     carried out, or holds from its day on for those who read it (InForce).
//
// Until then it may be withdrawn. Once decided it is never changed: a later
// one takes its place, or repeals it.
//
// The board knows no other noun. They register with Obey what they do on a
// decision; a crash before the commit of step 3 leaves a decision that lacks a
// signature and an effect that has not happened.
package board

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Bodies are the four that have seats, by the kinds of their agencies.
var Bodies = []string{"registry", "planning", "post", "administration"}

// quorum is how many of the bodies a session and a decision need.
const quorum = 3

// Offices of members.
const (
	Chair     = "chair"
	Secretary = "secretary"
)

// Authorities are those whose decisions are recorded here. The law leaves some
// questions to others than the board, which then only carries them out.
const (
	Board     = "board"
	Ministers = "council-of-ministers"
	Interior  = "interior-ministry"
	Planning  = "planning-organisation"
)

var authorities = []string{Board, Ministers, Interior, Planning}

// Member is one membership: who sat for which body in which time.
type Member struct {
	ID     int64        `json:"member"`
	Body   string       `json:"body"`
	Agency ids.LegalID  `json:"agency"`
	Login  string       `json:"login"`
	Office string       `json:"office,omitempty"`
	From   persian.Date `json:"from"`
	Until  persian.Date `json:"until"` // last day

	Reason   string `json:"reason"` // of the last change
	Document string `json:"document"`
}

// on reports whether the membership holds on a day.
func (m *Member) on(day persian.Date) bool {
	return m.From.Compare(day) <= 0 && day.Compare(m.Until) <= 0
}

// Session is one that was held.
type Session struct {
	ID      int64        `json:"session"`
	Date    persian.Date `json:"date"`
	Place   string       `json:"place"`
	Present []int64      `json:"present"` // members
	Agenda  string       `json:"agenda"`
	Minutes string       `json:"minutes"`
	Made    time.Time    `json:"registered"`
	Member  int64        `json:"registered_by"`
}

// State is how a decision stands.
type State uint8

// The states; rows store these numbers.
const (
	Drafted   State = 1 // signatures are gathered
	Decided   State = 2
	Withdrawn State = 3
)

var states = [...]string{Drafted: "drafted", Decided: "decided", Withdrawn: "withdrawn"}

// String is the state's name.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// MarshalText is String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *State) UnmarshalText(b []byte) error {
	i := slices.Index(states[:], string(b))
	if i <= 0 {
		return fault.New(fault.Invalid, "board.word")
	}
	*s = State(i)
	return nil
}

// Effect is what the program does on a decision.
type Effect struct {
	Kind   string          `json:"kind"`
	Params json.RawMessage `json:"params,omitempty"` // a JSON object
}

// Decision is one decision.
type Decision struct {
	ID        int64        `json:"decision"`
	Session   int64        `json:"session"`
	Date      persian.Date `json:"date"` // of the session
	Text      string       `json:"text"`
	Reference string       `json:"reference"`
	Authority string       `json:"authority"`
	Effect    Effect       `json:"effect,omitzero"`
	From      persian.Date `json:"from"`
	SHA256    string       `json:"sha256"` // of all the above: what members sign
	State     State        `json:"state"`
	Made      time.Time    `json:"drafted"`
	Member    int64        `json:"drafted_by"`
	Ended     time.Time    `json:"ended,omitzero"` // decided or withdrawn
	Repealed  int64        `json:"repealed_by,omitzero"`
	Over      persian.Date `json:"over,omitzero"` // of a repealed one: the day from which it no longer holds

	Signatures []Signature `json:"signatures,omitempty"`
}

// Signature is one member's.
type Signature struct {
	Body   string    `json:"body"`
	Member int64     `json:"member"`
	At     time.Time `json:"at"`
}

// on reports whether a decided decision holds on a day.
func (d *Decision) on(day persian.Date) bool {
	return d.From.Compare(day) <= 0 && (d.Over.IsZero() || day.Compare(d.Over) < 0)
}

// FollowUp is something that the board wants an agency or a body to do.
type FollowUp struct {
	ID          int64        `json:"follow_up"`
	Decision    int64        `json:"decision,omitzero"` // from which it follows
	Text        string       `json:"text"`
	Responsible ids.LegalID  `json:"responsible"`
	Due         persian.Date `json:"due"`
	Made        time.Time    `json:"registered"`
	Member      int64        `json:"registered_by"`
	Evidence    string       `json:"evidence,omitempty"`
	Done        persian.Date `json:"done,omitzero"`
	Closer      int64        `json:"done_by,omitzero"`
	Late        int          `json:"days_late"` // until it was done, or until today
}
