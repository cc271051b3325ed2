// Package complaint keeps what citizens report: an agency demanded a copy of a
// document, which it may not (circular of 1399/06/17). Anybody can report,
// without saying who he is.
//
// A report goes like this:
//
//  1. It is filed. The citizen gets a tracking code and a secret; both together
//     show him what becomes of it. The same report once more is the same
//     report, with a code and a secret of its own; a flood of reports against
//     one agency is held until an inspector has looked at it.
//  2. The agency's highest officer answers, within fifteen days. Inspectors see
//     it from the beginning.
//  3. An inspector judges: upheld or rejected, with a reason. He can when the
//     agency has answered, or has let its deadline go by.
//  4. The citizen may have it opened again, once, within thirty days; then
//     another inspector judges.
//
// What is upheld, and what was answered late, counts in the agency's evaluation
// (figures.go): each figure names the reports behind it.
//
// Who reports is nowhere in the log. How he can be reached, if he says so, only
// inspectors see, and it is forgotten six months after the judgement.
package complaint

import (
	"context"
	"encoding/json"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// State is how a report stands.
type State uint8

// The states; rows store these numbers.
const (
	Held     State = 1 // came in a flood: an inspector has to let it in
	Opened   State = 2 // waits for the agency's answer
	Answered State = 3 // waits for the inspector's judgement
	Upheld   State = 4
	Rejected State = 5
)

var states = [...]string{Held: "held", Opened: "open", Answered: "answered", Upheld: "upheld", Rejected: "rejected"}

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
	for i, name := range states {
		if name != "" && name == string(b) {
			*s = State(i)
			return nil
		}
	}
	return fault.New(fault.Invalid, "complaint.word")
}

// judged reports whether an inspector has spoken.
func (s State) judged() bool { return s >= Upheld }

// Complaint is one report.
type Complaint struct {
	ID       int64            `json:"complaint,omitzero"`
	Code     ids.TrackingCode `json:"tracking_code,omitempty"`
	Agency   ids.LegalID      `json:"agency"`
	Process  string           `json:"process,omitempty"`
	Document string           `json:"document"` // type of the document that was demanded
	Day      persian.Date     `json:"date"`
	Province string           `json:"province"`
	County   string           `json:"county,omitempty"`
	Place    string           `json:"place,omitempty"`
	Text     string           `json:"text"`
	Contact  string           `json:"contact,omitempty"` // for inspectors alone
	State    State            `json:"state"`
	Made     time.Time        `json:"filed"`
	Deadline persian.Date     `json:"deadline,omitzero"` // of the agency's answer
	Answered time.Time        `json:"answered,omitzero"`
	Late     bool             `json:"late"` // an answer came after its deadline, or is overdue
	Judged   time.Time        `json:"judged,omitzero"`
	Reopened int              `json:"reopened"`
	Copies   int              `json:"copies,omitzero"` // how often the same was reported

	Accountable string `json:"accountable,omitempty"` // login of who answers for the agency
	Steps       []Step `json:"steps,omitempty"`

	judge string
}

// Step is what somebody did with a report.
type Step struct {
	What    string      `json:"what"` // filed, held, admitted, answered, upheld, rejected, reopened
	At      time.Time   `json:"at"`
	Role    string      `json:"role"`
	Agency  ids.LegalID `json:"agency,omitzero"`
	Officer string      `json:"officer,omitempty"` // login; the citizen is not told it
	Text    string      `json:"text,omitempty"`
}

// Book reads and changes reports. It is safe for concurrent use.
type Book struct {
	Clock func() time.Time // set before use

	db        *store.DB
	agencies  *agency.Book
	processes *process.Book
	days      func(on persian.Date) int // for the agency's answer
}

// The law's texts name no deadline for the answer to a report. Fifteen days is
// what citizens are used to from complaints against agencies; the board may
// decide otherwise.
const (
	usualDays  = 15
	mostDays   = 90
	reopenDays = 30 // in which the citizen may have a report opened again
	keepMonths = 6  // of the contact, from the judgement on
)

// Open makes a Book on the register db.
func Open(_ context.Context, db *store.DB, agencies *agency.Book, processes *process.Book) (*Book, error) {
	return &Book{
		Clock: time.Now, db: db, agencies: agencies, processes: processes,
		days: func(persian.Date) int { return usualDays },
	}, nil
}

// Days is the effect of a decision of the board on how many days an agency has
// for its answer.
const Days = "complaint-days"

type daysParams struct {
	Days int `json:"days"`
}

