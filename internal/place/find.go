package place

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
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
		a = new(area)
		found, err := tx.One(areaByID, []any{r.area}, &a.province, &a.county, &a.district, &a.locality, &a.kind, &a.sub)
		if err == nil && !found {
			err = errArea
		}
		if err != nil {
			return nil, err
		}
	}
	return r.place(a)
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
	var bad faults
	if actor.Role == register.Municipality {
		in.Within.within(&in.Address)
	}
	bad.add("address", in.Address.check())
	p := in.Address.place()
	bad.when(p.Province == "", "address.province", "place.missing")
	bad.when(p.County == "", "address.county", "place.missing")
	bad.when(p.Locality == "", "address.locality", "place.missing")
	bad.when(p.Street == "" && p.Street2 == "", "address.street", "place.missing")
	if err := bad.err(); err != nil {
		return nil, err
	}
	if actor.Role == register.Municipality && !in.Within.holds(&p) {
		return nil, errOutside.At("address")
	}
	out := &Found{Places: []*Place{}}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		out.Places = out.Places[:0]
		return b.standingAt(tx, &in.Address, func(p *Place) error {
			if out.Places = append(out.Places, p); len(out.Places) > maxFound {
				return fault.New(fault.Invalid, "place.many").At("address")
			}
			return nil
		})
	})
	return out, err
}

// standingAt calls f for the places that stand at an address, in whatever
// spelling. Its province must be spelt as on record. It reads all places of
// the areas that match: a large city without its quarter takes seconds.
func (b *Book) standingAt(tx *store.Tx, a *Address, f func(*Place) error) error {
	areas, err := areasAt(tx, a)
	if err != nil {
		return err
	}
	for _, at := range areas {
		if err := tx.Each(standingIn, []any{at.id}, func(scan func(...any) error) error {
			var r row
			if err := scan(r.columns()...); err != nil {
				return err
			}
			p, err := r.place(&at.area)
			if err == nil && a.matches(p) {
				err = f(p)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
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
