package head

import (
	"io"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/sheet"
)

func conversionRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/head/conversions", conversions),
		get("/head/conversions/{table}/file", conversionFile),
	}, upload.Routes())
}

// conversions shows how far the agency's own place codes have been replaced.
func conversions(v *page.Visit) error {
	c, err := v.Compliance.Coverage(v.Context(), v.Actor(), &compliance.TableOf{})
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.head.conversions.list"), Empty: v.T("console.head.conversions.none"),
		Columns: page.Head(v.T("console.head.column.table"), v.T("console.head.column.version"), v.T("console.head.column.declared.codes"), v.T("console.head.column.held"), v.T("console.head.column.share"), v.T("console.head.column.refused"), v.T("console.head.column.at")),
	}
	for i := 2; i < 6; i++ {
		t.Columns[i].Number = true
	}
	meters := page.Meters{Title: v.T("console.head.conversions.coverage"), Empty: v.T("console.head.conversions.none")}
	chart := page.Chart{Title: v.T("console.head.conversions.chart"), Label: v.T("console.head.column.day"), Kind: page.Curve, Format: v.Percent, Series: []string{v.T("console.head.column.share")}}
	for i := range c.Tables {
		one := &c.Tables[i]
		last := one.Versions[len(one.Versions)-1]
		meters.Lines = append(meters.Lines, page.Progress{Label: page.Isolated(one.Name), Share: last.Share, Text: v.Percent(last.Share)})
		for _, w := range slices.Backward(one.Versions) {
			t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
				{Text: page.Isolated(one.Name), Path: "/head/conversions/" + one.Name + "/file?version=" + strconv.FormatInt(w.Version, 10), Small: v.T("console.head.conversions.fetch")},
				{Text: v.Count(w.Version)},
				{Text: v.Count(w.Declared)},
				{Text: v.Count(w.Held)},
				{Text: v.Percent(w.Share)},
				{Text: v.Count(w.Gone + w.Refused), Small: goneOf(v, w.Gone)},
				{Text: v.ShortDay(persian.DateOf(w.At)), Number: true, Small: officerName(v, v.Asker.Agency.ID, w.By)},
			}})
		}
	}
	blocks := []any{}
	if len(c.Tables) > 0 {
		blocks = append(blocks, page.Tiles{
			{Label: v.T("console.head.conversions.share"), Value: v.Percent(c.Share), Tone: page.Good},
			{Label: v.T("console.head.column.declared.codes"), Value: v.Count(c.Declared)},
			{Label: v.T("console.head.column.held"), Value: v.Count(c.Held)},
		})
	}
	if len(c.Tables) == 1 && len(c.Tables[0].Versions) > 1 {
		for _, w := range c.Tables[0].Versions {
			chart.Points = append(chart.Points, page.Point{Label: v.ShortDay(persian.DateOf(w.At)), Values: []float64{w.Share}})
		}
		blocks = append(blocks, v.Chart(chart))
	} else if len(c.Tables) > 1 {
		blocks = append(blocks, meters)
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.conversions.title"), Lead: v.T("console.head.conversions.lead"), Blocks: append(blocks, t),
		Buttons: []page.Button{{Path: "/head/conversions/upload", Text: v.T("console.head.conversions.upload"), Icon: "list"}},
	})
}

func goneOf(v *page.Visit, n int64) string {
	if n == 0 {
		return ""
	}
	return v.T("console.head.conversions.gone", v.Count(n))
}

// conversionFile gives a version of a table as a spreadsheet.
func conversionFile(v *page.Visit) error {
	version, _ := strconv.ParseInt(v.R.URL.Query().Get("version"), 10, 64) // anything else: the newest
	in := &compliance.Download{TableOf: compliance.TableOf{Name: v.R.PathValue("table"), Version: max(version, 0)}, Format: sheet.XLSX}
	name := "conversion.xlsx"
	err := v.SendMade(in.MediaType(), name, func(w io.Writer) error { return v.Compliance.WriteTable(v.Context(), v.Actor(), in, w) })
	if fault.Is(err, fault.Invalid) {
		return page.NotFound()
	}
	return err
}

