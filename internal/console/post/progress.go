package post

import (
	"net/url"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/place"
)

// part reads the part of the country that the address asks for. Names of
// provinces and towns are no personal data.
func part(v *page.Visit) (a place.Address) {
	q := v.R.URL.Query()
	for name, to := range map[string]**string{"province": &a.Province, "county": &a.County, "locality": &a.Locality} {
		if text := page.Cut(q.Get(name), 200); text != "" {
			*to = &text
		}
	}
	return a
}

// values is the part as an address's query.
func values(a *place.Address) url.Values {
	q := url.Values{}
	for name, part := range map[string]*string{"province": a.Province, "county": a.County, "locality": a.Locality} {
		if part != nil {
			q.Set(name, *part)
		}
	}
	return q
}

// progress counts plates by the parts of a part of the country.
func progress(v *page.Visit) error {
	in := &place.Counting{Address: part(v), Within: area(v)}
	table, err := v.Places.Progress(v.Context(), v.Actor(), in)
	if err != nil {
		return err
	}
	a, below := in.Address, "province"
	s := page.Screen{Title: v.T("console.post.progress.title"), Lead: v.T("console.post.progress.lead")}
	switch { // what the table's lines lead to
	case a.Locality != nil:
		s.Lead, below = v.T("console.post.progress.in", *a.Locality), ""
	case a.County != nil:
		s.Lead, below = v.T("console.post.progress.in", *a.County), "locality"
	case a.Province != nil:
		s.Lead, below = v.T("console.post.progress.in", *a.Province), "county"
	}
	if q := values(&a); len(q) > 0 {
		s.Above = &page.Link{Path: base(v) + "/progress?" + above(&a).Encode(), Text: v.T("console.post.progress.above")}
		s.Buttons = []page.Button{{Path: base(v) + "/plates?" + q.Encode(), Text: v.T("console.post.menu.plates"), Icon: "list", Ghost: true}}
	}
	s.Blocks = []any{
		page.Pair{Main: []any{plateChart(v, table.Rows)}, Side: []any{plateMeters(v, v.T("console.post.progress.meters"), table.Rows)}},
		progressTable(v, table.Rows, func(p *place.Progress) string {
			if below == "" || p.Name == "" {
				return ""
			}
			q := values(&a)
			q.Set(below, p.Name)
			return base(v) + "/progress?" + q.Encode()
		}),
	}
	return v.Show(s)
}

// above is the part that a part belongs to.
func above(a *place.Address) url.Values {
	q := values(a)
	for _, name := range []string{"locality", "county", "province"} {
		if q.Has(name) {
			q.Del(name)
			break
		}
	}
	return q
}

func progressTable(v *page.Visit, rows []*place.Progress, path func(*place.Progress) string) *page.Table {
	t := &page.Table{Title: v.T("console.post.progress.table"), Empty: v.T("console.post.progress.empty"), Columns: []page.Column{{Title: v.T("console.post.progress.name")}}}
	for _, key := range []string{"places", "without", "ordered", "installed", "missing", "damaged", "share"} {
		t.Columns = append(t.Columns, page.Column{Title: v.T("console.post.progress." + key), Number: true})
	}
	for _, p := range rows {
		r := page.Row{Cells: []page.Cell{{Text: name(v, p), Path: path(p)}}}
		for _, n := range []int64{p.Places, p.Without, p.Ordered, p.Installed, p.Missing, p.Damaged} {
			r.Cells = append(r.Cells, page.Cell{Text: v.Count(n), Number: true})
		}
		t.Rows = append(t.Rows, page.Row{Cells: append(r.Cells, page.Cell{Text: v.Percent(share(p)), Number: true})})
	}
	return t
}
