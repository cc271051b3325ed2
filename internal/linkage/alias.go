package linkage

import (
	"context"
	"math"
)

// Files that speak of one person in many rows tell more about him than the
// register knows: the name that people call him by, the place he lives in. What
// the rows say that are certain of him is kept as his aliases, and the other rows
// are linked once more with them.

const (
	manyRows = 1.5  // rows a person from which on aliases are gathered
	certain  = .999 // of a row from which they come
)

// aliases are what certain rows say of the records they are linked to.
type aliases struct {
	share map[aliasKey]float64  // of the person's certain rows
	index []map[uint64][]uint32 // by key: records by the hash that certain rows have
}

type aliasKey struct {
	ordinal uint32
	column  uint32
	value   uint64
}

// gather collects the aliases, nil if rows are mostly of different persons.
func (k *linker) gather() *aliases {
	rows := map[uint32]int{}
	total := 0
	for i := range k.rows {
		if k.isCertain(i) {
			rows[uint32(k.rows[i].best[0])]++
			total++
		}
	}
	if k.o.Distinct || total == 0 || float64(total)/float64(len(rows)) < manyRows {
		return nil
	}
	a := &aliases{share: map[aliasKey]float64{}, index: make([]map[uint64][]uint32, len(k.m.profile.keys))}
	for i := range a.index {
		a.index[i] = map[uint64][]uint32{}
	}
	w := k.t.worker(k.m)
	for i := range k.rows {
		if !k.isCertain(i) {
			continue
		}
		ordinal := uint32(k.rows[i].best[0])
		w.row = k.t.row(i)
		for c, v := range w.row {
			if v != 0 {
				a.share[aliasKey{ordinal, uint32(c), v}] += 1 / (float64(rows[ordinal]) + 2)
			}
		}
		for key := range a.index {
			h := w.ownHash(key)
			if h == 0 {
				continue
			}
			if all := a.index[key][h]; len(all) < crowd && (len(all) == 0 || all[len(all)-1] != ordinal) {
				a.index[key][h] = append(all, ordinal)
			}
		}
	}
	return a
}

func (k *linker) isCertain(i int) bool {
	l := &k.rows[i]
	return l.best[0] >= 0 && l.p[0] >= certain && !l.doubt && !l.sparse
}

// ownHash is the hash of a key as the row has it, 0 if it lacks a part.
func (w *worker) ownHash(k int) uint64 {
	var sounds [maxParts][]uint32
	for i, p := range w.m.profile.keys[k] {
		v := w.row[p.column]
		if v == 0 || p.what != partValue && p.what != partSound && p.what != partPrefix && p.of(v) == 0 {
			return 0
		}
		if p.what == partSound {
			sounds[i] = w.t.names[p.column].all[v-1].sounds
		}
	}
	return w.hash(k, look{}, &sounds, [maxParts]int{})
}

// onceMore links the rows that are not certain with the aliases of those that
// are.
func (k *linker) onceMore(ctx context.Context) error {
	a := k.gather()
	if a == nil {
		return nil
	}
	anew := &work{done: make([]bool, (len(k.rows)+chunk-1)/chunk), again: true}
	return k.each(ctx, anew, func(w *worker, i int, p []float64) []float64 {
		if k.isCertain(i) {
			return p
		}
		w.aliases = a
		return k.one(w, i, p)
	})
}

// known gives a column that does not agree with the record the weight of an
// alias, if the row's value is one.
func (a *aliases) known(w *worker, c *candidate) {
	for k, v := range w.row {
		l := c.levels[k]
		if v == 0 || l == exact || l == sameNumber || l == sameDate || l >= sameWord || w.m.profile.Columns[k].Kind == Words {
			continue
		}
		share := a.share[aliasKey{c.ordinal, uint32(k), v}]
		if share == 0 {
			continue
		}
		was := float32(0)
		if l != missing {
			was = w.columnWeight(c, k)
		}
		if now := w.aliasWeight(k, v, share); now > was {
			c.weight += now - was
			c.levels[k] = w.aliasLevel(k)
		}
	}
}

// aliasLevel is the level of a column whose value is an alias.
func (w *worker) aliasLevel(k int) level {
	switch w.m.profile.Columns[k].Kind {
	case DateOf:
		return sameDate
	case Number, Key:
		return sameNumber
	}
	return variant
}

// aliasWeight weighs an alias by how many of the person's rows have it and how
// rare it is.
func (w *worker) aliasWeight(k int, v uint64, share float64) float32 {
	chance := 1 / w.m.records
	switch column := &w.m.profile.Columns[k]; {
	case column.textual():
		chance = max(chance, w.chance(k, &w.t.names[k].all[v-1]))
	case column.Kind == DateOf:
		chance = max(chance, float64(w.r.dates[k][uint32(v)])/w.m.records)
	case column.Kind == Number:
		chance = max(chance, w.numberShare(k, v))
	}
	return float32(math.Log2(share / chance))
}
