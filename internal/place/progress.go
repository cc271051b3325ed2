package place

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Looking asks for the entrances of a part of the country.
type Looking struct {
	Address Address    `json:"address"` // upper parts only, from province to quarter
	State   PlateState `json:"state"`   // absent: all
	After   string     `json:"after"`   // cursor: the member next of the page before
	Limit   int        `json:"limit"`   // 0: 100
	Within  Area       `json:"-"`       // a municipality's own; others: not used
}

// Entrances is a page of entrances.
type Entrances struct {
	Entrances []*Entrance `json:"entrances"`
	Next      string      `json:"next,omitempty"` // absent: that was the last page
}

const maxEntrances = 500

// upper checks the part of the country that somebody asks for.
func upper(actor journal.Actor, a *Address, within *Area) error {
	if err := register.Only(actor, register.Municipality, register.Post); err != nil {
		return err
	}
	if actor.Role == register.Municipality {
		within.within(a)
		if p := a.place(); !within.holds(&p) {
			return errOutside.At("address")
		}
	}
	if err := a.check(); err != nil {
		return fault.Of(err).At("address")
	}
	return nil
}

// Entrances lists entrances, in a fixed order.
func (b *Book) Entrances(ctx context.Context, actor journal.Actor, in *Looking) (*Entrances, error) {
	if err := upper(actor, &in.Address, &in.Within); err != nil {
		return nil, err
	}
	if in.Limit <= 0 || in.Limit > maxEntrances {
		in.Limit = 100
	}
	var area, after int64
	if in.After != "" {
		if n, err := fmt.Sscanf(in.After, "%d-%d", &area, &after); n != 2 || err != nil {
			return nil, fault.New(fault.Malformed, "place.cursor").At("after")
		}
	}
	var rows []listed
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		rows, err = list(tx, in, area, after)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &Entrances{Entrances: []*Entrance{}}
	for i := range rows {
		if i == in.Limit {
			out.Next = fmt.Sprintf("%d-%d", rows[i].area, rows[i].id-1)
			break
		}
		a, err := b.areas.get(ctx, rows[i].area)
		if err != nil {
			return nil, err
		}
		e := rows[i].in(a)
		e.Codes = append(e.Codes, rows[i].codes...)
		out.Entrances = append(out.Entrances, e)
	}
	return out, nil
}

// listed is an entrance of the list.
type listed struct {
	entranceRow
	codes []ids.PostalCode
}

// list reads the entrances after an area and an id until it has one more than
// the page takes. The whole country it goes through without knowing the areas;
// of a part of it only those areas count that have such entrances.
func list(tx *store.Tx, in *Looking, area, after int64) (all []listed, err error) {
	if in.Address.isZero() {
		if all, err = in.read(tx, entrancesIn, area, after); err != nil || len(all) > in.Limit {
			return all, err
		}
		more, err := in.read(tx, entrancesAfter, area)
		return append(all, more...), err
	}
	var areas []int64
	d := descent{
		tx: tx, at: &in.Address, to: quarters, worth: func(t *counts) bool { return t.with(in.State) > 0 },
		found: func(p *part, _ *counts) { areas = append(areas, p.area) },
	}
	err = d.run()
	slices.Sort(areas)
	for _, one := range areas {
		if err != nil || len(all) > in.Limit {
			break
		}
		if one < area {
			continue
		}
		if one > area {
			after = 0
		}
		var some []listed
		some, err = in.read(tx, entrancesIn, one, after)
		all = append(all, some...)
	}
	return all, err
}

// read merges what the index has state by state.
func (in *Looking) read(tx *store.Tx, query *store.Query, from ...any) (all []listed, err error) {
	for s := Ordered; s <= Damaged; s++ {
		if in.State != 0 && in.State != s {
			continue
		}
		args := append(append([]any{int64(s)}, from...), int64(in.Limit+1))
		if err := tx.Each(query, args, func(scan func(...any) error) error {
			var r listed
			var code int64
			if err := scan(append(r.columns(), &code)...); err != nil {
				return err
			}
			if len(all) == 0 || all[len(all)-1].id != r.id {
				all = append(all, r)
			}
			if code != 0 {
				r := &all[len(all)-1]
				r.codes = append(r.codes, ids.PostalCode(code))
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(x, y listed) int { return cmp.Or(cmp.Compare(x.area, y.area), cmp.Compare(x.id, y.id)) })
	return all, nil
}

// Progress is how far a part of the country has its plates.
type Progress struct {
	Name      string `json:"name"` // of the province, county, locality or quarter
	Places    int64  `json:"places"`
	Without   int64  `json:"without"`   // places behind no entrance on record
	Ordered   int64  `json:"ordered"`   // entrances
	Installed int64  `json:"installed"` // entrances
	Missing   int64  `json:"missing"`   // entrances
	Damaged   int64  `json:"damaged"`   // entrances
}

// Counting asks for the progress of a part of the country.
type Counting struct {
	Address Address `json:"address"` // upper parts only, from province to locality
	Within  Area    `json:"-"`       // a municipality's own; others: not used
}

// Table is the progress of the parts of a part of the country.
type Table struct {
	Rows []*Progress `json:"rows"`
}

// level is that of the parts that are asked for.
func (in *Counting) level() int64 {
	switch a := &in.Address; {
	case a.Province == nil:
		return provinces
	case a.County == nil:
		return counties
	case a.Locality == nil:
		return localities
	}
	return quarters
}

// detail is the level of the rows that tell all parts of the address apart.
func (in *Counting) detail() int64 {
	switch a := &in.Address; {
	case a.SubLocality != nil:
		return quarters
	case a.Locality != nil || a.District != nil || a.LocalityKind != nil:
		return max(localities, in.level())
	case a.County != nil:
		return max(counties, in.level())
	}
	return in.level()
}

// Progress counts by the level below the one asked for: provinces of the
// country, counties of a province, localities of a county, quarters of a
// locality; ordered by name. A part without places and plates is left out.
func (b *Book) Progress(ctx context.Context, actor journal.Actor, in *Counting) (*Table, error) {
	if err := upper(actor, &in.Address, &in.Within); err != nil {
		return nil, err
	}
	var all []*Progress
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		all = []*Progress{}
		byName := map[string]*Progress{}
		d := descent{
			tx: tx, at: &in.Address, to: in.detail(), worth: func(t *counts) bool { return *t != (counts{}) },
			found: func(p *part, t *counts) {
				name := p.at(in.level())
				if byName[name] == nil {
					byName[name] = &Progress{Name: name}
					all = append(all, byName[name])
				}
				byName[name].add(t)
			},
		}
		return d.run()
	})
	slices.SortFunc(all, func(x, y *Progress) int { return bytes.Compare(persian.SortKey(x.Name), persian.SortKey(y.Name)) })
	return &Table{all}, err
}

func (p *Progress) add(t *counts) {
	p.Places += t.places
	p.Without += t.places - t.served
	p.Ordered += *t.plate(Ordered)
	p.Installed += *t.plate(Installed)
	p.Missing += *t.plate(Missing)
	p.Damaged += *t.plate(Damaged)
}
