package post

import (
	"net/url"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// plates lists entrances and how it stands with their plates.
func plates(v *page.Visit) error {
	q := v.R.URL.Query()
	in := &place.Looking{Address: part(v), After: q.Get("after"), Limit: 50, Within: area(v)}
	if text := q.Get("state"); text != "" {
		if err := in.State.UnmarshalText([]byte(text)); err != nil {
			return page.NotFound()
		}
	}
	found, err := v.Places.Entrances(v.Context(), v.Actor(), in)
	if err != nil {
		return err
	}
	t := &page.Table{
		Columns: page.Head(v.T("console.post.plate.at"), v.T("console.post.plate.state"), v.T("console.post.plate.since"), v.T("console.post.plate.installer"), v.T("console.post.plate.codes")),
		Empty:   v.T("console.post.plates.empty"), Filter: plateFilter(v, q),
	}
	t.Columns[4].Number = true
	for _, e := range found.Entrances {
		text, tone := plateState(v, e.State)
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: at(v, e), Path: base(v) + "/plates/" + itoa(e.ID)}, {Text: text, Tone: tone}, {Text: v.Day(e.Since)}, {Text: dash(e.Installer)},
			{Text: v.Count(int64(len(e.Codes))), Number: true},
		}})
	}
	if found.Next != "" {
		q.Set("after", found.Next)
		t.More = base(v) + "/plates?" + q.Encode()
	}
	return v.Show(page.Screen{
		Title: v.T("console.post.plates.title"), Lead: v.T("console.post.plates.lead"), Blocks: []any{t},
		Buttons: []page.Button{{Path: base(v) + "/plates/file", Text: v.T("console.post.menu.plate_file"), Icon: "up", Ghost: true}},
	})
}

// plateFilter narrows the list. A municipality's own area needs no asking.
func plateFilter(v *page.Visit, q url.Values) *page.Filter {
	f := &page.Filter{Path: base(v) + "/plates"}
	add := func(c page.Control) {
		c.Optional = true
		f.Controls = append(f.Controls, v.Input("console.post.plates.", c, q[c.Name], page.Mistakes{}))
	}
	own := area(v)
	for _, level := range []struct{ name, own string }{{"province", own.Province}, {"county", own.County}, {"locality", own.Locality}} {
		if isPost(v) || level.own == "" {
			add(page.Control{Name: level.name})
		}
	}
	add(page.Control{Name: "state", Kind: page.Choose1, Label: "console.post.plate.state",
		Options: page.Blank(v.T("console.post.plates.all"), options(v, "console.post.plate.", "ordered", "installed", "missing", "damaged"))})
	return f
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
