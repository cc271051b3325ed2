package place

import (
	"context"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Seen is a place in the version that an officer saw.
type Seen struct {
	Code    ids.PostalCode `json:"postal_code"`
	Version int64          `json:"version"` // 0: any
}

// Successor is a place that comes from another. What its address leaves out
// is as it was there.
type Successor struct {
	Code    ids.PostalCode `json:"postal_code"` // 0: the next free one of the area
	Address Address        `json:"address"`
}

// Splitting makes several places out of one.
type Splitting struct {
	register.Grounds
	Code    ids.PostalCode `json:"postal_code"`
	Version int64          `json:"version"`   // that the officer saw; 0: any
	Area    AreaCode       `json:"area_code"` // where successors get their codes; 0: in that of the place
	Into    []Successor    `json:"into"`
}

const maxSuccessors = 1000

// Check reports all mistakes at once.
func (in *Splitting) Check() error {
	var bad fault.List
	bad.Add("", in.Grounds.Check())
	bad.When(in.Code == 0, "postal_code", "place.missing")
	bad.When(len(in.Into) < 2, "into", "place.successors.split")
	bad.When(len(in.Into) > maxSuccessors, "into", "place.successors.many")
	seen := map[ids.PostalCode]bool{}
	for i := range in.Into {
		s := &in.Into[i]
		bad.When(s.Code != 0 && seen[s.Code], indexed("into", i)+".postal_code", "place.twice")
		bad.Add(indexed("into", i)+".address", s.Address.check())
		seen[s.Code] = true
	}
	return bad.Err()
}

// Split ends a place and assigns its successors, all in one act.
func (b *Book) Split(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Splitting) (*Done, journal.Proven, error) {
	if err := register.Only(actor, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "split", &in.Grounds, func(w *writing) error {
		p, err := w.standing(in.Code, in.Version)
		if err != nil {
			return fault.Of(err).At("postal_code")
		}
		var bad fault.List
		var codes []ids.PostalCode
		for i := range in.Into {
			code, err := w.succeed(p, in.Area, &in.Into[i])
			if err != nil && fault.Of(err).Kind >= fault.Internal {
				return err
			}
			bad.Add(indexed("into", i), err)
			codes = append(codes, code)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		return w.close(p, Split, codes)
	})
}

// Merging makes one place out of several.
type Merging struct {
	register.Grounds
	Places []Seen    `json:"places"`
	Area   AreaCode  `json:"area_code"` // where the successor gets its code; 0: in that of the first place
	Into   Successor `json:"into"`      // what its address leaves out is as in the first place
}

// Check reports all mistakes at once.
func (in *Merging) Check() error {
	var bad fault.List
	bad.Add("", in.Grounds.Check())
	bad.When(len(in.Places) < 2, "places", "place.merge.two")
	bad.When(len(in.Places) > maxSuccessors, "places", "place.successors.many")
	seen := map[ids.PostalCode]bool{}
	for i, s := range in.Places {
		bad.When(s.Code == 0, indexed("places", i)+".postal_code", "place.missing")
		bad.When(s.Code != 0 && seen[s.Code], indexed("places", i)+".postal_code", "place.twice")
		seen[s.Code] = true
	}
	bad.Add("into.address", in.Into.Address.check())
	return bad.Err()
}

// Merge ends places and assigns their one successor, all in one act.
func (b *Book) Merge(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Merging) (*Done, journal.Proven, error) {
	if err := register.Only(actor, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "merge", &in.Grounds, func(w *writing) error {
		olds := make([]*Place, len(in.Places))
		for i, s := range in.Places {
			var err error
			if olds[i], err = w.standing(s.Code, s.Version); err != nil {
				return fault.Of(err).At(indexed("places", i) + ".postal_code")
			}
			at := Area{olds[0].Province, olds[0].County, olds[0].Locality}
			if !at.holds(olds[i]) {
				return fault.New(fault.Invalid, "place.merge.apart").At(indexed("places", i) + ".postal_code")
			}
		}
		code, err := w.succeed(olds[0], in.Area, &in.Into)
		if err != nil {
			return fault.Of(err).At("into")
		}
		for _, p := range olds {
			if err := w.close(p, Merged, []ids.PostalCode{code}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Retiring takes a place off: it does not exist any more.
type Retiring struct {
	register.Grounds
	Code       ids.PostalCode   `json:"postal_code"`
	Version    int64            `json:"version"`    // that the officer saw; 0: any
	Successors []ids.PostalCode `json:"successors"` // places that took over, if any
}

// Check reports all mistakes at once.
func (in *Retiring) Check() error {
	var bad fault.List
	bad.Add("", in.Grounds.Check())
	bad.When(in.Code == 0, "postal_code", "place.missing")
	bad.When(len(in.Successors) > maxSuccessors, "successors", "place.successors.many")
	for i, s := range in.Successors {
		bad.When(s == in.Code, indexed("successors", i), "place.successors.self")
		bad.When(slices.Contains(in.Successors[:i], s), indexed("successors", i), "place.twice")
	}
	return bad.Err()
}

// Retire ends a place. Its successors must stand: so chains of successors
// always lead from what is gone to what was there at that moment, and none
// leads back.
func (b *Book) Retire(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Retiring) (*Done, journal.Proven, error) {
	if err := register.Only(actor, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "retire", &in.Grounds, func(w *writing) error {
		p, err := w.standing(in.Code, in.Version)
		if err != nil {
			return fault.Of(err).At("postal_code")
		}
		for i, s := range in.Successors {
			if _, err := w.standing(s, 0); err != nil {
				return fault.Of(err).At(indexed("successors", i))
			}
		}
		return w.close(p, Retired, in.Successors)
	})
}

// succeed assigns a successor of p.
func (w *writing) succeed(p *Place, area AreaCode, s *Successor) (ids.PostalCode, error) {
	next := *p
	next.Code, next.Version, next.Successors = 0, 0, nil
	s.Address.onto(&next)
	if s.Code == 0 && area == 0 {
		area = AreaCode(p.Code / areaSize)
	}
	if s.Code != 0 {
		area = 0
	}
	return w.assign(area, s.Code, next)
}

// close ends a place. Its successors stand behind the entrance where it was.
func (w *writing) close(p *Place, as State, successors []ids.PostalCode) error {
	p.State, p.Successors = as, successors
	if err := w.put(p); err != nil {
		return err
	}
	var entrance int64
	found, err := w.tx.One(entranceOf, []any{int64(p.Code)}, &entrance)
	if err != nil || !found {
		return err
	}
	if _, err := w.tx.Exec(entranceForget, int64(p.Code)); err != nil {
		return err
	}
	for _, s := range successors {
		next, err := w.read(s)
		if err == nil {
			err = w.n.keep(w.tx, next, entrance)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Current follows successors to the places that count today: the place itself
// if it stands, none if it is gone without successors.
func (b *Book) Current(ctx context.Context, code ids.PostalCode) (all []*Place, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all, err = b.current(tx, code)
		return err
	})
	return all, err
}

func (b *Book) current(tx *store.Tx, code ids.PostalCode) ([]*Place, error) {
	all := []*Place{}
	seen := map[ids.PostalCode]bool{code: true} // an imported file may hold circles
	for queue := []ids.PostalCode{code}; len(queue) > 0; queue = queue[1:] {
		p, err := b.read(tx, queue[0])
		switch {
		case err != nil:
			return nil, err
		case p == nil:
			continue
		case p.State == Active:
			all = append(all, p)
		}
		for _, s := range p.Successors {
			if !seen[s] {
				seen[s] = true
				queue = append(queue, s)
			}
		}
	}
	return all, nil
}
