package delivery

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// What clerks decide tells how good the estimates are. Ambiguous rows are all
// decided and automatic links are drawn at random, so among rows of one estimate
// the decisions show how many are right, without bias. A curve that rises with
// the estimate is fitted to them. Few decisions must not throw the estimates
// over: the curve is held by as many imagined decisions that agree with the
// estimates as it takes to see one mistake.

// Calibration is what decisions have taught.
type Calibration struct {
	ID       int64               `json:"curve"` // 0: nothing yet
	Made     time.Time           `json:"made,omitzero"`
	Officer  string              `json:"officer,omitzero"`
	Points   int64               `json:"decisions"` // that it rests on
	Measures CalibrationMeasures `json:"measures"`

	curve *linkage.Curve
}

// CalibrationMeasures tell how well estimates fitted decisions, with the curve
// of four fifths of the decisions tried on the last fifth, in turn. Less is
// better.
type CalibrationMeasures struct {
	Brier        float64 `json:"brier"` // mean square of estimate and truth
	BrierAfter   float64 `json:"brier_after"`
	LogLoss      float64 `json:"log_loss"` // bits a decision
	LogLossAfter float64 `json:"log_loss_after"`
}

const (
	usualLeast = 50
	folds      = 5
	slope      = 1e-3 // share of the estimate itself in the curve, so that it can be read backwards
)

// calibration is the newest curve.
func (b *Book) calibration(ctx context.Context) (*Calibration, error) {
	c := &Calibration{}
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		var made int64
		var curve, measures string
		found, err := tx.One(curveLast, []any{linkage.Persian().Name}, &c.ID, &made, &c.Officer, &c.Points, &curve, &measures)
		if err != nil || !found {
			return err
		}
		c.Made, c.curve = store.Moment(made), new(linkage.Curve)
		if err := json.Unmarshal([]byte(measures), &c.Measures); err != nil {
			return err
		}
		return json.Unmarshal([]byte(curve), c.curve)
	})
	return c, err
}

// raw is the estimate that the curve turned into p.
func (c *Calibration) raw(p float64) float64 {
	if c.curve == nil {
		return p
	}
	low, high := 0.0, 1.0
	for range 50 {
		if middle := (low + high) / 2; c.curve.At(middle) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// Recalibrate fits the curve anew to all decisions there are. It counts for
// files that are linked from then on. Fault: delivery.review.few.
func (b *Book) Recalibrate(ctx context.Context, j *journal.Journal, actor journal.Actor) (*Calibration, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	decided, err := b.truths(ctx, 0)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	points := make([]linkage.Point, len(decided))
	for i, d := range decided {
		points[i] = d.point
	}
	if len(points) < b.Least {
		return nil, journal.Proven{}, fault.New(fault.Conflict, "delivery.review.few", strconv.Itoa(b.Least))
	}
	c := &Calibration{Officer: actor.ID, Points: int64(len(points)), Measures: measure(points), curve: fitted(points)}
	curve, err := json.Marshal(c.curve)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	measures, err := json.Marshal(c.Measures)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Review, Actor: actor, Why: "review-recalibrated", Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		if _, err := tx.One(curveNext, nil, &c.ID); err != nil {
			return nil, err
		}
		c.Made = ch.At
		_, err := tx.Exec(curveInsert, c.ID, linkage.Persian().Name, ch.Micros(), actor.ID, c.Points, string(curve), string(measures), ch.Act[:])
		body := strconv.AppendInt([]byte(`"curve":`), c.ID, 10)
		return strconv.AppendInt(append(body, `,"decisions":`...), c.Points, 10), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return c, proven, nil
}

// truth is what one decision says of an estimate.
type truth struct {
	delivery int64
	point    linkage.Point // with the estimate before any curve
	shown    float64       // and after the one of that time
}

// truths are the decisions that say something of estimates; delivery 0: of all.
func (b *Book) truths(ctx context.Context, delivery int64) (all []truth, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(reviewTruths, []any{int64(0)}, func(scan func(...any) error) error {
			var t truth
			var chance, shown, is int64
			err := scan(&t.delivery, &chance, &shown, &is)
			t.point = linkage.Point{Probability: float64(chance) / chanceUnit, True: is == truthRight}
			t.shown = float64(shown) / chanceUnit
			if delivery == 0 || t.delivery == delivery {
				all = append(all, t)
			}
			return err
		})
	})
	return all, err
}

// chanceUnit is what rows of cases store for certainty.
const chanceUnit = 1e9

// imagined are decisions that agree with the estimates: one mistake among two at
// one half, one among four at three quarters, and so on to one in 65,536, and
// the same for what is unlikely.
func imagined() (all []linkage.Point) {
	for n := 2; n <= 1<<16; n *= 2 {
		p := 1 - 1/float64(n)
		for i := range n {
			all = append(all, linkage.Point{Probability: p, True: i > 0})
			if n > 2 {
				all = append(all, linkage.Point{Probability: 1 - p, True: i == 0})
			}
		}
	}
	return all
}

// fitted is the curve of decisions.
func fitted(points []linkage.Point) *linkage.Curve {
	all := append(imagined(), points...)
	// What was right stands first among equals, so that they are pooled.
	slices.SortStableFunc(all, func(a, b linkage.Point) int {
		if c := cmp.Compare(a.Probability, b.Probability); c != 0 {
			return c
		}
		return b2i(b.True) - b2i(a.True)
	})
	iso := linkage.Isotonic(all)
	var k knots
	if text, err := json.Marshal(iso); err != nil || json.Unmarshal(text, &k) != nil {
		return nil // what Isotonic makes can be read
	}
	out := knots{Estimated: []float64{0}, Shown: []float64{0}}
	for i, p := range k.Estimated {
		out.Estimated = append(out.Estimated, p)
		out.Shown = append(out.Shown, (1-slope)*k.Shown[i]+slope*p)
	}
	out.Estimated, out.Shown = append(out.Estimated, 1), append(out.Shown, 1)
	c := new(linkage.Curve)
	text, err := json.Marshal(out)
	if err != nil || c.UnmarshalJSON(text) != nil {
		return nil
	}
	return c
}

// knots are a curve's points, as its JSON has them.
type knots struct {
	Estimated []float64 `json:"estimated"`
	Shown     []float64 `json:"shown"`
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// measure tries curves of some decisions on the others.
func measure(points []linkage.Point) (m CalibrationMeasures) {
	for fold := range folds {
		var others, own []linkage.Point
		for i, p := range points {
			if i%folds == fold {
				own = append(own, p)
			} else {
				others = append(others, p)
			}
		}
		curve := fitted(others)
		for _, p := range own {
			m.add(p.Probability, curve.At(p.Probability), p.True)
		}
	}
	n := float64(len(points))
	m.Brier, m.BrierAfter, m.LogLoss, m.LogLossAfter = m.Brier/n, m.BrierAfter/n, m.LogLoss/n, m.LogLossAfter/n
	return m
}

func (m *CalibrationMeasures) add(before, after float64, right bool) {
	truth := float64(b2i(right))
	m.Brier += (before - truth) * (before - truth)
	m.BrierAfter += (after - truth) * (after - truth)
	m.LogLoss += surprise(before, right)
	m.LogLossAfter += surprise(after, right)
}

// surprise is how many bits a truth was unexpected.
func surprise(p float64, right bool) float64 {
	if !right {
		p = 1 - p
	}
	return -math.Log2(max(p, 1e-6))
}
