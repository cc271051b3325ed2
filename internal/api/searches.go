package api

import (
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
)

// searchRoutes are the routes of searches by name, which take two persons: one
// asks, a supervisor who is another allows it, and the first alone sees who fits.
func (a *API) searchRoutes() []*route {
	return []*route{
		act("/v1/name-searches/ask", a.seekByName),
		act("/v1/name-searches/approve", a.decideSearch(true)),
		act("/v1/name-searches/refuse", a.decideSearch(false)),
		ask("/v1/name-searches/list", a.listSearches),
		ask("/v1/name-searches/find", a.findSearch),
		post("/v1/name-searches/persons", a.foundByName),
	}
}

// searchAnswer is one search by name.
type searchAnswer struct {
	ID       int64  `json:"search"`
	Given    string `json:"given_name"`
	Surname  string `json:"surname"`
	Father   string `json:"father_name,omitzero"`
	BornYear int    `json:"birth_year,omitzero"`
	Reason   string `json:"reason"`
	Document string `json:"document"`
	By       *hand  `json:"by"`
	Made     string `json:"made"`
	State    string `json:"state"`
	Decider  *hand  `json:"decided_by,omitempty"`
	Decided  string `json:"decided,omitzero"`
	Note     string `json:"note,omitzero"`
	Until    string `json:"until,omitzero"` // until when the asker may look
}

func answerSearch(s *person.NameSearch) searchAnswer {
	return searchAnswer{
		s.ID, s.Given.Display, s.Surname.Display, s.Father.Display, s.BornYear, s.Reason, s.Document, handOf(s.By), moment(s.At),
		s.State, handOf(s.Decider), momentOrNone(s.DecidedAt), s.Note, momentOrNone(s.Until()),
	}
}

func (a *API) seekByName(c *call, who journal.Actor, in *person.Sought) (out searchAnswer, proven journal.Proven, err error) {
	s, proven, err := a.persons.SeekByName(c.r.Context(), a.journal, who, in)
	if err == nil {
		out = answerSearch(s)
	}
	return out, proven, err
}

// searchInput names a search.
type searchInput struct {
	ID int64 `json:"search"`
}

// searchDecision ends the waiting of a search, with a word about it.
type searchDecision struct {
	ID   int64  `json:"search"`
	Note string `json:"note,omitzero"`
}

// searchDecided is the state of a search after that.
type searchDecided struct {
	ID    int64  `json:"search"`
	State string `json:"state"`
}

func (a *API) decideSearch(allow bool) func(*call, journal.Actor, *searchDecision) (searchDecided, journal.Proven, error) {
	state := map[bool]string{true: "approved", false: "refused"}[allow]
	return func(c *call, who journal.Actor, in *searchDecision) (searchDecided, journal.Proven, error) {
		proven, err := a.persons.DecideSearch(c.r.Context(), a.journal, who, in.ID, allow, in.Note)
		return searchDecided{in.ID, state}, proven, err
	}
}

// searchFilter chooses one's own searches, or those that wait.
type searchFilter struct {
	Waiting bool `json:"waiting,omitzero"`
}

type searchesAnswer struct {
	Searches []searchAnswer `json:"searches"`
}

func (a *API) listSearches(c *call, who journal.Actor, in *searchFilter) (out searchesAnswer, err error) {
	all, err := a.persons.NameSearches(c.r.Context(), who, in.Waiting)
	for i := range all {
		out.Searches = append(out.Searches, answerSearch(&all[i]))
	}
	return out, err
}

func (a *API) findSearch(c *call, who journal.Actor, in *searchInput) (out searchAnswer, err error) {
	s, err := a.persons.NameSearch(c.r.Context(), who, in.ID)
	if err == nil {
		out = answerSearch(s)
	}
	return out, err
}

// foundAnswer is who fits a search.
type foundAnswer struct {
	Persons []person.Found `json:"persons"`
}

// foundByName answers as an act does, with the receipts of the reading and of
// each person who was shown.
func (a *API) foundByName(c *call, who journal.Actor, in *searchInput) error {
	found, proven, err := a.persons.FoundByName(c.r.Context(), a.journal, who, in.ID)
	if err != nil {
		return err
	}
	c.out, err = appendJSON(c.out, proof{string(proven.Entries[0].Code), foundAnswer{found}, proven.Receipts().Append(nil)})
	return err
}
