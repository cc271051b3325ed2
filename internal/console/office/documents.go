package office

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/process"
)

func processRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{
			page.Get("/office/documents", staff, documents), page.Get("/office/obstacles", staff, obstacles),
			page.Get("/office/waves", staff, waves), page.Get("/office/waves/{wave}", staff, showWave),
		},
		newDocument.Routes(), newWave.Routes(), changeWave.Routes(),
	)
}

// documents lists the types of document of which no copy may be demanded.
func documents(v *page.Visit) error {
	table := &page.Table{
		Columns: page.Head(v.T("console.office.documents.code"), v.T("console.office.documents.fa"), v.T("console.office.documents.en"), v.T("console.office.documents.used")),
	}
	used := map[string]int64{}
	for _, p := range v.Processes.All() {
		for _, code := range p.Documents {
			if !p.Ended {
				used[code]++
			}
		}
	}
	for _, d := range v.Processes.DocumentTypes() {
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{{Text: d.Code, Number: true}, {Text: d.Fa}, {Text: d.En}, {Text: v.Count(used[d.Code])}}})
	}
	s := page.Screen{Title: v.T("console.office.documents.title"), Lead: v.T("console.office.documents.lead"), Blocks: []any{table}}
	if chief(v) {
		s.Buttons = []page.Button{{Path: "/office/documents/new", Text: v.T("console.office.newdocument.link")}}
	}
	return v.Show(s)
}

// newDocument adds a type of document.
var newDocument = page.Form[process.DocumentType]{
	Path: "/office/documents/new", Roles: chiefs, Key: "console.office.newdocument.",
	Above: func(v *page.Visit, _ *process.DocumentType) *page.Link {
		return &page.Link{Path: "/office/documents", Text: v.T("console.office.documents.title")}
	},
	Controls: func(*page.Visit, *process.DocumentType) ([]page.Control, error) {
		return []page.Control{{Name: "code", Kind: page.Latin}, {Name: "fa", Max: 100}, {Name: "en", Kind: page.Latin, Max: 100}}, nil
	},
	Do: func(v *page.Visit, in *process.DocumentType) (page.Done, error) {
		_, proven, err := v.Processes.AddDocument(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/office/documents", Code: proven.Code}, err
	},
}
