package place

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// The levels of the parts that are counted; rows store these numbers.
const (
	provinces int64 = iota + 1
	counties
	localities
	quarters // one row an area
)

// part is a counted part of the country. A locality has a row for each district
// and kind that it is on record with, so that either can be asked for.
type part struct {
	level                      int64
	province, county, locality string // what it lies in
	name, district, kind       string
	area                       int64 // of a quarter
}

// parts are the parts that an area belongs to.
func (a *area) parts(id int64) [quarters]part {
	return [...]part{
		{level: provinces, name: a.province},
		{level: counties, province: a.province, name: a.county},
		{level: localities, province: a.province, county: a.county, name: a.locality, district: a.district, kind: a.kind},
		{quarters, a.province, a.county, a.locality, a.sub, a.district, a.kind, id},
	}
}

// at is the name of the part, or of the one of a level above that it lies in.
func (p *part) at(level int64) string {
	if level == p.level {
		return p.name
	}
	return [...]string{provinces: p.province, counties: p.county, localities: p.locality}[level]
}

func (p *part) compare(o *part) int {
	return cmp.Or(cmp.Compare(p.level, o.level), cmp.Compare(p.province, o.province), cmp.Compare(p.county, o.county), cmp.Compare(p.locality, o.locality),
		cmp.Compare(p.name, o.name), cmp.Compare(p.district, o.district), cmp.Compare(p.kind, o.kind))
}

func (p *part) columns() []any {
	return []any{&p.level, &p.province, &p.county, &p.locality, &p.name, &p.district, &p.kind, &p.area}
}

// counts is what is counted of a part, or how much it becomes more.
type counts struct {
	places, served int64                       // places that stand, and those of them behind an entrance
	plates         [len(plateStates) - 1]int64 // entrances, from Ordered
}

func (t *counts) columns() []any {
	return []any{&t.places, &t.served, &t.plates[0], &t.plates[1], &t.plates[2], &t.plates[3]}
}

func (t *counts) add(o *counts) {
	t.places += o.places
	t.served += o.served
	for i, n := range o.plates {
		t.plates[i] += n
	}
}

func (t *counts) plate(s PlateState) *int64 { return &t.plates[s-Ordered] }

// with is how many entrances there are in a state; 0: in all.
func (t *counts) with(s PlateState) (n int64) {
	if s != 0 {
		return *t.plate(s)
	}
	for _, one := range t.plates {
		n += one
	}
	return n
}

// counts is what this transaction adds to the counts of an area.
func (n *intern) counts(a area) *counts {
	t := n.more[a]
	if t == nil {
		t = new(counts)
		n.more[a] = t
	}
	return t
}

// moved counts a place that comes, goes, or lies elsewhere from now on.
func (n *intern) moved(tx *store.Tx, old, now *row) error {
	was, is := State(old.state) == Active, State(now.state) == Active // a place that was not there has state 0
	if !was && !is || was == is && old.area == now.area {
		return nil
	}
	var one counts
	var entrance int64
	behind, err := tx.One(entranceOf, []any{now.code}, &entrance)
	if err != nil {
		return err
	}
	if one.places = 1; behind {
		one.served = 1
	}
	if is {
		a, err := areaIn(tx, now.area)
		if err != nil {
			return err
		}
		n.counts(*a).add(&one)
	}
	if was {
		a, err := areaIn(tx, old.area)
		if err != nil {
			return err
		}
		n.counts(*a).add(&counts{places: -one.places, served: -one.served})
	}
	return nil
}

// keep puts a place behind an entrance.
func (n *intern) keep(tx *store.Tx, p *Place, entrance int64) error {
	var before int64
	behind, err := tx.One(entranceOf, []any{int64(p.Code)}, &before)
	if err != nil {
		return err
	}
	if !behind && p.State == Active {
		n.counts(p.area()).served++
	}
	_, err = tx.Exec(entranceKeep, int64(p.Code), entrance)
	return err
}

// write puts in what this transaction adds to the counts, all parts in one
// order. It is its last statement on places.
func (n *intern) write(tx *store.Tx) error {
	sums := map[part]*counts{}
	for a, t := range n.more {
		if *t == (counts{}) {
			continue
		}
		id, err := n.area(tx, a)
		if err != nil {
			return err
		}
		a.addTo(sums, id, t)
	}
	clear(n.more)
	args := make([]any, 0, 14)
	_, err := tx.Bulk(countAdd, func(yield func([]any, error) bool) {
		for _, p := range slices.SortedFunc(maps.Keys(sums), func(x, y part) int { return x.compare(&y) }) {
			t := sums[p]
			args = append(args[:0], p.level, p.province, p.county, p.locality, p.name, p.district, p.kind, p.area,
				t.places, t.served, t.plates[0], t.plates[1], t.plates[2], t.plates[3])
			if *t != (counts{}) && !yield(args, nil) {
				return
			}
		}
	})
	return err
}

