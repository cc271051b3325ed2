package letter

import "math"

// Fact is one figure that stands for itself.
type Fact struct {
	Label, Value, Note string
}

const (
	factHigh = 62
	factGap  = 8
	perLine  = 4 // facts beside each other
)

// tiles draws facts beside each other, and gives how high they are.
func (d *document) tiles(on canvas, x, y, width float64, facts []Fact) float64 {
	wide := (width - factGap*(perLine-1)) / perLine
	for i, f := range facts {
		left, top := x+(wide+factGap)*float64(i%perLine), y+(factHigh+factGap)*float64(i/perLine)
		on.fill(left, top, wide, factHigh, pale)
		on.fill(left, top, 2.5, factHigh, teal)
		on.fit(left+10, top+16, wide-14, pen{regular, 8.5, grey}, start, f.Label)
		on.fit(left+10, top+37, wide-14, pen{bold, 15, black}, start, f.Value)
		on.fit(left+10, top+53, wide-14, pen{regular, 8, grey}, start, f.Note)
	}
	return (factHigh + factGap) * float64((len(facts)+perLine-1)/perLine)
}

// Histogram shows how many rows have which weight, and how many of them were
// linked.
type Histogram struct {
	Title      string
	Axis       string // what runs across
	All, Chose string // names of the two kinds of bars
	Bins       []HistogramBin
}

// HistogramBin counts the rows between two weights in bits.
type HistogramBin struct {
	From, To  float64
	All, Some int64
}

const histogramHigh = 168

// histogram draws a histogram. Upwards it counts in powers of ten, from zero:
// few rows in doubt show beside many that are clear.
func (d *document) histogram(on canvas, x, y, width float64, h *Histogram) float64 {
	y = d.legend(on, x, y, []string{h.All, h.Chose}, []color{sand, teal})
	if len(h.Bins) == 0 {
		return y
	}
	const axis, foot = 46.0, 40.0
	from, wide := x+axis, width-axis-14
	low, high, most := h.Bins[0].From, h.Bins[len(h.Bins)-1].To, int64(1)
	for _, b := range h.Bins {
		most = max(most, b.All)
	}
	top := math.Pow(10, math.Ceil(math.Log10(float64(most))))
	up := func(n int64) float64 { return histogramHigh * math.Log10(1+float64(n)) / math.Log10(1+top) }
	across := func(v float64) float64 { return from + wide*(v-low)/(high-low) }
	for n := int64(0); float64(n) <= top; n = max(1, n*10) {
		on.fill(from, y+histogramHigh-up(n)-0.2, wide, 0.4, faint)
		on.text(from-6, y+histogramHigh-up(n)+3, pen{regular, 8, grey}, end, ltr(d.count(n)))
	}
	for _, b := range h.Bins {
		left, thick := across(b.From)+0.4, across(b.To)-across(b.From)-0.8
		for _, part := range []struct {
			n int64
			c color
		}{{b.All, sand}, {b.Some, teal}} {
			if part.n > 0 {
				on.fill(left, y+histogramHigh-up(part.n), thick, up(part.n), part.c)
			}
		}
	}
	step := niceStep((high - low) / 9)
	for v := math.Ceil(low/step) * step; v <= high; v += step {
		on.fill(across(v)-0.25, y+histogramHigh, 0.5, 4, grey)
		on.text(across(v), y+histogramHigh+14, pen{regular, 8, grey}, middle, Signed(d.lang, v, 0))
	}
	on.text(from+wide/2, y+histogramHigh+29, pen{regular, 8.5, grey}, middle, h.Axis)
	return y + histogramHigh + foot
}

// legend names colours, and gives where the figure begins.
func (d *document) legend(on canvas, x, y float64, names []string, inks []color) float64 {
	for i, name := range names {
		swatch(on, x, y-8, 9, 9, inks[i])
		x += 14 + on.text(x+14, y, pen{regular, 9, black}, start, own(name)) + 18
	}
	return y + 12
}

// niceStep is 1, 2 or 5 with zeros, not below least.
func niceStep(least float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(max(least, 1e-9))))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= least {
			return m * power
		}
	}
	return 10 * power
}

// Waterfall shows how a weight comes about, step by step.
type Waterfall struct {
	Title string
	Steps []Step
	Sum   string // name of what the steps come to
}

// Step is what one thing adds or takes away, in bits.
type Step struct {
	Label, Note string
	Value       float64
}

const stepHigh = 19

func (w *Waterfall) high() float64 { return stepHigh*float64(len(w.Steps)+1) + 10 }

