// Package process knows the service processes of agencies and how far copies of
// documents are gone from them: the aim of the circular of 1399/06/17, measured
// and not only ordered.
//
// An agency puts its processes into a catalogue. Its inquiries then name the
// process that they are for, so that what it says of a process, that copies
// are gone from it and all of it is asked online, stands beside what was really
// asked (evidence.go). What is in the way is an obstacle, with an owner and a
// day (obstacle.go). The roll-out goes in waves, by provinces and agencies
// (wave.go).
//
// Processes are asked for on every inquiry, so the Book holds them in memory.
package process

import (
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// State is how far copies are gone from a process.
type State uint8

// The states; rows store these numbers.
const (
	Copies    State = 1 // copies are still taken
	Online    State = 2 // everything is asked online
	Exception State = 3 // a law demands the copy
)

var states = [...]string{Copies: "copies", Online: "online", Exception: "exception"}

// String is the state's name in files and records.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// MarshalText is String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText finds the state with this name.
func (s *State) UnmarshalText(text []byte) error {
	for i, name := range states {
		if name != "" && name == string(text) {
			*s = State(i)
			return nil
		}
	}
	return fault.New(fault.Invalid, "process.state")
}

// Process is one service that an agency gives to the public.
type Process struct {
	Agency    ids.LegalID  `json:"agency"`
	Code      string       `json:"code"`      // by which inquiries name it
	Title     string       `json:"title"`     // what the public calls it
	Documents []string     `json:"documents"` // types of document that it used to demand copies of
	Monthly   int64        `json:"monthly"`   // how often it is done in a month, as the agency declares
	BothKeys  bool         `json:"both_keys"` // inquiries must carry national number and postal code (bylaw of 1378, art. 6)
	State     State        `json:"state"`
	Since     persian.Date `json:"since"`            // of the state
	Reason    string       `json:"reason,omitempty"` // of an exception: the law that demands the copy
	Ended     bool         `json:"ended"`            // given up
	Version   int64        `json:"version"`          // 1, 2, 3 …
}

// DocumentType is a kind of document that a state body issues. Which there are
// is rows, not code: a supervisor adds to them.
type DocumentType struct {
	Code string `json:"code"`
	Fa   string `json:"fa"`
	En   string `json:"en"`
}

const (
	maxText      = 500           // characters of a text
	maxDocuments = 20            // of a process
	maxMonthly   = 1_000_000_000 // of what is declared
	maxCatalogue = 5_000         // processes of an agency
)

// text cleans a text that must be there.
func text(s *string, field string) error {
	clean, err := persian.Display(*s)
	if err == nil && clean == "" {
		err = fault.New(fault.Invalid, "process.missing")
	}
	if err == nil && utf8.RuneCountInString(clean) > maxText {
		err = fault.New(fault.Invalid, "process.long")
	}
	if err != nil {
		return fault.Of(err).At(field)
	}
	*s = clean
	return nil
}
