package head

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
)

// wait is something that the highest officer has to do.
type wait struct {
	kind  string // key of what it is
	text  string
	small string
	path  string
	due   persian.Date // zero: it has none
}

// waits gathers all that waits for the visitor, by its deadline; what has none
// comes after what is due within a month.
func waits(v *page.Visit, duties []compliance.Standing) ([]wait, error) {
	var all []wait
	for _, of := range []func(*page.Visit) ([]wait, error){draftWaits, delegationWaits, auditWaits, reportWaits, obstacleWaits, copyWaits} {
		some, err := of(v)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	all = append(all, dutyWaits(v, duties)...)
	soon := persian.DateOf(v.Clock()).AddDays(warnDays)
	slices.SortStableFunc(all, func(a, b wait) int { return cmp.Compare(a.order(soon), b.order(soon)) })
	return all, nil
}

// dutyWaits are the duties that a day or an inspector asks for; of the others
// one line says how many there are.
func dutyWaits(v *page.Visit, duties []compliance.Standing) (all []wait) {
	undated := int64(0)
	for i := range duties {
		s := &duties[i]
		switch {
		case s.State == compliance.Returned, s.State == compliance.Undeclared && s.Due.Precise():
			all = append(all, wait{
				kind: "duty." + s.State.String(), text: v.Either(s.Fa, s.En), small: v.Law(s.Clause),
				path: "/head/compliance/" + s.Clause, due: s.Due,
			})
		case s.State == compliance.Undeclared:
			undated++
		}
	}
	if undated > 0 {
		all = append(all, wait{kind: "duty.open", text: v.T("console.head.wait.duties.n", v.Count(undated)), path: "/head/compliance"})
	}
	return all
}

func (w *wait) order(soon persian.Date) int32 {
	if w.due.Precise() {
		return w.due.Days()
	}
	return soon.Days()
}

func draftWaits(v *page.Visit) (all []wait, err error) {
	for _, state := range []agreement.DraftState{agreement.Reviewed, agreement.Returned} {
		_, drafts, err := v.Agreements.List(v.Context(), v.Actor(), &agreement.Filter{Drafts: true, State: state})
		if err != nil {
			return nil, err
		}
		for _, d := range drafts {
			all = append(all, wait{kind: "draft." + state.String(), text: v.T("console.head.draft.title", v.Count(d.ID)), path: fmt.Sprintf("/head/agreements/draft/%d", d.ID)})
		}
	}
	return all, nil
}

func delegationWaits(v *page.Visit) (all []wait, err error) {
	some, err := v.Agreements.Delegations(v.Context(), v.Actor(), &agreement.DelegationFilter{Limit: 1000})
	for _, d := range some {
		if d.State == agreement.Proposed && d.Delegate == v.Asker.Agency.ID {
			all = append(all, wait{kind: "delegation", text: v.AgencyName(d.Principal), path: "/head/delegations", due: d.From})
		}
	}
	return all, err
}

func auditWaits(v *page.Visit) (all []wait, err error) {
	some, err := v.Audits.List(v.Context(), v.Actor(), &audit.Filter{State: audit.Awaited})
	for i := range some {
		if c := &some[i]; c.Agency == v.Asker.Agency.ID && !c.Overdue {
			all = append(all, wait{
				kind: "audit", text: v.T("console.head.audit.title", v.Count(c.ID)), small: v.T("console.head.source." + c.Source),
				path: fmt.Sprintf("/head/audits/%d", c.ID), due: c.Deadline,
			})
		}
	}
	return all, err
}

func reportWaits(v *page.Visit) (all []wait, err error) {
	some, err := v.Complaints.List(v.Context(), v.Actor(), &complaint.Filter{State: complaint.Opened})
	for i := range some {
		c := &some[i]
		all = append(all, wait{
			kind: "report", text: v.T("console.head.report.title", v.Count(c.ID)), small: v.DocumentName(c.Document),
			path: fmt.Sprintf("/head/reports/%d", c.ID), due: c.Deadline,
		})
	}
	return all, err
}

func obstacleWaits(v *page.Visit) (all []wait, err error) {
	some, err := v.Processes.ListObstacles(v.Context(), v.Actor(), &process.ObstacleFilter{Overdue: true, Order: process.ByDue})
	for i := range some {
		all = append(all, wait{kind: "obstacle", text: some[i].Text, small: processName(v, some[i].Process), path: "/head/obstacles", due: some[i].Due})
	}
	return all, err
}

func copyWaits(v *page.Visit) ([]wait, error) {
	n, first, err := v.Exceptions.Overdue(v.Context(), v.Actor())
	if n == 0 {
		return nil, err
	}
	return []wait{{kind: "copies", text: v.T("console.head.wait.copies.n", v.Count(n)), path: "/officer/copies?overdue=1", due: first}}, err
}

// endings is what of the agency's ends soon, or has ended.
func endings(v *page.Visit) (*page.Table, error) {
	all, err := v.Agencies.Expiring(v.Actor(), &agency.Horizon{Days: 2 * warnDays})
	if err != nil {
		return nil, err
	}
	t := &page.Table{
		Title: v.T("console.head.endings.title"), Empty: v.T("console.head.endings.none"),
		Columns: page.Head(v.T("console.head.column.what"), v.T("console.head.column.whose"), v.T("console.head.column.until")),
	}
	for _, e := range all {
		whose := page.Cell{Text: v.T("console.head.certificate.program"), Path: "/head/certificates"}
		switch {
		case e.What == agency.EndingOfficer:
			whose = page.Cell{Text: officerName(v, e.Agency, e.ID), Path: "/head/staff/of/" + e.ID}
		case e.What == agency.EndingAgreement:
			no, _ := strconv.ParseInt(e.ID, 10, 64) // of a number
			whose = page.Cell{Text: v.T("console.head.agreement.no", v.Count(no)), Path: "/head/agreements/no/" + e.ID}
		case e.Login != "":
			whose = page.Cell{Text: officerName(v, e.Agency, e.Login), Path: "/head/staff/of/" + e.Login}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: v.T("console.head.ending." + e.What)}, whose, dueCell(v, e.Last)}})
	}
	return t, nil
}
