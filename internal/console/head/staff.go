package head

import (
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func staffRoutes() []page.Route {
	return slices.Concat([]page.Route{
		get("/head/staff", staff),
		get("/head/staff/of/{login}", officerPage),
		get("/head/certificates", certificates),
		get("/head/tree", tree),
	}, accessRoutes(), addOfficer.Routes(), changeOfficer.Routes(), endOfficer.Routes(), revoke.Routes())
}

// staff lists who acts for the agency, and until when.
func staff(v *page.Visit) error {
	people, err := v.Agencies.Staff(v.Actor(), &agency.One{})
	if err != nil {
		return err
	}
	now := &page.Table{
		Title: v.T("console.head.staff.now"), Empty: v.T("console.head.staff.none"),
		Columns: page.Head(v.T("console.head.column.name"), v.T("console.head.column.role"), v.T("console.head.column.until"), v.T("console.head.column.state"), v.T("console.head.column.certificate")),
	}
	gone := &page.Table{
		Title:   v.T("console.head.staff.gone"),
		Columns: page.Head(v.T("console.head.column.name"), v.T("console.head.column.role"), v.T("console.head.column.until")),
	}
	for _, o := range people.Officers {
		name := page.Cell{Text: o.Name, Small: page.Isolated(o.Login), Path: "/head/staff/of/" + o.Login}
		role := page.Cell{Text: roleOf(v, o.Login, o.Role)}
		if o.State == agency.Closed.String() {
			gone.Rows = append(gone.Rows, page.Row{Cells: []page.Cell{name, role, {Text: v.ShortDay(o.Until), Number: true}}})
			continue
		}
		now.Rows = append(now.Rows, page.Row{Cells: []page.Cell{name, role, untilCell(v, o.Until), badge(v, "officer", o.State), certificateCell(v, people, o.Login)}})
	}
	blocks := []any{now}
	if len(gone.Rows) > 0 {
		blocks = append(blocks, gone)
	}
	return v.Show(page.Screen{
		Title: v.T("console.head.staff.title"), Lead: v.T("console.head.staff.lead"), Blocks: blocks,
		Buttons: []page.Button{{Path: "/head/staff/new", Text: v.T("console.head.staff.add"), Icon: "people"}},
	})
}

// untilCell is a last day, with a warning where it is near.
func untilCell(v *page.Visit, day persian.Date) page.Cell {
	text, tone := v.Left(day, soon)
	soon := day.Precise() && day.Days()-persian.DateOf(v.Clock()).Days() <= warnDays
	switch {
	case tone != page.Plain:
		return page.Cell{Text: text, Tone: tone, Small: v.ShortDay(day)}
	case soon:
		return page.Cell{Text: v.ShortDay(day), Number: true, Small: text}
	}
	return page.Cell{Text: v.ShortDay(day), Number: true}
}

// warnDays is how long before its end something is warned of.
const warnDays = 30

// roleOf is a role in words; who answers for the agency has a name of his own.
func roleOf(v *page.Visit, login, role string) string {
	if login == v.Asker.Agency.Accountable {
		return v.T("console.head.accountable")
	}
	return v.T("register.role." + role)
}

// certificateCell says whether an officer has a certificate that counts.
func certificateCell(v *page.Visit, people *agency.People, login string) page.Cell {
	var until persian.Date
	for _, c := range people.Certificates {
		if c.Login == login && c.State == agency.Active.String() {
			until = persian.DateOf(c.Until)
		}
	}
	if until.IsZero() {
		return page.Cell{Text: v.T("console.head.certificate.none")}
	}
	return untilCell(v, until)
}

// officerPage shows one of the agency's people.
func officerPage(v *page.Visit) error {
	o, err := officerOf(v)
	if err != nil {
		return err
	}
	people, err := v.Agencies.Staff(v.Actor(), &agency.One{})
	if err != nil {
		return err
	}
	people.Certificates = slices.DeleteFunc(people.Certificates, func(c *agency.ListedCertificate) bool { return c.Login != o.Login })
	blocks := []any{page.Facts{List: []page.Fact{
		{Label: v.T("console.head.fact.login"), Value: o.Login, Number: true},
		fact(v, "role", roleOf(v, o.Login, o.Role)),
		fact(v, "until", v.Day(o.Until)), stateFact(v, "console.head.column.state", "officer", o.State.String()),
	}}, certificateTable(v, people, false)}
	s := page.Screen{Title: o.Name, Above: above(v, "/head/staff", "staff")}
	if mayChange(v, o) {
		at := "/head/staff/of/" + o.Login
		s.Buttons = []page.Button{{Path: at + "/change", Text: v.T("console.head.staff.change"), Icon: "pen"}}
		if o.State != agency.Closed {
			s.Buttons = append(s.Buttons, page.Button{Path: at + "/end", Text: v.T("console.head.staff.end"), Ghost: true})
		}
	} else {
		blocks = append([]any{page.Note{Tone: page.Info, Text: v.T("console.head.staff.registry")}}, blocks...)
	}
	access, err := accessPanel(v, o)
	if err != nil {
		return err
	}
	s.Blocks = append(blocks, access)
	return v.Show(s)
}

// mayChange tells whose delegation is not the visitor's to change: the act says
// so too, after all has been typed.
func mayChange(v *page.Visit, o *agency.Officer) bool {
	return o.Login != v.Asker.Officer.Login && o.Login != v.Asker.Agency.Accountable
}

// officerOf is the officer whom the address names.
func officerOf(v *page.Visit) (*agency.Officer, error) {
	o, err := v.Agencies.Officer(v.Asker.Agency.ID, v.R.PathValue("login"))
	if err != nil {
		return nil, page.NotFound()
	}
	return o, nil
}

// delegated is an officer as he is added or changed. Was is what was on record.
type delegated struct {
	agency.Staff
	Was string `json:"was"`
}

func officerMark(o *agency.Officer) string {
	return mark(o.Name, o.Role, o.Until.String(), o.State.String())
}

// roles are those that the agency's kind has.
func roles(v *page.Visit) []string {
	all := []string{agency.RoleOfficer, agency.RoleHead, agency.RoleProgrammer}
	switch v.Asker.Agency.Kind {
	case agency.KindRegistry:
		return append(all, register.Clerk, register.Supervisor, register.Member, register.Inspector)
	case agency.KindPost:
		return append(all, register.Post, register.Member)
	case agency.KindMunicipality:
		return append(all, register.Municipality)
	case agency.KindPrinter:
		return append(all, register.Printer)
	case agency.KindPlanning:
		return append(all, register.Member)
	case agency.KindAdministration:
		return append(all, register.Member, register.Inspector)
	}
	return all
}

func officerControls(v *page.Visit) []page.Control {
	return []page.Control{
		{Name: "name", Kind: page.Words},
		{Name: "role", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "register.role.", roles(v)))},
		{Name: "until", Kind: page.Date},
	}
}

