package delivery

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// reviewed counts the cases of one kind.
type reviewed struct {
	all, right, wrong, cannot int64
}

func (r *reviewed) decided() int64 { return r.right + r.wrong + r.cannot }

// tally is how a delivery's cases stand.
type tally struct {
	ambiguous, sample reviewed
}

func (b *Book) tallyOf(ctx context.Context, delivery int64) (*tally, error) {
	t := &tally{}
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		*t = tally{}
		return tx.Each(reviewCounts, []any{delivery}, func(scan func(...any) error) error {
			var sample, state, decision, truth, n int64
			if err := scan(&sample, &state, &decision, &truth, &n); err != nil {
				return err
			}
			of := &t.ambiguous
			if sample == 1 {
				of = &t.sample
			}
			of.all += n
			switch {
			case ReviewState(state) != ReviewDecided:
			case truth == truthRight:
				of.right += n
			case truth == truthWrong:
				of.wrong += n
			default:
				of.cannot += n
			}
			return nil
		})
	})
	return t, err
}

// review tells what clerks have decided about the file.
func (t *telling) review() {
	t.Heading(t.t("delivery.report.review"))
	t.Paragraph(t.t("delivery.report.review.text", t.count(t.tally.sample.all)))
	number := func(key string) letter.Column { return letter.Column{Title: t.t(key), Share: .14, Number: true} }
	t.Table([]letter.Column{
		{Title: t.t("delivery.report.review.kind"), Share: .3}, number("delivery.report.review.all"), number("delivery.report.review.confirmed"),
		number("delivery.report.review.denied"), number("delivery.report.review.cannot"), number("delivery.report.review.open"),
	}, func(yield func([]string) bool) {
		for i, of := range []*reviewed{&t.tally.ambiguous, &t.tally.sample} {
			name := t.t([]string{"delivery.report.review.ambiguous", "delivery.report.review.sample"}[i])
			if !yield([]string{name, t.count(of.all), t.count(of.right), t.count(of.wrong), t.count(of.cannot), t.count(of.all - of.decided())}) {
				return
			}
		}
	})
	if n := t.tally.sample.right + t.tally.sample.wrong; n > 0 {
		t.Paragraph(t.t("delivery.report.review.quality", t.count(n), t.count(t.tally.sample.wrong), t.percent(atMost(t.tally.sample.wrong, n))))
	}
}

// atMost is the share that is not exceeded with 95 % confidence when k of n were
// found (Clopper and Pearson, one-sided): the share at which no more than k
// would come about once in twenty times.
func atMost(k, n int64) float64 {
	if k >= n {
		return 1
	}
	low, high := float64(k)/float64(n), 1.0
	for range 60 {
		if p := (low + high) / 2; upTo(k, n, p) > 0.05 {
			low = p
		} else {
			high = p
		}
	}
	return high
}

