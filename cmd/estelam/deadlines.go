package main

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
)

// openDeadlines opens the clocks of the law. Each deadline that something in
// the house can tell about has its measure here; the others are listed as not
// measured.
func (h *house) openDeadlines() {
	h.deadlines = deadline.Open(deadline.Config{Board: h.board, Agencies: h.agencies, Measures: map[string]deadline.Measure{
		"agreement":        h.agreementsInForce,
		"use":              h.firstInquiries,
		"copies-removed":   h.copiesRemoved,
		"evaluation":       h.evaluationFrozen,
		"tickets":          h.ticketsOpen,
		"delivery":         h.delivered,
		"number-on-cards":  h.declared("B.6a"),
		"number-first":     h.declared("B.6b"),
		"cases":            h.casesOpen,
		"place-codes":      h.declared("B.8"),
		"plates":           h.platesInstalled,
		"place-reports":    h.placesReported,
		"letterheads":      h.declared("B.10"),
		"follow-ups":       h.followedUp,
		"quarterly-report": h.reportIssued,
		"complaints":       h.complaintsOpen,
		"audits":           h.auditsOpen,
	}})
}

// The clocks look as a supervisor and as the Post do, at lists that leave no
// entry.
var (
	overseer = journal.Actor{Role: register.Supervisor, ID: "deadlines"}
	postman  = journal.Actor{Role: register.Post, ID: "deadlines"}
)

const longestPage = 1000

// bound are the agencies that the circular binds.
func (h *house) bound() (all []*agency.Agency) {
	for _, a := range h.agencies.Agencies() {
		if a.Bound && a.State != agency.Closed {
			all = append(all, a)
		}
	}
	return all
}

// of is the body of a kind; 0 if none is registered.
func (h *house) of(kind string) ids.LegalID {
	for _, a := range h.agencies.Agencies() {
		if a.Kind == kind && a.State != agency.Closed {
			return a.ID
		}
	}
	return 0
}

