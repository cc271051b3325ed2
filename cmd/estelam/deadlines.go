package main

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/persian"
)

// openDeadlines opens the clocks of the law. Each deadline that something in
// the house can tell about has its measure here.
func (h *house) openDeadlines() {
	h.deadlines = deadline.Open(deadline.Config{
		Board: h.board, Agencies: h.agencies,
		Measures: map[string]deadline.Measure{
			"agreement": h.agreementsInForce,
		},
	})
}

// bound are the agencies that the circular binds.
func (h *house) bound() (all []*agency.Agency) {
	for _, a := range h.agencies.Agencies() {
		if a.Bound && a.State != agency.Closed {
			all = append(all, a)
		}
	}
	return all
}

// agreementsInForce: an agreement was signed on the day from which one that is
// in force now first held (C.1a).
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
