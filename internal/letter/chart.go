package letter

import "math"

// Bar is one bar of a chart.
type Bar struct {
	Label string
	Value int64 // not below zero
}

const (
	barHigh  = 18
	barShare = 0.26 // of the width, for the labels
)

// Bars adds a chart of bars that lie, each with its label before it and its
// value behind it.
func (r *Report) Bars(title string, bars []Bar) {
	r.room(40 + barHigh*float64(min(len(bars), 6)))
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

// Lines adds a chart of at most four lines over labels, such as months. Time
// runs as reading does.
func (r *Report) Lines(title string, labels []string, series []Series) {
	const high = 150
	r.room(high + 80)
	r.y = r.p.block(margin, r.y+12, reportWidth, 18, pen{bold, 10.5, black}, start, title)
	x := float64(margin)
	for i, s := range series[:min(len(series), len(seriesInks))] {
		r.p.fill(x, r.y-5, 14, 2.5, seriesInks[i])
		x += 18 + r.p.text(x+18, r.y, pen{regular, 9, black}, start, own(s.Name)) + 16
	}
	r.y += 14
	most := int64(1)
	for _, s := range series {
		for _, v := range s.Values {
			most = max(most, v)
		}
	}
	step := roundStep(most)
	top := (most + step - 1) / step * step
	const axis = 52.0 // room for the numbers beside it
	from, wide := margin+axis, reportWidth-axis-10
	for v := int64(0); v <= top; v += step {
		y := r.y + high*(1-float64(v)/float64(top))
		r.p.rule(from, y, wide, 0.4, faint)
		r.p.text(from-6, y+3, pen{regular, 8.5, grey}, end, ltr(r.d.count(v)))
	}
	at := func(i int) float64 { return from + wide*(float64(i)+0.5)/float64(max(len(labels), 1)) }
	every := 1 + len(labels)/13 // labels that do not run into each other
	for i, l := range labels {
		if i%every == 0 {
			r.p.text(at(i), r.y+high+14, pen{regular, 8.5, grey}, middle, own(l))
		}
	}
	for k, s := range series[:min(len(series), len(seriesInks))] {
		r.p.curve(len(s.Values), seriesInks[k], func(i int) (x, y float64) {
			return at(i), r.y + high*(1-float64(s.Values[i])/float64(top))
		})
	}
	r.y += high + 30
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

// curve draws a line through n places, with a dot at each.
func (p *page) curve(n int, c color, at func(i int) (x, y float64)) {
	points := make([][2]float64, n)
	for i := range points {
		points[i][0], points[i][1] = at(i)
	}
	p.stroke(points, 1.6, c)
	for _, o := range points {
		p.fill(o[0]-1.8, o[1]-1.8, 3.6, 3.6, c)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