// agreementsInForce (C.1a): done on the day from which the agreement that is
// in force now first held.
func (h *house) agreementsInForce(context.Context) (all []deadline.Standing, err error) {
	for _, a := range h.bound() {
		s := deadline.Standing{Agency: a.ID}
		if now, ok := h.agreements.InForce(a.ID, time.Now()); ok {
			s.Met = persian.DateOf(now.From)
			if first, ok := h.agreements.Version(now.ID, 1); ok {
				s.Met = persian.DateOf(first.From)
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// firstInquiries (C.1b): done with the month of the first inquiry, unless an
// obstacle stands after its day.
func (h *house) firstInquiries(ctx context.Context) (all []deadline.Standing, err error) {
	first, err := h.usage.First(ctx)
	if err != nil {
		return nil, err
	}
	overdue := map[ids.LegalID]int64{}
	for f := (process.ObstacleFilter{Overdue: true, Limit: longestPage}); ; {
		some, err := h.processes.Obstacles(ctx, &f)
		if err != nil {
			return nil, err
		}
		for _, o := range some {
			overdue[o.Agency]++
			f.After = o.ID
		}
		if len(some) < longestPage {
			break
		}
	}
	today := persian.DateOf(time.Now())
	for _, a := range h.bound() {
		s := deadline.Standing{Agency: a.ID, Open: overdue[a.ID]}
		switch month, ok := first[a.ID]; {
		case !ok:
			s.Note = "deadline.note.inquiries"
		case s.Open > 0:
			s.Note = "deadline.note.obstacles"
		default:
			month.Day = 1
			if s.Met = month.AddMonths(1).AddDays(-1); s.Met.Compare(today) > 0 {
				s.Met = today
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// copiesRemoved (C.1c): done when the last process that took copies stopped.
func (h *house) copiesRemoved(context.Context) (all []deadline.Standing, err error) {
	for _, a := range h.bound() {
		s := deadline.Standing{Agency: a.ID}
		for _, p := range h.processes.Of(a.ID) {
			switch {
			case p.Ended:
			case p.State == process.Copies:
				s.Open++
			case p.Since.Compare(s.Met) > 0:
				s.Met = p.Since
			}
		}
		if s.Open > 0 {
			s.Met = persian.Date{}
		}
		if !h.processes.Has(a.ID) {
			s.Note = "deadline.note.catalogue"
		}
		all = append(all, s)
	}
	return all, nil
}

// evaluationFrozen (C.3): last done when the last evaluation of a year was frozen.
func (h *house) evaluationFrozen(ctx context.Context) ([]deadline.Standing, error) {
	made, err := h.compliance.Evaluations(ctx, overseer, &compliance.Listing{Limit: longestPage})
	s := deadline.Standing{Agency: h.of(agency.KindAdministration)}
	for _, e := range made {
		if day := persian.DateOf(e.Frozen); e.Year != 0 && !e.Frozen.IsZero() && day.Compare(s.Met) > 0 {
			s.Met = day
		}
	}
	return []deadline.Standing{s}, err
}

// reportIssued (B.13, note): last done when the last report was issued.
func (h *house) reportIssued(ctx context.Context) ([]deadline.Standing, error) {
	last, err := h.quarters.LastIssued(ctx)
	var s deadline.Standing
	if !last.IsZero() {
		s.Met = persian.DateOf(last)
	}
	return []deadline.Standing{s}, err
}

// delivered (B.5, note 2): done with the first delivery.
func (h *house) delivered(ctx context.Context) (all []deadline.Standing, err error) {
	c, err := h.deliveries.Clock(ctx, overseer)
	if err != nil {
		return nil, err
	}
	if c.Entry.IsZero() { // nobody owes anything yet
		for _, a := range h.bound() {
			all = append(all, deadline.Standing{Agency: a.ID})
		}
	}
	for _, d := range c.Agencies {
		s := deadline.Standing{Agency: d.Agency}
		if !d.Delivered.IsZero() {
			s.Met = persian.DateOf(d.Delivered)
		}
		all = append(all, s)
	}
	return all, nil
}

// declared is what agencies declare of a clause: done when an inspector has
// accepted it, since the day that it says.
func (h *house) declared(clause string) deadline.Measure {
	return func(ctx context.Context) (all []deadline.Standing, err error) {
		for f := (compliance.Filter{Clause: clause, Limit: longestPage}); ; {
			some, err := h.compliance.List(ctx, overseer, &f)
			if err != nil {
				return nil, err
			}
			for _, i := range some {
				s := deadline.Standing{Agency: i.Agency}
				switch i.State {
				case compliance.Accepted:
					s.Met = i.Done
				case compliance.Declared:
					s.Note = "deadline.note.declared"
				}
				all = append(all, s)
				f.After = i.Agency
			}
			if len(some) == 0 {
				return all, nil
			}
		}
	}
}

// platesInstalled (B.9): done when every place of the area lies behind an
// entrance whose plate is installed.
func (h *house) platesInstalled(ctx context.Context) (all []deadline.Standing, err error) {
	for _, m := range h.municipalities() {
		who := journal.Actor{Role: register.Municipality, Agency: m.ID, ID: postman.ID}
		t, err := h.places.Progress(ctx, who, &place.Counting{Within: place.Area{Province: m.Province, County: m.County, Locality: m.Locality}})
		if err != nil {
			return nil, err
		}
		s, places := deadline.Standing{Agency: m.ID}, int64(0)
		for _, r := range t.Rows {
			s.Open += r.Without + r.Ordered + r.Missing + r.Damaged
			places += r.Places
		}
		s.Done = places > 0 && s.Open == 0
		all = append(all, s)
	}
	return all, nil
}

func (h *house) municipalities() (all []*agency.Agency) {
	for _, a := range h.agencies.Agencies() {
		if a.Kind == agency.KindMunicipality && a.State == agency.Active {
			all = append(all, a)
		}
	}
	return all
}

// placesReported (B.9, note): the first month that is not reported has passed
// its day, or the next one will.
func (h *house) placesReported(ctx context.Context) (all []deadline.Standing, err error) {
	var who []place.Reporter
	for _, m := range h.municipalities() {
		who = append(who, place.Reporter{Agency: m.ID, Name: m.Name})
	}
	behind, err := h.places.Overdue(ctx, postman, persian.Date{}, who)
	if err != nil {
		return nil, err
	}
	of := map[ids.LegalID]place.Overdue{}
	for _, o := range behind {
		of[o.Agency] = o
	}
	today := persian.DateOf(time.Now())
	next := persian.Date{Year: today.Year, Month: today.Month, Day: 1}.AddDays(h.places.ReportDay - 1)
	if next.Compare(today) < 0 {
		next = persian.Date{Year: today.Year, Month: today.Month, Day: 1}.AddMonths(1).AddDays(h.places.ReportDay - 1)
	}
	for _, m := range who {
		s := deadline.Standing{Agency: m.Agency, Due: next}
		if o, late := of[m.Agency]; late {
			s.Due, s.Open = o.Due[0], int64(len(o.Due))
		}
		all = append(all, s)
	}
	return all, nil
}

// casesOpen (B.7): the earliest deadline of a discrepancy case that is open.
func (h *house) casesOpen(ctx context.Context) ([]deadline.Standing, error) {
	open, first, err := h.cases.Pending(ctx)
	return []deadline.Standing{{Agency: h.of(agency.KindRegistry), Open: open, Due: first}}, err
}

// clocks gathers cases that have days of their own: of each body how many are
// open, and the earliest day.
type clocks map[ids.LegalID]deadline.Standing

func (c clocks) add(of ids.LegalID, due persian.Date) {
	s := c[of]
	if s.Open == 0 || due.Compare(s.Due) < 0 {
		s.Due = due
	}
	s.Agency, s.Open = of, s.Open+1
	c[of] = s
}

// all are those of the bodies, and of whoever else has an open case.
func (c clocks) all(bodies []*agency.Agency) (all []deadline.Standing) {
	for _, a := range bodies {
		s := c[a.ID]
		s.Agency = a.ID
		all = append(all, s)
		delete(c, a.ID)
	}
	for _, s := range c {
		all = append(all, s)
	}
	return all
}

// followedUp (B.13): what the board wants done and is open.
func (h *house) followedUp(ctx context.Context) ([]deadline.Standing, error) {
	found := clocks{}
	for in := (board.Following{Page: board.Page{Limit: longestPage}}); ; {
		some, err := h.board.FollowUps(ctx, overseer, &in)
		if err != nil {
			return nil, err
		}
		for _, f := range some {
			if in.After = f.ID; f.Done.IsZero() {
				found.add(f.Responsible, f.Due)
			}
		}
		if len(some) < longestPage {
			return found.all(nil), nil
		}
	}
}

// complaintsOpen: citizens' reports that wait for the agency's answer.
func (h *house) complaintsOpen(ctx context.Context) ([]deadline.Standing, error) {
	found := clocks{}
	for f := (complaint.Filter{State: complaint.Opened, Limit: longestPage}); ; {
		some, err := h.complaints.List(ctx, overseer, &f)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			found.add(c.Agency, c.Deadline)
			f.After = c.ID
		}
		if len(some) < longestPage {
			return found.all(h.bound()), nil
		}
	}
}

// auditsOpen: sampled inquiries whose dossier is awaited.
func (h *house) auditsOpen(ctx context.Context) ([]deadline.Standing, error) {
	found := clocks{}
	for f := (audit.Filter{State: audit.Awaited, Limit: longestPage}); ; {
		some, err := h.audits.List(ctx, overseer, &f)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			found.add(c.Agency, c.Deadline)
			f.After = c.ID
		}
		if len(some) < longestPage {
			return found.all(h.bound()), nil
		}
	}
}

// ticketsOpen (A): tickets of outages that wait for their inquiry.
func (h *house) ticketsOpen(ctx context.Context) ([]deadline.Standing, error) {
	found := clocks{}
	for f := (exception.TicketFilter{Waiting: true, Limit: longestPage}); ; {
		some, next, err := h.exceptions.Tickets(ctx, overseer, &f)
		if err != nil {
			return nil, err
		}
		for _, t := range some {
			found.add(t.Agency, persian.DateOf(t.Due))
		}
		if f.After = next; next == 0 {
			return found.all(h.bound()), nil
		}
	}
}