// upTo is the probability of at most k of n at p each.
func upTo(k, n int64, p float64) float64 {
	sum := 0.0
	all, _ := math.Lgamma(float64(n) + 1)
	for i := int64(0); i <= k; i++ {
		a, _ := math.Lgamma(float64(i) + 1)
		b, _ := math.Lgamma(float64(n-i) + 1)
		sum += math.Exp(all - a - b + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// calibration holds estimates against decisions.
func (t *telling) calibration() {
	t.Heading(t.t("delivery.report.calibration"))
	if len(t.decided) == 0 {
		t.Paragraph(t.t("delivery.report.calibration.none"))
		return
	}
	t.Paragraph(t.t("delivery.report.calibration.text"))
	c := &letter.Calibration{
		Title: t.t("delivery.report.calibration.chart"), Across: t.t("delivery.report.calibration.across"), Up: t.t("delivery.report.calibration.up"),
		Found: t.t("delivery.report.calibration.points"), Fitted: t.t("delivery.report.calibration.curve"), Points: t.points(),
	}
	if t.learnt.curve != nil {
		for x := -10.0; x <= 10; x += .25 {
			p := 1 / (1 + math.Exp(-x))
			c.Curve = append(c.Curve, letter.CalibrationPoint{Estimated: p, Found: t.learnt.curve.At(p)})
		}
	}
	t.Calibration(c)
	t.Table([]letter.Column{
		{Title: t.t("delivery.report.calibration.across"), Share: .4}, {Title: t.t("delivery.report.calibration.up"), Share: .3, Number: true},
		{Title: t.t("delivery.report.calibration.n"), Share: .3, Number: true},
	}, func(yield func([]string) bool) {
		for _, p := range c.Points {
			if !yield([]string{t.percent(p.Estimated), t.percent(p.Found), t.count(p.N)}) {
				return
			}
		}
	})
	if t.learnt.curve != nil {
		t.effect()
	}
}

// groupsOfDecisions is how many points a calibration shows at most.
const groupsOfDecisions = 10

// points groups all decisions by estimate: groups of like size, and none that
// spans a wide range.
func (t *telling) points() (all []letter.CalibrationPoint) {
	list := slices.Clone(t.decided)
	slices.SortStableFunc(list, func(a, b truth) int { return cmp.Compare(a.point.Probability, b.point.Probability) })
	odds := func(i int) float64 {
		p := min(max(list[i].point.Probability, 1e-4), 1-1e-4)
		return math.Log2(p / (1 - p))
	}
	least := max(len(list)/groupsOfDecisions, 1)
	for i := 0; i < len(list); {
		from, sum, right := i, 0.0, 0
		for i < len(list) && (i-from < least && odds(i)-odds(from) < 3 || odds(i)-odds(from) < .25) {
			sum += list[i].point.Probability
			right += b2i(list[i].point.True)
			i++
		}
		n := float64(i - from)
		all = append(all, letter.CalibrationPoint{Estimated: sum / n, Found: float64(right) / n, N: int64(i - from)})
	}
	return all
}

// effect tells what the curve changes: in the estimates of this file, and in how
// well estimates fit decisions.
func (t *telling) effect() {
	before, after := 0.0, 0.0
	for _, c := range t.report.Chances {
		before += float64(c.Rows) * (1 - c.Raw)
		after += float64(c.Rows) * (1 - t.learnt.curve.At(c.Raw))
	}
	m := &t.learnt.Measures
	three := func(v float64) string { return letter.Fraction(t.lang, v, 4) }
	t.Table([]letter.Column{
		{Title: t.t("delivery.report.measure"), Share: .56}, {Title: t.t("delivery.report.before"), Share: .22, Number: true},
		{Title: t.t("delivery.report.after"), Share: .22, Number: true},
	}, func(yield func([]string) bool) {
		_ = yield([]string{t.t("delivery.report.measure.false"), t.few(before), t.few(after)}) &&
			yield([]string{t.t("delivery.report.measure.brier"), three(m.Brier), three(m.BrierAfter)}) &&
			yield([]string{t.t("delivery.report.measure.surprise"), three(m.LogLoss), three(m.LogLossAfter)})
	})
}

// parameters lists the model.
func (t *telling) parameters() {
	t.Heading(t.t("delivery.report.model"))
	t.Paragraph(t.t("delivery.report.model.text", t.count(t.model.Rows), t.count(int64(t.model.Records)), t.percent(t.model.Rate)))
	number := func(key string) letter.Column { return letter.Column{Title: key, Share: .16, Number: true} }
	t.Table([]letter.Column{
		{Title: t.t("delivery.report.model.column"), Share: .26}, {Title: t.t("delivery.report.model.level"), Share: .26},
		number("m"), number("u"), number(t.t("delivery.report.model.weight")),
	}, func(yield func([]string) bool) {
		for _, c := range t.model.Columns {
			if !slices.Contains(t.report.Columns, c.Name) && len(t.report.Columns) > 0 {
				continue // the file has no such column
			}
			cases := t.casesOf(c.Kind)
			for _, l := range c.Levels {
				u, weight := "–", "–"
				if l.U > 0 {
					u, weight = t.share(l.U), letter.Signed(t.lang, l.Bits, 1)
				}
				if !yield([]string{t.t("delivery.report.column." + c.Name), t.t("delivery.report.level."+l.Level) + cases[0], t.share(l.M), u, weight}) {
					return
				}
				if l.Level == "differs" && len(cases) > 1 {
					cases = cases[1:]
				}
			}
		}
	})
}

// casesOf is what the levels of a column are about, which has several groups of
// them, each ending in "differs": linkage lists one after the other.
func (t *telling) casesOf(kind string) []string {
	of := func(key string) string { return " (" + t.t("delivery.report.case."+key) + ")" }
	switch kind {
	case "key":
		return []string{"", of("broken")}
	case "date":
		return []string{"", of("year"), of("first")}
	}
	return []string{""}
}

// share writes a probability that may be very small.
func (t *telling) share(p float64) string {
	if p == 0 || p >= 1e-4 {
		return letter.Fraction(t.lang, p, 4)
	}
	return letter.Fraction(t.lang, p, 1-int(math.Floor(math.Log10(p)))) // two digits that say something
}

// origin says what the report stands on, so that it can be checked.
func (t *telling) origin() {
	t.Heading(t.t("delivery.report.origin"))
	r, d := t.report, t.d
	curve := t.t("delivery.report.origin.curve.none")
	if r.Curve != 0 {
		curve = t.t("delivery.report.origin.curve.number", strconv.FormatInt(r.Curve, 10))
	}
	distinct := t.t("delivery.report.no")
	if d.Distinct {
		distinct = t.t("delivery.report.yes")
	}
	at := persian.DateOf(r.Position.At).String()
	rows := [][]string{
		{t.t("delivery.report.origin.position"), t.t("delivery.report.origin.change", t.count(r.Position.Change), at)},
	}
	if r.Position.Log != "" {
		rows = append(rows, []string{t.t("delivery.report.origin.log"), letter.Isolate(r.Position.Log + " · " + strconv.FormatInt(r.Position.Size, 10))})
	}
	rows = append(rows, []string{t.t("delivery.report.origin.file"), letter.Isolate(d.SHA256)})
	if d.manifest != "" {
		sum := sha256.Sum256([]byte(d.manifest))
		rows = append(rows, []string{t.t("delivery.report.origin.manifest"), letter.Isolate(hex.EncodeToString(sum[:]))})
	}
	rows = append(rows,
		[]string{
			t.t("delivery.report.origin.agreement"),
			t.t("delivery.report.origin.clause", strconv.FormatInt(d.Agreement, 10), strconv.Itoa(d.Version), strconv.Itoa(d.Clause)),
		},
		[]string{t.t("delivery.report.origin.distinct"), distinct},
		[]string{t.t("delivery.report.origin.curve"), curve})
	t.Table([]letter.Column{
		{Title: t.t("delivery.report.origin.item"), Share: .34}, {Title: t.t("delivery.report.origin.value"), Share: .66},
	}, func(yield func([]string) bool) {
		for _, row := range rows {
			if !yield(row) {
				return
			}
		}
	})
}
