package officer

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/persian"
)

const copyKey = "console.officer.copy."

func copyRoutes() []page.Route {
	return append(append(copying.Routes(), destroy.Routes()...), page.Get("/officer/copies", both, copies))
}

// reasons for a copy, as the circular names them.
var reasons = []string{exception.ServiceFailed, exception.NoService, exception.LawRequires}

// copies lists the copies that the agency has made itself, and when they are
// destroyed.
func copies(v *page.Visit) error {
	overdue := v.R.URL.Query().Get("overdue") != ""
	all, err := v.Exceptions.Copies(v.Context(), v.Actor(), &exception.CopyFilter{Overdue: overdue, After: v.Asked("after"), Limit: listPage})
	if err != nil {
		return err
	}
	t := &page.Table{Empty: v.T(copyKey + "none"), Columns: page.Head(
		v.T(copyKey+"made"), v.T(copyKey+"document"), v.T(copyKey+"reason"), v.T(copyKey+"reference"), v.T(copyKey+"until"), v.T(copyKey+"state"))}
	if overdue {
		t.Empty = v.T(copyKey + "none.overdue")
	}
	for _, c := range all {
		t.Rows = append(t.Rows, copyRow(v, c))
	}
	if len(all) == listPage {
		t.More = "/officer/copies?after=" + itoa(all[len(all)-1].ID)
		if overdue {
			t.More += "&overdue=1"
		}
	}
	return v.Show(page.Screen{
		Title: v.T(copyKey + "list"), Lead: v.T(copyKey + "list.lead"),
		Buttons: []page.Button{{Path: "/officer/copies/new", Text: v.T(copyKey + "title"), Icon: "plus"}},
		Blocks: []any{
			page.Tabs{
				{Path: "/officer/copies", Text: v.T(copyKey + "all"), Current: !overdue},
				{Path: "/officer/copies?overdue=1", Text: v.T(copyKey + "overdue"), Current: overdue},
			}, t,
		},
	})
}

func copyRow(v *page.Visit, c *exception.Copy) page.Row {
	state := page.Cell{Text: v.T(copyKey + "destroyed"), Tone: page.Good, Small: c.Minutes}
	if c.Destroyed.IsZero() {
		state = page.Cell{Text: v.T(copyKey + "destroy.link"), Path: "/officer/copies/" + itoa(c.ID) + "/destroy"}
	}
	until := page.Cell{Text: v.Day(c.Until)}
	if c.Overdue {
		until.Tone = page.Bad
	}
	return page.Row{Cells: []page.Cell{
		{Text: v.Day(persian.DateOf(c.Made)), Small: c.Officer},
		{Text: v.DocumentName(c.Document), Small: processTitle(v, c.Process)},
		{Text: v.T(copyKey + "reason." + c.Reason), Small: v.T(copyKey+"cited", c.Law, c.Article)},
		{Text: c.Reference},
		until, state,
	}}
}

// copying records a copy that the agency has made, free of charge.
var copying = page.Form[exception.Copying]{
	Path: "/officer/copies/new", Roles: both, Key: copyKey,
	Above: copiesAbove[exception.Copying],
	Controls: func(v *page.Visit, _ *exception.Copying) ([]page.Control, error) {
		choose := v.T("console.form.choose")
		var documents, processes []page.Option
		for _, d := range v.Processes.DocumentTypes() {
			documents = append(documents, page.Option{Value: d.Code, Text: v.Either(d.Fa, d.En)})
		}
		for _, p := range v.Processes.Of(v.Asker.Agency.ID) {
			if !p.Ended {
				processes = append(processes, page.Option{Value: p.Code, Text: p.Title})
			}
		}
		return []page.Control{
			{Name: "process", Kind: page.Choose1, Options: page.Blank(choose, processes), Legend: copyKey + "what"},
			{Name: "document", Kind: page.Choose1, Options: page.Blank(choose, documents)},
			{Name: "national_number", Kind: page.National, Optional: true},
			{Name: "reason", Kind: page.Choose1, Options: page.Blank(choose, page.Choose(reasons, "", func(s string) string { return v.T(copyKey + "reason." + s) })), Legend: copyKey + "why"},
			{Name: "law", Max: 150},
			{Name: "article", Max: 100},
			{Name: "reference", Max: 100, Legend: copyKey + "where"},
			{Name: "destroy_by", Kind: page.Date},
		}, nil
	},
	Do: func(v *page.Visit, in *exception.Copying) (page.Done, error) {
		_, proven, err := v.Exceptions.Copied(v.Context(), v.Actor(), in)
		return page.Done{Path: "/officer/copies", Code: proven.Code}, err
	},
}

func copiesAbove[In any](v *page.Visit, _ *In) *page.Link {
	return &page.Link{Path: "/officer/copies", Text: v.T(copyKey + "list")}
}

// destroy records that a copy is no more.
var destroy = page.Form[exception.Destroying]{
	Path: "/officer/copies/{id}/destroy", Roles: both, Key: copyKey + "destroy.", Danger: true,
	Begin: func(v *page.Visit, in *exception.Destroying) (err error) {
		in.Copy, err = v.Number("id")
		return err
	},
	Above: copiesAbove[exception.Destroying],
	Controls: func(*page.Visit, *exception.Destroying) ([]page.Control, error) {
		return []page.Control{{Name: "minutes", Max: 100}}, nil
	},
	Do: func(v *page.Visit, in *exception.Destroying) (page.Done, error) {
		_, proven, err := v.Exceptions.Destroy(v.Context(), v.Actor(), in)
		return page.Done{Path: "/officer/copies", Code: proven.Code}, err
	},
}
