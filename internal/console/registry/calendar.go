package registry

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func calendarRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/registry/hours", hours), get("/registry/hours/{office}/{day}", expected), get("/registry/timetables", timetables)},
		plan.Routes(), timetable.Routes())
}

// weeks is how far the calendar looks ahead.
const weeks = 2

// hours is the calendar of a registry office: which hours are planned and how
// full they are.
func hours(v *page.Visit) error {
	q := v.R.URL.Query()
	n, _ := strconv.Atoi(persian.ASCII(q.Get("office")))
	offices := v.Persons.Offices()
	if n == 0 && len(offices) > 0 {
		n = offices[0].Code
	}
	from := persian.DateOf(v.Clock())
	if d, err := persian.ParseDate(q.Get("from")); err == nil && d.Precise() {
		from = d
	}
	to := from.AddDays(7*weeks - 1)
	all, err := v.Persons.OfficeHours(v.Context(), v.Actor(), n, from, to)
	if err != nil {
		return err
	}
	c := office(v)
	c.Name, c.Label = "office", "console.registry.field.office"
	filter := &page.Filter{Path: "/registry/hours", Controls: []page.Input{
		v.Input("console.registry.hours.", c, []string{strconv.Itoa(n)}, page.Mistakes{}),
		v.Input("console.registry.hours.", optional(own("from", page.Date)), []string{from.String()}, page.Mistakes{}),
	}}
	screen := page.Screen{
		Title: v.T("console.registry.hours.title"), Lead: v.T("console.registry.hours.lead"),
		Blocks: []any{filter, hoursChart(v, n, all), calendar(v, n, from, all)},
	}
	if v.Role() == register.Supervisor {
		screen.Buttons = []page.Button{{Path: "/registry/hours/plan", Text: v.T("console.registry.plan.title"), Icon: "plus"}}
	}
	return v.Show(screen)
}

// hoursChart shows how full the days are.
func hoursChart(v *page.Visit, office int, all []person.Slot) *page.Chart {
	if len(all) == 0 {
		return nil
	}
	c := page.Chart{
		Title: v.T("console.registry.hours.chart", officeOf(v, office)), Kind: page.Columns, Label: v.T("console.registry.field.day"),
		Series: []string{v.T("console.registry.hours.taken"), v.T("console.registry.hours.free")},
	}
	for _, s := range all {
		label := short(v, s.Day)
		if n := len(c.Points); n == 0 || c.Points[n-1].Label != label {
			c.Points = append(c.Points, page.Point{Label: label, Values: []float64{0, 0}})
		}
		p := &c.Points[len(c.Points)-1]
		p.Values[0] += float64(s.Capacity - s.Free)
		p.Values[1] += float64(s.Free)
	}
	return v.Chart(c)
}

// calendar lists the days with their hours.
func calendar(v *page.Visit, office int, from persian.Date, all []person.Slot) *page.Table {
	t := &page.Table{
		Title: v.T("console.registry.hours.list", officeOf(v, office)), Empty: v.T("console.registry.hours.none"),
		Columns: []page.Column{
			{Title: v.T("console.registry.field.day")},
			{Title: v.T("console.registry.field.hours")},
			{Title: v.T("console.registry.hours.taken"), Number: true},
			{Title: v.T("console.registry.hours.free"), Number: true},
			{Title: v.T("console.registry.expected.open")},
		},
		More: fmt.Sprintf("/registry/hours?office=%d&from=%s", office, from.AddDays(7*weeks)),
	}
	for i := 0; i < len(all); {
		day, taken, free := all[i].Day, 0, 0
		first, last := all[i].Hour, all[i].Hour
		for ; i < len(all) && all[i].Day == day; i++ {
			taken, free, last = taken+all[i].Capacity-all[i].Free, free+all[i].Free, all[i].Hour
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Weekday(day.Start()) + " " + v.Day(day)},
			{Text: v.T("console.registry.hours.span", v.Digits(strconv.Itoa(first)), v.Digits(strconv.Itoa(last+1)))},
			{Text: v.Count(int64(taken)), Number: true},
			{Text: v.Count(int64(free)), Number: true},
			{Text: v.T("console.registry.expected.list.open"), Path: fmt.Sprintf("/registry/hours/%d/%s", office, dashed(day))},
		}})
	}
	return t
}

