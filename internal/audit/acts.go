package audit

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// act performs an act on one case as it stands: change sets its new state. what
// is the name of the step.
func (b *Book) act(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, what, text string, change func(*Case, time.Time) error) (*Case, journal.Proven, error) {
	c, err := b.stored(ctx, id)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Audit, Actor: actor, Why: "audit-" + what, Agency: c.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, ch *register.Change) (_ []byte, err error) {
		if c, err = b.read(tx, id); err != nil {
			return nil, err
		}
		if err := change(c, ch.At); err != nil {
			return nil, err
		}
		return c.body(), write(tx, c, &Step{What: what, At: ch.At, By: actor, Text: text}, ch.Act)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return c, proven, nil
}

// body is what the journal says of a case: which, how it stands, and what
// permitted the inquiry that it is about.
func (c *Case) body() []byte {
	b := strconv.AppendInt([]byte(`"audit":`), c.ID, 10)
	b = append(append(append(b, `,"of":"`...), c.Code...), `","state":"`...)
	b = append(append(b, c.State.String()...), '"')
	b = member(b, "outcome", c.Outcome.String())
	b = member(b, "appeal", c.Appeal.String())
	b = strconv.AppendInt(append(b, `,"agreement":{"id":`...), c.Agreement, 10)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(c.Version), 10)
	b = append(strconv.AppendInt(append(b, `,"clause":`...), int64(c.Clause), 10), '}')
	b = member(b, "measure", c.Measure.String())
	b = member(b, "how", c.How)
	if c.Narrowed != 0 {
		b = strconv.AppendInt(append(b, `,"narrowed_to":`...), int64(c.Narrowed), 10)
	}
	return b
}

// member appends a member whose text needs no escaping, unless it is empty.
func member(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	b = append(append(append(b, ',', '"'), name...), `":"`...)
	return append(append(b, text...), '"')
}

func (b *Book) stored(ctx context.Context, id int64) (c *Case, err error) {
	if id == 0 {
		return nil, fault.New(fault.Invalid, "audit.missing").At("audit")
	}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		c, err = b.read(tx, id)
		return err
	})
	return c, err
}

// Showing is what an agency's head shows of the dossier of one inquiry.
type Showing struct {
	Audit   int64  `json:"audit"`
	File    string `json:"file"`            // file number of the dossier
	Purpose string `json:"purpose"`         // code, as inquiries have it
	Words   string `json:"words"`           // the purpose in words
	Ground  string `json:"ground"`          // what in the dossier called for the inquiry
	Paper   string `json:"document_sha256"` // SHA-256 of the paper, hexadecimal; it stays with the agency
}

// Check reads a showing; all mistakes are told at once.
func (s *Showing) Check() error {
	var bad fault.List
	say(&bad, &s.File, "file", true)
	say(&bad, &s.Purpose, "purpose", true)
	say(&bad, &s.Words, "words", true)
	say(&bad, &s.Ground, "ground", true)
	sum, err := hex.DecodeString(s.Paper)
	bad.When(err != nil || len(sum) != 0 && len(sum) != 32, "document_sha256", "audit.paper")
	return bad.Err()
}

// Show takes the dossier of a case in, once. Only the head of the agency that
// asked may. Faults: audit.unknown, audit.state, audit.late.
func (b *Book) Show(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Showing) (*Case, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	c, proven, err := b.act(ctx, j, actor, in.Audit, "shown", "", func(c *Case, at time.Time) error {
		switch {
		case c.Agency != actor.Agency:
			return errUnknown
		case c.State != Awaited:
			return errState
		case c.Overdue:
			return fault.New(fault.Conflict, "audit.late").At("audit")
		}
		c.State = Shown
		c.Dossier = &Dossier{
			At: at, Officer: actor.ID, File: in.File, Purpose: in.Purpose, Words: in.Words, Ground: in.Ground, Paper: strings.ToLower(in.Paper),
			FileAgrees: alike(in.File, c.File), PurposeAgrees: in.Purpose == c.Purpose,
		}
		return nil
	})
	return c.seenBy(actor), proven, err
}

