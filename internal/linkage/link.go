package linkage

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// linker links one table.
type linker struct {
	t     *Table
	m     *Model
	o     Options
	rows  []linked
	fit   *fit
	again *worker // of those who look at single rows afterwards
}

// linked is what was found for a row.
type linked struct {
	best   [3]int32 // ordinals, -1: none
	p      [3]float32
	weight float32
	most   float32 // that the row could reach, above the prior
	sparse bool    // that is too little to tell one person from all others
	agrees bool    // the row's number is the best candidate's
	doubt  bool    // whatever the probability, a clerk must see it
	fields uint32  // that disagree
	spelt  uint32  // that are spelt otherwise
}

// sparse is what a row must be able to reach, in bits above the prior.
const sparse = 3

// shared is the share of relatives who agree in a number from which on it says
// nothing of which of them is meant.
const shared = .1

// chunk is how many rows are linked between two reports of progress.
const chunk = 4096

// Link links the table's rows. It ends with an error only if the context does,
// or if the work file cannot be written; the caller removes that file when the
// result is safe.
func (t *Table) Link(ctx context.Context, o Options) (*Result, error) {
	k := &linker{t: t, m: t.r.newModel(), o: o}
	t.lookUp()
	sample := t.train(k.m)
	fit := k.decoys(sample)
	k.rows = make([]linked, len(t.rows))
	kept, err := k.openWork()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(k.each(ctx, kept, k.one), kept.close()); err != nil {
		return nil, err
	}
	for range 2 {
		if err := k.onceMore(ctx); err != nil {
			return nil, err
		}
	}
	fit.settle(k)
	k.fit, k.again = fit, t.worker(k.m)
	return k.result(), nil
}

// each does f for every row, chunk by chunk on all processors, but for chunks
// that were done before. Progress is of work that is kept.
func (k *linker) each(ctx context.Context, kept *work, f func(w *worker, i int, p []float64) []float64) error {
	n := len(k.t.rows)
	var next, done atomic.Int64
	var group sync.WaitGroup
	var report sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			w := k.t.worker(k.m)
			var p []float64
			for ctx.Err() == nil && kept.failed() == nil {
				from := int(next.Add(chunk)) - chunk
				if from >= n {
					return
				}
				to := min(n, from+chunk)
				if number := from / chunk; !kept.done[number] {
					for i := from; i < to; i++ {
						p = f(w, i, p)
					}
					kept.keep(k, number)
				}
				if d := done.Add(int64(to - from)); k.o.Progress != nil && !kept.again {
					report.Lock()
					k.o.Progress(d, int64(n))
					report.Unlock()
				}
			}
		})
	}
	group.Wait()
	return ctx.Err()
}

// one links one row.
func (k *linker) one(w *worker, i int, p []float64) []float64 {
	l := &k.rows[i]
	*l = linked{best: [3]int32{-1, -1, -1}, weight: float32(math.Inf(-1))}
	if w.row = k.t.row(i); w.bare() {
		l.sparse = true // nobody is looked for
		return p
	}
	cands := w.search(i, false)
	p, _ = w.judge(cands, p)
	for n := range min(len(cands), len(l.best)) {
		l.best[n], l.p[n] = int32(cands[n].ordinal), float32(p[n])
	}
	l.most = w.most()
	l.sparse = l.most < sparse
	if len(cands) == 0 {
		return p
	}
	k.describe(w, l, &cands[0])
	return p
}

// describe notes how a row's best candidate agrees.
func (k *linker) describe(w *worker, l *linked, c *candidate) {
	l.weight = c.weight
	for i := range k.m.profile.Columns {
		switch level := c.levels[i]; {
		case level == missing:
		case !level.agrees() && !level.spelt():
			l.fields |= 1 << i
		case level.spelt():
			l.spelt |= 1 << i
		}
	}
	l.agrees = c.levels[0] == sameNumber && k.m.profile.Columns[0].Kind == Key
	l.doubt = k.doubtful(w, c)
}

// doubtful holds two rules that no probability overrides. Somebody whose name
// and date of birth are both other is not linked, though the number be his: a
// number alone proves nothing. And somebody of quite another name is not
// linked unless a number says that it is he: a twin or a brother shares all else.
func (k *linker) doubtful(w *worker, c *candidate) bool {
	vital, against, name, number := 0, 0, false, false
	for i := range k.m.profile.Columns {
		l := c.levels[i]
		column := &k.m.profile.Columns[i]
		number = number || l == sameNumber && column.Kin < shared
		if !column.Vital || l == missing {
			continue
		}
		vital++
		switch l {
		case exact, variant, sameDate, onlyYear, firstDate, firstYear, slipDate, besideDate, swapDate:
		case partly:
		case near: // one name in place of another is no slip
			if w.t.names[i].all[w.row[i]-1].share > 3/k.m.records {
				against, name = against+1, true
			}
		case swapped:
			against++
		default:
			against++
			name = name || column.textual()
		}
	}
	return vital > 1 && against == vital || name && !number
}

// bare reports whether a row has a number and nothing beside it that tells
// persons apart: sex and place do not, and a second number that repeats the first.
// Nothing that is told of it, or of its file, may say whether the number is
// somebody's.
func (w *worker) bare() bool {
	if w.m.profile.Columns[0].Kind != Key || w.row[0] == 0 {
		return false
	}
	for c := 1; c < len(w.m.profile.Columns); c++ {
		column := &w.m.profile.Columns[c]
		if w.row[c] != 0 && column.Kind != Word && column.Kind != Text && (!column.SameAsKey || w.row[c] != w.row[0]) {
			return false
		}
	}
	return true
}

// most is how far above the prior a row could come if all of it agreed.
func (w *worker) most() float32 {
	most := 0.
	for c := range w.m.profile.Columns {
		v := w.row[c]
		if v == 0 {
			continue
		}
		switch column := &w.m.profile.Columns[c]; {
		case column.Kind == Word:
			most += float64(slices.Max(w.t.names[c].all[v-1].words))
		case column.textual():
			n := &w.t.names[c].all[v-1]
			most += float64(max(n.weight[0], n.weight[variant-exact], n.weight[near-exact]))
		case column.Kind == DateOf && v%100 == 0:
			most += float64(w.m.weight[c][onlyYear])
		case column.Kind == Key:
			most += float64(w.m.weight[c][sameNumber])
		default:
			most += float64(w.exact[c])
		}
	}
	return float32(most + w.m.prior())
}