// dashed is a day as it stands in an address.
func dashed(d persian.Date) string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// expected is who has an appointment on a day. The look is an entry.
func expected(v *page.Visit) error {
	n, err := v.Number("office")
	if err != nil {
		return err
	}
	day, err := persian.ParseDate(v.R.PathValue("day"))
	if err != nil || !day.Precise() {
		return page.NotFound()
	}
	all, proven, err := v.Persons.Expect(v.Context(), v.Journal, v.Actor(), int(n), day)
	if err != nil {
		return err
	}
	t := &page.Table{
		Title: v.T("console.registry.expected.list", v.Count(int64(len(all)))), Empty: v.T("console.registry.expected.none"),
		Columns: page.Head(v.T("console.registry.field.hour"), v.T("console.registry.field.person"), v.T("console.field.national_number"), v.T("console.registry.expected.card")),
	}
	for _, e := range all {
		r := &ref{Number: e.Number, Reason: "card-appointment", File: fmt.Sprintf("%d %s", n, day)}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.registry.hour", v.Digits(strconv.Itoa(e.Hour))), Number: true},
			{Text: dash(e.Given + " " + e.Surname)},
			{Text: v.Digits(e.Number.String()), Number: true},
			{Text: v.T("console.registry.expected.card.open"), Path: r.path(v) + "/cards"},
		}})
	}
	return v.Show(page.Screen{
		Title:  v.T("console.registry.expected.title", v.Weekday(day.Start())+" "+v.Day(day)),
		Lead:   officeOf(v, int(n)),
		Above:  &page.Link{Path: "/registry/hours?office=" + itoa(n), Text: v.T("console.registry.hours.title")},
		Blocks: []any{t, page.Note{Tone: page.Info, Text: v.T("console.registry.proposal.looked", proven.Code.Grouped())}},
	})
}

// plan opens hours at an office.
var plan = page.Form[person.SlotPlan]{
	Path: "/registry/hours/plan", Roles: seniors, Key: "console.registry.plan.",
	Controls: func(v *page.Visit, _ *person.SlotPlan) ([]page.Control, error) {
		ticks := own("hours", page.Ticks)
		for h := 7; h < 20; h++ {
			ticks.Options = append(ticks.Options, page.Option{Value: strconv.Itoa(h), Text: v.T("console.registry.hour", v.Digits(strconv.Itoa(h)))})
		}
		return []page.Control{office(v), own("from", page.Date), own("to", page.Date), ticks, own("capacity", page.Number)}, nil
	},
	Above: func(v *page.Visit, _ *person.SlotPlan) *page.Link {
		return &page.Link{Path: "/registry/hours", Text: v.T("console.registry.hours.title")}
	},
	Do: func(v *page.Visit, in *person.SlotPlan) (page.Done, error) {
		_, proven, err := v.Persons.PlanSlots(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: fmt.Sprintf("/registry/hours?office=%d&from=%s", in.Office, in.From), Code: proven.Code}, err
	},
}

// timetables lists since when which cohort may apply for a first card.
func timetables(v *page.Visit) error {
	all, err := v.Persons.Timetables(v.Context(), v.Actor())
	if err != nil {
		return err
	}
	t := &page.Table{Empty: v.T("console.registry.timetables.none"), Columns: page.Head(
		v.T("console.field.province"), v.T("console.registry.field.cohort"), v.T("console.registry.field.opens"), v.T("console.registry.field.reference"),
		v.T("console.registry.field.standing"),
	)}
	today := persian.DateOf(v.Clock())
	for _, one := range all {
		state := page.Cell{Text: v.T("console.registry.timetable.open"), Tone: page.Good}
		if one.Opens.Compare(today) > 0 {
			state = page.Cell{Text: v.T("console.registry.timetable.later"), Tone: page.Info}
		}
		province := one.Province
		if province == "" {
			province = v.T("console.registry.timetable.all")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: province},
			{Text: v.T("console.registry.timetable.cohort", v.Digits(strconv.Itoa(one.From)), v.Digits(strconv.Itoa(one.To)))},
			{Text: v.Day(one.Opens)},
			{Text: one.Reference},
			state,
		}})
	}
	screen := page.Screen{Title: v.T("console.registry.timetables.title"), Lead: v.T("console.registry.timetables.lead"), Blocks: []any{t}}
	if v.Role() == register.Supervisor {
		screen.Buttons = []page.Button{{Path: "/registry/timetables/new", Text: v.T("console.registry.timetable.title"), Icon: "plus"}}
	}
	return v.Show(screen)
}

// timetable registers such a decision.
var timetable = page.Form[person.Timetable]{
	Path: "/registry/timetables/new", Roles: seniors, Key: "console.registry.timetable.",
	Controls: func(v *page.Visit, _ *person.Timetable) ([]page.Control, error) {
		return []page.Control{
			optional(ours("province", page.Words)), own("born_from", page.Digit), own("born_to", page.Digit),
			own("opens", page.Date), own("reference", page.Words),
		}, nil
	},
	Above: func(v *page.Visit, _ *person.Timetable) *page.Link {
		return &page.Link{Path: "/registry/timetables", Text: v.T("console.registry.timetables.title")}
	},
	Do: func(v *page.Visit, in *person.Timetable) (page.Done, error) {
		_, proven, err := v.Persons.DecideTimetable(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/registry/timetables", Code: proven.Code}, err
	},
}
