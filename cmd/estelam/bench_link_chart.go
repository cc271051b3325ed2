package main

import (
	"fmt"
	"math"
	"text/tabwriter"
)

// plot is a square of a panel with two axes.
type plot struct {
	c                        *chart
	left, top, right, bottom float64
	x, y                     func(float64) float64
}

// axisMark is a mark on an axis.
type axisMark struct {
	at   float64
	name string
}

func (p *plot) axes(title, below string, x, y []axisMark) {
	p.c.text(p.left, p.top-12, "n", title)
	for _, t := range x {
		p.c.rule(p.x(t.at), p.top, p.x(t.at), p.bottom, "r")
		p.c.text(p.x(t.at), p.bottom+18, "n m", t.name)
	}
	for _, t := range y {
		p.c.rule(p.left, p.y(t.at), p.right, p.y(t.at), "r")
		p.c.text(p.left-8, p.y(t.at)+4, "n e", t.name)
	}
	p.c.text((p.left+p.right)/2, p.bottom+37, "n m", below)
}

func (p *plot) inside(x, y float64) bool {
	const slack = .5
	px, py := p.x(x), p.y(y)
	return px >= p.left-slack && px <= p.right+slack && py >= p.top-slack && py <= p.bottom+slack
}

// drawLink draws a set's panel: whether the engine knows how often it is
// wrong, and what recall each precision costs.
func drawLink(c *chart, set *linkSet, runs []*linkRun) {
	const tall = 230.0
	y := c.panel(set.name, fmt.Sprintf("%s; F1 %s, recall at 99.9 %% precision %s", set.title,
		over(runs, func(r *linkRun) float64 { return r.usual.f1() }).text(4),
		over(runs, func(r *linkRun) float64 { return r.recallAt(.999) }).text(4))) + 22
	drawReliability(&plot{c: c, left: 76, right: 400, top: y, bottom: y + tall}, reliable(runs))
	drawRecall(&plot{c: c, left: 512, right: chartWidth - chartRight, top: y, bottom: y + tall}, runs)
	c.height = y + tall + 50 - chartHead
}

// Wrong shares are drawn on a scale of logarithms down to this one.
const leastDoubt = 1e-5

var doubtTicks = []axisMark{{1e-5, "≤ 10⁻⁵"}, {1e-4, "10⁻⁴"}, {1e-3, "0.1 %"}, {1e-2, "1 %"}, {.1, "10 %"}, {1, "100 %"}}

// drawReliability draws the stated share that is wrong and the actual one, with
// its interval; the diagonal is an engine that knows itself. Where no row is
// wrong only the interval's upper end is drawn.
func drawReliability(p *plot, bins []reliability) {
	p.x = logScale(leastDoubt, 1, p.left, p.right)
	p.y = logScale(leastDoubt, 1, p.bottom, p.top)
	p.axes("best candidates that are wrong: actual (up) by stated", "stated", doubtTicks, doubtTicks)
	p.c.rule(p.left, p.bottom, p.right, p.top, "w")
	for _, b := range bins {
		x := p.x(max(b.stated, leastDoubt))
		low, high := b.interval()
		p.c.rule(x, p.y(max(low, leastDoubt)), x, p.y(max(high, leastDoubt)), "l c1")
		if b.wrong > 0 {
			fmt.Fprintf(&p.c.body, `<circle cx="%.1f" cy="%.1f" r="4" class="f1"/>`+"\n", x, p.y(max(b.actual(), leastDoubt)))
		}
	}
}

// drawRecall draws each round's recall by the share of links that are wrong,
// and where the automatic links and the default stand.
func drawRecall(p *plot, runs []*linkRun) {
	const least, most = 1e-5, .1
	low := 1.0
	curves := make([][]tallied, len(runs))
	for i, r := range runs {
		curves[i] = r.curve()
		low = min(low, r.automatic.recall(), r.recallAt(.999))
	}
	low = math.Max(0, math.Floor(low*20-1)/20)
	p.x = logScale(least, most, p.left, p.right)
	p.y = func(v float64) float64 { return p.bottom - (p.bottom-p.top)*(v-low)/(1-low) }
	var recall []axisMark
	for k := range 6 {
		v := low + (1-low)*float64(k)/5
		recall = append(recall, axisMark{v, fmt.Sprintf("%.3g", v)})
	}
	p.axes("recall (up) by wrong links; ● default, ○ automatic", "share of the links that is wrong", doubtTicks[:5], recall)
	for i, r := range runs {
		drawCurve(p, curves[i], least)
		for _, mark := range []struct {
			t     tallied
			class string
		}{{r.usual, "f2"}, {r.automatic, "l c2"}} {
			if x := max(1-mark.t.precision(), least); p.inside(x, mark.t.recall()) {
				fmt.Fprintf(&p.c.body, `<circle cx="%.1f" cy="%.1f" r="4" class="%s"/>`+"\n", p.x(x), p.y(mark.t.recall()), mark.class)
			}
		}
	}
}

// drawCurve draws the most recall for each share of wrong links, from the few
// points that can be told apart.
func drawCurve(p *plot, curve []tallied, least float64) {
	var points []point
	best, wrong := 0.0, 0.0
	for _, t := range curve {
		x := max(1-t.precision(), least, wrong) // links with fewer wrong ones can be had too
		wrong = x
		if t.recall() < best || !p.inside(x, t.recall()) {
			continue
		}
		best = t.recall()
		if n := len(points); n > 0 && math.Abs(p.x(points[n-1].x)-p.x(x)) < .5 {
			points[n-1].y = best
			continue
		}
		points = append(points, point{x, best})
	}
	p.c.curves([]line{{points: points, colour: 3}}, p.x, p.y)
}

// printReliability prints the reliability diagram's figures.
func printReliability(b *bench, runs []*linkRun) {
	fmt.Fprintf(b, "\nreliability of the best candidates, all rounds\n")
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\trows\tstated wrong\tactually wrong\tinterval of 95 %%\t\n")
	for _, r := range reliable(runs) {
		low, high := r.interval()
		fmt.Fprintf(t, "\t%s\t%s\t%s\t%s–%s\t\n", count(int64(r.rows)), percent(r.stated), percent(r.actual()), percent(low), percent(high))
	}
	_ = t.Flush()
}

// percent writes a share with as many digits as tell it from nothing.
func percent(v float64) string {
	switch {
	case v >= .01:
		return fmt.Sprintf("%.1f %%", 100*v)
	case v >= 1e-4:
		return fmt.Sprintf("%.3f %%", 100*v)
	}
	return fmt.Sprintf("%.5f %%", 100*v)
}
