package board

import "github.com/estelam/estelam/internal/persian"

// StartDate is the effect of a decision that says from which day a clock of
// the law counts: {"name": "law-entry", "day": "1404-07-01"}.
const StartDate = "start-date"

// LawEntry is the name of the day on which the law entered into force.
const LawEntry = "law-entry"

// Start is what such a decision says.
type Start struct {
	Name string       `json:"name"`
	Day  persian.Date `json:"day"`
}

// Start is the day of this name as decided for a day on which it is asked;
// zero and nil if nobody has decided one.
func (b *Book) Start(name string, on persian.Date) (day persian.Date, by *Decision) {
	for _, d := range b.AllInForce(StartDate, on) {
		var s Start
		if Params(d.Effect.Params, &s) == nil && s.Name == name { // checked when it was drafted
			day, by = s.Day, d
		}
	}
	return day, by
}
