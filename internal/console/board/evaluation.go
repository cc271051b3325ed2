package board

import (
	"cmp"
	"io"
	"slices"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
)

// evaluation shows one: the country, the ranking, and the appeals. The address
// may ask for a province.
func evaluation(v *page.Visit) error {
	province := v.R.URL.Query().Get("province")
	found, err := evaluationIn(v, &compliance.OfEvaluation{})
	if err != nil {
		return err
	}
	e := &found.Evaluation
	class := ranked(found.Units, province)
	path := at("/board/evaluations/", e.ID)
	s := page.Screen{
		Title: evaluationName(v, e), Lead: v.T("console.board.evaluation.lead", v.Month(e.From), v.Month(e.Until), v.Count(e.Version)),
		Above:   &page.Link{Path: "/board/evaluations", Text: v.T("console.board.evaluations.title")},
		Buttons: []page.Button{{Path: path + "/paper?" + v.R.URL.RawQuery, Text: v.T("console.board.pdf"), Icon: "down", Ghost: true}},
	}
	if v.Role() == register.Inspector && e.Frozen.IsZero() {
		s.Buttons = append(s.Buttons, page.Button{Path: at("/inspector/evaluations/", e.ID) + "/freeze", Text: v.T("console.board.freeze.link"), Icon: "lock"})
	}
	s.Blocks = []any{evaluationNote(v, e), sumTiles(v, found, province)}
	if charted := rankChart(v, class); charted != nil {
		s.Blocks = append(s.Blocks, charted)
	}
	s.Blocks = append(s.Blocks, provinceFilter(v, found, path, province), rankTable(v, found, class, path))
	if province == "" {
		s.Blocks = append(s.Blocks, provinceRanks(v, found, path))
	}
	s.Blocks = append(s.Blocks, appealTable(v, found), sealFacts(v, e))
	return v.Show(s)
}

// ranked are the units that a page ranks: the agencies of a province, or the
// national ones.
func ranked(units []*compliance.Unit, province string) (class []*compliance.Unit) {
	for _, u := range units {
		if u.Kind == compliance.AgencyUnit && (province == "" && u.Province == "" || province != "" && u.Class == province) {
			class = append(class, u)
		}
	}
	return class // Find gives each class in order of ranks
}

func evaluationNote(v *page.Visit, e *compliance.Evaluation) any {
	switch {
	case !e.Frozen.IsZero():
		return page.Note{Tone: page.Good, Title: v.T("console.board.evaluation.frozen"), Text: v.T("console.board.evaluation.frozen.text", v.Moment(e.Frozen))}
	case e.Year == 0:
		return page.Note{Tone: page.Info, Title: v.T("console.board.evaluation.is_trial"), Text: v.T("console.board.evaluation.is_trial.text")}
	}
	return page.Note{Tone: page.Warn, Title: v.T("console.board.evaluation.draft"), Text: v.T("console.board.evaluation.draft.text", v.Day(e.Appeals))}
}

// sumTiles are what the country or a province comes to.
func sumTiles(v *page.Visit, found *compliance.Found, province string) page.Tiles {
	i := slices.IndexFunc(found.Units, func(u *compliance.Unit) bool {
		return province == "" && u.Kind == compliance.CountryUnit || province != "" && u.Kind == compliance.ProvinceUnit && u.ID == province
	})
	if i < 0 {
		return nil
	}
	u := found.Units[i]
	name := v.T("console.board.evaluation.country")
	if province != "" {
		name = province
	}
	tiles := page.Tiles{{Label: name, Value: points(v, u.Whole.Points), Note: v.T("console.board.evaluation.agencies", v.Count(int64(len(u.Agencies)))), Tone: page.Good}}
	for _, c := range u.Whole.Criteria {
		tile := page.Tile{Label: v.T("evaluation.criterion." + c.Criterion), Value: points(v, c.Points), Note: v.T("console.board.evaluation.out_of", v.Count(c.Weight))}
		if c.State != compliance.Scored {
			tile.Value, tile.Words = v.T("evaluation.state."+c.State), true
		}
		tiles = append(tiles, tile)
	}
	return tiles
}

func points(v *page.Visit, p compliance.Points) string { return v.Decimal(float64(p)/100, 1) }

// mostBars is how many agencies a chart shows.
const mostBars = 15

func rankChart(v *page.Visit, class []*compliance.Unit) *page.Chart {
	c := page.Chart{
		Title: v.T("console.board.evaluation.chart"), Kind: page.Weights, Series: []string{v.T("console.board.column.points")},
		Label: v.T("console.board.column.agency"), Format: func(f float64) string { return v.Decimal(f, 1) },
	}
	for _, u := range class {
		if u.Rank > 0 && len(c.Points) < mostBars {
			c.Points = append(c.Points, page.Point{Label: u.Name, Values: []float64{float64(u.Whole.Points) / 100}})
		}
	}
	if len(c.Points) == 0 {
		return nil
	}
	return v.Chart(c)
}

