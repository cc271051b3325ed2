package public

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/receipt"
)

// askedPage is how many entries a page of the list has.
const askedPage = 100

// showAsked is who asked about the person: every entry of the log about him.
func showAsked(v *page.Visit, who *citizen.Who) error {
	in := citizen.Page{Limit: askedPage}
	if err := in.After.UnmarshalText([]byte(v.R.URL.Query().Get("after"))); err != nil {
		return page.NotFound()
	}
	asked, _, err := v.Citizens.Asked(v.Context(), v.Journal, who, in)
	if err != nil {
		return err
	}
	const key = "console.public.me."
	s := page.Screen{Title: v.T(key + "asked"), Lead: v.T(key + "asked.lead"), Blocks: []any{meTabs(v), askedTotals(v, &asked.Count)}}
	if len(asked.Entries) > 1 {
		s.Blocks = append(s.Blocks, askedChart(v, asked.Entries))
	}
	more := ""
	if !asked.Next.IsZero() {
		cursor, err := asked.Next.MarshalText()
		if err != nil {
			return err
		}
		more = "/me?after=" + string(cursor)
	}
	w := words{v, asked.Words}
	s.Blocks = append(s.Blocks, askedTable(w, asked.Entries, more))
	if len(asked.Own) > 0 {
		s.Blocks = append(s.Blocks, ownTable(w, asked.Own))
	}
	s.Blocks = append(s.Blocks, page.Note{Title: v.T(key + "complete"), Text: v.T(key + "complete.text"), Lines: upTo(v, asked.UpTo)},
		page.Press{Path: "/me/leave", Text: v.T(key + "leave"), Ghost: true})
	return v.Show(s)
}

func meTabs(v *page.Visit) page.Tabs {
	at := v.R.URL.Path
	tab := func(path, key string) page.Link { return page.Link{Path: path, Text: v.T(key), Current: at == path} }
	return page.Tabs{
		tab("/me", "console.public.me.tab.asked"),
		tab("/me/corrections", "console.public.me.tab.corrections"),
		tab("/me/locks", "console.public.me.tab.locks"),
	}
}

// askedTotals are all entries there are about the person; none is left out.
func askedTotals(v *page.Visit, c *citizen.Count) page.Tiles {
	tile := func(name string, n int64) page.Tile {
		return page.Tile{Label: v.T("console.public.me.count." + name), Value: v.Count(n), Note: v.T("console.public.me.count." + name + ".text")}
	}
	all := page.Tiles{tile("total", c.Total), tile("shown", c.Shown), tile("own", c.Own)}
	all = append(all, tile("hidden", c.Hidden))
	if c.Purged > 0 {
		all = append(all, tile("purged", c.Purged))
	}
	return all
}

// askedChart counts the entries of this page by month, from the first to the
// last of them.
func askedChart(v *page.Visit, entries []citizen.Asking) *page.Chart {
	counts := map[persian.Date]float64{}
	month := func(e *citizen.Asking) persian.Date {
		d := persian.DateOf(e.Time)
		return persian.Date{Year: d.Year, Month: d.Month, Day: 1}
	}
	for i := range entries {
		counts[month(&entries[i])]++
	}
	c := page.Chart{
		Title: v.T("console.public.me.chart", v.Count(int64(len(entries)))), Kind: page.Columns,
		Series: []string{v.T("console.public.me.chart.series")}, Label: v.T("console.public.me.chart.month"),
	}
	last := month(&entries[0]) // newest first
	first := month(&entries[len(entries)-1])
	if year := last.AddMonths(-11); first.Compare(year) > 0 {
		first = year
	}
	for m := first; m.Compare(last) <= 0; m = m.AddMonths(1) {
		label := monthName(v, m)
		c.Points = append(c.Points, page.Point{Label: label, Values: []float64{counts[m]}})
	}
	return v.Chart(c)
}

