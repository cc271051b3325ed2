package office

import (
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
)

func deliveryRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{
			page.Get("/office/deliveries", staff, deliveries), page.Get("/office/deliveries/clock", staff, clock),
			page.Get("/office/deliveries/{delivery}", staff, showDelivery), page.Get("/office/deliveries/{delivery}/report", staff, deliveryReport),
		},
		prioritise.Routes(), refuse.Routes(), release.Routes(), supplement.Routes(),
	)
}

var deliveryStates = []string{"requested", "approved", "queued", "running", "delivered", "acknowledged", "refused", "stopped", "withdrawn"}

// deliveries lists what agencies have asked for.
func deliveries(v *page.Visit) error {
	f := delivery.Filter{After: v.Asked("after"), Limit: rowsAPage}
	if f.State.UnmarshalText([]byte(v.R.URL.Query().Get("state"))) != nil {
		return page.NotFound()
	}
	all, err := v.Deliveries.List(v.Context(), v.Actor(), &f)
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.deliveries.delivery"), v.T("console.office.field.agency"), v.T("console.office.deliveries.state"),
			v.T("console.office.deliveries.priority"), v.T("console.office.deliveries.requested"), v.T("console.office.deliveries.due"),
			v.T("console.office.deliveries.rows"),
		),
		Empty: v.T("console.office.deliveries.none"),
	}
	for i := range all {
		d := &all[i]
		due, _ := overdue(v, d)
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: v.No(d.ID), Path: at("/office/deliveries/", d.ID)},
			{Text: v.AgencyName(d.Agency)},
			deliveryState(v, d.State),
			{Text: place(v, d)},
			{Text: v.Moment(d.Requested)},
			{Text: v.Day(d.Due), Small: due},
			{Text: rows(v, d)},
		}})
	}
	if len(all) == rowsAPage {
		table.More = v.Next("after", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	return v.Show(page.Screen{
		Title: v.T("console.office.deliveries.title"), Lead: v.T("console.office.deliveries.lead"),
		Buttons: []page.Button{{Path: "/office/deliveries/clock", Text: v.T("console.office.clock.title"), Ghost: true}},
		Blocks:  []any{v.Tabs("/office/deliveries", "state", "console.office.delivery_state.", append([]string{""}, deliveryStates...)...), table},
	})
}

func deliveryState(v *page.Visit, s delivery.State) page.Cell {
	c := page.Cell{Text: v.T("console.office.delivery_state." + s.String()), Tone: page.Info}
	switch s {
	case delivery.Requested:
		c.Tone = page.Warn
	case delivery.Delivered, delivery.Acknowledged:
		c.Tone = page.Good
	case delivery.Refused, delivery.Stopped, delivery.Withdrawn:
		c.Tone = page.Bad
	}
	return c
}

// place is where a delivery stands in the queue: the board's order comes first.
func place(v *page.Visit, d *delivery.Delivery) string {
	text := "–"
	if d.Priority != 0 {
		text = v.No(int64(d.Priority))
	}
	if d.Rank != 0 {
		text += " · " + v.T("console.office.deliveries.rank", v.No(int64(d.Rank)))
	}
	return text
}

func rows(v *page.Visit, d *delivery.Delivery) string {
	if d.Rows == 0 {
		return "–"
	}
	return v.T("console.office.deliveries.answered", v.Count(d.Answered), v.Count(d.Rows))
}

// overdue says how a delivery stands with the law's six months.
func overdue(v *page.Visit, d *delivery.Delivery) (text, tone string) {
	switch {
	case d.Due.IsZero():
		return "", page.Plain
	case d.Late > 0:
		return v.T("console.office.days.late", v.Count(int64(d.Late))), page.Bad
	case !d.Delivered.IsZero():
		return v.T("console.office.clock.intime"), page.Good
	}
	return days(v, d.Due)
}

// clock shows how agencies stand with the law's six months.
func clock(v *page.Visit) error {
	c, err := v.Deliveries.Clock(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.office.clock.title"), Lead: v.T("console.office.clock.lead"),
		Above: &page.Link{Path: "/office/deliveries", Text: v.T("console.office.deliveries.title")},
	}
	if c.Entry.IsZero() {
		s.Blocks = []any{page.Note{Tone: page.Info, Title: v.T("console.office.clock.stopped"), Text: v.T("console.office.clock.stopped.text")}}
		return v.Show(s)
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.field.agency"), v.T("console.office.clock.asked"), v.T("console.office.clock.delivered"), v.T("console.office.clock.late"),
		),
		Empty: v.T("console.office.clock.none"),
	}
	chart := page.Chart{
		Title: v.T("console.office.clock.chart"), Series: []string{v.T("console.office.clock.late")}, Label: v.T("console.office.field.agency"),
	}
	late, served := int64(0), int64(0)
	for i := range c.Agencies {
		d := &c.Agencies[i]
		row := page.Row{Cells: []page.Cell{
			{Text: d.Name, Path: "/office/agencies/" + d.Agency.String()},
			{Text: v.Count(d.Deliveries)},
			{Text: v.Moment(d.Delivered)},
			{Text: v.T("console.office.clock.intime"), Tone: page.Good},
		}}
		if !d.Delivered.IsZero() {
			served++
		}
		if d.Late > 0 {
			late++
			row.Cells[3] = page.Cell{Text: v.T("console.office.days.late", v.Count(int64(d.Late))), Tone: page.Bad}
			if len(chart.Points) < 12 {
				chart.Points = append(chart.Points, page.Point{Label: d.Name, Values: []float64{float64(d.Late)}})
			}
		}
		if i < 300 {
			table.Rows = append(table.Rows, row)
		}
	}
	left, tone := days(v, c.Due)
	s.Blocks = []any{page.Tiles{
		{Label: v.T("console.office.clock.due"), Value: v.Day(c.Due), Note: left, Tone: tone, Words: true},
		{Label: v.T("console.office.clock.served"), Value: v.Count(served), Note: v.T("console.office.clock.of", v.Count(int64(len(c.Agencies)))), Tone: page.Good},
		{Label: v.T("console.office.clock.lates"), Value: v.Count(late), Tone: page.Bad},
		{Label: v.T("console.office.clock.entry"), Value: v.Day(c.Entry), Words: true},
	}}
	if len(chart.Points) > 0 {
		s.Blocks = append(s.Blocks, v.Chart(chart))
	}
	s.Blocks = append(s.Blocks, table)
	return v.Show(s)
}

