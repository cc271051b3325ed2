package citizen

import (
	"context"
	"encoding/json"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/receipt"
)

// record is what an entry says; its members are those of docs/events.md, which
// differ from kind to kind.
type record map[string]json.RawMessage

func read(b []byte) (r record, err error) {
	err = json.Unmarshal(b, &r)
	return r, err
}

// get reads a member; one that is absent or of another form leaves v as it is.
func (r record) get(name string, v any) {
	if raw, ok := r[name]; ok {
		_ = json.Unmarshal(raw, v)
	}
}

func (r record) text(name string) (s string) {
	r.get(name, &s)
	return s
}

// actor is who did it, in records of acts.
type actor struct {
	Role   string      `json:"role"`
	Agency ids.LegalID `json:"agency"`
	ID     string      `json:"id"`
}

func (r record) actor() (a actor) {
	r.get("actor", &a)
	return a
}

// Party is a body as the person is told of it.
type Party struct {
	ID   ids.LegalID `json:"id"`
	Name string      `json:"name,omitempty"`
}

// agency is whom the entry is of: an object with id and name in inquiries, the
// id alone in others, or the agency of the actor.
func (r record) agency() (p Party) {
	if r.get("agency", &p); p.ID == 0 {
		r.get("agency", &p.ID)
	}
	if p.ID == 0 {
		p.ID = r.actor().Agency
	}
	return p
}

// Court is under which reference an inquiry was kept from the person, and to
// which day.
type Court struct {
	Reference string       `json:"reference"`
	Until     persian.Date `json:"until"`
}

// of are the entries that this one is about.
func (r record) of() (codes []ids.TrackingCode) {
	var one ids.TrackingCode
	if r.get("of", &one); one != "" {
		return []ids.TrackingCode{one}
	}
	if r.get("of", &codes); len(codes) > 0 {
		return codes
	}
	var c struct {
		Of []ids.TrackingCode `json:"of"`
	}
	r.get("correction", &c)
	return c.Of
}

// Count is all entries of the log about a person, each in one of the four.
type Count struct {
	Total  int64 `json:"total"`
	Shown  int64 `json:"shown"`
	Own    int64 `json:"own"`    // what he has done himself: readings, locks, objections, disputes
	Hidden int64 `json:"hidden"` // under a court's reference, until its day
	Purged int64 `json:"purged"` // of which the log keeps no more than that they were
}

// fate is what becomes of an entry in the list.
type fate uint8

const (
	shown fate = iota + 1
	own
	hidden
	purged
)

// survey is the fate of every entry about a person.
type survey struct {
	count Count
	fates map[ids.TrackingCode]fate
}

// follower is an entry that may give away one that is hidden.
type follower struct {
	code   ids.TrackingCode
	agency ids.LegalID
	of     []ids.TrackingCode
}

// survey goes through all entries about a person. An inquiry under a court's
// reference is hidden until its day is over. What follows from it would give it
// away, so that is hidden with it: what names it, and what does not say which
// answer it rests on while the same agency has a hidden one.
func (b *Book) survey(ctx context.Context, j *journal.Journal, n ids.NationalNumber) (*survey, error) {
	s := &survey{fates: map[ids.TrackingCode]fate{}}
	today := persian.DateOf(b.Clock())
	withheld := map[ids.LegalID]bool{}
	var followers []follower
	err := each(ctx, j, n, journal.Cursor{}, func(e *journal.Listed) (bool, error) {
		if e.Record == nil {
			s.fates[e.Code] = purged
			return true, nil
		}
		r, err := read(e.Record)
		if err != nil {
			return false, err
		}
		var court Court
		if raw, ok := r["court"]; ok { // one that cannot be read must not be taken for none
			if err := json.Unmarshal(raw, &court); err != nil {
				return false, err
			}
		}
		party := r.agency()
		switch kind := r.text("kind"); {
		case r.actor().Role == register.Citizen:
			s.fates[e.Code] = own
		case court.Until.Compare(today) >= 0:
			s.fates[e.Code] = hidden
			var behalf Party
			r.get("on_behalf_of", &behalf)
			withheld[party.ID], withheld[behalf.ID] = true, true
		default:
			s.fates[e.Code] = shown
			if party.ID != 0 && kind != receipt.Inquiry.String() && kind != receipt.DeliveryRow.String() {
				followers = append(followers, follower{e.Code, party.ID, r.of()})
			}
		}
		return true, nil
	})
	for _, f := range followers {
		if s.gives(f, withheld) {
			s.fates[f.code] = hidden
		}
	}
	s.sum()
	return s, err
}

// gives reports whether a follower would give a hidden entry away.
func (s *survey) gives(f follower, withheld map[ids.LegalID]bool) bool {
	if len(f.of) == 0 {
		return withheld[f.agency]
	}
	for _, code := range f.of {
		if s.fates[code] == hidden {
			return true
		}
	}
	return false
}

func (s *survey) sum() {
	for _, f := range s.fates {
		s.count.Total++
		switch f {
		case shown:
			s.count.Shown++
		case own:
			s.count.Own++
		case hidden:
			s.count.Hidden++
		case purged:
			s.count.Purged++
		}
	}
}

// each gives the entries about a person, newest first, until f has enough.
func each(ctx context.Context, j *journal.Journal, n ids.NationalNumber, after journal.Cursor, f func(*journal.Listed) (more bool, err error)) error {
	for {
		l, err := j.AboutPerson(ctx, n, journal.Page{After: after, Limit: 500})
		if err != nil {
			return err
		}
		for i := range l.Entries {
			if more, err := f(&l.Entries[i]); err != nil || !more {
				return err
			}
		}
		if after = l.Next; after.IsZero() {
			return nil
		}
	}
}
