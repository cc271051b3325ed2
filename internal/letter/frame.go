package letter

import (
	"strings"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// margin is the white around every A4 paper.
const margin = 20 * mm

func (d *document) t(key string, args ...string) string { return message.Text(d.lang, key, args...) }

// digits writes ASCII digits as the readers of the document expect them. A code
// that stands in an isolate keeps those of the keyboard, and so does a word with
// Latin letters, such as SHA-256.
func (d *document) digits(s string) string {
	if !d.rtl || strings.HasPrefix(s, isolateLTR) {
		return s
	}
	words := strings.Split(s, " ")
	for i, w := range words {
		if !strings.ContainsFunc(w, latin) {
			words[i] = persian.Digits(w)
		}
	}
	return strings.Join(words, " ")
}

func latin(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }

// code writes a number whose digits keep their order among other text.
func (d *document) code(s string) string { return ltr(d.digits(s)) }

// date writes a day as letters carry it: 1405/08/30.
func (d *document) date(day persian.Date) string {
	return d.code(strings.ReplaceAll(day.String(), "-", "/"))
}

// groups parts a code in fours. Codes that are typed in again keep the digits
// of the keyboard.
func groups(code string) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// letterhead draws who writes, on the side where reading starts, and when and
// under which number, on the other.
func (p *page) letterhead(x, y, width float64, facts ...string) {
	p.text(x, y, pen{bold, 14, black}, start, p.d.t("letter.registry"))
	p.text(x, y+16, pen{regular, 9, grey}, start, p.d.t("letter.system"))
	bottom := p.facts(x+width, y-2, 14, 9, width*0.5, facts)
	p.rule(x, max(y+36, bottom-4), width, 1.2, teal)
}

// facts draws short texts above each other that end together at x, and gives
// where the next would stand.
func (p *page) facts(x, y, leading, size, room float64, facts []string) float64 {
	var all []line
	wide := 0.0
	for _, f := range facts {
		for _, l := range p.d.wrap(regular, size, room, f) {
			all = append(all, l)
			wide = max(wide, l.width)
		}
	}
	for _, l := range all {
		p.line(x-wide, y, pen{regular, size, black}, start, l)
		y += leading
	}
	return y
}

// void marks a paper that counts for nothing.
func (p *page) void(y float64) {
	p.text(p.width/2, y, pen{bold, 10, red}, middle, p.d.t("letter.demo"))
}

// row draws one line of a table of labels and values, at least as high as
// least, and gives where the next begins.
func (p *page) row(x, y, width, share, least float64, label string, value pen, text string) float64 {
	leading := value.size * 1.4
	room := width * (1 - share)
	lines := p.d.wrap(value.weight, value.size, room-8, text)
	high := max(least, float64(len(lines)-1)*leading+least)
	base := y + least/2 + value.size*0.36
	p.text(x+4, base, pen{regular, max(value.size-0.5, 10.5), grey}, start, label)
	for i, l := range lines {
		p.line(x+width*share, base+float64(i)*leading, value, start, l)
	}
	p.rule(x, y+high, width, 0.5, faint)
	return y + high
}