func provinceFilter(v *page.Visit, found *compliance.Found, path, province string) *page.Filter {
	var names []string
	for _, u := range found.Units {
		if u.Kind == compliance.ProvinceUnit {
			names = append(names, u.ID)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.SortFunc(names, compare)
	return &page.Filter{Path: path, Controls: []page.Input{v.Input("console.board.evaluation.", page.Control{
		Name: "province", Kind: page.Choose1,
		Options: page.Blank(v.T("console.board.national"), page.Choose(names, province, func(s string) string { return s })),
	}, []string{province}, page.Mistakes{})}}
}

func rankTable(v *page.Visit, found *compliance.Found, class []*compliance.Unit, path string) *page.Table {
	t := &page.Table{
		Title: v.T("console.board.evaluation.ranking"), Empty: v.T("console.board.evaluation.nobody"),
		Columns: heads(v, "*rank", "agency", "*bodies", "*points", "missing"), Export: path + "/table?" + v.R.URL.RawQuery,
	}
	from := int(v.Asked("from"))
	for i, u := range class[min(from, len(class)):] {
		if i == pageRows {
			t.More = v.Next("from", itoa(int64(from+pageRows)))
			break
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: rankOf(v, u), Number: true},
			{Text: u.Name, Path: path + "/agencies/" + u.ID},
			countCell(v, int64(len(u.Agencies))),
			{Text: points(v, u.Whole.Points), Number: true},
			{Text: lacking(v, &u.Whole)},
		}})
	}
	return t
}

// rankOf is a rank, or that there is nothing to rank by.
func rankOf(v *page.Visit, u *compliance.Unit) string {
	if u.Rank == 0 {
		return "–"
	}
	return v.Count(int64(u.Rank))
}

// lacking names the criteria whose figures are not there.
func lacking(v *page.Visit, r *compliance.Result) string {
	var all []string
	for _, s := range r.Criteria {
		if s.State == compliance.Missing {
			all = append(all, v.T("evaluation.criterion."+s.Criterion))
		}
	}
	if len(all) == 0 {
		return v.T("console.board.evaluation.complete")
	}
	return list(v, all)
}

func provinceRanks(v *page.Visit, found *compliance.Found, path string) *page.Table {
	t := &page.Table{Title: v.T("console.board.evaluation.provinces"), Columns: heads(v, "*rank", "province", "*bodies", "*points")}
	for _, u := range found.Units {
		if u.Kind == compliance.ProvinceUnit {
			t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
				{Text: rankOf(v, u), Number: true},
				{Text: u.Name, Path: path + "?" + query("province", u.ID)},
				countCell(v, int64(len(u.Agencies))),
				{Text: points(v, u.Whole.Points), Number: true},
			}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// sealFacts are how anybody can know that nothing was changed.
func sealFacts(v *page.Visit, e *compliance.Evaluation) any {
	if e.Frozen.IsZero() {
		return nil
	}
	f := page.Facts{Title: v.T("console.board.evaluation.seal"), List: []page.Fact{
		fact(v, "frozen_by", page.Isolated(e.FrozenBy)), fact(v, "at", v.Moment(e.Frozen)), numberFact(v, "digest", page.Grouped(e.SHA256)),
	}}
	if e.Note != "" {
		f.List = append(f.List, fact(v, "note", e.Note))
	}
	return f
}

func evaluationPaper(v *page.Visit) error {
	id, err := v.Number("evaluation")
	if err != nil {
		return err
	}
	in := &compliance.PaperOf{ID: id, Province: v.R.URL.Query().Get("province"), Lang: v.Lang, Format: letter.PDF}
	return v.SendMade(letter.PaperType(letter.PDF), "evaluation-"+itoa(id)+".pdf", func(w io.Writer) error {
		return v.Compliance.WritePaper(v.Context(), v.Journal, v.Actor(), in, w)
	})
}

func evaluationTable(v *page.Visit) error {
	id, err := v.Number("evaluation")
	if err != nil {
		return err
	}
	in := &compliance.Export{OfEvaluation: compliance.OfEvaluation{ID: id, Province: v.R.URL.Query().Get("province")}, Format: sheet.XLSX}
	return v.SendMade(page.XLSX, "evaluation-"+itoa(id)+".xlsx", func(w io.Writer) error {
		return v.Compliance.WriteExport(v.Context(), v.Journal, v.Actor(), in, w)
	})
}

// appealTable lists the appeals, those that are not decided first.
func appealTable(v *page.Visit, found *compliance.Found) *page.Table {
	t := &page.Table{
		Title: v.T("console.board.appeals.title"), Empty: v.T("console.board.appeals.none"),
		Columns: heads(v, "agency", "criterion", "grounds", "outcome", "date", "act"),
	}
	all := slices.Clone(found.Open)
	slices.SortStableFunc(all, func(a, b compliance.Appeal) int { return cmp.Compare(min(a.Outcome, 1), min(b.Outcome, 1)) })
	for _, a := range all {
		row := page.Row{Cells: []page.Cell{
			{Text: v.AgencyName(a.Agency)},
			{Text: v.T("evaluation.criterion." + a.Criterion)},
			{Text: excerpt(a.Grounds, 120), Small: a.Document},
			badge(v, "appeal", a.Outcome.String()),
			{Text: v.Moment(a.At)},
			{Text: excerpt(a.Reason, 90)},
		}}
		if a.Outcome == compliance.Undecided && found.Frozen.IsZero() {
			row.Cells[5] = page.Cell{Text: v.T("console.board.rule.link"), Path: at(at("/board/evaluations/", found.ID)+"/appeals/", a.ID)}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
