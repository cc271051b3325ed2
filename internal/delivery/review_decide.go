package delivery

import (
	"cmp"
	"context"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// ReviewDecision is what somebody makes of a case.
type ReviewDecision struct {
	Review    int64   `json:"review"`
	Finding   Finding `json:"decision"`  // candidate, none, cannot_tell
	Candidate int     `json:"candidate"` // of candidate: 1, 2 or 3
	Reason    string  `json:"reason"`    // code word, such as spelling or twin
	Note      string  `json:"note"`
}

const mostNote = 500 // letters

func (in *ReviewDecision) check() error {
	var bad fault.List
	bad.When(in.Finding == 0, "decision", "delivery.missing")
	bad.When((in.Finding == FoundCandidate) != (in.Candidate != 0), "candidate", "delivery.review.candidate")
	bad.Add("", grounds(in.Reason, &in.Note))
	return bad.Err()
}

// grounds checks a reason, which needs no paper, and cleans a note.
func grounds(reason string, note *string) (err error) {
	g := register.Grounds{Reason: reason, Document: "-"}
	if err := g.Check(); err != nil {
		return err
	}
	if utf8.RuneCountInString(*note) > mostNote {
		return fault.New(fault.Invalid, "delivery.review.note").At("note")
	}
	if *note, err = persian.Display(*note); err != nil {
		return fault.Of(err).At("note")
	}
	return nil
}

// DecideReview records what the actor, who has taken the case, decides. If one
// is enough, or the second says the same as the first, or a supervisor settles
// what two disagree about, the case is decided; else it waits for the next.
// Faults: delivery.review.taker, delivery.review.candidate.
func (b *Book) DecideReview(ctx context.Context, j *journal.Journal, actor journal.Actor, in *ReviewDecision) (*Review, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(); err != nil {
		return nil, journal.Proven{}, err
	}
	d, chosen, err := b.choice(ctx, in)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return b.actReview(ctx, j, actor, "review-decided", d, chosen, in.Review, func(tx *store.Tx, c *register.Change, r *Review) ([]byte, error) {
		if !r.takenBy(actor) {
			return nil, errTaker
		}
		if may, err := r.mayDecide(tx, actor); err != nil || !may {
			return nil, cmp.Or(err, error(errTaker))
		}
		said, err := r.said(tx)
		if err != nil {
			return nil, err
		}
		s := &ReviewStep{What: "decided", At: c.At, Finding: in.Finding, Number: chosen, Reason: in.Reason, Note: in.Note}
		if err := r.step(tx, c, s); err != nil {
			return nil, err
		}
		r.settle(s, said)
		return s.body(r.body()), nil
	})
}

// choice is the delivery of a case, and whom the decision names.
func (b *Book) choice(ctx context.Context, in *ReviewDecision) (d *Delivery, chosen ids.NationalNumber, err error) {
	var r *Review
	err = b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if r, err = b.review(tx, in.Review); err != nil {
			return err
		}
		d, err = byID(tx, r.Delivery)
		return err
	})
	if err != nil || in.Finding != FoundCandidate {
		return d, 0, err
	}
	e, err := b.openEvidence(r)
	if err != nil {
		return nil, 0, err
	}
	none := fault.New(fault.Invalid, "delivery.review.candidate").At("candidate")
	if in.Candidate < 1 || in.Candidate > len(e.Candidates) {
		return nil, 0, none
	}
	chosen = ids.NationalNumber(e.Candidates[in.Candidate-1].Number)
	p, found, err := b.c.Persons.ByNumber(ctx, chosen)
	if err == nil && (!found || p.State == person.Protected) {
		err = none // as if he had never been shown
	}
	return d, chosen, err
}

// settle says how the case stands after a decision; said are those before it in
// this round.
func (r *Review) settle(s *ReviewStep, said []ReviewStep) {
	r.release()
	if r.Sample && s.contradicts(r.linked) {
		r.stakes |= stakeAnswer
	}
	switch {
	case len(said) == 0 && r.stakes != 0:
		r.State = ReviewSecond
		return
	case len(said) == 1 && (said[0].Finding != s.Finding || said[0].Number != s.Number):
		r.State = ReviewDisputed
		return
	}
	r.State, r.Finding, r.subject, r.Decided = ReviewDecided, s.Finding, s.Number, s.At
	r.truth = truthUnknown
	switch {
	case s.Finding == FoundCandidate && s.Number == r.linked:
		r.truth = truthRight
	case s.Finding != CannotTell:
		r.truth = truthWrong
	}
}

// What a decision says of the estimate; rows store these numbers.
const (
	truthUnknown = 0
	truthRight   = 1
	truthWrong   = 2
)

