package complaint

import (
	"strings"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
)

// Choices are what a citizen chooses from, who knows no ids.
type Choices struct {
	Agencies  []Choice               `json:"agencies"`  // bound ones whose name holds what was typed
	Processes []Choice               `json:"processes"` // of the agency that was named
	Documents []process.DocumentType `json:"documents"`
	Provinces []string               `json:"provinces"`
}

// Choice is one of them.
type Choice struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Province string `json:"province,omitempty"`
}

// Wanted is what a citizen looks for.
type Wanted struct {
	Name   string      `json:"name"`   // part of an agency's name; "": none are listed
	Agency ids.LegalID `json:"agency"` // whose processes are listed; 0: none
}

// mostChoices is how many agencies are offered.
const mostChoices = 50

// Choices lists what a report can be about.
func (b *Book) Choices(w *Wanted) Choices {
	out := Choices{
		Agencies: []Choice{}, Processes: []Choice{},
		Documents: b.processes.DocumentTypes(), Provinces: b.processes.Provinces(),
	}
	if part := persian.Key(w.Name); part != "" {
		for _, a := range b.agencies.Agencies() {
			if a.Bound && a.State != agency.Closed && len(out.Agencies) < mostChoices && strings.Contains(persian.Key(a.Name), part) {
				out.Agencies = append(out.Agencies, Choice{a.ID.String(), a.Name, a.Province})
			}
		}
	}
	if w.Agency != 0 {
		for _, p := range b.processes.Of(w.Agency) {
			if !p.Ended {
				out.Processes = append(out.Processes, Choice{ID: p.Code, Name: p.Title})
			}
		}
	}
	return out
}
