package delivery

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// How far the answer to a decided case is; rows store these numbers.
const (
	answerMaking  = 1 // nobody can undo the decision any more
	answerNothing = 2 // the agency was told the same before
	answerMade    = 3
)

// Supplemented says what a supplement brought.
type Supplemented struct {
	Delivery int64 `json:"delivery"`
	Answered int64 `json:"answered"` // rows that were answered again
	Same     int64 `json:"same"`     // of which the agency had been told the same before
}

// Supplement answers to the agency what has been decided about its rows since:
// for each decided row one entry more, like that of the file, as the register
// stands now. From then on the decision cannot be undone.
//
// First the case says that its answer is being made; then the entry is
// committed, under a key of its own; then the row gets its new code. After a
// crash anywhere the next supplement finds the case and the same entry again.
func (b *Book) Supplement(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Of) (*Supplemented, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	d, err := b.own(ctx, actor, in.Delivery)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if d.State != Delivered && d.State != Acknowledged || !d.Purged.IsZero() {
		return nil, journal.Proven{}, errState
	}
	if _, err := b.permit(d); err != nil {
		return nil, journal.Proven{}, err
	}
	done := &Supplemented{Delivery: d.ID}
	for after := int64(0); ; {
		var some []*Review
		err := b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
			some, err = b.reviews(tx, reviewOfIn, d.ID, int64(ReviewDecided), after, int64(100))
			return err
		})
		if err != nil {
			return nil, journal.Proven{}, err
		}
		for _, r := range some {
			after = r.ID
			if err := b.answerCase(ctx, j, d, r.ID, done); err != nil {
				return nil, journal.Proven{}, err
			}
		}
		if len(some) < 100 {
			break
		}
	}
	if done.Answered+done.Same == 0 {
		return nil, journal.Proven{}, fault.New(fault.Conflict, "delivery.review.nothing")
	}
	a := register.Act{Kind: receipt.Delivery, Actor: actor, Why: "delivery-supplement", Agency: d.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(*store.Tx, *register.Change) ([]byte, error) {
		body := strconv.AppendInt(append(d.body(), `,"answered":`...), done.Answered, 10)
		return strconv.AppendInt(append(body, `,"same":`...), done.Same, 10), nil
	})
	return done, proven, err
}

// answerCase answers one decided case, if that has not been done.
func (b *Book) answerCase(ctx context.Context, j *journal.Journal, d *Delivery, id int64, done *Supplemented) error {
	var r *Review
	var row Row
	err := b.c.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if r, err = b.review(tx, id); err != nil {
			return err
		}
		if r.State != ReviewDecided || r.answer > answerMaking {
			r = nil
			return nil
		}
		rows, err := rowsOf(tx, d.ID, r.no, 1)
		if err != nil || len(rows) == 0 {
			return cmp.Or(err, error(errState))
		}
		row, r.answer = rows[0], answerMaking
		if r.Finding == CannotTell || r.Sample && r.truth == truthRight {
			r.answer = answerNothing
		}
		return r.put(tx)
	})
	if err != nil || r == nil {
		return err
	}
	if r.answer == answerNothing {
		done.Same++
		return nil
	}
	if err := b.decide(r, &row); err != nil {
		return err
	}
	p, err := b.commitCase(ctx, j, d, r, &row)
	if err != nil {
		return err
	}
	a, err := parseAnswer(p.Record)
	if err != nil {
		return err
	}
	done.Answered++
	return b.c.DB.Write(ctx, func(tx *store.Tx) error {
		r.answer, r.Code = answerMade, a.Code
		row.Status, row.Code, row.Version = a.Status, a.Code, max(a.Version, row.Version)
		if err := row.put(tx, d.ID); err != nil {
			return err
		}
		return r.put(tx)
	})
}

