package officer

import (
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/persian"
)

const fileKey = "console.officer.file."

func fileRoutes() []page.Route {
	return slices.Concat([]page.Route{
		page.Get("/officer/files", readers, files),
		page.Get("/officer/files/{id}", readers, file),
		{Method: "POST", Path: "/officer/files/{id}/upload", Roles: readers, Serve: upload, Most: 1 << 40}, // the act has its own limit
		page.Get("/officer/files/{id}/preview", readers, preview),
		{Method: "POST", Path: "/officer/files/{id}/preview", Roles: readers, Serve: previewPost},
		page.Get("/officer/files/{id}/result", readers, result),
		page.Get("/officer/files/{id}/result.xlsx", readers, resultSheet),
		page.Get("/officer/files/{id}/supplement.xlsx", readers, supplementSheet),
		page.Get("/officer/files/{id}/manifest.json", readers, manifest),
		page.Get("/officer/files/{id}/receipt.json", readers, fileReceipt),
		page.Get("/officer/files/{id}/report.pdf", readers, fileReport),
		page.Get("/officer/files/{id}/parts/{part}", readers, part),
	}, request.Routes(), start.Routes(), withdraw.Routes(), acknowledge.Routes(), recipient.Routes())
}

// files lists the agency's lists that were or will be answered, newest first.
func files(v *page.Visit) error {
	all, err := v.Deliveries.List(v.Context(), v.Actor(), &delivery.Filter{Newest: true, After: v.Asked("after"), Limit: listPage})
	if err != nil {
		return err
	}
	s := page.Screen{Title: v.T(fileKey + "list"), Lead: v.T(fileKey + "list.lead")}
	if v.Role() == agency.RoleHead {
		s.Buttons = []page.Button{
			{Path: "/officer/files/new", Text: v.T("console.officer.request.title"), Icon: "plus"},
			{Path: "/officer/files/key", Text: v.T("console.officer.recipient.title"), Icon: "key", Ghost: true},
		}
	} else {
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Info, Title: v.T(fileKey + "who"), Text: v.T(fileKey + "who.text")})
	}
	t := &page.Table{Empty: v.T(fileKey + "none"), Columns: page.Head(
		v.T(fileKey+"no"), v.T(fileKey+"requested"), v.T("console.ask.purpose"), v.T(fileKey+"method"), v.T(fileKey+"rows"), v.T(fileKey+"state"))}
	t.Columns[4].Number = true
	for i := range all {
		d := &all[i]
		rows := "–"
		if d.Rows > 0 {
			rows = v.Count(d.Rows)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T(fileKey+"title", v.No(d.ID)), Path: "/officer/files/" + itoa(d.ID)},
			{Text: v.Day(persian.DateOf(d.Requested)), Small: d.Officer},
			{Text: codeWord(v, d.Purpose)},
			{Text: v.T(fileKey + "method." + d.Method)},
			{Text: rows},
			{Text: v.T(fileKey + "state." + d.State.String()), Tone: stateTone(d.State)},
		}})
	}
	if len(all) == listPage {
		t.More = v.Next("after", itoa(all[listPage-1].ID))
	}
	s.Blocks = append(s.Blocks, t)
	return v.Show(s)
}

func stateTone(s delivery.State) string {
	switch s {
	case delivery.Delivered, delivery.Acknowledged:
		return page.Good
	case delivery.Refused, delivery.Stopped:
		return page.Bad
	case delivery.Withdrawn:
		return page.Warn
	}
	return page.Info
}

// fileIn finds the delivery of the page's path.
func fileIn(v *page.Visit) (*delivery.Delivery, error) {
	id, err := v.Number("id")
	if err != nil {
		return nil, err
	}
	return v.Deliveries.Find(v.Context(), v.Actor(), &delivery.Of{Delivery: id})
}

func filePath(id int64, more string) string { return "/officer/files/" + itoa(id) + more }

func aboveFile(v *page.Visit, id int64) *page.Link {
	return &page.Link{Path: filePath(id, ""), Text: v.T(fileKey+"title", v.No(id))}
}
