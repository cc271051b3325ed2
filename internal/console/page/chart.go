package page

import (
	"math"
	"strconv"
)

// Chart is a picture of figures, drawn as SVG with no style of its own; the
// same figures stand below it as a table. Its series differ by pattern and
// order as well as by colour.
type Chart struct {
	Title  string
	Kind   ChartKind
	Series []string // names, in the order of the values
	Points []Point  // from the first day to the last
	Unit   string   // of the values, in words
	Format func(float64) string
	Label  string // heading of the points' column in the table
	rtl    bool
}

// Point is one place on the axis with a value for each series.
type Point struct {
	Label  string
	Values []float64
}

// ChartKind is how a chart is drawn.
type ChartKind uint8

// The kinds of charts.
const (
	Columns ChartKind = iota // stacked columns over time
	Curve                    // a line for each series
	Weights                  // bars to both sides of zero, a line each
)

// Chart completes a chart for the visitor.
func (v *Visit) Chart(c Chart) *Chart {
	c.rtl = v.Lang != "en"
	if c.Format == nil {
		c.Format = func(f float64) string { return v.Count(int64(math.Round(f))) }
	}
	return &c
}

// Figures are the values in words, a point a line, for the table.
func (c *Chart) Figures() (all []Figure) {
	for _, p := range c.Points {
		f := Figure{Label: p.Label}
		for _, value := range p.Values {
			text := "–"
			if !math.IsNaN(value) {
				text = c.Format(value)
			}
			f.Texts = append(f.Texts, text)
		}
		all = append(all, f)
	}
	return all
}

// Figure is one line of a chart's table.
type Figure struct {
	Label string
	Texts []string
}

// The drawing's own measures, in its viewBox.
const (
	chartWide, chartHigh = 640.0, 250.0
	plotTop, plotBottom  = 14.0, 214.0
	plotStart            = 58.0 // room for the figures of the axis
	weightRow            = 30.0
)

// Shape is a rectangle or a path of the drawing.
type Shape struct {
	X, Y, W, H float64
	Series     int
	Path       string
	Title      string
}

// Mark is a text of the drawing.
type Mark struct {
	X, Y   float64
	Text   string
	Anchor string
	Bold   bool
}

// Drawing is the geometry of a chart.
type Drawing struct {
	Wide, High float64
	Shapes     []Shape
	Lines      []Shape // of the grid
	Marks      []Mark
}

// Draw lays the chart out. Persian charts run from right to left, as their
// readers' eyes do.
func (c *Chart) Draw() Drawing {
	if c.Kind == Weights {
		return c.weights()
	}
	d := Drawing{Wide: chartWide, High: chartHigh}
	top := c.top()
	for i := 0; i <= 4; i++ {
		value := top * float64(i) / 4
		y := plotBottom - (plotBottom-plotTop)*float64(i)/4
		d.Lines = append(d.Lines, Shape{X: c.mirror(plotStart), Y: y, W: c.mirror(chartWide), H: y})
		d.Marks = append(d.Marks, Mark{X: c.mirror(plotStart - 8), Y: y + 4, Text: c.Format(value), Anchor: c.anchor()})
	}
	if len(c.Points) == 0 {
		return d
	}
	step := (chartWide - plotStart) / float64(len(c.Points))
	every := (len(c.Points) + 7) / 8
	for i, p := range c.Points {
		x := plotStart + step*(float64(i)+.5)
		if i%every == 0 {
			d.Marks = append(d.Marks, Mark{X: c.mirror(x), Y: chartHigh - 12, Text: p.Label, Anchor: "middle"})
		}
		if c.Kind == Columns {
			c.column(&d, p, x, math.Min(step*.62, 34), top)
		}
	}
	if c.Kind == Curve {
		c.curves(&d, step, top)
	}
	return d
}

