package feed

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/receipt"
)

// said is what a record of the journal says that an agency was told of a
// person: of an inquiry, of a row of a delivery, of an event of a feed. The
// members are those of docs/events.md.
type said struct {
	Kind    string          `json:"kind"`
	Agency  json.RawMessage `json:"agency"` // of an inquiry an object with its id
	Version int64           `json:"register_version"`

	// Of an inquiry.
	Service  string `json:"service"`
	Outcome  string `json:"outcome"`
	Question struct {
		Born        *string `json:"birth_date"`
		Shenasnameh *string `json:"shenasnameh_number"`
	} `json:"question"`
	Answer struct {
		Fields     map[string]string  `json:"fields"`
		Values     map[string]*string `json:"values"`
		Predicates map[string]string  `json:"predicates"`
	} `json:"answer"`

	Status string   `json:"status"` // of a row of a delivery
	Told   []string `json:"told"`   // items that an event or the beginning of a feed told
}

func reading(record []byte) (s said, err error) {
	if record == nil { // purged
		return s, nil
	}
	err = json.Unmarshal(record, &s)
	return s, err
}

// identified reports whether the agency was told that there is this person.
func (s *said) identified() bool {
	switch s.Kind {
	case receipt.Inquiry.String():
		switch s.Outcome {
		case "confirmed", "differs", "answered", "deceased", "cancelled":
			return true
		}
		return false
	}
	return s.Kind == receipt.DeliveryRow.String() && len(s.Answer.Values) > 0
}

// void reports whether the agency was told that the number is cancelled.
func (s *said) void(r *record) bool {
	if s.fed() {
		p := r.at(s.Version)
		return p != nil && p.State == person.Cancelled
	}
	return s.Outcome == "cancelled" || s.Status == "cancelled"
}

// fed reports whether the record is of an event, or of the beginning of a feed.
func (s *said) fed() bool {
	return (s.Kind == receipt.Follow.String() || s.Kind == receipt.CorrectionNotice.String()) && s.Version != 0
}

// covered is the person whom an agency was told of under a code of its own; 0:
// there is none, or he is somebody else's.
func (b *Book) covered(ctx context.Context, agency ids.LegalID, code ids.TrackingCode) (ids.NationalNumber, error) {
	p, found, err := b.journal.ByCode(ctx, code)
	if err != nil || !found || p.Agency != agency {
		return 0, err
	}
	s, err := reading(p.Record)
	if err != nil || !s.identified() {
		return 0, err
	}
	return p.Subject, nil
}

// lifeItems are those that follow from whether a person is dead.
var lifeItems = []string{"life_status", "death_date"}

// items are those of the record that the agency was told of, and those that its
// answer rested on: a wrong date of birth that was taken for right, or for which
// somebody was told that his age was enough.
func (s *said) items() (all []string) {
	for item, result := range s.Answer.Fields {
		if result != "not_on_record" {
			all = append(all, item)
		}
	}
	for item, value := range s.Answer.Values {
		if value != nil {
			all = append(all, item)
		}
	}
	for name := range s.Answer.Predicates {
		switch name {
		case "alive":
			all = append(all, lifeItems...)
		case "age_at_least":
			all = append(all, "birth_date")
		}
	}
	if s.identified() && s.Question.Born != nil {
		all = append(all, "birth_date")
	}
	if s.identified() && s.Question.Shenasnameh != nil {
		all = append(all, "shenasnameh_number")
	}
	if s.Outcome == "deceased" || s.Status == "deceased" { // told unasked
		all = append(all, lifeItems...)
	}
	return append(all, s.Told...)
}

// wrong are the items that the agency was told as they stood before a
// correction: old is the last version that had them wrong.
func (s *said) wrong(r *record, old *person.Person, corrected []string) (items []string) {
	if slices.Contains(corrected, numberItem) {
		wasVoid := old.State == person.Cancelled
		if wasVoid == s.void(r) && (wasVoid || s.identified() || s.fed()) {
			return corrected
		}
		return nil
	}
	seen := r.at(s.Version)
	if seen == nil || seen.Version > old.Version {
		return nil
	}
	told := s.items()
	for _, item := range corrected {
		if slices.Contains(told, item) && textOf(item, seen) == textOf(item, old) {
			items = append(items, item)
		}
	}
	return items
}

// answer is one answer that told an agency something wrong.
type answer struct {
	code  ids.TrackingCode
	items []string
}

// mostScanned is how many entries about one person are looked through, the
// newest first.
const mostScanned = 100_000

// misled looks up who had been told what was wrong: by agency, newest first.
func (b *Book) misled(ctx context.Context, r *record, old *person.Person, corrected []string) (map[ids.LegalID][]answer, error) {
	all := map[ids.LegalID][]answer{}
	page := journal.Page{Limit: 1000}
	for n := 0; n < mostScanned; {
		l, err := b.journal.AboutPerson(ctx, old.Number, page)
		if err != nil {
			return nil, err
		}
		for i := range l.Entries {
			s, err := reading(l.Entries[i].Record)
			if err != nil {
				return nil, err
			}
			if items := s.wrong(r, old, corrected); len(items) > 0 {
				agency, err := s.agency()
				if err != nil {
					return nil, err
				}
				all[agency] = append(all[agency], answer{l.Entries[i].Code, items})
			}
		}
		if n += len(l.Entries); l.Next.IsZero() {
			break
		}
		page.After = l.Next
	}
	delete(all, 0)
	return all, nil
}

// agency is whom the record names: an object with its id, or the id.
func (s *said) agency() (id ids.LegalID, err error) {
	if len(s.Agency) == 0 {
		return 0, nil
	}
	var named struct {
		ID ids.LegalID `json:"id"`
	}
	if s.Agency[0] == '"' {
		err = json.Unmarshal(s.Agency, &named.ID)
	} else {
		err = json.Unmarshal(s.Agency, &named)
	}
	return named.ID, err
}