// monthName is a month with its year in two digits, as charts have room for.
func monthName(v *page.Visit, m persian.Date) string {
	return v.T("console.month."+strconv.Itoa(int(m.Month))) + " " + v.Digits(fmt.Sprintf("%02d", m.Year%100))
}

// words are the code words of a list as people read them.
type words struct {
	*page.Visit
	known map[string]citizen.Word
}

func (w words) of(member, code string) string {
	word, ok := w.known[member+":"+code]
	switch {
	case !ok:
		return code
	case w.Lang == message.Fa:
		return word.Fa
	}
	return word.En
}

func (w words) fields(fields []string) string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = w.of("field", f)
	}
	return strings.Join(all, w.T("console.public.me.comma"))
}

// askedTable is the list of others' entries.
func askedTable(w words, entries []citizen.Asking, more string) page.Table {
	const key = "console.public.me."
	t := page.Table{
		Title: w.T(key + "list"), Empty: w.T(key + "none"), More: more,
		Columns: page.Head(w.T(key+"when"), w.T(key+"by"), w.T(key+"what"), w.T(key+"fields"), w.T(key+"outcome"), w.T(key+"do")),
	}
	for i := range entries {
		t.Rows = append(t.Rows, askedRow(w, &entries[i]))
	}
	return t
}

func askedRow(w words, e *citizen.Asking) page.Row {
	const key = "console.public.me."
	by := page.Cell{Text: w.T(key + "registry"), Small: w.of("role", e.Role)}
	if e.Agency != nil {
		by.Text = e.Agency.Name
	}
	if e.OnBehalf != nil {
		by.Small = join(" · ", by.Small, w.T(key+"behalf", e.OnBehalf.Name))
	}
	what := page.Cell{Text: w.of("kind", e.Kind)}
	why := []string{w.of("service", e.Service), w.of("mode", e.Mode)}
	if e.Purpose != "" {
		why = append(why, w.T(key+"purpose", w.of("purpose", e.Purpose)))
	}
	if e.Court != nil {
		why = append(why, w.T(key+"court", e.Court.Reference))
	}
	what.Small = join(" · ", why...)
	outcome := page.Cell{Text: w.of("outcome", e.Outcome), Tone: tones[e.Outcome], Small: w.of("refusal", e.Refusal)}
	do := page.Cell{Text: ""}
	if e.Kind == receipt.Inquiry.String() {
		do = page.Cell{Text: w.T(key + "dispute"), Path: "/me/dispute?code=" + string(e.Code)}
	}
	if e.Purged {
		what, outcome = page.Cell{Text: w.T(key + "purged")}, page.Cell{}
	}
	return page.Row{Cells: []page.Cell{
		{Text: w.Moment(e.Time), Small: strings.Join(page.Groups(string(e.Code)), " ")}, by, what, {Text: w.fields(e.Fields)}, outcome, do,
	}}
}

// tones colour outcomes; the words say the same.
var tones = map[string]string{
	"confirmed": page.Good, "answered": page.Good, "differs": page.Bad, "not_found": page.Warn, "refused": page.Warn,
	"deceased": page.Warn, "cancelled": page.Warn, "protected": page.Info,
}

func join(between string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), between)
}

// ownTable is what the person has done himself in the same stretch of time.
func ownTable(w words, entries []citizen.Asking) page.Table {
	const key = "console.public.me."
	t := page.Table{Title: w.T(key + "own"), Columns: page.Head(w.T(key+"when"), w.T(key+"what"), w.T("console.code"))}
	for _, e := range entries {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: w.Moment(e.Time)}, {Text: w.of("kind", e.Kind)}, {Code: string(e.Code)}}})
	}
	return t
}

// upTo names the logs below whose size nothing is missing.
func upTo(v *page.Visit, sizes map[string]int64) (lines []string) {
	for log, n := range sizes {
		lines = append(lines, v.T("console.public.me.complete.log", log, v.Count(n)))
	}
	slices.Sort(lines)
	return lines
}
