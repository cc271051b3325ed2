package officer

import (
	"net/url"
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/sheet"
)

const previewKey = "console.officer.preview."

// previewView is what a file's columns would be taken for, for a person to
// confirm or to decide otherwise.
type previewView struct {
	Above    *page.Link
	Title    string
	Lead     string
	Mistakes []page.Mistake
	Facts    page.Facts
	Warning  *page.Note
	How      []page.Input
	Columns  []previewColumn
	Path     string
	Start    string // address of the act; "": it is not for the visitor, or not yet
	Wait     string // why not
}

type previewColumn struct {
	page.Input
	No     string
	Header string
	Values []string
	Kind   string
	Tone   string
}

// preview shows the file as it is recognised.
func preview(v *page.Visit) error { return showPreview(v, url.Values{}, nil) }

// previewPost shows it again as the visitor has decided. Nothing runs.
func previewPost(v *page.Visit) error { return showPreview(v, v.R.PostForm, nil) }

// nothing is the meaning of a column that is not read.
const nothing = "-"

// readingOf is how the file's columns are to be read, as the form says.
func readingOf(form url.Values) (in delivery.Reading) {
	in.Encoding, in.Separator, in.Sheet = form.Get("encoding"), separators[form.Get("separator")], form.Get("sheet")
	if h := form.Get("header"); h != "" {
		yes := h == "yes"
		in.Header = &yes
	}
	for _, c := range form["columns"] {
		if c == nothing {
			c = ""
		}
		in.Columns = append(in.Columns, c)
	}
	return in
}

