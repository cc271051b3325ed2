package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store"
)

// How many automatic links of a file people look at.
const (
	sampleShare = 0.005
	sampleLeast = 30
	sampleMost  = 500
	doubleShare = 0.05 // of the cases that one could decide, those that two do all the same
	alike       = 3.0  // bits between candidates that are easily mistaken for each other
)

// openCases makes the cases of a file that has just been linked, before any of
// its rows counts. What an interrupted run has left is removed first.
func (b *Book) openCases(ctx context.Context, d *Delivery, linked *linkage.Result, image *linkage.Register, learnt *Calibration) error {
	if err := b.c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(reviewClear, d.ID)
		return err
	}); err != nil {
		return err
	}
	draw := newLottery(d, linked)
	var chosen []int
	for i := range linked.Outcomes {
		o := &linked.Outcomes[i]
		if o.Status == linkage.Ambiguous || o.Linked() && draw.sampled(i) {
			chosen = append(chosen, i)
		}
	}
	for part := range slices.Chunk(chosen, 500) {
		var rows [][]any
		for _, i := range part {
			if err := ctx.Err(); err != nil {
				return err
			}
			row, err := b.newCase(d, linked, image, draw, learnt, i)
			if err != nil {
				return err
			}
			if row != nil {
				rows = append(rows, row)
			}
		}
		if err := b.c.DB.Write(ctx, func(tx *store.Tx) error { return insertCases(tx, rows) }); err != nil {
			return err
		}
	}
	return nil
}

func insertCases(tx *store.Tx, rows [][]any) error {
	var last int64
	if _, err := tx.One(reviewLast, nil, &last); err != nil {
		return err
	}
	_, err := tx.Bulk(reviewInsert, func(yield func([]any, error) bool) {
		for i, row := range rows {
			row[0] = last + 1 + int64(i)
			if !yield(row, nil) {
				return
			}
		}
	})
	return err
}

// newCase is the row of a case without its number; nil if nobody is left to
// choose from, for who may not be shown is no candidate.
func (b *Book) newCase(d *Delivery, linked *linkage.Result, image *linkage.Register, draw *lottery, learnt *Calibration, i int) ([]any, error) {
	x := linked.Explain(i)
	e := &evidence{Values: x.Values}
	stakes := int64(0)
	for _, c := range x.Candidates {
		if c.State != uint8(person.Active) {
			stakes |= stakeState
		}
		e.Candidates = append(e.Candidates, suspected{c.Key, c.Version, c.Weight, c.Probability, c.Columns})
	}
	if len(e.Candidates) == 0 {
		return nil, nil
	}
	if len(e.Candidates) > 1 && e.Candidates[0].Weight-e.Candidates[1].Weight < alike {
		stakes |= stakeNear
	}
	best, chance := e.Candidates[0].Number, e.Candidates[0].Probability
	if x.Linked() {
		best, chance = x.Key, float64(x.Probability)
		for _, c := range e.Candidates {
			if c.Number == best {
				chance = c.Probability // the same, more precisely
			}
		}
	}
	if n, _, err := ids.RestoreNationalNumber(x.Values[linkage.NumberColumn]); err == nil && uint64(n) != best {
		if _, exists := image.Find(uint64(n)); exists {
			stakes |= stakeNumber
		}
	}
	if stakes == 0 && draw.doubled(i) {
		stakes = stakeDrawn
	}
	sealed, err := b.sealEvidence(e)
	if err != nil {
		return nil, err
	}
	return []any{
		int64(0), d.ID, int64(i), int64(x.Row), bit64(x.Linked()), stakes, int64(learnt.raw(chance) * chanceUnit), int64(chance * chanceUnit),
		int64(best), b.c.Node, sealed,
	}, nil
}

// lottery draws rows: the same of the same file, and none that anybody could
// choose.
type lottery struct {
	seed  [32]byte
	limit uint64 // a row is drawn below it
}

func newLottery(d *Delivery, linked *linkage.Result) *lottery {
	n := 0
	for i := range linked.Outcomes {
		if linked.Outcomes[i].Linked() {
			n++
		}
	}
	want := min(max(float64(n)*sampleShare, sampleLeast), sampleMost)
	l := &lottery{seed: sha256.Sum256(fmt.Appendf(nil, "estelam/review/%d/%s", d.ID, d.SHA256))}
	l.limit = below(want / float64(max(n, 1)))
	return l
}

// below is the number below which a share of all numbers lies.
func below(share float64) uint64 {
	if share >= 1 {
		return ^uint64(0)
	}
	return uint64(share * (1 << 32) * (1 << 32))
}

func (l *lottery) draw(i int, what byte) uint64 {
	b := binary.LittleEndian.AppendUint64(append(l.seed[:len(l.seed):len(l.seed)], what), uint64(i))
	sum := sha256.Sum256(b)
	return binary.LittleEndian.Uint64(sum[:])
}

func (l *lottery) sampled(i int) bool { return l.draw(i, 's') <= l.limit }
func (l *lottery) doubled(i int) bool { return l.draw(i, 'd') < below(doubleShare) }

// forgetCases takes out of a delivery's cases whatever names a person. What was
// decided, and how good the estimate was, stays.
func forgetCases(tx *store.Tx, delivery int64) error {
	if _, err := tx.Exec(reviewForget, []byte{}, delivery); err != nil {
		return err
	}
	_, err := tx.Exec(stepsForget, delivery)
	return err
}
