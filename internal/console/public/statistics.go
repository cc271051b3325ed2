package public

import (
	"io"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/quarter"
)

const statisticsKey = "console.public.statistics."

// anyone is who reads the statistics: only what is issued is for him.
var anyone = journal.Actor{}

// statistics shows the newest quarterly report that the board has issued, or
// the one that the address names. All figures are the report's own: they are
// frozen, and its digest stands in the log.
func statistics(v *page.Visit) error {
	all, err := v.Quarters.List(v.Context(), anyone)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return v.Show(page.Screen{Title: v.T(statisticsKey + "title"), Lead: v.T(statisticsKey + "lead"), Blocks: []any{
			page.Note{Tone: page.Info, Title: v.T(statisticsKey + "none"), Text: v.T(statisticsKey + "none.text")}, logTile(v),
		}})
	}
	q := all[0].Quarter
	if named := v.R.PathValue("quarter"); named != "" {
		if q, err = quarter.Parse(named); err != nil {
			return page.NotFound()
		}
	}
	r, err := v.Quarters.Find(v.Context(), anyone, q)
	if err != nil {
		return err
	}
	d := r.Document
	s := page.Screen{
		Title: quarterName(v, q), Lead: v.T(statisticsKey + "lead"),
		Buttons: []page.Button{
			{Path: "/statistics/" + q.String() + "/pdf", Text: v.T(statisticsKey + "pdf"), Icon: "down"},
			{Path: "/statistics/" + q.String() + "/xlsx", Text: v.T(statisticsKey + "xlsx"), Icon: "down", Ghost: true},
		},
		Blocks: []any{statisticsTiles(v, d), monthsChart(v, d), page.Pair{Even: true, Main: []any{servicesTable(v, d)}, Side: []any{removal(v, d)}}, provincesTable(v, d)},
	}
	if d.Remarks.Summary != "" {
		s.Blocks = append(s.Blocks, page.Panel{Title: v.T(statisticsKey + "summary"), Blocks: []any{page.Text(strings.Split(d.Remarks.Summary, "\n"))}})
	}
	s.Blocks = append(s.Blocks, issuedTable(v, all), proofFacts(v, r), logTile(v))
	return v.Show(s)
}

func quarterName(v *page.Visit, q quarter.Quarter) string {
	return v.T(statisticsKey+"quarter."+strconv.Itoa(q.No), v.Digits(strconv.Itoa(q.Year)))
}

func logTile(v *page.Visit) page.Tiles {
	return page.Tiles{{Label: v.T(statisticsKey + "entries"), Value: v.Count(v.Journal.State().Size), Note: v.T(statisticsKey + "entries.text"), Path: "/log-state"}}
}

func statisticsTiles(v *page.Visit, d *quarter.Document) page.Tiles {
	c := &d.Country
	tile := func(name string, n int64, note string) page.Tile {
		return page.Tile{Label: v.T(statisticsKey + name), Value: v.Count(n), Note: note}
	}
	return page.Tiles{
		tile("inquiries", c.Inquiries, v.T(statisticsKey+"before", v.Count(d.Before.Inquiries))),
		tile("agreements", c.Agreements, v.T(statisticsKey+"of", v.Count(c.Bodies))),
		tile("online", c.Online, v.T(statisticsKey+"of", v.Count(c.Processes))),
		tile("reports", c.Reports, v.T(statisticsKey+"upheld", v.Count(c.Upheld))),
	}
}

// monthsChart is the inquiries of twelve months by what became of them.
func monthsChart(v *page.Visit, d *quarter.Document) *page.Chart {
	c := page.Chart{
		Title: v.T(statisticsKey + "months"), Kind: page.Columns, Label: v.T("console.public.me.chart.month"),
		Series: []string{v.T(statisticsKey + "answered"), v.T(statisticsKey + "not_found"), v.T(statisticsKey + "refused")},
	}
	for _, m := range d.Months {
		label := monthName(v, m.Month)
		c.Points = append(c.Points, page.Point{Label: label, Values: []float64{float64(m.Answered), float64(m.NotFound), float64(m.Refused)}})
	}
	return v.Chart(c)
}

