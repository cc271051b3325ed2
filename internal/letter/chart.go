package letter

import "math"

// Bar is one bar of a chart.
type Bar struct {
	Label string
	Value int64 // not below zero
}

const (
	barHigh  = 18
	barShare = 0.34 // of the width, for the labels
)

// Bars adds a chart of bars that lie, each with its label before it and its
// value behind it.
func (r *Report) Bars(title string, bars []Bar) {
	r.room(40 + barHigh*float64(min(len(bars), 12)))
	r.y = r.p.block(margin, r.y+12, reportWidth, 18, pen{bold, 10.5, black}, start, title)
	most := mostOf(bars)
	for i := range bars {
		r.room(barHigh)
		r.d.bar(r.p, margin, r.y, reportWidth, most, &bars[i])
		r.y += barHigh
	}
	r.y += 14
}

func mostOf(bars []Bar) int64 {
	most := int64(1)
	for _, b := range bars {
		most = max(most, b.Value)
	}
	return most
}

// bar draws one bar of a chart whose longest stands for most.
func (d *document) bar(on canvas, x, y, width float64, most int64, b *Bar) {
	on.fit(x+width*barShare-8, y+barHigh/2+3, width*barShare-8, pen{regular, 9, black}, end, own(b.Label))
	wide := width * (1 - barShare - 0.14) * float64(b.Value) / float64(most)
	on.fill(x+width*barShare, y+3, max(wide, 0.5), barHigh-6, teal)
	on.text(x+width*barShare+wide+6, y+barHigh/2+3, pen{regular, 9, grey}, start, ltr(d.count(b.Value)))
}

// Series is one line of a chart.
type Series struct {
	Name   string
	Values []int64 // one for each label, not below zero
}

var seriesInks = [...]color{teal, amber, red, grey}

// dashes tell the lines of a chart apart where there are no colours: how much
// of each line is drawn, and how much is left out after it.
var dashes = [...][2]float64{{1, 0}, {7, 3}, {2, 2.5}, {12, 6}}

// dashed draws the k-th line of a chart through points.
func dashed(on canvas, points [][2]float64, k int) {
	drawn, gap := dashes[k][0], dashes[k][1]
	if gap == 0 {
		on.stroke(points, 1.6, seriesInks[k])
		return
	}
	for i := 1; i < len(points); i++ {
		from, to := points[i-1], points[i]
		long := math.Hypot(to[0]-from[0], to[1]-from[1])
		at := func(v float64) [2]float64 {
			v = min(v/long, 1)
			return [2]float64{from[0] + (to[0]-from[0])*v, from[1] + (to[1]-from[1])*v}
		}
		for v := 0.0; v < long; v += drawn + gap {
			on.stroke([][2]float64{at(v), at(v + drawn)}, 1.6, seriesInks[k])
		}
	}
}

// legendOfLines names the lines of a chart, and gives where the chart begins.
func (d *document) legendOfLines(on canvas, x, y float64, series []Series) float64 {
	for k, s := range series {
		dashed(on, [][2]float64{{x, y - 3.5}, {x + 22, y - 3.5}}, k)
		x += 27 + on.text(x+27, y, pen{regular, 9, black}, start, own(s.Name)) + 18
	}
	return y + 12
}

// Lines adds a chart of at most four lines over labels, such as months. Time
// runs as reading does.
func (r *Report) Lines(title string, labels []string, series []Series) {
	r.caption(title, linesHigh+60)
	r.y = r.d.curves(r.p, margin, r.y, reportWidth, labels, series)
}

const linesHigh = 150

