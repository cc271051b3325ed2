// Package delivery hands agencies what the law owes them of the persons they
// cover (bylaw of 1378, art. 5): an agency's list comes in, names spelt as
// people spell them, numbers missing or wrong; out come, row by row, a status
// and the permitted items, with a tracking code.
//
// What happens with one delivery, in this order:
//
//  1. The agency's highest officer requests it: grounds, purpose, items, method,
//     whom the agency covers. The agreement in force must permit all of it, and
//     the board must have approved the method. The registry approves it with a
//     priority, or refuses it with a reason (request.go).
//  2. The agency hands its file in. It is sealed while it arrives and never
//     stands anywhere in clear; what its columns are taken for is shown before
//     anything runs (file.go).
//  3. Started, it waits in the queue: the board's order first, then who came
//     first. The job reads the file, links it against the register's image and
//     writes whom each row was linked to. Nothing has left yet (work.go).
//  4. The guard looks at the whole: a list of guesses, and a file of people whom
//     the agency does not cover, are stopped here, and no row is answered.
//  5. Rows are answered in units: for automatic links, and only for these, the
//     items are read from the register as it stands at this moment. Each row is
//     an entry of the journal with its own code, on whom it is about (answer.go).
//  6. The file is one entry more. It cites the SHA-256 of the manifest, which
//     cites those of the input and of the result; so the log's signature is on
//     all of it (manifest.go).
//  7. The agency fetches the result: rows by the API, or a package encrypted to
//     its key, in parts (result.go, pack.go). When it has acknowledged, and else
//     after a time, file, rows and package are forgotten (keep.go).
//
// The result is kept nowhere but in the journal: whoever reads it, and the job
// itself after a crash, reads what was committed. Units have idempotency keys
// made of the delivery's number and theirs, so an interrupted job goes on with
// the same codes and the same bytes.
package delivery

import (
	"context"
	"time"

	"filippo.io/age"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Config names the parts that a Book stands on. All are needed but the last.
type Config struct {
	DB         *store.DB // the register
	Journal    *journal.Journal
	Persons    *person.Book
	Places     *place.Book
	Agencies   *agency.Book
	Agreements *agreement.Book
	Board      *board.Book // whose decisions deliveries obey
	Mirror     *mirror.Mirror
	Feeds      *feed.Book
	Jobs       *job.Queue
	Dir        string // where files lie sealed, and the key that they are sealed to
	Node       string // whose directory it is: the node does its own deliveries

	Clock func() time.Time // nil: time.Now
}

// Book reads and changes deliveries. It is safe for concurrent use.
type Book struct {
	MostBytes int64         // of a file; set before use
	MostRows  int64         // of a file; set before use
	Keep      time.Duration // after acknowledgement until all is forgotten, thrice as long without one; set before use

	Lease time.Duration // how long a clerk has a case to himself; set before use
	Undo  time.Duration // how long a clerk's decision can be undone; set before use
	Least int           // so many decisions correct the estimates; set before use

	c        Config
	key      *age.X25519Identity // of files at rest
	suspects Suspects
}

// What a delivery can hold, unless the binary says otherwise.
const (
	usualBytes = 2 << 30
	usualRows  = 10_000_000
	usualKeep  = 30 * 24 * time.Hour
)

// Open makes a Book, and on the first time the key of its directory.
func Open(_ context.Context, c Config) (*Book, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	b := &Book{MostBytes: usualBytes, MostRows: usualRows, Keep: usualKeep, Lease: usualLease, Undo: usualUndo, Least: usualLeast, c: c}
	var err error
	b.key, err = loadKey(c.Dir)
	b.obey()
	return b, err
}

// State is how far a delivery is.
type State uint8

// The states; rows store these numbers.
const (
	Requested    State = 1
	Approved     State = 2
	Queued       State = 3 // started, and waits for its turn
	Running      State = 4
	Delivered    State = 5 // the result can be fetched
	Acknowledged State = 6
	Refused      State = 7
	Stopped      State = 8 // by the guard: nothing was answered
	Withdrawn    State = 9 // by the agency
)

var states = [...]string{
	"", "requested", "approved", "queued", "running", "delivered", "acknowledged", "refused", "stopped", "withdrawn",
}

// String is the state's name.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return ""
}

