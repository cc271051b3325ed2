package agreement

import (
	"context"
	"slices"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Filter chooses agreements or drafts.
type Filter struct {
	Agency ids.LegalID `json:"agency"` // 0: any
	Drafts bool        `json:"drafts"` // drafts instead of agreements
	Open   bool        `json:"open"`   // of drafts: only those that are not in force yet
	State  DraftState  `json:"state"`  // of drafts: only those that are so far; left out: any
	Newest bool        `json:"newest"` // the newest first
	After  int64       `json:"after"`  // the last number of the page before
	Limit  int         `json:"limit"`  // at most 1000; 0: 100
}

// List lists, by number, agreements in their newest versions, or drafts without
// text and steps. An agency's officers see those of their own.
func (b *Book) List(ctx context.Context, actor journal.Actor, f *Filter) (all []*Agreement, drafts []*Draft, err error) {
	if err := register.Only(actor, slices.Concat(overseers, insiders)...); err != nil {
		return nil, nil, err
	}
	limit, err := limited(f.Limit)
	if err != nil {
		return nil, nil, err
	}
	of := f.Agency
	if !slices.Contains(overseers, actor.Role) {
		if of != 0 && of != actor.Agency {
			return nil, nil, nil
		}
		of = actor.Agency
	}
	if f.Drafts {
		drafts, err = b.drafts(ctx, of, f, limit)
		return nil, drafts, err
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, nil, err
	}
	every := slices.All(b.All())
	if f.Newest {
		every = slices.Backward(b.All())
	}
	for _, a := range every {
		behind := f.After == 0 || a.ID != f.After && (a.ID < f.After) == f.Newest
		if behind && (of == 0 || a.Agency == of) && len(all) < limit {
			all = append(all, a)
		}
	}
	return all, nil, nil
}

func (b *Book) drafts(ctx context.Context, of ids.LegalID, f *Filter, limit int) (all []*Draft, err error) {
	q, args := draftLists.Page(store.ByID(f.Newest), f.After, limit,
		store.If(of != 0, int64(of)), store.If(f.State != 0, int64(f.State)), store.If(f.Open || f.State != 0 && f.State != Effective))
	err = b.db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = readDrafts(tx, q, args...)
		return err
	})
	return all, err
}

// Waiting is how many drafts there are in each state but in force, for an
// actor who may list them: an agency's officers count those of their own.
func (b *Book) Waiting(ctx context.Context, actor journal.Actor) (map[DraftState]int64, error) {
	if err := register.Only(actor, slices.Concat(overseers, insiders)...); err != nil {
		return nil, err
	}
	q, args := draftCount, []any{}
	if !slices.Contains(overseers, actor.Role) {
		q, args = draftCountOf, []any{int64(actor.Agency)}
	}
	n := map[DraftState]int64{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		clear(n)
		return tx.Each(q, args, func(scan func(...any) error) error {
			var state, count int64
			err := scan(&state, &count)
			n[DraftState(state)] = count
			return err
		})
	})
	return n, err
}

// Versions are those of one agreement, the newest first, for an actor who may
// see it. Fault: agreement.unknown.
func (b *Book) Versions(ctx context.Context, actor journal.Actor, id int64) ([]*Agreement, error) {
	if err := register.Only(actor, slices.Concat(overseers, insiders)...); err != nil {
		return nil, err
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, err
	}
	l := b.all.Get().byID[id]
	if len(l) == 0 || !sees(actor, l[0].Agency) {
		return nil, errUnknown.At("agreement")
	}
	return l, nil
}

// Found is a draft, or a version of an agreement with all of its versions, the
// newest first.
type Found struct {
	Draft    *Draft
	Version  *Agreement
	Versions []*Agreement
}

// Find finds a text that the actor may see. Faults: agreement.pick,
// agreement.unknown, agreement.version.unknown, agreement.draft.unknown.
func (b *Book) Find(ctx context.Context, actor journal.Actor, in *Picking) (*Found, error) {
	if err := register.Only(actor, slices.Concat(overseers, insiders)...); err != nil {
		return nil, err
	}
	if err := in.Check(); err != nil {
		return nil, err
	}
	if in.Draft != 0 {
		d, err := b.draft(ctx, actor, in.Draft)
		return &Found{Draft: d}, err
	}
	list, err := b.Versions(ctx, actor, in.Agreement)
	if err != nil {
		return nil, err
	}
	f := &Found{Version: list[0], Versions: list}
	if in.Version != 0 {
		if f.Version = b.pick(in.Agreement, in.Version); f.Version == nil {
			return nil, errPick.At("version")
		}
	}
	return f, nil
}
