package store

import (
	"context"
	"fmt"
)

// PrepareAll has the engine at url compile every query that the program
// states, and returns what it refuses: a misspelt column, a table that no
// migration makes, SQL of the other dialect. Nothing is run.
func PrepareAll(ctx context.Context, url string) []error {
	var bad []error
	for _, d := range databases {
		db, err := Open(ctx, url, d)
		if err != nil {
			return append(bad, fmt.Errorf("open %s: %w", d, err))
		}
		for _, q := range Queries() {
			if q.database != d {
				continue
			}
			if err := db.prepare(ctx, q); err != nil {
				bad = append(bad, fmt.Errorf("%s on %s: %w", q.name, db.kind, err))
			}
		}
		if err := db.Close(); err != nil {
			bad = append(bad, err)
		}
	}
	return bad
}

func (db *DB) prepare(ctx context.Context, q *Query) error {
	switch e := db.engine.(type) {
	case *lite:
		s := <-e.writer
		defer func() { e.writer <- s }()
		_, err := s.prepare(q)
		return err
	case *postgres:
		c, err := e.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer c.Release()
		return prepare(ctx, c.Conn(), q)
	}
	return nil
}
