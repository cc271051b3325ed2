package citizen

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Asked is a page of who asked about the person, newest first.
type Asked struct {
	Entries []Asking       `json:"entries"` // of others
	Own     []Asking       `json:"own"`     // his own, of the same stretch of time
	Next    journal.Cursor `json:"next,omitzero"`

	// All there is about him, whatever the page; and the size of each log, by
	// its name, below which nothing is missing.
	Count Count            `json:"count"`
	UpTo  map[string]int64 `json:"complete_up_to"`

	Words map[string]Word `json:"words"` // what the code words of this page mean, such as service:identity
}

// Asking is one entry as the person sees it. It never names an officer.
type Asking struct {
	Code       ids.TrackingCode `json:"tracking_code"`
	Time       time.Time        `json:"time"`
	Kind       string           `json:"kind"` // as docs/events.md lists them
	Agency     *Party           `json:"agency,omitempty"`
	OnBehalf   *Party           `json:"on_behalf_of,omitempty"`
	Role       string           `json:"role,omitempty"` // of the officer
	Purpose    string           `json:"purpose,omitempty"`
	Process    string           `json:"process,omitempty"`
	Service    string           `json:"service,omitempty"`
	Mode       string           `json:"mode,omitempty"`
	Fields     []string         `json:"fields,omitempty"` // asked for, or told
	Outcome    string           `json:"outcome,omitempty"`
	Refusal    string           `json:"refusal,omitempty"` // why it was refused
	Permission *Permission      `json:"agreement,omitempty"`
	Court      *Court           `json:"court,omitempty"` // under which it was hidden until now
	Of         ids.TrackingCode `json:"of,omitempty"`    // the entry that this one is about
	Purged     bool             `json:"purged,omitempty"`
}

// Permission is the clause of the agreement under which the agency asked.
type Permission struct {
	ID      int64 `json:"id"`
	Version int   `json:"version"`
	Clause  int   `json:"clause,omitzero"`
}

// Page asks for a part of the list.
type Page struct {
	After journal.Cursor `json:"after"` // the cursor of the page before
	Limit int            `json:"limit"` // at most 200; 0: 50
}

const (
	usualPage = 50
	longPage  = 200
)

// Asked lists who asked about the person: every entry of the log about him, but
// those that are hidden now, which are counted. That he reads it is an entry
// too, which the next reading shows among his own. Fault: citizen.limit.
func (b *Book) Asked(ctx context.Context, j *journal.Journal, who *Who, page Page) (*Asked, journal.Proven, error) {
	switch {
	case page.Limit == 0:
		page.Limit = usualPage
	case page.Limit < 0 || page.Limit > longPage:
		return nil, journal.Proven{}, fault.New(fault.Invalid, "citizen.limit").At("limit")
	}
	upTo, err := j.ListedUpTo(ctx) // before the list: it may have more than this, never less
	if err != nil {
		return nil, journal.Proven{}, err
	}
	s, err := b.survey(ctx, j, who.Number)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	out := &Asked{Entries: []Asking{}, Own: []Asking{}, Count: s.count, UpTo: upTo, Words: map[string]Word{}}
	var last journal.Cursor
	err = each(ctx, j, who.Number, page.After, func(e *journal.Listed) (bool, error) {
		f := s.fates[e.Code]
		if f == hidden || f == 0 { // 0: came in since
			return true, nil
		}
		if len(out.Entries)+len(out.Own) == page.Limit {
			out.Next = last // of an entry that is shown: that of a hidden one tells its time
			return false, nil
		}
		last = e.At
		a, err := b.asking(e)
		if f == own {
			out.Own = append(out.Own, a)
		} else {
			out.Entries = append(out.Entries, a)
		}
		a.explain(out.Words)
		return true, err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	proven, err := b.note(ctx, j, who, "asked")
	return out, proven, err
}

// note records that the person has read something of the journal.
func (b *Book) note(ctx context.Context, j *journal.Journal, who *Who, what string) (journal.Proven, error) {
	a := register.Act{Kind: receipt.JournalReading, Actor: who.actor, Why: what, Subject: who.Number}
	return register.Read(ctx, b.db, j, a, func(*store.Tx) ([]byte, error) {
		return []byte(`"read":"` + what + `","result":true`), nil
	})
}

// asking is what the person is told of an entry.
func (b *Book) asking(e *journal.Listed) (Asking, error) {
	a := Asking{Code: e.Code, Time: e.Time, Kind: e.Kind.String()}
	if e.Record == nil {
		a.Purged = true
		return a, nil
	}
	r, err := read(e.Record)
	if err != nil {
		return a, err
	}
	if p := r.agency(); p.ID != 0 {
		a.Agency = b.named(p)
	}
	r.get("on_behalf_of", &a.OnBehalf)
	a.Role = r.actor().Role
	if login := r.text("officer"); login != "" && a.Agency != nil {
		if o, err := b.agencies.Officer(a.Agency.ID, login); err == nil {
			a.Role = o.Role
		}
	}
	a.Purpose, a.Process = r.text("purpose"), r.text("process")
	a.Service, a.Mode = r.text("service"), r.text("mode")
	a.Outcome, a.Fields = r.text("outcome"), r.fields()
	if a.Outcome == "" {
		a.Outcome = r.text("status") // of a row of a delivery
	}
	var refusal struct{ Reason string }
	r.get("refusal", &refusal)
	a.Refusal = refusal.Reason
	r.get("agreement", &a.Permission)
	r.get("court", &a.Court)
	r.get("of", &a.Of)
	return a, nil
}

// named fills in the name of a body that the record names by its id alone.
func (b *Book) named(p Party) *Party {
	if p.Name == "" {
		if found, err := b.agencies.ByID(p.ID); err == nil {
			p.Name = found.Name
		}
	}
	return &p
}

// fields are the items that were asked for or told, each once.
func (r record) fields() []string {
	all := map[string]bool{}
	add := func(names []string) {
		for _, n := range names {
			all[n] = true
		}
	}
	var q struct {
		Claims     map[string]string `json:"claims"`
		Fields     []string          `json:"fields"`
		Predicates []struct {
			Name string `json:"name"`
		} `json:"predicates"`
	}
	r.get("question", &q)
	add(slices.Collect(maps.Keys(q.Claims)))
	add(q.Fields)
	for _, p := range q.Predicates {
		add([]string{p.Name})
	}
	var answer struct {
		Values map[string]*string `json:"values"`
	}
	r.get("answer", &answer)
	add(slices.Collect(maps.Keys(answer.Values)))
	var told []string
	r.get("told", &told)
	add(told)
	var items []string
	r.get("items", &items)
	add(items)
	return slices.Sorted(maps.Keys(all))
}