var addOfficer = page.Form[delegated]{
	Path: "/head/staff/new", Roles: only, Key: "console.head.officer.",
	Above: func(v *page.Visit, _ *delegated) *page.Link { return above(v, "/head/staff", "staff") },
	Controls: func(v *page.Visit, _ *delegated) ([]page.Control, error) {
		return append([]page.Control{{Name: "officer", Kind: page.Latin}}, officerControls(v)...), nil
	},
	Do: func(v *page.Visit, in *delegated) (page.Done, error) {
		o, proven, err := v.Agencies.Add(v.Context(), v.Journal, v.Actor(), &in.Staff)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: "/head/staff/of/" + o.Login, Code: proven.Code}, nil
	},
}

var changeOfficer = page.Form[delegated]{
	Path: "/head/staff/of/{login}/change", Roles: only, Key: "console.head.change.",
	Begin: func(v *page.Visit, in *delegated) error {
		o, err := officerOf(v)
		if err != nil {
			return err
		}
		if in.Login = o.Login; asking(v) {
			in.Name, in.Role, in.Until, in.State, in.Was = o.Name, o.Role, o.Until, o.State.String(), officerMark(o)
		}
		return nil
	},
	Above: func(v *page.Visit, in *delegated) *page.Link {
		return &page.Link{Path: "/head/staff/of/" + in.Login, Text: officerName(v, v.Asker.Agency.ID, in.Login)}
	},
	Controls: func(v *page.Visit, _ *delegated) ([]page.Control, error) {
		states := []string{agency.Active.String(), agency.Suspended.String()}
		return append(officerControls(v), page.Control{Name: "state", Kind: page.Choose1, Options: options(v, "console.head.state.officer.", states)},
			page.Control{Name: "was", Kind: page.Carried}), nil
	},
	Do: func(v *page.Visit, in *delegated) (page.Done, error) {
		o, err := officerOf(v)
		if err != nil {
			return page.Done{}, err
		}
		if officerMark(o) != in.Was {
			return page.Done{}, page.ErrChanged
		}
		_, proven, err := v.Agencies.Change(v.Context(), v.Journal, v.Actor(), &in.Staff)
		return page.Done{Path: "/head/staff/of/" + in.Login, Code: proven.Code}, err
	},
}

var endOfficer = page.Form[agency.Leaving]{
	Path: "/head/staff/of/{login}/end", Roles: only, Key: "console.head.leave.", Danger: true,
	Begin: func(v *page.Visit, in *agency.Leaving) error {
		o, err := officerOf(v)
		if err == nil {
			in.Login = o.Login
		}
		return err
	},
	Above: func(v *page.Visit, in *agency.Leaving) *page.Link {
		return &page.Link{Path: "/head/staff/of/" + in.Login, Text: officerName(v, v.Asker.Agency.ID, in.Login)}
	},
	Around: func(v *page.Visit, in *agency.Leaving) ([]any, error) {
		return []any{page.Note{Tone: page.Warn, Title: officerName(v, v.Asker.Agency.ID, in.Login), Text: v.T("console.head.leave.warn")}}, nil
	},
	Controls: func(v *page.Visit, _ *agency.Leaving) ([]page.Control, error) {
		return []page.Control{reason(v, "staff", "left", "moved", "task-ended", "misuse", "other")}, nil
	},
	Do: func(v *page.Visit, in *agency.Leaving) (page.Done, error) {
		_, proven, err := v.Agencies.End(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/head/staff/of/" + in.Login, Code: proven.Code}, err
	},
}
