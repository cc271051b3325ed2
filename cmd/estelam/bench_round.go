package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// round is what one round of asking a server has shown.
type round struct {
	*tally
	each   float64 // answers that one request counts for
	cpu    float64 // µs of the server's processor time per answer
	memory int64   // the server's anonymous memory, the most seen, bytes
	batch  float64 // entries per journal batch; 0: not known
}

func (r *round) answers() float64 { return r.rate() * r.each }

// measure runs f against c and weighs what it cost c.
func measure(ctx context.Context, c *child, each float64, f func() (*tally, error)) (*round, error) {
	r := &round{each: each}
	batches, entries, err := c.journal(ctx)
	if err != nil {
		return nil, err
	}
	before, err := c.cpu()
	if err != nil {
		return nil, err
	}
	stop := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() { r.memory = c.most(stop) })
	r.tally, err = f()
	close(stop)
	watch.Wait()
	if err != nil {
		return nil, err
	}
	after, err := c.cpu()
	if err != nil {
		return nil, err
	}
	if r.asked == 0 {
		return nil, fmt.Errorf("no answer in %v", r.elapsed)
	}
	r.cpu = float64((after - before).Microseconds()) / (float64(r.asked) * each)
	b, e, err := c.journal(ctx)
	if b > batches {
		r.batch = (e - entries) / (b - batches)
	}
	return r, err
}

// journal is batches for servers that have a journal.
func (c *child) journal(ctx context.Context) (batches, entries float64, err error) {
	if c.private == "" {
		return 0, 0, nil
	}
	return c.batches(ctx)
}

// most is the most anonymous memory that the server is seen to have until stop.
func (c *child) most(stop <-chan struct{}) (most int64) {
	for {
		if m, err := c.memory(); err == nil {
			most = max(most, m)
		}
		select {
		case <-stop:
			return most
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// span is the median of some values and their range.
type span struct{ low, mid, high float64 }

func spanOf(values []float64) span {
	s := slices.Sorted(slices.Values(values))
	if len(s) == 0 {
		return span{math.NaN(), math.NaN(), math.NaN()}
	}
	mid := s[len(s)/2]
	if len(s)%2 == 0 {
		mid = (mid + s[len(s)/2-1]) / 2
	}
	return span{s[0], mid, s[len(s)-1]}
}

// over is the span of one figure over rounds.
func over[R any](rounds []R, figure func(R) float64) span {
	v := make([]float64, len(rounds))
	for i, r := range rounds {
		v[i] = figure(r)
	}
	return spanOf(v)
}

// text writes a span with so many digits behind the point.
func (s span) text(digits int) string {
	return fmt.Sprintf("%s [%s–%s]", number(s.mid, digits), number(s.low, digits), number(s.high, digits))
}

// number writes a figure as people read it.
func number(v float64, digits int) string {
	if math.IsNaN(v) {
		return "–"
	}
	if digits == 0 {
		return count(int64(math.Round(v)))
	}
	return fmt.Sprintf("%.*f", digits, v)
}

func rateOf(r *round) float64   { return r.answers() }
func cpuOf(r *round) float64    { return r.cpu }
func batchOf(r *round) float64  { return r.batch }
func memoryOf(r *round) float64 { return float64(r.memory) / (1 << 20) }

// at is a quantile in milliseconds.
func at(q float64) func(*round) float64 {
	return func(r *round) float64 { return float64(r.quantile(q)) / 1e6 }
}

// printRounds prints a line for each round and one for their median and range.
func printRounds(w io.Writer, what, unit string, rounds []*round) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s\t%s/s\tp50 ms\tp99 ms\tp99.9 ms\tserver µs\tbatch\tmemory MiB\tnot 200\t\n", what, unit)
	for i, r := range rounds {
		fmt.Fprintf(t, "round %d\t%s\t%.2f\t%.2f\t%.2f\t%.1f\t%s\t%.0f\t%d\t\n", i+1, number(r.answers(), 0),
			at(.5)(r), at(.99)(r), at(.999)(r), r.cpu, batchText(r.batch), memoryOf(r), r.bad)
	}
	if len(rounds) > 1 {
		fmt.Fprintf(t, "median\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\t\n", over(rounds, rateOf).text(0), over(rounds, at(.5)).text(2),
			over(rounds, at(.99)).text(2), over(rounds, at(.999)).text(2), over(rounds, cpuOf).text(1),
			batchSpan(rounds), number(over(rounds, memoryOf).high, 0))
	}
	_ = t.Flush()
	fmt.Fprintln(w)
}

func batchText(n float64) string {
	if n == 0 {
		return "–"
	}
	return number(n, 1)
}

func batchSpan(rounds []*round) string {
	s := over(rounds, batchOf)
	if s.high == 0 {
		return "–"
	}
	return s.text(1)
}

// ratio is the span of a's processor time over b's, round by round.
func ratio(a, b []*round) span {
	v := make([]float64, min(len(a), len(b)))
	for i := range v {
		v[i] = a[i].cpu / b[i].cpu
	}
	return spanOf(v)
}

// refuseBad fails a bench that saw an answer other than 200.
func refuseBad(rounds ...[]*round) error {
	for _, list := range rounds {
		for _, r := range list {
			if r.bad > 0 {
				return fmt.Errorf("%d of %d answers were not 200", r.bad, r.asked)
			}
		}
	}
	return nil
}
