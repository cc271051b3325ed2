package board

import (
	"cmp"
	"io"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/quarter"
	"github.com/estelam/estelam/internal/register"
)

// quarterPage shows one report: what the Council will read, and whose hands it
// has gone through. All of it is read from the report's document.
func quarterPage(v *page.Visit) error {
	r, err := reportIn(v)
	if err != nil {
		return err
	}
	d := r.Document
	path := "/board/quarters/" + r.Quarter.String()
	s := page.Screen{
		Title: v.T("console.board.quarter.title", quarterName(v, r.Quarter)), Lead: v.T("console.board.quarter.lead", v.Day(d.From), v.Day(d.Until)),
		Above: &page.Link{Path: "/board/quarters", Text: v.T("console.board.quarters.title")},
		Buttons: []page.Button{
			{Path: path + "/paper", Text: v.T("console.board.pdf"), Icon: "down", Ghost: true},
			{Path: path + "/table", Text: v.T("console.board.xlsx"), Icon: "down", Ghost: true},
		},
	}
	if v.Role() == register.Member && r.State != quarter.Issued {
		s.Buttons = append(s.Buttons, stepButtons(v, r, path)...)
	}
	s.Blocks = []any{
		quarterNote(v, r), quarterTiles(v, d), remark(v, "summary", d.Remarks.Summary),
		page.Pair{Main: []any{asksChart(v, d)}, Side: []any{serviceMeters(v, d)}},
		lineTable(v, d), supervision(v, d),
		quarterDeadlines(v, d), quarterDecisions(v, d), remark(v, "obstacles", d.Remarks.Obstacles), remark(v, "proposals", d.Remarks.Proposals),
		agencyLines(v, d),
		page.Pair{Main: []any{hands(v, r)}, Side: []any{proof(v, r)}, Even: true},
	}
	return v.Show(s)
}

// stepButtons lead to the steps that a report can take now; the acts have the
// last word on whose hand it may be.
func stepButtons(v *page.Visit, r *quarter.Report, path string) []page.Button {
	back := page.Button{Path: path + "/return", Text: v.T("console.board.return.link"), Ghost: true}
	if r.State == quarter.Reviewed {
		return []page.Button{{Path: path + "/issue", Text: v.T("console.board.issue.link"), Icon: "lock"}, back}
	}
	return []page.Button{
		{Path: path + "/review", Text: v.T("console.board.review.link"), Icon: "check"},
		back,
		{Path: path + "/draw", Text: v.T("console.board.draw.again"), Icon: "pen", Ghost: true},
	}
}

func quarterNote(v *page.Visit, r *quarter.Report) any {
	switch {
	case r.State == quarter.Issued:
		return page.Code{Label: v.T("console.board.quarter.code"), Code: string(r.Code), Text: v.T("console.board.quarter.code.text")}
	case r.Note != "":
		return page.Note{Tone: page.Bad, Title: v.T("console.board.quarters.returned"), Text: r.Note}
	case r.State == quarter.Reviewed:
		return page.Note{Tone: page.Info, Title: v.T("console.board.state.quarter.reviewed"), Text: v.T("console.board.quarter.reviewed.text")}
	}
	return page.Note{Tone: page.Warn, Title: v.T("console.board.state.quarter.draft"), Text: v.T("console.board.quarter.draft.text")}
}

