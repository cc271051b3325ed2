package letter

import (
	"io"
	"iter"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// Notification is the letter of article 7 of the bylaw: what the register
// holds of a person, and how the person objects. Texts are in display form.
type Notification struct {
	Serial string // the letter's number, ASCII; printed, and in the barcode for the Post
	Date   persian.Date
	Route  string // what the print batch is sorted by, ASCII

	To      string // the name on the envelope; empty: the person's, or a child's guardian
	Address string // in Persian and in the order of writing, without the postal code
	Postal  ids.PostalCode

	Number   ids.NationalNumber
	Given    string
	Surname  string
	Father   string // empty: not on record
	Male     bool
	Female   bool
	Guardian bool // the person is a child: the letter addresses whoever cares for it

	Objection string // code with which the person objects, ASCII
	Until     persian.Date
	Page      string // address where objections are made, as printed
	Link      string // the same with the code, for the QR symbol

	Demo bool // says on its face that it counts for nothing
}

// WriteNotifications writes letters into one file, a page each, as they come:
// only one of them is in memory at a time. An error of all ends the file
// unfinished; no letter at all is one too.
func WriteNotifications(w io.Writer, lang message.Lang, all iter.Seq2[*Notification, error]) error {
	d := newDocument(w, lang, message.Text(lang, "letter.notification.title"))
	for n, err := range all {
		if err != nil {
			return err
		}
		if err := d.notification(n); err != nil {
			return err
		}
		if d.err != nil {
			return d.err
		}
	}
	if d.now == nil {
		return fault.New(fault.Invalid, "letter.empty")
	}
	return d.end()
}

// The window of an envelope as DIN 5008 (form B) and ISO 269 place it, from
// the left edge in any language: machines fold and read the paper, not the
// text.
const (
	windowLeft   = 20 * mm
	windowTop    = 45 * mm
	windowWidth  = 85 * mm
	windowHeight = 45 * mm
	foldOne      = 105 * mm
	foldTwo      = 210 * mm
)

// notification draws one letter on a page of its own.
func (d *document) notification(n *Notification) error {
	p := d.newPage(a4Width, a4Height)
	width := p.width - 2*margin
	if n.Route != "" {
		p.routeMark(n.Route)
	}
	p.letterhead(margin, 24*mm, width, d.t("letter.date", d.date(n.Date)), d.t("letter.number", d.code(n.Serial)), d.t("letter.attachment"))
	if err := p.window(n); err != nil {
		return err
	}
	for _, fold := range []float64{foldOne, foldTwo} { // marks for the folding machine, at the left edge
		x := 4 * mm
		if d.rtl {
			x = p.width - 8*mm
		}
		p.rule(x, fold, 4*mm, 0.4, grey)
	}
	p.notificationTitle(n)
	y := p.greeting(n)
	y = p.particulars(n, y+10)
	if err := p.objection(n, y+34); err != nil {
		return err
	}
	p.text(margin+width, p.height-27*mm, pen{bold, 11, black}, end, d.t("letter.notification.close"))
	p.rule(margin, p.height-22*mm, width, 0.5, faint)
	p.text(p.width/2, p.height-16*mm, pen{regular, 8.5, grey}, middle, d.t("letter.copies"))
	return nil
}

// routeMark is what people at the sorting table look at: top right, in any
// language.
func (p *page) routeMark(route string) {
	text := p.d.t("letter.route", p.d.code(route))
	lines := p.d.wrap(bold, 10, 0, text)
	w := lines[0].width + 14
	x := margin
	if !p.d.rtl {
		x = p.width - margin - w
	}
	p.fill(x, 8*mm, w, 18, pale)
	p.line(x+w/2, 8*mm+12.6, pen{bold, 10, teal}, middle, lines[0])
}

// window draws what shows through the envelope: the barcode of the letter's
// number, the addressee, the address and the postal code.
func (p *page) window(n *Notification) error {
	x := windowLeft + 4*mm // from the side where reading starts
	room := windowWidth - 8*mm
	if p.d.rtl {
		x = p.width - windowLeft - windowWidth + 4*mm
	}
	y := float64(windowTop + 3*mm)
	if err := p.barcode(x, y, 7*mm, 0.85, n.Serial); err != nil {
		return err
	}
	y += 7*mm + 16
	name := n.To
	if name == "" {
		if name = n.Given + " " + n.Surname; n.Guardian {
			name = p.d.t("letter.notification.to.guardian", own(name))
		}
	}
	lines := p.d.wrap(bold, 11, room, name)
	for _, l := range lines[:min(len(lines), 2)] {
		p.line(x, y, pen{bold, 11, black}, start, l)
		y += 15
	}
	size, leading := 9.5, 13.5
	lines = p.d.wrap(regular, size, room, own(persian.Digits(n.Address)))
	left := windowTop + windowHeight - 7*mm - y // above the postal code
	for len(lines) > 1 && float64(len(lines)-1)*leading > left && size > 6 {
		size, leading = size-0.5, leading-0.7
		lines = p.d.wrap(regular, size, room, own(persian.Digits(n.Address)))
	}
	fit := max(1, 1+int(left/leading)) // of an address that is longer still its beginning: the postal code finds the place
	for _, l := range lines[:min(len(lines), fit)] {
		p.line(x, y, pen{regular, size, black}, start, l)
		y += leading
	}
	p.text(x, windowTop+windowHeight-2.5*mm, pen{bold, 11, black}, start, p.d.t("letter.notification.postal", p.d.code(n.Postal.Grouped())))
	return nil
}

// notificationTitle stands beside the window.
func (p *page) notificationTitle(n *Notification) {
	x, room := float64(margin), p.width-2*margin-windowWidth-6*mm
	if !p.d.rtl {
		x = windowLeft + windowWidth + 6*mm
	}
	y := p.block(x, 58*mm, room, 24, pen{bold, 16, black}, start, p.d.t("letter.notification.title"))
	y = p.block(x, y+2, room, 14, pen{regular, 8.5, grey}, start, p.d.t("letter.notification.law"))
	if n.Demo {
		p.text(x, y+6, pen{bold, 10, red}, start, p.d.t("letter.demo"))
	}
}

// greeting opens the letter and gives where it goes on.
func (p *page) greeting(n *Notification) float64 {
	key, opening := "letter.notification.greeting", "letter.notification.opening"
	switch {
	case n.Guardian:
		key, opening = "letter.notification.greeting.guardian", "letter.notification.opening.guardian"
	case n.Male:
		key = "letter.notification.greeting.male"
	case n.Female:
		key = "letter.notification.greeting.female"
	}
	width := p.width - 2*margin
	to := p.d.t(key, own(n.Given+" "+n.Surname))
	size := p.d.fit(bold, 11.5, width, to)
	y := p.block(margin, 113*mm, width, 19*size/11.5, pen{bold, size, black}, start, to)
	return p.block(margin, y+3, width, 19.5, pen{regular, 11, black}, start, p.d.t(opening))
}

// particulars draws the five items of article 7.
func (p *page) particulars(n *Notification, y float64) float64 {
	width := p.width - 2*margin
	father, ink := n.Father, pen{bold, 11.5, black}
	fatherInk := ink
	if father == "" {
		father, fatherInk = p.d.t("letter.none"), pen{regular, 11.5, grey}
	}
	items := []struct {
		key, value string
		ink        pen
	}{
		{"letter.notification.national_number", p.d.code(n.Number.String()), ink},
		{"letter.notification.given", n.Given, ink},
		{"letter.notification.surname", n.Surname, ink},
		{"letter.notification.father", father, fatherInk},
		{"letter.notification.postal_code", p.d.code(n.Postal.Grouped()), ink},
	}
	late := y - 145*mm // what names of many lines take away
	for i := range items {
		r := &items[i]
		r.ink.size = p.d.fit(r.ink.weight, r.ink.size, width*0.66-8, r.value)
		late += 1.4 * r.ink.size * float64(len(p.d.wrap(r.ink.weight, r.ink.size, width*0.66-8, r.value))-1)
	}
	least := max(18, min(28, 28-late/4)) // the rows give it back
	p.rule(margin, y, width, 0.5, faint)
	for _, r := range items {
		y = p.row(margin, y, width, 0.34, least, p.d.t(r.key), r.ink, r.value)
	}
	return y
}

// fit is the size, at most so much, in which a text takes two lines: the names of
// one person may have three hundred letters, and what stands below them has its
// place. A size that nobody could read is not chosen.
func (d *document) fit(w weight, size, room float64, text string) float64 {
	for size > 6 && len(d.wrap(w, size, room, text)) > 2 {
		size -= 0.5
	}
	return size
}

// objection says how to object, with the code and its symbol.
func (p *page) objection(n *Notification, y float64) error {
	const side = 30 * mm
	width := p.width - 2*margin
	room := width - side - qrWhite - 3*mm
	p.text(margin, y, pen{bold, 12, teal}, start, p.d.t("letter.notification.objection"))
	if err := p.qr(margin+width-side, y-10, side, n.Link); err != nil {
		return err
	}
	y = p.block(margin, y+20, room, 17.5, pen{regular, 10, black}, start, p.d.t("letter.notification.objection.text", p.d.date(n.Until), ltr(n.Page)))
	code := groups(n.Objection)
	p.fill(margin, y-4, room, 30, pale)
	label := p.text(margin+10, y+15, pen{regular, 10, grey}, start, p.d.t("letter.notification.code"))
	p.text(margin+10+label+12, y+16, pen{bold, 14, black}, start, ltr(code))
	p.block(margin, y+46, width, 15, pen{regular, 9.5, black}, start, p.d.t("letter.notification.correct"))
	return nil
}