// decide makes of a row what was decided.
func (b *Book) decide(r *Review, row *Row) error {
	row.Subject, row.Differs, row.Variants, row.Probability = 0, 0, 0, 1
	if r.Finding != FoundCandidate {
		row.Status, row.Weight = linkage.NotFound, 0
		return nil
	}
	e, err := b.openEvidence(r)
	if err != nil {
		return err
	}
	for i := range e.Candidates {
		s := &e.Candidates[i]
		if s.Number != uint64(r.subject) {
			continue
		}
		row.Subject, row.Weight, row.Version = r.subject, s.Weight, int64(s.Version)
		row.Differs, row.Variants = s.differs()
	}
	number := uint32(1) << linkage.NumberColumn
	given := e.Values[linkage.NumberColumn]
	n, _, err := ids.RestoreNationalNumber(given)
	switch {
	case row.Differs&^number != 0:
		row.Status = linkage.Discrepant
	case err == nil && n == r.subject:
		row.Status = linkage.Verified
	default:
		row.Status = linkage.Corrected
	}
	return nil
}

// differs are the columns that disagree, and those that are spelt otherwise.
func (s *suspected) differs() (differ, variant uint32) {
	for i, c := range s.Columns {
		switch {
		case c.Level == "missing" || c.Level == "exact" || c.Level == "year" && c.Weight > 0:
		case c.Level == "variant" || c.Level == "part" || c.Level == "swapped":
			variant |= 1 << i
		default:
			differ |= 1 << i
		}
	}
	return differ, variant
}

// commitCase makes the entry of a row that is answered again: it says which one
// it replaces, and that people decided.
func (b *Book) commitCase(ctx context.Context, j *journal.Journal, d *Delivery, r *Review, row *Row) (journal.Proven, error) {
	of, err := b.c.Agencies.ByID(d.Agency)
	if err != nil {
		return journal.Proven{}, err
	}
	persons, err := b.c.Persons.ByNumbers(ctx, []ids.NationalNumber{row.Subject})
	if err != nil {
		return journal.Proven{}, err
	}
	covered, err := b.covers(ctx, d, persons)
	if err != nil {
		return journal.Proven{}, err
	}
	row.Status = fate(row, persons[0], covered[0])
	e := d.entry(of, row, persons[0])
	e.Body = strconv.AppendInt(append(e.Body, `,"review":`...), r.ID, 10)
	e.Body = receipt.AppendString(append(e.Body, `,"replaces":`...), row.Code)
	key := sha256.Sum256(fmt.Appendf(nil, "estelam/delivery/%d/review/%d", d.ID, r.ID))
	e.Key = [16]byte(key[:])
	e.Digest = e.Key // the first one made stands, whatever the register says by now
	return j.Commit(ctx, e)
}

// SupplementPage asks for rows that were answered again.
type SupplementPage struct {
	Delivery int64 `json:"delivery"`
	After    int64 `json:"after"` // what the page before said; 0: from the first
	Limit    int   `json:"limit"` // at most 1000; 0: 100
}

// SupplementRows is a page of rows that were answered again, in the order of
// their cases.
type SupplementRows struct {
	Delivery int64     `json:"delivery"`
	Rows     []*Answer `json:"rows"`
	Next     int64     `json:"next,omitzero"` // After of the next page; absent: this was the last
}

// SupplementRows reads what was answered again. The result has the same rows
// at their places.
func (b *Book) SupplementRows(ctx context.Context, actor journal.Actor, in *SupplementPage) (*SupplementRows, error) {
	if err := register.Only(actor, agency.RoleHead, agency.RoleOfficer, agency.RoleProgrammer); err != nil {
		return nil, err
	}
	d, err := b.fetch(ctx, actor, in.Delivery)
	if err != nil {
		return nil, err
	}
	if in.Limit == 0 {
		in.Limit = usualPage
	}
	if in.Limit < 0 || in.Limit > mostPage {
		return nil, fault.New(fault.Invalid, "delivery.limit").At("limit")
	}
	var some []*Review
	err = b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		some, err = b.reviews(tx, reviewOfIn, d.ID, int64(ReviewDecided), in.After, int64(in.Limit))
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &SupplementRows{Delivery: d.ID, Rows: []*Answer{}}
	for _, r := range some {
		if r.answer != answerMade {
			continue
		}
		p, found, err := b.c.Journal.ByCode(ctx, ids.TrackingCode(r.Code))
		if err != nil || !found || p.Record == nil {
			return nil, cmp.Or(err, error(errPurged))
		}
		a, err := parseAnswer(p.Record)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, a)
	}
	if len(some) == in.Limit {
		out.Next = some[len(some)-1].ID
	}
	return out, nil
}