func quarterTiles(v *page.Visit, d *quarter.Document) page.Tiles {
	c := &d.Country
	tile := func(key string, n int64, note, tone string) page.Tile {
		return page.Tile{Label: v.T("quarter.fact." + key), Value: v.Count(n), Note: note, Tone: tone}
	}
	late := int64(0)
	for i := range d.Deadlines {
		late += d.Deadlines[i].Late
	}
	return page.Tiles{
		tile("inquiries", c.Inquiries, v.T("console.board.quarter.before", v.Count(d.Before.Inquiries)), page.Good),
		tile("agreements", c.Agreements, v.T("console.board.quarter.of_bodies", v.Count(c.Bodies)), page.Good),
		tile("online", c.Online, v.T("console.board.quarter.of_processes", v.Count(c.Processes)), page.Good),
		tile("copies", c.Copies, v.T("quarter.fact.copies.note", v.Count(c.Exceptions)), toneIf(c.Copies > 0, page.Warn)),
		tile("reports", c.Reports, v.T("quarter.fact.reports.note", v.Count(c.Upheld)), toneIf(c.Upheld > 0, page.Warn)),
		tile("misuse", c.Misuse, v.T("quarter.fact.misuse.note", v.Count(c.Sampled)), toneIf(c.Misuse > 0, page.Bad)),
		tile("late", late, v.T("quarter.fact.late.note"), toneIf(late > 0, page.Bad)),
	}
}

func remark(v *page.Visit, name, text string) any {
	if text == "" {
		return nil
	}
	return page.Panel{Title: v.T("quarter.remark." + name), Blocks: []any{lines(text)}}
}

func asksChart(v *page.Visit, d *quarter.Document) *page.Chart {
	c := page.Chart{
		Title: v.T("quarter.inquiries.chart"), Label: v.T("quarter.month"), Series: []string{v.T("quarter.answered"), v.T("quarter.not_found"), v.T("quarter.refused")},
	}
	for _, m := range d.Months {
		c.Points = append(c.Points, page.Point{Label: monthShort(v, m.Month), Values: []float64{float64(m.Answered), float64(m.NotFound), float64(m.Refused)}})
	}
	return v.Chart(c)
}

func serviceMeters(v *page.Visit, d *quarter.Document) page.Meters {
	m := page.Meters{Title: v.T("quarter.services.chart"), Empty: v.T("quarter.inquiries.none")}
	sum := int64(0)
	for _, s := range d.Services {
		sum += s.Inquiries
	}
	for _, s := range d.Services[:min(8, len(d.Services))] {
		m.Lines = append(m.Lines, page.Progress{Label: v.Known("agreement.asks.", s.Service), Share: float64(s.Inquiries) / float64(max(sum, 1)), Text: v.Count(s.Inquiries)})
	}
	return m
}

// lineTable is the figures of the provinces.
func lineTable(v *page.Visit, d *quarter.Document) *page.Table {
	t := &page.Table{
		Title: v.T("quarter.provinces"), Empty: v.T("quarter.none"),
		Columns: heads(v, "province", "*bodies", "*agreements", "*inquiries", "*online", "*copies", "*upheld"),
	}
	for i := range d.Provinces {
		l := &d.Provinces[i]
		name := l.Province
		if name == "" {
			name = v.T("quarter.national")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: name}, countCell(v, l.Bodies), countCell(v, l.Agreements), countCell(v, l.Inquiries), countCell(v, l.Online), countCell(v, l.Copies), countCell(v, l.Upheld),
		}})
	}
	return t
}

// supervision is what citizens and inspectors found, beside what is in the way.
func supervision(v *page.Visit, d *quarter.Document) page.Pair {
	c := &d.Country
	f := func(key string, n int64) page.Fact { return figureFact(v, key, n, "") }
	return page.Pair{
		Main: []any{page.Facts{Title: v.T("quarter.supervision"), List: []page.Fact{
			f("filed", c.Reports), f("upheld", c.Upheld), f("answered_late", c.Late), f("sampled", c.Sampled), f("misuse", c.Misuse), f("narrowed", c.Narrowed),
		}}},
		Side: []any{page.Facts{Title: v.T("console.board.quarter.in_the_way"), List: []page.Fact{
			f("obstacles", c.Obstacles), f("overdue", c.Overdue), f("own_copies", c.OwnCopies), f("tickets", c.Tickets), f("unresolved", c.Unresolved),
		}}}, Even: true,
	}
}

