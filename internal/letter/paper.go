package letter

import (
	"io"

	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

// Paper is a Report (PDF) or a WebReport: who writes one writes the other.
type Paper struct{ drawn }

// drawn is what both kinds are.
type drawn interface {
	Heading(text string)
	Paragraph(text string)
	Facts(facts []Fact)
	Bars(title string, bars []Bar)
	Lines(title string, labels []string, series []Series)
	Shares(title string, parts []string, bars []Share)
	Histogram(h *Histogram)
	Waterfall(w *Waterfall)
	Calibration(c *Calibration)
	Table(columns []Column, rows func(yield func(cells []string) bool))
	End() error
}

// PDF is the format of a paper that is a PDF; any other is a page.
const PDF = "pdf"

// NewPaper begins a report in a format.
func NewPaper(w io.Writer, format string, lang message.Lang, title, subtitle string, date persian.Date) Paper {
	if format == PDF {
		return Paper{NewReport(w, lang, title, subtitle, date)}
	}
	return Paper{NewWebReport(w, lang, title, subtitle, date)}
}

// PaperType is the media type of a format.
func PaperType(format string) string {
	if format == PDF {
		return "application/pdf"
	}
	return "text/html; charset=utf-8"
}
