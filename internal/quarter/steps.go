package quarter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Remarks are the words that people add to the figures.
type Remarks struct {
	Summary   string `json:"summary"`   // what the Council should know first
	Obstacles string `json:"obstacles"` // what is in the way
	Proposals string `json:"proposals"` // what is asked of the Council
}

// Drafting is a report to be drawn, or drawn again.
type Drafting struct {
	Quarter Quarter `json:"quarter"`
	Remarks
}

// Step is a step on a draft that its doer has read: the digest says which.
type Step struct {
	Quarter Quarter `json:"quarter"`
	Digest  string  `json:"digest"`
	Note    string  `json:"note"` // of a review that sends back: what for
}

const mostRemark = 4000 // letters

func (r *Remarks) check() error {
	var bad fault.List
	for _, part := range []struct {
		name string
		text *string
	}{{"summary", &r.Summary}, {"obstacles", &r.Obstacles}, {"proposals", &r.Proposals}} {
		var err error
		if *part.text, err = paragraphs(*part.text); err != nil {
			bad.Add(part.name, err)
		}
	}
	return bad.Err()
}

// paragraphs is the display form of a text, a line each. Fault: quarter.long.
func paragraphs(text string) (string, error) {
	if utf8.RuneCountInString(text) > mostRemark {
		return "", fault.New(fault.Invalid, "quarter.long")
	}
	var all []string
	for line := range strings.Lines(text) {
		shown, err := persian.Display(strings.TrimSpace(line))
		if err != nil {
			return "", err
		}
		if shown != "" {
			all = append(all, shown)
		}
	}
	return strings.Join(all, "\n"), nil
}

// Draft draws a quarter's report from the data as it is now: the first time, or
// again while it has not been reviewed. Faults: quarter.future, quarter.issued,
// quarter.reviewed.
func (b *Book) Draft(ctx context.Context, actor journal.Actor, in *Drafting) (*Report, journal.Proven, error) {
	if err := in.Quarter.may(actor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(); err != nil {
		return nil, journal.Proven{}, err
	}
	if in.Quarter.From().Compare(persian.DateOf(b.c.Clock())) > 0 {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "quarter.future").At("quarter")
	}
	d, err := b.draw(ctx, actor, in.Quarter)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	d.Remarks = in.Remarks
	content, err := d.canonical()
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return b.step(ctx, actor, "drafted", in.Quarter, func(r *Report, by Signer) (*Report, error) {
		if r == nil {
			r = &Report{Quarter: in.Quarter}
		}
		if r.State == Reviewed {
			return nil, fault.New(fault.Conflict, "quarter.reviewed").At("quarter")
		}
		sum := sha256.Sum256(content)
		r.State, r.Version, r.Drafted, r.Note = Draft, r.Version+1, by, ""
		r.content, r.digest = content, sum[:]
		return r, nil
	})
}

// Review approves a draft: a member of another body than the drafter's. Faults:
// quarter.hands, quarter.stale.
func (b *Book) Review(ctx context.Context, actor journal.Actor, in *Step) (*Report, journal.Proven, error) {
	return b.step(ctx, actor, "reviewed", in.Quarter, func(r *Report, by Signer) (*Report, error) {
		switch {
		case r == nil:
			return nil, errUnknown
		case r.Drafted.Body == by.Body:
			return nil, fault.New(fault.Forbidden, "quarter.hands")
		case r.State != Draft || in.Digest != r.Digest:
			return nil, errStale
		}
		r.State, r.Reviewed, r.Note = Reviewed, &by, ""
		return r, r.whole()
	})
}

// Return sends a report that is not issued back to be drawn again, with the
// reason. Faults: quarter.note, quarter.stale.
func (b *Book) Return(ctx context.Context, actor journal.Actor, in *Step) (*Report, journal.Proven, error) {
	if err := in.Quarter.may(actor); err != nil {
		return nil, journal.Proven{}, err
	}
	note, err := paragraphs(in.Note)
	if err != nil || note == "" {
		return nil, journal.Proven{}, fault.New(fault.Invalid, "quarter.note").At("note")
	}
	return b.step(ctx, actor, "returned", in.Quarter, func(r *Report, _ Signer) (*Report, error) {
		switch {
		case r == nil:
			return nil, errUnknown
		case in.Digest != r.Digest:
			return nil, errStale
		}
		r.State, r.Reviewed, r.Note = Draft, nil, note
		return r, nil
	})
}