// curves draws a chart of lines, and gives where it ends.
func (d *document) curves(on canvas, x, y, width float64, labels []string, series []Series) float64 {
	series = series[:min(len(series), len(seriesInks))]
	y = d.legendOfLines(on, x, y+6, series) + 4
	most := int64(1)
	for _, s := range series {
		for _, v := range s.Values {
			most = max(most, v)
		}
	}
	step := roundStep(most)
	top := (most + step - 1) / step * step
	const axis = 52.0 // room for the numbers beside it
	from, wide := x+axis, width-axis-10
	up := func(v int64) float64 { return y + linesHigh*(1-float64(v)/float64(top)) }
	for v := int64(0); v <= top; v += step {
		on.fill(from, up(v)-0.2, wide, 0.4, faint)
		on.text(from-6, up(v)+3, pen{regular, 8.5, grey}, end, ltr(d.count(v)))
	}
	at := func(i int) float64 { return from + wide*(float64(i)+0.5)/float64(max(len(labels), 1)) }
	every := d.every(labels, wide/float64(max(len(labels), 1)))
	for i, l := range labels {
		if (len(labels)-1-i)%every == 0 {
			on.text(at(i), y+linesHigh+14, pen{regular, 8.5, grey}, middle, own(l))
		}
	}
	for k, s := range series {
		points := make([][2]float64, len(s.Values))
		for i, v := range s.Values {
			points[i] = [2]float64{at(i), up(v)}
			on.fill(points[i][0]-1.8, points[i][1]-1.8, 3.6, 3.6, seriesInks[k])
		}
		dashed(on, points, k)
	}
	return y + linesHigh + 30
}

// every is how many labels of a line's chart make room for one of them, so that
// they do not run into each other. The last one stands.
func (d *document) every(labels []string, step float64) int {
	wide := make([]float64, len(labels))
	for i, l := range labels {
		if lines := d.wrap(regular, 8.5, 0, l); len(lines) > 0 {
			wide[i] = lines[0].width
		}
	}
	for n := 1; n < len(labels); n++ {
		free := true
		for i := len(labels) - 1; i >= n; i -= n {
			free = free && (wide[i]+wide[i-n])/2+2 < step*float64(n)
		}
		if free {
			return n
		}
	}
	return max(len(labels), 1)
}

// Share is one bar of a chart of parts: what a whole is made of.
type Share struct {
	Label string
	Parts []int64 // one for each name, not below zero
}

var shareInks = [...]color{teal, sand, red, grey}

// Shares adds a chart of bars that are as long as their wholes, each made of at
// most four parts. Every part that has room for it bears its number, so that
// nobody depends on the colours.
func (r *Report) Shares(title string, parts []string, bars []Share) {
	r.caption(title, 20+barHigh*float64(min(len(bars), 12)))
	r.y = r.d.legend(r.p, margin, r.y+6, parts, shareInks[:]) + 2
	most := mostShare(bars)
	for i := range bars {
		r.room(barHigh)
		r.d.share(r.p, margin, r.y, reportWidth, most, &bars[i])
		r.y += barHigh
	}
	r.y += 14
}

func (s *Share) sum() (n int64) {
	for _, v := range s.Parts {
		n += v
	}
	return n
}

func mostShare(bars []Share) int64 {
	most := int64(1)
	for i := range bars {
		most = max(most, bars[i].sum())
	}
	return most
}

// swatch fills a box. A red one has a frame alone: in print without colours red
// is as dark as teal.
func swatch(on canvas, x, y, w, h float64, c color) {
	on.fill(x, y, w, h, c)
	if c == red && w > 4 {
		on.fill(x+1.5, y+1.5, w-3, h-3, white)
	}
}

// share draws one bar of parts.
func (d *document) share(on canvas, x, y, width float64, most int64, s *Share) {
	on.fit(x+width*barShare-8, y+barHigh/2+3, width*barShare-8, pen{regular, 9, black}, end, own(s.Label))
	at := x + width*barShare
	for i, v := range s.Parts[:min(len(s.Parts), len(shareInks))] {
		wide := width * (1 - barShare - 0.14) * float64(v) / float64(most)
		if v == 0 {
			continue
		}
		swatch(on, at, y+3, max(wide-1, 0.5), barHigh-6, shareInks[i])
		number := ltr(d.count(v))
		if lines := d.wrap(bold, 8, 0, number); wide > 14 && len(lines) > 0 && lines[0].width < wide-4 {
			ink := white
			if c := shareInks[i]; c == sand || c == red {
				ink = black
			}
			on.text(at+wide/2, y+barHigh/2+3, pen{bold, 8, ink}, middle, number)
		}
		at += wide
	}
	on.text(at+6, y+barHigh/2+3, pen{regular, 9, grey}, start, ltr(d.count(s.sum())))
}

// roundStep is 1, 2 or 5 with zeros, so that four to ten of it reach most.
func roundStep(most int64) int64 {
	power := int64(math.Pow10(int(math.Log10(float64(most)))))
	for _, s := range []int64{power / 5, power / 2, power, 2 * power} {
		if s > 0 && most/s <= 6 {
			return s
		}
	}
	return max(power, 1)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