func servicesTable(v *page.Visit, d *quarter.Document) page.Table {
	t := page.Table{
		Title: v.T(statisticsKey + "services"), Empty: v.T(statisticsKey + "no_inquiries"),
		Columns: []page.Column{{Title: v.T("console.service")}, {Title: v.T(statisticsKey + "inquiries"), Number: true}},
	}
	for _, s := range d.Services {
		name := s.Service
		if key := "console.service." + s.Service; message.Known(key) {
			name = v.T(key)
		}
		t.Rows = append(t.Rows, page.Cells(name, v.Count(s.Inquiries)))
	}
	return t
}

// removal is how far copies are gone, by province.
func removal(v *page.Visit, d *quarter.Document) page.Meters {
	m := page.Meters{Title: v.T(statisticsKey + "removal"), Empty: v.T(statisticsKey + "no_processes")}
	for i := range d.Provinces {
		if p := &d.Provinces[i]; p.Processes > 0 {
			share := float64(p.Online) / float64(p.Processes)
			m.Lines = append(m.Lines, page.Progress{Label: provinceName(v, p), Share: share, Text: v.Percent(share)})
		}
	}
	return m
}

func provinceName(v *page.Visit, l *quarter.Line) string {
	if l.Province == "" {
		return v.T(statisticsKey + "national")
	}
	return l.Province
}

func provincesTable(v *page.Visit, d *quarter.Document) page.Table {
	t := page.Table{Title: v.T(statisticsKey + "provinces"), Columns: []page.Column{{Title: v.T(statisticsKey + "province")}}}
	for _, name := range []string{"bodies", "agreements", "inquiries", "processes", "online", "reports", "upheld_short"} {
		t.Columns = append(t.Columns, page.Column{Title: v.T(statisticsKey + name), Number: true})
	}
	for i := range d.Provinces {
		p := &d.Provinces[i]
		t.Rows = append(t.Rows, page.Cells(provinceName(v, p), v.Count(p.Bodies), v.Count(p.Agreements), v.Count(p.Inquiries),
			v.Count(p.Processes), v.Count(p.Online), v.Count(p.Reports), v.Count(p.Upheld)))
	}
	return t
}

func issuedTable(v *page.Visit, all []quarter.Report) page.Table {
	t := page.Table{Title: v.T(statisticsKey + "issued"), Columns: page.Head(v.T(statisticsKey+"report"), v.T(statisticsKey+"issued.on"))}
	for i := range all {
		r := &all[i]
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: quarterName(v, r.Quarter), Path: "/statistics/" + r.Quarter.String()}, {Text: v.Moment(r.Issued.At)},
		}})
	}
	return t
}

// proofFacts tie the report to the log: whoever holds the receipt of its issue
// can prove what was issued.
func proofFacts(v *page.Visit, r *quarter.Report) page.Facts {
	return page.Facts{Title: v.T(statisticsKey + "proof"), List: []page.Fact{
		{Label: v.T("console.code"), Value: strings.Join(page.Groups(string(r.Code)), " "), Number: true, Path: "/check?code=" + string(r.Code)},
		{Label: v.T(statisticsKey + "digest"), Value: strings.Join(page.Groups(r.Digest), " "), Number: true},
		{Label: v.T(statisticsKey + "drawn"), Value: v.Moment(r.Document.Drawn)},
	}}
}

// statisticsPaper is the report as it was issued.
func statisticsPaper(v *page.Visit) error {
	return statisticsFile(v, "application/pdf", ".pdf", func(in *quarter.Reading, w io.Writer) error {
		in.Format = "pdf"
		return v.Quarters.Write(v.Context(), anyone, in, w)
	})
}

// statisticsTable is its figures by agency.
func statisticsTable(v *page.Visit) error {
	return statisticsFile(v, page.XLSX, ".xlsx", func(in *quarter.Reading, w io.Writer) error {
		in.Format = "xlsx"
		return v.Quarters.WriteTable(v.Context(), anyone, in, w)
	})
}

func statisticsFile(v *page.Visit, kind, ending string, write func(*quarter.Reading, io.Writer) error) error {
	q, err := quarter.Parse(v.R.PathValue("quarter"))
	if err != nil {
		return page.NotFound()
	}
	return v.SendMade(kind, "estelam-"+q.String()+ending, func(w io.Writer) error {
		return write(&quarter.Reading{Quarter: q, Lang: v.Lang}, w)
	})
}