// alike compares two file numbers: digits of any script, without spaces.
func alike(x, y string) bool {
	plain := func(s string) string { return strings.Join(strings.Fields(persian.ASCII(s)), "") }
	return plain(x) == plain(y)
}

// Judgement is what an inspector finds.
type Judgement struct {
	Audit   int64   `json:"audit"`
	Outcome Outcome `json:"outcome"` // justified or misuse
	Reason  string  `json:"reason"`
}

// Judge closes a case whose dossier was shown. Misuse narrows the agreement at
// once. Nobody judges his own body, and nobody twice. Faults: audit.unknown,
// audit.state, audit.own, audit.judge.
func (b *Book) Judge(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Judgement) (*Case, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.When(in.Outcome != Justified && in.Outcome != Misuse, "outcome", "audit.word")
	say(&bad, &in.Reason, "reason", true)
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	_, proven, err := b.act(ctx, j, actor, in.Audit, in.Outcome.String(), in.Reason, func(c *Case, at time.Time) error {
		switch {
		case c.State != Shown:
			return errState
		case c.of(actor):
			return errOwn
		case c.judgedBy(actor):
			return errJudge
		}
		c.State, c.Outcome = Closed, in.Outcome
		c.Judged, c.judgeAgency, c.judge = at, actor.Agency, actor.ID
		if in.Outcome == Misuse {
			c.Measure, c.How = Due, b.term(c)
		}
		return nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return b.carried(ctx, in.Audit, actor, proven)
}

// carried is a case after the measure that it may have asked for. A measure that
// cannot be carried out now is due, and Tend tries again.
func (b *Book) carried(ctx context.Context, id int64, actor journal.Actor, proven journal.Proven) (*Case, journal.Proven, error) {
	if err := b.carryOut(ctx, id); err != nil {
		b.c.Logger.Warn("a measure of an audit cannot be carried out; trying again later", "audit", id, "error", err)
	}
	c, err := b.stored(ctx, id)
	return c.seenBy(actor), proven, err
}

var errJudge = fault.New(fault.Forbidden, "audit.judge")

// of tells whether the case is about the actor's own body.
func (c *Case) of(a journal.Actor) bool { return a.Agency == c.Agency || a.Agency == c.Holder }

// judgedBy tells whether the actor has judged the case.
func (c *Case) judgedBy(a journal.Actor) bool { return a.ID == c.judge && a.Agency == c.judgeAgency }

// appealDays is how long an agency may appeal.
const appealDays = 30

// Protest is an appeal.
type Protest struct {
	Audit int64  `json:"audit"`
	Text  string `json:"text"`
}

// Appeal lets the head of the agency, or of the one whose agreement it is, appeal
// against misuse or silence, once and within 30 days. Faults: audit.unknown,
// audit.state, audit.appeal.late.
func (b *Book) Appeal(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Protest) (*Case, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	if say(&bad, &in.Text, "text", true); bad.Err() != nil {
		return nil, journal.Proven{}, bad.Err()
	}
	c, proven, err := b.act(ctx, j, actor, in.Audit, "appealed", in.Text, func(c *Case, _ time.Time) error {
		switch {
		case !c.of(actor):
			return errUnknown
		case c.State != Closed || c.Outcome == Justified || c.Appeal != 0:
			return errState
		case persian.DateOf(c.Judged).AddDays(appealDays).Compare(b.today()) < 0:
			return fault.New(fault.Conflict, "audit.appeal.late").At("audit")
		}
		c.Appeal = Pending
		return nil
	})
	return c.seenBy(actor), proven, err
}

// Decision is what becomes of an appeal.
type Decision struct {
	Audit    int64  `json:"audit"`
	Decision string `json:"decision"` // upheld or rejected
	Reason   string `json:"reason"`
}

// Decide ends an appeal. Upheld, the clause is given back. Faults: audit.unknown,
// audit.state, audit.own, audit.judge.
func (b *Book) Decide(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Decision) (*Case, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.When(in.Decision != "upheld" && in.Decision != "rejected", "decision", "audit.word")
	say(&bad, &in.Reason, "reason", true)
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	_, proven, err := b.act(ctx, j, actor, in.Audit, "appeal-"+in.Decision, in.Reason, func(c *Case, _ time.Time) error {
		switch {
		case c.Appeal != Pending || c.Measure == Due || c.Measure == Claimed:
			return errState
		case c.of(actor):
			return errOwn
		case c.judgedBy(actor):
			return errJudge
		}
		c.Appeal = Rejected
		if in.Decision == "upheld" {
			c.Appeal = Upheld
			c.lift()
		}
		return nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return b.carried(ctx, in.Audit, actor, proven)
}

// lift says that what the case had narrowed is to be given back.
func (c *Case) lift() {
	switch c.Measure {
	case Done:
		c.Measure = LiftDue
	case Stands:
		c.Measure = Lifted // the other case alone upholds it now
	}
}

// Disputed is how a dispute stands, as the person concerned sees it.
type Disputed struct {
	Code     ids.TrackingCode `json:"code"`
	Disputed time.Time        `json:"disputed"`
	Deadline persian.Date     `json:"deadline"` // the agency's, for the dossier
	State    State            `json:"state"`
	Outcome  Outcome          `json:"outcome,omitzero"`
	Narrowed bool             `json:"narrowed"` // the agreement permits less since
}

func (c *Case) standing() *Disputed {
	narrowed := c.Measure == Done || c.Measure == Stands
	return &Disputed{c.Code, c.Disputed, c.Deadline, c.State, c.Outcome, narrowed}
}

var (
	errCode     = fault.New(fault.NotFound, "audit.code").At("code")
	errDisputed = fault.New(fault.Conflict, "audit.disputed").At("code")
)

// Dispute opens the case of an inquiry that the person concerned disputes. A
// case that the inquiry has already becomes a disputed one; was it found
// justified, another inspector judges it anew. The door has made sure who he is.
// What is hidden under a court's reference is not there. Faults: audit.code,
// audit.disputed, audit.refused.
func (b *Book) Dispute(ctx context.Context, j *journal.Journal, number ids.NationalNumber, code ids.TrackingCode, text string) (*Disputed, journal.Proven, error) {
	var bad fault.List
	if say(&bad, &text, "text", true); bad.Err() != nil {
		return nil, journal.Proven{}, bad.Err()
	}
	entry, found, err := b.c.Journal.ByCode(ctx, code)
	switch {
	case err != nil:
		return nil, journal.Proven{}, err
	case !found || number == 0 || entry.Subject != number || entry.Kind != receipt.Inquiry || hidden(entry.Record, b.today()):
		return nil, journal.Proven{}, errCode
	}
	made, err := b.file(entry, b.c.Clock().Truncate(time.Microsecond))
	if err == nil && made == nil {
		err = fault.New(fault.Conflict, "audit.refused").At("code")
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	actor := journal.Actor{Role: register.Citizen, ID: "concerned"}
	a := register.Act{Kind: receipt.Audit, Actor: actor, Why: "audit-disputed", Subject: number, Agency: made.Agency, Clock: b.c.Clock}
	c := made
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, ch *register.Change) (_ []byte, err error) {
		c = made
		c.Source, c.Disputed = byDispute, ch.At
		opened, err := open(tx, ch, c, "")
		if err != nil {
			return nil, err
		}
		if !opened {
			if c, err = b.one(tx, caseByCode, string(code)); err != nil {
				return nil, err
			}
			if !c.Disputed.IsZero() {
				return nil, errDisputed
			}
			c.Disputed = ch.At
			if c.Outcome == Justified {
				c.State, c.Outcome, c.Judged = Shown, 0, time.Time{}
			}
		}
		return c.body(), write(tx, c, &Step{What: "disputed", At: ch.At, By: actor, Text: text}, ch.Act)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return c.standing(), proven, nil
}
