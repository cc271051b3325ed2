package letter

import "math"

// Bar is one bar of a chart.
type Bar struct {
	Label string
	Value int64 // not below zero
}

// Bars adds a chart of bars that lie, each with its label before it and its
// value behind it.
func (r *Report) Bars(title string, bars []Bar) {
	const high, share = 18, 0.26
	r.room(40 + high*float64(min(len(bars), 6)))
	r.y = r.p.block(margin, r.y+12, reportWidth, 18, pen{bold, 10.5, black}, start, title)
	most := int64(1)
	for _, b := range bars {
		most = max(most, b.Value)
	}
	full := reportWidth * (1 - share - 0.14)
	for _, b := range bars {
		r.room(high)
		if lines := r.d.wrap(regular, 9, reportWidth*share-8, own(b.Label)); len(lines) > 0 {
			r.p.line(margin+reportWidth*share-8, r.y+high/2+3, pen{regular, 9, black}, end, lines[0])
		}
		wide := full * float64(b.Value) / float64(most)
		r.p.fill(margin+reportWidth*share, r.y+3, max(wide, 0.5), high-6, teal)
		r.p.text(margin+reportWidth*share+wide+6, r.y+high/2+3, pen{regular, 9, grey}, start, ltr(r.d.count(b.Value)))
		r.y += high
	}
	r.y += 14
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
	p.endText()
	for _, v := range c {
		p.numbers(float64(v) / 255)
	}
	p.ops = append(p.ops, "RG 1.6 w 1 j\n"...)
	for i := range n {
		x, y := at(i)
		p.numbers(p.left(x, 0), p.height-y)
		p.ops = append(p.ops, "lm"[b2i(i == 0)], '\n')
	}
	p.ops = append(p.ops, "S\n"...)
	for i := range n {
		x, y := at(i)
		p.fill(x-1.8, y-1.8, 3.6, 3.6, c)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
