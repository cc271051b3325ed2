package compliance

import (
	"context"
	"io"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/sheet"
)

// ranking writes the ranking of a class; that of the country has the provinces
// too.
func (t *telling) ranking(w io.Writer, format, class string, all []*Unit) error {
	t.begin(w, format, t.t("evaluation.report.ranking", t.className(class)))
	sum := slices.IndexFunc(all, func(u *Unit) bool {
		return class == national && u.Kind == CountryUnit || u.Kind == ProvinceUnit && u.ID == class
	})
	if sum >= 0 {
		t.summary(all[sum])
	}
	t.Heading(t.t("evaluation.report.ranks"))
	t.top(t.t("evaluation.report.chart.ranks"), t.class)
	t.table(t.class)
	if class == national {
		provincial := &telling{Paper: t.Paper, lang: t.lang, found: t.found}
		provincial.rank(all, provinces)
		if len(provincial.class) > 0 {
			t.Heading(t.t("evaluation.report.provinces.heading"))
			t.Paragraph(t.t("evaluation.report.provinces.text"))
			t.top(t.t("evaluation.report.chart.provinces"), provincial.class)
			t.table(provincial.class)
		}
	}
	t.seal()
	return t.End()
}

// summary is what a class comes to as a whole.
func (t *telling) summary(u *Unit) {
	median := Points(0)
	lacking := int64(0)
	for _, o := range t.class {
		median = o.Median
		if o.Own != nil && t.found.Formula.missing(o.Own) {
			lacking++
		}
	}
	t.Facts([]letter.Fact{
		{Label: t.t("evaluation.report.points"), Value: t.points(u.Whole.Points), Note: t.t("evaluation.report.all")},
		{Label: t.t("evaluation.report.median"), Value: t.points(median), Note: t.t("evaluation.report.ranked")},
		{Label: t.t("evaluation.report.agencies"), Value: t.count(int64(len(u.Agencies))), Note: t.t("evaluation.report.all")},
		{Label: t.t("evaluation.report.lack"), Value: t.count(lacking), Note: t.t("evaluation.report.ranked")},
	})
	t.earned(&u.Whole)
}

// mostBars of a chart.
const mostBars = 20

func (t *telling) top(title string, class []*Unit) {
	var bars []letter.Bar
	for _, u := range class[:min(len(class), mostBars)] {
		if u.Rank > 0 { // of others nothing is known
			bars = append(bars, letter.Bar{Label: u.Name, Value: whole(u.Whole.Points)})
		}
	}
	if len(bars) > 0 {
		t.Bars(title, bars)
	}
}

func (t *telling) table(class []*Unit) {
	t.Table([]letter.Column{
		{Title: t.t("evaluation.report.rank"), Share: .1, Number: true},
		{Title: t.t("evaluation.report.name"), Share: .4},
		{Title: t.t("evaluation.report.bodies"), Share: .12, Number: true},
		{Title: t.t("evaluation.report.points"), Share: .13, Number: true},
		{Title: t.t("evaluation.report.missing"), Share: .25},
	}, func(yield func([]string) bool) {
		for _, u := range class {
			rank := t.t("evaluation.report.none")
			if u.Rank > 0 {
				rank = t.count(int64(u.Rank))
			}
			if !yield([]string{rank, letter.Own(u.Name), t.count(int64(len(u.Agencies))), t.points(u.Whole.Points), t.missing(&u.Whole)}) {
				return
			}
		}
	})
}

// Export asks for an evaluation as a table, a unit a row.
type Export struct {
	OfEvaluation
	Format sheet.Format `json:"format"` // csv, xlsx or parquet; "": csv
}

// MediaType is that of the file.
func (in *Export) MediaType() string { return mediaType(in.Format) }

// WriteExport writes it: what Find gives, with every figure.
func (b *Book) WriteExport(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Export, w io.Writer) error {
	found, err := b.Find(ctx, j, actor, &in.OfEvaluation)
	if err != nil {
		return err
	}
	if in.Format == "" {
		in.Format = sheet.CSV
	}
	heads := []string{"kind", "id", "name", "province", "class", "rank", "of", "points", "median", "agencies"}
	var figures []string
	for i := range found.Formula.Criteria {
		c := &found.Formula.Criteria[i]
		heads = append(heads, c.Code+"_state", c.Code+"_points")
		for _, f := range c.figures() {
			if !slices.Contains(figures, f) {
				figures = append(figures, f)
			}
		}
	}
	out, err := sheet.NewWriter(w, in.Format, append(heads, figures...))
	if err != nil {
		return fault.Of(err).At("format")
	}
	for _, u := range found.Units {
		if err := out.Write(u.cells(figures)); err != nil {
			return err
		}
	}
	return out.Close()
}

// cells are a unit's row of the table; a figure that is missing is empty.
func (u *Unit) cells(figures []string) []string {
	cells := []string{
		u.Kind, u.ID, u.Name, u.Province, u.Class, strconv.Itoa(u.Rank), strconv.Itoa(u.RankOf), u.Whole.Points.String(), u.Median.String(), strconv.Itoa(len(u.Agencies)),
	}
	values := map[string]int64{}
	for _, s := range u.Whole.Criteria {
		cells = append(cells, s.State, s.Points.String())
		for f, v := range s.Figures {
			values[f] = v
		}
	}
	for _, f := range figures {
		cell := ""
		if v, ok := values[f]; ok {
			cell = strconv.FormatInt(v, 10)
		}
		cells = append(cells, cell)
	}
	return cells
}

// String is the number of points as programs read it.
func (p Points) String() string { return strconv.FormatFloat(float64(p)/100, 'f', -1, 64) }