// contradicts reports whether a decision denies what the agency was told.
func (s *ReviewStep) contradicts(linked ids.NationalNumber) bool {
	return s.Finding == FoundNone || s.Finding == FoundCandidate && s.Number != linked
}

// step writes what was done.
func (r *Review) step(tx *store.Tx, c *register.Change, s *ReviewStep) error {
	var no int64
	if _, err := tx.One(stepLast, []any{r.ID}, &no); err != nil {
		return err
	}
	seconds := int64(0)
	if !r.taken.IsZero() {
		seconds = int64(c.At.Sub(r.taken) / time.Second)
	}
	_, err := tx.Exec(stepInsert, r.ID, no+1, r.round, s.What, c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Micros(), seconds,
		int64(s.Finding), int64(s.Number), s.Reason, s.Note, c.Act[:])
	return err
}

// body is what the journal says of a step.
func (s *ReviewStep) body(b []byte) []byte {
	if s.Finding != 0 {
		b = append(append(append(b, `,"decision":"`...), s.Finding.String()...), '"')
	}
	if s.Number != 0 {
		b = append(s.Number.AppendTo(append(b, `,"national_number":"`...)), '"')
	}
	if s.Reason != "" {
		b = receipt.AppendString(append(b, `,"reason":`...), s.Reason)
	}
	return b
}

// actReview performs an act on one case as it stands now.
func (b *Book) actReview(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, d *Delivery, subject ids.NationalNumber, id int64,
	change func(*store.Tx, *register.Change, *Review) ([]byte, error),
) (*Review, journal.Proven, error) {
	var r *Review
	a := register.Act{Kind: receipt.Review, Actor: actor, Why: why, Subject: subject, Agency: d.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if r, err = b.review(tx, id); err != nil {
			return nil, err
		}
		body, err := change(tx, c, r)
		if err != nil {
			return nil, err
		}
		return body, r.put(tx)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	r.hide()
	return r, proven, nil
}

// ReleaseReview gives a case back undecided. A supervisor may give back what
// another has taken.
func (b *Book) ReleaseReview(ctx context.Context, j *journal.Journal, actor journal.Actor, in *OfReview) (*Review, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	d, _, err := b.choice(ctx, &ReviewDecision{Review: in.Review})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return b.actReview(ctx, j, actor, "review-released", d, 0, in.Review, func(tx *store.Tx, c *register.Change, r *Review) ([]byte, error) {
		if r.Taker == "" || !r.takenBy(actor) && actor.Role != register.Supervisor {
			return nil, errTaker
		}
		err := r.step(tx, c, &ReviewStep{What: "released"})
		r.release()
		return r.body(), err
	})
}

// ReviewUndo takes a decision back.
type ReviewUndo struct {
	Review int64  `json:"review"`
	Reason string `json:"reason"`
	Note   string `json:"note"`
}

// UndoReview takes back what was decided: whoever decided may, and a supervisor,
// for a time, and while the row has not been answered again. The case is open
// anew; what was decided stays on record. Faults: delivery.review.taker,
// delivery.review.late, delivery.review.answered.
func (b *Book) UndoReview(ctx context.Context, j *journal.Journal, actor journal.Actor, in *ReviewUndo) (*Review, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := grounds(in.Reason, &in.Note); err != nil {
		return nil, journal.Proven{}, err
	}
	d, _, err := b.choice(ctx, &ReviewDecision{Review: in.Review})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return b.actReview(ctx, j, actor, "review-undone", d, 0, in.Review, func(tx *store.Tx, c *register.Change, r *Review) ([]byte, error) {
		said, err := r.said(tx)
		if err != nil {
			return nil, err
		}
		may, last := actor.Role == register.Supervisor, time.Time{}
		for _, s := range said {
			may, last = may || s.by.Agency == actor.Agency && s.by.ID == actor.ID, s.At
		}
		switch {
		case len(said) == 0:
			return nil, fault.New(fault.Conflict, "delivery.review.undecided")
		case !may:
			return nil, errTaker
		case r.answer != 0:
			return nil, fault.New(fault.Conflict, "delivery.review.answered")
		case c.At.Sub(last) > b.Undo:
			return nil, fault.New(fault.Conflict, "delivery.review.late")
		}
		s := &ReviewStep{What: "undone", Reason: in.Reason, Note: in.Note}
		if err := r.step(tx, c, s); err != nil {
			return nil, err
		}
		r.release()
		r.State, r.Finding, r.subject, r.Decided, r.truth = ReviewOpen, 0, 0, time.Time{}, truthUnknown
		r.stakes &^= stakeAnswer
		r.round++
		return strconv.AppendInt(append(s.body(r.body()), `,"round":`...), r.round, 10), nil
	})
}
