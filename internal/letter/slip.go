package letter

import (
	"io"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// Slip is the sheet that goes into a dossier instead of a copy: one inquiry
// and its answer. Words are in the slip's language already.
type Slip struct {
	A4       bool // else A5
	Title    string
	Time     time.Time
	Agency   string
	Officer  string
	Outcome  string
	Tone     Tone
	Warnings []Remark
	Lines    []SlipLine
	Code     ids.TrackingCode
	Page     string // address where codes are checked, as printed
	Link     string // the same with the code, for the QR symbol
	Demo     bool
}

// Tone is how a remark looks; its words say the same.
type Tone uint8

// The tones.
const (
	Plain Tone = iota
	Good
	Warn
	Bad
)

var tones = [...]color{Plain: black, Good: teal, Warn: amber, Bad: red}

// Remark is a warning that nobody asked for.
type Remark struct {
	Text string
	Tone Tone
}

// SlipLine is one item of the question or the answer.
type SlipLine struct {
	Label, Value string
	Code         bool   // the value's digits keep their order
	Result       string // what became of a claim; empty: nothing was claimed
	Tone         Tone   // of the result
}

// WriteSlip writes a slip. What does not fit on a sheet goes on on the next.
func WriteSlip(w io.Writer, lang message.Lang, s *Slip) error {
	d := newDocument(w, lang, s.Title)
	f := &sheetFrame{d: d, width: a5Width, height: a5Height, margin: 12 * mm, size: 9.5}
	if s.A4 {
		f = &sheetFrame{d: d, width: a4Width, height: a4Height, margin: margin, size: 11}
	}
	f.slip = s
	return f.draw()
}

// sheetFrame is a slip being drawn.
type sheetFrame struct {
	d             *document
	slip          *Slip
	p             *page
	width, height float64
	margin, size  float64
}

// bottom is where the room for lines ends on a page that has the code too.
func (f *sheetFrame) bottom() float64 { return f.height - f.margin - 34*mm }

func (f *sheetFrame) draw() error {
	s, room := f.slip, f.width-2*f.margin
	y := f.begin()
	y = f.p.block(f.margin, y, room, f.size*1.9, pen{bold, f.size + 5, black}, middle, s.Title) + 4
	high := f.size*1.3 + 12
	f.p.fill(f.margin, y, room, high, pale)
	f.p.text(f.width/2, y+high/2+f.size*0.45, pen{bold, f.size + 2, tones[s.Tone]}, middle, s.Outcome)
	y += high + f.size*1.9
	for _, w := range s.Warnings {
		y = f.p.block(f.margin+4, y, room-8, f.size*1.7, pen{bold, f.size, tones[w.Tone]}, start, w.Text)
	}
	y += 4 - f.size
	least := min(f.size*2.6, max(f.size*1.55, (f.bottom()-y)/float64(max(len(s.Lines), 1))))
	f.p.rule(f.margin, y, room, 0.5, faint)
	for i := range s.Lines {
		y = f.line(&s.Lines[i], y, least)
	}
	return f.end()
}

// begin opens a page with the letterhead.
func (f *sheetFrame) begin() float64 {
	s := f.slip
	f.p = f.d.newPage(f.width, f.height)
	y := f.margin + 8
	room := f.width - 2*f.margin
	f.p.text(f.margin, y, pen{bold, f.size + 1, black}, start, f.d.t("letter.registry"))
	f.p.text(f.margin, y+14, pen{regular, f.size - 2, grey}, start, f.d.t("letter.system"))
	day, hour := f.d.date(persian.DateOf(s.Time)), f.d.code(s.Time.In(persian.Tehran).Format("15:04"))
	bottom := f.p.facts(f.margin+room, y, 12, f.size-2, room*0.5, []string{
		f.d.t("letter.slip.time", day, hour), f.d.t("letter.slip.agency", own(s.Agency)), f.d.t("letter.slip.officer", own(s.Officer)),
	})
	y = max(y+34, bottom-2)
	f.p.rule(f.margin, y, room, 1.2, teal)
	y += f.size * 2.4
	if s.Demo {
		f.p.void(y - f.size*0.8)
		y += f.size * 1.6
	}
	f.p.foot = func(p *page, number, of int) {
		if of > 1 {
			p.text(p.width/2, p.height-f.margin/2, pen{regular, 7.5, grey}, middle,
				p.d.t("letter.page", p.d.code(decimal(number)), p.d.code(decimal(of))))
		}
	}
	return y
}

// line draws one item in three columns: label, value, result.
func (f *sheetFrame) line(l *SlipLine, y, least float64) float64 {
	room := f.width - 2*f.margin
	value := own(l.Value)
	if l.Code {
		value = ltr(l.Value)
	}
	share := 0.66 // of what is right of the label, if there is a result
	if l.Result == "" {
		share = 1
	}
	size := f.size
	labels := f.d.wrap(regular, size, room*0.34-8, l.Label)
	values := f.d.wrap(bold, size, room*0.66*share-8, value)
	leading := size * 1.55
	high := least + leading*float64(max(len(values), len(labels), 1)-1)
	if y+high > f.bottom() {
		y = f.begin()
	}
	base := y + least/2 + size*0.36
	for i, line := range labels {
		f.p.line(f.margin+4, base+leading*float64(i), pen{regular, size, grey}, start, line)
	}
	for i, line := range values {
		f.p.line(f.margin+room*0.34, base+leading*float64(i), pen{bold, size, black}, start, line)
	}
	if l.Result != "" {
		f.p.text(f.margin+room-4, base, pen{bold, size, tones[l.Tone]}, end, l.Result)
	}
	f.p.rule(f.margin, y+high, room, 0.5, faint)
	return y + high
}

// end draws the tracking code with its symbol, and what the slip is for.
func (f *sheetFrame) end() error {
	s := f.slip
	if err := f.p.proof(f.margin, f.height-f.margin-32*mm, f.width-2*f.margin, f.size, s.Code, s.Page, s.Link, "letter.slip.law"); err != nil {
		return err
	}
	return f.d.end()
}

// proof draws a tracking code, its QR symbol and where both are checked.
func (p *page) proof(x, y, width, size float64, code ids.TrackingCode, address, link, law string) error {
	const side = 29 * mm
	if err := p.qr(x+width-side, y+2*mm, side, link); err != nil {
		return err
	}
	room := width - side - qrWhite - 2*mm
	p.text(x, y+size+4, pen{regular, size - 1.5, grey}, start, p.d.t("letter.code"))
	p.text(x, y+size*2.6+6, pen{bold, size + 2.5, black}, start, ltr(code.Grouped()))
	y = p.block(x, y+size*4.2+8, room, size*1.45, pen{regular, size - 2, grey}, start, p.d.t("letter.check", ltr(address)))
	p.block(x, y+2, room, size*1.45, pen{regular, size - 2, grey}, start, p.d.t(law))
	return nil
}
