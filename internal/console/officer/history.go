package officer

import (
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
)

// outcomes in the order of lists.
var outcomes = []string{
	inquiry.Confirmed, inquiry.Differs, inquiry.Answered, inquiry.NotFound, inquiry.Dead, inquiry.Cancelled, inquiry.Protected, inquiry.Refused,
}

func historyRoutes() []page.Route {
	return []page.Route{page.Get("/officer/history", both, history), page.Get("/officer/history.xlsx", both, historySheet)}
}

// historyKey begins the keys of these pages' texts.
const historyKey = "console.officer.history."

// pastFilter reads what the address narrows the list to. Nothing of it is
// about a person. What is wrong is shown at its control.
func pastFilter(v *page.Visit) (f inquiry.HistoryFilter, err error) {
	q := v.R.URL.Query()
	get := func(name string) string { return page.Cleaned(q.Get(name)) }
	f = inquiry.HistoryFilter{Service: get("service"), Outcome: get("outcome"), Purpose: get("purpose"), Process: get("process"), Officer: get("officer")}
	var bad fault.List
	for name, to := range map[string]*persian.Date{"from": &f.From, "until": &f.Until} {
		if get(name) == "" {
			continue
		}
		day, err := persian.ParseDate(get(name))
		bad.When(err != nil || !day.Precise(), name, "console.officer.history.day")
		if err == nil && day.Precise() {
			*to = day
		}
	}
	if f.After.UnmarshalText([]byte(q.Get("after"))) != nil {
		return f, page.NotFound()
	}
	return f, bad.Err()
}

// history lists what the officer has asked; the highest officer sees what the
// whole agency has. Nobody's name or number stands there: they are read answer
// by answer.
func history(v *page.Visit) error {
	f, wrong := pastFilter(v)
	h := &inquiry.History{}
	if wrong == nil {
		h, wrong = v.Desk.History(v.Context(), *v.Asker, f)
	}
	if wrong != nil && fault.Of(wrong).Kind != fault.Invalid {
		return wrong
	}
	m, _ := v.MistakesOf(wrong)
	s := page.Screen{Title: v.T(historyKey + "title"), Lead: v.T(historyKey + "lead." + v.Role())}
	t := pastTable(v, h, m)
	if wrong != nil {
		s.Status = fault.Of(wrong).Kind.Status()
	} else {
		s.Blocks = append(s.Blocks, lookedNote(v, h))
	}
	s.Blocks = append([]any{t}, s.Blocks...)
	return v.Show(s)
}

func pastTable(v *page.Visit, h *inquiry.History, m page.Mistakes) *page.Table {
	t := &page.Table{
		Empty: v.T(historyKey + "empty"), Filter: pastControls(v, m),
		Columns: page.Head(v.T(historyKey+"when"), v.T("console.code"), v.T("console.service"), v.T("console.ask.purpose"), v.T("console.ask.file"), v.T("console.outcome")),
	}
	head := v.Role() == agency.RoleHead
	for i := range h.Inquiries {
		p := &h.Inquiries[i]
		when := page.Cell{Text: v.Day(persian.DateOf(p.Time)), Small: v.Hour(p.Time)}
		if head {
			when.Small += " · " + p.Officer
		}
		row := page.Row{Cells: []page.Cell{when, {Code: string(p.Code), Path: "/officer/inquiries/" + string(p.Code)}}}
		if p.Service == "" { // purged
			row.Cells = append(row.Cells, page.Cell{Text: v.T(historyKey + "purged")}, page.Cell{}, page.Cell{}, page.Cell{})
		} else {
			row.Cells = append(row.Cells,
				page.Cell{Text: v.T("console.service." + p.Service), Small: modeWord(v, p.Service, p.Mode)},
				page.Cell{Text: codeWord(v, p.Purpose), Small: processTitle(v, p.Process)},
				page.Cell{Text: v.Digits(p.File)},
				page.Cell{Text: v.T("console.officer.outcome." + p.Outcome), Tone: toneOf(p.Outcome)})
		}
		t.Rows = append(t.Rows, row)
	}
	q := v.R.URL.Query()
	q.Del("after")
	t.Export = "/officer/history.xlsx?" + q.Encode()
	if !h.Next.IsZero() {
		at, _ := h.Next.MarshalText() // it never fails
		q.Set("after", string(at))
		t.More = "/officer/history?" + q.Encode()
	}
	return t
}

