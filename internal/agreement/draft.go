package agreement

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// DraftState is how far a draft is.
type DraftState uint8

// The states; rows store these numbers.
const (
	Drafted   DraftState = 1 // may still be changed
	Requested DraftState = 2 // by the agency's highest officer
	Returned  DraftState = 3 // by the registry, with a reason; may be changed again
	Reviewed  DraftState = 4 // by a supervisor; the text is fixed
	Signed    DraftState = 5 // by the agency's highest officer
	Effective DraftState = 6 // countersigned by a second supervisor: it is a version
)

var draftStates = [...]string{
	Drafted: "drafted", Requested: "requested", Returned: "returned", Reviewed: "reviewed", Signed: "signed", Effective: "in_force",
}

// String is the state's name in answers and records.
func (s DraftState) String() string {
	if int(s) < len(draftStates) {
		return draftStates[s]
	}
	return ""
}

// MarshalText is String.
func (s DraftState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name; "" is any.
func (s *DraftState) UnmarshalText(text []byte) error {
	i := slices.Index(draftStates[:], string(text))
	if i < 0 {
		return fault.New(fault.Invalid, "agreement.draft.state.unknown").At("state")
	}
	*s = DraftState(i)
	return nil
}

// Draft is an agreement, or the next version of one, on its way.
type Draft struct {
	ID        int64       `json:"draft"`
	Agency    ids.LegalID `json:"agency"`
	Agreement int64       `json:"agreement,omitzero"` // that it amends; 0: a new one, until it is in force
	Version   int         `json:"version,omitzero"`   // that it amends; in force: that it has become
	State     DraftState  `json:"state"`
	Digest    string      `json:"digest"` // SHA-256 of the text, hexadecimal
	Form      *Form       `json:"text,omitempty"`
	Steps     []Step      `json:"steps,omitempty"`

	text string
}

// Step is what somebody did with a draft.
type Step struct {
	State   DraftState  `json:"state"` // that it led to
	At      time.Time   `json:"at"`
	Role    string      `json:"role"`
	Agency  ids.LegalID `json:"agency"`
	Officer string      `json:"officer"` // login
	Note    string      `json:"note,omitempty"`
	Digest  string      `json:"digest"` // of the text that he saw

	act journal.ActID
}

var (
	errDraft  = fault.New(fault.NotFound, "agreement.draft.unknown").At("draft")
	errState  = fault.New(fault.Conflict, "agreement.draft.state").At("draft")
	errDigest = fault.New(fault.Conflict, "agreement.digest").At("digest")
)

// Drafting is a text that an agency's officer writes: of a new agreement, or in
// the place of a draft's former text, whose digest he names.
type Drafting struct {
	Draft  int64  `json:"draft"` // 0: a new one
	Digest string `json:"digest"`
	Text   Form   `json:"text"`
}

// drafters prepare what the highest officer requests.
var drafters = []string{head, "officer"}

// Draft keeps a text. A draft that amends keeps what it amends. Faults: those
// of the text below text; agreement.draft.unknown, agreement.draft.state,
// agreement.digest.
func (b *Book) Draft(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Drafting) (*Draft, journal.Proven, error) {
	if err := register.Only(actor, drafters...); err != nil {
		return nil, journal.Proven{}, err
	}
	if in.Text.Agency == 0 {
		in.Text.Agency = actor.Agency
	}
	if in.Text.Agency != actor.Agency {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "agreement.agency").At("text.agency")
	}
	if err := in.Text.check(); err != nil {
		var bad fault.List
		bad.Add("text", err)
		return nil, journal.Proven{}, bad.Err()
	}
	if in.Draft == 0 {
		return b.newDraft(ctx, j, actor, &Draft{Agency: actor.Agency, Form: &in.Text})
	}
	return b.step(ctx, j, actor, &stepping{id: in.Draft, digest: in.Digest, why: "draft-changed", from: []DraftState{Drafted, Returned}, to: Drafted, form: &in.Text})
}

// Amend makes a draft of the newest version of an agreement, to be changed by
// Draft. Faults: agreement.unknown, agreement.ended.
func (b *Book) Amend(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Draft, journal.Proven, error) {
	if err := register.Only(actor, drafters...); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	a, found := b.ByID(id)
	switch {
	case !found || a.Agency != actor.Agency:
		return nil, journal.Proven{}, errUnknown
	case a.State == Ended:
		return nil, journal.Proven{}, errEnded
	}
	f := FormOf(a)
	if today := persian.DateOf(b.clock()); f.From.Compare(today) < 0 {
		f.From = today
	}
	return b.newDraft(ctx, j, actor, &Draft{Agency: a.Agency, Agreement: a.ID, Version: a.Version, Form: f})
}