// Issue freezes a reviewed report: a third member, when the quarter is over.
// Faults: quarter.open, quarter.hands, quarter.stale, quarter.issued.
func (b *Book) Issue(ctx context.Context, actor journal.Actor, in *Step) (*Report, journal.Proven, error) {
	if err := in.Quarter.may(actor); err != nil {
		return nil, journal.Proven{}, err
	}
	if in.Quarter.Until().Compare(persian.DateOf(b.c.Clock())) > 0 {
		return nil, journal.Proven{}, fault.New(fault.Conflict, "quarter.open").At("quarter")
	}
	checkpoint := b.c.Journal.State().Checkpoint
	if len(checkpoint) == 0 {
		return nil, journal.Proven{}, fault.New(fault.Unavailable, "quarter.checkpoint")
	}
	return b.step(ctx, actor, "issued", in.Quarter, func(r *Report, by Signer) (*Report, error) {
		switch {
		case r == nil:
			return nil, errUnknown
		case r.State != Reviewed || in.Digest != r.Digest:
			return nil, errStale
		case same(r.Drafted, by) || same(*r.Reviewed, by):
			return nil, fault.New(fault.Forbidden, "quarter.hands")
		case persian.DateOf(r.Drafted.At).Compare(r.Quarter.Until()) < 0:
			return nil, fault.New(fault.Conflict, "quarter.early").At("quarter")
		}
		r.State, r.Issued, r.Checkpoint = Issued, &by, string(checkpoint)
		return r, r.whole()
	})
}

func same(a, b Signer) bool { return a.Login == b.Login && a.Body == b.Body }

// may refuses who is no member, and a step on no quarter.
func (q Quarter) may(actor journal.Actor) error {
	if err := register.Only(actor, register.Member); err != nil {
		return err
	}
	if q.Year == 0 {
		return fault.New(fault.Invalid, "quarter.form").At("quarter")
	}
	return nil
}

// step performs one step on a report: change gets it as it stands, nil if there
// is none, and says what becomes of it. What is issued stays.
func (b *Book) step(ctx context.Context, actor journal.Actor, why string, q Quarter, change func(*Report, Signer) (*Report, error)) (*Report, journal.Proven, error) {
	if err := q.may(actor); err != nil {
		return nil, journal.Proven{}, err
	}
	var r *Report
	act := register.Act{Kind: receipt.Report, Actor: actor, Why: why, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, b.c.Journal, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		if _, err := b.c.Board.Sitting(tx, actor); err != nil {
			return nil, err
		}
		old, err := find(tx, q)
		if err != nil {
			return nil, err
		}
		if old != nil && old.State == Issued {
			return nil, errIssued
		}
		if r, err = change(old, Signer{actor.ID, actor.Agency, c.At.UTC()}); err != nil {
			return nil, err
		}
		r.Digest = hex.EncodeToString(r.digest)
		return r.body(), put(tx, r, c.Act)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if r.State == Issued {
		r.Code = proven.Code
	}
	return r, proven, nil
}

// body is what the journal says of a step.
func (r *Report) body() []byte {
	b := append([]byte(`"report":{"quarter":"`), r.Quarter.String()...)
	b = append(append(b, `","state":"`...), r.State.String()...)
	b = strconv.AppendInt(append(b, `","version":`...), r.Version, 10)
	b = append(append(append(b, `,"digest":"`...), r.Digest...), '"')
	if r.Checkpoint != "" {
		b = receipt.AppendString(append(b, `,"checkpoint":`...), r.Checkpoint)
	}
	return append(b, '}')
}

// LastIssued is when a report was issued last; zero: never.
func (b *Book) LastIssued(ctx context.Context) (last time.Time, err error) {
	all, err := b.List(ctx, journal.Actor{})
	for i := range all {
		if at := all[i].Issued.At; at.After(last) {
			last = at
		}
	}
	return last, err
}
