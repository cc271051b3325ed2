package board

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Meeting is a session as its secretary registers it.
type Meeting struct {
	Date    persian.Date `json:"date"`
	Place   string       `json:"place"`
	Present []int64      `json:"present"` // members who were there
	Agenda  string       `json:"agenda"`
	Minutes string       `json:"minutes"`
}

// Lengths of texts, in letters.
const (
	longName = 200
	longText = 4000
)

// clean checks a text that people read, and brings it into the form to store.
func clean(bad *fault.List, s *string, field string, most int) {
	text, err := persian.Display(*s)
	switch {
	case err != nil:
		bad.Add(field, err)
	case text == "":
		bad.When(true, field, "board.missing")
	case utf8.RuneCountInString(text) > most:
		bad.When(true, field, "board.long", strconv.Itoa(most))
	}
	*s = text
}

// Hold registers a session that was held. Faults: board.future if its day has
// not come, board.quorum if fewer than three of the bodies were there,
// board.present if somebody is named who was no member on that day.
func (b *Book) Hold(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Meeting) (*Session, journal.Proven, error) {
	if err := register.Only(actor, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	clean(&bad, &in.Place, "place", longName)
	clean(&bad, &in.Agenda, "agenda", longText)
	clean(&bad, &in.Minutes, "minutes", longText)
	bad.When(!in.Date.Precise(), "date", "board.day")
	bad.When(in.Date.Compare(b.today()) > 0, "date", "board.future")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	slices.Sort(in.Present)
	s := &Session{Date: in.Date, Place: in.Place, Present: slices.Compact(in.Present), Agenda: in.Agenda, Minutes: in.Minutes}
	proven, err := b.do(ctx, j, actor, "board-session", func(tx *store.Tx, c *register.Change) ([]byte, error) {
		m, err := b.Sitting(tx, actor)
		if err != nil {
			return nil, err
		}
		if err := s.attended(tx); err != nil {
			return nil, err
		}
		if s.ID, err = next(tx, sessionLast); err != nil {
			return nil, err
		}
		s.Made, s.Member = c.At.UTC(), m.ID
		if _, err := tx.Exec(sessionInsert, s.ID, int64(s.Date.Pack()), s.Place, s.Agenda, s.Minutes, c.Micros(), s.Member, c.Act[:]); err != nil {
			return nil, err
		}
		for _, p := range s.Present {
			if _, err := tx.Exec(presentInsert, s.ID, p); err != nil {
				return nil, err
			}
		}
		return s.body(), nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return s, proven, nil
}

// attended holds who was there against the list of members and the quorum.
func (s *Session) attended(tx *store.Tx) error {
	all, err := members(tx)
	if err != nil {
		return err
	}
	bodies := map[string]bool{}
	for n, id := range s.Present {
		i := slices.IndexFunc(all, func(m Member) bool { return m.ID == id && m.on(s.Date) })
		if i < 0 {
			return fault.New(fault.Invalid, "board.present").At("present." + strconv.Itoa(n))
		}
		bodies[all[i].Body] = true
	}
	if len(bodies) < quorum {
		return fault.New(fault.Conflict, "board.quorum").At("present")
	}
	return nil
}

func (s *Session) body() []byte {
	b := strconv.AppendInt([]byte(`"session":{"id":`), s.ID, 10)
	b = s.Date.AppendTo(append(b, `,"date":"`...))
	b = append(b, `","present":[`...)
	for i, p := range s.Present {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, p, 10)
	}
	b = receipt.AppendString(append(b, `],"place":`...), s.Place)
	b = receipt.AppendString(append(b, `,"agenda":`...), s.Agenda)
	return append(receipt.AppendString(append(b, `,"minutes":`...), s.Minutes), '}')
}

// Page is a part of a list.
type Page struct {
	After int64 `json:"after"` // the last of the page before
	Limit int   `json:"limit"` // at most 1000; 0: 100
}

const (
	usualPage = 100
	mostPage  = 1000
)

func (p *Page) check() error {
	switch {
	case p.Limit == 0:
		p.Limit = usualPage
	case p.Limit < 0 || p.Limit > mostPage:
		return fault.New(fault.Invalid, "board.limit").At("limit")
	}
	return nil
}

// Sessions lists sessions in the order in which they were registered.
func (b *Book) Sessions(ctx context.Context, actor journal.Actor, p *Page) (all []Session, err error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		if err := tx.Each(sessionList, []any{p.After, int64(p.Limit)}, func(scan func(...any) error) error {
			s, err := scanSession(scan)
			all = append(all, s)
			return err
		}); err != nil {
			return err
		}
		for i := range all {
			if err := all[i].present(tx); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// sessionOf is a session with those present. Fault: board.session.unknown.
func sessionOf(tx *store.Tx, id int64) (s Session, err error) {
	err = tx.Each(sessionByID, []any{id}, func(scan func(...any) error) (err error) {
		s, err = scanSession(scan)
		return err
	})
	if err == nil && s.ID == 0 {
		err = fault.New(fault.NotFound, "board.session.unknown").At("session")
	}
	if err != nil {
		return s, err
	}
	return s, s.present(tx)
}

func (s *Session) present(tx *store.Tx) error {
	s.Present = nil
	return tx.Each(presentOf, []any{s.ID}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		s.Present = append(s.Present, id)
		return err
	})
}

func scanSession(scan func(...any) error) (s Session, err error) {
	var held, made int64
	err = scan(&s.ID, &held, &s.Place, &s.Agenda, &s.Minutes, &made, &s.Member)
	s.Date, s.Made = persian.UnpackDate(int32(held)), store.Moment(made)
	return s, err
}