func (b *Book) newDraft(ctx context.Context, j *journal.Journal, actor journal.Actor, d *Draft) (*Draft, journal.Proven, error) {
	if err := d.write(); err != nil {
		return nil, journal.Proven{}, err
	}
	d.State = Drafted
	proven, err := b.do(ctx, j, actor, "drafted", d.Agency, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		if _, err := tx.One(draftLast, nil, &d.ID); err != nil {
			return nil, err
		}
		d.ID++
		digest, _ := hex.DecodeString(d.Digest) // written by us
		_, err := tx.Exec(draftInsert, d.ID, int64(d.Agency), d.Agreement, int64(d.Version), int64(d.State), d.text, digest)
		if err != nil {
			return nil, err
		}
		d.Steps = nil
		return d.body(""), d.record(tx, c, "")
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return d, proven, nil
}

// write takes the form as the draft's text.
func (d *Draft) write() error {
	text, digest, err := d.Form.text()
	d.text, d.Digest = text, hex.EncodeToString(digest[:])
	return err
}

// body is what the journal says of a draft.
func (d *Draft) body(note string) []byte {
	b := fmt.Appendf(nil, `"draft":{"id":%d,"agency":"%s","state":"%s","digest":"%s"`, d.ID, d.Agency, d.State, d.Digest)
	if d.Agreement != 0 {
		b = fmt.Appendf(b, `,"agreement":%d,"version":%d`, d.Agreement, d.Version)
	}
	b = append(b, '}')
	if note != "" {
		b = receipt.AppendString(append(b, `,"note":`...), note)
	}
	return b
}

// record writes the step that has led to the draft's state.
func (d *Draft) record(tx *store.Tx, c *register.Change, note string) error {
	s := Step{State: d.State, At: c.At, Role: c.Actor.Role, Agency: c.Actor.Agency, Officer: c.Actor.ID, Note: note, Digest: d.Digest, act: c.Act}
	d.Steps = append(d.Steps, s)
	digest, err := hex.DecodeString(d.Digest)
	if err != nil {
		return err
	}
	_, err = tx.Exec(draftStep, d.ID, int64(len(d.Steps)), int64(s.State), c.Micros(), s.Role, int64(s.Agency), s.Officer, s.Note, digest, c.Act[:])
	return err
}

// stepping is one act on a draft that is there.
type stepping struct {
	id     int64
	digest string // of the text that the actor saw
	why    string
	note   string
	from   []DraftState
	to     DraftState
	form   *Form                                                            // the new text, if it is changed
	also   func(tx *store.Tx, c *register.Change, d *Draft) ([]byte, error) // what else is to be so, and what else is done; may be nil
}

// step performs an act on a draft: whoever acts names the text that he has
// seen, and nobody's step counts for another text.
func (b *Book) step(ctx context.Context, j *journal.Journal, actor journal.Actor, s *stepping) (*Draft, journal.Proven, error) {
	d, err := b.draft(ctx, actor, s.id)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	proven, err := b.do(ctx, j, actor, s.why, d.Agency, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if d, err = readDraft(tx, s.id); err != nil {
			return nil, err
		}
		switch {
		case !slices.Contains(s.from, d.State):
			return nil, errState
		case s.digest != d.Digest:
			return nil, errDigest
		}
		if s.form != nil {
			d.Form = s.form
			if err := d.write(); err != nil {
				return nil, err
			}
		}
		var more []byte
		if s.also != nil {
			if more, err = s.also(tx, c, d); err != nil {
				return nil, err
			}
		}
		d.State = s.to
		digest, err := hex.DecodeString(d.Digest)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(draftUpdate, d.Agreement, int64(d.Version), int64(d.State), d.text, digest, d.ID); err != nil {
			return nil, err
		}
		return append(more, d.body(s.note)...), d.record(tx, c, s.note)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return d, proven, nil
}

// draft is a draft that the actor may see. Fault: agreement.draft.unknown.
func (b *Book) draft(ctx context.Context, actor journal.Actor, id int64) (d *Draft, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		d, err = readDraft(tx, id)
		return err
	})
	if err == nil && !sees(actor, d.Agency) {
		err = errDraft
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// sees reports whether an actor may see what is an agency's.
func sees(actor journal.Actor, of ids.LegalID) bool {
	return slices.Contains(overseers, actor.Role) || actor.Agency == of
}

func readDraft(tx *store.Tx, id int64) (*Draft, error) {
	all, err := readDrafts(tx, draftByID, id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errDraft
	}
	d := all[0]
	if err := json.Unmarshal([]byte(d.text), &d.Form); err != nil {
		return nil, err
	}
	return d, tx.Each(draftSteps, []any{id}, func(scan func(...any) error) error {
		var s Step
		var state, at, agency int64
		var digest, act []byte
		err := scan(&state, &at, &s.Role, &agency, &s.Officer, &s.Note, &digest, &act)
		s.State, s.At, s.Agency, s.Digest = DraftState(state), store.Moment(at), ids.LegalID(agency), hex.EncodeToString(digest)
		copy(s.act[:], act)
		d.Steps = append(d.Steps, s)
		return err
	})
}

// readDrafts reads drafts without their steps; their texts stay unread.
func readDrafts(tx *store.Tx, q *store.Query, args ...any) (all []*Draft, err error) {
	err = tx.Each(q, args, func(scan func(...any) error) error {
		d := &Draft{}
		var agency, state int64
		var digest []byte
		err := scan(&d.ID, &agency, &d.Agreement, &d.Version, &state, &d.text, &digest)
		d.Agency, d.State, d.Digest = ids.LegalID(agency), DraftState(state), hex.EncodeToString(digest)
		all = append(all, d)
		return err
	})
	return all, err
}
