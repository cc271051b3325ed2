package place

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/estelam/estelam/internal/fault"
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
	out := &Entrances{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		*out = Entrances{Entrances: []*Entrance{}}
		areas, err := areasAt(tx, &in.Address)
		for i := range areas {
			if err != nil || out.Next != "" {
				break
			}
			if areas[i].id < area {
				continue
			}
			if areas[i].id > area {
				after = 0
			}
			err = out.fill(tx, &areas[i], after, in)
		}
		return err
	})
	return out, err
}

// fill adds the entrances of one area, up to the limit of the page.
func (out *Entrances) fill(tx *store.Tx, at *numbered, after int64, in *Looking) error {
	for {
		var rows []entranceRow
		if err := tx.Each(entranceIn, []any{at.id, after, int64(maxEntrances)}, func(scan func(...any) error) error {
			var r entranceRow
			err := scan(r.columns()...)
			rows = append(rows, r)
			return err
		}); err != nil {
			return err
		}
		for i := range rows {
			if in.State != 0 && PlateState(rows[i].state) != in.State {
				continue
			}
			if len(out.Entrances) == in.Limit {
				out.Next = fmt.Sprintf("%d-%d", at.id, rows[i].id-1)
				return nil
			}
			e, err := rows[i].entrance(tx, &at.area)
			if err != nil {
				return err
			}
			out.Entrances = append(out.Entrances, e)
		}
		if len(rows) < maxEntrances {
			return nil
		}
		after = rows[len(rows)-1].id
	}
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

// Progress counts by the level below the one asked for: provinces of the
// country, counties of a province, localities of a county, quarters of a
// locality; ordered by name.
func (b *Book) Progress(ctx context.Context, actor journal.Actor, in *Counting) (*Table, error) {
	if err := upper(actor, &in.Address, &in.Within); err != nil {
		return nil, err
	}
	level := func(a *area) string {
		switch {
		case in.Address.Province == nil:
			return a.province
		case in.Address.County == nil:
			return a.county
		case in.Address.Locality == nil:
			return a.locality
		}
		return a.sub
	}
	var all []*Progress
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		all = []*Progress{}
		byName := map[string]*Progress{}
		areas, err := areasAt(tx, &in.Address)
		for i := range areas {
			if err != nil {
				break
			}
			name := level(&areas[i].area)
			p := byName[name]
			if p == nil {
				p = &Progress{Name: name}
				byName[name], all = p, append(all, p)
			}
			err = p.count(tx, areas[i].id)
		}
		return err
	})
	slices.SortFunc(all, func(x, y *Progress) int { return bytes.Compare(persian.SortKey(x.Name), persian.SortKey(y.Name)) })
	return &Table{all}, err
}

// count adds an area.
func (p *Progress) count(tx *store.Tx, area int64) error {
	var places, served int64
	if _, err := tx.One(standingCount, []any{area}, &places); err != nil {
		return err
	}
	if _, err := tx.One(entranceServes, []any{area}, &served); err != nil {
		return err
	}
	p.Places += places
	p.Without += max(places-served, 0)
	return tx.Each(entranceCount, []any{area}, func(scan func(...any) error) error {
		var state, n int64
		err := scan(&state, &n)
		switch PlateState(state) {
		case Ordered:
			p.Ordered += n
		case Installed:
			p.Installed += n
		case Missing:
			p.Missing += n
		case Damaged:
			p.Damaged += n
		}
		return err
	})
}