// addTo adds what is counted of an area to all parts that it belongs to.
func (a *area) addTo(sums map[part]*counts, id int64, t *counts) {
	for _, p := range a.parts(id) {
		if sums[p] == nil {
			sums[p] = new(counts)
		}
		sums[p].add(t)
	}
}

// descent finds the counted parts of a level that an address means, in whatever
// spelling. It finds the names on record that are meant first, level by level,
// and then reads what lies below them in one go. What is not worth it, it leaves
// out with all that lies in it.
type descent struct {
	tx    *store.Tx
	at    *Address
	to    int64
	worth func(*counts) bool
	found func(*part, *counts)
	keys  map[string]string // of texts: names repeat
}

func (d *descent) run() error {
	d.keys = map[string]string{}
	return d.in(&part{})
}

// in goes on within a part; level 0 is the country.
func (d *descent) in(up *part) error {
	level := d.to
	for i, stated := range [...]*string{d.at.Province, d.at.County, d.at.Locality} {
		if next := int64(i) + 1; stated != nil && next > up.level {
			level = min(level, next)
		}
	}
	args := []any{level}
	for l := range up.level {
		args = append(args, up.at(l+1))
	}
	var next []part
	if err := d.tx.Each(countWithin[up.level], args, func(scan func(...any) error) error {
		var p part
		var t counts
		if err := scan(append(p.columns(), t.columns()...)...); err != nil || !d.worth(&t) || !d.means(&p) {
			return err
		}
		if level == d.to {
			d.found(&p, &t)
			return nil
		}
		p.district, p.kind = "", ""
		if !slices.Contains(next, p) { // a locality may have several rows
			next = append(next, p)
		}
		return nil
	}); err != nil {
		return err
	}
	for i := range next {
		if err := d.in(&next[i]); err != nil {
			return err
		}
	}
	return nil
}

// means reports whether the address means p, whose upper parts that are stated
// it means already.
func (d *descent) means(p *part) bool {
	switch a := d.at; p.level {
	case provinces:
		return d.says(a.Province, p.name)
	case counties:
		return d.says(a.County, p.name)
	case localities:
		return d.says(a.Locality, p.name) && d.says(a.District, p.district) && d.says(a.LocalityKind, p.kind)
	}
	return d.says(d.at.SubLocality, p.name) && d.says(d.at.District, p.district) && d.says(d.at.LocalityKind, p.kind)
}

func (d *descent) says(stated *string, have string) bool {
	return stated == nil || *stated == have || d.key(*stated) == d.key(have)
}

func (d *descent) key(text string) string {
	key, known := d.keys[text]
	if !known {
		key = persian.Key(text)
		d.keys[text] = key
	}
	return key
}

// CountReport is what FsckCounts has found.
type CountReport struct {
	Parts  int64    // that are counted
	Faults []string // parts whose kept counts are not those of the register
}

// FsckCounts counts all places and plates anew and holds the kept counts
// against it. It sees one moment, whoever writes meanwhile.
func (b *Book) FsckCounts(ctx context.Context) (report *CountReport, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		report = &CountReport{}
		sums, err := recount(tx)
		if err != nil {
			return err
		}
		wrong := func(p *part, kept, right *counts) {
			report.Faults = append(report.Faults, fmt.Sprintf("counts of %q in %q, %q, %q: kept %v, counted %v", p.name, p.province, p.county, p.locality, *kept, *right))
		}
		if err := tx.Each(countAll, nil, func(scan func(...any) error) error {
			var p part
			var kept counts
			err := scan(append(p.columns(), kept.columns()...)...)
			right := sums[p]
			if right == nil {
				right = new(counts) // nothing is left there
			}
			if kept != *right {
				wrong(&p, &kept, right)
			}
			report.Parts++
			delete(sums, p)
			return err
		}); err != nil {
			return err
		}
		for p, right := range sums {
			wrong(&p, &counts{}, right)
		}
		slices.Sort(report.Faults)
		return nil
	})
	return report, err
}

// recount counts everything, by part.
func recount(tx *store.Tx) (map[part]*counts, error) {
	areas := map[int64]*counts{}
	of := func(id int64) *counts {
		if areas[id] == nil {
			areas[id] = new(counts)
		}
		return areas[id]
	}
	for query, to := range map[*store.Query]func(t *counts, state int64) *int64{
		recountPlaces: func(t *counts, _ int64) *int64 { return &t.places },
		recountServed: func(t *counts, _ int64) *int64 { return &t.served },
		recountPlates: func(t *counts, state int64) *int64 { return t.plate(PlateState(state)) },
	} {
		if err := tx.Each(query, nil, func(scan func(...any) error) error {
			var id, state, n int64
			err := scan(&id, &state, &n)
			if err == nil {
				*to(of(id), state) = n
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	sums := map[part]*counts{}
	all, err := areasAt(tx, &Address{})
	for i := range all {
		if t := areas[all[i].id]; t != nil {
			all[i].addTo(sums, all[i].id, t)
		}
	}
	return sums, err
}
