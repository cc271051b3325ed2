package letter

import (
	"io"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// Cover is the sheet on top of a print batch: what the printer and the sorting
// office count by.
type Cover struct {
	Batch    string // number of the batch, ASCII
	Date     persian.Date
	Campaign string // what the letters are about, in words
	First    string // number of the letter on top, and of the one at the bottom
	Last     string
	Areas    []Area // in the order of the routes
}

// Area is the letters for one postal area: a part of a batch.
type Area struct {
	Route   string // as the letters have it, ASCII
	Name    string // province and county
	Letters int64
}

// maxBars is how many areas a chart shows.
const maxBars = 16

// WriteCover writes the cover sheet of a print batch.
func WriteCover(w io.Writer, lang message.Lang, c *Cover) error {
	t := func(key string, args ...string) string { return message.Text(lang, key, args...) }
	number := c.Batch
	if lang == message.Fa {
		number = persian.Digits(number)
	}
	r := NewReport(w, lang, t("letter.cover.title", ltr(number)), c.Campaign, c.Date)
	total := int64(0)
	for _, a := range c.Areas {
		total += a.Letters
	}
	r.Paragraph(t("letter.cover.text", r.d.code(r.d.count(total)), r.d.code(r.d.count(int64(len(c.Areas)))), r.d.code(c.First), r.d.code(c.Last)))
	r.Sign([]Signature{{Title: t("letter.cover.from")}, {Title: t("letter.cover.to")}})
	if len(c.Areas) <= maxBars {
		bars := make([]Bar, len(c.Areas))
		for i, a := range c.Areas {
			bars[i] = Bar{ltr(r.d.digits(a.Route)), a.Letters}
		}
		r.Bars(t("letter.cover.chart"), bars)
	}
	r.Heading(t("letter.cover.areas"))
	r.Table([]Column{
		{t("letter.cover.route"), 0.28, false}, {t("letter.cover.area"), 0.52, false}, {t("letter.cover.letters"), 0.2, true},
	}, func(yield func([]string) bool) {
		for _, a := range c.Areas {
			if !yield([]string{a.Route, a.Name, r.d.count(a.Letters)}) {
				return
			}
		}
	})
	return r.End()
}