// MarshalText is String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name; nothing is any.
func (s *State) UnmarshalText(b []byte) error {
	for i, name := range states {
		if name == string(b) {
			*s = State(i)
			return nil
		}
	}
	return errWord
}

var errWord = fault.New(fault.Invalid, "delivery.word")

// Methods of handing over (law B.5, note 1). The law itself names the first
// two; others are for the board to approve.
const (
	Terminal = "terminal" // rows on an officer's screen, a few at a time
	Media    = "media"    // an encrypted package
	API      = "api"      // rows by program
)

// Coverages: how it is known whom the agency covers.
const (
	Declared  = "declared"  // whoever stands in the file, as the highest officer declares
	Provinces = "provinces" // who lives in these provinces
	Follows   = "follows"   // whom the agency follows (package feed)
)

// Delivery is one delivery.
type Delivery struct {
	ID        int64       `json:"delivery"`
	Agency    ids.LegalID `json:"agency"`
	State     State       `json:"state"`
	Purpose   string      `json:"purpose"`
	Fields    []string    `json:"fields"`
	Method    string      `json:"method"`
	Distinct  bool        `json:"distinct"`
	Coverage  string      `json:"coverage"`
	Provinces []string    `json:"provinces,omitzero"`
	register.Grounds

	Agreement int64 `json:"agreement"`
	Version   int   `json:"agreement_version"`
	Clause    int   `json:"clause"`

	Officer   string    `json:"officer"` // login of the highest officer
	Requested time.Time `json:"requested"`
	Priority  int       `json:"priority,omitzero"`   // 1 is first
	Rank      int       `json:"board_rank,omitzero"` // the agency's place in the board's order, which comes before the priority
	Decided   time.Time `json:"decided,omitzero"`
	Note      string    `json:"note,omitzero"` // why it was refused or stopped

	Format string    `json:"format,omitzero"` // of the file, once it is there
	SHA256 string    `json:"sha256,omitzero"`
	Size   int64     `json:"size,omitzero"`
	Job    int64     `json:"job,omitzero"`
	Queued time.Time `json:"queued,omitzero"`

	Linked    time.Time `json:"linked,omitzero"`
	Rows      int64     `json:"rows,omitzero"`
	Answered  int64     `json:"answered,omitzero"`
	Delivered time.Time `json:"delivered,omitzero"`

	Ended        time.Time `json:"ended,omitzero"` // by refusal, stop or withdrawal
	Acknowledged time.Time `json:"acknowledged,omitzero"`
	Purged       time.Time `json:"purged,omitzero"`

	Due  persian.Date `json:"due,omitzero"`       // last day of the law's six months
	Late int          `json:"days_late,omitzero"` // beyond it, so far or until it was delivered

	JobState string `json:"job_state,omitzero"`
	JobFault string `json:"job_fault,omitzero"` // message key: why it failed, or is tried again
	Done     int64  `json:"done,omitzero"`      // of twice the rows: each is linked, then answered
	Total    int64  `json:"total,omitzero"`
	Rest     int64  `json:"rest_seconds,omitzero"` // until it is done, as it goes

	reading  Reading // how the columns are read
	node     string
	report   string // JSON: Report
	act      []byte // of the entry for the file
	manifest string
	pack     string // JSON: Package
}

// Row is one row of a delivery and whom it was linked to. Of persons who may
// not be shown the status says not_found to everybody outside.
type Row struct {
	No          int64              // 0, 1, 2 …
	Line        int64              // row number in the sheet
	Status      linkage.Status     //
	Subject     ids.NationalNumber // 0: nobody
	Version     int64              // of the record that was compared
	Weight      float64            // bits, of the best candidate
	Probability float64            // that he is the one
	Differs     uint32             // a bit for each column of linkage.Persian that disagrees
	Variants    uint32             // a bit for each that is another spelling
	Padded      bool               // leading zeros of the number were restored
	Twin        int64              // of a duplicate: row number of the row that stands for the person
	Code        string             // tracking code of its entry; "": not answered yet
}

// Linked reports whether the row names one person for certain.
func (r *Row) Linked() bool {
	o := linkage.Outcome{Status: r.Status}
	return o.Linked()
}
