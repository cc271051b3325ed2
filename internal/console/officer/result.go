package officer

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
)

const resultKey = "console.officer.result."

// fetching is what the agency does with a result: see it, take it away, say
// that it has it.
func fetching(v *page.Visit, d *delivery.Delivery) ([]any, error) {
	if !d.Purged.IsZero() {
		return []any{page.Note{Tone: page.Info, Title: v.T(fileKey + "event.purged"), Text: v.T(resultKey + "purged")}}, nil
	}
	p, err := v.Deliveries.Package(v.Context(), v.Actor(), &delivery.Of{Delivery: d.ID})
	if fault.Is(err, fault.Conflict) { // the package is being made
		return []any{page.Note{Tone: page.Info, Title: v.Fault(fault.Of(err))}}, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := readManifest(p.Text)
	if err != nil {
		return nil, err
	}
	path := func(name string) string { return filePath(d.ID, name) }
	fetch := page.Panel{Title: v.T(resultKey + "fetch"), Lead: v.T(resultKey + "fetch." + d.Method)}
	if d.Method == delivery.Media {
		fetch.Blocks = append(fetch.Blocks, mediaParts(v, d.ID, p.Media))
	} else {
		fetch.Buttons = append(fetch.Buttons, page.Button{Path: path("/result"), Text: v.T(resultKey + "rows"), Icon: "list"})
	}
	if d.Method == delivery.API {
		fetch.Blocks = append(fetch.Blocks, page.Download{Path: path("/result.xlsx"), Text: v.T(resultKey + "whole"), Note: v.T(resultKey + "whole.note")})
	}
	fetch.Blocks = append(fetch.Blocks, page.Table{Columns: page.Head(v.T(resultKey+"document"), v.T(resultKey+"holds")), Rows: []page.Row{
		{Cells: []page.Cell{{Text: v.T(resultKey + "report"), Path: path("/report.pdf")}, {Text: v.T(resultKey + "report.note")}}},
		{Cells: []page.Cell{{Text: v.T(resultKey + "manifest"), Path: path("/manifest.json")}, {Text: v.T(resultKey + "manifest.note")}}},
		{Cells: []page.Cell{{Text: v.T(resultKey + "receipt"), Path: path("/receipt.json")}, {Text: v.T(resultKey + "receipt.note")}}},
		{Cells: []page.Cell{{Text: v.T(resultKey + "supplement"), Path: path("/supplement.xlsx")}, {Text: v.T(resultKey + "supplement.note")}}},
	}})
	if d.State == delivery.Delivered && slices.Contains(both, v.Role()) {
		fetch.Buttons = append(fetch.Buttons, page.Button{Path: path("/acknowledge"), Text: v.T("console.officer.acknowledge.title"), Icon: "ok", Ghost: true})
	}
	return []any{statusTiles(v, d, m), page.Pair{Main: []any{fetch}, Side: []any{statusMeters(v, d, m)}}}, nil
}

// Statuses of rows: those with items first.
var statuses = []string{
	"verified", "corrected", "linked_with_discrepancy", "deceased", "cancelled", "ambiguous", "not_found", "too_sparse", "duplicate_in_file", "not_covered",
}

func statusTone(status string) string {
	switch status {
	case "verified", "corrected":
		return page.Good
	case "cancelled", "not_found":
		return page.Bad
	}
	return page.Warn
}

// named are the rows of which the agency was told who is meant.
func named(m *counted) (n int64) {
	for _, s := range statuses[:4] {
		n += m.Counts[s]
	}
	return n
}

func statusTiles(v *page.Visit, d *delivery.Delivery, m *counted) page.Tiles {
	share := func(n int64) string {
		if d.Rows == 0 {
			return "–"
		}
		return v.Percent(float64(n) / float64(d.Rows))
	}
	tone := func(n int64, tone string) string {
		if n == 0 {
			return page.Plain
		}
		return tone
	}
	n, open := named(m), m.Counts["ambiguous"]
	return page.Tiles{
		{Label: v.T(fileKey + "rows"), Value: v.Count(d.Rows)},
		{Label: v.T(resultKey + "named"), Value: v.Count(n), Note: share(n)},
		{Label: v.T("delivery.report.status.ambiguous"), Value: v.Count(open), Note: v.T(resultKey + "ambiguous.note"), Tone: tone(open, page.Warn)},
		{Label: v.T(resultKey + "nobody"), Value: v.Count(d.Rows - n - open), Note: share(d.Rows - n - open), Tone: tone(d.Rows-n-open, page.Bad)},
	}
}

func statusMeters(v *page.Visit, d *delivery.Delivery, m *counted) page.Meters {
	all := page.Meters{Title: v.T("delivery.report.status"), Empty: v.T(resultKey + "none")}
	for _, s := range statuses {
		if n := m.Counts[s]; n > 0 && d.Rows > 0 {
			tone := statusTone(s)
			if tone == page.Good {
				tone = page.Plain
			}
			all.Lines = append(all.Lines, page.Progress{Label: v.T("delivery.report.status." + s), Share: float64(n) / float64(d.Rows), Text: v.Count(n), Tone: tone})
		}
	}
	return all
}

// mediaParts are the parts of the encrypted package with their digests.
func mediaParts(v *page.Visit, id int64, m *delivery.MediaPackage) *page.Table {
	t := &page.Table{Columns: page.Head(v.T(resultKey+"part"), v.T(resultKey+"digest")), Note: v.T(resultKey + "parts.note")}
	for i, sum := range m.Parts {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T(resultKey+"part.no", v.Count(int64(i+1))), Path: filePath(id, "/parts/"+strconv.Itoa(i))}, {Text: sum, Number: true},
		}})
	}
	return t
}

