package head

import (
	"fmt"
	"strconv"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
)

// comparePage tells in words what one version says otherwise than another.
func comparePage(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	versions, err := v.Agreements.Versions(v.Context(), v.Actor(), id)
	if err != nil {
		return err
	}
	newest := versions[0].Version
	pick := func(name string, usual int) int {
		n, _ := strconv.Atoi(v.R.URL.Query().Get(name)) // anything else: the usual one
		if n < 1 || n > newest {
			return max(usual, 1)
		}
		return n
	}
	to := pick("to", newest)
	from := pick("from", to-1)
	d, err := v.Agreements.Diff(v.Context(), v.Actor(), &agreement.Comparing{Agreement: id, From: from, To: to})
	if err != nil {
		return err
	}
	choose := func(name string, at int) page.Input {
		in := v.Input("console.head.compare.", page.Control{Name: name, Kind: page.Choose1}, nil, page.Mistakes{})
		for _, a := range versions {
			in.Options = append(in.Options, page.Option{
				Value: strconv.Itoa(a.Version), Text: v.T("console.head.version.of", v.Count(int64(a.Version)), v.Day(persian.DateOf(a.From))), Chosen: a.Version == at,
			})
		}
		return in
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.compare.title", v.Count(id)),
		Above: &page.Link{Path: fmt.Sprintf("/head/agreements/no/%d", id), Text: v.T("console.head.agreement.title", v.Count(id))},
		Blocks: []any{
			page.Filter{Path: v.R.URL.Path, Controls: []page.Input{choose("from", from), choose("to", to)}},
			page.Note{Tone: page.Info, Title: v.T("console.head.compare.words", v.Count(int64(from)), v.Count(int64(to))), Lines: differences(v, d)},
			compared(v, d, v.T("console.head.version.no", v.Count(int64(from))), v.T("console.head.version.no", v.Count(int64(to)))),
		},
	})
}

// compared stands what differs side by side; nil if nothing does.
func compared(v *page.Visit, d *agreement.Difference, before, after string) *page.Compare {
	c := &page.Compare{Columns: []string{before, after}}
	add := func(at string, m agreement.Changed) {
		c.Rows = append(c.Rows, page.Compared{
			Label: v.T("console.head.compare.at", at, v.T("agreement.member."+m.Member)), Tone: page.Warn, Note: v.T("console.head.compare.changed"),
			Values: []string{memberWords(v, m.Member, m.Old), memberWords(v, m.Member, m.New)},
		})
	}
	for _, m := range d.Terms {
		add(v.T("console.head.compare.whole"), m)
	}
	for _, clause := range d.Clauses {
		for _, m := range clause.Members {
			add(v.T("console.head.clause.no", strconv.Itoa(clause.No)), m)
		}
	}
	if len(c.Rows) == 0 {
		return nil
	}
	return c
}
