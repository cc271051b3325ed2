package office

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/notice"
)

// batchRoutes are the pages of print batches. The registry's people and the
// printer's come to them each below a path of their own.
func batchRoutes() (all []page.Route) {
	for path, roles := range map[string][]string{"/office/letters": staff, "/printer": printers} {
		path += "/{campaign}/batches/{batch}"
		all = append(all, page.Get(path, roles, batch), page.Get(path+"/cover", roles, cover), page.Get(path+"/print", roles, printPDF))
		all = append(all, printed(path+"/printed", roles).Routes()...)
	}
	return append(all, posted.Routes()...)
}

// batchTable lists a campaign's batches.
func batchTable(v *page.Visit, r *notice.Report) *page.Table {
	t := &page.Table{
		Title: v.T("console.office.batches.title"),
		Columns: page.Head(
			v.T("console.office.batches.batch"), v.T("console.office.batches.letters"), v.T("console.office.batches.state"),
			v.T("console.office.batches.made"), v.T("console.office.batches.last_day"),
		),
		Empty: v.T("console.office.batches.none"),
	}
	for i := range r.Batches {
		b := &r.Batches[len(r.Batches)-1-i]
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.No(b.ID), Path: batchPath(v, r.ID, b.ID)},
			{Text: v.Count(b.Letters)},
			batchState(v, b),
			{Text: v.Moment(b.Made)},
			{Text: v.Day(b.LastDay)},
		}})
	}
	return t
}

func batchState(v *page.Visit, b *notice.Batch) page.Cell {
	tones := map[notice.BatchState]string{notice.BatchMade: page.Warn, notice.BatchPrinted: page.Info, notice.BatchPosted: page.Good}
	return page.Cell{Text: v.T("console.office.batch_state." + b.State.String()), Tone: tones[b.State]}
}

// batchIn finds the batch in the page's path among its campaign's.
func batchIn(v *page.Visit) (*notice.Report, *notice.Batch, error) {
	r, err := campaignIn(v)
	if err != nil {
		return nil, nil, err
	}
	id, err := v.Number("batch")
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(r.Batches, func(b notice.Batch) bool { return b.ID == id })
	if i < 0 {
		return nil, nil, page.NotFound()
	}
	return r, &r.Batches[i], nil
}

// batch shows a batch, its files, and the next step.
func batch(v *page.Visit) error {
	r, b, err := batchIn(v)
	if err != nil {
		return err
	}
	path := batchPath(v, r.ID, b.ID)
	state := batchState(v, b)
	s := page.Screen{
		Title: v.T("console.office.batch.title", v.No(b.ID)), Lead: v.T("console.office.batch.lead." + b.State.String()),
		Above: &page.Link{Path: at(lettersHome(v)+"/", r.ID), Text: r.Name},
	}
	if slices.Contains(printers, v.Role()) {
		s.Above.Path = "/printer"
	}
	files := page.Panel{Title: v.T("console.office.batch.files"), Blocks: []any{
		page.Download{Path: path + "/cover", Text: v.T("console.office.batch.cover"), Note: v.T("console.office.batch.cover.text")},
	}}
	if b.State == notice.BatchMade {
		files.Blocks = append(files.Blocks, page.Download{Path: path + "/print", Text: v.T("console.office.batch.print"), Note: v.T("console.office.batch.print.text")})
		s.Buttons = append(s.Buttons, page.Button{Path: path + "/printed", Text: v.T("console.office.printed.link")})
	}
	s.Blocks = []any{page.Facts{List: []page.Fact{
		{Label: v.T("console.office.batches.state"), Value: state.Text, Tone: state.Tone},
		{Label: v.T("console.office.batches.letters"), Value: v.Count(b.Letters)},
		{Label: v.T("console.office.batches.made"), Value: v.Moment(b.Made)},
		{Label: v.T("console.office.batches.last_day"), Value: v.Day(b.LastDay)},
	}}, files}
	if b.State == notice.BatchPrinted && isStaff(v) {
		s.Blocks = append(s.Blocks, press(v, path+"/posted", "console.office.posted.button"))
	}
	return v.Show(s)
}

// cover sends the sheet that goes on top of a batch.
func cover(v *page.Visit) error {
	id, err := v.Number("batch")
	if err != nil {
		return err
	}
	draw, err := v.Notices.Cover(v.Context(), v.Actor(), &notice.Printing{Batch: id})
	return drawn(v, at("cover-", id), draw, err)
}

// printPDF sends the letters themselves, and that they were drawn is an entry.
func printPDF(v *page.Visit) error {
	id, err := v.Number("batch")
	if err != nil {
		return err
	}
	draw, _, err := v.Notices.Print(v.Context(), v.Journal, v.Actor(), &notice.Printing{Batch: id})
	return drawn(v, at("letters-", id), draw, err)
}

// drawn sends a PDF as it is made. One that breaks off is never taken for whole.
func drawn(v *page.Visit, name string, draw func(io.Writer) error, err error) error {
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.pdf"`)
	if err := draw(v.W); err != nil {
		v.Logger.Warn("console: a paper broke off", "pattern", v.R.Pattern, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// printed takes in what the printer made of a batch.
func printed(path string, roles []string) page.Form[notice.PrintReport] {
	return page.Form[notice.PrintReport]{
		Path: path, Roles: roles, Key: "console.office.printed.",
		Begin: func(v *page.Visit, in *notice.PrintReport) error {
			_, b, err := batchIn(v)
			if err == nil {
				in.Batch = b.ID
			}
			return err
		},
		Controls: func(*page.Visit, *notice.PrintReport) ([]page.Control, error) {
			return []page.Control{{Name: "failed", Kind: page.Lines, Optional: true}}, nil
		},
		Do: func(v *page.Visit, in *notice.PrintReport) (page.Done, error) {
			_, proven, err := v.Notices.ReportPrinted(v.Context(), v.Journal, v.Actor(), in)
			return page.Done{Path: strings.TrimSuffix(v.R.URL.Path, "/printed"), Code: proven.Code}, err
		},
	}
}

// posted marks a printed batch as given to the Post.
var posted = page.Form[notice.Handed]{
	Path: "/office/letters/{campaign}/batches/{batch}/posted", Roles: staff, Key: "console.office.posted.",
	Do: func(v *page.Visit, in *notice.Handed) (page.Done, error) {
		_, b, err := batchIn(v)
		if err != nil {
			return page.Done{}, err
		}
		in.Batch = b.ID
		_, proven, err := v.Notices.HandOver(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: strings.TrimSuffix(v.R.URL.Path, "/posted"), Code: proven.Code}, err
	},
}