// deliveryIn is the delivery in the page's path.
func deliveryIn(v *page.Visit) (*delivery.Delivery, error) {
	id, err := v.Number("delivery")
	if err != nil {
		return nil, err
	}
	return v.Deliveries.Find(v.Context(), v.Actor(), &delivery.Of{Delivery: id})
}

// showDelivery shows one delivery and how far it is.
func showDelivery(v *page.Visit) error {
	d, err := deliveryIn(v)
	if err != nil {
		return err
	}
	path := at("/office/deliveries/", d.ID)
	s := page.Screen{
		Title: v.T("console.office.delivery.title", v.No(d.ID)), Lead: v.AgencyName(d.Agency),
		Above: &page.Link{Path: "/office/deliveries", Text: v.T("console.office.deliveries.title")},
	}
	if chief(v) {
		s.Buttons = deliveryButtons(v, d, path)
	}
	if d.Note != "" {
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Warn, Text: note(v, d.Note)})
	}
	if d.Job != 0 && (d.State == delivery.Queued || d.State == delivery.Running) {
		j, found, err := v.Jobs.ByID(v.Context(), d.Job)
		if err != nil {
			return err
		}
		if found {
			s.Blocks = append(s.Blocks, progressOf(v, j))
			s.Refresh = 5
		}
	}
	if d.Rows > 0 {
		s.Blocks = append(s.Blocks, page.Progress{
			Label: v.T("console.office.delivery.answered"), Share: float64(d.Answered) / float64(d.Rows), Text: rows(v, d),
		})
	}
	s.Blocks = append(s.Blocks, page.Pair{Main: []any{deliveryFacts(v, d)}, Side: []any{deliverySteps(v, d)}})
	return v.Show(s)
}

// note is what a delivery was stopped or refused for: a text of ours, or a code
// word of the registry.
func note(v *page.Visit, word string) string {
	if strings.Contains(word, ".") {
		return v.T(word)
	}
	return reason(v, word)
}

