package delivery

import (
	"context"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// NextReview asks for work.
type NextReview struct {
	Delivery int64 `json:"delivery"` // 0: of any
}

// OfReview names a case.
type OfReview struct {
	Review int64 `json:"review"`
}

// NextReview gives the actor the case he has, or the next one that he may
// decide: what waits for a second opinion goes first, and before that, for a
// supervisor, what two disagree about. Fault: delivery.review.none.
func (b *Book) NextReview(ctx context.Context, j *journal.Journal, actor journal.Actor, in *NextReview) (*Review, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var r *Review
	a := register.Act{Kind: receipt.Review, Actor: actor, Why: "review-taken", Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if r, err = b.pick(tx, actor, in.Delivery); err != nil {
			return nil, err
		}
		if r == nil {
			return nil, fault.New(fault.NotFound, "delivery.review.none")
		}
		if r.Taker == "" {
			r.taken = c.At
		}
		r.Taker, r.takerAgency, r.Until = actor.ID, actor.Agency, r.taken.Add(b.Lease)
		return r.body(), r.put(tx)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return r, proven, b.reveal(ctx, j, actor, r)
}

// pick finds the case to work on; nil: there is none.
func (b *Book) pick(tx *store.Tx, actor journal.Actor, delivery int64) (*Review, error) {
	held, err := b.reviews(tx, reviewHeld, actor.ID, b.c.Clock().Add(-b.Lease).UnixMicro())
	if err != nil {
		return nil, err
	}
	for _, r := range held {
		if r.takenBy(actor) && (delivery == 0 || r.Delivery == delivery) {
			return r, nil
		}
	}
	states := []ReviewState{ReviewSecond, ReviewOpen}
	if actor.Role == register.Supervisor {
		states = []ReviewState{ReviewDisputed, ReviewSecond, ReviewOpen}
	}
	for _, state := range states {
		q, args := reviewNext, []any{int64(state), b.c.Node, b.c.Clock().Add(-b.Lease).UnixMicro(), int64(actor.Agency), actor.ID}
		if delivery != 0 {
			q, args = reviewNextOf, append(args, delivery)
		}
		some, err := b.reviews(tx, q, args...)
		if err != nil {
			return nil, err
		}
		if len(some) > 0 {
			return some[0], nil
		}
	}
	return nil, nil
}

func (b *Book) reviews(tx *store.Tx, q *store.Query, args ...any) (all []*Review, err error) {
	err = tx.Each(q, args, func(scan func(...any) error) error {
		r, err := b.scanReview(scan)
		all = append(all, r)
		return err
	})
	return all, err
}

// mayDecide reports whether the case waits for somebody like the actor: in each
// round a person decides once.
func (r *Review) mayDecide(tx *store.Tx, actor journal.Actor) (bool, error) {
	if r.State == ReviewDecided || r.State == ReviewDisputed && actor.Role != register.Supervisor {
		return false, nil
	}
	said, err := r.said(tx)
	for _, s := range said {
		if s.by.Agency == actor.Agency && s.by.ID == actor.ID {
			return false, err
		}
	}
	return true, err
}

// said are the decisions of this round.
func (r *Review) said(tx *store.Tx) (all []ReviewStep, err error) {
	steps, err := r.steps(tx)
	for _, s := range steps {
		if s.What == "decided" && s.round == r.round {
			all = append(all, s)
		}
	}
	return all, err
}

func (r *Review) steps(tx *store.Tx) (all []ReviewStep, err error) {
	err = tx.Each(stepsOf, []any{r.ID}, func(scan func(...any) error) error {
		var s ReviewStep
		var agency, at, decision, subject int64
		err := scan(&s.round, &s.What, &s.by.Role, &agency, &s.Officer, &at, &decision, &subject, &s.Reason, &s.Note)
		s.by.Agency, s.by.ID = ids.LegalID(agency), s.Officer
		s.At, s.Finding, s.Number = store.Moment(at), Finding(decision), ids.NationalNumber(subject)
		all = append(all, s)
		return err
	})
	return all, err
}

// body is what the journal says of a case in every act on it.
func (r *Review) body() []byte {
	b := strconv.AppendInt([]byte(`"review":`), r.ID, 10)
	b = strconv.AppendInt(append(b, `,"delivery":{"id":`...), r.Delivery, 10)
	b = strconv.AppendInt(append(b, `,"row":`...), r.Line, 10)
	return append(append(append(b, `},"state":"`...), r.State.String()...), '"')
}

// FindReview lets staff read a case: who works on it or worked on it, and
// supervisors. Fault: delivery.review.taker.
func (b *Book) FindReview(ctx context.Context, j *journal.Journal, actor journal.Actor, in *OfReview) (*Review, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var r *Review
	var proven journal.Proven
	err := b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if r, err = b.review(tx, in.Review); err != nil {
			return err
		}
		may := r.takenBy(actor) || actor.Role == register.Supervisor
		steps, err := r.steps(tx)
		for _, s := range steps {
			may = may || r.State == ReviewDecided && s.by.Agency == actor.Agency && s.by.ID == actor.ID
		}
		if err == nil && !may {
			err = errTaker
		}
		return err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Review, Actor: actor, Why: "review-read"}
	if proven, err = register.Read(ctx, b.c.DB, j, a, func(*store.Tx) ([]byte, error) { return r.body(), nil }); err != nil {
		return nil, journal.Proven{}, err
	}
	return r, proven, b.reveal(ctx, j, actor, r)
}

var errTaker = fault.New(fault.Forbidden, "delivery.review.taker")

// reveal fills in what who works on the case sees. That each candidate's record
// was shown is an entry of its own first; who may not be shown is left out.
func (b *Book) reveal(ctx context.Context, j *journal.Journal, actor journal.Actor, r *Review) error {
	e, err := b.openEvidence(r)
	if err != nil {
		return err
	}
	numbers := make([]ids.NationalNumber, len(e.Candidates))
	for i, c := range e.Candidates {
		numbers[i] = ids.NationalNumber(c.Number)
	}
	persons, err := b.c.Persons.ByNumbers(ctx, numbers)
	if err != nil {
		return err
	}
	for i, c := range columns() {
		r.Row = append(r.Row, ReviewValue{c.Name, e.Values[i]})
	}
	for i, p := range persons {
		if p == nil || p.State == person.Protected {
			continue
		}
		if err := b.shown(ctx, j, actor, r, p); err != nil {
			return err
		}
		r.Candidates = append(r.Candidates, candidate(i+1, &e.Candidates[i], p))
	}
	if r.State == ReviewDisputed || r.State == ReviewDecided {
		err = b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
			r.Steps, err = r.steps(tx)
			return err
		})
	}
	r.hide()
	return err
}

