package place

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// read gives the place of a code within a transaction; nil: there is none.
func (b *Book) read(tx *store.Tx, code ids.PostalCode) (*Place, error) {
	var r row
	found, err := tx.One(byCode, []any{int64(code)}, r.columns()...)
	if err != nil || !found {
		return nil, err
	}
	return b.placeIn(tx, &r)
}

// placeIn is place within a transaction, which may have made the area itself:
// so what is not in memory is read in it and not kept.
func (b *Book) placeIn(tx *store.Tx, r *row) (*Place, error) {
	a := b.areas.known(r.area)
	if a == nil {
		var err error
		if a, err = areaIn(tx, r.area); err != nil {
			return nil, err
		}
	}
	return r.place(a)
}

func areaIn(tx *store.Tx, id int64) (*area, error) {
	a := new(area)
	found, err := tx.One(areaByID, []any{id}, &a.province, &a.county, &a.district, &a.locality, &a.kind, &a.sub)
	if err == nil && !found {
		err = errArea
	}
	return a, err
}

// Finding asks for a place by its code, or for places by their address.
type Finding struct {
	Code    ids.PostalCode `json:"postal_code"`
	Address Address        `json:"address"` // at least province, county, locality and a street
	Within  Area           `json:"-"`       // a municipality's own; others: not used
}

// Found is the answer.
type Found struct {
	Places  []*Place `json:"places"`
	Current []*Place `json:"current,omitempty"` // by code: those that count today
	History []Past   `json:"history,omitempty"` // by code: earlier versions, oldest first
}

// Past is an earlier version of a place.
type Past struct {
	Place Place     `json:"place"`
	Until time.Time `json:"until"`
	Why   string    `json:"why"` // reason of the change that ended it
}

// maxFound is how many places an address may have.
const maxFound = 200

// Find looks a place up. A municipality sees those of its own area.
func (b *Book) Find(ctx context.Context, actor journal.Actor, in *Finding) (*Found, error) {
	if err := register.Only(actor, register.Post, register.Municipality, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	if in.Code == 0 {
		return b.findByAddress(ctx, actor, in)
	}
	p, found, err := b.ByCode(ctx, in.Code)
	if err == nil && !found {
		err = errUnknown.At("postal_code")
	}
	if err == nil && actor.Role == register.Municipality && !in.Within.holds(p) {
		err = errOutside.At("postal_code")
	}
	if err != nil {
		return nil, err
	}
	out := &Found{Places: []*Place{p}}
	if out.Current, err = b.Current(ctx, in.Code); err != nil {
		return nil, err
	}
	past, err := b.History(ctx, in.Code)
	for _, v := range past {
		out.History = append(out.History, Past{v.Place, v.Until.At, v.Until.Why})
	}
	return out, err
}

var errOutside = fault.New(fault.Forbidden, "place.outside")

func (b *Book) findByAddress(ctx context.Context, actor journal.Actor, in *Finding) (*Found, error) {
	var bad fault.List
	if actor.Role == register.Municipality {
		in.Within.within(&in.Address)
	}
	bad.Add("address", in.Address.check())
	p := in.Address.place()
	bad.When(p.Province == "", "address.province", "place.missing")
	bad.When(p.County == "", "address.county", "place.missing")
	bad.When(p.Locality == "", "address.locality", "place.missing")
	bad.When(p.Street == "" && p.Street2 == "", "address.street", "place.missing")
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if actor.Role == register.Municipality && !in.Within.holds(&p) {
		return nil, errOutside.At("address")
	}
	out := &Found{Places: []*Place{}}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		out.Places = out.Places[:0]
		return b.standingAt(tx, &sought{address: in.Address, found: func(p *Place) error {
			if out.Places = append(out.Places, p); len(out.Places) > maxFound {
				return fault.New(fault.Invalid, "place.many").At("address")
			}
			return nil
		}})
	})
	return out, err
}

// sought is an address whose places are looked for.
type sought struct {
	address Address
	keys    [7]string // of the parts below the area, where stated
	found   func(*Place) error
}

// standingAt calls found for the places that stand at an address, in whatever
// spelling, and so for several addresses in one go. A province must be spelt
// as on record. It reads all places of the areas that match, some 150,000 a
// second: a large city without its quarter takes long.
func (b *Book) standingAt(tx *store.Tx, all ...*sought) error {
	at := map[int64][]*sought{}
	var areas []numbered
	for _, s := range all {
		found, err := areasAt(tx, &s.address)
		if err != nil {
			return err
		}
		for _, n := range found {
			if at[n.id] == nil {
				areas = append(areas, n)
			}
			at[n.id] = append(at[n.id], s)
		}
		for i, part := range s.address.below() {
			if part != nil {
				s.keys[i] = persian.Key(*part)
			}
		}
	}
	keys := map[string]string{} // streets repeat
	for i := range areas {
		if err := standingInArea(tx, &areas[i], at[areas[i].id], keys); err != nil {
			return err
		}
	}
	return nil
}

func standingInArea(tx *store.Tx, n *numbered, all []*sought, keys map[string]string) error {
	return tx.Each(standingIn, []any{n.id}, func(scan func(...any) error) error {
		var r row
		if err := scan(r.columns()...); err != nil {
			return err
		}
		for _, s := range all {
			if !s.matches(&r, keys) {
				continue
			}
			p, err := r.place(&n.area)
			if err == nil {
				err = s.found(p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// matches reports whether a row of an area that matches does so too.
func (s *sought) matches(r *row, keys map[string]string) bool {
	have := [...]string{r.street, r.street2, r.house, r.floor, r.side, r.building, r.note}
	for i, part := range s.address.below() {
		if part == nil || *part == have[i] {
			continue
		}
		key, known := keys[have[i]]
		if !known {
			if len(keys) >= maxTexts {
				clear(keys)
			}
			key = persian.Key(have[i])
			keys[have[i]] = key
		}
		if key != s.keys[i] {
			return false
		}
	}
	return true
}

// numbered is an area with its id.
type numbered struct {
	area
	id int64
}

// areasAt lists the areas that the upper part of an address means; without a
// province, those of the country.
func areasAt(tx *store.Tx, a *Address) (all []numbered, err error) {
	upper := Address{Province: a.Province, County: a.County, District: a.District, Locality: a.Locality, LocalityKind: a.LocalityKind, SubLocality: a.SubLocality}
	query, args := areasAll, []any(nil)
	if a.Province != nil {
		query, args = areasOf, []any{*a.Province}
	}
	err = tx.Each(query, args, func(scan func(...any) error) error {
		var n numbered
		if err := scan(&n.id, &n.province, &n.county, &n.district, &n.locality, &n.kind, &n.sub); err != nil {
			return err
		}
		var p Place
		p.setArea(&n.area)
		if upper.matches(&p) {
			all = append(all, n)
		}
		return nil
	})
	return all, err
}
