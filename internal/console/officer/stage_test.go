package officer_test

import (
	"bytes"
	"mime/multipart"
	"regexp"
	"testing"

	"github.com/estelam/estelam/internal/console/consoletest"
	"github.com/estelam/estelam/internal/persian"
)

func today(s *consoletest.Stage) persian.Date { return persian.DateOf(s.Now()) }

// sendForm sends a form with a file, as a browser does.
func sendForm(t *testing.T, v *consoletest.Visitor, path string, values map[string]string, file, text string) consoletest.Page {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range values {
		consoletest.Must(t, w.WriteField(name, value))
	}
	part, err := w.CreateFormFile(file, "paper.txt")
	consoletest.Must(t, err)
	_, err = part.Write([]byte(text))
	consoletest.Must(t, err)
	consoletest.Must(t, w.Close())
	return v.Send("POST", path, w.FormDataContentType(), &b, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

// optionsOf are the values of boxes of one name.
func optionsOf(p consoletest.Page, name string) (all []string) {
	for _, m := range regexp.MustCompile(`name="`+name+`" value="([^"]+)"`).FindAllStringSubmatch(p.Body, -1) {
		all = append(all, m[1])
	}
	return all
}
