package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// chart is a picture of results: panels one below the other, as SVG that reads
// on light and dark pages.
type chart struct {
	title, note string
	body        bytes.Buffer
	height      float64
}

// Measures of a chart in pixels.
const (
	chartWidth = 860.0
	chartLeft  = 64.0
	chartRight = 28.0
	chartHead  = 64.0
	lineHigh   = 18.0
)

const chartStyle = `<style>
svg{--ink:#1d2733;--soft:#5b6876;--rule:#d9dfe6;--page:#ffffff;--s0:#8c97a4;--s1:#2563c9;--s2:#c2621b;--s3:#2c8a57}
@media (prefers-color-scheme:dark){svg{--ink:#e8edf3;--soft:#9fabb8;--rule:#343e4a;--page:#12171d;--s0:#7b8794;--s1:#6ea8ff;--s2:#f0a060;--s3:#66c795}}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
.h{font-weight:600;font-size:17px}.p{font-weight:600;font-size:14px}.n{fill:var(--soft);font-size:12px}
.e{text-anchor:end}.m{text-anchor:middle}.r{stroke:var(--rule);stroke-width:1}.w{stroke:var(--ink);stroke-width:1.25}
.l{fill:none;stroke-width:2.25;stroke-linejoin:round}
.f0{fill:var(--s0)}.f1{fill:var(--s1)}.f2{fill:var(--s2)}.f3{fill:var(--s3)}
.c0{stroke:var(--s0)}.c1{stroke:var(--s1)}.c2{stroke:var(--s2)}.c3{stroke:var(--s3)}
</style>
`

// svg is the whole picture.
func (c *chart) svg() []byte {
	var b bytes.Buffer
	high := chartHead + c.height + 12
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" role="img" aria-label="%s">`+"\n",
		chartWidth, high, chartWidth, high, escape(c.title))
	b.WriteString(chartStyle)
	b.WriteString(`<rect width="100%" height="100%" fill="var(--page)"/>` + "\n")
	c.textTo(&b, 24, 30, "h", c.title)
	c.textTo(&b, 24, 49, "n", c.note)
	b.Write(c.body.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

func (c *chart) textTo(b *bytes.Buffer, x, y float64, class, s string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="%s">%s</text>`+"\n", x, y, class, escape(s))
}

func (c *chart) text(x, y float64, class, s string) { c.textTo(&c.body, x, y, class, s) }

func (c *chart) rule(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&c.body, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`+"\n", x1, y1, x2, y2, class)
}

// panel begins a panel and returns the y below its title.
func (c *chart) panel(title, note string) float64 {
	y := chartHead + c.height + 26
	c.text(24, y, "p", title)
	if note != "" {
		y += lineHigh
		c.text(24, y, "n", note)
	}
	return y + 10
}

// bar is one bar: a median, the range as whiskers, and a colour.
type bar struct {
	name   string
	value  span
	colour int
}

// bars is a panel of horizontal bars from zero.
type bars struct {
	title, note string
	items       []bar
	digits      int
	single      bool // one value each, no range: names stand beside the bars
}

func (c *chart) bars(p bars) {
	y := c.panel(p.title, p.note)
	from, high := 24.0, 44.0
	if p.single {
		from, high = 230, 21
	}
	most := 0.0
	for _, b := range p.items {
		most = max(most, b.value.high)
	}
	const room = 150 // for the figures
	scale := (chartWidth - from - chartRight - room) / max(most, 1e-9)
	for _, b := range p.items {
		figure, top := b.value.text(p.digits), y+20
		if p.single {
			figure, top = number(b.value.mid, p.digits), y
			c.text(from-10, y+12, "e", b.name)
		} else {
			c.text(from, y+14, "", b.name)
		}
		fmt.Fprintf(&c.body, `<rect x="%g" y="%.1f" width="%.1f" height="14" rx="2" class="f%d"/>`+"\n", from, top, max(b.value.mid*scale, 1), b.colour)
		c.whisker(from+b.value.low*scale, from+b.value.high*scale, top+7)
		c.text(from+b.value.high*scale+8, top+12, "", figure)
		y += high
	}
	c.height = y - chartHead + 8
}

// whisker marks a range, if it can be seen.
func (c *chart) whisker(low, high, y float64) {
	if high-low > 1 {
		c.rule(low, y, high, y, "w")
		c.rule(low, y-4, low, y+4, "w")
		c.rule(high, y-4, high, y+4, "w")
	}
}

// point is a place in a panel, in the panel's own units.
type point struct{ x, y float64 }

// line is a named curve.
type line struct {
	name   string
	points []point
	colour int
}

