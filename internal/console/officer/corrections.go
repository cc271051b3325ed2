package officer

import (
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
)

const correctionKey = "console.officer.correction."

func correctionRoutes() []page.Route {
	return append(corrected.Routes(), page.Get("/officer/corrections", both, corrections))
}

// corrections lists the answers that were wrong when the agency was given them:
// those that nobody has acknowledged, or all.
func corrections(v *page.Visit) error {
	whole := v.R.URL.Query().Get("all") != ""
	list, err := v.Feeds.Corrections(v.Context(), v.Asker.Agency.ID, &feed.CorrectionFilter{Waiting: !whole, Page: feed.Page{After: v.Asked("after"), Limit: listPage}})
	if err != nil {
		return err
	}
	t := &page.Table{Empty: v.T(correctionKey + "none"), Columns: page.Head(
		v.T(correctionKey+"made"), v.T("console.field.national_number"), v.T(correctionKey+"items"), v.T(correctionKey+"answers"), v.T(correctionKey+"state"))}
	if whole {
		t.Empty = v.T(correctionKey + "none.all")
	}
	for i := range list {
		t.Rows = append(t.Rows, correctionRow(v, &list[i]))
	}
	if len(list) == listPage {
		t.More = v.Next("after", itoa(list[listPage-1].ID))
	}
	return v.Show(page.Screen{Title: v.T(correctionKey + "title"), Lead: v.T(correctionKey + "lead"), Blocks: []any{
		page.Tabs{
			{Path: "/officer/corrections", Text: v.T(correctionKey + "waiting"), Current: !whole},
			{Path: "/officer/corrections?all=1", Text: v.T(correctionKey + "all"), Current: whole},
		}, t,
	}})
}

func correctionRow(v *page.Visit, c *feed.Correction) page.Row {
	var items []string
	for _, item := range c.Items {
		if message.Known("console.field." + item) {
			item = v.T("console.field." + item)
		}
		items = append(items, item)
	}
	number := page.Cell{Text: "–"}
	if c.Number != 0 {
		number = page.Cell{Text: v.Digits(c.Number.String()), Number: true}
	}
	answers := page.Cell{Text: v.T(correctionKey+"count", v.Count(int64(c.Answers)))}
	if len(c.Codes) > 0 {
		answers = page.Cell{Code: string(c.Codes[0]), Path: "/officer/inquiries/" + string(c.Codes[0]), Small: answers.Text}
	}
	state := page.Cell{Text: v.T(correctionKey + "done"), Tone: page.Good, Small: c.Officer}
	if c.Acknowledged.IsZero() {
		waits := v.T(correctionKey+"days", v.Count(int64(c.Days)))
		if c.Days == 0 {
			waits = v.T(correctionKey + "today")
		}
		state = page.Cell{Text: waits, Tone: page.Warn, Acts: []page.Press{{
			Path: "/officer/corrections/" + itoa(c.ID) + "/acknowledge", Text: v.T(correctionKey + "acknowledge.button"), Once: page.NewOnce(), Ghost: true,
		}}}
	}
	return page.Row{Cells: []page.Cell{
		{Text: v.Day(persian.DateOf(c.Made))}, number, {Text: strings.Join(items, v.T("console.officer.comma")+" ")}, answers, state,
	}}
}

// corrected says that the agency has put its own files right.
var corrected = page.Form[feed.Acknowledging]{
	Path: "/officer/corrections/{id}/acknowledge", Roles: both, Key: correctionKey + "acknowledge.",
	Begin: func(v *page.Visit, in *feed.Acknowledging) (err error) {
		in.Correction, err = v.Number("id")
		return err
	},
	Do: func(v *page.Visit, in *feed.Acknowledging) (page.Done, error) {
		_, proven, err := v.Feeds.Acknowledge(v.Context(), v.Actor(), in)
		return page.Done{Path: "/officer/corrections", Code: proven.Code}, err
	},
}
