package officer

import (
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
)

// uploadPanel hands the file in, or shows that it is there.
func uploadPanel(v *page.Visit, d *delivery.Delivery) []any {
	in := v.Input("console.officer.upload.", page.Control{Name: "file", Kind: page.File}, nil, page.Mistakes{})
	in.Accept = ".csv,.txt,.tsv,.xlsx,.parquet"
	form := &page.FormBlock{Action: filePath(d.ID, "/upload"), Files: true, Button: v.T("console.officer.upload.button"), Inputs: []page.Group{{Inputs: []page.Input{in}}}}
	p := page.Panel{Title: v.T("console.officer.upload.title"), Lead: v.T("console.officer.upload.lead"), Blocks: []any{form}}
	if d.SHA256 == "" {
		return []any{p}
	}
	text := "console.officer.upload.there"
	if v.Role() == agency.RoleHead && d.State == delivery.Approved {
		text = "console.officer.upload.start"
	}
	note := page.Note{Tone: page.Good, Title: v.T("console.officer.upload.has", v.Size(d.Size)), Text: v.T(text), Links: []page.Link{{Path: filePath(d.ID, "/preview"), Text: v.T("console.officer.preview.title")}}}
	p.Title, p.Lead = v.T("console.officer.upload.other"), v.T("console.officer.upload.other.lead")
	return []any{note, p}
}

// patience is how long each piece of a file may take on its way.
const patience = time.Minute

// upload takes a file in. It is sealed while it arrives: no part of it ever
// lies anywhere in clear, and it is not held in memory.
func upload(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	if v.Restored { // a file is not kept while somebody signs in
		return v.GoTo(filePath(id, ""))
	}
	control := http.NewResponseController(v.W)
	v.R.Body = &slow{ReadCloser: v.R.Body, control: control}
	parts, err := v.R.MultipartReader()
	if err != nil {
		return fault.New(fault.Malformed, "console.form.malformed").Because(err)
	}
	sent, err := filePart(parts)
	if err != nil {
		return err
	}
	_, _, err = v.Deliveries.Upload(v.Context(), v.Journal, v.Actor(), id, sent)
	_ = control.SetWriteDeadline(time.Now().Add(patience)) // a recorder in tests has none
	if err != nil {
		return err
	}
	return v.GoTo(filePath(id, "/preview"))
}

// filePart is the file of a form that has nothing else.
func filePart(parts *multipart.Reader) (io.Reader, error) {
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return nil, fault.New(fault.Invalid, "console.officer.upload.none").At("file")
		}
		if err != nil {
			return nil, fault.New(fault.Malformed, "console.form.malformed").Because(err)
		}
		if p.FormName() == "file" && p.FileName() != "" {
			return p, nil
		}
	}
}

// slow is a body of any length: each piece has its own time.
type slow struct {
	io.ReadCloser
	control *http.ResponseController
}

func (s *slow) Read(p []byte) (int, error) {
	_ = s.control.SetReadDeadline(time.Now().Add(patience)) // a recorder in tests has none
	return s.ReadCloser.Read(p)
}
