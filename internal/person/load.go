package person

import (
	"context"
	"iter"
	"slices"

	"github.com/estelam/estelam/internal/store"
)

// loadChunk is how many rows one transaction of Load inserts.
const loadChunk = 100_000

// batch gathers rows for one transaction and inserts them in key order, which
// keeps the table's pages full.
type batch struct {
	rows       []row
	serials    []aside[string]
	successors []aside[int64]
}

// aside is a value that stands in another table.
type aside[T any] struct {
	number int64
	value  T
}

func (b *batch) add(tx *store.Tx, n *intern, p *Person) error {
	var r row
	r.pack(p, 0)
	if err := n.row(tx, p, &r); err != nil {
		return err
	}
	b.rows = append(b.rows, r)
	if r.serialElsewhere() {
		b.serials = append(b.serials, aside[string]{r.number, p.Card.Serial})
	}
	if p.Successor != 0 {
		b.successors = append(b.successors, aside[int64]{r.number, int64(p.Successor)})
	}
	return nil
}

func (b *batch) insert(tx *store.Tx) error {
	slices.SortFunc(b.rows, func(x, y row) int { return order(x.number, y.number) })
	args := make([]any, 0, 10)
	_, err := tx.Bulk(personInsert, func(yield func([]any, error) bool) {
		for i := range b.rows {
			if !yield(b.rows[i].values(args[:0]), nil) {
				return
			}
		}
	})
	if err == nil {
		err = insertBeside(tx, cardInsert, b.serials)
	}
	if err == nil {
		err = insertBeside(tx, successorInsert, b.successors)
	}
	return err
}

func insertBeside[T any](tx *store.Tx, q *store.Query, all []aside[T]) error {
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(x, y aside[T]) int { return order(x.number, y.number) })
	_, err := tx.Bulk(q, func(yield func([]any, error) bool) {
		for _, s := range all {
			if !yield([]any{s.number, s.value}, nil) {
				return
			}
		}
	})
	return err
}

func order(x, y int64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (b *batch) clear() {
	b.rows, b.serials, b.successors = b.rows[:0], b.serials[:0], b.successors[:0]
}

// Load fills a register with persons who are not in it yet, by the fastest way
// and without the journal: for synthetic populations and first fillings. It
// commits every 100,000 rows and tells progress the rows done; n is how many
// are in when it ends, whatever the error. Rows that come in order of their
// numbers leave the smallest file.
func Load(ctx context.Context, db *store.DB, persons iter.Seq2[Person, error], progress func(n int64)) (n int64, err error) {
	known := newIntern(nil)
	chunk := make([]Person, 0, 4096)
	var rows batch
	flush := func() error {
		defer func() { chunk = chunk[:0] }()
		fresh := newIntern(known)
		if err := db.Write(ctx, func(tx *store.Tx) error {
			fresh = newIntern(known) // the function may run again
			rows.clear()
			for i := range chunk {
				if err := rows.add(tx, fresh, &chunk[i]); err != nil {
					return err
				}
			}
			if err := rows.insert(tx); err != nil {
				return err
			}
			return store.Bump(tx, loadNoun)
		}); err != nil {
			return err
		}
		fresh.learn()
		n += int64(len(chunk))
		if progress != nil {
			progress(n)
		}
		return nil
	}
	for p, err := range persons {
		if err == nil {
			err = p.check()
		}
		if err != nil {
			return n, err
		}
		p.settle()
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
