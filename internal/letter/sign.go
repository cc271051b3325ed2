package letter

import "github.com/estelam/estelam/internal/ids"

// Signature is a box for one who signs. Without lines it is filled in by hand.
type Signature struct {
	Title string
	Lines []string
}

// Sign adds a box for each who signs, beside each other on one page.
func (r *Report) Sign(all []Signature) {
	const high, gap = 34 * mm, 5 * mm
	r.room(high + 12)
	wide := (reportWidth - gap*float64(len(all)-1)) / float64(len(all))
	for i, s := range all {
		x := margin + (wide+gap)*float64(i)
		r.p.fill(x, r.y, wide, high, pale)
		y := r.p.block(x+8, r.y+16, wide-16, 15, pen{bold, 9.5, black}, start, s.Title)
		for _, l := range s.Lines {
			y = r.p.block(x+8, y+2, wide-16, 14, pen{regular, 9, black}, start, l)
		}
		if len(s.Lines) == 0 {
			r.byHand(x, r.y+38, wide)
		}
	}
	r.y += high + 12
}

// byHand draws lines for name, date and signature.
func (r *Report) byHand(x, y, wide float64) {
	for k, key := range []string{"letter.cover.sign.name", "letter.cover.sign.date", "letter.cover.sign.signature"} {
		y := y + 20*float64(k)
		label := r.p.text(x+8, y, pen{regular, 9, grey}, start, r.d.t(key))
		r.p.rule(x+14+label, y+2, wide-22-label, 0.5, grey)
	}
}

// Remark adds a line that must not be overlooked.
func (r *Report) Remark(m Remark) {
	r.room(24)
	r.y = r.p.block(margin, r.y+10, reportWidth, 18, pen{bold, 11, tones[m.Tone]}, start, m.Text)
}

// Proof adds a tracking code with its symbol and what it stands for: page is
// the address where codes are checked, link the same with the code.
func (r *Report) Proof(code ids.TrackingCode, page, link, note string) error {
	const high = 36 * mm
	r.room(high)
	err := r.p.proof(margin, r.y, reportWidth, 10, code, page, link, note)
	r.y += high
	return err
}