// maxTable is how long a file of a table may be; longer tables come in parts.
const maxTable = 32 << 20

var upload = page.Form[compliance.Table]{
	Path: "/head/conversions/upload", Roles: only, Key: "console.head.upload.", Files: maxTable,
	Above: func(v *page.Visit, _ *compliance.Table) *page.Link {
		return above(v, "/head/conversions", "conversions")
	},
	Around: func(v *page.Visit, _ *compliance.Table) ([]any, error) {
		return []any{page.Note{Tone: page.Info, Title: v.T("console.head.upload.form"), Lines: []string{
			v.T("console.head.upload.form1"), v.T("console.head.upload.form2", v.Count(compliance.MostRows)), v.T("console.head.upload.form3"),
		}}}, nil
	},
	Controls: func(*page.Visit, *compliance.Table) ([]page.Control, error) {
		return []page.Control{
			{Name: "table", Kind: page.Latin, Max: 40},
			{Name: "file", Kind: page.File, Accept: ".csv,.xlsx,.parquet"},
			{Name: "declared", Kind: page.Number},
			{Name: "part", Kind: page.Yes},
		}, nil
	},
	Do: func(v *page.Visit, in *compliance.Table) (page.Done, error) {
		up, proven, err := v.Compliance.Upload(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Code: proven.Code, Screen: uploaded(v, up, string(proven.Code))}, nil
	},
}

// mostRemarks is how many remarks a page shows; the file with its mistakes is
// the agency's own.
const mostRemarks = 500

// uploaded is the answer to a file, row by row.
func uploaded(v *page.Visit, up *compliance.Uploaded, code string) *page.Screen {
	report := &page.Table{
		Title: v.T("console.head.upload.report"), Empty: v.T("console.head.upload.clean"),
		Columns: page.Head(v.T("console.head.column.row"), v.T("console.head.column.what"), v.T("console.head.column.remark"), v.T("console.head.column.instead")),
	}
	for _, r := range up.Report[:min(len(up.Report), mostRemarks)] {
		what := page.Cell{Text: v.T("console.head.upload.noted"), Tone: page.Warn}
		if r.Refused {
			what = page.Cell{Text: v.T("console.head.upload.refused"), Tone: page.Bad}
		}
		report.Rows = append(report.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Count(int64(r.Row)), Number: true}, what, {Text: v.Either(r.Fa, r.En), Small: r.Column}, {Text: postalCodes(v, r.Successors), Number: true},
		}})
	}
	blocks := []any{
		page.Code{Label: v.T("console.code"), Code: code},
		page.Tiles{
			{Label: v.T("console.head.upload.accepted"), Value: v.Count(up.Accepted), Note: v.T("console.head.upload.rows", v.Count(up.Rows)), Tone: page.Good},
			{Label: v.T("console.head.upload.turned"), Value: v.Count(up.Gone + up.Refused), Note: goneOf(v, up.Gone), Tone: warn(up.Gone + up.Refused)},
			{Label: v.T("console.head.upload.changes"), Value: v.Count(up.Added), Note: v.T("console.head.upload.changed", v.Count(up.Changed), v.Count(up.Removed))},
			{Label: v.T("console.head.conversions.share"), Value: v.Percent(up.Share)},
		},
		report,
	}
	if rest := int64(len(up.Report)-len(report.Rows)) + up.Cut; rest > 0 {
		blocks = append(blocks, page.Note{Tone: page.Info, Text: v.T("console.head.upload.rest", v.Count(rest))})
	}
	return &page.Screen{
		Title: v.T("console.head.upload.done.title", page.Isolated(up.Name)), Blocks: blocks,
		Above: &page.Link{Path: "/head/conversions", Text: v.T("console.head.menu.conversions")},
	}
}

func postalCodes(v *page.Visit, codes []ids.PostalCode) string {
	all := make([]string, len(codes))
	for i, c := range codes {
		all[i] = v.Digits(c.String())
	}
	return v.List(all)
}
