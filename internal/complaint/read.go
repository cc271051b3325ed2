package complaint

import (
	"context"
	"crypto/subtle"
	"encoding/json"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// longest is as much of what was typed as can be a secret.
const longest = 60

// admit finds the report that code and secret open together. Whichever is
// wrong, the answer is the same.
func (b *Book) admit(ctx context.Context, j *journal.Journal, k *Key) (int64, error) {
	if k.Code == "" || k.Secret == "" || len(k.Secret) > longest {
		return 0, errFollow
	}
	entry, found, err := j.ByCode(ctx, k.Code)
	if err != nil {
		return 0, err
	}
	var about struct {
		Complaint int64 `json:"complaint"`
	}
	if found && entry.Kind == receipt.Complaint && entry.Record != nil {
		if err := json.Unmarshal(entry.Record, &about); err != nil {
			return 0, err
		}
	}
	sum := hash(k.Secret)
	right := 0
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		right = 0
		return tx.Each(secretAll, []any{about.Complaint}, func(row func(...any) error) error {
			var kept []byte
			err := row(&kept)
			right |= subtle.ConstantTimeCompare(sum[:], kept)
			return err
		})
	})
	if err == nil && right != 1 {
		err = errFollow
	}
	return about.Complaint, err
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
	for after := f.After; len(all) < limit; {
		some, err := b.page(ctx, after, of, f, limit)
		if err != nil {
			return nil, err
		}
		for _, c := range some {
			if after = c.ID; c.visible(actor) && len(all) < limit {
				all = append(all, *b.shownTo(actor, c))
			}
		}
		if len(some) < limit {
			break
		}
	}
	return all, nil
}

// page is the next reports that the filter chooses, whoever may see them.
func (b *Book) page(ctx context.Context, after int64, of ids.LegalID, f *Filter, limit int) (some []*Complaint, err error) {
	today, before := b.today(), int64(0)
	if f.Late {
		before = int64(today.Pack())
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		some = some[:0]
		return tx.Each(list, []any{after, int64(of), int64(f.State), before, int64(limit)}, func(row func(...any) error) error {
			c, err := scan(row, today)
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
