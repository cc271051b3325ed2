package letter

import (
	_ "embed" // the style
	"encoding/base64"
	"io"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

//go:embed web.css
var webStyle string

// WebReport is a report as one web page that needs nothing else: no script, no
// address, its own fonts. It takes the same parts as Report and draws its
// figures by the same code.
type WebReport struct {
	d   *document // for words and their widths: it writes nothing
	w   io.Writer
	err error
}

// webWidth is how wide figures of a web page are drawn, in their own units.
const webWidth = 640

// NewWebReport begins a report.
func NewWebReport(w io.Writer, lang message.Lang, title, subtitle string, date persian.Date) *WebReport {
	r := &WebReport{d: newDocument(io.Discard, lang, title), w: w}
	direction := "ltr"
	if r.d.rtl {
		direction = "rtl"
	}
	r.put(`<!doctype html>` + "\n" + `<html lang="` + string(lang) + `" dir="` + direction + `"><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>` + escape(title) + "</title>\n<style>")
	fontFiles := [2][]byte{regularFile, boldFile}
	for i, weight := range []string{"400", "700"} {
		r.put(`@font-face{font-family:Vazirmatn;font-weight:` + weight + `;src:url(data:font/ttf;base64,` +
			base64.StdEncoding.EncodeToString(fontFiles[i]) + `) format("truetype")}`)
	}
	r.put("\n" + webStyle + "</style></head>\n<body><main>\n<header><b>" + escape(r.d.t("letter.registry")) + "</b><span>" + escape(r.d.t("letter.date", r.d.date(date))) +
		"</span></header>\n<h1>" + escape(title) + "</h1>\n")
	if subtitle != "" {
		r.put(`<p class="lead">` + escape(subtitle) + "</p>\n")
	}
	return r
}

// put sends markup on its way. After the first fault it does nothing.
func (r *WebReport) put(markup string) {
	if r.err != nil {
		return
	}
	if _, err := io.WriteString(r.w, markup); err != nil {
		r.err = fault.New(fault.Unavailable, "letter.web").Because(err)
	}
}

// Heading begins a section.
func (r *WebReport) Heading(text string) { r.put("<h2>" + escape(text) + "</h2>\n") }

// Paragraph adds text.
func (r *WebReport) Paragraph(text string) { r.put("<p>" + escape(text) + "</p>\n") }

// Table adds a table.
func (r *WebReport) Table(columns []Column, rows func(yield func(cells []string) bool)) {
	r.put(`<div class="wide" tabindex="0"><table><thead><tr>`)
	for _, c := range columns {
		r.put(`<th scope="col"` + numeric(c) + `>` + escape(c.Title) + "</th>")
	}
	r.put("</tr></thead><tbody>\n")
	for cells := range rows {
		r.put("<tr>")
		for i, c := range columns {
			r.put("<td" + numeric(c) + "><bdi>" + escape(r.d.digits(cells[i])) + "</bdi></td>")
		}
		r.put("</tr>\n")
	}
	r.put("</tbody></table></div>\n")
}

func numeric(c Column) string {
	if c.Number {
		return ` class="n"`
	}
	return ""
}

// Bars adds a chart of bars that lie.
func (r *WebReport) Bars(title string, bars []Bar) {
	most := mostOf(bars)
	r.figure(title, func(on canvas) float64 {
		for i := range bars {
			r.d.bar(on, 0, barHigh*float64(i), webWidth, most, &bars[i])
		}
		return barHigh * float64(len(bars))
	})
}

// Lines adds a chart of lines.
func (r *WebReport) Lines(title string, labels []string, series []Series) {
	r.figure(title, func(on canvas) float64 { return r.d.curves(on, 0, 4, webWidth, labels, series) - 12 })
}

// Shares adds a chart of bars that are made of parts.
func (r *WebReport) Shares(title string, parts []string, bars []Share) {
	r.figure(title, func(on canvas) float64 {
		y := r.d.legend(on, 0, 10, parts, shareInks[:])
		for i := range bars {
			r.d.share(on, 0, y+barHigh*float64(i), webWidth, mostShare(bars), &bars[i])
		}
		return y + barHigh*float64(len(bars))
	})
}

// Facts adds figures that stand for themselves.
func (r *WebReport) Facts(facts []Fact) {
	r.put(`<dl class="facts">`)
	for _, f := range facts {
		r.put("<div><dt>" + escape(f.Label) + "</dt><dd><b>" + escape(f.Value) + "</b><span>" + escape(f.Note) + "</span></dd></div>")
	}
	r.put("</dl>\n")
}

// Histogram adds a histogram.
func (r *WebReport) Histogram(h *Histogram) {
	r.figure(h.Title, func(on canvas) float64 { return r.d.histogram(on, 0, 10, webWidth, h) })
}

// Waterfall adds a waterfall.
func (r *WebReport) Waterfall(w *Waterfall) {
	r.figure(w.Title, func(on canvas) float64 { return r.d.waterfall(on, 0, 0, webWidth, w) })
}

// Calibration adds a comparison of estimates with decisions.
func (r *WebReport) Calibration(c *Calibration) {
	r.figure(c.Title, func(on canvas) float64 { return r.d.calibration(on, 0, 10, webWidth, c) })
}

// figure adds a picture with its title.
func (r *WebReport) figure(title string, draw func(canvas) float64) {
	s := &picture{d: r.d, width: webWidth}
	high := draw(s)
	name := escape(title)
	direction := "ltr"
	if r.d.rtl {
		direction = "rtl"
	}
	r.put(`<figure><figcaption>` + name + `</figcaption><svg viewBox="0 0 ` + strconv.Itoa(webWidth) + " " + strconv.Itoa(int(high+1)) +
		`" direction="` + direction + `" role="img" aria-label="` + name + `">`)
	r.put(string(s.body))
	r.put("</svg></figure>\n")
}

// End writes what is left, and tells of the first fault there was.
func (r *WebReport) End() error {
	r.put("</main></body></html>\n")
	return r.err
}
