package register

import "time"

// Row is one row behind a figure, so that whoever reads the figure can go and
// look: a score that cannot be traced to its rows is an opinion.
type Row struct {
	Noun string    `json:"noun"` // what it is a row of, such as complaint
	ID   string    `json:"id"`
	At   time.Time `json:"at"`             // when it was registered
	Code string    `json:"code,omitempty"` // tracking code of its entry, where it is known
}
