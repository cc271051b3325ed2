package store

import (
	"context"
	"fmt"
	"iter"
)

// Tx is a transaction. It belongs to one goroutine and ends with the function
// it was handed to.
type Tx struct {
	ctx      context.Context
	session  session
	database Database
	err      error // the first failed statement
}

// session is a connection inside a transaction; *liteSession and *pgSession.
type session interface {
	exec(ctx context.Context, q *Query, args []any) (int64, error)
	one(ctx context.Context, q *Query, args, dest []any) (bool, error)
	each(ctx context.Context, q *Query, args []any, row func(scan func(...any) error) error) error
	bulk(ctx context.Context, q *Query, rows iter.Seq2[[]any, error]) (int64, error)
}

// Context is the context of the Read or Write call.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Exec runs a statement and tells how many rows it touched.
func (tx *Tx) Exec(q *Query, args ...any) (rows int64, err error) {
	if err := tx.ready(q); err != nil {
		return 0, err
	}
	rows, err = tx.session.exec(tx.ctx, q, plain(args))
	return rows, tx.note(err)
}

// One scans the first row of q into dest; found is false when there is none.
func (tx *Tx) One(q *Query, args []any, dest ...any) (found bool, err error) {
	if err := tx.ready(q); err != nil {
		return false, err
	}
	found, err = tx.session.one(tx.ctx, q, plain(args), dest)
	return found, tx.note(err)
}

// Each calls row for every row of q; row calls scan once. While it runs, the
// transaction can run no other statement: gather first, then write.
func (tx *Tx) Each(q *Query, args []any, row func(scan func(dest ...any) error) error) error {
	if err := tx.ready(q); err != nil {
		return err
	}
	busy := tx.session
	tx.session = nil
	err := busy.each(tx.ctx, q, plain(args), row)
	tx.session = busy
	return tx.note(err)
}

// Bulk inserts rows, of which each has the arguments of q, a plain
// INSERT … VALUES ($1, $2, …). It is the fastest way on each engine; the
// slice of a row may be used again for the next one. An error of rows ends it.
func (tx *Tx) Bulk(q *Query, rows iter.Seq2[[]any, error]) (n int64, err error) {
	if err := tx.ready(q); err != nil {
		return 0, err
	}
	n, err = tx.session.bulk(tx.ctx, q, rows)
	return n, tx.note(err)
}

func (tx *Tx) ready(q *Query) error {
	if tx.err != nil {
		return tx.err
	}
	if tx.session == nil {
		return fmt.Errorf("store: query %s: the transaction has ended or is inside Each", q.name)
	}
	if err := tx.ctx.Err(); err != nil {
		return tx.note(err)
	}
	return tx.note(q.of(tx.database))
}

// note keeps the first error: from then on the transaction can only roll back.
func (tx *Tx) note(err error) error {
	if err != nil {
		err = classify(err)
		if tx.err == nil {
			tx.err = err
		}
	}
	return err
}

// run calls f and ends the transaction for it. What decides about the
// transaction is the engine's error, whatever f makes of it.
func (tx *Tx) run(f func(*Tx) error) error {
	err := f(tx)
	tx.session = nil
	if err == nil || decisive(tx.err) {
		return tx.err
	}
	return err
}

// plain replaces the argument types that only one engine takes.
func plain(args []any) []any {
	for i, a := range args {
		if b, ok := a.(bool); ok {
			if b {
				args[i] = int64(1)
			} else {
				args[i] = int64(0)
			}
		}
	}
	return args
}
