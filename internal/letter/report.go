package letter

import (
	"io"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// Report is a paper of many pages that is written from top to bottom: title,
// headings, paragraphs, tables and charts, with a head and a number on each
// page. Its parts are drawn as they are added; End writes the rest.
type Report struct {
	d     *document
	title string
	date  persian.Date
	p     *page
	y     float64
}

const (
	reportTop    = 30 * mm
	reportBottom = a4Height - 24*mm
	reportWidth  = a4Width - 2*margin
)

// NewReport begins a report.
func NewReport(w io.Writer, lang message.Lang, title, subtitle string, date persian.Date) *Report {
	r := &Report{d: newDocument(w, lang, title), title: title, date: date}
	r.begin()
	r.y = r.p.block(margin, r.y+8, reportWidth, 28, pen{bold, 20, black}, start, title)
	if subtitle != "" {
		r.y = r.p.block(margin, r.y-4, reportWidth, 18, pen{regular, 11, grey}, start, subtitle)
	}
	return r
}

// begin opens a page with its head and foot.
func (r *Report) begin() {
	p := r.d.newPage(a4Width, a4Height)
	p.text(margin, 16*mm, pen{bold, 9.5, black}, start, r.d.t("letter.registry"))
	p.text(margin+reportWidth, 16*mm, pen{regular, 9, grey}, end, r.d.t("letter.date", r.d.date(r.date)))
	p.rule(margin, 19*mm, reportWidth, 1, teal)
	p.foot = func(p *page, number, of int) {
		p.rule(margin, p.height-17*mm, reportWidth, 0.5, faint)
		if lines := p.d.wrap(regular, 8.5, reportWidth*0.75, r.title); len(lines) > 0 {
			p.line(margin, p.height-12*mm, pen{regular, 8.5, grey}, start, lines[0])
		}
		p.text(margin+reportWidth, p.height-12*mm, pen{regular, 8.5, grey}, end,
			p.d.t("letter.page", p.d.code(decimal(number)), p.d.code(decimal(of))))
	}
	r.p, r.y = p, reportTop
}

// room begins a new page unless this one has so much left.
func (r *Report) room(high float64) {
	if r.y+high > reportBottom {
		r.begin()
	}
}

// Heading begins a section. It never stands alone at the end of a page, nor with
// one line of text before a table.
func (r *Report) Heading(text string) {
	r.room(130)
	r.y = r.p.block(margin, r.y+24, reportWidth, 20, pen{bold, 13, teal}, start, text) + 2
}

// Paragraph adds text.
func (r *Report) Paragraph(text string) {
	for _, l := range r.d.wrap(regular, 11, reportWidth, text) {
		r.room(20)
		r.p.line(margin, r.y+12, pen{regular, 11, black}, start, l)
		r.y += 19
	}
	r.y += 6
}

// Column is one column of a table.
type Column struct {
	Title  string
	Share  float64 // of the width
	Number bool    // stands at the column's end
}

// Table adds a table, row by row; its head is repeated on each page.
func (r *Report) Table(columns []Column, rows func(yield func(cells []string) bool)) {
	const high, leading = 24, 15
	titles, deep := make([][]line, len(columns)), 1
	for i, c := range columns {
		titles[i] = r.d.wrap(bold, 9.5, c.Share*reportWidth-10, c.Title)
		deep = max(deep, len(titles[i]))
	}
	head := func() {
		r.room(3 * high)
		total := high + leading*float64(deep-1)
		r.p.fill(margin, r.y, reportWidth, total, pale)
		x := float64(margin)
		for i, c := range columns {
			r.cell(x, c, r.y+high/2+4, leading, pen{bold, 9.5, black}, titles[i])
			x += c.Share * reportWidth
		}
		r.y += total
	}
	head()
	for cells := range rows {
		lines, most := make([][]line, len(columns)), 1
		for i, c := range columns {
			lines[i] = r.d.wrap(regular, 10, c.Share*reportWidth-10, own(r.d.digits(cells[i])))
			most = max(most, len(lines[i]))
		}
		total := high + leading*float64(most-1)
		if r.y+total > reportBottom {
			r.begin()
			head()
		}
		x := float64(margin)
		for i, c := range columns {
			r.cell(x, c, r.y+high/2+4, leading, pen{regular, 10, black}, lines[i])
			x += c.Share * reportWidth
		}
		r.y += total
		r.p.rule(margin, r.y, reportWidth, 0.5, faint)
	}
	r.y += 12
}

func (r *Report) cell(x float64, c Column, y, leading float64, f pen, lines []line) {
	for i, l := range lines {
		if c.Number {
			r.p.line(x+c.Share*reportWidth-5, y+leading*float64(i), f, end, l)
		} else {
			r.p.line(x+5, y+leading*float64(i), f, start, l)
		}
	}
}

// End writes what is left, and tells of the first fault there was.
func (r *Report) End() error { return r.d.end() }
