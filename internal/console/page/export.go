package page

import (
	"bytes"
	"io"
	"net/http"

	"github.com/estelam/estelam/internal/sheet"
)

// XLSX is the media type of a spreadsheet.
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Export sends rows as a spreadsheet, in ASCII digits and ISO dates as programs
// want them. each calls write for every row; its error before the first row is
// shown as a page.
func (v *Visit) Export(name string, heads []string, each func(write func(cells ...string) error) error) error {
	var w *sheet.Writer
	begin := func() (err error) {
		h := v.W.Header()
		h.Set("Content-Type", XLSX)
		h.Set("Content-Disposition", `attachment; filename="`+name+`.xlsx"`)
		w, err = sheet.NewWriter(v.W, sheet.XLSX, heads)
		return err
	}
	err := each(func(cells ...string) error {
		if w == nil {
			if err := begin(); err != nil {
				return err
			}
		}
		return w.Write(cells)
	})
	switch {
	case err != nil && w == nil:
		return err
	case err != nil:
		v.Logger.Warn("console: an export broke off", "pattern", v.R.Pattern, "error", err)
		panic(http.ErrAbortHandler) // half a file is never taken for a whole one
	case w == nil:
		if err := begin(); err != nil {
			return err
		}
	}
	return w.Close()
}

// Send answers with a document of another kind, such as a PDF.
func (v *Visit) Send(kind, name string, data []byte) error {
	h := v.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = v.W.Write(data) // the reader has gone: nobody is left to tell
	return nil
}

// SendMade answers with a document that write makes; its error is shown as a
// page.
func (v *Visit) SendMade(kind, name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return v.Send(kind, name, b.Bytes())
}
