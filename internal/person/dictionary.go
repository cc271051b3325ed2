package person

import (
	"context"
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// dictionary caches what ids stand for. Entries never change, so a pointer
// once read is right for ever; nothing here takes a lock.
type dictionary[T any] struct {
	db    *store.DB
	query *store.Query
	read  func(store.Row) T
	pages [1 << 14]atomic.Pointer[page[T]]
}

type page[T any] [1 << 10]atomic.Pointer[T]

// get resolves an id that a row holds; one that stands for nothing means that
// the database is damaged.
func (d *dictionary[T]) get(ctx context.Context, id int64) (*T, error) {
	if id <= 0 || id>>10 >= int64(len(d.pages)) {
		return nil, fmt.Errorf("person: %s: id out of range", d.query.Name())
	}
	slot := &d.pages[id>>10]
	p := slot.Load()
	if p == nil {
		slot.CompareAndSwap(nil, new(page[T]))
		p = slot.Load()
	}
	entry := &p[id&(1<<10-1)]
	if v := entry.Load(); v != nil {
		return v, nil
	}
	v := new(T)
	found, err := d.db.Point(ctx, d.query, id, func(r store.Row) { *v = d.read(r) })
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("person: %s: an id stands for nothing", d.query.Name())
	}
	entry.Store(v) // a race stores the same value twice
	return v, nil
}

func readName(r store.Row) persian.Name {
	return persian.Name{Display: r.Text(0), Key: r.Text(1), Phonetic: r.Text(2)}
}

func readSerie(r store.Row) ids.Serie { return ids.Serie(r.Text(0)) }

// office is one office under one of its names.
type office struct {
	code  int
	place string
}

func readOffice(r store.Row) office { return office{int(r.Int(0)), r.Text(1)} }

// intern finds or makes the ids of what is written, within one transaction. A
// bulk load chains one for each transaction to a base that knows what has been
// committed; learn passes on what a transaction has made, after its commit.
type intern struct {
	base    *intern          // may be nil
	names   map[string]int64 // by display form
	series  map[ids.Serie]int64
	offices map[office]int64
}

func newIntern(base *intern) *intern {
	return &intern{base: base, names: map[string]int64{}, series: map[ids.Serie]int64{}, offices: map[office]int64{}}
}

// learn takes over what n's transaction has committed.
func (n *intern) learn() {
	maps.Copy(n.base.names, n.names)
	maps.Copy(n.base.series, n.series)
	maps.Copy(n.base.offices, n.offices)
}

// row resolves all of p's texts into r.
func (n *intern) row(tx *store.Tx, p *Person, r *row) (err error) {
	if r.given, err = n.name(tx, &p.Given); err != nil {
		return err
	}
	if r.surname, err = n.name(tx, &p.Surname); err != nil {
		return err
	}
	if r.father, err = n.name(tx, &p.Father); err != nil {
		return err
	}
	serie, err := n.serie(tx, p.Shenasnameh.Serie)
	if err != nil {
		return err
	}
	issuer, err := n.office(tx, office{p.Shenasnameh.Office, p.Shenasnameh.IssuePlace})
	if err != nil {
		return err
	}
	r.booklet = packBooklet(p.Shenasnameh.Serial, serie, issuer)
	return nil
}

func (n *intern) name(tx *store.Tx, name *persian.Name) (int64, error) {
	if name.Display == "" {
		return 0, nil
	}
	if id, ok := n.names[name.Display]; ok {
		return id, nil
	}
	if n.base != nil {
		if id, ok := n.base.names[name.Display]; ok {
			return id, nil
		}
	}
	id, err := findOrMake(tx, nameByDisplay, []any{name.Display}, nameLast, nameInsert,
		func(id int64) []any {
			return []any{id, name.Display, name.Key, name.Phonetic, persian.SortKey(name.Display)}
		})
	n.names[name.Display] = id
	return id, err
}

func (n *intern) serie(tx *store.Tx, s ids.Serie) (int64, error) {
	if s == "" {
		return 0, nil
	}
	if id, ok := n.series[s]; ok {
		return id, nil
	}
	if n.base != nil {
		if id, ok := n.base.series[s]; ok {
			return id, nil
		}
	}
	id, err := findOrMake(tx, serieByText, []any{string(s)}, serieLast, serieInsert,
		func(id int64) []any { return []any{id, string(s)} })
	if err == nil && id > maxSerie {
		err = fault.New(fault.Invalid, "person.serie.many")
	}
	n.series[s] = id
	return id, err
}

func (n *intern) office(tx *store.Tx, o office) (int64, error) {
	if o == (office{}) {
		return 0, nil
	}
	if id, ok := n.offices[o]; ok {
		return id, nil
	}
	if n.base != nil {
		if id, ok := n.base.offices[o]; ok {
			return id, nil
		}
	}
	id, err := findOrMake(tx, officeByPlace, []any{o.code, o.place}, officeLast, officeInsert,
		func(id int64) []any { return []any{id, o.code, o.place} })
	n.offices[o] = id
	return id, err
}

// findOrMake returns the id of an entry. Two transactions that make the same
// one collide, and the engine lets one of them run again.
func findOrMake(tx *store.Tx, find *store.Query, key []any, last, insert *store.Query, entry func(id int64) []any) (int64, error) {
	var id int64
	found, err := tx.One(find, key, &id)
	if found || err != nil {
		return id, err
	}
	if _, err := tx.One(last, nil, &id); err != nil {
		return 0, err
	}
	id++
	_, err = tx.Exec(insert, entry(id)...)
	return id, err
}