// result shows rows, a page at a time: at a terminal twenty, as the law's
// method has it.
func result(v *page.Visit) error {
	d, err := fileIn(v)
	if err != nil {
		return err
	}
	r, err := v.Deliveries.Result(v.Context(), v.Actor(), &delivery.Page{Delivery: d.ID, After: v.Asked("after"), Limit: 20})
	if err != nil {
		return err
	}
	t := &page.Table{Empty: v.T(resultKey + "none"), Columns: page.Head(v.T(resultKey+"row"), v.T(resultKey+"status"), v.T(resultKey+"told"), v.T(resultKey+"remarks"), v.T("console.code"))}
	for _, a := range r.Rows {
		status := a.Status.String()
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Count(a.Row), Number: true},
			{Text: v.T("delivery.report.status." + status), Tone: statusTone(status)},
			{Text: told(v, d, a)},
			{Text: remarks(v, a), Small: weighed(v, a)},
			{Code: a.Code},
		}})
	}
	if r.Next > 0 {
		t.More = filePath(d.ID, "/result?after="+itoa(r.Next))
	}
	return v.Show(page.Screen{
		Title: v.T(resultKey + "rows"), Lead: v.T(resultKey+"rows.lead", v.Count(v.Asked("after")+1), v.Count(v.Asked("after")+int64(len(r.Rows))), v.Count(r.Total)),
		Above: aboveFile(v, d.ID), Blocks: []any{t},
	})
}

// told is what a row's agency was told, each item with its name.
func told(v *page.Visit, d *delivery.Delivery, a *delivery.Answer) string {
	var all []string
	for _, f := range d.Fields {
		value, ok := a.Values[f]
		switch {
		case !ok:
		case value == nil:
			all = append(all, v.T(resultKey+"item", v.T("console.field."+f), v.T("console.result.not_on_record")))
		default:
			all = append(all, v.T(resultKey+"item", v.T("console.field."+f), valueOf(v, f, *value)))
		}
	}
	return strings.Join(all, " · ")
}

// remarks are what to look at in a row.
func remarks(v *page.Visit, a *delivery.Answer) string {
	var all []string
	list := func(key string, columns []string) {
		var names []string
		for _, c := range columns {
			names = append(names, v.T("delivery.report.column."+c))
		}
		if len(names) > 0 {
			all = append(all, v.T(key, strings.Join(names, v.T("console.officer.comma")+" ")))
		}
	}
	list(resultKey+"differs", a.Differs)
	list(resultKey+"variants", a.Variants)
	if a.Restored {
		all = append(all, v.T(resultKey+"zeros"))
	}
	if a.Twin > 0 {
		all = append(all, v.T(resultKey+"twin", v.Count(a.Twin)))
	}
	for _, w := range a.Warnings {
		if message.Known("console.warning." + w) {
			all = append(all, v.T("console.warning."+w))
		}
	}
	return strings.Join(all, " · ")
}

