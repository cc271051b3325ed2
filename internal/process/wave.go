package process

import (
	"strings"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// Wave is a part of the roll-out: bodies in some provinces, with dates.
type Wave struct {
	ID        int64         `json:"wave"`
	Name      string        `json:"name"`
	Provinces []string      `json:"provinces"`
	Agencies  []ids.LegalID `json:"agencies"` // with all below them; empty: all in the provinces
	From      persian.Date  `json:"from"`
	Until     persian.Date  `json:"until"` // its last day
	Version   int64         `json:"version"`
}

func scanWave(scan func(...any) error) (*Wave, error) {
	w := &Wave{Agencies: []ids.LegalID{}}
	var provinces, agencies string
	var since, until int64
	err := scan(&w.ID, &w.Name, &provinces, &agencies, &since, &until, &w.Version)
	w.Provinces = strings.Split(provinces, "\n")
	for _, word := range strings.Fields(agencies) {
		id, bad := ids.ParseLegalID(word)
		if bad != nil {
			err = bad
		}
		w.Agencies = append(w.Agencies, id)
	}
	w.From, w.Until = persian.UnpackDate(int32(since)), persian.UnpackDate(int32(until))
	return w, err
}
