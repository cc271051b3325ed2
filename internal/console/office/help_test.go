package office_test

import (
	"bytes"
	"mime/multipart"
	"testing"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/ids"
)

// upload sends a form with one file.
func upload(t *testing.T, v *consoletest.Visitor, path, name, text string) consoletest.Page {
	t.Helper()
	_, form := v.Get(path).Form(t)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for key := range form {
		if key != name {
			consoletest.Must(t, w.WriteField(key, form.Get(key)))
		}
	}
	part, err := w.CreateFormFile(name, "list.csv")
	consoletest.Must(t, err)
	_, err = part.Write([]byte(text))
	consoletest.Must(t, err)
	consoletest.Must(t, w.Close())
	return v.Send("POST", path, w.FormDataContentType(), &b, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

// legal is a legal id that nobody has.
func legal(t *testing.T) string {
	t.Helper()
	for n := 10861234500; n < 10861234600; n++ {
		text := ids.LegalID(n).String()
		if _, err := ids.ParseLegalID(text); err == nil {
			return text
		}
	}
	t.Fatal("no check digit fits")
	return ""
}