// Obey lets the board's decisions say how many days there are.
func (b *Book) Obey(boards *board.Book) {
	boards.Obey(Days, func(params json.RawMessage) error {
		var p daysParams
		if err := board.Params(params, &p); err != nil {
			return err
		}
		if p.Days < 1 || p.Days > mostDays {
			return fault.New(fault.Invalid, "complaint.days").At("days")
		}
		return nil
	}, nil)
	b.days = func(on persian.Date) int {
		var p daysParams
		d, ok := boards.InForce(Days, on)
		if !ok || json.Unmarshal(d.Effect.Params, &p) != nil {
			return usualDays
		}
		return p.Days
	}
}

func (b *Book) today() persian.Date { return persian.DateOf(b.Clock()) }

// Message is what the citizen is told.
type Message struct {
	Key string `json:"key"`
	Fa  string `json:"fa"`
	En  string `json:"en"`
}

// message is what the citizen is told of how his report stands.
func (b *Book) message(c *Complaint) Message {
	key, args := "complaint.message."+c.State.String(), []string(nil)
	switch c.State {
	case Opened:
		args = []string{c.Deadline.String()}
		if c.Late {
			key = "complaint.message.late"
		} else if c.Reopened > 0 {
			key = "complaint.message.reopened"
		}
	case Upheld, Rejected:
		args = []string{c.reopenable().String()}
		if c.Reopened > 0 {
			key += "_again"
		}
	}
	return Message{key, message.Text(message.Fa, key, args...), message.Text(message.En, key, args...)}
}

// reopenable is the last day on which the citizen may have it opened again.
func (c *Complaint) reopenable() persian.Date { return persian.DateOf(c.Judged).AddDays(reopenDays) }

var (
	errUnknown = fault.New(fault.NotFound, "complaint.unknown").At("complaint")
	errMissing = fault.New(fault.Invalid, "complaint.missing")
)

func scan(row func(...any) error, today persian.Date) (*Complaint, error) {
	c := &Complaint{}
	var agency, day, state, made, deadline, answered, late, judged int64
	err := row(&c.ID, &agency, &c.Process, &c.Document, &day, &c.Province, &c.County, &c.Place, &c.Text, &c.Contact,
		&state, &made, &deadline, &answered, &late, &judged, &c.judge, &c.Reopened, &c.Copies, &c.Code)
	c.Agency, c.Day, c.State = ids.LegalID(agency), persian.UnpackDate(int32(day)), State(state)
	c.Made, c.Answered, c.Judged = store.Moment(made), store.Moment(answered), store.Moment(judged)
	if deadline != 0 {
		c.Deadline = persian.UnpackDate(int32(deadline))
	}
	c.Late = late != 0 || c.State == Opened && c.Deadline.Compare(today) < 0
	return c, err
}

// read is a report's row within a transaction. Faults: complaint.missing,
// complaint.unknown.
func (b *Book) read(tx *store.Tx, id int64) (c *Complaint, err error) {
	if id == 0 {
		return nil, errMissing.At("complaint")
	}
	err = tx.Each(byID, []any{id}, func(row func(...any) error) (err error) {
		c, err = scan(row, b.today())
		return err
	})
	if err == nil && c == nil {
		err = errUnknown
	}
	return c, err
}

func steps(tx *store.Tx, c *Complaint) error {
	c.Steps = nil
	return tx.Each(stepAll, []any{c.ID}, func(row func(...any) error) error {
		var s Step
		var at, agency int64
		err := row(&s.What, &at, &s.Role, &agency, &s.Officer, &s.Text)
		s.At, s.Agency = store.Moment(at), ids.LegalID(agency)
		c.Steps = append(c.Steps, s)
		return err
	})
}

// write puts how a report stands and the step that led there.
func write(tx *store.Tx, c *Complaint, what, text string, ch *register.Change) error {
	_, err := tx.Exec(update, int64(c.State), packed(c.Deadline), store.Micros(c.Answered), c.Late, store.Micros(c.Judged), c.judge,
		int64(c.Reopened), int64(c.Copies), c.ID)
	if err != nil {
		return err
	}
	return putStep(tx, c.ID, what, text, ch)
}

func putStep(tx *store.Tx, id int64, what, text string, ch *register.Change) error {
	officer := ch.Actor.ID
	if ch.Actor.Role == register.Citizen {
		officer = ""
	}
	_, err := tx.Exec(stepInsert, id, what, ch.Micros(), ch.Actor.Role, int64(ch.Actor.Agency), officer, text, ch.Act[:])
	return err
}

func packed(d persian.Date) int64 {
	if d.IsZero() {
		return 0
	}
	return int64(d.Pack())
}
