package delivery

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"filippo.io/age"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/store"
)

// Clerical review: what the linkage leaves open, people decide.
//
//  1. When a file is linked, each ambiguous row becomes a case with its best
//     three candidates, and so do some automatic links, drawn at random: from
//     those is known how good the estimates are (review_open.go).
//  2. A clerk takes the next case; nobody else sees it while he works on it. He
//     is not told whether it was drawn, nor what anybody else decided
//     (review_take.go).
//  3. He decides: this candidate, none of them, or it cannot be told. Where a
//     mistake would do great harm a second clerk decides without knowing of
//     the first; if they disagree a supervisor who was neither of them does. For
//     a time a decision can be undone, which is an act of its own
//     (review_decide.go).
//  4. What was decided is answered to the agency in a supplement, each row an
//     entry of the journal like those before (supplement.go).
//  5. The decisions correct the estimates of the files to come (recalibrate.go).

// ReviewState is how a case stands.
type ReviewState uint8

// The states; rows store these numbers.
const (
	ReviewOpen     ReviewState = 1
	ReviewSecond   ReviewState = 2 // one has decided, another must
	ReviewDisputed ReviewState = 3 // two disagree: a supervisor decides
	ReviewDecided  ReviewState = 4
)

var reviewStates = [...]string{"", "open", "second", "disputed", "decided"}

// String is the state's name.
func (s ReviewState) String() string {
	if int(s) < len(reviewStates) {
		return reviewStates[s]
	}
	return ""
}