// waterfall draws a waterfall from top to bottom.
func (d *document) waterfall(on canvas, x, y, width float64, w *Waterfall) float64 {
	const names, notes, values = 0.2, 0.17, 0.1 // of the width
	low, high, sum := 0.0, 0.0, 0.0
	for _, s := range w.Steps {
		sum += s.Value
		low, high = min(low, sum), max(high, sum)
	}
	from, wide := x+width*(names+notes), width*(1-names-notes-values)-8
	across := func(v float64) float64 { return from + wide*(v-low)/max(high-low, 1e-9) }
	total := w.high() - 10
	on.fill(across(0)-0.3, y, 0.6, total, grey)
	row := func(i int, label, note string, a, b float64, f weight, c color, value string) {
		top := y + stepHigh*float64(i)
		on.fit(x, top+13, width*names-6, pen{f, 9, black}, start, own(label))
		on.fit(x+width*names, top+13, width*notes-8, pen{regular, 8.5, grey}, start, own(note))
		on.fill(across(min(a, b)), top+4, max(across(max(a, b))-across(min(a, b)), 0.7), stepHigh-8, c)
		on.text(x+width, top+13, pen{f, 9, black}, end, value)
	}
	at := 0.0
	for i, s := range w.Steps {
		ink := teal
		if s.Value < 0 {
			ink = red
		}
		row(i, s.Label, s.Note, at, at+s.Value, regular, ink, Signed(d.lang, s.Value, 1))
		at += s.Value
		on.fill(across(at)-0.3, y+stepHigh*float64(i)+stepHigh-4, 0.6, 8, grey)
	}
	on.fill(x, y+stepHigh*float64(len(w.Steps)), width, 0.5, faint)
	row(len(w.Steps), w.Sum, "", 0, at, bold, black, Signed(d.lang, at, 1))
	return y + w.high()
}

// Calibration compares what was estimated with what people found: of the rows
// about which so much was estimated, so many were right.
type Calibration struct {
	Title         string
	Across, Up    string
	Found, Fitted string // names of the points and of the curve
	Points        []CalibrationPoint
	Curve         []CalibrationPoint // in ascending order of Estimated
}

// CalibrationPoint is a probability as it was estimated and as it was found.
type CalibrationPoint struct {
	Estimated, Found float64
	N                int64 // decisions that it stands for
}

const calibrationHigh = 220

// chances are the marks of the axes of a calibration: both are of odds, since
// what matters is how near to one a chance is.
var chances = [...]float64{0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999}

func logit(p float64) float64 {
	p = min(max(p, 0.0005), 0.9995)
	return math.Log(p / (1 - p))
}

func (d *document) calibration(on canvas, x, y, width float64, c *Calibration) float64 {
	y = d.legend(on, x, y, []string{c.Found, c.Fitted}, []color{amber, teal})
	const axis = 52.0
	from, wide := x+axis, min(width-axis-10, calibrationHigh*1.5)
	span := logit(1) - logit(0)
	across := func(p float64) float64 { return from + wide*(logit(p)-logit(0))/span }
	up := func(p float64) float64 { return y + calibrationHigh*(1-(logit(p)-logit(0))/span) }
	for _, p := range chances {
		on.fill(from, up(p)-0.2, wide, 0.4, faint)
		on.fill(across(p)-0.2, y, 0.4, calibrationHigh, faint)
		on.text(from-6, up(p)+3, pen{regular, 8, grey}, end, Percent(d.lang, p))
		on.text(across(p), y+calibrationHigh+14, pen{regular, 8, grey}, middle, Percent(d.lang, p))
	}
	on.stroke([][2]float64{{across(0), up(0)}, {across(1), up(1)}}, 0.8, grey)
	if len(c.Curve) > 1 {
		line := make([][2]float64, len(c.Curve))
		for i, p := range c.Curve {
			line[i] = [2]float64{across(p.Estimated), up(p.Found)}
		}
		on.stroke(line, 1.8, teal)
	}
	for _, p := range c.Points {
		side := min(3+2*math.Log10(float64(max(p.N, 1))), 11)
		on.fill(across(p.Estimated)-side/2, up(p.Found)-side/2, side, side, amber)
	}
	on.text(from+wide/2, y+calibrationHigh+29, pen{regular, 8.5, grey}, middle, c.Across)
	on.fit(from+wide+12, y+12, width-axis-wide-22, pen{regular, 8.5, grey}, start, c.Up)
	return y + calibrationHigh + 44
}

// Facts adds figures that stand for themselves.
func (r *Report) Facts(facts []Fact) {
	r.room(factHigh * 2)
	r.y += r.d.tiles(r.p, margin, r.y+2, reportWidth, facts) + 6
}

// Histogram adds a histogram.
func (r *Report) Histogram(h *Histogram) {
	r.caption(h.Title, histogramHigh+70)
	r.y = r.d.histogram(r.p, margin, r.y, reportWidth, h) + 10
}

// Waterfall adds a waterfall.
func (r *Report) Waterfall(w *Waterfall) {
	r.caption(w.Title, w.high())
	r.y = r.d.waterfall(r.p, margin, r.y-6, reportWidth, w) + 8
}

// Calibration adds a comparison of estimates with decisions.
func (r *Report) Calibration(c *Calibration) {
	r.caption(c.Title, calibrationHigh+70)
	r.y = r.d.calibration(r.p, margin, r.y, reportWidth, c) + 10
}

// caption writes the title of a figure that has so much room below it.
func (r *Report) caption(title string, high float64) {
	r.room(high + 40)
	r.y = r.p.block(margin, r.y+12, reportWidth, 18, pen{bold, 10.5, black}, start, title) + 2
}
