package notice

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Sent is a letter of one person: how it stands, and what he has said to it.
type Sent struct {
	Letter
	Name    string             // of its campaign
	Made    time.Time          // when the campaign was ordered
	LastDay persian.Date       // for an objection; zero: in no batch yet
	Cases   []discrepancy.Case // that he has opened with it, without what he wrote
}

// Of lists a person's letters, oldest first. It is no entry of its own: it is
// for who has just read the record by an act that is one (person.ReadHistory),
// and like the record it is not for a clerk where the person is protected.
// Fault: person.protected.
func (b *Book) Of(ctx context.Context, j *journal.Journal, actor journal.Actor, n ids.NationalNumber) ([]Sent, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	p, found, err := b.persons.ByNumber(ctx, n)
	switch {
	case err != nil:
		return nil, err
	case found && p.Hidden(actor):
		return nil, person.ErrProtected
	}
	var all []Sent
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		err := tx.Each(letterOf, []any{int64(n)}, func(scan func(...any) error) error {
			l, err := scanLetter(scan)
			if err == nil {
				all = append(all, Sent{Letter: *l})
			}
			return err
		})
		for i := 0; i < len(all) && err == nil; i++ {
			err = all[i].whence(tx)
		}
		return err
	})
	for i := 0; i < len(all) && err == nil; i++ {
		all[i].Cases, err = b.cases.From(ctx, j, discrepancy.Objection, all[i].ID)
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// whence fills in the campaign and the batch.
func (s *Sent) whence(tx *store.Tx) error {
	c, err := campaign(tx, s.Campaign)
	if err != nil {
		return err
	}
	s.Name, s.Made = c.Name, c.Made
	if s.Batch == 0 {
		return nil
	}
	t, err := batch(tx, s.Batch)
	if err == nil {
		s.LastDay = t.LastDay
	}
	return err
}