// MarshalText is String.
func (s ReviewState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name; nothing is any.
func (s *ReviewState) UnmarshalText(b []byte) error {
	return readWord(reviewStates[:], b, func(i int) { *s = ReviewState(i) })
}

// Finding is what somebody decided about a case.
type Finding uint8

// The findings; rows store these numbers.
const (
	FoundCandidate Finding = 1
	FoundNone      Finding = 2 // none of the candidates
	CannotTell     Finding = 3
)

var findings = [...]string{"", "candidate", "none", "cannot_tell"}

// String is the finding's name.
func (f Finding) String() string {
	if int(f) < len(findings) {
		return findings[f]
	}
	return ""
}

// MarshalText is String.
func (f Finding) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads a finding's name.
func (f *Finding) UnmarshalText(b []byte) error {
	return readWord(findings[:], b, func(i int) { *f = Finding(i) })
}

func readWord(words []string, b []byte, found func(int)) error {
	for i, name := range words {
		if name == string(b) {
			found(i)
			return nil
		}
	}
	return errWord
}

// Stakes: why two people must decide.
const (
	stakeState  = 1 << iota // a candidate has died, is cancelled or under review
	stakeNear               // two candidates are alike, as twins and brothers are
	stakeNumber             // the row's number is somebody else's
	stakeAnswer             // the decision contradicts what the agency was told
	stakeDrawn              // drawn at random, so that it is known how often clerks agree
)

var stakes = []string{"state", "alike", "number_of_another", "contradicts_answer", "drawn"}

func stakeNames(bits int64) (names []string) {
	for i, name := range stakes {
		if bits&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Review is one case. To clerks at work it does not say whether it was drawn.
type Review struct {
	ID       int64       `json:"review"`
	Delivery int64       `json:"delivery"`
	Line     int64       `json:"line"` // row number in the agency's sheet
	State    ReviewState `json:"state"`
	Two      bool        `json:"two_persons"` // must decide
	Why      []string    `json:"stakes,omitzero"`
	Taker    string      `json:"taker,omitzero"`
	Until    time.Time   `json:"until,omitzero"` // the taker has it

	Finding Finding   `json:"decision,omitzero"`
	Decided time.Time `json:"decided,omitzero"`
	Sample  bool      `json:"sample,omitzero"` // an automatic link, drawn at random; told once it is decided
	Code    string    `json:"tracking_code,omitzero"`

	// What who works on it sees; absent from lists.
	Row        []ReviewValue     `json:"row,omitzero"`
	Candidates []ReviewCandidate `json:"candidates,omitzero"`
	Steps      []ReviewStep      `json:"steps,omitzero"` // to a supervisor, and once it is decided

	no, round, stakes int64
	truth, answer     int64
	linked, subject   ids.NationalNumber
	node              string
	evidence          []byte
	takerAgency       ids.LegalID
	taken             time.Time
}

// ReviewValue is one value of the agency's row.
type ReviewValue struct {
	Column string `json:"column"`
	Value  string `json:"value"`
}

// ReviewCandidate is one person whom the row may mean, as the register has him
// now, with what each column says for him.
type ReviewCandidate struct {
	No          int                `json:"candidate"` // 1, 2, 3: how a decision names him
	Number      ids.NationalNumber `json:"national_number"`
	State       string             `json:"state"`
	Changed     bool               `json:"changed,omitzero"` // the record is another than was compared
	Weight      float64            `json:"weight"`
	Probability float64            `json:"probability"`
	Columns     []ReviewColumn     `json:"columns"`
}

// ReviewColumn is one column of a candidate's record beside the row's.
type ReviewColumn struct {
	Column string  `json:"column"`
	Value  string  `json:"value"`
	Level  string  `json:"level"` // how the two compare
	Bits   float64 `json:"bits"`  // what that says for the candidate, or against him
}

// ReviewStep is one act on a case.
type ReviewStep struct {
	What    string             `json:"what"` // decided, undone, released
	Officer string             `json:"officer"`
	At      time.Time          `json:"at"`
	Finding Finding            `json:"decision,omitzero"`
	Number  ids.NationalNumber `json:"national_number,omitzero"`
	Reason  string             `json:"reason,omitzero"`
	Note    string             `json:"note,omitzero"`

	round int64
	by    journal.Actor
}

// takenBy reports whether the actor has the case.
func (r *Review) takenBy(a journal.Actor) bool { return r.Taker == a.ID && r.takerAgency == a.Agency }

// evidence is what a case is judged by, as it is sealed.
type evidence struct {
	Values     []string    `json:"values"`
	Candidates []suspected `json:"candidates"`
}

// suspected is one candidate as he was compared.
type suspected struct {
	Number      uint64                 `json:"number"`
	Version     uint32                 `json:"version"`
	Weight      float64                `json:"weight"`
	Probability float64                `json:"probability"`
	Columns     []linkage.ColumnWeight `json:"columns"`
}

// seal encrypts evidence to the key of this node's directory.
func (b *Book) sealEvidence(e *evidence) ([]byte, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, b.key.Recipient())
	if err != nil {
		return nil, err
	}
	_, err = w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// open reads a case's evidence. Faults: delivery.review.elsewhere,
// delivery.review.forgotten.
func (b *Book) openEvidence(r *Review) (*evidence, error) {
	switch {
	case len(r.evidence) == 0:
		return nil, fault.New(fault.Conflict, "delivery.review.forgotten")
	case r.node != b.c.Node:
		return nil, fault.New(fault.Conflict, "delivery.review.elsewhere")
	}
	clear, err := age.Decrypt(bytes.NewReader(r.evidence), b.key)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(clear)
	if err != nil {
		return nil, err
	}
	e := new(evidence)
	return e, json.Unmarshal(text, e)
}

var errNoReview = fault.New(fault.NotFound, "delivery.review.unknown").At("review")

// review reads a case. Fault: delivery.review.unknown.
func (b *Book) review(tx *store.Tx, id int64) (r *Review, err error) {
	err = tx.Each(reviewByID, []any{id}, func(scan func(...any) error) (err error) {
		r, err = b.scanReview(scan)
		return err
	})
	if err == nil && r == nil {
		err = errNoReview
	}
	return r, err
}

func (b *Book) scanReview(scan func(...any) error) (*Review, error) {
	r := &Review{}
	var sample, state, linked, agency, taken, decision, subject, decided int64
	err := scan(&r.ID, &r.Delivery, &r.no, &r.Line, &sample, &state, &r.stakes, &r.round, &linked, &r.node, &r.evidence,
		&agency, &r.Taker, &taken, &decision, &subject, &r.truth, &decided, &r.answer, &r.Code)
	r.State, r.Finding, r.Sample = ReviewState(state), Finding(decision), sample == 1
	r.linked, r.subject, r.takerAgency = ids.NationalNumber(linked), ids.NationalNumber(subject), ids.LegalID(agency)
	r.taken, r.Decided = store.Moment(taken), store.Moment(decided)
	r.Two, r.Why = r.stakes != 0, stakeNames(r.stakes)
	if r.Taker != "" {
		if r.Until = r.taken.Add(b.Lease); !b.c.Clock().Before(r.Until) {
			r.release()
		}
	}
	return r, err
}

// release gives a case back.
func (r *Review) release() {
	r.Taker, r.takerAgency, r.taken, r.Until = "", 0, time.Time{}, time.Time{}
}

// put writes what may change of a case.
func (r *Review) put(tx *store.Tx) error {
	_, err := tx.Exec(reviewPut, int64(r.State), r.stakes, r.round, int64(r.takerAgency), r.Taker, store.Micros(r.taken), int64(r.Finding),
		int64(r.subject), r.truth, store.Micros(r.Decided), r.answer, r.Code, r.ID)
	return err
}

// hide takes out of a case what who works on it must not know.
func (r *Review) hide() {
	if r.State != ReviewDecided {
		r.Sample, r.Why = false, nil
	}
}
