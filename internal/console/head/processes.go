package head

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/process"
)

func processRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/head/processes", processes),
		get("/head/processes/of/{code}", processPage),
		get("/head/waves", waves),
	}, newProcess.Routes(), editProcess.Routes(), turnProcess.Routes(), endProcess.Routes())
}

// processes lists the agency's catalogue beside what was really asked.
func processes(v *page.Visit) error {
	evidence, err := v.Processes.Evidence(v.Context(), v.Actor(), &process.EvidenceFilter{})
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.head.processes.list"), Empty: v.T("console.head.processes.none"),
		Columns: page.Head(v.T("console.head.column.process"), v.T("console.head.column.state"), v.T("console.head.column.since"), v.T("console.head.column.documents"),
			v.T("console.head.column.declared"), v.T("console.head.column.asked")),
	}
	t.Columns[4].Number, t.Columns[5].Number = true, true
	count := map[process.State]int64{}
	flagged := int64(0)
	for i := range evidence {
		e := &evidence[i]
		count[e.State]++
		month := e.Months[len(e.Months)-1]
		asked := page.Cell{Text: v.Count(month.Inquiries)}
		if e.Flagged {
			flagged++
			asked = page.Cell{Text: v.Count(month.Inquiries), Tone: page.Warn, Small: v.T("console.head.process.few")}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: e.Title, Small: page.Isolated(e.Code), Path: "/head/processes/of/" + e.Code},
			badge(v, "process", e.State.String()),
			{Text: v.ShortDay(e.Since), Number: true},
			{Text: documentNames(v, e.Documents)},
			{Text: v.Count(e.Monthly)},
			asked,
		}})
	}
	blocks := []any{}
	if n := int64(len(evidence)); n > 0 {
		share := float64(count[process.Online]) / float64(n)
		blocks = append(blocks, page.Tiles{
			{Label: v.T("console.head.state.process.online"), Value: v.Percent(share), Note: v.T("console.head.of", v.Count(count[process.Online]), v.Count(n)), Tone: page.Good},
			{Label: v.T("console.head.state.process.copies"), Value: v.Count(count[process.Copies]), Note: v.T("console.head.processes.copies.note"), Tone: bad(count[process.Copies])},
			{Label: v.T("console.head.state.process.exception"), Value: v.Count(count[process.Exception]), Note: v.T("console.head.processes.exception.note")},
			{Label: v.T("console.head.processes.flagged"), Value: v.Count(flagged), Note: v.T("console.head.processes.flagged.note"), Tone: warn(flagged)},
		})
	}
	blocks = append(blocks, t)
	if ended := endedTable(v); ended != nil {
		blocks = append(blocks, ended)
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.processes.title"), Lead: v.T("console.head.processes.lead"), Blocks: blocks,
		Buttons: []page.Button{{Path: "/head/processes/new", Text: v.T("console.head.processes.new"), Icon: "predicate"}},
	})
}

// bad and warn colour a count that should be zero.
func bad(n int64) string {
	if n > 0 {
		return page.Bad
	}
	return page.Good
}

func warn(n int64) string {
	if n > 0 {
		return page.Warn
	}
	return page.Good
}

func documentNames(v *page.Visit, codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = v.DocumentName(c)
	}
	return page.OrDash(v.List(names))
}

// endedTable lists processes that were given up; nil if none was.
func endedTable(v *page.Visit) *page.Table {
	t := &page.Table{Title: v.T("console.head.processes.ended"), Columns: page.Head(v.T("console.head.column.process"), v.T("console.head.column.reason"))}
	for _, p := range v.Processes.Of(v.Asker.Agency.ID) {
		if p.Ended {
			t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: p.Title, Small: page.Isolated(p.Code)}, {Text: p.Reason}}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}