// modeWord names the mode of a service that has more than one.
func modeWord(v *page.Visit, service, mode string) string {
	if service == inquiry.Predicates || mode == "" {
		return ""
	}
	return v.T("console.mode." + mode)
}

// processTitle is what the agency's catalogue calls a process.
func processTitle(v *page.Visit, code string) string {
	if code == "" {
		return ""
	}
	if p, ok := v.Processes.Find(v.Asker.Agency.ID, code); ok {
		return p.Title
	}
	return codeWord(v, code)
}

// pastControls are the filter above the list.
func pastControls(v *page.Visit, m page.Mistakes) *page.Filter {
	q := v.R.URL.Query()
	input := func(c page.Control) page.Input {
		c.Optional = true
		return v.Input(historyKey, c, q[c.Name], m)
	}
	any := v.T(historyKey + "any")
	choose := func(name string, values []string, text func(string) string) page.Input {
		return input(page.Control{Name: name, Kind: page.Choose1, Options: page.Blank(any, page.Choose(values, "", text))})
	}
	f := &page.Filter{Path: "/officer/history", Controls: []page.Input{
		input(page.Control{Name: "from", Kind: page.Date}), input(page.Control{Name: "until", Kind: page.Date}),
		choose("service", inquiry.Services, func(s string) string { return v.T("console.service." + s) }),
		choose("outcome", outcomes, func(s string) string { return v.T("console.officer.outcome." + s) }),
	}}
	purposes, processes := permitted(v)
	if len(purposes) > 0 {
		f.Controls = append(f.Controls, choose("purpose", purposes, func(s string) string { return codeWord(v, s) }))
	}
	if len(processes) > 0 {
		f.Controls = append(f.Controls, choose("process", processes, func(s string) string { return processTitle(v, s) }))
	}
	if v.Role() == agency.RoleHead {
		f.Controls = append(f.Controls, input(page.Control{Name: "officer", Kind: page.Latin}))
	}
	return f
}

// permitted are the purposes that the agreement names, and the processes that
// it or the agency's catalogue does.
func permitted(v *page.Visit) (purposes, processes []string) {
	if a, ok := v.Agreements.InForce(v.Asker.Agency.ID, v.Clock()); ok {
		purposes, processes = worded(a)
	}
	for _, p := range v.Processes.Of(v.Asker.Agency.ID) {
		processes = union(processes, []string{p.Code})
	}
	slices.Sort(processes)
	return purposes, processes
}

func worded(a *agreement.Agreement) (purposes, processes []string) {
	for i := range a.Clauses {
		purposes, processes = union(purposes, a.Clauses[i].Purposes), union(processes, a.Clauses[i].Processes)
	}
	slices.Sort(purposes)
	return purposes, processes
}

// lookedNote says how far back a page has looked, where that is not the end.
func lookedNote(v *page.Visit, h *inquiry.History) any {
	if h.Next.IsZero() || h.Back.IsZero() {
		return page.Text{v.T(historyKey + "whole")}
	}
	return page.Text{v.T(historyKey+"looked", v.Count(int64(h.Looked)), v.Moment(h.Back))}
}

// historySheet gives the same as a spreadsheet, row by row as it is read.
func historySheet(v *page.Visit) error {
	f, err := pastFilter(v)
	if err != nil {
		return err
	}
	heads := []string{
		v.T(historyKey + "when"), v.T("console.code"), v.T("console.ask.officer"), v.T("console.service"), v.T(historyKey + "mode"),
		v.T("console.ask.purpose"), v.T("console.ask.process"), v.T("console.ask.file"), v.T("console.outcome"),
	}
	return v.Export("estelam-history", heads, func(write func(cells ...string) error) error {
		whole, err := v.Desk.EachPast(v.Context(), *v.Asker, f, func(p *inquiry.Past) error {
			at := p.Time.In(persian.Tehran)
			return write(persian.DateOf(p.Time).String()+at.Format(" 15:04:05"), string(p.Code), p.Officer, p.Service, p.Mode, p.Purpose, p.Process, p.File, p.Outcome)
		})
		if err == nil && !whole {
			err = write(v.T(historyKey + "cut"))
		}
		return err
	})
}