// separators by the name of their option.
var separators = map[string]string{"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}

func showPreview(v *page.Visit, form url.Values, wrong error) error {
	d, err := fileIn(v)
	if err != nil {
		return err
	}
	p, err := v.Deliveries.Preview(v.Context(), v.Actor(), &delivery.Previewing{Delivery: d.ID, Reading: readingOf(form)})
	if err != nil && len(form) > 0 { // the file as it is recognised, and what is wrong with what was chosen
		wrong, form = err, url.Values{}
		p, err = v.Deliveries.Preview(v.Context(), v.Actor(), &delivery.Previewing{Delivery: d.ID})
	}
	if err != nil {
		return err
	}
	m, ok := v.MistakesOf(wrong)
	if !ok {
		return wrong
	}
	view := previewView{
		Above: aboveFile(v, d.ID), Title: v.T(previewKey + "title"), Lead: v.T(previewKey + "lead"), Mistakes: m.Lines(nil),
		Path: filePath(d.ID, "/preview"), Facts: previewFacts(v, p), Warning: previewWarning(v, p), How: previewHow(v, p, form), Columns: previewColumns(v, p),
	}
	switch {
	case d.State == delivery.Requested:
		view.Wait = v.T(previewKey + "wait.approval")
	case d.State != delivery.Approved:
		view.Wait = v.T(previewKey + "wait.begun")
	case v.Role() != agency.RoleHead:
		view.Wait = v.T(previewKey + "wait.head")
	default:
		view.Start = filePath(d.ID, "/start")
	}
	status := 200
	if wrong != nil {
		status = fault.Of(wrong).Kind.Status()
	}
	return v.Page(status, "officer/preview", view.Title, view)
}

func previewFacts(v *page.Visit, p *sheet.Preview) page.Facts {
	list := []page.Fact{{Label: v.T(previewKey + "format"), Value: strings.ToUpper(string(p.Format))}}
	if p.Encoding != "" {
		list = append(list, page.Fact{Label: v.T(previewKey + "encoding"), Value: p.Encoding, Number: true})
	}
	for name, s := range separators {
		if p.Separator == s {
			list = append(list, page.Fact{Label: v.T(previewKey + "separator"), Value: v.T(previewKey + "separator." + name)})
		}
	}
	if p.Sheet != "" {
		list = append(list, page.Fact{Label: v.T(previewKey + "sheet"), Value: p.Sheet})
	}
	list = append(list, page.Fact{Label: v.T(previewKey + "header"), Value: v.Yes(p.HeaderRow)})
	if p.Rows > 0 {
		list = append(list, page.Fact{Label: v.T(fileKey + "rows"), Value: v.T(previewKey+"about", v.Count(p.Rows))})
	}
	return page.Facts{Title: v.T(previewKey + "facts"), List: list}
}

// previewWarning says what would make a poor result, before anything runs.
func previewWarning(v *page.Visit, p *sheet.Preview) *page.Note {
	var known []string
	for i := range p.Columns {
		if m := p.Columns[i].Means; m != "" {
			known = append(known, m)
		}
	}
	switch {
	case len(known) == 1 && known[0] == "national_number":
		return &page.Note{Tone: page.Bad, Title: v.T(previewKey + "guess"), Text: v.T(previewKey + "guess.text")}
	case len(known) < 4 || !slices.Contains(known, "birth_date"):
		return &page.Note{Tone: page.Warn, Title: v.T(previewKey + "sparse"), Text: v.T(previewKey + "sparse.text")}
	}
	return nil
}

// previewHow are the controls that decide how the file is read.
func previewHow(v *page.Visit, p *sheet.Preview, form url.Values) (all []page.Input) {
	choose := func(name string, values []string, text func(string) string) {
		options := page.Blank(v.T(previewKey+"recognise"), page.Choose(values, form.Get(name), text))
		all = append(all, v.Input(previewKey, page.Control{Name: name, Kind: page.Choose1, Options: options, Optional: true}, form[name], page.Mistakes{}))
	}
	same := func(s string) string { return s }
	if p.Format == sheet.CSV {
		choose("encoding", []string{sheet.UTF8, sheet.UTF16LE, sheet.UTF16BE, sheet.Windows1256, sheet.IranSystem}, same)
		choose("separator", []string{"comma", "semicolon", "tab", "bar"}, func(s string) string { return v.T(previewKey + "separator." + s) })
	}
	if len(p.Sheets) > 1 {
		choose("sheet", p.Sheets, same)
	}
	choose("header", []string{"yes", "no"}, func(s string) string { return v.T("console." + s) })
	return all
}

func previewColumns(v *page.Visit, p *sheet.Preview) (all []previewColumn) {
	var meanings []string
	for _, c := range sheet.PersonColumns() {
		meanings = append(meanings, c.Name)
	}
	for i := range p.Columns {
		c := &p.Columns[i]
		col := previewColumn{No: v.Count(int64(c.Index + 1)), Header: c.Header, Kind: v.T(previewKey + "kind." + c.Kind)}
		for _, value := range c.Values[:min(3, len(c.Values))] {
			col.Values = append(col.Values, page.Cut(value, 60))
		}
		if c.Means == "" && c.Likely != "" {
			col.Tone, col.Kind = page.Warn, v.T(previewKey+"likely", v.T("delivery.report.column."+c.Likely))
		}
		col.Input = page.Input{ID: "f-column-" + itoa(int64(c.Index)), Name: "columns", Label: v.T(previewKey+"means", col.No)}
		col.Options = append([]page.Option{{Value: nothing, Text: v.T(previewKey + "nothing"), Chosen: c.Means == ""}},
			page.Choose(meanings, c.Means, func(s string) string { return v.T("delivery.report.column." + s) })...)
		all = append(all, col)
	}
	return all
}

// start begins a delivery, read as the preview showed it. It is the highest
// officer's act.
var start = page.Form[delivery.Starting]{
	Path: "/officer/files/{id}/start", Roles: heads, Key: "console.officer.start.",
	Begin: func(v *page.Visit, in *delivery.Starting) (err error) {
		if in.Delivery, err = v.Number("id"); err == nil {
			in.Reading = readingOf(v.R.PostForm)
		}
		return err
	},
	Do: func(v *page.Visit, in *delivery.Starting) (page.Done, error) {
		_, proven, err := v.Deliveries.Start(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: filePath(in.Delivery, ""), Code: proven.Code}, err
	},
}
