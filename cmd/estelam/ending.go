package main

import (
	"strconv"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/ids"
)

// endingAgreements is of every agency the agreement in force that ends last, or
// the last one that ended by its day.
func (h *house) endingAgreements() (all []agency.Ending) {
	last := map[ids.LegalID]*agreement.Agreement{}
	for _, a := range h.agreements.All() {
		if a.State == agreement.InForce && (last[a.Agency] == nil || a.Until.After(last[a.Agency].Until)) {
			last[a.Agency] = a
		}
	}
	for of, a := range last {
		all = append(all, agency.NewEnding(of, agency.EndingAgreement, strconv.FormatInt(a.ID, 10), a.Until))
	}
	return all
}
