package quarter

import (
	"context"
	"io"
	"strconv"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/sheet"
)

// TableType is the media type of the table that is asked for.
func (in *Reading) TableType() string {
	if in.Format == "xlsx" {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// WriteTable writes the figures of all agencies as a table for programs: a line
// an agency, names of columns as in the document, numbers in ASCII.
func (b *Book) WriteTable(ctx context.Context, actor journal.Actor, in *Reading, w io.Writer) error {
	if err := in.check("csv", "xlsx"); err != nil {
		return err
	}
	r, err := b.Find(ctx, actor, in.Quarter)
	if err != nil {
		return err
	}
	heads := []string{"agency", "name", "province"}
	for _, f := range new(Line).figures() {
		heads = append(heads, f.name)
	}
	t, err := sheet.NewWriter(w, sheet.Format(in.Format), heads)
	if err != nil {
		return err
	}
	for i := range r.Document.Agencies {
		l := &r.Document.Agencies[i]
		cells := []string{l.Agency.String(), l.Name, l.Province}
		for _, f := range l.figures() {
			cells = append(cells, strconv.FormatInt(*f.n, 10))
		}
		if err := t.Write(cells); err != nil {
			return err
		}
	}
	return t.Close()
}
