package delivery

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Period is a stretch of days, both included.
type Period struct {
	From persian.Date `json:"from"` // zero: thirty days before to
	To   persian.Date `json:"to"`   // zero: today
}

const mostDays = 400

// Productivity is what clerks have done in a period. It holds nothing of the
// persons they decided about.
type Productivity struct {
	From   persian.Date  `json:"from"`
	To     persian.Date  `json:"to"`
	Clerks []ClerkRecord `json:"clerks"`
}

// ClerkRecord is what one has done.
type ClerkRecord struct {
	Officer  string      `json:"officer"`
	Agency   ids.LegalID `json:"agency,omitzero"`
	Decided  int         `json:"decided"`
	Undone   int         `json:"undone"`   // that he took back, his own or others'
	Compared int         `json:"compared"` // of his decisions, those on which another decided too
	Agreed   int         `json:"agreed"`   // and said the same
	Median   int64       `json:"median_seconds"`

	seconds []int64
}

// Productivity tells a supervisor of all, a clerk of himself.
func (b *Book) Productivity(ctx context.Context, actor journal.Actor, in *Period) (*Productivity, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	out := &Productivity{From: in.From, To: in.To, Clerks: []ClerkRecord{}}
	if out.To.IsZero() {
		out.To = persian.DateOf(b.c.Clock())
	}
	if out.From.IsZero() {
		out.From = out.To.AddDays(-30)
	}
	if days := out.To.Days() - out.From.Days(); !out.From.Precise() || !out.To.Precise() || days < 0 || days > mostDays {
		return nil, fault.New(fault.Invalid, "delivery.review.period").At("from")
	}
	all, err := b.deeds(ctx, out.From, out.To)
	if err != nil {
		return nil, err
	}
	of := map[journal.Actor]*ClerkRecord{}
	for i := range all {
		all[i].count(of, all)
	}
	for who, c := range of {
		if who.ID != actor.ID || who.Agency != actor.Agency {
			if actor.Role != register.Supervisor {
				continue
			}
		}
		slices.Sort(c.seconds)
		if n := len(c.seconds); n > 0 {
			c.Median = c.seconds[n/2]
		}
		out.Clerks = append(out.Clerks, *c)
	}
	slices.SortFunc(out.Clerks, func(a, b ClerkRecord) int {
		return cmp.Or(cmp.Compare(b.Decided, a.Decided), strings.Compare(a.Officer, b.Officer), cmp.Compare(a.Agency, b.Agency))
	})
	return out, nil
}

// deed is one step of anybody on a case.
type deed struct {
	review, round, seconds int64
	what                   string
	who                    journal.Actor // without his role, which may change
	finding, subject       int64
	next                   int // the one before in the same round of the case; -1: none
}

// deeds are all steps of a period, each with those of its round.
func (b *Book) deeds(ctx context.Context, from, to persian.Date) (all []deed, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		last := map[[2]int64]int{}
		return tx.Each(stepsIn, []any{from.Start().UnixMicro(), to.AddDays(1).Start().UnixMicro()}, func(scan func(...any) error) error {
			d := deed{next: -1}
			var agency int64
			err := scan(&d.review, &d.round, &d.what, &agency, &d.who.ID, &d.seconds, &d.finding, &d.subject)
			d.who.Agency = ids.LegalID(agency)
			if d.what == "decided" {
				if i, seen := last[[2]int64{d.review, d.round}]; seen {
					d.next = i
				}
				last[[2]int64{d.review, d.round}] = len(all)
			}
			all = append(all, d)
			return err
		})
	})
	return all, err
}

// count adds a deed to what its doer has done, and to what those before him in
// the same round have in common with him.
func (d *deed) count(of map[journal.Actor]*ClerkRecord, all []deed) {
	record := func(who journal.Actor) *ClerkRecord {
		if of[who] == nil {
			of[who] = &ClerkRecord{Officer: who.ID, Agency: who.Agency}
		}
		return of[who]
	}
	c := record(d.who)
	switch d.what {
	case "undone":
		c.Undone++
	case "decided":
		c.Decided++
		c.seconds = append(c.seconds, d.seconds)
		for i := d.next; i >= 0; i = all[i].next {
			same := b2i(all[i].finding == d.finding && all[i].subject == d.subject)
			other := record(all[i].who)
			c.Compared, c.Agreed = c.Compared+1, c.Agreed+same
			other.Compared, other.Agreed = other.Compared+1, other.Agreed+same
		}
	}
}
