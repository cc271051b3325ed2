package place

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

var errVersion = fault.New(fault.Conflict, "place.version")

// Put writes p within the caller's transaction, which also carries the act's
// entry. p.Version is the version that p was made from; if the register has
// moved on since, fault "place.version" and nothing is written. Afterwards it
// is the version written; a p that changes nothing keeps its version.
func Put(tx *store.Tx, c *register.Change, p *Place) error {
	n := newIntern(nil)
	if err := put(tx, c, n, p); err != nil {
		return err
	}
	return n.write(tx)
}

// put is Put without the counts, which n gathers.
func put(tx *store.Tx, c *register.Change, n *intern, p *Place) error {
	if err := p.clean(); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	var old row
	found, err := tx.One(byCode, []any{int64(p.Code)}, old.columns()...)
	if err != nil {
		return err
	}
	if old.version != p.Version {
		return errVersion
	}
	var r row
	if r.area, err = n.area(tx, p.area()); err != nil {
		return err
	}
	r.pack(p)
	switch {
	case !found:
		r.version = 1
		if _, err = tx.Exec(insert, r.values(nil)...); store.IsDuplicate(err) {
			err = errVersion.Because(err)
		}
	case r == old:
		return nil
	default:
		r.version++
		err = replace(tx, c, &old, &r)
	}
	if err == nil {
		err = n.moved(tx, &old, &r)
	}
	if err == nil {
		err = publish(tx, c, &r, kindOf(State(old.state), p.State))
	}
	if err != nil {
		return err
	}
	p.Version = r.version
	return nil
}

// replace copies the old row into the history and writes the new one. A clock
// that went back does not disorder the history: a version ends no earlier than
// the one before.
func replace(tx *store.Tx, c *register.Change, old, r *row) error {
	var last int64
	if _, err := tx.One(historyLast, []any{old.code}, &last); err != nil {
		return err
	}
	args := append(old.values(nil), max(c.Micros(), last), c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Why, c.Act[:])
	if _, err := tx.Exec(historyInsert, args...); err != nil {
		return err
	}
	rows, err := tx.Exec(update, append(r.values(nil)[1:], r.code, old.version)...)
	if err == nil && rows != 1 {
		err = errVersion
	}
	return err
}

// intern finds or makes the ids of areas, within one transaction, and gathers
// what the transaction adds to their counts, which write puts in at its end. A
// bulk load chains one for each transaction to a base that knows what was
// committed.
type intern struct {
	base  *intern // may be nil
	areas map[area]int64
	more  map[area]*counts
}

func newIntern(base *intern) *intern {
	return &intern{base: base, areas: map[area]int64{}, more: map[area]*counts{}}
}

// learn takes over what n's transaction has committed.
func (n *intern) learn() { maps.Copy(n.base.areas, n.areas) }

func (n *intern) area(tx *store.Tx, a area) (int64, error) {
	if id, ok := n.areas[a]; ok {
		return id, nil
	}
	if n.base != nil {
		if id, ok := n.base.areas[a]; ok {
			return id, nil
		}
	}
	key := []any{a.province, a.county, a.district, a.locality, a.kind, a.sub}
	var id int64
	found, err := tx.One(areaFind, key, &id)
	if err == nil && !found {
		if _, err = tx.One(areaLast, nil, &id); err != nil {
			return 0, err
		}
		id++
		_, err = tx.Exec(areaInsert, append([]any{id}, key...)...)
	}
	n.areas[a] = id
	return id, err
}

// loadChunk is how many rows one transaction of Load inserts.
const loadChunk = 50_000

// insertAll inserts places in key order, which keeps the table's pages full.
func insertAll(tx *store.Tx, n *intern, places []Place) error {
	rows := make([]row, len(places))
	for i := range places {
		var err error
		at := places[i].area()
		if rows[i].area, err = n.area(tx, at); err != nil {
			return err
		}
		if places[i].State == Active {
			n.counts(at).places++
		}
		rows[i].pack(&places[i])
		rows[i].version = 1
	}
	slices.SortFunc(rows, func(x, y row) int { return int(min(max(x.code-y.code, -1), 1)) })
	args := make([]any, 0, 12)
	_, err := tx.Bulk(insert, func(yield func([]any, error) bool) {
		for i := range rows {
			if !yield(rows[i].values(args[:0]), nil) {
				return
			}
		}
	})
	return err
}

// Load fills a register with places that are not in it yet, by the fastest way,
// without the journal and without telling the feed: for synthetic populations
// and first fillings, before anybody follows the register. It
// commits every 50,000 rows and tells progress the rows done; n is how many
// are in when it ends, whatever the error.
func Load(ctx context.Context, db *store.DB, places iter.Seq2[Place, error], progress func(n int64)) (n int64, err error) {
	known := newIntern(nil)
	chunk := make([]Place, 0, 4096)
	flush := func() error {
		var fresh *intern
		if err := db.Write(ctx, func(tx *store.Tx) error {
			fresh = newIntern(known) // the function may run again
			if err := insertAll(tx, fresh, chunk); err != nil {
				return err
			}
			return fresh.write(tx)
		}); err != nil {
			return err
		}
		fresh.learn()
		n += int64(len(chunk))
		chunk = chunk[:0]
		if progress != nil {
			progress(n)
		}
		return nil
	}
	for p, err := range places {
		if err == nil {
			err = p.check()
		}
		if err != nil {
			return n, err
		}
		chunk = append(chunk, p)
		if len(chunk) == loadChunk {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	if len(chunk) == 0 {
		return n, nil
	}
	return n, flush()
}