// cdf is the latencies of rounds together: milliseconds, and the share of
// answers that took longer.
func cdf(rounds []*round) []point {
	var all []time.Duration
	for _, r := range rounds {
		all = append(all, r.lag...)
	}
	slices.Sort(all)
	var points []point
	for rest := 1.0; rest > 2e-4 && rest*float64(len(all)) > 3; rest *= .93 {
		i := min(int((1-rest)*float64(len(all))), len(all)-1)
		points = append(points, point{max(float64(all[i])/1e6, .01), rest})
	}
	return points
}

// quantiles is a panel of latencies: time to the right, and upwards how few
// answers took longer, both in powers of ten.
func (c *chart) quantiles(title string, lines []line) {
	y := c.panel(title, "")
	y = c.legend(y, lines)
	low, high := math.Inf(1), 0.0
	for _, l := range lines {
		for _, p := range l.points {
			low, high = min(low, p.x), max(high, p.x)
		}
	}
	const tall = 250.0
	px := logScale(low, high, chartLeft, chartWidth-chartRight)
	py := logScale(2e-4, 1, y+12, y+12+tall)
	for _, share := range []struct {
		v    float64
		name string
	}{{1, "0 %"}, {.5, "50 %"}, {.1, "90 %"}, {.01, "99 %"}, {.001, "99.9 %"}} {
		c.rule(chartLeft, py(share.v), chartWidth-chartRight, py(share.v), "r")
		c.text(chartLeft-8, py(share.v)+4, "n e", share.name)
	}
	for _, v := range ticks(low, high) {
		c.rule(px(v), y+12, px(v), y+12+tall, "r")
		c.text(px(v), y+tall+30, "n m", fmt.Sprintf("%g ms", v))
	}
	c.curves(lines, px, py)
	c.height = y + tall + 40 - chartHead
}

// curves draws lines.
func (c *chart) curves(lines []line, px, py func(float64) float64) {
	for _, l := range lines {
		var path strings.Builder
		for i, p := range l.points {
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], px(p.x), py(p.y))
		}
		fmt.Fprintf(&c.body, `<path d="%s" class="l c%d"/>`+"\n", path.String(), l.colour)
	}
}

// legend names the lines, one below the other.
func (c *chart) legend(y float64, lines []line) float64 {
	for _, l := range lines {
		y += lineHigh
		c.rule(24, y-5, 48, y-5, fmt.Sprintf("l c%d", l.colour))
		c.text(56, y, "", l.name)
	}
	return y
}

// logScale maps low … high to from … to by their logarithms.
func logScale(low, high, from, to float64) func(float64) float64 {
	a, b := math.Log(low), math.Log(max(high, low*1.01))
	return func(v float64) float64 { return from + (to-from)*(math.Log(v)-a)/(b-a) }
}

// ticks are 1, 2 and 5 times powers of ten between low and high.
func ticks(low, high float64) (all []float64) {
	for e := math.Floor(math.Log10(low)); e <= math.Log10(high); e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow(10, e); v >= low && v <= high {
				all = append(all, v)
			}
		}
	}
	return all
}

// ladder is a panel of figures over sizes that grow by factors.
func (c *chart) ladder(title, note, below string, sizes []int, lines []line) {
	y := c.legend(c.panel(title, note), lines)
	low, high := math.Inf(1), 0.0
	for _, l := range lines {
		for _, p := range l.points {
			low, high = min(low, p.y), max(high, p.y)
		}
	}
	low, high = low*.8, high*1.2
	const tall = 240.0
	px := logScale(float64(sizes[0]), float64(sizes[len(sizes)-1]), chartLeft+40, chartWidth-chartRight-40)
	py := logScale(low, high, y+12+tall, y+12)
	for _, v := range ticks(low, high) {
		c.rule(chartLeft+10, py(v), chartWidth-chartRight, py(v), "r")
		c.text(chartLeft+2, py(v)+4, "n e", short(v))
	}
	for _, s := range sizes {
		c.text(px(float64(s)), y+tall+30, "n m", count(int64(s)))
	}
	c.curves(lines, px, py)
	for _, l := range lines {
		for _, p := range l.points {
			fmt.Fprintf(&c.body, `<circle cx="%.1f" cy="%.1f" r="4" class="f%d"/>`+"\n", px(p.x), py(p.y), l.colour)
		}
	}
	c.text((chartLeft+chartWidth-chartRight)/2, y+tall+50, "n m", below)
	c.height = y + tall + 58 - chartHead
}

// short writes thousands as k and millions as M.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%gM", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%gk", v/1e3)
	}
	return fmt.Sprintf("%g", v)
}
