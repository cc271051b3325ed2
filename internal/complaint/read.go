package complaint

import (
	"context"
	"crypto/subtle"
	"encoding/json"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// longest is as much of what was typed as can be a secret.
const longest = 60

// admit finds the report that code and secret open together. Whichever is
// wrong, the answer is the same. first says that the secret is of who filed it
// before all others who reported the same.
func (b *Book) admit(ctx context.Context, j *journal.Journal, k *Key) (id int64, first bool, err error) {
	if k.Code == "" || k.Secret == "" || len(k.Secret) > longest {
		return 0, false, errFollow
	}
	entry, found, err := j.ByCode(ctx, k.Code)
	if err != nil {
		return 0, false, err
	}
	var about struct {
		Complaint int64 `json:"complaint"`
	}
	if found && entry.Kind == receipt.Complaint && entry.Record != nil {
		if err := json.Unmarshal(entry.Record, &about); err != nil {
			return 0, false, err
		}
	}
	sum := ids.HashSecret(use, k.Secret)
	right := 0
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		n := 0
		right, first = 0, false
		return tx.Each(secretAll, []any{about.Complaint}, func(row func(...any) error) error {
			var kept []byte
			err := row(&kept)
			right |= subtle.ConstantTimeCompare(sum[:], kept)
			first = first || n == 0 && right == 1
			n++
			return err
		})
	})
	if err == nil && right != 1 {
		err = errFollow
	}
	return about.Complaint, first, err
}

// overseers see all reports.
var overseers = []string{register.Inspector, register.Supervisor, register.Member}

// visible reports whether a report is there for the actor. One that is held no
// agency sees: it may be noise.
func (c *Complaint) visible(a journal.Actor) bool {
	return a.Role != agency.RoleHead || c.Agency == a.Agency && c.State != Held
}

// shownTo leaves out what is not for the actor's eyes.
func (b *Book) shownTo(a journal.Actor, c *Complaint) *Complaint {
	if a.Role != register.Inspector || !c.Judged.IsZero() && c.State.judged() && c.Judged.Before(b.today().AddMonths(-keepMonths).Start()) {
		c.Contact = ""
	}
	if of, err := b.agencies.ByID(c.Agency); err == nil {
		c.Accountable = of.Accountable
	}
	return c
}

// Filter chooses reports.
type Filter struct {
	Agency ids.LegalID `json:"agency"` // 0: all that the actor may see
	State  State       `json:"state"`  // 0: any
	Late   bool        `json:"late"`   // only those whose answer is overdue
	After  int64       `json:"after"`  // the last report of the page before
	Limit  int         `json:"limit"`  // at most 1000; 0: 100
}

const (
	usualPage = 100
	longPage  = 1000
)

// List lists reports in order of filing, without steps: an agency's head those
// about his agency, inspectors, supervisors and members of the board all.
// Faults: complaint.limit, complaint.agency.
func (b *Book) List(ctx context.Context, actor journal.Actor, f *Filter) ([]Complaint, error) {
	if err := register.Only(actor, append([]string{agency.RoleHead}, overseers...)...); err != nil {
		return nil, err
	}
	limit, of := f.Limit, f.Agency
	switch {
	case limit == 0:
		limit = usualPage
	case limit < 0 || limit > longPage:
		return nil, fault.New(fault.Invalid, "complaint.limit").At("limit")
	}
	if actor.Role == agency.RoleHead {
		if of != 0 && of != actor.Agency {
			return nil, fault.New(fault.NotFound, "complaint.agency").At("agency")
		}
		of = actor.Agency
	}
	all := []Complaint{}
	for after := f.After; ; {
		some, err := b.page(ctx, after, of, f, limit)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			if after = c.ID; len(all) < limit && c.visible(actor) && f.chooses(c, b.today()) {
				all = append(all, *b.shownTo(actor, c))
			}
		}
		if len(some) < limit || len(all) == limit {
			return all, nil
		}
	}
}

func (f *Filter) chooses(c *Complaint, today persian.Date) bool {
	return (f.State == 0 || c.State == f.State) && (!f.Late || c.State == Opened && c.Deadline.Compare(today) < 0)
}

// page is the next reports of an agency, or in a state, whoever may see them.
func (b *Book) page(ctx context.Context, after int64, of ids.LegalID, f *Filter, limit int) (some []*Complaint, err error) {
	query, args := list, []any{after, int64(limit)}
	state := f.State
	if f.Late {
		state = Opened
	}
	switch {
	case of != 0 && state != 0:
		query, args = listOfIn, []any{int64(of), int64(state), after, int64(limit)}
	case of != 0:
		query, args = listOf, []any{int64(of), after, int64(limit)}
	case state != 0:
		query, args = listIn, []any{int64(state), after, int64(limit)}
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		some = some[:0]
		return tx.Each(query, args, func(row func(...any) error) error {
			c, err := scan(row, b.today())
			some = append(some, c)
			return err
		})
	})
	return some, err
}

// Find is one report with its steps. Fault: complaint.unknown.
func (b *Book) Find(ctx context.Context, actor journal.Actor, id int64) (c *Complaint, err error) {
	if err := register.Only(actor, append([]string{agency.RoleHead}, overseers...)...); err != nil {
		return nil, err
	}
	err = b.db.Read(ctx, func(tx *store.Tx) (err error) {
		if c, err = b.read(tx, id); err != nil {
			return err
		}
		if !c.visible(actor) {
			return errUnknown
		}
		return steps(tx, c)
	})
	if err != nil {
		return nil, err
	}
	if c = b.shownTo(actor, c); actor.Role == agency.RoleHead {
		for i := range c.Steps { // inspectors are not named to those they inspect
			if c.Steps[i].Agency != actor.Agency {
				c.Steps[i].Officer = ""
			}
		}
	}
	return c, nil
}
