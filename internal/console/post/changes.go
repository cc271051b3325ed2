package post

import (
	"io"
	"net/http"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
)

// changesShown is how many changes a page lists.
const changesShown = 50

// changes lists what has become of places, as agencies read it too: the newest
// first, or those up to the number in the address.
func changes(v *page.Visit) error {
	feed, err := v.Places.Changes(v.Context(), 1<<62, 1) // only where the feed ends
	if err != nil {
		return err
	}
	last := feed.Last
	if n, err := strconv.ParseInt(v.R.URL.Query().Get("until"), 10, 64); err == nil && n > 0 && n < last {
		last = n
	}
	if feed, err = v.Places.Changes(v.Context(), max(last-changesShown, 0), changesShown); err != nil {
		return err
	}
	t := &page.Table{Title: v.T("console.post.changes.list"), Empty: v.T("console.post.changes.empty"), Columns: []page.Column{
		{Title: v.T("console.post.changes.number"), Number: true}, {Title: v.T("console.post.changes.when")}, {Title: v.T("console.post.changes.what")},
		{Title: v.T("console.field.postal_code")}, {Title: v.T("console.post.address")},
	}}
	for i := len(feed.Changes) - 1; i >= 0; i-- {
		c := &feed.Changes[i]
		word, err := c.Kind.MarshalText()
		if err != nil {
			return err
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Count(c.Sequence), Number: true}, {Text: v.Moment(c.At)}, {Text: v.T("console.post.changes." + string(word)), Tone: page.Info},
			{Text: code(v, c.Place.Code), Number: true, Path: pathOf(v, c.Place.Code)}, {Text: v.Digits(c.Place.OneLine(v.Lang))},
		}})
	}
	if last > changesShown {
		t.More = "/post/changes?until=" + itoa(last-changesShown)
	}
	return v.Show(page.Screen{Title: v.T("console.post.changes.title"), Lead: v.T("console.post.changes.lead"), Blocks: []any{
		page.Download{Path: "/post/changes/file", Text: v.T("console.post.changes.file"), Note: v.T("console.post.changes.file.note")}, t,
	}})
}

// placesFile is the whole register of places as CSV.
func placesFile(v *page.Visit) error {
	begun := false
	err := v.Places.File(v.Context(), func(sequence int64) io.Writer {
		h := v.W.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="places-`+itoa(sequence)+`.csv"`)
		begun = true
		return v.W
	})
	if err != nil && begun {
		v.Logger.Warn("console: the file of places broke off", "error", err)
		panic(http.ErrAbortHandler) // half a file is never taken for a whole one
	}
	return err
}
