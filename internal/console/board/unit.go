package board

import (
	"io"
	"slices"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/letter"
)

// unitIn is the agency in the page's path with its part of the evaluation.
func unitIn(v *page.Visit) (*compliance.Found, ids.LegalID, error) {
	of, err := ids.ParseLegalID(v.R.PathValue("agency"))
	if err != nil {
		return nil, 0, page.NotFound()
	}
	found, err := evaluationIn(v, &compliance.OfEvaluation{Agency: of})
	return found, of, err
}

// unit shows what was found of one agency, with the bodies below it.
func unit(v *page.Visit) error {
	found, of, err := unitIn(v)
	if err != nil {
		return err
	}
	u := found.Units[0]
	path := at("/board/evaluations/", found.ID)
	own := path + "/agencies/" + of.String()
	s := page.Screen{
		Title: u.Name, Lead: v.T("console.board.unit.lead", evaluationName(v, &found.Evaluation)),
		Above:   &page.Link{Path: path, Text: evaluationName(v, &found.Evaluation)},
		Buttons: []page.Button{{Path: own + "/paper", Text: v.T("console.board.pdf"), Icon: "down", Ghost: true}},
	}
	const key = "console.board.unit."
	s.Blocks = []any{page.Tiles{
		{Label: v.T(key + "points"), Value: points(v, u.Whole.Points), Note: v.T(key + "points.note"), Tone: page.Good},
		{Label: v.T(key + "rank"), Value: rankOf(v, u), Note: v.T(key+"rank.note", v.Count(int64(u.RankOf)))},
		{Label: v.T(key + "median"), Value: points(v, u.Median), Note: v.T(key + "median.note")},
		{Label: v.T(key + "bodies"), Value: v.Count(int64(len(u.Agencies))), Note: v.T(key + "bodies.note")},
	}, criteriaChart(v, u), criteriaTable(v, u, own)}
	if u.Own != nil && len(u.Agencies) > 1 {
		s.Blocks = append(s.Blocks, belowTable(v, found, u, path))
	}
	if len(u.Corrections) > 0 {
		s.Blocks = append(s.Blocks, correctionTable(v, u))
	}
	s.Blocks = append(s.Blocks, appealTable(v, found))
	return v.Show(s)
}

// criteriaChart shows what of each criterion's points was earned and lost.
func criteriaChart(v *page.Visit, u *compliance.Unit) *page.Chart {
	c := page.Chart{
		Title: v.T("console.board.unit.chart"), Label: v.T("console.board.column.criterion"), Format: func(f float64) string { return v.Decimal(f, 1) },
		Series: []string{v.T("console.board.series.earned"), v.T("console.board.series.lost")},
	}
	for _, s := range u.Whole.Criteria {
		if s.State == compliance.NotDue {
			continue
		}
		got := float64(s.Points) / 100
		c.Points = append(c.Points, page.Point{Label: v.T("console.board.criterion." + s.Criterion), Values: []float64{got, float64(s.Weight) - got}})
	}
	return v.Chart(c)
}

func criteriaTable(v *page.Visit, u *compliance.Unit, path string) *page.Table {
	t := &page.Table{Title: v.T("console.board.unit.criteria"), Columns: heads(v, "criterion", "state", "*weight", "*share", "*points", "figures", "trace")}
	for _, s := range u.Whole.Criteria {
		var figures []string
		for name, n := range s.Figures {
			figures = append(figures, v.T("console.board.unit.figure", v.T("evaluation.figure."+name), v.Count(n)))
		}
		slices.SortFunc(figures, compare)
		row := page.Row{Cells: []page.Cell{
			{Text: v.T("evaluation.criterion." + s.Criterion)},
			{Text: v.T("evaluation.state." + s.State), Tone: tones[s.State]},
			countCell(v, s.Weight),
			{Text: v.Percent(float64(s.Share) / 10_000), Number: true},
			{Text: points(v, s.Points), Number: true},
			{Text: list(v, figures)},
			{Text: v.T("console.board.trace.link"), Path: path + "/" + s.Criterion},
		}}
		if s.State != compliance.Scored {
			row.Cells[3], row.Cells[4] = page.Cell{Text: "–"}, page.Cell{Text: "–"}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// belowTable lists the bodies below an agency, whose figures count in its own.
func belowTable(v *page.Visit, found *compliance.Found, u *compliance.Unit, path string) *page.Table {
	t := &page.Table{
		Title: v.T("console.board.unit.below"), Note: v.T("console.board.unit.below.note", points(v, u.Own.Points)), Columns: heads(v, "agency", "province"),
	}
	for _, id := range u.Agencies[1:] {
		row := page.Row{Cells: []page.Cell{{Text: v.AgencyName(id), Path: path + "/agencies/" + id.String()}, {Text: "–"}}}
		if a, err := v.Agencies.ByID(id); err == nil {
			row.Cells[1].Text = page.OrDash(a.Province)
		}
		if len(t.Rows) < pageRows {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func correctionTable(v *page.Visit, u *compliance.Unit) *page.Table {
	t := &page.Table{Title: v.T("console.board.unit.corrections"), Columns: heads(v, "figure", "*was", "*now", "appeal")}
	for _, c := range u.Corrections {
		was := "–"
		if c.Was != nil {
			was = v.Count(*c.Was)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("evaluation.figure." + c.Figure)}, {Text: was, Number: true}, countCell(v, c.Value), {Text: v.No(c.Appeal), Number: true},
		}})
	}
	return t
}

func unitPaper(v *page.Visit) error {
	found, of, err := unitIn(v)
	if err != nil {
		return err
	}
	in := &compliance.PaperOf{ID: found.ID, Agency: of, Lang: v.Lang, Format: letter.PDF}
	return v.SendMade(letter.PaperType(letter.PDF), "evaluation-"+itoa(found.ID)+"-"+of.String()+".pdf", func(w io.Writer) error {
		return v.Compliance.WritePaper(v.Context(), v.Journal, v.Actor(), in, w)
	})
}
