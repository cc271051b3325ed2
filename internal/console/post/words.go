package post

import (
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/sheet"
)

// code is a postal code as it is printed.
func code(v *page.Visit, c ids.PostalCode) string { return v.Digits(c.Grouped()) }

// reason is the code word of an act in words, if it is one of ours.
func reason(v *page.Visit, word string) string { return v.Known("console.post.reason.", word) }

// placeState tells the state of a place, with its tone.
func placeState(v *page.Visit, s place.State) (text, tone string) {
	if s == place.Active {
		return v.T("console.post.state.active"), page.Good
	}
	return v.T("console.post.state." + s.String()), page.Warn
}

func plateState(v *page.Visit, s place.PlateState) (text, tone string) {
	tone = page.Bad
	switch s {
	case place.Ordered:
		tone = page.Warn
	case place.Installed:
		tone = page.Good
	}
	return v.T("console.post.plate." + s.String()), tone
}

func lineState(v *page.Visit, s place.LineState) (text, tone string) {
	return v.T("console.post.line.state." + s.String()), map[place.LineState]string{place.Waiting: page.Warn, place.Accepted: page.Good, place.Refused: page.Bad}[s]
}

func kind(v *page.Visit, k place.LineKind) string {
	word, err := k.MarshalText()
	if err != nil {
		return ""
	}
	return v.T("console.post.line.kind." + string(word))
}

// stated is what an address of a report says.
func stated(v *page.Visit, a *place.Address) string {
	var p place.Place
	said := false
	for to, part := range map[*string]*string{
		&p.Province: a.Province, &p.County: a.County, &p.Locality: a.Locality, &p.SubLocality: a.SubLocality, &p.Street: a.Street,
		&p.Street2: a.Street2, &p.House: a.House, &p.Floor: a.Floor, &p.Side: a.Side, &p.Building: a.Building,
	} {
		if part != nil {
			*to, said = *part, true
		}
	}
	if !said {
		return ""
	}
	return v.Digits(p.OneLine(v.Lang))
}

// at is where an entrance is.
func at(v *page.Visit, e *place.Entrance) string {
	p := place.Place{
		Province: e.Province, County: e.County, Locality: e.Locality, SubLocality: e.SubLocality, Street: e.Street, Street2: e.Street2, House: e.House,
	}
	return v.Digits(p.OneLine(v.Lang))
}

// taken shows what became of a file of rows.
func taken(v *page.Visit, title, back string, r *sheet.Report) *page.Screen {
	tiles := page.Tiles{
		{Label: v.T("console.post.file.rows"), Value: v.Count(int64(r.Rows)), Tone: page.Info},
		{
			Label: v.T("console.post.file.accepted"), Value: v.Count(int64(r.Accepted)), Tone: page.Good,
			Note: v.T("console.post.file.parts", v.Count(int64(r.Added)), v.Count(int64(r.Changed)), v.Count(int64(r.Unchanged))),
		},
		{Label: v.T("console.post.file.refused"), Value: v.Count(int64(r.Refused)), Tone: tone(r.Refused)},
	}
	var rows []remark
	for _, l := range r.Lines {
		rows = append(rows, remark{l.Row, l.Column, v.T(l.Key, l.Args...), l.Refused})
	}
	return remarked(v, title, back, tiles, rows)
}

// remark is one thing to say of one row of a file.
type remark struct {
	row     int
	column  string
	text    string
	refused bool
}

func tone(refused int) string {
	if refused > 0 {
		return page.Bad
	}
	return page.Good
}

// remarked is the page after a file was taken in: counts and remarks by row.
func remarked(v *page.Visit, title, back string, tiles page.Tiles, remarks []remark) *page.Screen {
	table := &page.Table{
		Title: v.T("console.post.file.remarks"), Empty: v.T("console.post.file.clean"),
		Columns: []page.Column{{Title: v.T("console.post.file.row"), Number: true}, {Title: v.T("console.post.file.column")}, {Title: v.T("console.post.file.remark")}, {Title: v.T("console.post.file.became")}},
	}
	for _, r := range remarks {
		became, tone := v.T("console.post.file.noted"), page.Warn
		if r.refused {
			became, tone = v.T("console.post.file.left_out"), page.Bad
		}
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Count(int64(r.row)), Number: true}, {Text: column(v, r.column)}, {Text: r.text}, {Text: became, Tone: tone},
		}})
	}
	return &page.Screen{Title: title, Above: &page.Link{Path: back, Text: v.T("console.post.back")}, Blocks: []any{tiles, table}}
}

// column is the name of a column as people know it.
func column(v *page.Visit, name string) string {
	if name == "" {
		return "–"
	}
	return v.Known("console.post.column.", name)
}