// shown records that a person's record was shown to somebody.
func (b *Book) shown(ctx context.Context, j *journal.Journal, actor journal.Actor, r *Review, p *person.Person) error {
	a := register.Act{Kind: receipt.RegisterReading, Actor: actor, Why: "review", Subject: p.Number}
	_, err := register.Read(ctx, b.c.DB, j, a, func(*store.Tx) ([]byte, error) {
		body := p.Number.AppendTo([]byte(`"read":"review","national_number":"`))
		body = strconv.AppendInt(append(body, `","file":"`...), r.ID, 10)
		return strconv.AppendInt(append(body, `","result":true,"register_version":`...), p.Version, 10), nil
	})
	return err
}

// candidate sets a person's record beside what was compared.
func candidate(no int, s *suspected, p *person.Person) ReviewCandidate {
	c := ReviewCandidate{
		No: no, Number: p.Number, State: p.State.String(), Changed: p.Version != int64(s.Version),
		Weight: hundredths(s.Weight), Probability: s.Probability,
	}
	for i, column := range columns() {
		value := ""
		switch column.Name {
		case "national_number":
			value = p.Number.String()
		case "sex":
			value = p.Sex.String()
		default:
			value, _ = inquiry.ValueOf(column.Name, p)
		}
		x := ReviewColumn{Column: column.Name, Value: value}
		if i < len(s.Columns) {
			x.Level, x.Bits = s.Columns[i].Level, hundredths(s.Columns[i].Weight)
		}
		c.Columns = append(c.Columns, x)
	}
	return c
}

// hundredths is a weight as people read it.
func hundredths(v float64) float64 { return float64(int64(v*100+0.5*float64(sign(v)))) / 100 }

func sign(v float64) int {
	if v < 0 {
		return -1
	}
	return 1
}

// ReviewFilter chooses cases.
type ReviewFilter struct {
	Delivery int64       `json:"delivery"` // 0: of any
	State    ReviewState `json:"state"`    // 0: any
	After    int64       `json:"after"`    // the last of the page before
	Limit    int         `json:"limit"`    // at most 1000; 0: 100
}

// Reviews lists cases in order of opening, without anything of a person.
func (b *Book) Reviews(ctx context.Context, actor journal.Actor, f *ReviewFilter) ([]*Review, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	if f.Limit == 0 {
		f.Limit = usualPage
	}
	if f.Limit < 0 || f.Limit > mostPage {
		return nil, fault.New(fault.Invalid, "delivery.limit").At("limit")
	}
	q, args := reviewList, []any{f.After, int64(f.Limit)}
	switch {
	case f.Delivery != 0 && f.State != 0:
		q, args = reviewOfIn, []any{f.Delivery, int64(f.State), f.After, int64(f.Limit)}
	case f.Delivery != 0:
		q, args = reviewOf, []any{f.Delivery, f.After, int64(f.Limit)}
	case f.State != 0:
		q, args = reviewIn, []any{int64(f.State), f.After, int64(f.Limit)}
	}
	all := []*Review{}
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		some, err := b.reviews(tx, q, args...)
		all = append(all[:0], some...)
		return err
	})
	for _, r := range all {
		r.hide()
	}
	return all, err
}

// usualLease is how long a case stays with who has taken it.
const usualLease = 30 * time.Minute

// usualUndo is how long a decision can be undone, unless its row is answered
// before.
const usualUndo = 24 * time.Hour