// weighed is how sure the link is.
func weighed(v *page.Visit, a *delivery.Answer) string {
	if a.Chance == 0 {
		return ""
	}
	return v.T(resultKey+"weight", v.Decimal(float64(a.Weight), 0), v.Percent(float64(a.Chance)/1e6))
}

// resultSheet gives all rows as a spreadsheet, as they are read: of the method
// that hands over rows by program.
func resultSheet(v *page.Visit) error {
	d, err := fileIn(v)
	if err != nil {
		return err
	}
	if d.Method != delivery.API {
		return fault.New(fault.Invalid, "console.officer.result.method")
	}
	return v.Export("estelam-delivery-"+itoa(d.ID), rowHeads(d), func(write func(cells ...string) error) error {
		for at := int64(0); ; {
			r, err := v.Deliveries.Result(v.Context(), v.Actor(), &delivery.Page{Delivery: d.ID, After: at})
			if err != nil {
				return err
			}
			for _, a := range r.Rows {
				if err := write(rowCells(d, a)...); err != nil {
					return err
				}
			}
			if at = r.Next; at == 0 {
				return nil
			}
		}
	})
}

// supplementSheet gives the rows that were answered again.
func supplementSheet(v *page.Visit) error {
	d, err := fileIn(v)
	if err != nil {
		return err
	}
	return v.Export("estelam-supplement-"+itoa(d.ID), rowHeads(d), func(write func(cells ...string) error) error {
		for at := int64(0); ; {
			r, err := v.Deliveries.SupplementRows(v.Context(), v.Actor(), &delivery.SupplementPage{Delivery: d.ID, After: at})
			if err != nil {
				return err
			}
			for _, a := range r.Rows {
				if err := write(rowCells(d, a)...); err != nil {
					return err
				}
			}
			if at = r.Next; at == 0 {
				return nil
			}
		}
	})
}

// rowHeads and rowCells are a row as programs name its members.
func rowHeads(d *delivery.Delivery) []string {
	return slices.Concat([]string{"row", "status", "tracking_code"}, d.Fields, []string{"differs", "variants", "zeros_restored", "duplicate_of", "weight", "probability_ppm", "warnings"})
}

func rowCells(d *delivery.Delivery, a *delivery.Answer) []string {
	cells := []string{itoa(a.Row), a.Status.String(), a.Code}
	for _, f := range d.Fields {
		value := ""
		if told := a.Values[f]; told != nil {
			value = *told
		}
		cells = append(cells, value)
	}
	some := func(n int64) string {
		if n == 0 {
			return ""
		}
		return itoa(n)
	}
	return append(cells, strings.Join(a.Differs, " "), strings.Join(a.Variants, " "), fmt.Sprint(a.Restored), some(a.Twin), some(a.Weight), some(a.Chance), strings.Join(a.Warnings, " "))
}

// fileReport gives the report on the file's linkage: numbers, nobody's name.
func fileReport(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := v.Deliveries.WriteReport(v.Context(), v.Actor(), &delivery.ReportOf{Delivery: id, Lang: v.Lang, Format: "pdf"}, &b); err != nil {
		return err
	}
	return v.Send("application/pdf", "estelam-report-"+itoa(id)+".pdf", b.Bytes())
}

// part gives one part of the encrypted package, or a range of it.
func part(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(v.R.PathValue("part"), 10, 64)
	if err != nil || n < 0 {
		return page.NotFound()
	}
	p, err := v.Deliveries.Part(v.Context(), v.Asker.Agency.ID, id, n)
	if err != nil {
		return err
	}
	defer p.Close()
	h := v.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="delivery-%d.part%d"`, id, n))
	http.ServeContent(v.W, v.R, "", time.Time{}, p)
	return nil
}