func quarterDeadlines(v *page.Visit, d *quarter.Document) *page.Table {
	t := &page.Table{Title: v.T("quarter.deadlines"), Columns: heads(v, "clause", "duty", "state", "due", "*met", "*late", "*days_late")}
	for i := range d.Deadlines {
		l := &d.Deadlines[i]
		if l.Bodies == 0 {
			continue
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Law(l.Clause)},
			{Text: v.Either(l.Fa, l.En)},
			badge(v, "deadline", l.State), dayCell(v, l.Due),
			countCell(v, l.Met), countCell(v, l.Late), countCell(v, l.MostLate),
		}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

func quarterDecisions(v *page.Visit, d *quarter.Document) *page.Table {
	t := &page.Table{Title: v.T("quarter.decisions"), Empty: v.T("console.board.quarter.no_decisions"), Columns: heads(v, "date", "reference", "text")}
	for _, x := range d.Decisions {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{dayCell(v, x.Date), {Text: x.Reference}, {Text: x.Text}}})
	}
	return t
}

// agencyLines are the agencies with most inquiries; the spreadsheet has all.
func agencyLines(v *page.Visit, d *quarter.Document) *page.Table {
	t := &page.Table{
		Title: v.T("quarter.agencies"), Note: v.T("console.board.quarter.agencies.note"), Empty: v.T("quarter.none"),
		Columns: heads(v, "agency", "province", "*inquiries", "*processes", "*copies", "*online", "*upheld", "*misuse"),
	}
	all := slices.Clone(d.Agencies)
	slices.SortStableFunc(all, func(a, b quarter.Line) int { return cmp.Compare(b.Inquiries, a.Inquiries) })
	for i := range all[:min(20, len(all))] {
		l := &all[i]
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: l.Name},
			{Text: page.OrDash(l.Province)},
			countCell(v, l.Inquiries), countCell(v, l.Processes), countCell(v, l.Copies), countCell(v, l.Online),
			countCell(v, l.Upheld), countCell(v, l.Misuse),
		}})
	}
	return t
}

// hands are the three that a report goes through.
func hands(v *page.Visit, r *quarter.Report) page.Timeline {
	line := page.Timeline{Title: v.T("console.board.quarter.hands")}
	for _, h := range []struct {
		what, icon string
		by         *quarter.Signer
	}{{"issued", "lock", r.Issued}, {"reviewed", "check", r.Reviewed}, {"drafted", "pen", &r.Drafted}} {
		e := page.Event{When: v.T("console.board.quarter.waits"), Title: v.T("console.board.quarter.hand." + h.what), Icon: h.icon}
		if h.by != nil {
			e.When, e.By, e.Text, e.Tone = v.Moment(h.by.At), officerName(v, h.by.Body, h.by.Login), v.AgencyName(h.by.Body), page.Good
		}
		line.Events = append(line.Events, e)
	}
	return line
}

func proof(v *page.Visit, r *quarter.Report) page.Facts {
	return page.Facts{Title: v.T("quarter.proof"), List: []page.Fact{
		numberFact(v, "digest", page.Grouped(r.Digest)), fact(v, "drawn", v.Moment(r.Document.Drawn)), fact(v, "log_size", v.Count(r.Document.Log.Size)),
		numberFact(v, "log_root", page.Grouped(r.Document.Log.Root)), fact(v, "version", v.Count(r.Version)),
	}}
}

func quarterPaper(v *page.Visit) error {
	q, err := quarterAt(v)
	if err != nil {
		return err
	}
	return v.SendMade(letter.PaperType(letter.PDF), q.String()+".pdf", func(w io.Writer) error {
		return v.Quarters.Write(v.Context(), v.Actor(), &quarter.Reading{Quarter: q, Lang: v.Lang, Format: letter.PDF}, w)
	})
}

func quarterTable(v *page.Visit) error {
	q, err := quarterAt(v)
	if err != nil {
		return err
	}
	return v.SendMade(page.XLSX, q.String()+".xlsx", func(w io.Writer) error {
		return v.Quarters.WriteTable(v.Context(), v.Actor(), &quarter.Reading{Quarter: q, Format: "xlsx"}, w)
	})
}