// column stacks the values of one point.
func (c *Chart) column(d *Drawing, p Point, x, wide, top float64) {
	y := plotBottom
	for s, value := range p.Values {
		high := (plotBottom - plotTop) * math.Max(value, 0) / top
		if high <= 0 {
			continue
		}
		gap := 0.0
		if s > 0 {
			gap = 1.5
		}
		left := c.mirror(x) - wide/2
		d.Shapes = append(d.Shapes, Shape{X: left, Y: y - high, W: wide, H: math.Max(high-gap, .5), Series: s, Title: p.Label + ": " + c.Format(value)})
		y -= high
	}
}

// curves joins the values of each series.
func (c *Chart) curves(d *Drawing, step, top float64) {
	for s := range c.Series {
		path, pen := "", "M"
		for i, p := range c.Points {
			if s >= len(p.Values) || math.IsNaN(p.Values[s]) {
				pen = "M"
				continue
			}
			x, y := c.mirror(plotStart+step*(float64(i)+.5)), plotBottom-(plotBottom-plotTop)*p.Values[s]/top
			path += pen + coordinate(x) + " " + coordinate(y)
			pen = "L"
			d.Shapes = append(d.Shapes, Shape{X: x - 2.5, Y: y - 2.5, W: 5, H: 5, Series: s, Title: p.Label + ": " + c.Format(p.Values[s])})
		}
		d.Shapes = append(d.Shapes, Shape{Path: path, Series: s})
	}
}

// weights draws what speaks for and against: a bar a line, from a common zero.
func (c *Chart) weights() Drawing {
	d := Drawing{Wide: chartWide, High: weightRow*float64(len(c.Points)) + 14}
	most := 1.0
	for _, p := range c.Points {
		most = math.Max(most, math.Abs(p.Values[0]))
	}
	const zero, half = 400.0, 150.0
	d.Lines = append(d.Lines, Shape{X: c.mirror(zero), Y: 4, W: c.mirror(zero), H: d.High - 4})
	for i, p := range c.Points {
		y := 8 + weightRow*float64(i)
		value := p.Values[0]
		long := math.Max(half*math.Abs(value)/most, 1)
		from, series, at, anchor := zero, 0, zero+long+8, c.other()
		if value < 0 {
			from, series, at, anchor = zero-long, 1, zero-long-8, c.anchor()
		}
		left := c.mirror(from)
		if c.rtl {
			left -= long
		}
		d.Shapes = append(d.Shapes, Shape{X: left, Y: y, W: long, H: 16, Series: series, Title: p.Label + ": " + c.Format(value)})
		d.Marks = append(d.Marks,
			Mark{X: c.mirror(0), Y: y + 12, Text: p.Label, Anchor: c.other()},
			Mark{X: c.mirror(at), Y: y + 12, Text: c.Format(value), Anchor: anchor, Bold: true})
	}
	return d
}

// top is the highest figure of the axis: a round one above all values.
func (c *Chart) top() float64 {
	most := 0.0
	for _, p := range c.Points {
		sum := 0.0
		for _, value := range p.Values {
			if c.Kind == Columns {
				sum += math.Max(value, 0)
			} else if !math.IsNaN(value) {
				sum = math.Max(sum, value)
			}
		}
		most = math.Max(most, sum)
	}
	if most <= 4 {
		if most > 0 && most <= 1 && c.Kind == Curve {
			return 1 // a share
		}
		return 4
	}
	unit := math.Pow(10, math.Floor(math.Log10(most)))
	for _, m := range []float64{.8, 1.2, 2, 4, 8} { // whose quarters are round
		if most <= m*unit {
			return m * unit
		}
	}
	return 12 * unit
}

func (c *Chart) mirror(x float64) float64 {
	if c.rtl {
		return math.Round((chartWide-x)*10) / 10
	}
	return math.Round(x*10) / 10
}

// anchor is the end of a text that stands before the axis, as SVG names it:
// its "start" is where the text's own direction begins, and charts are drawn
// from left to right.
func (c *Chart) anchor() string {
	if c.rtl {
		return "start"
	}
	return "end"
}

func (c *Chart) other() string {
	if c.rtl {
		return "end"
	}
	return "start"
}

func coordinate(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
