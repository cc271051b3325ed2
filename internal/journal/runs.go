package journal

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/estelam/estelam/internal/store"
)

// The lists that are kept in runs.
const (
	listPerson  = 1 // by national number
	listAgency  = 2 // by legal id
	listKey     = 3 // by the first eight bytes of an idempotency key's or act's hash
	listOfficer = 4 // by the hash of agency and login
)

const (
	itemSize  = 24
	blockSize = 680 // items: 16 KiB
	fanIn     = 8   // runs of a level that are merged into one of the next
)

// item says that the entry at position is in the list of key.
type item struct{ key, time, position int64 }

func (a item) compare(b item) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.time, b.time), cmp.Compare(a.position, b.position))
}

func (a item) append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(a.key))
	dst = binary.BigEndian.AppendUint64(dst, uint64(a.time))
	return binary.BigEndian.AppendUint64(dst, uint64(a.position))
}

// itemAt reads item i of a block.
func itemAt(block []byte, i int) item {
	b := block[i*itemSize:]
	return item{
		int64(binary.BigEndian.Uint64(b)),
		int64(binary.BigEndian.Uint64(b[8:])),
		int64(binary.BigEndian.Uint64(b[16:])),
	}
}

// runWriter writes items, which come in order, as the blocks of a new run.
type runWriter struct {
	tx     *store.Tx
	number int64
	first  item
	block  []byte
}

func newRun(tx *store.Tx, node int64, list, level int) (*runWriter, error) {
	w := &runWriter{tx: tx}
	if _, err := tx.One(newestRun, nil, &w.number); err != nil {
		return nil, err
	}
	w.number++
	_, err := tx.Exec(insertRun, w.number, node, list, level)
	return w, err
}

func (w *runWriter) add(i item) error {
	if len(w.block) == 0 {
		w.first = i
	}
	w.block = i.append(w.block)
	if len(w.block) < blockSize*itemSize {
		return nil
	}
	return w.flush()
}

func (w *runWriter) flush() error {
	if len(w.block) == 0 {
		return nil
	}
	_, err := w.tx.Exec(insertBlock, w.number, w.first.key, w.first.time, w.first.position, w.block)
	w.block = w.block[:0]
	return err
}

// addRun writes sorted items as a run and merges where a level is full.
func addRun(tx *store.Tx, node int64, list int, items []item) error {
	if len(items) == 0 {
		return nil
	}
	w, err := newRun(tx, node, list, 0)
	if err != nil {
		return err
	}
	for _, i := range items {
		if err := w.add(i); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	return mergeFull(tx, node, list)
}

// mergeFull merges every level of the node's list that has fanIn runs.
func mergeFull(tx *store.Tx, node int64, list int) error {
	levels := map[int][]int64{}
	err := tx.Each(listRuns, []any{list}, func(scan func(...any) error) error {
		var number, of, level int64
		err := scan(&number, &of, &level)
		if of == node {
			levels[int(level)] = append(levels[int(level)], number)
		}
		return err
	})
	for level := 0; err == nil && len(levels[level]) >= fanIn; level++ {
		var merged int64
		merged, err = merge(tx, node, list, level+1, levels[level], math.MinInt64)
		levels[level+1] = append(levels[level+1], merged)
	}
	return err
}

// merge replaces runs by one, without the items older than from.
func merge(tx *store.Tx, node int64, list, level int, runs []int64, from int64) (int64, error) {
	w, err := newRun(tx, node, list, level)
	if err != nil {
		return 0, err
	}
	readers := make([]*runReader, 0, len(runs))
	for _, number := range runs {
		r := newReader(tx, number)
		if err := r.next(); err != nil {
			return 0, err
		}
		readers = append(readers, r)
	}
	for {
		readers = slices.DeleteFunc(readers, func(r *runReader) bool { return r.done })
		if len(readers) == 0 {
			break
		}
		least := readers[0]
		for _, r := range readers[1:] {
			if r.item.compare(least.item) < 0 {
				least = r
			}
		}
		if least.item.time >= from {
			if err := w.add(least.item); err != nil {
				return 0, err
			}
		}
		if err := least.next(); err != nil {
			return 0, err
		}
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	for _, number := range runs {
		if _, err := tx.Exec(deleteBlocks, number); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(deleteRun, number); err != nil {
			return 0, err
		}
	}
	return w.number, nil
}

// purgeRuns rewrites the node's lists without the items older than from.
func purgeRuns(tx *store.Tx, node, from int64) error {
	for list := listPerson; list <= listOfficer; list++ {
		var runs []int64
		level := 0
		err := tx.Each(listRuns, []any{list}, func(scan func(...any) error) error {
			var number, of, l int64
			err := scan(&number, &of, &l)
			if of == node {
				runs, level = append(runs, number), max(level, int(l))
			}
			return err
		})
		if err == nil && len(runs) > 0 {
			_, err = merge(tx, node, list, level, runs, from)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// runReader goes through a run in order, some blocks at a time.
type runReader struct {
	tx     *store.Tx
	number int64
	blocks []byte // read and not yet used
	last   item   // first of the last block read
	item   item   // the current one
	done   bool
}

func newReader(tx *store.Tx, number int64) *runReader {
	return &runReader{tx: tx, number: number, last: item{math.MinInt64, math.MinInt64, math.MinInt64}}
}

var errBlock = errors.New("journal: a block of a list is not in its form")

func (r *runReader) next() error {
	if len(r.blocks) == 0 {
		if err := r.fill(); err != nil || r.done {
			return err
		}
	}
	r.item = itemAt(r.blocks, 0)
	r.blocks = r.blocks[itemSize:]
	return nil
}

func (r *runReader) fill() error {
	at := []any{r.number, r.last.key, r.last.time, r.last.position}
	var all []byte
	err := r.tx.Each(blocksAfter, at, func(scan func(...any) error) error {
		var block []byte
		if err := scan(&r.last.key, &r.last.time, &r.last.position, &block); err != nil {
			return err
		}
		if len(block)%itemSize != 0 || len(block) == 0 {
			return errBlock
		}
		all = append(all, block...)
		return nil
	})
	r.blocks, r.done = all, len(all) == 0
	return err
}

// readRuns finds at most limit items of before's key that come before it, the
// newest of each run.
func readRuns(tx *store.Tx, list int, before item, limit int) ([]Cursor, error) {
	var runs []int64
	err := tx.Each(listRuns, []any{list}, func(scan func(...any) error) error {
		var number, skip int64
		err := scan(&number, &skip, &skip)
		runs = append(runs, number)
		return err
	})
	var found []Cursor
	for _, run := range runs {
		if err != nil {
			break
		}
		n := 0
		at := []any{run, before.key, before.time, before.position, 2 + limit/blockSize}
		err = tx.Each(blocksBefore, at, func(scan func(...any) error) error {
			var block []byte
			if err := scan(&block); err != nil {
				return err
			}
			if len(block)%itemSize != 0 {
				return errBlock
			}
			for i := len(block)/itemSize - 1; i >= 0 && n < limit; i-- {
				it := itemAt(block, i)
				if it.key == before.key && it.compare(before) < 0 {
					found = append(found, Cursor{it.time, it.position})
					n++
				}
			}
			return nil
		})
	}
	return found, err
}