func deliveryButtons(v *page.Visit, d *delivery.Delivery, path string) (all []page.Button) {
	switch d.State {
	case delivery.Requested, delivery.Approved, delivery.Queued:
		return []page.Button{
			{Path: path + "/priority", Text: v.T("console.office.prioritise.link")},
			{Path: path + "/refuse", Text: v.T("console.office.refuse.link"), Ghost: true},
		}
	case delivery.Stopped:
		return []page.Button{{Path: path + "/release", Text: v.T("console.office.release.link")}}
	case delivery.Delivered, delivery.Acknowledged:
		return []page.Button{
			{Path: path + "/report", Text: v.T("console.office.delivery.report"), Icon: "print", Ghost: true},
			{Path: at("/office/reviews?delivery=", d.ID), Text: v.T("console.office.reviews.title"), Ghost: true},
			{Path: path + "/supplement", Text: v.T("console.office.supplement.link"), Ghost: true},
		}
	}
	return nil
}

func deliveryFacts(v *page.Visit, d *delivery.Delivery) page.Facts {
	state := deliveryState(v, d.State)
	due, tone := overdue(v, d)
	fields := make([]string, len(d.Fields))
	for i, name := range d.Fields {
		fields[i] = field(v, name)
	}
	f := page.Facts{List: []page.Fact{
		{Label: v.T("console.office.deliveries.state"), Value: state.Text, Tone: state.Tone},
		{Label: v.T("console.office.deliveries.due"), Value: v.Day(d.Due), Small: due},
		{Label: v.T("console.office.deliveries.priority"), Value: place(v, d)},
		{Label: v.T("console.office.delivery.purpose"), Value: v.Known("console.word.", d.Purpose)},
		{Label: v.T("console.office.delivery.fields"), Value: strings.Join(fields, " · ")},
		{Label: v.T("console.office.delivery.method"), Value: v.T("console.office.method." + d.Method)},
		{Label: v.T("console.office.delivery.coverage"), Value: v.T("console.office.coverage." + d.Coverage), Small: strings.Join(d.Provinces, " · ")},
		{Label: v.T("console.office.field.document"), Value: d.Document, Small: reason(v, d.Reason)},
		{
			Label: v.T("console.office.agreement.number"), Path: at("/office/agreements/", d.Agreement),
			Value: v.T("console.office.delivery.clause", v.No(d.Agreement), v.No(int64(d.Version)), v.No(int64(d.Clause))),
		},
	}}
	if tone == page.Bad {
		f.List[1].Tone = tone
	}
	if d.SHA256 != "" {
		f.List = append(f.List, page.Fact{Label: v.T("console.office.delivery.file"), Value: short(d.SHA256), Small: d.Format + " · " + v.Size(d.Size), Number: true})
	}
	return f
}

// deliverySteps are the moments of a delivery, the newest first.
func deliverySteps(v *page.Visit, d *delivery.Delivery) page.Timeline {
	line := page.Timeline{Title: v.T("console.office.case.steps")}
	add := func(at string, key, by, tone string) {
		if at != "–" {
			line.Events = slices.Insert(line.Events, 0, page.Event{When: at, Title: v.T(key), By: by, Tone: tone, Icon: "ok"})
		}
	}
	add(v.Moment(d.Requested), "console.office.delivery_step.requested", officer(v, d.Agency, d.Officer), page.Info)
	add(v.Moment(d.Decided), "console.office.delivery_step.decided", "", page.Info)
	add(v.Moment(d.Queued), "console.office.delivery_step.queued", "", page.Info)
	add(v.Moment(d.Linked), "console.office.delivery_step.linked", "", page.Info)
	add(v.Moment(d.Delivered), "console.office.delivery_step.delivered", "", page.Good)
	add(v.Moment(d.Acknowledged), "console.office.delivery_step.acknowledged", "", page.Good)
	add(v.Moment(d.Ended), "console.office.delivery_step.ended", "", page.Bad)
	add(v.Moment(d.Purged), "console.office.delivery_step.purged", "", page.Plain)
	return line
}

// deliveryReport sends the report on a file's linkage, which names nobody.
func deliveryReport(v *page.Visit) error {
	id, err := v.Number("delivery")
	if err != nil {
		return err
	}
	var out strings.Builder
	if err := v.Deliveries.WriteReport(v.Context(), v.Actor(), &delivery.ReportOf{Delivery: id, Lang: v.Lang, Format: "pdf"}, &out); err != nil {
		return err
	}
	return v.Send("application/pdf", at("delivery-", id)+".pdf", []byte(out.String()))
}
